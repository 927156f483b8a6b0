import { IconHistory, IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import type { ItemFacts, ListName, Move } from "../../../../core/contract/chart.ts";
import { useCan } from "../../app/session.tsx";
import { Menu, type MenuEntry } from "../../ui/index.ts";
import { HistoryDrawer } from "./history-drawer.tsx";
import { MoveDialog } from "./move-dialog.tsx";
import { useListWords } from "./words.ts";

interface ItemMenuProps {
  readonly patient: string;
  readonly list: ListName;
  readonly facts: ItemFacts;
  readonly title: string;
  readonly onEdit?: (() => void) | undefined;
}

/** What the server says may be done with an item. */
export function ItemMenu({ patient, list, facts, title, onEdit }: ItemMenuProps) {
  const { t } = useListWords();
  const can = useCan();
  const [move, setMove] = useState<Move | undefined>(undefined);
  const [hasHistory, setHasHistory] = useState(false);
  const entries: MenuEntry[] = [
    ...(facts.isEditable && onEdit !== undefined
      ? [{ id: "edit", label: t("edit"), icon: IconPencil, onSelect: onEdit }]
      : []),
    ...facts.moves.map((each): MenuEntry => ({
      id: each,
      label: t(`move.${each}`),
      tone: each === "enter-in-error" ? "danger" : "default",
      onSelect: () => setMove(each),
    })),
    ...(can("chart.history")
      ? [{ id: "history", label: t("history"), icon: IconHistory, onSelect: () => setHasHistory(true) }]
      : []),
  ];
  if (entries.length === 0) return null;
  return (
    <>
      <Menu label={t("actionsOf", { title })} entries={entries} />
      {move !== undefined && (
        <MoveDialog
          patient={patient}
          list={list}
          facts={facts}
          title={title}
          move={move}
          onClose={() => setMove(undefined)}
        />
      )}
      {hasHistory && (
        <HistoryDrawer
          patient={patient}
          list={list}
          item={facts.id}
          title={title}
          onClose={() => setHasHistory(false)}
        />
      )}
    </>
  );
}
