import type { ChangeVisit, VisitState, VisitsView, VisitView } from "../contract/index.ts";
import { VISIT_STATES } from "../contract/index.ts";
import { type FhirResource, isJsonObject, type JsonObject } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { resourceOf } from "../record/index.ts";
import { clinicianOf } from "./clinician.ts";
import { effectOf, type EncounterDesk, made, searchAll } from "./desk.ts";
import { broken, type EncounterFailure } from "./failure.ts";
import { idOf, lineOf, type Note, noteIn, textOf } from "./note-resource.ts";
import { VISIT_CHANGES } from "./visit-states.ts";

type Answer<T> = Promise<Result<T, EncounterFailure>>;

export const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);
export const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

/** R4 has states that we do not make (triaged, onleave): of another system, they are visits that go on. */
export const stateOf = ({ status }: FhirResource): VisitState =>
  VISIT_STATES.find((known) => known === status) ?? "in-progress";

/** The visit as the caller sees it, with the notes that were written at it. */
export function visitView(encounter: FhirResource, notes: readonly Note[], { me }: EncounterDesk): VisitView {
  const { id = "", meta } = encounter;
  const period = objectOf(encounter["period"]);
  const appointment = listOf(encounter["appointment"]).map((each) => idOf(each, "Appointment"))[0];
  const reason = textOf(listOf(encounter["reasonCode"])[0]?.["text"]);
  const state = stateOf(encounter);
  return {
    id,
    version: Number(meta?.["versionId"]),
    patient: idOf(encounter["subject"], "Patient") ?? "",
    state,
    class: textOf(objectOf(encounter["class"])["code"]),
    ...(textOf(period["start"]) !== "" && { startedAt: textOf(period["start"]) }),
    ...(textOf(period["end"]) !== "" && { endedAt: textOf(period["end"]) }),
    ...(reason !== "" && { reason }),
    ...(appointment !== undefined && { appointment }),
    participants: listOf(encounter["participant"]).map(({ individual }) => clinicianOf(individual, me)),
    may: VISIT_CHANGES[state],
    notes: notes.filter(({ encounterId }) => encounterId === id).map((note) => lineOf(note, me)),
  };
}

export const notesIn = (resources: readonly FhirResource[]): readonly Note[] =>
  resources.flatMap((resource) => noteIn(resource) ?? []);

export async function readVisit(desk: EncounterDesk, id: string): Answer<VisitView> {
  const found = await desk.records.read(desk.grant, "Encounter", id);
  if (!found.ok) return found;
  const encounter = resourceOf(found.value);
  const patientId = idOf(encounter["subject"], "Patient") ?? "";
  const notes = await searchAll(desk, "DocumentReference", `patient=${patientId}&encounter=Encounter/${id}`);
  return notes.ok ? ok(visitView(encounter, notesIn(notes.value), desk)) : notes;
}

/** A patient's visits, the latest first, and her notes of no visit. */
export async function listVisits(desk: EncounterDesk, patientId: string): Answer<VisitsView> {
  const encounters = await searchAll(desk, "Encounter", `patient=${patientId}&_sort=-date`);
  if (!encounters.ok) return encounters;
  const documents = await searchAll(desk, "DocumentReference", `patient=${patientId}`);
  if (!documents.ok) return documents;
  const notes = notesIn(documents.value);
  const known = new Set(encounters.value.map(({ id }) => id));
  return ok({
    visits: encounters.value.map((encounter) => visitView(encounter, notes, desk)),
    loose: notes.filter(({ encounterId }) => !known.has(encounterId)).map((note) => lineOf(note, desk.me)),
  });
}

/** Takes a visit to another state, as the table permits it and over the version that the caller has before her. */
export async function changeVisit(desk: EncounterDesk, id: string, { to, version }: ChangeVisit): Answer<VisitView> {
  const found = await desk.records.read(desk.grant, "Encounter", id);
  if (!found.ok) return found;
  const encounter = resourceOf(found.value);
  // An answer that was lost on its way: what was asked for is so.
  if (found.value.version === version + 1 && stateOf(encounter) === to) return readVisit(desk, id);
  if (found.value.version !== version) return err({ kind: "conflict", reason: "version" });
  if (!VISIT_CHANGES[stateOf(encounter)].includes(to)) return broken("visit-change");
  const now = toInstant(desk.clock.now());
  const period = objectOf(encounter["period"]);
  const ends = to === "finished" || to === "cancelled";
  const begins = to === "in-progress" && period["start"] === undefined;
  const next = { ...period, ...(begins && { start: now }), ...(ends && { end: endOf(period, now) }) };
  return replaceVisit(desk, encounter, {
    ...encounter,
    status: to,
    ...(Object.keys(next).length > 0 && { period: next }),
  });
}

/** FHIR R4 per-1: a period does not end before it begins, such as a visit of tomorrow that is cancelled today. */
const endOf = ({ start }: JsonObject, now: string): string =>
  typeof start === "string" && Date.parse(start) > Date.parse(now) ? start : now;

async function replaceVisit(desk: EncounterDesk, before: FhirResource, next: JsonObject): Answer<VisitView> {
  const ifMatch = Number(before.meta?.["versionId"]);
  const written = await desk.records.update(desk.grant, made(next), { ifMatch, ...effectOf(desk) });
  if (!written.ok) return written;
  return readVisit(desk, written.value.version.id);
}
