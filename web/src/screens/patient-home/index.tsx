import { IconCalendarPlus, IconFileText, IconMail, IconPencil } from "@tabler/icons-react";
import type { OwnHome } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useStore } from "../../app/store.ts";
import { locale, useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Badge,
  Card,
  Columns,
  EmptyState,
  LinkButton,
  List,
  Page,
  Row,
  Stack,
  Text,
} from "../../ui/index.ts";
import { ContactCard } from "./contact-card.tsx";
import { homeMessages } from "./messages.ts";

type Part = { readonly home: OwnHome };

function NextVisit({ home: { nextVisit } }: Part) {
  const [t, format] = [useText(homeMessages), useFormat()];
  if (nextVisit === undefined)
    return (
      <EmptyState
        isCompact
        title={t("noVisit")}
        hint={t("noVisitHint")}
        action={
          <LinkButton to="/app/my/visits" size="lg" tone="primary" icon={IconCalendarPlus}>
            {t("book")}
          </LinkButton>
        }
      />
    );
  const { day, start, visitType, provider, place } = nextVisit;
  const more = [visitType, provider === undefined ? undefined : t("with", { name: provider }), place];
  return (
    <Stack gap="sm">
      <Text size="lg" isStrong>
        {`${format.weekday(day)}, ${format.time(start.at)}`}
      </Text>
      <Text>{more.filter((part) => part !== undefined).join(", ")}</Text>
      <LinkButton to="/app/my/visits" size="lg">
        {t("allVisits")}
      </LinkButton>
    </Stack>
  );
}

function News({ home: { newMessages } }: Part) {
  const t = useText(homeMessages);
  return (
    <Stack gap="sm">
      <Text isStrong={newMessages > 0}>
        {newMessages > 0 ? t("newMessages", { count: newMessages }) : t("noMessages")}
      </Text>
      <LinkButton to="/app/my/messages" size="lg" icon={newMessages > 0 ? IconMail : IconPencil}>
        {newMessages > 0 ? t("open") : t("write")}
      </LinkButton>
    </Stack>
  );
}

function Forms({ home: { forms } }: Part) {
  const [t, language] = [useText(homeMessages), useStore(locale)];
  if (forms.length === 0) return <Text tone="muted">{t("noForms")}</Text>;
  return (
    <List label={t("forms")} items={forms} itemKey={({ id }) => id}>
      {({ id, title }) => (
        <Row justify="between">
          <Text as="span">{title[language]}</Text>
          <LinkButton
            to="/app/my/forms/$form"
            params={{ form: id }}
            size="lg"
            tone="primary"
            label={t("fillOf", { name: title[language] })}
          >
            {t("fill")}
          </LinkButton>
        </Row>
      )}
    </List>
  );
}

function Results({ home: { results } }: Part) {
  const [t, format] = [useText(homeMessages), useFormat()];
  return (
    <Stack gap="sm">
      {results.length === 0 ? (
        <Text tone="muted">{t("noResults")}</Text>
      ) : (
        <List label={t("results")} items={results} itemKey={({ id }) => id}>
          {({ kind, name, date }) => (
            <Row justify="between" align="baseline">
              <Text as="span">{name}</Text>
              <Row>
                <Badge text={t(kind)} tone="info" />
                {date !== undefined && (
                  <Text as="span" size="sm" tone="muted">
                    {date.length <= 10 ? format.date(date) : format.day(date)}
                  </Text>
                )}
              </Row>
            </Row>
          )}
        </List>
      )}
      <LinkButton to="/app/my/record" size="lg" icon={IconFileText}>
        {t("record")}
      </LinkButton>
    </Stack>
  );
}

/** "Garcia, Ana Maria" is spoken to as Ana. */
const firstName = (listed: string): string => (listed.split(", ")[1] ?? listed).split(" ")[0] ?? "";

/** Where a patient begins: what is next, what is new, and what the clinic asks for. */
export default function PatientHomeScreen() {
  const t = useText(homeMessages);
  const query = useAsk("readOwnHome");
  const name = query.data?.greeting.state === "value" ? firstName(query.data.greeting.value) : "";
  return (
    <Page title={name === "" ? t("titleAlone") : t("title", { name })}>
      <AskState query={query} label={t("loading")}>
        {(home) => (
          <Stack gap="lg">
            <Columns min="md">
              <Card title={t("nextVisit")}>
                <NextVisit home={home} />
              </Card>
              <Card title={t("messages")}>
                <News home={home} />
              </Card>
              <Card title={t("forms")}>
                <Forms home={home} />
              </Card>
              <Card title={t("results")}>
                <Results home={home} />
              </Card>
            </Columns>
            <Alert tone="warning" title={t("emergency")} />
          </Stack>
        )}
      </AskState>
      <ContactCard />
    </Page>
  );
}
