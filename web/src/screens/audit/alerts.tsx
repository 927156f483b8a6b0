import { useState } from "react";
import type { AlertView, People } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  ButtonRow,
  Card,
  DefinitionList,
  EmptyState,
  List,
  notify,
  Section,
  Stack,
  Text,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { nameIn, ChartLink, shortId } from "../govern/who.tsx";
import { EventDialog } from "./event-dialog.tsx";
import { Pager } from "./event-table.tsx";
import { auditMessages } from "./messages.ts";
import { auditWord } from "./words.ts";

const TONES = { incident: "danger", alert: "warning", notice: "info" } as const;

interface AlertCardProps {
  readonly alert: AlertView;
  readonly people: People;
  readonly onEvidence: (id: string) => void;
}

function AlertCard({ alert, people, onEvidence }: AlertCardProps) {
  const [t, shared, format] = [useText(auditMessages), useText(governMessages), useFormat()];
  const can = useCan();
  const [isNoted, setIsNoted] = useState(false);
  const { act, isPending } = useAct("acknowledgeAlert", {
    refresh: ["listAlerts"],
    onDone: () => {
      setIsNoted(true);
      notify({ text: t("acknowledged") });
    },
  });
  const { id, kind, severity, at, user, patient, count, evidence, acknowledged } = alert;
  const title = auditWord(t, "kind", kind);
  return (
    <Card
      title={title}
      level={3}
      tone={severity === "incident" ? "danger" : "default"}
      state={<Badge tone={TONES[severity]} text={auditWord(t, "severity", severity)} />}
      actions={
        acknowledged === undefined &&
        !isNoted &&
        can("alert.acknowledge") && (
          <Button
            size="sm"
            isPending={isPending}
            label={t("acknowledgeOf", { what: title })}
            onClick={() => void act({ path: { id } })}
          >
            {t("acknowledge")}
          </Button>
        )
      }
      footer={
        <Text size="sm" tone="muted">
          {acknowledged === undefined
            ? t(isNoted ? "acknowledged" : "unseen")
            : t("seen", { who: nameIn(people, acknowledged.user, shared), when: format.dateTime(acknowledged.at) })}
        </Text>
      }
    >
      <Stack gap="sm">
        <DefinitionList
          items={[
            { term: t("at"), value: format.dateTime(at) },
            ...(user === undefined ? [] : [{ term: t("who"), value: nameIn(people, user, shared) }]),
            ...(patient === undefined ? [] : [{ term: t("which"), value: <ChartLink id={patient} /> }]),
            ...(count === undefined ? [] : [{ term: t("count"), value: format.number(count) }]),
          ]}
        />
        {evidence.length > 0 && can("audit.read") && (
          <ButtonRow>
            {evidence.slice(0, 5).map((event) => (
              <Button key={event} size="sm" tone="quiet" onClick={() => onEvidence(event)}>
                {`${t("showEvidence", { count: 1 })} ${shortId(event)}`}
              </Button>
            ))}
          </ButtonRow>
        )}
      </Stack>
    </Card>
  );
}

/** What the watch noticed, newest first, who has seen it, and the events that show it. */
export function Alerts() {
  const t = useText(auditMessages);
  const [cursor, setCursor] = useState<string | undefined>(undefined);
  const [shown, setShown] = useState<string | undefined>(undefined);
  const query = useAsk(
    "listAlerts",
    { query: { count: 20, ...(cursor !== undefined && { cursor }) } },
    { refreshEveryMs: 60_000, keepsPrevious: true },
  );
  return (
    <Section title={t("alertsTitle")}>
      <Text tone="muted">{t("alertsIntro")}</Text>
      {query.data?.notWatched.includes("off-hours") === true && <Alert tone="info" title={t("notWatched")} />}
      <AskState
        query={query}
        label={t("alertsTitle")}
        isEmpty={({ alerts }) => alerts.length === 0}
        empty={<EmptyState title={t("alertsEmpty")} hint={t("alertsEmptyHint")} />}
      >
        {({ alerts, people, next }) => (
          <Stack>
            <List label={t("alertsTitle")} look="spaced" items={alerts} itemKey={({ id }) => id}>
              {(alert) => <AlertCard alert={alert} people={people} onEvidence={setShown} />}
            </List>
            <Pager isFirst={cursor === undefined} next={next} onFirst={() => setCursor(undefined)} onNext={setCursor} />
          </Stack>
        )}
      </AskState>
      {shown !== undefined && <EventDialog id={shown} onClose={() => setShown(undefined)} />}
    </Section>
  );
}
