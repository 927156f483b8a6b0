import { useEffect, useState } from "react";
import type { NoteLine, NoteView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { AskState, Section, Stack, Text } from "../../ui/index.ts";
import { NoteText } from "../note/reader.tsx";
import { namesOf } from "../note/words.ts";
import { summaryMessages } from "./messages.ts";

/** How much of the notes goes onto the sheet. */
export const NOTE_PARTS = ["plan", "whole", "none"] as const;
export type NotePart = (typeof NOTE_PARTS)[number];

/** Sections of the templates that tell the patient what to do: of visits, of calls and of nurses' visits. */
const PLAN_KEYS: ReadonlySet<string> = new Set(["plan", "advice"]);

/** Signed, and of no special category: what may be handed over as it is. */
export const isPrinted = ({ state, labels }: NoteLine): boolean =>
  (state === "signed" || state === "locked") && labels.length === 0;

/** What was added later stands with what it adds to. */
const partOf = (note: NoteView, part: NotePart): NoteView => ({
  ...note,
  sections: note.sections.filter(
    ({ key, text }) => text.trim() !== "" && (part === "whole" || note.isAddendum || PLAN_KEYS.has(key)),
  ),
});

interface PrintedNoteProps {
  readonly line: NoteLine;
  readonly part: NotePart;
  readonly onRead: (id: string) => void;
}

function PrintedNote({ line, part, onRead }: PrintedNoteProps) {
  const [t, format] = [useText(summaryMessages), useFormat()];
  const query = useAsk("readNote", { path: { id: line.id } });
  const isRead = query.data !== undefined;
  useEffect(() => {
    if (isRead) onRead(line.id);
  }, [isRead, line.id, onRead]);
  return (
    <AskState query={query} label={line.type}>
      {(note) => {
        const printed = partOf(note, part);
        return (
          <Stack gap="xs">
            {printed.sections.length === 0 ? <Text tone="muted">{t("noPlan")}</Text> : <NoteText note={printed} />}
            <Text size="sm" tone="muted">
              {t("noteBy", { name: namesOf(note.authors), when: format.dateTime(note.writtenAt) })}
            </Text>
          </Stack>
        );
      }}
    </AskState>
  );
}

/** The ids of the notes that have been read, and how one more is told: nothing is printed before all are there. */
export function useReadNotes(): readonly [ReadonlySet<string>, (id: string) => void] {
  const [read, setRead] = useState<ReadonlySet<string>>(new Set());
  const [tell] = useState(() => (id: string) => setRead((known) => (known.has(id) ? known : new Set([...known, id]))));
  return [read, tell];
}

interface PrintedNotesProps extends Omit<PrintedNoteProps, "line"> {
  readonly lines: readonly NoteLine[];
}

export function PrintedNotes({ lines, part, onRead }: PrintedNotesProps) {
  const t = useText(summaryMessages);
  if (part === "none") return null;
  return (
    <Section title={t(part === "whole" ? "notes" : "plan")}>
      {lines.length === 0 && <Text tone="muted">{t("noPlan")}</Text>}
      {lines.map((line) => (
        <PrintedNote key={line.id} line={line} part={part} onRead={onRead} />
      ))}
    </Section>
  );
}
