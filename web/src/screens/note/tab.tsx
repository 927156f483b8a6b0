import { IconFileText, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { VisitView } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useAddressQuery } from "../../app/navigation.ts";
import { useCan } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import {
  AskState,
  Badge,
  Button,
  Card,
  EmptyState,
  LinkButton,
  List,
  Menu,
  ProblemState,
  Section,
  Stack,
  Text,
  type Tone,
} from "../../ui/index.ts";
import { CHANGED_BY_NOTES } from "./changed.ts";
import { summaryMessages } from "../visit-summary/messages.ts";
import { SUMMED_UP } from "../visit-summary/which.ts";
import { addressed } from "./note-address.ts";
import { NoteLine } from "./note-line.tsx";
import { StartNote, StartVisit } from "./start.tsx";
import { namesOf, useWords } from "./words.ts";

const TONES: Readonly<Record<VisitView["state"], Tone>> = {
  planned: "neutral",
  arrived: "info",
  "in-progress": "info",
  finished: "success",
  cancelled: "neutral",
  "entered-in-error": "neutral",
};
const WRITTEN_IN: readonly VisitView["state"][] = ["arrived", "in-progress", "finished"];

interface VisitCardProps {
  readonly visit: VisitView;
  readonly onNote: () => void;
}

function VisitCard({ visit, onNote }: VisitCardProps) {
  const { t, format, rules } = useWords();
  const [can, say] = [useCan(), useText(summaryMessages)];
  const change = useAct("changeVisit", { refresh: CHANGED_BY_NOTES });
  const when = visit.startedAt === undefined ? "" : format.dateTime(visit.startedAt);
  const title = t("visitOf", { when });
  const isWritable = can("note.start") && WRITTEN_IN.includes(visit.state);
  return (
    <Card
      title={title}
      level={3}
      state={<Badge text={t(`visit.${visit.state}`)} tone={TONES[visit.state]} />}
      actions={
        <>
          {isWritable && (
            <Button size="sm" icon={IconPlus} onClick={onNote} label={`${t("startNote")}: ${title}`}>
              {t("startNote")}
            </Button>
          )}
          {SUMMED_UP.has(visit.state) && (
            <LinkButton
              to="/app/patients/$patient/visits/$visit"
              params={{ patient: visit.patient, visit: addressed(visit.id) }}
              size="sm"
              tone="quiet"
              icon={IconFileText}
              label={say("openOf", { visit: title })}
            >
              {say("open")}
            </LinkButton>
          )}
          {can("visit.change") && visit.may.length > 0 && (
            <Menu
              label={`${t("changeVisit")}: ${title}`}
              entries={visit.may.map((to) => ({
                id: to,
                label: t(`to.${to}`),
                tone: to === "cancelled" || to === "entered-in-error" ? "danger" : "default",
                onSelect: () => void change.act({ path: { id: visit.id }, body: { to, version: visit.version } }),
              }))}
            />
          )}
        </>
      }
    >
      <Stack>
        {visit.reason !== undefined && <Text>{visit.reason}</Text>}
        {namesOf(visit.participants) !== "" && (
          <Text size="sm" tone="muted">
            {t("withWhom", { names: namesOf(visit.participants) })}
          </Text>
        )}
        {change.problem !== undefined && <ProblemState problem={change.problem} rules={rules} />}
        {visit.notes.length > 0 && (
          <List label={title} items={visit.notes} itemKey={({ id }) => id}>
            {(note) => <NoteLine note={note} />}
          </List>
        )}
      </Stack>
    </Card>
  );
}

/** The tab of a chart: the patient's visits, the notes of each, and the way to begin either. */
export default function NotesTab({ patient }: { readonly patient: string }) {
  const { t } = useWords();
  const can = useCan();
  const { appointment } = useAddressQuery();
  const query = useAsk("listVisits", { path: { id: patient } });
  const [isStarting, setIsStarting] = useState(appointment !== undefined);
  const [visit, setVisit] = useState<string | undefined>(undefined);
  const start = can("visit.start") && (
    <Button tone="primary" icon={IconPlus} onClick={() => setIsStarting(true)}>
      {t("startVisit")}
    </Button>
  );
  return (
    <Section title={t("visits")} actions={query.data !== undefined && start}>
      <AskState
        query={query}
        label={t("visits")}
        isEmpty={({ visits, loose }) => visits.length + loose.length === 0}
        empty={<EmptyState title={t("noVisits")} hint={t("noVisitsHint")} action={start} />}
      >
        {({ visits, loose }) => (
          <Stack>
            {visits.map((each) => (
              <VisitCard key={each.id} visit={each} onNote={() => setVisit(each.id)} />
            ))}
            {loose.length > 0 && (
              <Card title={t("loose")} level={3}>
                <List label={t("loose")} items={loose} itemKey={({ id }) => id}>
                  {(note) => <NoteLine note={note} />}
                </List>
              </Card>
            )}
          </Stack>
        )}
      </AskState>
      {isStarting && (
        <StartVisit
          patient={patient}
          appointment={appointment}
          onClose={() => setIsStarting(false)}
          onStarted={(id) => {
            setIsStarting(false);
            setVisit(id);
          }}
        />
      )}
      {visit !== undefined && <StartNote visit={visit} onClose={() => setVisit(undefined)} />}
    </Section>
  );
}
