import type { ImmunizationItem, ListCard as CardOf } from "../../../../core/contract/chart.ts";
import { Badge } from "../../ui/index.ts";
import { ItemLine } from "./item-line.tsx";
import { ListCard } from "./list-card.tsx";
import type { CardProps } from "./problems-card.tsx";
import { useDrawers } from "./use-drawers.tsx";
import { useListWords } from "./words.ts";

export function ImmunizationsCard({ patient, card, onRetry }: CardProps<CardOf<ImmunizationItem>>) {
  const { t, when } = useListWords();
  const { onAdd, onEdit, drawer } = useDrawers(patient, "immunizations");
  return (
    <>
      <ListCard list="immunizations" card={card} onRetry={onRetry} onAdd={onAdd}>
        {(item) => (
          <ItemLine
            patient={patient}
            list="immunizations"
            facts={item}
            title={item.vaccine.text}
            marks={item.source === "reported" && <Badge text={t("reportedShown")} />}
            details={[
              when(item.date),
              item.refusal?.text,
              item.doseNumber && t("doseShown", { number: item.doseNumber }),
              item.lot && t("lotShown", { lot: item.lot }),
              item.expires && t("expiresShown", { at: when(item.expires) }),
              item.manufacturer,
              item.site?.text,
              item.route?.text,
              item.doseMl && `${item.doseMl} mL`,
              item.givenBy && t("givenBy", { by: item.givenBy }),
            ]}
            onEdit={() => onEdit({ list: "immunizations", item })}
          />
        )}
      </ListCard>
      {drawer}
    </>
  );
}
