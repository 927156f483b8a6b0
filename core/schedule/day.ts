import type {
  AppointmentView,
  ClockTime,
  DayRow,
  DayView,
  Flag,
  BoardName,
  ShownField,
  Stage,
  Step,
} from "../contract/index.ts";
import { STEPS } from "../contract/index.ts";
import { type FhirResource, isJsonObject } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { restricted } from "../view/field-state.ts";
import { addDays, clinicDay, clockChangeOn, dayBounds, type DayBounds, wallClock } from "./clinic-time.ts";
import { exceptionOn, isWithin } from "./opening.ts";
import { awayConflicts } from "./conflicts.ts";
import { canMove, stepConflict } from "./operations.ts";
import type { Clinic } from "./profile.ts";
import { absenceOn, type DayHours, dayHours } from "./provider-hours.ts";
import { isOver } from "./stages.ts";
import type { Visit } from "./visit.ts";

/** What the board shows of a patient: undefined where who asks may not see her. */
export interface SeenPatient {
  readonly name?: BoardName;
  readonly birthDate?: string;
}

/** A Patient as the board names her: by the official name where there is one. */
export function seenPatient(patient: FhirResource): SeenPatient {
  const names = (Array.isArray(patient["name"]) ? (patient["name"] as unknown[]) : []).filter(isJsonObject);
  const name = names.find(({ use }) => use === "official") ?? names[0];
  const given = (Array.isArray(name?.["given"]) ? (name["given"] as unknown[]) : []).map(String);
  const { birthDate } = patient;
  const family = [name?.["family"], name?.["text"]].find((part) => typeof part === "string") ?? "";
  return {
    ...(name && { name: { given, family } }),
    ...(typeof birthDate === "string" && { birthDate }),
  };
}

export interface BoardInput {
  readonly clinic: Clinic;
  readonly nowMs: number;
  readonly patients: ReadonlyMap<string, SeenPatient>;
  /** True for the office: why somebody comes is not shown to it. */
  readonly isOffice: boolean;
  /** What policy lets who asks do, beside what the table lets happen. */
  readonly may: (step: Step | "move", stage: Stage) => boolean;
}

/** A time on the clinic's clock; with its offset where the clock shows it twice. */
export function clockTime(timeZone: string, ms: number): ClockTime {
  const { time, occurrence, offset } = wallClock(timeZone, ms);
  return { at: toInstant(ms), time, ...(occurrence && { occurrence, offset }) };
}

const shown = <T>(value: T | undefined): ShownField<T> =>
  value === undefined ? { state: "absent" } : { state: "value", value };

const LATE_MS = 10 * 60_000;

function flagsOf({ nowMs }: BoardInput, hours: DayHours, visit: Visit, others: readonly Visit[]): readonly Flag[] {
  const isBusy = ({ stage }: Visit): boolean => !isOver(stage);
  const isDouble =
    isBusy(visit) &&
    others.some(
      (other) =>
        other.id !== visit.id &&
        isBusy(other) &&
        visit.provider !== undefined &&
        other.provider === visit.provider &&
        other.startMs < visit.endMs &&
        visit.startMs < other.endMs,
    );
  const isLate = visit.stage === "booked" && nowMs > visit.startMs + LATE_MS;
  return [
    ...(visit.isWalkIn ? (["walk-in"] as const) : []),
    ...(isDouble ? (["double-booked"] as const) : []),
    ...(isLate ? (["late"] as const) : []),
    ...(isWithin(hours.open, visit) ? [] : (["outside-hours"] as const)),
    ...(awayConflicts(hours, visit.provider, visit).length === 0 ? [] : (["provider-away"] as const)),
  ];
}

/** One visit as the board shows it. */
export function rowOf(input: BoardInput, hours: DayHours, visit: Visit, others: readonly Visit[] = []): DayRow {
  const { clinic, nowMs, patients, isOffice, may } = input;
  const { id, version, startMs, endMs, patientId, provider, room, visitType, stage, path, cancelReason, reason } =
    visit;
  const patient = patients.get(patientId);
  const hidden = restricted("consent");
  const since = path.at(-1)?.atMs;
  return {
    id,
    version,
    start: clockTime(clinic.timeZone, startMs),
    end: clockTime(clinic.timeZone, endMs),
    minutes: Math.round((endMs - startMs) / 60_000),
    patient: {
      id: patientId,
      name: patient === undefined ? hidden : shown(patient.name),
      birthDate: patient === undefined ? hidden : shown(patient.birthDate),
    },
    reason: isOffice ? restricted("minimum-necessary") : shown(reason),
    stage,
    flags: flagsOf(input, hours, visit, others),
    steps: STEPS.filter((step) => may(step, stage) && stepConflict(clinic, visit, step, nowMs) === undefined),
    canMove: may("move", stage) && canMove(stage),
    ...(provider !== undefined && { provider }),
    ...(room !== undefined && { room }),
    ...(visitType !== undefined && { visitType }),
    ...(since !== undefined && { since: clockTime(clinic.timeZone, since) }),
    ...(cancelReason !== undefined && { cancelReason }),
  };
}

