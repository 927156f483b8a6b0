import type { Say } from "../../i18n/index.ts";
import { Button, type Column } from "../../ui/index.ts";
import type { settingsMessages } from "./messages.ts";

/** The last column of a table of named things: what is done to one. */
export const rowAction = <Row extends { readonly name: string }>(
  t: Say<keyof typeof settingsMessages.en>,
  act: "edit" | "remove",
  onAct: (row: Row) => void,
): Column<Row> => ({
  id: act,
  label: t("actions"),
  hidesLabel: true,
  align: "end",
  render: (row) => (
    <Button size="sm" tone="quiet" label={t(`${act}Named`, { name: row.name })} onClick={() => onAct(row)}>
      {t(act)}
    </Button>
  ),
});
