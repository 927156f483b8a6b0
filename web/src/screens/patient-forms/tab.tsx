import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { AskState, Card, DefinitionList, EmptyState, Stack, Text } from "../../ui/index.ts";
import { ShownState } from "../chart/shown.tsx";
import type { ChartTabProps } from "../chart/tabs.ts";
import { formMessages } from "./messages.ts";

/** What a patient filled in, as those read it who treat her: her own words, beside the questions as they were asked. */
export default function SentFormsTab({ patient }: ChartTabProps) {
  const [t, format] = [useText(formMessages), useFormat()];
  const query = useAsk("listSentForms", { path: { id: patient } });
  return (
    <AskState query={query} label={t("sentTitle")}>
      {({ forms }) => (
        <ShownState
          field={forms}
          onRetry={() => void query.refetch()}
          empty={<EmptyState title={t("noneSent")} hint={t("noneSentHint")} />}
        >
          {(sent) => (
            <Stack>
              {sent.map(({ id, title, sentAt, items }) => (
                <Card key={id} title={title} level={3}>
                  <Stack gap="sm">
                    <Text size="sm" tone="muted">
                      {t("sentAt", { when: format.dateTime(sentAt) })}
                    </Text>
                    <DefinitionList
                      look="rows"
                      items={items.map(({ question, answers }) => ({ term: question, value: answers.join(", ") }))}
                    />
                  </Stack>
                </Card>
              ))}
            </Stack>
          )}
        </ShownState>
      )}
    </AskState>
  );
}
