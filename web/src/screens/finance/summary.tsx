import { addressOf } from "../../api/ask.ts";
import type { BodyOf } from "../../api/client.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { AskState, ExternalLink, Form, notify, RadioField, Row, Section, SelectField, Text } from "../../ui/index.ts";
import { exportsMessages } from "./exports-messages.ts";
import { ReasonField } from "./parts.tsx";
import { financeReason, rulesOf, useWords } from "./words.ts";

type Values = BodyOf<"setSummary"> & { readonly reason: string };

const CADENCES = ["off", "weekly", "monthly"] as const;

/** How often a summary is made by itself. */
export function Summary() {
  const [say, { t, format }] = [useText(exportsMessages), useWords()];
  const can = useCan();
  const query = useAsk("financeSummary");
  const { act, problem } = useAct("setSummary", {
    refresh: ["financeSummary"],
    onDone: () => notify({ text: say("saved") }),
  });
  return (
    <Section title={say("summary")}>
      <Text tone="muted">{say("summaryIntro")}</Text>
      <AskState query={query} label={say("summary")}>
        {({ cadence, language, nextAt, made }) => (
          <>
            <Text>{nextAt === null ? say("isOff") : say("next", { when: format.date(nextAt) })}</Text>
            {made.length > 0 && (
              <Row gap="md">
                <Text as="span">{say("made")}</Text>
                {made.map((day) => (
                  <ExternalLink
                    key={day}
                    href={addressOf("/finance/summary/{day}", { path: { day } })}
                    fileName={`keyward-summary-${day}.pdf`}
                    label={say("summaryOf", { day: format.date(day) })}
                  >
                    {format.date(day)}
                  </ExternalLink>
                ))}
              </Row>
            )}
            {can("finance.summary") && (
              <Form<Values>
                key={`${cadence} ${language}`}
                label={say("summary")}
                loading={false}
                defaults={{ cadence, language, reason: "" }}
                problem={problem}
                rules={rulesOf(t)}
                submitLabel={say("save")}
                onSubmit={({ reason, ...body }) => act({ body, headers: financeReason(reason) })}
              >
                <RadioField
                  name="cadence"
                  label={say("cadence")}
                  isRequired
                  isInline
                  choices={CADENCES.map((value) => ({ value, label: say(`cadence.${value}`) }))}
                />
                <SelectField
                  name="language"
                  label={say("language")}
                  isRequired
                  width="sm"
                  choices={[
                    { value: "en", label: say("english") },
                    { value: "es", label: say("spanish") },
                  ]}
                />
                <ReasonField />
              </Form>
            )}
          </>
        )}
      </AskState>
    </Section>
  );
}
