import { IconPrinter } from "@tabler/icons-react";
import { useState } from "react";
import type { TimelineEntry, VisitView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { usePathValue } from "../../app/navigation.ts";
import { useSession } from "../../app/session.tsx";
import { dayIn } from "../../i18n/format.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Button,
  type Definition,
  EmptyState,
  List,
  Page,
  SelectField,
  Stack,
  Text,
  Toolbar,
} from "../../ui/index.ts";
import { ShownState } from "../chart/shown.tsx";
import { idIn } from "../note/note-address.ts";
import { namesOf } from "../note/words.ts";
import { joined } from "./joined.ts";
import { summaryMessages } from "./messages.ts";
import { isPrinted, NOTE_PARTS, type NotePart, PrintedNotes, useReadNotes } from "./notes.tsx";
import { Sheet, SheetLine } from "./sheet.tsx";
import { SUMMED_UP } from "./which.ts";

/** The sheet that a patient takes home from a visit, as it will be printed. */
export default function VisitSummary() {
  const t = useText(summaryMessages);
  const patient = usePathValue("patient");
  const query = useAsk("readVisit", { path: { id: idIn(usePathValue("visit")) } });
  const none = <EmptyState title={t("noVisit")} hint={t("noVisitHint")} />;
  return (
    <Page
      title={t("title")}
      breadcrumbs={[{ label: t("toVisits"), to: "/app/patients/$patient/visits", params: { patient } }]}
    >
      <AskState query={query} label={t("title")}>
        {(visit) =>
          // An address is typed as well: another patient's visit is nobody's sheet.
          visit.patient === patient && visit.startedAt !== undefined && SUMMED_UP.has(visit.state) ? (
            <OfVisit visit={visit} startedAt={visit.startedAt} />
          ) : (
            none
          )
        }
      </AskState>
    </Page>
  );
}

/** FHIR R4 valueset-appointmentstatus: those that are still to come. */
const COMING: ReadonlySet<string | undefined> = new Set(["booked", "pending", "proposed"]);

const isAhead = ({ date, status }: TimelineEntry, nowMs: number): boolean =>
  date !== undefined && Date.parse(date) > nowMs && COMING.has(status);

function OfVisit({ visit, startedAt }: { readonly visit: VisitView; readonly startedAt: string }) {
  const [t, format, { tenant }] = [useText(summaryMessages), useFormat(), useSession()];
  const [part, setPart] = useState<NotePart>("plan");
  const [nowMs] = useState(() => Date.now());
  const [read, onRead] = useReadNotes();
  const path = { id: visit.patient };
  const query = joined({
    clinic: useAsk("readClinicProfile"),
    head: useAsk("readBanner", { path }),
    lists: useAsk("readLists", { path }),
    vitals: useAsk("readVitals", { path }),
    booked: useAsk("readTimeline", { path, query: { kind: "appointments" } }),
  });
  const onRetry = (): void => void query.refetch();
  const printed = visit.notes.filter(isPrinted);
  const isComplete = part === "none" || printed.every(({ id }) => read.has(id));
  return (
    <AskState query={query} label={t("title")}>
      {({ clinic, head, lists, vitals, booked }) => {
        const isPlaced = visit.class === "VR" || visit.class === "HH";
        const facts: readonly (Definition | false)[] = [
          { term: t("when"), value: format.dateTime(startedAt) },
          namesOf(visit.participants) !== "" && { term: t("with"), value: namesOf(visit.participants) },
          { term: t("where"), value: isPlaced ? t(`class.${visit.class as "VR" | "HH"}`) : clinic.name },
          visit.reason !== undefined && { term: t("reason"), value: visit.reason },
        ];
        const ahead = booked.entries.filter((entry) => isAhead(entry, nowMs)).toReversed();
        const state = booked.kinds.appointments;
        const next = state === undefined || state.state === "value" ? { state: "value" as const, value: ahead } : state;
        return (
          <Stack gap="lg">
            <Tools
              visit={visit}
              part={part}
              onPart={setPart}
              isComplete={isComplete}
              isContradicted={lists.allergies.isContradicted}
            />
            {!isComplete && <Text>{t("getting")}</Text>}
            <Sheet
              clinic={clinic}
              day={dayIn(tenant.timeZone, Date.parse(startedAt))}
              facts={facts.filter((each) => each !== false)}
              record={{
                name: head.name,
                birthDate: head.birthDate,
                recordNumber: head.recordNumber,
                problems: lists.problems.items,
                allergies: { items: lists.allergies.items, noneKnown: lists.allergies.noneKnown },
                medications: lists.medications.items,
                immunizations: lists.immunizations.items,
                vitals: vitals.columns,
              }}
              notes={<PrintedNotes lines={printed} part={part} onRead={onRead} />}
              next={
                <ShownState field={next} onRetry={onRetry} empty={<Text tone="muted">{t("noNext")}</Text>}>
                  {(entries) =>
                    entries.length === 0 ? (
                      <Text tone="muted">{t("noNext")}</Text>
                    ) : (
                      <List label={t("next")} items={entries} itemKey={({ ref, date }) => `${ref ?? ""} ${date ?? ""}`}>
                        {({ date = "", title, status, detail }) => (
                          <SheetLine
                            title={format.dateTime(date)}
                            more={[title === status ? undefined : title, detail]}
                          />
                        )}
                      </List>
                    )
                  }
                </ShownState>
              }
              onRetry={onRetry}
            />
          </Stack>
        );
      }}
    </AskState>
  );
}

interface ToolsProps {
  readonly visit: VisitView;
  readonly part: NotePart;
  readonly onPart: (part: NotePart) => void;
  readonly isComplete: boolean;
  readonly isContradicted: boolean;
}

/** What is chosen and known before printing: none of it is on paper. */
function Tools({ visit: { notes, state }, part, onPart, isComplete, isContradicted }: ToolsProps) {
  const t = useText(summaryMessages);
  const isOpen = ({ state: of }: VisitView["notes"][number]): boolean => of === "draft" || of === "reopened";
  const unfinished = notes.filter(isOpen).length;
  const kept = notes.filter((note) => !isOpen(note) && note.state !== "entered-in-error" && !isPrinted(note)).length;
  return (
    <Toolbar label={t("tools")}>
      <Stack>
        <Text tone="muted">{t("intro")}</Text>
        {isContradicted && <Alert tone="danger" title={t("contradicted")} />}
        {state === "in-progress" && <Alert tone="info" title={t("onGoing")} />}
        {unfinished > 0 && <Alert tone="warning" title={t("unfinished", { count: unfinished })} />}
        {kept > 0 && <Alert tone="restricted" title={t("protected", { count: kept })} />}
        <SelectField
          label={t("fromNote")}
          width="md"
          isRequired
          value={part}
          choices={NOTE_PARTS.map((value) => ({ value, label: t(`note.${value}`) }))}
          onChange={(value) => onPart(NOTE_PARTS.find((known) => known === value) ?? "plan")}
        />
        <Button icon={IconPrinter} tone="primary" isDisabled={!isComplete} onClick={() => window.print()}>
          {t("print")}
        </Button>
      </Stack>
    </Toolbar>
  );
}
