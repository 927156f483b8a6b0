import type { ListCard as CardOf, MedicationItem } from "../../../../core/contract/chart.ts";
import { Badge } from "../../ui/index.ts";
import { ItemLine } from "./item-line.tsx";
import { ListCard } from "./list-card.tsx";
import type { CardProps } from "./problems-card.tsx";
import { activeOf } from "./reconcile-drawer.tsx";
import { useDrawers } from "./use-drawers.tsx";
import { useListWords } from "./words.ts";

export function MedicationsCard({ patient, card, onRetry }: CardProps<CardOf<MedicationItem>>) {
  const { t, when } = useListWords();
  const { onAdd, onEdit, onReconcile, drawer } = useDrawers(patient, "medications");
  return (
    <>
      <ListCard
        list="medications"
        card={card}
        onRetry={onRetry}
        onAdd={onAdd}
        onReconcile={() =>
          onReconcile({
            list: "medications",
            items: activeOf(card, (item) => ({ ...item, title: item.medication.text, detail: item.dosage })),
          })
        }
      >
        {(item) => (
          <ItemLine
            patient={patient}
            list="medications"
            facts={item}
            title={item.medication.text}
            marks={item.kind === "reported" && <Badge text={t("kind.reported")} />}
            details={[
              item.dosage,
              item.purpose,
              item.prescriber,
              item.started && `${t("since")} ${when(item.started)}`,
            ]}
            onEdit={() => onEdit({ list: "medications", item })}
          />
        )}
      </ListCard>
      {drawer}
    </>
  );
}
