import type { ConsentPreviewAnswer } from "../../../../core/contract/index.ts";
import { Alert, Badge, List, Row, Stack, Text } from "../../ui/index.ts";
import { useWords } from "./use-words.ts";
import { effectTexts } from "./words.ts";

/** Who would gain or lose what, a sentence for each person. */
export function Effect({ preview }: { readonly preview: ConsentPreviewAnswer }) {
  const words = useWords();
  const { t } = words;
  const lines = preview.effects.flatMap((effect) => effectTexts(effect, words));
  return (
    <Stack gap="sm">
      {lines.length === 0 ? (
        <Alert tone="info" title={t("effectNone")} isLive />
      ) : (
        <List label={t("effectTitle")} items={lines} itemKey={({ text }) => text}>
          {({ kind, text }) => (
            <Row gap="sm" align="baseline" wraps={false}>
              <Badge tone={kind === "loses" ? "danger" : "success"} text={kind === "loses" ? "−" : "+"} />
              <Text as="span">{text}</Text>
            </Row>
          )}
        </List>
      )}
      <Text size="sm" tone="muted">
        {t("effectConsidered", { count: preview.considered })}
      </Text>
    </Stack>
  );
}
