import type {
  AcceptedRule,
  BookAppointment,
  CancelAppointment,
  MoveAppointment,
  Stage,
  Step,
  WalkIn,
} from "../contract/index.ts";
import type { FhirResource } from "../fhir/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { Grant } from "../policy/index.ts";
import { type Claim, type OneEffect, type RecordFailure, type Records, resourceOf } from "../record/index.ts";
import { atWallClock, clinicDay, type DayBounds, wallClock } from "./clinic-time.ts";
import { awayConflicts, busyConflicts, type Conflict, standing, timeConflicts } from "./conflicts.ts";
import { actorOf, actorsOf } from "./actors.ts";
import type { Clinic } from "./profile.ts";
import { type DayHours, dayHours } from "./provider-hours.ts";
import { NEXT, type Taken } from "./stages.ts";
import { type ActorRole, atTime, newAppointment, onPath, type Visit, visitOf, withActor } from "./visit.ts";

/** `refused`: what stands against it, `of-a-visit`: it is not the schedule's alone; nothing was written. */
export type ScheduleFailure =
  | RecordFailure
  | { readonly kind: "refused"; readonly conflicts: readonly Conflict[] }
  | { readonly kind: "of-a-visit" };

/** What an act on the schedule works with. */
export interface ScheduleDesk {
  readonly records: Pick<Records, "create" | "read" | "update">;
  readonly grant: Grant;
  readonly clinic: Clinic;
  readonly clock: Clock;
  readonly effect?: OneEffect;
}

type Answer = Promise<Result<Visit, ScheduleFailure>>;

const MINUTE_MS = 60_000;
const refuse = (rule: Conflict["rule"], path: string) =>
  err({ kind: "refused", conflicts: [{ rule, path }] } as const satisfies ScheduleFailure);

/** The instant of a day and time of the clinic's clock: one that it shows twice has to be named. */
export function instantOf(
  clinic: Clinic,
  { day, time, occurrence }: { readonly day: string; readonly time: string; readonly occurrence?: string | undefined },
): Result<number, Extract<ScheduleFailure, { kind: "refused" }>> {
  const at = atWallClock(clinic.timeZone, day, time);
  if (!at.ok) return refuse("time-skipped", "time");
  const { ms, laterMs } = at.value;
  if (laterMs === undefined) return ok(ms);
  if (occurrence === undefined) return refuse("time-doubled", "occurrence");
  return ok(occurrence === "second" ? laterMs : ms);
}

/**
 * A claim that lets through what the clinic allows and what was meant, and keeps what stands in the way.
 * @param own What the time breaks by itself.
 */
function claiming(
  { clinic }: ScheduleDesk,
  own: readonly Conflict[],
  accepted: readonly AcceptedRule[],
): { readonly claim: Claim; readonly conflicts: () => readonly Conflict[] } {
  let found: readonly Conflict[] = [];
  return {
    claim(wanted, taken) {
      found = standing(clinic, [...own, ...busyConflicts(wanted, taken)], accepted);
      return found.length === 0;
    },
    conflicts: () => found,
  };
}

async function create(
  desk: ScheduleDesk,
  appointment: FhirResource,
  own: readonly Conflict[],
  accepted: readonly AcceptedRule[],
): Answer {
  const { records, grant, effect } = desk;
  const { claim, conflicts } = claiming(desk, own, accepted);
  const done = await records.create(grant, appointment, { claim, ...(effect && { effect }) });
  return visitWritten(done, conflicts);
}

async function update(
  desk: ScheduleDesk,
  { appointment, version }: Pick<Found, "appointment" | "version">,
  own: readonly Conflict[] = [],
  accepted: readonly AcceptedRule[] = [],
): Answer {
  const { records, grant, effect } = desk;
  const { claim, conflicts } = claiming(desk, own, accepted);
  const done = await records.update(grant, appointment, { ifMatch: version, claim, ...(effect && { effect }) });
  return visitWritten(done, conflicts);
}

function visitWritten(
  done: Awaited<ReturnType<Records["update"]>>,
  conflicts: () => readonly Conflict[],
): Result<Visit, ScheduleFailure> {
  if (!done.ok) {
    const isClaimed = done.error.kind === "conflict" && done.error.reason === "claimed";
    return isClaimed ? err({ kind: "refused", conflicts: conflicts() }) : done;
  }
  const visit = visitOf(resourceOf(done.value.version), done.value.version.version);
  return visit === undefined ? err({ kind: "not-found" }) : ok(visit);
}

/** What a new appointment breaks by itself: by its time, and by its provider's hours. */
function ownConflicts(
  clinic: Clinic,
  provider: string | undefined,
  span: DayBounds,
  nowMs: number,
): readonly Conflict[] {
  const hours = dayHours(clinic, clinicDay(clinic.timeZone, span.startMs));
  return [...timeConflicts(hours, span, nowMs), ...awayConflicts(hours, provider, span)];
}

