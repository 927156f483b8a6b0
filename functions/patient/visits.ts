import type {
  BookOwnVisit,
  CancelOwnVisit,
  ChosenRule,
  ConfirmOwnVisit,
  OwnFreeTimes,
  OwnVisits,
} from "../../core/contract/index.ts";
import { CHOSEN_RULES } from "../../core/contract/clinic-profile.ts";
import { type FhirResource, parseSearch } from "../../core/fhir/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { bookableOf, confirmed, earliestMs, mayCancelAt, ownVisitOf, ownVisitsOf } from "../../core/portal/index.ts";
import { type Busy, resourceOf } from "../../core/record/index.ts";
import {
  addDays,
  bookAppointment,
  type Clinic,
  clinicDay,
  clockTime,
  type FreeTimeFound,
  freeTimes,
  parseDay,
  type ScheduleDesk,
  spanOf,
  stepAppointment,
  type Visit,
  visitOf,
} from "../../core/schedule/index.ts";
import { instantOf } from "../../core/schedule/operations.ts";
import { mustSchedule } from "../clinic/schedule.ts";
import { effectOf } from "../clinic/charts.ts";
import { failTold } from "../clinic/act.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { must } from "../records/failures.ts";
import { type Around, around, type Directory, directoryOf, type Own, openOwn } from "./desk.ts";

const READ = { action: "search", type: "Appointment", classes: ["D"] } as const;
const BOOK = { action: "contribute", type: "Appointment", classes: ["D"] } as const;
const CHANGE = { action: "amend", type: "Appointment", classes: ["D"] } as const;

/** Visits of one patient: whoever has more looks at the newest. */
const VISITS = 500;

async function appointmentsOf({ charts }: Own): Promise<readonly FhirResource[]> {
  const query = parseSearch("Appointment", `_sort=-date&_count=${String(VISITS)}`);
  invariant(query.ok, "a search that is made here reads");
  return must(await charts.records.search(charts.recordGrant, query.value)).matches;
}

interface Looked extends Own, Around {
  readonly directory: Directory;
  readonly appointments: readonly FhirResource[];
}

async function look(exchange: Exchange, own: Own): Promise<Looked> {
  const at = await around(exchange, own.charts);
  const appointments = await appointmentsOf(own);
  return { ...own, ...at, appointments, directory: await directoryOf(own.charts) };
}

const visitsAt = ({ clinic, settings, nowMs, directory }: Looked) => ({
  clinic,
  settings,
  nowMs,
  names: directory.names,
});

const isFull = (looked: Looked): boolean =>
  ownVisitsOf(visitsAt(looked), looked.appointments).upcoming.length >= looked.settings.booking.maxUpcoming;

/** GET /patient/visits */
async function listOwnVisits(exchange: Exchange): Promise<Answer> {
  const looked = await look(exchange, await openOwn(exchange, [READ]));
  const { clinic, settings, nowMs, directory } = looked;
  const { upcoming, past } = ownVisitsOf(visitsAt(looked), looked.appointments);
  const isAtLimit = isFull(looked);
  const isOpen = settings.booking.isOpen && !isAtLimit && directory.providers.length > 0;
  const booking = isOpen ? bookableOf(looked, directory) : undefined;
  const answer: OwnVisits = {
    today: clinicDay(clinic.timeZone, nowMs),
    timeZone: clinic.timeZone,
    upcoming,
    past,
    notice: settings.notice,
    isFull: isAtLimit,
    ...(booking !== undefined && booking.visitTypes.length > 0 && { booking }),
  };
  return json(200, answer);
}

interface Wanted {
  readonly visitType: string;
  readonly provider?: string | undefined;
  readonly from: string;
  readonly days: number;
  readonly limit: number;
}

interface Offer {
  readonly times: readonly FreeTimeFound[];
  readonly minutes: number;
}

