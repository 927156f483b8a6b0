import { IconDownload } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { OwnRecord, OwnResult, Shown } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  Card,
  EmptyState,
  LinkButton,
  List,
  Page,
  Row,
  Stack,
  Text,
  type Tone,
} from "../../ui/index.ts";
import { ShownState } from "../chart/shown.tsx";
import { vitalsMessages } from "../vitals/messages.ts";
import { Documents } from "./documents.tsx";
import { DownloadDialog } from "./download-dialog.tsx";
import { recordMessages } from "./messages.ts";
import { Notes } from "./notes.tsx";

interface Line {
  readonly id: string;
  readonly title: string;
  readonly more: readonly (string | undefined)[];
  readonly badge?: ReactNode;
}

interface PartProps<T> {
  readonly title: string;
  readonly empty: string;
  readonly field: Shown<readonly T[]>;
  readonly line: (item: T) => Line;
  readonly onRetry: () => void;
}

/** One part of the record as a list, in whatever state the server gave it. */
function Part<T>({ title, empty, field, line, onRetry }: PartProps<T>) {
  return (
    <Card title={title}>
      <ShownState field={field} onRetry={onRetry} empty={<EmptyState isCompact title={empty} />}>
        {(items) => (
          <List label={title} items={items.map(line)} itemKey={({ id }) => id}>
            {({ title: name, more, badge }) => (
              <Stack gap="xs">
                <Row>
                  <Text as="strong">{name}</Text>
                  {badge}
                </Row>
                {more
                  .filter((text): text is string => text !== undefined && text !== "")
                  .map((text) => (
                    <Text key={text} size="sm" tone="muted">
                      {text}
                    </Text>
                  ))}
              </Stack>
            )}
          </List>
        )}
      </ShownState>
    </Card>
  );
}

const FLAG_TONES: Readonly<Record<NonNullable<OwnResult["flag"]>, Tone>> = {
  normal: "success",
  low: "warning",
  high: "warning",
  abnormal: "warning",
};

function useLines() {
  const [t, vitals, format] = [useText(recordMessages), useText(vitalsMessages), useFormat()];
  const day = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : text.length <= 10 ? format.date(text) : format.day(text);
  const current = (isActive: boolean) => (isActive ? {} : { badge: <Badge text={t("past")} /> });
  return { t, vitals, format, day, current };
}

function Lists({ record, onRetry }: { readonly record: OwnRecord; readonly onRetry: () => void }) {
  const { t, vitals, format, day, current } = useLines();
  const isNoneKnown = record.allergies.noneKnown.length > 0;
  return (
    <>
      <Part
        title={t("allergies")}
        empty={isNoneKnown ? t("noneKnown") : t("noAllergies")}
        field={record.allergies.items}
        onRetry={onRetry}
        line={({ id, substance, reactions, isActive }) => ({
          id,
          title: substance.text,
          more: [
            reactions.length === 0
              ? undefined
              : t("reaction", { what: reactions.map(({ manifestation }) => manifestation.text).join(", ") }),
          ],
          ...current(isActive),
        })}
      />
      <Part
        title={t("medications")}
        empty={t("noMedications")}
        field={record.medications}
        onRetry={onRetry}
        line={({ id, medication, dosage, started, isActive }) => {
          const since = day(started);
          return {
            id,
            title: medication.text,
            more: [dosage, since === undefined ? undefined : t("since", { when: since })],
            ...current(isActive),
          };
        }}
      />
      <Part
        title={t("problems")}
        empty={t("noProblems")}
        field={record.problems}
        onRetry={onRetry}
        line={({ id, problem, onset, isActive }) => {
          const since = day(onset);
          return {
            id,
            title: problem.text,
            more: [since === undefined ? undefined : t("since", { when: since })],
            ...current(isActive),
          };
        }}
      />
      <Part
        title={t("results")}
        empty={t("noResults")}
        field={record.results}
        onRetry={onRetry}
        line={({ id, name, value, unit, date, flag, range, note }) => ({
          id,
          title: [`${name}:`, value, unit].filter((part) => part !== undefined).join(" "),
          more: [day(date), range === undefined ? undefined : t("range", { range }), note],
          ...(flag !== undefined && { badge: <Badge tone={FLAG_TONES[flag]} text={t(`flag.${flag}`)} /> }),
        })}
      />
      <Part
        title={t("immunizations")}
        empty={t("noImmunizations")}
        field={record.immunizations}
        onRetry={onRetry}
        line={({ id, vaccine, date, isActive }) => ({
          id,
          title: vaccine.text,
          more: [day(date)],
          ...current(isActive),
        })}
      />
      <Part
        title={t("vitals")}
        empty={t("noVitals")}
        field={record.vitals}
        onRetry={onRetry}
        line={({ at, cells }) => ({
          id: at,
          title: format.dateTime(at),
          more: cells
            .filter(({ state }) => state !== "entered-in-error")
            .map(({ measure, shown }) => `${vitals(`measure.${measure}`)}: ${shown.us.value} ${shown.us.label}`),
        })}
      />
    </>
  );
}

/** A patient's own record: every part says its state in words, and what waits for release is nowhere in it. */
export default function PatientRecordScreen() {
  const { t, day } = useLines();
  const query = useAsk("readOwnRecord");
  const [isDownloading, setIsDownloading] = useState(false);
  const retry = (): void => void query.refetch();
  return (
    <Page
      title={t("title")}
      intro={t("intro")}
      width="text"
      actions={
        <Button size="lg" icon={IconDownload} onClick={() => setIsDownloading(true)}>
          {t("download")}
        </Button>
      }
    >
      <AskState query={query} label={t("title")}>
        {(record) => (
          <Stack>
            <Lists record={record} onRetry={retry} />
            <Card title={t("notes")}>
              <ShownState
                field={record.notes}
                onRetry={retry}
                empty={<EmptyState isCompact title={t("noNotes")} hint={t("resultsHint")} />}
              >
                {(notes) => <Notes notes={notes} label={t("notes")} />}
              </ShownState>
            </Card>
            <Documents />
            {record.protectedItems.state !== "absent" && (
              <Part
                title={t("protectedItems")}
                empty=""
                field={record.protectedItems}
                onRetry={retry}
                line={({ id, summary, date, text }) => ({ id, title: summary ?? "", more: [day(date), text] })}
              />
            )}
          </Stack>
        )}
      </AskState>
      <Alert
        tone="info"
        title={t("ask")}
        actions={
          <LinkButton to="/app/my/messages" size="lg">
            {t("write")}
          </LinkButton>
        }
      />
      {isDownloading && <DownloadDialog onClose={() => setIsDownloading(false)} />}
    </Page>
  );
}
