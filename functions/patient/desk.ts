import { type FhirResource, type ResourceType } from "../../core/fhir/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { type Demand, notAsked, purposeOf } from "../../core/policy/index.ts";
import { readPortalSettings } from "../../core/portal/index.ts";
import type { PortalSettings } from "../../core/contract/index.ts";
import { type Clinic, providerOf, placeOf, visitTypeOf } from "../../core/schedule/index.ts";
import { parseRecordId, type RecordId } from "../../core/table/index.ts";
import { type Affair, openAffair, refuse } from "../clinic/context.ts";
import { type Charts, openCharts } from "../clinic/charts.ts";
import { clinicFor } from "../clinic/clinic-profile.ts";
import { failureOf } from "../clinic/failures.ts";
import { allOf } from "../clinic/schedule-setup.ts";
import { type Exchange, identityOf } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";

/**
 * Whose record it is: by the membership of the session, and by nothing that the request says. Whoever has none is refused
 * by policy, and by this where policy would not.
 */
export async function ownPatient(exchange: Exchange): Promise<RecordId> {
  const { principal } = identityOf(exchange);
  const patientId = parseRecordId(principal.patientId);
  const purpose = purposeOf(principal, exchange.headers["x-purpose-of-use"]);
  // A colleague who is a patient too comes here for herself alone.
  const isOwn = principal.roles.includes("patient") && purpose.ok && purpose.value === "PATRQT";
  if (patientId !== undefined && isOwn) return patientId;
  await openAffair(exchange);
  return refuse(exchange, { kind: "forbidden", decision: notAsked("no-record", ["no-record"]) });
}

export interface Own {
  readonly patientId: RecordId;
  readonly charts: Charts;
}

type Asked = Pick<Demand, "action" | "type" | "classes">;

/** Opens the own record for what the route does. Every demand names the own patient: no id of a request is asked about. */
export async function openOwn(exchange: Exchange, demands: readonly Asked[]): Promise<Own> {
  const patientId = await ownPatient(exchange);
  const charts = await openCharts(
    exchange,
    demands.map((demand) => ({ ...demand, patientId })),
  );
  return { patientId, charts };
}

export async function settingsFor({ privacy }: Pick<Affair, "privacy">): Promise<PortalSettings> {
  const found = await readPortalSettings(privacy);
  return found.ok ? found.value.value : fail(failureOf(found.error));
}

/** What the clinic is, what its portal offers, and when it is. */
export interface Around {
  readonly clinic: Clinic;
  readonly settings: PortalSettings;
  readonly nowMs: number;
}

export async function around(exchange: Exchange, affair: Pick<Affair, "privacy">): Promise<Around> {
  const [clinic, settings] = await Promise.all([clinicFor(exchange), settingsFor(affair)]);
  return { clinic, settings, nowMs: systemClock.now() };
}

export const versionIn = ({ meta }: FhirResource): number => Number(meta?.["versionId"]);

/** Providers, rooms and types of visit by what a patient calls them. */
export interface Directory {
  readonly names: ReadonlyMap<string, string>;
  readonly visitTypes: readonly { readonly id: string; readonly name: string; readonly minutes: number }[];
  readonly providers: readonly { readonly id: string; readonly name: string }[];
}

/** The name of a record that a visit refers to; undefined for one that has none. */
export function nameOfActor(record: FhirResource): string | undefined {
  switch (record.resourceType) {
    case "Practitioner":
      return providerOf({ ...record, active: true } as unknown as FhirResource, undefined)?.name;
    case "Location":
      return placeOf(record, versionIn(record)).name;
    case "HealthcareService":
      return visitTypeOf(record, versionIn(record)).name;
    default:
      return undefined;
  }
}

export const namesIn = (records: readonly FhirResource[]): ReadonlyMap<string, string> =>
  new Map(
    records.flatMap((record) => {
      const name = nameOfActor(record);
      return name === undefined || name === "" ? [] : [[`${record.resourceType}/${record.id ?? ""}`, name] as const];
    }),
  );

const DIRECTORY_TYPES = ["Practitioner", "Location", "HealthcareService"] as const satisfies readonly ResourceType[];
const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name.localeCompare(other.name);

/** The clinic's directory, read in the scope of the own record: no patient stands in it. */
export async function directoryOf(charts: Charts): Promise<Directory> {
  const records: FhirResource[] = [];
  for (const type of DIRECTORY_TYPES) records.push(...(await allOf(charts, type)));
  const visitTypes = records
    .filter(({ resourceType }) => resourceType === "HealthcareService")
    .map((record) => visitTypeOf(record, versionIn(record)))
    .filter(({ isActive }) => isActive)
    .map(({ id, name, minutes }) => ({ id, name, minutes }));
  const providers = records
    .filter(({ resourceType }) => resourceType === "Practitioner")
    .flatMap((record) => providerOf(record, undefined) ?? [])
    .map(({ id, name }) => ({ id, name }));
  return { names: namesIn(records), visitTypes: visitTypes.toSorted(byName), providers: providers.toSorted(byName) };
}
