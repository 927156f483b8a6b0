import type { NoteView, NoteVersionsView } from "../contract/index.ts";
import { type FhirResource, patientOfId } from "../fhir/index.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { isNoteSignature, type RecordFailure } from "../record/index.ts";
import { parseRecordId } from "../table/index.ts";
import { clinicianOf, userOf } from "./clinician.ts";
import { type EncounterDesk, searchAll } from "./desk.ts";
import { type KeptDraft, readDraft } from "./drafts.ts";
import { isSameText, type NoteBody, textsOf, withTexts } from "./note-body.ts";
import { lineOf, type Note, noteIn, noteOf } from "./note-resource.ts";
import { type BytesAt, inOrder, readSignature, type Signature, signatureView } from "./signature.ts";
import { actsOf } from "./standing.ts";

type Answer<T> = Promise<Result<T, RecordFailure>>;

/** A note as it stands, with what was signed of it. */
export interface NoteFile {
  readonly note: Note;
  readonly signatures: readonly Signature[];
}

/** The notes of these ids, each with its signatures: one search. */
async function readFiles(desk: EncounterDesk, ids: readonly string[]): Answer<readonly NoteFile[]> {
  if (ids.length === 0) return ok([]);
  const found = await searchAll(desk, "DocumentReference", `_id=${ids.join(",")}&_revinclude=Provenance:target`);
  if (!found.ok) return found;
  const signatures = inOrder(found.value.flatMap((each) => (isNoteSignature(each) ? (readSignature(each) ?? []) : [])));
  const files = found.value.flatMap((each) => fileOf(each, signatures) ?? []);
  return ok(ids.flatMap((id) => files.find(({ note }) => note.id === id) ?? []));
}

function fileOf(resource: FhirResource, signatures: readonly Signature[]): NoteFile | undefined {
  const note = noteIn(resource);
  return note && { note, signatures: signatures.filter(({ statement }) => statement.note === note.id) };
}

/** The note of an id; `not-found` for any other document. */
export async function readFile(desk: EncounterDesk, id: string): Answer<NoteFile> {
  if (parseRecordId(id) === undefined) return err({ kind: "not-found" });
  // An id that does not tell its patient leaves an event that does not either: here it is read by its own name first.
  const named = patientOfId(id) === undefined ? await desk.records.read(desk.grant, "DocumentReference", id) : ok(null);
  if (!named.ok) return named;
  const found = await readFiles(desk, [id]);
  if (!found.ok) return found;
  const [file] = found.value;
  return file ? ok(file) : err({ kind: "not-found" });
}

/** The caller's own draft where it holds more than the version does. Of a segmented note there is none: see the README. */
export async function ownDraft(desk: EncounterDesk, note: Note): Answer<KeptDraft | undefined> {
  const patientId = parseRecordId(note.patientId);
  const noteId = parseRecordId(note.id);
  if (patientId === undefined || noteId === undefined || note.labels.length > 0) return ok(undefined);
  return readDraft(desk.drafts, { patientId, noteId, userId: desk.me.userId });
}

/** Whether the draft's text is still to be taken in. */
export const isWaiting = ({ body }: Note, draft: KeptDraft, userId: string): boolean =>
  body !== undefined &&
  (body.taken[userId] ?? 0) < draft.draft &&
  !isSameText(draft, { sections: textsOf(body), attested: body.attested });

/** The whole note: text, signatures checked against what they were made over, addenda, the caller's draft and acts. */
export async function readNote(desk: EncounterDesk, id: string): Answer<NoteView> {
  const file = await readFile(desk, id);
  return file.ok ? viewOf(desk, file.value) : file;
}

export async function viewOf(desk: EncounterDesk, file: NoteFile): Answer<NoteView> {
  const addenda = await readFiles(desk, file.note.addenda);
  if (!addenda.ok) return addenda;
  const views: NoteView[] = [];
  for (const addendum of addenda.value) {
    const view = await oneView(desk, addendum, []);
    if (!view.ok) return view;
    views.push(view.value);
  }
  return oneView(desk, file, views);
}

const NOTHING: Pick<NoteBody, "template" | "sections" | "attested"> = {
  template: { id: "", name: "" },
  sections: [],
  attested: [],
};

