import type { NoteSavedView, SaveDraft, SaveNote } from "../contract/index.ts";
import { patientOfId } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { parseRecordId } from "../table/index.ts";
import { clinicianOf, type Signer } from "./clinician.ts";
import { effectOf, type EncounterDesk, made } from "./desk.ts";
import { type DraftPlace, isNoteAt, keepDraft, type KeptDraft, readDraft, tellConflict } from "./drafts.ts";
import { broken, type EncounterFailure } from "./failure.ts";
import { isSameText, textsOf, withTexts } from "./note-body.ts";
import { bodyWith, isWaiting, ownDraft, readFile } from "./note-reading.ts";
import { type Note, noteOf, withBody } from "./note-resource.ts";
import { actsOf } from "./standing.ts";

type Answer<T> = Promise<Result<T, EncounterFailure>>;

/**
 * Keeps what the author has written so far. A saving that goes on from the one before it, over a note that stands where
 * it stood, opens nothing but the draft's own row; any other reads the note and asks whether she may.
 */
export async function saveDraft(desk: EncounterDesk, id: string, asked: SaveDraft): Answer<NoteSavedView> {
  const quick = await keepOn(desk, id, asked);
  if (quick !== undefined) return quick;
  const stored = await desk.records.read(desk.grant, "DocumentReference", id);
  if (!stored.ok) return stored;
  const note = noteOf(stored.value);
  if (note?.body === undefined) return err({ kind: "not-found" });
  if (!actsOf(note, [], desk.me, desk.isPermitted).includes("write")) return broken("note-act");
  const body = withTexts(note.body, asked);
  if (body === undefined) return broken("note-section");
  if (note.labels.length > 0) return saveSegmented(desk, note, asked);
  const place = placeOf(desk, note.id, note.patientId);
  if (place === undefined) return err({ kind: "not-found" });
  const kept = await ownDraft(desk, note);
  if (!kept.ok) return kept;
  const mine = kept.value;
  if (note.version !== asked.version) return differing(desk, note, mine);
  if ((mine?.draft ?? 0) === asked.draft) return keep(desk, place, asked);
  // An answer that was lost on its way: what was sent is what stands there.
  if (mine && mine.version === asked.version && isSameText(mine, asked)) return ok(savedOf(mine));
  return differing(desk, note, mine);
}

/** The common saving: the next of a row, by whoever began it. Undefined where more has to be looked at. */
async function keepOn(
  desk: EncounterDesk,
  id: string,
  asked: SaveDraft,
): Promise<Result<NoteSavedView, EncounterFailure> | undefined> {
  const place = placeOf(desk, id, patientOfId(id));
  if (place === undefined || asked.draft === 0) return undefined;
  const kept = await readDraft(desk.drafts, place);
  if (!kept.ok) return kept;
  const { value: mine } = kept;
  if (mine?.draft !== asked.draft || mine.version !== asked.version) return undefined;
  const known = new Set(mine.sections.map(({ key }) => key));
  if (asked.sections.some(({ key }) => !known.has(key))) return undefined;
  const isStill = await isNoteAt(desk.drafts, place, asked.version);
  if (!isStill.ok) return isStill;
  return isStill.value ? keep(desk, place, asked) : undefined;
}

function placeOf({ me }: EncounterDesk, id: string, patient: string | undefined): DraftPlace | undefined {
  const [noteId, patientId] = [parseRecordId(id), parseRecordId(patient)];
  return noteId && patientId && { noteId, patientId, userId: me.userId };
}

async function keep(desk: EncounterDesk, place: DraftPlace, asked: SaveDraft): Answer<NoteSavedView> {
  const { version, sections, attested } = asked;
  const draft = { version, sections, attested, savedAtMs: desk.clock.now() };
  const kept = await keepDraft(desk.drafts, place, draft, asked.draft);
  if (kept.ok) return ok(savedOf(kept.value));
  if (kept.error.kind !== "conflict") return kept;
  // Another window was faster by a moment.
  const now = await readDraft(desk.drafts, place);
  if (!now.ok) return now;
  return now.value ? conflictOf(desk, place, now.value) : kept;
}

const savedOf = ({ version, draft, savedAtMs }: KeptDraft): NoteSavedView => ({
  state: "saved",
  version,
  draft,
  savedAt: toInstant(savedAtMs),
});

async function conflictOf(desk: EncounterDesk, place: DraftPlace, mine: KeptDraft): Answer<NoteSavedView> {
  const told = await tellConflict(desk.drafts, place);
  return told.ok ? ok(ownTheirs(mine, desk.me)) : told;
}

