import type { Place, PlaceView, ScheduleSetupView, VisitType, VisitTypeView } from "../../core/contract/index.ts";
import { type FhirResource, parseSearch, type ResourceType } from "../../core/fhir/index.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { Demand } from "../../core/policy/index.ts";
import { resourceOf, type StoredVersion } from "../../core/record/index.ts";
import { locationOf, placeOf, providerOf, serviceOf, visitTypeOf } from "../../core/schedule/index.ts";
import { type Answer, type Exchange, json, identityOf } from "../http/exchange.ts";
import { ifMatchOf } from "../http/if-match.ts";
import { must } from "../records/failures.ts";
import { type Charts, effectOf, openCharts } from "./charts.ts";
import { clinicFor } from "./clinic-profile.ts";

const on = (action: Demand["action"], type: ResourceType): Demand => ({ action, type, classes: ["D"] });
const MAX_PAGES = 5;

/** Every record of a type that has no patient. */
export async function allOf({ records, recordGrant }: Charts, type: ResourceType): Promise<readonly FhirResource[]> {
  const query = parseSearch(type, "_count=1000");
  invariant(query.ok, "a search without criteria reads");
  const found: FhirResource[] = [];
  let cursor: string | undefined;
  for (let page = 0; page === 0 || (cursor !== undefined && page < MAX_PAGES); page += 1) {
    const one = must(await records.search(recordGrant, query.value, cursor === undefined ? {} : { cursor }));
    found.push(...one.matches);
    cursor = one.next;
  }
  return found;
}

const versionOf = ({ meta }: FhirResource): number => Number(meta?.["versionId"]);
const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name.localeCompare(other.name, "en", { numeric: true });

/** GET /clinic/schedule: what a day is made of. */
async function readScheduleSetup(exchange: Exchange): Promise<Answer> {
  const types = ["Location", "HealthcareService", "Practitioner"] as const;
  const charts = await openCharts(
    exchange,
    types.map((type) => on("search", type)),
  );
  const me = identityOf(exchange).principal.practitionerId;
  const clinic = await clinicFor(exchange);
  const locations = await allOf(charts, "Location");
  const services = await allOf(charts, "HealthcareService");
  const practitioners = await allOf(charts, "Practitioner");
  const view: ScheduleSetupView = {
    places: locations.map((each) => placeOf(each, versionOf(each))).toSorted(byName),
    visitTypes: services.map((each) => visitTypeOf(each, versionOf(each))).toSorted(byName),
    providers: practitioners.flatMap((each) => providerOf(each, me) ?? []).toSorted(byName),
    rules: clinic.profile.rules,
    slotMinutes: clinic.profile.slotMinutes,
    hours: clinic.hours,
  };
  return json(200, view);
}

type ViewOf<T> = (resource: FhirResource, version: number) => T;

const answerOf = <T>(status: 200 | 201, version: StoredVersion, view: ViewOf<T>): Answer =>
  json(status, view(resourceOf(version), version.version), { etag: `W/"${String(version.version)}"` });

async function add<T>(exchange: Exchange, resource: FhirResource, view: ViewOf<T>): Promise<Answer> {
  const { records, recordGrant } = await openCharts(exchange, [on("create", resource.resourceType)]);
  const { version } = must(await records.create(recordGrant, resource, effectOf(exchange)));
  return answerOf(201, version, view);
}

async function replace<T>(
  exchange: Exchange,
  type: ResourceType,
  next: (before: FhirResource) => FhirResource,
  view: ViewOf<T>,
): Promise<Answer> {
  const ifMatch = ifMatchOf(exchange);
  const id = exchange.path["id"] ?? "";
  const { records, recordGrant } = await openCharts(exchange, [on("read", type), on("update", type)]);
  const before = resourceOf(must(await records.read(recordGrant, type, id)));
  const options = { ifMatch, ...effectOf(exchange) };
  const { version } = must(await records.update(recordGrant, next(before), options));
  return answerOf(200, version, view);
}

const addPlace = (exchange: Exchange): Promise<Answer> =>
  add<PlaceView>(exchange, locationOf(exchange.body as Place), placeOf);
const changePlace = (exchange: Exchange): Promise<Answer> =>
  replace<PlaceView>(exchange, "Location", (before) => locationOf(exchange.body as Place, before), placeOf);
const addVisitType = (exchange: Exchange): Promise<Answer> =>
  add<VisitTypeView>(exchange, serviceOf(exchange.body as VisitType), visitTypeOf);
const changeVisitType = (exchange: Exchange): Promise<Answer> =>
  replace<VisitTypeView>(
    exchange,
    "HealthcareService",
    (before) => serviceOf(exchange.body as VisitType, before),
    visitTypeOf,
  );

export const scheduleSetupHandlers = { readScheduleSetup, addPlace, changePlace, addVisitType, changeVisitType };
