import type { Stage } from "../../core/contract/index.ts";
import type { FhirResource } from "../../core/fhir/index.ts";
import { atWallClock, clinicDay } from "../../core/schedule/clinic-time.ts";
import { placeOf, providerOf, serviceOf } from "../../core/schedule/setup.ts";
import { newAppointment } from "../../core/schedule/visit.ts";
import {
  type ClinicPlan,
  clinicResources,
  clinicStaff,
  coding,
  DAY_MS,
  instantOf,
  type Resource,
  TEST_META,
} from "./clinic.ts";
import { Random, seededId } from "./random.ts";
import { vitalsOf } from "./vitals.ts";
import { REASONS, SYSTEMS, VISIT_TYPES } from "./vocabulary.ts";

export const MINUTE_MS = 60_000;

/** A clinic's days as one moment finds them. The same plan, day and moment give the same bytes. */
export interface DayPlan extends ClinicPlan {
  /** IANA. */
  readonly timeZone: string;
  /** What has happened until then has happened; the rest is booked. */
  readonly nowMs: number;
  readonly patients: number;
}

/** What can be booked, beside the rooms and the practitioners that `clinicResources` gives. */
export const visitTypeResources = ({ seed }: ClinicPlan): Resource[] =>
  VISIT_TYPES.map((type, index) => {
    const service = serviceOf({ ...type, isActive: true });
    return { ...(service as unknown as Resource), id: visitTypeId(seed, index), meta: TEST_META };
  });

const visitTypeId = (seed: string, index: number): string => seededId(seed, "visit-type", String(index));
export const patientIdOf = (seed: string, index: number): string => seededId(seed, "patient", String(index));

type Path = readonly [Taken, ...Taken[]];
interface Taken {
  readonly stage: Stage;
  readonly atMs: number;
}

const later = (ms: number, minutes: number): number => ms + minutes * MINUTE_MS;

/** How far a visit has come by now: who is over time is done, who is on time is somewhere on the way. */
function pathOf(random: Random, { startMs, endMs, isKept }: PlannedVisit, nowMs: number): Path {
  const booked: Taken = { stage: "booked", atMs: Math.min(nowMs, startMs) - random.integer(2, 20) * DAY_MS };
  const drawn = random.next();
  const fate = isKept === true ? 0.5 : drawn;
  const calledMs = later(startMs, -90);
  if (fate < 0.07 && calledMs <= nowMs) return [booked, { stage: "cancelled", atMs: calledMs }];
  const missedMs = later(startMs, 20);
  if (fate > 0.94 && missedMs <= nowMs) return [booked, { stage: "no-show", atMs: missedMs }];
  const steps: readonly Taken[] = [
    { stage: "arrived", atMs: later(startMs, -random.integer(5, 18)) },
    { stage: "roomed", atMs: later(startMs, -random.integer(0, 3)) },
    { stage: "in-visit", atMs: later(startMs, random.integer(3, 6)) },
    { stage: "ready", atMs: later(endMs, -random.integer(2, 4)) },
    { stage: "completed", atMs: later(endMs, random.integer(0, 6)) },
  ];
  return [booked, ...steps.filter(({ atMs }) => atMs <= nowMs)];
}

/** When the synthetic clinics see patients, by the clinic's clock: every day, so that no demo finds an empty board. */
const OPENS = { weekday: ["08:30", "16:30"], weekend: ["09:00", "13:00"] } as const;

/** On which days from the one that it is the first patient comes: somebody who can sign in has a life beside the clinic. */
const FIRST_COMES_IN: ReadonlySet<number> = new Set([0, 6]);
/** Of the patients: the one who can sign in. */
export const FIRST = 0;

/** The patients of a day in the order in which they are booked, from the last on: the first one, if at all, at once. */
function waitingOn(random: Random, { timeZone, nowMs, patients }: DayPlan, day: string): number[] {
  const inDays = Math.round((Date.parse(day) - Date.parse(clinicDay(timeZone, nowMs))) / DAY_MS);
  const others = shuffled(random, patients).filter((index) => index !== FIRST);
  return patients > FIRST && FIRST_COMES_IN.has(inDays) ? [...others, FIRST] : others;
}

/** Practitioners and rooms by id, as an appointment names them. */
export function namesOf(plan: ClinicPlan): ReadonlyMap<string, string> {
  const found = clinicResources(plan).flatMap((each): readonly (readonly [string, string])[] => {
    const resource = each as unknown as FhirResource;
    if (each.resourceType === "Practitioner") return [[each.id, providerOf(resource, undefined)?.name ?? ""]];
    return each.resourceType === "Location" ? [[each.id, placeOf(resource, 0).name]] : [];
  });
  return new Map(found);
}

/**
 * The appointments of one day, with the visits that have begun and what was measured at them. Each patient comes once a
 * day at most, and nobody is in two places.
 */
