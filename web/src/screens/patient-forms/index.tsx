import type { OwnFormLine } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useStore } from "../../app/store.ts";
import { locale, useFormat, useText } from "../../i18n/index.ts";
import { AskState, Badge, EmptyState, LinkButton, List, Page, Row, Stack, Text, type Tone } from "../../ui/index.ts";
import { formMessages } from "./messages.ts";

const TONES: Readonly<Record<OwnFormLine["state"], Tone>> = { "to-fill": "info", begun: "warning", sent: "success" };

/** The clinic's forms, each with where it stands. */
export default function PatientFormsScreen() {
  const [t, format, language] = [useText(formMessages), useFormat(), useStore(locale)];
  const query = useAsk("listOwnForms");
  return (
    <Page title={t("title")} intro={t("intro")} width="text">
      <AskState
        query={query}
        label={t("title")}
        isEmpty={({ forms }) => forms.length === 0}
        empty={<EmptyState title={t("empty")} hint={t("emptyHint")} />}
      >
        {({ forms }) => (
          <List label={t("title")} items={forms} itemKey={({ id }) => id}>
            {({ id, title, state, at }) => {
              const act = state === "begun" ? t("goOn") : t("fill");
              return (
                <Row justify="between">
                  <Stack gap="xs">
                    <Row>
                      <Text as="strong">{title[language]}</Text>
                      <Badge tone={TONES[state]} text={t(`state.${state}`)} />
                    </Row>
                    {at !== undefined && (
                      <Text size="sm" tone="muted">
                        {t(state === "sent" ? "sentAt" : "begunAt", { when: format.dateTime(at) })}
                      </Text>
                    )}
                  </Stack>
                  {state !== "sent" && (
                    <LinkButton
                      to="/app/my/forms/$form"
                      params={{ form: id }}
                      size="lg"
                      tone="primary"
                      label={t("fillOf", { act, name: title[language] })}
                    >
                      {act}
                    </LinkButton>
                  )}
                </Row>
              );
            }}
          </List>
        )}
      </AskState>
    </Page>
  );
}