/** Free times that this patient may book: of an offered type, with an offered provider, when she is free herself. */
async function offersFor(looked: Looked, wanted: Wanted): Promise<Offer | undefined> {
  const { clinic, settings, nowMs, patientId, charts, directory } = looked;
  const { visitTypes, until } = bookableOf(looked, directory);
  const kind = visitTypes.find(({ id }) => id === wanted.visitType);
  const offered = directory.providers.filter(({ id }) => wanted.provider === undefined || id === wanted.provider);
  if (!settings.booking.isOpen || kind === undefined || offered.length === 0) return undefined;
  const lastDays = Array.from({ length: wanted.days }, (_day, index) => addDays(wanted.from, index));
  const days = lastDays.filter((day) => day <= until).length;
  if (days === 0) return { times: [], minutes: kind.minutes };
  const providers = offered.slice(0, MAX_PROVIDERS).map(({ id }) => `Practitioner/${id}`);
  const query = { from: wanted.from, minutes: kind.minutes, providers, days, limit: wanted.limit };
  const self = `Patient/${patientId}`;
  const busy = must(await charts.records.busy(charts.recordGrant, [...providers, self], spanOf(clinic, query)));
  // Where she has another visit nobody is free for her.
  const taken = busy.flatMap((each): readonly Busy[] =>
    each.actor === self ? providers.map((actor) => ({ ...each, actor })) : [each],
  );
  const times = freeTimes(clinic, query, taken, earliestMs(settings, nowMs));
  return { times, minutes: kind.minutes };
}

const MAX_PROVIDERS = 20;
const DAYS_SHOWN = 14;
const TIMES_SHOWN = 24;
const TIMES_A_DAY = 300;

/** GET /patient/free-times: `visitType`, and `provider` and `from` where she has chosen them. */
async function findOwnTimes(exchange: Exchange): Promise<Answer> {
  const own = await openOwn(exchange, [READ]);
  const looked = await look(exchange, own);
  const { query } = exchange;
  const { clinic, nowMs, directory } = looked;
  const today = clinicDay(clinic.timeZone, nowMs);
  const from = parseDay(query.get("from") ?? today);
  if (from === undefined) return fail({ kind: "structure", rule: "free-times" });
  const start = from < today ? today : from;
  const provider = query.get("provider") ?? undefined;
  const wanted = {
    visitType: query.get("visitType") ?? "",
    provider,
    from: start,
    days: DAYS_SHOWN,
    limit: TIMES_SHOWN,
  };
  const offers = await offersFor(looked, wanted);
  if (offers === undefined) return failTold(own.charts, {}, { kind: "business-rule", rule: "booking-closed" });
  const answer: OwnFreeTimes = {
    until: addDays(start, DAYS_SHOWN - 1),
    times: offers.times.map(({ day, startMs, provider: who }) => {
      const found = directory.providers.find(({ id }) => `Practitioner/${id}` === who);
      return { day, start: clockTime(clinic.timeZone, startMs), ...(found !== undefined && { provider: found }) };
    }),
  };
  return json(200, answer);
}

/** In her own portal nothing is booked in spite of a rule, whatever the clinic lets its desk do. */
const strict = (clinic: Clinic): Clinic => ({
  ...clinic,
  profile: {
    ...clinic.profile,
    rules: Object.fromEntries(CHOSEN_RULES.map((rule) => [rule, "refuse"])) as Record<ChosenRule, "refuse">,
  },
});

const deskOf = (exchange: Exchange, { charts }: Own, clinic: Clinic): ScheduleDesk => ({
  records: charts.records,
  grant: charts.recordGrant,
  clinic: strict(clinic),
  clock: systemClock,
  ...effectOf(exchange),
});

async function answerOf(looked: Looked, { id }: Pick<Visit, "id">, status: 200 | 201): Promise<Answer> {
  const stored = must(await looked.charts.records.read(looked.charts.recordGrant, "Appointment", id));
  const view = ownVisitOf(visitsAt(looked), resourceOf(stored));
  invariant(view !== undefined, "what was booked just now is a visit");
  return json(status, view);
}