/** Books an appointment at a time of the clinic's clock. */
export async function bookAppointment(desk: ScheduleDesk, request: BookAppointment): Answer {
  const { clinic, clock } = desk;
  const start = instantOf(clinic, request);
  if (!start.ok) return start;
  const nowMs = clock.now();
  const span = { startMs: start.value, endMs: start.value + request.minutes * MINUTE_MS };
  const { patient, reason, accept } = request;
  const appointment = newAppointment({
    ...span,
    patientId: patient,
    actors: await actorsOf(desk, request),
    reason,
    path: [{ stage: "booked", atMs: nowMs }],
    isWalkIn: false,
  });
  return create(desk, appointment, ownConflicts(clinic, request.provider, span, nowMs), accept);
}

/** Takes in somebody who is here without an appointment: it begins now, on the clock's minute, and she has arrived. */
export async function walkIn(desk: ScheduleDesk, request: WalkIn): Answer {
  const { clinic, clock } = desk;
  const nowMs = clock.now();
  const startMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const span = { startMs, endMs: startMs + request.minutes * MINUTE_MS };
  const { patient, reason, accept } = request;
  const appointment = newAppointment({
    ...span,
    patientId: patient,
    actors: await actorsOf(desk, request),
    reason,
    path: [
      { stage: "booked", atMs: nowMs },
      { stage: "arrived", atMs: nowMs },
    ],
    isWalkIn: true,
  });
  return create(desk, appointment, ownConflicts(clinic, request.provider, span, nowMs), accept);
}

interface Found {
  readonly appointment: FhirResource;
  readonly version: number;
  readonly visit: Visit;
}

/** The appointment as it is now; a version other than the caller's is a conflict before anything is judged by it. */
async function find(
  { records, grant, effect }: ScheduleDesk,
  id: string,
  ifMatch: number,
): Promise<Result<Found, ScheduleFailure>> {
  const read = await records.read(grant, "Appointment", id);
  if (!read.ok) return read;
  const { version } = read.value;
  const appointment = resourceOf(read.value);
  const visit = visitOf(appointment, version);
  if (visit === undefined) return err({ kind: "not-found" });
  // A repeat of a request that had its effect is answered by that effect, and any other by a conflict: the write looks.
  return version === ifMatch || effect !== undefined
    ? ok({ appointment, version: ifMatch, visit })
    : err({ kind: "conflict", reason: "version" });
}

/** Moves an appointment in time, or to another provider, room or visit type. What is over stays where it was. */
export async function moveAppointment(
  desk: ScheduleDesk,
  id: string,
  ifMatch: number,
  request: MoveAppointment,
): Answer {
  const found = await find(desk, id, ifMatch);
  if (!found.ok) return found;
  const { visit } = found.value;
  const isStale = visit.version !== ifMatch;
  if (!isStale && !canMove(visit.stage)) return refuse("step-refused", "step");
  const { clinic, clock } = desk;
  const shown = wallClock(clinic.timeZone, visit.startMs);
  const isTimed = request.day !== undefined || request.time !== undefined || request.occurrence !== undefined;
  // Who has arrived cannot be on another day.
  if (isTimed && !isStale && visit.stage !== "booked") return refuse("step-refused", "time");
  const day = request.day ?? shown.day;
  const occurrence = request.occurrence ?? (day === shown.day ? shown.occurrence : undefined);
  const start = isTimed ? instantOf(clinic, { day, time: request.time ?? shown.time, occurrence }) : ok(visit.startMs);
  if (!start.ok) return start;
  const lengthMs = request.minutes === undefined ? visit.endMs - visit.startMs : request.minutes * MINUTE_MS;
  const span = { startMs: start.value, endMs: start.value + lengthMs };
  const isSameTime = span.startMs === visit.startMs && span.endMs === visit.endMs;
  let appointment = isSameTime ? found.value.appointment : atTime(found.value.appointment, span.startMs, span.endMs);
  for (const role of ["provider", "room", "visitType"] as const satisfies readonly ActorRole[]) {
    const next = request[role];
    if (next === null) appointment = withActor(appointment, role, null);
    if (typeof next === "string") appointment = withActor(appointment, role, await actorOf(desk, role, next));
  }
  const provider = request.provider === undefined ? visit.provider : (request.provider ?? undefined);
  const hours = dayHours(clinic, clinicDay(clinic.timeZone, span.startMs));
  const own = movedConflicts(hours, { ...span, provider }, visit, { isTimed, nowMs: clock.now() });
  return update(desk, { ...found.value, appointment }, own, request.accept);
}

/** Where an appointment would be. */
export interface Destination extends DayBounds {
  readonly provider?: string | undefined;
}

/**
 * What an appointment that is moved breaks by itself. What stays as it was breaks nothing anew: not its time where that is
 * kept, nor its provider's hours where both are.
 * @param isTimed Whether a time was named at all: to make an appointment longer names none.
 */
