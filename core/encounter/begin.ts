import { createHash } from "node:crypto";
import type { OpenVisit, VisitState, VisitView } from "../contract/index.ts";
import { type FhirResource, type JsonObject, readBundle } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { encodeId, isId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { resourceOf } from "../record/index.ts";
import {
  begun,
  type Clinic,
  clinicDay,
  planStep,
  type PlannedStep,
  type ScheduleDesk,
  type ScheduleFailure,
  type Visit,
  visitOf,
} from "../schedule/index.ts";
import { referenceTo, userOf } from "./clinician.ts";
import { effectOf, type EncounterDesk, made, searchAll } from "./desk.ts";
import { broken, type EncounterFailure } from "./failure.ts";
import { idOf } from "./note-resource.ts";
import { VISIT_CHANGES } from "./visit-states.ts";
import { listOf, objectOf, readVisit, stateOf, visitView } from "./visits.ts";

/**
 * How a visit begins: from the board or from the chart, and it is the same visit. An appointment has one, because its id
 * comes from the appointment's; visit and appointment are written in one transaction, so that neither says what the other
 * does not.
 */

type Answer<T> = Promise<Result<T, EncounterFailure | ScheduleFailure>>;

const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
/** FHIR R4 valueset-appointmentstatus: those from which nobody is seen. */
const NOT_SEEN: ReadonlySet<unknown> = new Set(["cancelled", "noshow", "entered-in-error"]);
/** Stages from which somebody who is here goes into the visit. */
const WAITING: ReadonlySet<Visit["stage"]> = new Set(["booked", "arrived", "roomed"]);
/** So often somebody else may be faster: two who open one visit both come in. */
const TRIES = 4;

/** One of a transaction's entries. */
type Entry = JsonObject;

const putting = (resource: FhirResource | JsonObject, version: number | undefined): Entry => {
  const { resourceType, id } = resource as FhirResource;
  const condition = version === undefined ? { ifNoneMatch: "*" } : { ifMatch: `W/"${String(version)}"` };
  return { resource, request: { method: "PUT", url: `${resourceType}/${id ?? ""}`, ...condition } };
};

/** Writes all of the entries or none. */
async function commit(desk: EncounterDesk, entry: readonly Entry[]): Answer<void> {
  const bundle = readBundle({ resourceType: "Bundle", type: "transaction", entry });
  invariant(bundle.ok, "a transaction that is made here can be read");
  const done = await desk.records.transaction(desk.grant, bundle.value, effectOf(desk));
  return done.ok ? ok(undefined) : done;
}

const participantOf = ({ me }: EncounterDesk, start: string): JsonObject => ({
  type: [{ coding: [{ system: PARTICIPATION, code: "PPRF", display: "primary performer" }] }],
  period: { start },
  individual: referenceTo(me),
});

/** The visit of whoever is here now. */
function newVisit(desk: EncounterDesk, asked: OpenVisit): JsonObject {
  const { patient, appointment, reason } = asked;
  const now = toInstant(desk.clock.now());
  return {
    resourceType: "Encounter",
    status: "in-progress",
    class: { system: ACT_CODE, code: asked.class },
    subject: { reference: `Patient/${patient}` },
    participant: [participantOf(desk, now)],
    ...(appointment !== undefined && { appointment: [{ reference: `Appointment/${appointment}` }] }),
    period: { start: now },
    ...(reason !== undefined && { reasonCode: [{ text: reason }] }),
  };
}

/** @param takenBack How many visits of this appointment were begun and never were: each has an id of its own. */
function visitIdOf(patientId: string, appointmentId: string, takenBack: number): string {
  const named = `visit\n${appointmentId}${takenBack === 0 ? "" : `\n${String(takenBack)}`}`;
  const own = encodeId(createHash("sha256").update(named).digest().subarray(0, 16));
  return isId(patientId) ? `${patientId}.${own}` : `v-${own}`;
}

interface Known {
  /** The appointment's visit, where there is one that counts. */
  readonly visit?: FhirResource;
  readonly takenBack: number;
}

/** The visits of an appointment. */
async function knownOf(desk: EncounterDesk, patient: string, appointment: string): Answer<Known> {
  const found = await searchAll(desk, "Encounter", `patient=${patient}&appointment=Appointment/${appointment}`);
  if (!found.ok) return found;
  const [visit] = found.value.filter((each) => stateOf(each) !== "entered-in-error");
  const takenBack = found.value.filter((each) => stateOf(each) === "entered-in-error").length;
  return ok({ ...(visit && { visit }), takenBack });
}

const versionOf = ({ meta }: FhirResource): number => Number(meta?.["versionId"]);
const mayBegin = (state: VisitState): boolean =>
  state === "in-progress" || VISIT_CHANGES[state].includes("in-progress");

/** What makes the visit one that goes on and in which the caller takes part; nothing where it is that already. */
function visitEntry(desk: EncounterDesk, asked: OpenVisit, { visit, takenBack }: Known): Entry | undefined {
  if (visit === undefined) {
    const id = visitIdOf(asked.patient, asked.appointment ?? "", takenBack);
    return putting(made({ ...newVisit(desk, asked), id }), undefined);
  }
  const state = stateOf(visit);
  const participants = listOf(visit["participant"]);
  const isIn = participants.some(({ individual }) => userOf(individual) === desk.me.userId);
  if (isIn && state === "in-progress") return undefined;
  const now = toInstant(desk.clock.now());
  const period = objectOf(visit["period"]);
  const next = {
    ...visit,
    status: "in-progress",
    participant: isIn ? participants : [...participants, participantOf(desk, now)],
    period: { ...period, ...(state !== "in-progress" && { start: now }) },
  };
  return putting(made(next), versionOf(visit));
}

/** Somebody else wrote visit or appointment first. */
const isRace = (failure: EncounterFailure | ScheduleFailure): boolean =>
  failure.kind === "conflict" && (failure.reason === "exists" || failure.reason === "version");

/**
 * Begins a visit, or comes into the one that has begun. By an appointment, the board shows it as begun from then on;
 * without one it is that of somebody who walked in.
 * @param clinic On whose day it is: an appointment of another day keeps its place on that day's board.
 */
export async function startVisit(
  desk: EncounterDesk,
  asked: OpenVisit,
  clinic: Pick<Clinic, "timeZone">,
): Answer<VisitView> {
  const { appointment } = asked;
  if (appointment !== undefined) return comeIn(desk, { ...asked, appointment }, clinic, TRIES);
  const written = await desk.records.create(desk.grant, made(newVisit(desk, asked)), effectOf(desk));
  return written.ok ? ok(visitView(resourceOf(written.value.version), [], desk)) : written;
}

async function comeIn(
  desk: EncounterDesk,
  asked: OpenVisit & { readonly appointment: string },
  clinic: Pick<Clinic, "timeZone">,
  tries: number,
): Answer<VisitView> {
  const { appointment, patient } = asked;
  const booked = await desk.records.read(desk.grant, "Appointment", appointment);
  if (!booked.ok) return booked;
  const slot = resourceOf(booked.value);
  const isHers = listOf(slot["participant"]).some(({ actor }) => idOf(actor, "Patient") === patient);
  if (!isHers || NOT_SEEN.has(slot["status"])) return broken("visit-appointment");
  const known = await knownOf(desk, patient, appointment);
  if (!known.ok) return known;
  const { visit } = known.value;
  if (visit && stateOf(visit) === "finished") return readVisit(desk, visit.id ?? "");
  if (visit && !mayBegin(stateOf(visit))) return broken("visit-change");
  const entry = visitEntry(desk, asked, known.value);
  const shown = visitOf(slot, booked.value.version);
  const nowMs = desk.clock.now();
  const isDue =
    shown !== undefined &&
    WAITING.has(shown.stage) &&
    clinicDay(clinic.timeZone, shown.startMs) === clinicDay(clinic.timeZone, nowMs);
  const entries = [
    ...(entry ? [entry] : []),
    ...(isDue ? [putting(begun(slot, shown, nowMs), booked.value.version)] : []),
  ];
  if (entries.length > 0) {
    const done = await commit(desk, entries);
    if (!done.ok && isRace(done.error) && tries > 1) return comeIn(desk, asked, clinic, tries - 1);
    if (!done.ok) return done;
  }
  return readVisit(desk, visit?.id ?? visitIdOf(patient, appointment, known.value.takenBack));
}

/** The appointment as a step left it. */
async function boardOf({ records, grant }: EncounterDesk, id: string): Answer<Visit> {
  const read = await records.read(grant, "Appointment", id);
  if (!read.ok) return read;
  const visit = visitOf(resourceOf(read.value), read.value.version);
  return visit === undefined ? err({ kind: "not-found" }) : ok(visit);
}

/** Whether this very request was done before: it is answered by what is there, and judged by nothing else. */
async function isRepeat({ records, grant, effect }: EncounterDesk): Answer<boolean> {
  if (effect === undefined) return ok(false);
  const before = await records.replayed(grant, effect);
  return before.ok ? ok(before.value !== undefined) : before;
}

async function written(desk: EncounterDesk, id: string, entries: readonly Entry[]): Answer<Visit> {
  const done = await commit(desk, entries);
  // Whoever stood before the board saw another version: which of the two was written over says nothing to her.
  if (!done.ok && isRace(done.error)) return err({ kind: "conflict", reason: "version" });
  return done.ok ? boardOf(desk, id) : done;
}

const appointmentEntry = ({ appointment, version }: PlannedStep): Entry => putting(appointment, version);

/** A step of the board's, and what is known of the visit that belongs to it. */
interface Stepped {
  readonly planned: PlannedStep;
  readonly known: Known;
}

/** Does a step of the board with what `entriesOf` makes of the visit, once: asked again, it is answered by what is there. */
async function stepWithVisit(
  desk: EncounterDesk,
  schedule: ScheduleDesk,
  asked: readonly [id: string, ifMatch: number, step: "start" | "undo"],
  entriesOf: (stepped: Stepped) => Answer<readonly Entry[]>,
): Answer<Visit> {
  const [id] = asked;
  const repeat = await isRepeat(desk);
  if (!repeat.ok) return repeat;
  if (repeat.value) return boardOf(desk, id);
  const planned = await planStep(schedule, ...asked);
  if (!planned.ok) return planned;
  const known = await knownOf(desk, planned.value.visit.patientId, id);
  if (!known.ok) return known;
  const entries = await entriesOf({ planned: planned.value, known: known.value });
  if (!entries.ok) return entries;
  return written(desk, id, [...entries.value, appointmentEntry(planned.value)]);
}

/** Takes an appointment of the board into the visit, and begins that. */
export const startAppointment = (
  desk: EncounterDesk,
  schedule: ScheduleDesk,
  id: string,
  ifMatch: number,
): Answer<Visit> =>
  stepWithVisit(desk, schedule, [id, ifMatch, "start"], async ({ planned, known }) => {
    const { visit } = known;
    // Written in the chart and over: the board follows, and the visit stays as it ended.
    if (visit !== undefined && !mayBegin(stateOf(visit))) return ok([]);
    const entry = visitEntry(desk, { patient: planned.visit.patientId, appointment: id, class: "AMB" }, known);
    return ok(entry ? [entry] : []);
  });

/**
 * Takes the start of an appointment back, and says of the visit that it never was. Where somebody has written a note
 * meanwhile, it was.
 */
export const takeBackStart = (
  desk: EncounterDesk,
  schedule: ScheduleDesk,
  id: string,
  ifMatch: number,
): Answer<Visit> =>
  stepWithVisit(desk, schedule, [id, ifMatch, "undo"], async ({ planned, known: { visit } }) => {
    if (visit === undefined) return ok([]);
    const query = `patient=${planned.visit.patientId}&encounter=Encounter/${visit.id ?? ""}`;
    const notes = await searchAll(desk, "DocumentReference", query);
    if (!notes.ok) return notes;
    if (notes.value.length > 0 || stateOf(visit) !== "in-progress") return broken("visit-written");
    return ok([putting(made({ ...visit, status: "entered-in-error" }), versionOf(visit))]);
  });