const ownTheirs = ({ version, draft, savedAtMs, sections, attested }: KeptDraft, me: Signer): NoteSavedView => ({
  state: "conflict",
  theirs: {
    version,
    draft,
    savedAt: toInstant(savedAtMs),
    by: { user: me.userId, name: me.name, isMe: true },
    sections,
    attested,
  },
});

/** What stands there: her own newer draft of this version, or else the version. */
async function differing(desk: EncounterDesk, note: Note, mine: KeptDraft | undefined): Answer<NoteSavedView> {
  const place = placeOf(desk, note.id, note.patientId);
  if (mine?.version === note.version && place && isWaiting(note, mine, desk.me.userId))
    return conflictOf(desk, place, mine);
  return ok({
    state: "conflict",
    theirs: {
      version: note.version,
      draft: mine?.draft ?? 0,
      savedAt: note.changedAt,
      by: clinicianOf(note.authors.at(-1), desk.me),
      sections: note.body ? textsOf(note.body) : [],
      attested: note.body?.attested ?? [],
    },
  });
}

/** A segmented note has no draft beside it: each saving is a version, under the consent that it is written under. */
async function saveSegmented(desk: EncounterDesk, note: Note, asked: SaveDraft): Answer<NoteSavedView> {
  if (note.version !== asked.version) return differing(desk, note, undefined);
  const body = note.body && withTexts(note.body, asked);
  if (body === undefined) return broken("note-section");
  const at = { state: "saved", version: note.version, draft: 0, savedAt: note.changedAt } as const;
  return isSameText(
    { sections: textsOf(body), attested: body.attested },
    { sections: note.body ? textsOf(note.body) : [], attested: note.body?.attested ?? [] },
  )
    ? ok(at)
    : makeVersion(desk, note, body, 0);
}

async function makeVersion(
  desk: EncounterDesk,
  note: Note,
  body: NonNullable<Note["body"]>,
  draft: number,
): Answer<NoteSavedView> {
  const nowMs = desk.clock.now();
  const next = made(withBody(note, body, desk.me, nowMs));
  const options = { ifMatch: note.version, noteWrites: ["write"], ...effectOf(desk) } as const;
  const written = await desk.records.update(desk.grant, next, options);
  if (!written.ok) return written;
  return ok({ state: "saved", version: written.value.version.version, draft, savedAt: toInstant(nowMs) });
}

/** Makes a version of the author's draft: for others to go on with, and at a pause. Without one nothing is written. */
export async function saveNote(desk: EncounterDesk, id: string, asked: SaveNote): Answer<NoteSavedView> {
  const file = await readFile(desk, id);
  if (!file.ok) return file;
  const { note, signatures } = file.value;
  if (!actsOf(note, signatures, desk.me, desk.isPermitted).includes("write")) return broken("note-act");
  const isDone = note.version === asked.version + 1 && note.body?.taken[desk.me.userId] === asked.draft;
  if (isDone) return ok({ state: "saved", version: note.version, draft: asked.draft, savedAt: note.changedAt });
  const taken = await takeDraft(desk, note, asked);
  if (!taken.ok) return taken;
  const { body, draft, isNew, conflict } = taken.value;
  if (conflict) return differing(desk, note, draft);
  const count = draft?.draft ?? 0;
  if (!isNew) return ok({ state: "saved", version: note.version, draft: count, savedAt: note.changedAt });
  return makeVersion(desk, note, body, count);
}

/** The text that the caller means, where the server holds what she has before her. */
export async function takeDraft(
  desk: EncounterDesk,
  note: Note,
  asked: { readonly version: number; readonly draft: number },
): Answer<{
  readonly body: NonNullable<Note["body"]>;
  readonly draft?: KeptDraft;
  readonly isNew: boolean;
  readonly conflict: boolean;
}> {
  const kept = await ownDraft(desk, note);
  if (!kept.ok) return kept;
  const mine = kept.value;
  const waiting = mine && isWaiting(note, mine, desk.me.userId) ? mine : undefined;
  const body = bodyWith(note, waiting, desk.me.userId);
  if (body === undefined) return broken("note-section");
  const conflict =
    note.version !== asked.version ||
    (waiting !== undefined && (waiting.draft !== asked.draft || waiting.version !== note.version));
  return ok({ body, isNew: waiting !== undefined, conflict, ...(mine && { draft: mine }) });
}
