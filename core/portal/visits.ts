import type { Bookable, MayCancel, OwnVisit, PortalSettings } from "../contract/patient-portal.ts";
import { copyLexemes, type FhirResource, isJsonObject, type JsonObject } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { addDays, clinicDay, clockTime, type Clinic, type Visit, visitOf } from "../schedule/index.ts";
import { isOver } from "../schedule/stages.ts";
import { cancelUntilMs, mayCancelAt } from "./notice.ts";

/** A patient's own visits, as her portal shows them, and what the clinic lets her book. */

/** When the patient said that she will come: an instant, on the Appointment. */
export const CONFIRMED_EXTENSION = "urn:keyward:appointment-confirmed";

const objects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as unknown[]).filter(isJsonObject) : [];

/** For which beginning she said so: a visit that was moved since is to be confirmed anew. */
function confirmedStartOf(appointment: FhirResource): unknown {
  const said = objects(appointment["extension"]).find(({ url }) => url === CONFIRMED_EXTENSION);
  return objects(said?.["extension"]).find(({ url }) => url === "start")?.["valueInstant"];
}

export const isConfirmed = (appointment: FhirResource): boolean => {
  const said = confirmedStartOf(appointment);
  return typeof said === "string" && Date.parse(said) === Date.parse(String(appointment["start"]));
};

/** The appointment with her word that she will come. */
export function confirmed(appointment: FhirResource, nowMs: number): FhirResource {
  const others = objects(appointment["extension"]).filter(({ url }) => url !== CONFIRMED_EXTENSION);
  const mark = {
    url: CONFIRMED_EXTENSION,
    extension: [
      { url: "at", valueInstant: toInstant(nowMs) },
      { url: "start", valueInstant: toInstant(Date.parse(String(appointment["start"]))) },
    ],
  };
  return copyLexemes(appointment, {
    ...appointment,
    extension: [...others, mark],
  } as unknown as JsonObject) as unknown as FhirResource;
}

/** Names of what visits refer to, by `Type/id`. */
export type Names = ReadonlyMap<string, string>;

export interface VisitsAt {
  readonly clinic: Clinic;
  readonly settings: PortalSettings;
  readonly names: Names;
  readonly nowMs: number;
}

function mayCancelOf({ clinic, settings, nowMs }: VisitsAt, { stage, startMs }: Visit): MayCancel {
  if (stage !== "booked" || startMs <= nowMs) return { state: "no" };
  const untilMs = cancelUntilMs(settings.notice, startMs, clinic.timeZone);
  const until = { day: clinicDay(clinic.timeZone, untilMs), at: clockTime(clinic.timeZone, untilMs) };
  const isInTime = mayCancelAt(settings.notice, startMs, clinic.timeZone, nowMs);
  return isInTime ? { state: "yes", until } : { state: "too-late", until };
}

/** One visit; undefined for what is on no calendar, such as a request without a time. */
export function ownVisitOf(at: VisitsAt, appointment: FhirResource): OwnVisit | undefined {
  const visit = visitOf(appointment, Number(appointment.meta?.["versionId"]));
  if (visit === undefined) return undefined;
  const { clinic, names, nowMs } = at;
  const { id, version, startMs, endMs, stage, provider, room, visitType, reason } = visit;
  const nameOf = (type: string, of: string | undefined): string | undefined =>
    of === undefined ? undefined : names.get(`${type}/${of}`);
  const [kind, who, where] = [
    nameOf("HealthcareService", visitType),
    nameOf("Practitioner", provider),
    nameOf("Location", room),
  ];
  const isSaid = isConfirmed(appointment);
  return {
    id,
    version,
    day: clinicDay(clinic.timeZone, startMs),
    start: clockTime(clinic.timeZone, startMs),
    end: clockTime(clinic.timeZone, endMs),
    minutes: Math.round((endMs - startMs) / 60_000),
    stage,
    isConfirmed: isSaid,
    mayConfirm: stage === "booked" && startMs > nowMs && !isSaid,
    mayCancel: mayCancelOf(at, visit),
    ...(kind !== undefined && { visitType: kind }),
    ...(who !== undefined && { provider: who }),
    ...(where !== undefined && { place: where }),
    ...(reason !== undefined && { reason }),
  };
}

/** Those to come in the order of time, and those that were, newest first. What was cancelled is over whenever it was. */
export function ownVisitsOf(
  at: VisitsAt,
  appointments: readonly FhirResource[],
): { readonly upcoming: readonly OwnVisit[]; readonly past: readonly OwnVisit[] } {
  const all = appointments
    .flatMap((appointment) => ownVisitOf(at, appointment) ?? [])
    .toSorted((one, other) => (one.start.at < other.start.at ? -1 : 1));
  const isAhead = ({ stage, end }: OwnVisit): boolean => !isOver(stage) && Date.parse(end.at) > at.nowMs;
  return { upcoming: all.filter(isAhead), past: all.filter((visit) => !isAhead(visit)).toReversed() };
}

export interface Offered {
  readonly visitTypes: Bookable["visitTypes"];
  readonly providers: Bookable["providers"];
}

/** What may be booked: the clinic's types of visit that it lets be, for as many days ahead. */
export function bookableOf({ settings, clinic, nowMs }: Omit<VisitsAt, "names">, offered: Offered): Bookable {
  const { visitTypes, aheadDays } = settings.booking;
  const isOffered = (id: string): boolean => visitTypes.length === 0 || visitTypes.includes(id);
  return {
    visitTypes: offered.visitTypes.filter(({ id }) => isOffered(id)),
    providers: offered.providers,
    until: addDays(clinicDay(clinic.timeZone, nowMs), aheadDays),
  };
}

/** The first instant that may be booked. */
export const earliestMs = ({ booking }: PortalSettings, nowMs: number): number => nowMs + booking.leadHours * 3_600_000;