export function dayResources(plan: DayPlan, day: string): Resource[] {
  const { seed, timeZone } = plan;
  const random = new Random(`${seed}/day/${day}`);
  const [staff, names] = [clinicStaff(plan), namesOf(plan)];
  const isWeekend = [0, 6].includes(new Date(`${day}T12:00:00Z`).getUTCDay());
  const [opens, closes] = isWeekend ? OPENS.weekend : OPENS.weekday;
  const openMs = wallClockMs(timeZone, day, opens);
  const closeMs = wallClockMs(timeZone, day, closes);
  const waiting = waitingOn(random, plan, day);
  const resources: Resource[] = [];
  for (const [index, { id: providerId }] of staff.practitioners.entries()) {
    let startMs = openMs + index * 10 * MINUTE_MS;
    for (let turn = 0; startMs < closeMs; turn += 1) {
      const typeIndex = random.integer(0, VISIT_TYPES.length - 1);
      const minutes = VISIT_TYPES[typeIndex]?.minutes ?? 20;
      const endMs = startMs + minutes * MINUTE_MS;
      const isFree = random.chance(0.25);
      const patient = isFree ? undefined : waiting.pop();
      if (patient !== undefined && endMs <= closeMs) {
        const roomId = staff.locationIds[index % staff.locationIds.length] ?? "";
        const own = patient === FIRST && { isKept: true, reason: "Blood pressure check" };
        const visit = {
          names,
          patient,
          providerId,
          roomId,
          typeIndex,
          startMs,
          endMs,
          number: `${index}-${turn}`,
          ...own,
        };
        resources.push(...visitResources(plan, day, random, visit));
      }
      startMs = endMs + (isFree ? 10 : 0) * MINUTE_MS;
    }
  }
  return resources;
}

interface PlannedVisit {
  readonly names: ReadonlyMap<string, string>;
  readonly patient: number;
  readonly providerId: string;
  readonly roomId: string;
  readonly typeIndex: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly number: string;
  /** Left out, one that the front desk hears. */
  readonly reason?: string;
  /** Neither cancelled nor missed. */
  readonly isKept?: boolean;
}

/** One visit: its appointment, the visit itself once it has begun, and what was measured. */
export function visitResources(plan: DayPlan, day: string, random: Random, visit: PlannedVisit): Resource[] {
  const { seed, nowMs } = plan;
  const { providerId, startMs, endMs, number } = visit;
  const patientId = patientIdOf(seed, visit.patient);
  const ownId = (kind: string): string => `${patientId}.${seededId(seed, kind, day, number)}`;
  const drawn = random.pick(REASONS);
  const { reason = drawn } = visit;
  const path = pathOf(random, visit, nowMs);
  const reached = new Map(path.map(({ stage, atMs }) => [stage, atMs]));
  const hasRoom = reached.has("roomed");
  const appointment = newAppointment({
    patientId,
    startMs,
    endMs,
    actors: {
      provider: { id: providerId, name: visit.names.get(providerId) },
      visitType: { id: visitTypeId(seed, visit.typeIndex), name: VISIT_TYPES[visit.typeIndex]?.name },
      ...(hasRoom && { room: { id: visit.roomId, name: visit.names.get(visit.roomId) } }),
    },
    reason,
    path,
    isWalkIn: hasRoom && random.chance(0.1),
  });
  const made: Resource[] = [{ ...(appointment as unknown as Resource), id: ownId("appointment"), meta: TEST_META }];
  const begunMs = reached.get("in-visit");
  if (begunMs !== undefined) {
    const endedMs = reached.get("completed");
    made.push({
      resourceType: "Encounter",
      id: ownId("encounter"),
      meta: TEST_META,
      status: endedMs === undefined ? "in-progress" : "finished",
      class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB", display: "ambulatory" },
      type: [coding(SYSTEMS.snomed, { code: "185349003", display: "Encounter for check up" })],
      subject: { reference: `Patient/${patientId}` },
      participant: [{ individual: { reference: `Practitioner/${providerId}`, display: visit.names.get(providerId) } }],
      appointment: [{ reference: `Appointment/${ownId("appointment")}` }],
      period: { start: instantOf(begunMs), ...(endedMs !== undefined && { end: instantOf(endedMs) }) },
      reasonCode: [{ text: reason }],
    });
  }
  const roomedMs = reached.get("roomed");
  if (roomedMs !== undefined) {
    const taking = { patientId, atMs: roomedMs + 2 * MINUTE_MS, ownId };
    made.push(...vitalsOf(random, begunMs === undefined ? taking : { ...taking, encounterId: ownId("encounter") }));
  }
  return made;
}

/** Every day from two before the moment's own to a week after it, by the clinic's calendar. */
export function daysAround(timeZone: string, nowMs: number): string[] {
  return Array.from({ length: 10 }, (_, index) => clinicDay(timeZone, nowMs + (index - 2) * DAY_MS));
}

/** The instant of a wall clock's time; where the clock skips it, when it goes on. */
export function wallClockMs(timeZone: string, day: string, time: string): number {
  const found = atWallClock(timeZone, day, time);
  return found.ok ? found.value.ms : found.error.nextMs;
}

function shuffled(random: Random, count: number): number[] {
  const list = Array.from({ length: count }, (_, index) => index);
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = random.integer(0, index);
    [list[index], list[other]] = [list[other] ?? 0, list[index] ?? 0];
  }
  return list;
}
