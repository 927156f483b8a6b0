import type {
  BookAppointment,
  CancelAppointment,
  FreeTimesView,
  MoveAppointment,
  RoomAppointment,
  StepAppointment,
  Step,
  WalkIn,
} from "../../core/contract/index.ts";
import { parseSearch, patientOfId } from "../../core/fhir/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { Result } from "../../core/kernel/result.ts";
import { authorizeClinic, type Demand, isOfficeGrant } from "../../core/policy/index.ts";
import { resourceOf } from "../../core/record/index.ts";
import {
  addDays,
  appointmentView,
  bookAppointment as book,
  type BoardInput,
  type Clinic,
  clinicDay,
  clockTime,
  dayBounds,
  dayView,
  freeTimes,
  moveAppointment as move,
  parseDay,
  type ScheduleDesk,
  type ScheduleFailure,
  type SeenPatient,
  seenPatient,
  spanOf,
  type StepDetails,
  stepAppointment as step,
  utcDaysOf,
  type Visit,
  visitOf,
  walkIn as takeIn,
} from "../../core/schedule/index.ts";
import { parseRecordId } from "../../core/table/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { ifMatchOf } from "../http/if-match.ts";
import { must, toFailure } from "../records/failures.ts";
import { type Charts, effectOf, openCharts } from "./charts.ts";
import { clinicFor } from "./clinic-profile.ts";
import { interactionOf, standingOptions } from "./context.ts";

const on = (action: Demand["action"], type: string, patientId?: string): Demand => ({
  action,
  type,
  classes: ["D"],
  patientId,
});

/** What policy is asked for each step. */
const ACTIONS: Readonly<Record<Step | "move", string>> = {
  arrive: "appointment.step",
  ready: "appointment.step",
  complete: "appointment.step",
  "no-show": "appointment.step",
  undo: "appointment.step",
  room: "appointment.room",
  start: "appointment.start",
  cancel: "appointment.cancel",
  move: "appointment.move",
};

/** Patients that one search names. */
const PATIENTS_A_SEARCH = 100;

/** What may be shown of these patients. One who is hidden is in no answer. */
async function seenOf({ records, recordGrant }: Charts, ids: readonly string[]) {
  const seen = new Map<string, SeenPatient>();
  const named = [...new Set(ids)];
  for (let at = 0; at < named.length; at += PATIENTS_A_SEARCH) {
    const some = named.slice(at, at + PATIENTS_A_SEARCH).join(",");
    const query = parseSearch("Patient", `_id=${some}&_count=${String(PATIENTS_A_SEARCH)}`);
    invariant(query.ok, "a search by ids reads");
    const page = must(await records.search(recordGrant, query.value));
    for (const patient of page.matches) seen.set(patient.id ?? "", seenPatient(patient));
  }
  return seen;
}

async function boardInput(
  exchange: Exchange,
  charts: Charts,
  clinic: Clinic,
  visits: readonly Visit[],
): Promise<BoardInput> {
  const options = standingOptions(exchange);
  const may = new Map(
    Object.values(ACTIONS).map((action) => [action, authorizeClinic(charts.principal, action, options).ok]),
  );
  return {
    clinic,
    nowMs: systemClock.now(),
    patients: await seenOf(
      charts,
      visits.map(({ patientId }) => patientId),
    ),
    isOffice: isOfficeGrant(charts.recordGrant),
    may: (asked) => may.get(ACTIONS[asked]) === true,
  };
}

/** GET /clinic/day/{day}: the board of a day of the clinic's own calendar, which alone knows what `today` is. */
async function readDay(exchange: Exchange): Promise<Answer> {
  const asked = exchange.path["day"] ?? "";
  const named = asked === "today" ? asked : parseDay(asked);
  if (named === undefined) return fail({ kind: "not-found" });
  const charts = await openCharts(exchange, [on("search", "Appointment"), on("search", "Patient")]);
  const clinic = await clinicFor(exchange);
  const day = named === "today" ? clinicDay(clinic.timeZone, systemClock.now()) : named;
  const bounds = dayBounds(clinic.timeZone, day);
  const found = must(await charts.records.searchByToken(charts.recordGrant, "Appointment", "date", utcDaysOf(bounds)));
  const visits = found.flatMap((stored) => visitOf(resourceOf(stored), stored.version) ?? []);
  const ofDay = visits.filter(({ startMs }) => bounds.startMs <= startMs && startMs < bounds.endMs);
  return json(200, dayView(await boardInput(exchange, charts, clinic, ofDay), day, ofDay));
}

const MAX_PROVIDERS = 20;
const DAYS_AHEAD = 21;
const MAX_TIMES = 12;