/** POST /patient/visits: a time that was free for her a moment ago, and is claimed now. */
async function bookOwnVisit(exchange: Exchange): Promise<Answer> {
  const request = exchange.body as BookOwnVisit;
  const own = await openOwn(exchange, [BOOK, READ]);
  const looked = await look(exchange, own);
  const { clinic, patientId, charts } = looked;
  const { effect } = effectOf(exchange);
  const before = effect === undefined ? undefined : must(await charts.records.replayed(charts.recordGrant, effect));
  const [known] = before ?? [];
  // What the rules would refuse now is what this very request has done.
  if (known !== undefined) return answerOf(looked, known, 201);
  if (isFull(looked)) return failTold(charts, {}, { kind: "business-rule", rule: "booking-full" });
  const start = mustSchedule(instantOf(clinic, request));
  const { visitType, provider, day } = request;
  const offers = await offersFor(looked, { visitType, provider, from: day, days: 1, limit: TIMES_A_DAY });
  if (offers === undefined) return failTold(charts, {}, { kind: "business-rule", rule: "booking-closed" });
  const offer = offers.times.find(({ startMs }) => startMs === start);
  if (offer === undefined) return failTold(charts, {}, { kind: "business-rule", rule: "booking-time", path: "time" });
  const booked = await bookAppointment(deskOf(exchange, own, clinic), {
    patient: patientId,
    day,
    time: request.time,
    occurrence: request.occurrence,
    minutes: offers.minutes,
    visitType,
    provider: offer.provider?.slice("Practitioner/".length),
    reason: request.reason,
    accept: [],
  });
  return answerOf(looked, mustSchedule(booked), 201);
}

interface Known extends Looked {
  readonly appointment: FhirResource;
  readonly visit: Visit;
}

/** An own visit by its id. Another patient's is as unknown as one that never was: the grant reaches one compartment. */
async function openKnown(exchange: Exchange): Promise<Known> {
  const own = await openOwn(exchange, [CHANGE, READ]);
  const { charts } = own;
  const stored = must(await charts.records.read(charts.recordGrant, "Appointment", exchange.path["id"] ?? ""));
  const appointment = resourceOf(stored);
  const visit = visitOf(appointment, stored.version);
  if (visit === undefined || visit.patientId !== own.patientId) return fail({ kind: "not-found" });
  return { ...(await look(exchange, own)), appointment, visit };
}

/** POST /patient/visits/{id}/cancel: as long before as the clinic asks for. */
async function cancelOwnVisit(exchange: Exchange): Promise<Answer> {
  const { version, note } = exchange.body as CancelOwnVisit;
  const known = await openKnown(exchange);
  const { clinic, settings, nowMs, visit, charts } = known;
  // A repeat is answered by what the first one did: the write looks.
  const isCurrent = visit.version === version;
  if (isCurrent && visit.stage !== "booked")
    return failTold(charts, {}, { kind: "business-rule", rule: "visit-state" });
  if (isCurrent && !mayCancelAt(settings.notice, visit.startMs, clinic.timeZone, nowMs))
    return failTold(charts, {}, { kind: "business-rule", rule: "notice-passed" });
  const cancelled = { reason: "pat", ...(note !== undefined && { note }) } as const;
  const desk = deskOf(exchange, known, clinic);
  const done = mustSchedule(await stepAppointment(desk, visit.id, version, "cancel", { cancelled }));
  return answerOf(known, done, 200);
}

/** POST /patient/visits/{id}/confirm */
async function confirmOwnVisit(exchange: Exchange): Promise<Answer> {
  const { version } = exchange.body as ConfirmOwnVisit;
  const known = await openKnown(exchange);
  const { visit, appointment, nowMs, charts } = known;
  const isCurrent = visit.version === version;
  if (isCurrent && (visit.stage !== "booked" || visit.startMs <= nowMs))
    return failTold(charts, {}, { kind: "business-rule", rule: "visit-state" });
  const options = { ifMatch: version, ...effectOf(exchange) };
  must(await charts.records.update(charts.recordGrant, confirmed(appointment, nowMs), options));
  return answerOf(known, visit, 200);
}

export const visitHandlers = { listOwnVisits, findOwnTimes, bookOwnVisit, cancelOwnVisit, confirmOwnVisit };