export function movedConflicts(
  hours: DayHours,
  to: Destination,
  from: Pick<Visit, "startMs" | "endMs" | "provider">,
  { isTimed, nowMs }: { readonly isTimed: boolean; readonly nowMs: number },
): readonly Conflict[] {
  const isSameTime = to.startMs === from.startMs && to.endMs === from.endMs;
  return [
    ...(isTimed && !isSameTime ? timeConflicts(hours, to, nowMs) : []),
    ...(isSameTime && to.provider === from.provider ? [] : awayConflicts(hours, to.provider, to)),
  ];
}

export const canMove = (stage: Stage): boolean => stage === "booked" || stage === "arrived" || stage === "roomed";

/** Steps that only its own day permits: nobody arrives tomorrow. */
const OF_ITS_DAY: ReadonlySet<Step> = new Set(["arrive", "room", "start"]);

/** What stands against a step by the table and by the clock; undefined where nothing does. */
export function stepConflict(
  clinic: Pick<Clinic, "timeZone">,
  visit: Pick<Visit, "stage" | "path" | "startMs">,
  step: Step,
  nowMs: number,
): Conflict | undefined {
  const { stage, path, startMs } = visit;
  const today = clinicDay(clinic.timeZone, nowMs);
  if (step === "undo") {
    const last = path.at(-1);
    if (path.length < 2 || last === undefined) return { rule: "step-refused", path: "step" };
    return clinicDay(clinic.timeZone, last.atMs) === today ? undefined : { rule: "undo-past", path: "step" };
  }
  if (NEXT[stage][step] === undefined) return { rule: "step-refused", path: "step" };
  if (OF_ITS_DAY.has(step) && clinicDay(clinic.timeZone, startMs) !== today) return { rule: "not-today", path: "step" };
  return step === "no-show" && nowMs < startMs ? { rule: "too-early", path: "step" } : undefined;
}

export interface StepDetails {
  readonly room?: string | undefined;
  readonly accept?: readonly AcceptedRule[];
  readonly cancelled?: CancelAppointment;
}

/** An appointment as a step would leave it: over which version, and nothing is written yet. */
export interface PlannedStep {
  readonly appointment: FhirResource;
  readonly version: number;
  /** Where it stood before. */
  readonly visit: Visit;
}

/** What a step would make of an appointment, or what stands against it. */
export async function planStep(
  desk: ScheduleDesk,
  id: string,
  ifMatch: number,
  step: Step,
  { room, cancelled }: StepDetails = {},
): Promise<Result<PlannedStep, ScheduleFailure>> {
  const found = await find(desk, id, ifMatch);
  if (!found.ok) return found;
  const { visit } = found.value;
  const nowMs = desk.clock.now();
  const conflict = visit.version === ifMatch ? stepConflict(desk.clinic, visit, step, nowMs) : undefined;
  if (conflict) return err({ kind: "refused", conflicts: [conflict] });
  const stepped = onPath(found.value.appointment, pathAfter(visit, step, nowMs), cancelled);
  const appointment = room === undefined ? stepped : withActor(stepped, "room", await actorOf(desk, "room", room));
  return ok({ appointment, version: ifMatch, visit });
}

/**
 * Takes a visit one step on, or its last step back. `of-a-visit` where the step is one of the patient's visit too, which
 * is written with it: core/encounter takes that.
 */
export async function stepAppointment(
  desk: ScheduleDesk,
  id: string,
  ifMatch: number,
  step: Step,
  details: StepDetails = {},
): Answer {
  const planned = await planStep(desk, id, ifMatch, step, details);
  if (!planned.ok) return planned;
  if (isOfVisit(step, planned.value.visit.stage)) return err({ kind: "of-a-visit" });
  return update(desk, planned.value, [], details.accept ?? []);
}

/** Steps with which the patient's visit begins, or never was. */
export const isOfVisit = (step: Step | "move", stage: Stage): boolean =>
  step === "start" || (step === "undo" && stage === "in-visit");

/** Puts an appointment into the visit, at the time that it is now: whoever is seen has arrived. */
export function begun(appointment: FhirResource, visit: Visit, nowMs: number): FhirResource {
  const arrived = visit.stage === "booked" ? { ...visit, path: pathAfter(visit, "arrive", nowMs) } : visit;
  return onPath(appointment, pathAfter({ ...arrived, stage: stageAt(arrived) }, "start", nowMs));
}

const stageAt = ({ path, stage }: Pick<Visit, "path" | "stage">): Stage => path.at(-1)?.stage ?? stage;

/** The path after a step: longer by one, or by one shorter. Of one that another system wrote it begins where it stands. */
function pathAfter(
  { stage, path, startMs }: Pick<Visit, "stage" | "path" | "startMs">,
  step: Step,
  nowMs: number,
): readonly [Taken, ...Taken[]] {
  const [first = { stage, atMs: Math.min(startMs, nowMs) }, ...rest] = path;
  if (step === "undo") return [first, ...rest.slice(0, -1)];
  return [first, ...rest, { stage: NEXT[stage][step] ?? stage, atMs: nowMs }];
}