async function oneView(desk: EncounterDesk, file: NoteFile, addenda: readonly NoteView[]): Answer<NoteView> {
  const { note, signatures } = file;
  const { me } = desk;
  const bytesAt = await bytesOfVersions(desk, file);
  const kept = await ownDraft(desk, note);
  if (!kept.ok) return kept;
  const isOpen = note.state === "draft" || note.state === "signed" || note.state === "reopened";
  const draft = kept.value && isOpen && isWaiting(note, kept.value, me.userId) ? kept.value : undefined;
  const { template, sections, attested } = note.body ?? NOTHING;
  return ok({
    ...lineOf(note, me),
    version: note.version,
    hash: note.hash,
    template,
    startedAt: note.startedAt,
    sections: sections.map(({ prompt, carried, ...section }) => ({
      ...section,
      ...(prompt !== undefined && { prompt }),
      ...(carried && { carried }),
    })),
    attested,
    asksAllergies: note.body !== undefined && note.body.asks.allergies !== "no",
    signatures: signatures.map((each) => signatureView(each, { hash: note.hash, me, bytesAt })),
    addenda,
    ...(note.appendsTo !== undefined && { appendsTo: note.appendsTo }),
    ...(draft && {
      draft: {
        draft: draft.draft,
        version: draft.version,
        savedAt: new Date(draft.savedAtMs).toISOString(),
        sections: draft.sections,
        attested: draft.attested,
      },
    }),
    drafts: kept.value?.draft ?? 0,
    may: actsOf(note, signatures, me, desk.isPermitted),
    signingAs: { user: me.userId, name: me.name },
  });
}

/**
 * The bytes that each signature was made over. Most cover the text as it stands; only where one does not, the past is
 * read. A past that cannot be had now is no reason to withhold the note: it says so.
 */
async function bytesOfVersions(desk: EncounterDesk, { note, signatures }: NoteFile): Promise<BytesAt> {
  const isEnough = signatures.every(({ statement }) => statement.sha256 === note.hash);
  // A label, or an addendum, makes a version without another text.
  if (isEnough) return () => note.bytes;
  const past = await desk.records.history(desk.grant, "DocumentReference", note.id);
  if (!past.ok) return (version) => (version === note.version ? note.bytes : "unavailable");
  const byVersion = new Map(past.value.versions.map((stored) => [stored.version, noteOf(stored)?.bytes]));
  const isCut = past.value.total > past.value.versions.length;
  return (version) => byVersion.get(version) ?? (isCut ? "unavailable" : undefined);
}

/** Every version of the note, the newest first, with what each said. */
export async function listVersions(desk: EncounterDesk, id: string): Answer<NoteVersionsView> {
  const found = await desk.records.history(desk.grant, "DocumentReference", id);
  if (!found.ok) return found;
  const notes = found.value.versions.flatMap((stored) => noteOf(stored) ?? []);
  if (notes.length === 0) return err({ kind: "not-found" });
  return ok({
    versions: notes.map((note, index) => ({
      version: note.version,
      at: note.changedAt,
      state: note.state,
      by: clinicianOf(authorOf(note, notes[index + 1]), desk.me),
      sections: note.body ? textsOf(note.body) : [],
    })),
  });
}

/** Who made a version: whose drafts it took in more of than the one before, or who began it. */
function authorOf(note: Note, before: Note | undefined): unknown {
  const wasTaken = before?.body?.taken ?? {};
  const [user] = Object.entries(note.body?.taken ?? {}).find(([who, count]) => count > (wasTaken[who] ?? 0)) ?? [];
  const named = note.authors.find((author) => user !== undefined && userOf(author) === user);
  return named ?? note.authors.at(before === undefined ? 0 : -1);
}

/** The body that the caller has before her: her draft where she has one that goes on from this version. */
export function bodyWith(note: Note, draft: KeptDraft | undefined, userId: string): NoteBody | undefined {
  if (note.body === undefined || draft === undefined || !isWaiting(note, draft, userId)) return note.body;
  const body = withTexts(note.body, draft);
  return body && { ...body, taken: { ...body.taken, [userId]: draft.draft } };
}
