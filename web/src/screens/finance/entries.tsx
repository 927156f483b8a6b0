import { useState } from "react";
import type { EntryView } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { scaledOf } from "../../i18n/money.ts";
import { Badge, Button, type Column, ConfirmDialog, notify, Stack, Text } from "../../ui/index.ts";
import { TableSection } from "../govern/table-section.tsx";
import { entriesMessages } from "./entries-messages.ts";
import { EntryDrawer } from "./entry-drawer.tsx";
import { Amount, MonthBar, useMonth } from "./parts.tsx";
import { Quantity, useQuantities } from "./quantity.tsx";
import { financeReason, TOTALS, usd, useWords, wordFor } from "./words.ts";

/** Of a price: as many places as an entry may have. */
const PRICE_PLACES = 6;

/** Costs of ours in a month. What was entered is taken back, never changed. */
export function Entries() {
  const [say, { t, format }] = [useText(entriesMessages), useWords()];
  const { priced } = useQuantities();
  const month = useMonth();
  const can = useCan();
  const query = useAsk("financeEntries", { query: month }, { keepsPrevious: true });
  const [isAdding, setIsAdding] = useState(false);
  const [asked, setAsked] = useState<EntryView | undefined>(undefined);
  const takeBack = useAct("takeBackEntry", {
    refresh: ["financeEntries", ...TOTALS],
    onDone: () => {
      notify({ text: say("takenBackDone") });
      setAsked(undefined);
    },
  });
  const columns: readonly Column<EntryView>[] = [
    { id: "day", label: say("day"), isNarrow: true, sortBy: ({ day }) => day, render: ({ day }) => format.date(day) },
    { id: "what", label: say("description"), isRowHeader: true, render: ({ description }) => description },
    { id: "layer", label: say("kind"), render: ({ layer }) => wordFor(t, "layer", layer) },
    { id: "clinic", label: t("clinic"), render: ({ tenant }) => tenant?.name ?? t("allClinics") },
    {
      id: "quantity",
      label: say("quantity"),
      align: "end",
      render: ({ quantity, unit, layer }) => <Quantity of={priced(quantity, { sku: `internal-${layer}`, unit })} />,
    },
    {
      id: "price",
      label: say("unitPrice"),
      align: "end",
      render: ({ unitPrice }) => format.money(usd(unitPrice), PRICE_PLACES),
    },
    {
      id: "cost",
      label: t("cost"),
      align: "end",
      sortBy: ({ cost }) => scaledOf(cost.amount) ?? 0n,
      render: ({ cost }) => <Amount money={cost} />,
    },
    { id: "at", label: say("entered"), render: ({ at }) => format.dateTime(at) },
    {
      id: "state",
      label: t("stateColumn"),
      render: ({ takenBack, isOpen }) =>
        takenBack === null ? (
          <Badge tone={isOpen ? "info" : "success"} text={say(isOpen ? "stands" : "fixed")} />
        ) : (
          <Badge text={say("takenBack", { when: format.dateTime(takenBack.at) })} />
        ),
    },
    {
      id: "take-back",
      label: say("takeBack"),
      hidesLabel: true,
      isNarrow: true,
      render: (entry) =>
        entry.takenBack === null &&
        entry.isOpen &&
        can("finance.entry") && (
          <Button
            size="sm"
            tone="quiet"
            label={say("takeBackOf", { what: entry.description })}
            onClick={() => setAsked(entry)}
          >
            {say("takeBack")}
          </Button>
        ),
    },
  ];
  return (
    <Stack gap="lg">
      <MonthBar to="/app/finance/entries" shown={query.data?.month} />
      <TableSection
        title={say("entries")}
        intro={say("entriesIntro")}
        query={query}
        rowsOf={({ entries }) => entries}
        columns={columns}
        rowKey={({ id }) => id}
        emptyTitle={say("empty")}
        emptyHint={say("emptyHint")}
        action={
          can("finance.entry") && (
            <Button tone="primary" onClick={() => setIsAdding(true)}>
              {say("add")}
            </Button>
          )
        }
      />
      {isAdding && <EntryDrawer onClose={() => setIsAdding(false)} />}
      {asked !== undefined && (
        <ConfirmDialog
          title={say("takeBackTitle")}
          isOpen
          onClose={() => {
            takeBack.reset();
            setAsked(undefined);
          }}
          tone="danger"
          confirmLabel={say("takeBack")}
          reason={{ minimum: 3 }}
          isPending={takeBack.isPending}
          problem={takeBack.problem}
          onConfirm={({ reason }) => takeBack.act({ path: { id: asked.id }, body: {}, headers: financeReason(reason) })}
        >
          <Text>{`${asked.description}: ${format.money(asked.cost)}. ${say("takeBackText")}`}</Text>
        </ConfirmDialog>
      )}
    </Stack>
  );
}
