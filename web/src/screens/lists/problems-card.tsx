import type { ListCard as CardOf, ProblemItem } from "../../../../core/contract/chart.ts";
import { ItemLine } from "./item-line.tsx";
import { ListCard } from "./list-card.tsx";
import { activeOf } from "./reconcile-drawer.tsx";
import { useDrawers } from "./use-drawers.tsx";
import { useListWords } from "./words.ts";

export interface CardProps<C> {
  readonly patient: string;
  readonly card: C;
  readonly onRetry: () => void;
}

export function ProblemsCard({ patient, card, onRetry }: CardProps<CardOf<ProblemItem>>) {
  const { t, word, when } = useListWords();
  const { onAdd, onEdit, onReconcile, drawer } = useDrawers(patient, "problems");
  return (
    <>
      <ListCard
        list="problems"
        card={card}
        onRetry={onRetry}
        onAdd={onAdd}
        onReconcile={() =>
          onReconcile({
            list: "problems",
            items: activeOf(card, (item) => ({ ...item, title: item.problem.text })),
          })
        }
      >
        {(item) => (
          <ItemLine
            patient={patient}
            list="problems"
            facts={item}
            title={item.problem.text}
            details={[
              item.problem.code,
              item.severity && word("severity", item.severity),
              item.verification !== undefined && item.verification !== "confirmed" && item.isActive
                ? word("verification", item.verification)
                : undefined,
              item.onset && `${t("since")} ${when(item.onset)}`,
              item.ended && t("until", { at: when(item.ended) }),
            ]}
            onEdit={() => onEdit({ list: "problems", item })}
          />
        )}
      </ListCard>
      {drawer}
    </>
  );
}
