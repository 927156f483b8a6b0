import type { AddendNote, DiscardNote, NoteLine, NoteTemplate, NoteView, StartNote } from "../contract/index.ts";
import { resourceOf } from "../record/index.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { userOf } from "./clinician.ts";
import { effectOf, type EncounterDesk, made, searchAll } from "./desk.ts";
import { broken, type EncounterFailure } from "./failure.ts";
import { bodyFrom, type NoteBody } from "./note-body.ts";
import { readFile, readNote, viewOf } from "./note-reading.ts";
import { discardedOf, idOf, lineOf, newNote, type Note, noteOf } from "./note-resource.ts";
import { fileFor } from "./signing.ts";
import { inOrder, readSignature } from "./signature.ts";
import { ADDENDUM } from "./templates.ts";
import { WRITTEN_IN } from "./visit-states.ts";
import { notesIn, stateOf } from "./visits.ts";

type Answer<T> = Promise<Result<T, EncounterFailure>>;

/** Begins a note of a visit. Its label is chosen here, by who may write there, and stays. */
export async function startNote(
  desk: EncounterDesk,
  asked: StartNote,
  templates: readonly NoteTemplate[],
): Answer<NoteView> {
  const template = templates.find(({ id }) => id === asked.template);
  if (template === undefined) return broken("template-unknown");
  const visit = await desk.records.read(desk.grant, "Encounter", asked.encounter);
  if (!visit.ok) return visit;
  const encounter = resourceOf(visit.value);
  const patientId = idOf(encounter["subject"], "Patient");
  if (patientId === undefined) return err({ kind: "not-found" });
  if (!WRITTEN_IN.has(stateOf(encounter))) return broken("visit-without-notes");
  const empty = bodyFrom(template);
  const body = asked.carryForward ? await carried(desk, empty, template, patientId) : ok(empty);
  if (!body.ok) return body;
  const resource = newNote({
    patientId,
    encounterId: asked.encounter,
    type: template.type,
    body: body.value,
    author: desk.me,
    nowMs: desk.clock.now(),
    ...(asked.label !== undefined && { label: asked.label }),
  });
  return create(desk, resource);
}

async function create(desk: EncounterDesk, resource: ReturnType<typeof newNote>): Answer<NoteView> {
  const options = { noteWrites: ["start"], ...effectOf(desk) } as const;
  const written = await desk.records.create(desk.grant, made(resource), options);
  return written.ok ? readNote(desk, written.value.version.id) : written;
}

/**
 * The texts of the patient's last signed note by this template, in the sections that carry, each marked with where it is
 * from. Segmented notes are carried nowhere.
 */
async function carried(
  desk: EncounterDesk,
  empty: NoteBody,
  template: NoteTemplate,
  patientId: string,
): Answer<NoteBody> {
  const found = await searchAll(desk, "DocumentReference", `patient=${patientId}&_revinclude=Provenance:target`);
  if (!found.ok) return found;
  const isSource = ({ state, labels, body, appendsTo }: Note): boolean =>
    (state === "signed" || state === "locked") &&
    labels.length === 0 &&
    appendsTo === undefined &&
    body?.template.id === template.id;
  const signatures = inOrder(found.value.flatMap((each) => readSignature(each) ?? []));
  const sources = notesIn(found.value)
    .filter(isSource)
    .flatMap((note) => {
      const signed = signatures.findLast(
        ({ statement: { note: own, sha256, kind } }) => own === note.id && sha256 === note.hash && kind !== "unlock",
      );
      return signed ? [{ note, signed: signed.statement }] : [];
    })
    .toSorted((left, right) => (left.signed.at < right.signed.at ? 1 : -1));
  const [source] = sources;
  if (source === undefined) return ok(empty);
  const { note, signed } = source;
  const from = { note: note.id, version: note.version, at: signed.at, by: signed.name, isConfirmed: false };
  const carrying = new Set(template.sections.filter(({ isCarried }) => isCarried).map(({ key }) => key));
  return ok({
    ...empty,
    sections: empty.sections.map((section) => {
      const earlier = note.body?.sections.find(({ key }) => key === section.key)?.text ?? "";
      return carrying.has(section.key) && earlier.trim() !== ""
        ? { ...section, text: earlier, carried: from }
        : section;
    }),
  });
}

/** Begins an addendum: a note of its own, which appends to the locked one and is signed by who writes it. */
export async function addendNote(desk: EncounterDesk, id: string, { version }: AddendNote): Answer<NoteView> {
  const known = await readFile(desk, id);
  if (!known.ok) return known;
  const file = fileFor(desk, known.value, version, "addend");
  if (!file.ok) return file;
  const { note } = file.value;
  if (note.encounterId === undefined) return broken("visit-without-notes");
  const resource = newNote({
    patientId: note.patientId,
    encounterId: note.encounterId,
    type: ADDENDUM.type,
    body: bodyFrom(ADDENDUM),
    author: desk.me,
    nowMs: desk.clock.now(),
    appendsTo: id,
  });
  return create(desk, { ...resource, type: note.resource["type"] });
}

/** A note that was never signed: it says that it was entered in error, and stays. */
export async function discardNote(desk: EncounterDesk, id: string, { version }: DiscardNote): Answer<NoteView> {
  const known = await readFile(desk, id);
  if (!known.ok) return known;
  const isDone = known.value.note.state === "entered-in-error" && known.value.note.version === version + 1;
  if (isDone) return viewOf(desk, known.value);
  const file = fileFor(desk, known.value, version, "discard");
  if (!file.ok) return file;
  const options = { ifMatch: version, noteWrites: ["discard"], ...effectOf(desk) } as const;
  const written = await desk.records.update(desk.grant, made(discardedOf(file.value.note)), options);
  return written.ok ? readNote(desk, id) : written;
}

/** Notes that wait for the caller's signature: those that she has begun or written in, the oldest first. */
export async function listUnsigned(desk: Pick<EncounterDesk, "records" | "grant" | "me">): Answer<readonly NoteLine[]> {
  const found = await desk.records.searchByToken(desk.grant, "DocumentReference", "docstatus", ["preliminary"]);
  if (!found.ok) return found;
  const mine = found.value
    .flatMap((stored) => noteOf(stored) ?? [])
    .filter(
      ({ authors, state }) => state !== "entered-in-error" && authors.some((each) => userOf(each) === desk.me.userId),
    );
  return ok(
    mine.toSorted((left, right) => (left.startedAt < right.startedAt ? -1 : 1)).map((note) => lineOf(note, desk.me)),
  );
}