/** GET /clinic/free-times: no patient is named, neither in the question nor in the answer. */
async function findFreeTimes(exchange: Exchange): Promise<Answer> {
  const { query } = exchange;
  const minutes = Number(query.get("minutes"));
  const rooms = query.getAll("room");
  const asked = [...query.getAll("provider"), ...rooms];
  const isReadable =
    Number.isInteger(minutes) &&
    minutes >= 5 &&
    minutes <= 720 &&
    asked.length > 0 &&
    asked.length <= MAX_PROVIDERS &&
    rooms.length <= 1 &&
    asked.every((id) => parseRecordId(id) !== undefined);
  if (!isReadable) return fail({ kind: "structure", rule: "free-times" });
  const { records, recordGrant } = await openCharts(exchange, [on("search", "Schedule")]);
  const clinic = await clinicFor(exchange);
  const nowMs = systemClock.now();
  const today = clinicDay(clinic.timeZone, nowMs);
  const from = parseDay(query.get("from") ?? today) ?? fail({ kind: "structure", rule: "free-times" });
  const wanted = {
    from: from < today ? today : from,
    minutes,
    providers: query.getAll("provider").map((id) => `Practitioner/${id}`),
    ...(rooms[0] !== undefined && { room: `Location/${rooms[0]}` }),
    days: DAYS_AHEAD,
    limit: MAX_TIMES,
  };
  const actors = [...wanted.providers, ...(wanted.room === undefined ? [] : [wanted.room])];
  const busy = must(await records.busy(recordGrant, actors, spanOf(clinic, wanted)));
  const view: FreeTimesView = {
    until: addDays(wanted.from, DAYS_AHEAD - 1),
    times: freeTimes(clinic, wanted, busy, nowMs).map(({ day, startMs, provider }) => ({
      day,
      start: clockTime(clinic.timeZone, startMs),
      ...(provider !== undefined && { provider: provider.slice("Practitioner/".length) }),
      ...(rooms[0] !== undefined && { room: rooms[0] }),
    })),
  };
  return json(200, view);
}

const mustSchedule = <T>(result: Result<T, ScheduleFailure>): T => {
  if (result.ok) return result.value;
  const { error } = result;
  if (error.kind !== "refused") return fail(toFailure(error));
  const issues = error.conflicts.map(({ rule, path }) => ({
    path,
    rule,
    severity: "error" as const,
    code: "business-rule" as const,
  }));
  return fail({ kind: "invalid", issues });
};

async function answerOf(
  exchange: Exchange,
  charts: Charts,
  clinic: Clinic,
  done: Result<Visit, ScheduleFailure>,
  status: 200 | 201 = 200,
): Promise<Answer> {
  const visit = mustSchedule(done);
  const view = appointmentView(await boardInput(exchange, charts, clinic, [visit]), visit);
  return json(status, view, { etag: `W/"${String(visit.version)}"` });
}

const deskOf = (exchange: Exchange, { records, recordGrant }: Charts, clinic: Clinic): ScheduleDesk => ({
  records,
  grant: recordGrant,
  clinic,
  clock: systemClock,
  ...effectOf(exchange),
});

/** Opens the chart in which a new appointment will stand. */
async function openNew(exchange: Exchange, patientId: string) {
  const charts = await openCharts(exchange, [on("create", "Appointment", patientId), on("read", "Patient", patientId)]);
  return { charts, clinic: await clinicFor(exchange) };
}

/** Opens the chart of an appointment that is there. */
async function openKnown(exchange: Exchange) {
  const id = exchange.path["id"] ?? "";
  const patientId = patientOfId(id);
  const demands = [
    on("read", "Appointment", patientId),
    on("update", "Appointment", patientId),
    on("read", "Patient", patientId),
  ];
  const charts = await openCharts(exchange, demands, { type: "Appointment", id });
  return { id, ifMatch: ifMatchOf(exchange), charts, clinic: await clinicFor(exchange) };
}

async function bookAppointment(exchange: Exchange): Promise<Answer> {
  const request = exchange.body as BookAppointment;
  const { charts, clinic } = await openNew(exchange, request.patient);
  return answerOf(exchange, charts, clinic, await book(deskOf(exchange, charts, clinic), request), 201);
}

async function walkIn(exchange: Exchange): Promise<Answer> {
  const request = exchange.body as WalkIn;
  const { charts, clinic } = await openNew(exchange, request.patient);
  return answerOf(exchange, charts, clinic, await takeIn(deskOf(exchange, charts, clinic), request), 201);
}

async function moveAppointment(exchange: Exchange): Promise<Answer> {
  const { id, ifMatch, charts, clinic } = await openKnown(exchange);
  const done = await move(deskOf(exchange, charts, clinic), id, ifMatch, exchange.body as MoveAppointment);
  return answerOf(exchange, charts, clinic, done);
}

async function takeStep(exchange: Exchange, asked: Step, details: StepDetails = {}): Promise<Answer> {
  invariant(ACTIONS[asked] === interactionOf(exchange), "policy was asked for this very step");
  const { id, ifMatch, charts, clinic } = await openKnown(exchange);
  return answerOf(exchange, charts, clinic, await step(deskOf(exchange, charts, clinic), id, ifMatch, asked, details));
}

const cancelAppointment = (exchange: Exchange): Promise<Answer> =>
  takeStep(exchange, "cancel", { cancelled: exchange.body as CancelAppointment });
const stepAppointment = (exchange: Exchange): Promise<Answer> =>
  takeStep(exchange, (exchange.body as StepAppointment).step);
const roomAppointment = (exchange: Exchange): Promise<Answer> =>
  takeStep(exchange, "room", exchange.body as RoomAppointment);
const startVisit = (exchange: Exchange): Promise<Answer> => takeStep(exchange, "start");

export const scheduleHandlers = {
  readDay,
  findFreeTimes,
  bookAppointment,
  walkIn,
  moveAppointment,
  cancelAppointment,
  stepAppointment,
  roomAppointment,
  startVisit,
};