export function appointmentView(input: BoardInput, visit: Visit): AppointmentView {
  const day = clinicDay(input.clinic.timeZone, visit.startMs);
  return { day, row: rowOf(input, dayHours(input.clinic, day), visit) };
}

/** The board of a day: its visits in the order of time, each with what may be done next. */
export function dayView(input: BoardInput, day: string, visits: readonly Visit[]): DayView {
  const { clinic, nowMs } = input;
  const { timeZone } = clinic;
  const sorted = visits.toSorted((one, other) => one.startMs - other.startMs || (one.id < other.id ? -1 : 1));
  const counts: Partial<Record<Stage, number>> = {};
  for (const { stage } of sorted) counts[stage] = (counts[stage] ?? 0) + 1;
  const exception = exceptionOn(clinic, day);
  const change = clockChange(timeZone, day);
  const hours = dayHours(clinic, day);
  const { open } = hours;
  const own = Object.entries(clinic.hours.providers).map(([provider, settled]) => {
    const reason = absenceOn(settled, day);
    return { provider, open: hours.availableOf(provider) ?? [], ...(reason !== undefined && { reason }) };
  });
  const shownSpans = [...open, ...sorted, ...(sorted.length === 0 ? [] : own.flatMap((each) => each.open))];
  const slots = slotsOn(clinic, day, shownSpans);
  const clocked = (spans: readonly DayBounds[]): DayView["open"] =>
    spans.map(({ startMs, endMs }) => ({ from: clockTime(timeZone, startMs), to: clockTime(timeZone, endMs) }));
  return {
    day,
    previous: addDays(day, -1),
    next: addDays(day, 1),
    today: clinicDay(timeZone, nowMs),
    timeZone,
    now: clockTime(timeZone, nowMs),
    rows: sorted.map((visit) => rowOf(input, hours, visit, sorted)),
    counts,
    open: clocked(open),
    providerHours: own.map((each) => ({ ...each, open: clocked(each.open) })),
    slots: slots.map((startMs) => clockTime(timeZone, startMs)),
    slotsEnd: toInstant((slots.at(-1) ?? nowMs) + clinic.profile.slotMinutes * 60_000),
    ...(exception && { exception: exception.name }),
    ...(change && { clockChange: change }),
  };
}

/** Beginnings on the clinic's grain from midnight on, as far as the spans reach: instants, so that none is left out or met twice. */
export function slotsOn(clinic: Clinic, day: string, spans: readonly DayBounds[]): readonly number[] {
  if (spans.length === 0) return [];
  const stepMs = clinic.profile.slotMinutes * 60_000;
  const { startMs, endMs } = dayBounds(clinic.timeZone, day);
  const fromMs = Math.max(startMs, Math.min(...spans.map((each) => each.startMs)));
  const toMs = Math.min(endMs, Math.max(...spans.map((each) => each.endMs)));
  const first = Math.floor((fromMs - startMs) / stepMs);
  const count = Math.ceil((toMs - startMs) / stepMs) - first;
  return Array.from({ length: Math.max(0, count) }, (_slot, index) => startMs + (first + index) * stepMs);
}

const textOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** The change of the clock in words of the clock: which times are not there, or come twice. */
function clockChange(timeZone: string, day: string): DayView["clockChange"] {
  const change = clockChangeOn(timeZone, day);
  if (change === undefined) return undefined;
  const { atMs, byMinutes } = change;
  const [hours = 0, minutes = 0] = wallClock(timeZone, atMs).time.split(":").map(Number);
  // After the change the clock shows the end of what was left out, or the beginning of what comes again.
  const shownAt = hours * 60 + minutes;
  const isForward = byMinutes > 0;
  return {
    direction: isForward ? "forward" : "back",
    minutes: Math.abs(byMinutes),
    at: toInstant(atMs),
    from: textOf(isForward ? shownAt - byMinutes : shownAt),
    to: textOf(isForward ? shownAt : shownAt - byMinutes),
  };
}
