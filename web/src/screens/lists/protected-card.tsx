import type { SegmentedCard, SegmentedItem } from "../../../../core/contract/chart-words.ts";
import { Card, DefinitionList, FieldValue, List, Text } from "../../ui/index.ts";
import { useListWords } from "./words.ts";

interface ProtectedCardProps {
  readonly cards: readonly SegmentedCard[];
  readonly onRetry: () => void;
}

/** Records of special categories, apart from the rest. What is withheld looks the same whether or not there is something. */
export function ProtectedCard({ cards, onRetry }: ProtectedCardProps) {
  const { t, when } = useListWords();
  if (cards.length === 0) return null;
  const listed = (label: string, items: readonly SegmentedItem[]) => (
    <List label={label} items={items} itemKey={({ ref }) => ref} look="bullets">
      {({ summary, type, date }) => (
        <Text as="span">{[summary ?? type, when(date)].filter((text) => text !== "").join(", ")}</Text>
      )}
    </List>
  );
  return (
    <Card title={t("protected")} level={3}>
      <DefinitionList
        look="rows"
        items={cards.map(({ category, items }) => {
          const term = t(`segmented.${category}`);
          return {
            term,
            value:
              items.state === "value" ? (
                listed(term, items.value)
              ) : (
                <FieldValue label={term} field={items} onRetry={onRetry} />
              ),
          };
        })}
      />
    </Card>
  );
}
