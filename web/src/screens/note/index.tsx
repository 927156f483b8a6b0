import { type ReactNode, useState } from "react";
import type { NoteView } from "../../../../core/contract/index.ts";
import type { ProblemKind } from "../../api/client.ts";
import { useAsk } from "../../api/hooks.ts";
import { usePathValue } from "../../app/navigation.ts";
import { useSession } from "../../app/session.tsx";
import { AskState, Badge, Link, Page, PrintHeader, Row, Stack, Text, Toolbar } from "../../ui/index.ts";
import { Acts } from "./acts.tsx";
import { Allergies } from "./allergies.tsx";
import { Editor } from "./editor.tsx";
import { idIn, noteTarget } from "./note-address.ts";
import { type NotePatient, useNotePatient } from "./patient-lines.ts";
import { Reader } from "./reader.tsx";
import { lookOf, namesOf, useWords } from "./words.ts";

/** Problems that pass, or that a sign-in ends: what somebody writes in stays under her hands meanwhile. */
const PASSING: ReadonlySet<ProblemKind> = new Set([
  "offline",
  "unavailable",
  "throttled",
  "signed-out",
  "session-changed",
  "step-up",
  "exception",
]);

/** The answer, or the last one of this note while there is none for a while: an editor that is taken away loses its text. */
function useNote(id: string) {
  // What somebody writes in is not asked for again under her hands: savings and conflicts have answers of their own.
  const query = useAsk("readNote", { path: { id } }, { freshMs: Number.POSITIVE_INFINITY });
  const [last, setLast] = useState<NoteView | undefined>(undefined);
  const { data, error } = query;
  if (data && data !== last) setLast(data);
  const isPassing = error === null || PASSING.has(error.kind);
  if (last?.id !== id || !isPassing) return query;
  return { ...query, data: data ?? last, error: null };
}

/** A note: written while it is open to whoever looks, and read otherwise. */
export default function NoteScreen() {
  const { t } = useWords();
  const query = useNote(idIn(usePathValue("note")));
  return (
    <Page title={t("title")}>
      <AskState query={query} label={t("title")}>
        {(note) => <Note key={`${note.id} ${note.state}`} note={note} />}
      </AskState>
    </Page>
  );
}

const isWritten = ({ state, may }: NoteView): boolean =>
  (state === "draft" || state === "reopened") && may.includes("write");

function Note({ note }: { readonly note: NoteView }) {
  const { t } = useWords();
  const { user, tenant } = useSession();
  const [isEditing, setIsEditing] = useState(isWritten(note));
  const patient = useNotePatient(note.patient);
  const { text } = lookOf(note, t);
  return (
    <Stack gap="lg">
      <PrintHeader
        title={`${note.type}: ${note.signatures.length === 0 ? t("notSignedPrint") : text}`}
        lines={patient.lines}
        clinic={tenant.name}
        printedBy={user.name}
      />
      <NoteHead note={note} whose={patient}>
        <Acts note={note} isEditing={isEditing} onEdit={() => setIsEditing(true)} />
      </NoteHead>
      {isEditing && note.may.includes("write") ? <Editor note={note} /> : <Reader note={note} />}
    </Stack>
  );
}

interface NoteHeadProps {
  readonly note: NoteView;
  readonly whose: NotePatient;
  readonly children: ReactNode;
}

/** Whose note it is, in which state, and what can be done with it: for the screen, where paper has its own head. */
function NoteHead({ note, whose, children }: NoteHeadProps) {
  const { t } = useWords();
  const { text, tone, icon } = lookOf(note, t);
  return (
    <Toolbar label={t("title")}>
      <Stack gap="sm">
        <Row>
          <Text as="strong" isStrong>
            {note.isAddendum ? t("addendum") : note.type}
          </Text>
          <Badge text={text} tone={tone} icon={icon} />
          {note.labels.length > 0 && <Badge text={t("segmented")} tone="restricted" />}
        </Row>
        <Text>{whose.lines.join(" · ")}</Text>
        <Row>
          <Allergies {...whose} />
        </Row>
        <Text size="sm" tone="muted">
          {t("by", { names: namesOf(note.authors) })}
        </Text>
        {note.state === "locked" && <Text>{t("lockedText")}</Text>}
        <Row>{children}</Row>
        <Row>
          <Link to="/app/patients/$patient" params={{ patient: note.patient }}>
            {t("toChart")}
          </Link>
          {note.appendsTo !== undefined && <Link {...noteTarget(note.appendsTo)}>{t("appendsTo")}</Link>}
        </Row>
      </Stack>
    </Toolbar>
  );
}
