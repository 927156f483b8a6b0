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
import { patientOfId } from "../../core/fhir/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { resourceOf } from "../../core/record/index.ts";
import {
  addDays,
  bookAppointment as book,
  clinicDay,
  clockTime,
  dayBounds,
  dayView,
  freeTimes,
  moveAppointment as move,
  parseDay,
  spanOf,
  type StepDetails,
  stepAppointment as step,
  utcDaysOf,
  visitOf,
  walkIn as takeIn,
} from "../../core/schedule/index.ts";
import { parseRecordId } from "../../core/table/index.ts";
import { type Answer, type Exchange, json, interactionOf } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { ifMatchOf } from "../http/if-match.ts";
import { must } from "../records/failures.ts";
import { openCharts } from "./charts.ts";
import { clinicFor } from "./clinic-profile.ts";

import { ACTIONS, answerOf, boardInput, deskOf, on } from "./schedule/board.ts";
import { findMoves } from "./schedule/moves.ts";
import { startVisit, undoStart } from "./schedule/start.ts";

export { mustSchedule } from "./schedule/board.ts";

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

export /** With whom, where and for what an appointment is: it is written with their names. */
const ACTORS_READ = (["Practitioner", "Location", "HealthcareService"] as const).map((type) => on("read", type));

/** Opens the chart in which a new appointment will stand. */
async function openNew(exchange: Exchange, patientId: string) {
  const demands = [on("create", "Appointment", patientId), on("read", "Patient", patientId), ...ACTORS_READ];
  const charts = await openCharts(exchange, demands);
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
    ...ACTORS_READ,
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
  const done = await step(deskOf(exchange, charts, clinic), id, ifMatch, asked, details);
  if (!done.ok && done.error.kind === "of-a-visit") return undoStart(exchange);
  return answerOf(exchange, charts, clinic, done);
}

const cancelAppointment = (exchange: Exchange): Promise<Answer> =>
  takeStep(exchange, "cancel", { cancelled: exchange.body as CancelAppointment });
const stepAppointment = (exchange: Exchange): Promise<Answer> =>
  takeStep(exchange, (exchange.body as StepAppointment).step);
const roomAppointment = (exchange: Exchange): Promise<Answer> =>
  takeStep(exchange, "room", exchange.body as RoomAppointment);

export const scheduleHandlers = {
  readDay,
  findFreeTimes,
  findMoves,
  bookAppointment,
  walkIn,
  moveAppointment,
  cancelAppointment,
  stepAppointment,
  roomAppointment,
  startVisit,
};
