import { createHash } from "node:crypto";
import type { ChangeVisit, OpenVisit, VisitState, VisitsView, VisitView } from "../contract/index.ts";
import { VISIT_STATES } from "../contract/index.ts";
import { type FhirResource, isJsonObject, type JsonObject } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { encodeId, isId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { resourceOf } from "../record/index.ts";
import { clinicianOf, referenceTo, userOf } from "./clinician.ts";
import { effectOf, type EncounterDesk, made, searchAll } from "./desk.ts";
import { broken, type EncounterFailure } from "./failure.ts";
import { idOf, lineOf, type Note, noteIn, textOf } from "./note-resource.ts";
import { VISIT_CHANGES } from "./visit-states.ts";

type Answer<T> = Promise<Result<T, EncounterFailure>>;

const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);
const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
/** FHIR R4 valueset-appointmentstatus: those from which nobody is seen. */
const NOT_SEEN: ReadonlySet<unknown> = new Set(["cancelled", "noshow", "entered-in-error"]);

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

/**
 * Opens the visit: that of the appointment, where there is one already, and else a new one. An appointment has one visit,
 * because the visit's id comes from it: two who open it at once open the same.
 */
export async function startVisit(desk: EncounterDesk, asked: OpenVisit): Answer<VisitView> {
  const { appointment, patient } = asked;
  if (appointment === undefined) return createVisit(desk, asked);
  const booked = await desk.records.read(desk.grant, "Appointment", appointment);
  if (!booked.ok) return booked;
  const slot = resourceOf(booked.value);
  const isHers = listOf(slot["participant"]).some(({ actor }) => idOf(actor, "Patient") === patient);
  if (!isHers || NOT_SEEN.has(slot["status"])) return broken("visit-appointment");
  const known = await searchAll(desk, "Encounter", `patient=${patient}&appointment=Appointment/${appointment}`);
  if (!known.ok) return known;
  const [encounter] = known.value.filter((each) => stateOf(each) !== "entered-in-error");
  return encounter ? openVisit(desk, encounter) : createVisit(desk, asked);
}

const visitIdOf = (patientId: string, appointmentId: string): string => {
  const own = encodeId(createHash("sha256").update(`visit\n${appointmentId}`).digest().subarray(0, 16));
  return isId(patientId) ? `${patientId}.${own}` : `v-${own}`;
};

async function createVisit(desk: EncounterDesk, asked: OpenVisit): Answer<VisitView> {
  const { patient, appointment, reason } = asked;
  const now = toInstant(desk.clock.now());
  const resource: JsonObject = {
    resourceType: "Encounter",
    status: "in-progress",
    class: { system: ACT_CODE, code: asked.class },
    subject: { reference: `Patient/${patient}` },
    participant: [participantOf(desk, now)],
    ...(appointment !== undefined && { appointment: [{ reference: `Appointment/${appointment}` }] }),
    period: { start: now },
    ...(reason !== undefined && { reasonCode: [{ text: reason }] }),
  };
  const id = appointment === undefined ? undefined : visitIdOf(patient, appointment);
  const named = id === undefined ? resource : { ...resource, id };
  const options = { ...effectOf(desk), ...(id !== undefined && { id }) };
  const written = await desk.records.create(desk.grant, made(named), options);
  if (written.ok) return ok(visitView(resourceOf(written.value.version), [], desk));
  const isThere = written.error.kind === "conflict" && written.error.reason === "exists";
  return isThere && id !== undefined ? readVisit(desk, id) : written;
}

const participantOf = ({ me }: EncounterDesk, start: string): JsonObject => ({
  type: [{ coding: [{ system: PARTICIPATION, code: "PPRF", display: "primary performer" }] }],
  period: { start },
  individual: referenceTo(me),
});

/** Whoever opens a visit that waits takes part in it from now on. */
async function openVisit(desk: EncounterDesk, encounter: FhirResource): Answer<VisitView> {
  const state = stateOf(encounter);
  if (state !== "in-progress" && !VISIT_CHANGES[state].includes("in-progress")) {
    return state === "finished" ? readVisit(desk, encounter.id ?? "") : broken("visit-change");
  }
  const now = toInstant(desk.clock.now());
  const participants = listOf(encounter["participant"]);
  const isIn = participants.some(({ individual }) => userOf(individual) === desk.me.userId);
  if (isIn && state === "in-progress") return readVisit(desk, encounter.id ?? "");
  const period = objectOf(encounter["period"]);
  return replaceVisit(desk, encounter, {
    ...encounter,
    status: "in-progress",
    participant: isIn ? participants : [...participants, participantOf(desk, now)],
    period: { ...period, ...(state !== "in-progress" && { start: now }) },
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
