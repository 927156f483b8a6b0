import type { Criterion, FhirResource, SearchQuery } from "../fhir/index.ts";
import { compartmentPaths, hasPatientHome, matcher, paginate, sortResources } from "../fhir/index.ts";
import { isId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { RecordId } from "../table/index.ts";
import { parseRecordId } from "../table/index.ts";
import type { Spot } from "./address.ts";
import { patientHome, spotsAt } from "./address.ts";
import { readSpots } from "./compartment.ts";
import type { Desk } from "./desk.ts";
import { readDirectory } from "./directory.ts";
import type { RecordFailure } from "./failure.ts";
import { includedWith, readNamed } from "./include.ts";
import { followedFrom } from "./follow.ts";
import { filterOf, openPosition, sealPosition } from "./page.ts";
import { isWithheld, keepListed } from "./privacy.ts";
import { resourceOf } from "./stored.ts";
import { tokenQueryOf } from "./token-query.ts";
import { readByToken } from "./token-search.ts";

export interface SearchPage {
  readonly matches: readonly FhirResource[];
  readonly included: readonly FhirResource[];
  /** All that match, on every page. */
  readonly total: number;
  /** For the link to the next page; absent on the last. Belongs to this user, route and search, for an hour. */
  readonly next?: string;
  /** The one patient whose compartment was searched, for the audit event. */
  readonly patientId?: string;
  /** The patients whose compartments were searched, where they are several: each of their logs shows it. */
  readonly searchedPatients?: readonly string[];
}

export interface SearchOptions {
  readonly cursor?: string;
}

const DEFAULT_COUNT = 50;
const MAX_COUNT = 1_000;
/** Every Patient of an answer, and every record that was found across patients, is named in its audit event, which holds a hundred names. */
const MAX_NAMED_A_PAGE = 100;
const MAX_PATIENTS_SEARCHED = 10;
const MAX_IDS = 100;
/** Patients that may be read in full where the directory cannot tell which of them match. */
const MAX_FULL_PATIENTS = 2_000;

/** What the directory knows a Patient by: a search of these alone reads no chart but those on the page. */
const DIRECTORY_PARAMETERS: ReadonlySet<string> = new Set([
  "_id",
  "active",
  "birthdate",
  "email",
  "family",
  "gender",
  "given",
  "identifier",
  "name",
  "phone",
  "telecom",
]);

/** What a search starts from: resources that may match, or the patients' directory entries. */
interface Candidates {
  readonly resources: readonly FhirResource[];
  /** True where these are entries of the directory, and the page is still to be read in full. */
  readonly isDirectory: boolean;
  /** True where they were found across patients, by a token. */
  readonly isByToken?: boolean;
  readonly patientId?: string;
  readonly searchedPatients?: readonly string[];
}

/**
 * Searches inside the tenant: within patients' compartments, in the partition of a type that has no patient, in the
 * patient directory, or among the ids that were asked for. Opens, matches and sorts in memory; pages by a sealed cursor.
 */
export async function searchRecords(
  desk: Desk,
  asked: SearchQuery,
  { cursor }: SearchOptions,
): Promise<Result<SearchPage, RecordFailure>> {
  const page = { route: `search ${asked.type}`, filter: filterOf(asked) };
  const position = cursor === undefined ? ok(undefined) : await openPosition(desk, page, cursor);
  if (!position.ok) return position;
  const followed = await withFollowed(desk, asked);
  if (!followed.ok) return followed;
  const query = followed.value;
  const candidates = await candidatesOf(desk, query);
  if (!candidates.ok) return candidates;
  const { resources, isDirectory, isByToken, patientId, searchedPatients } = candidates.value;
  const isMatch = matcher(isDirectory ? directoryPart(query) : query, { nowMs: desk.clock.now() });
  const sorted = sortResources(resources.filter(isMatch), query.sort);
  const whose = { ...(patientId !== undefined && { patientId }), ...(searchedPatients && { searchedPatients }) };
  const count = Math.min(pageSize(query), isByToken ? MAX_NAMED_A_PAGE : MAX_COUNT);
  if (count === 0) return ok({ matches: [], included: [], total: sorted.length, ...whose });
  const cut = paginate(sorted, count, position.value);
  if (!cut.ok) return err({ kind: "invalid-cursor" });
  if (isDirectory)
    keepListed(
      desk,
      cut.value.items.flatMap(({ id }) => id ?? []),
    );
  const matches = isDirectory ? await readNamed(desk, cut.value.items.map(patientName)) : ok(cut.value.items);
  if (!matches.ok) return matches;
  const included = await includedWith(desk, query, matches.value);
  if (!included.ok) return included;
  const result = { matches: matches.value, included: included.value, total: sorted.length, ...whose };
  if (cut.value.next === undefined) return ok(result);
  const next = await sealPosition(desk, page, cut.value.next);
  return next.ok ? ok({ ...result, next: next.value }) : next;
}

/** A search in a patient's chart is one in those that were merged into it. */
async function withFollowed(desk: Desk, query: SearchQuery): Promise<Result<SearchQuery, RecordFailure>> {
  const criteria: Criterion[] = [];
  for (const criterion of query.criteria) {
    const values = [...criterion.values];
    for (const value of isHomeCriterion(query.type, criterion) ? criterion.values : []) {
      const id = value.kind === "reference" && value.types.includes("Patient") ? parseRecordId(value.id) : undefined;
      const followed = id === undefined ? ok([]) : await followedFrom(desk, id);
      if (!followed.ok) return followed;
      values.push(...followed.value.map((each) => ({ kind: "reference", types: ["Patient"], id: each }) as const));
    }
    criteria.push({ ...criterion, values });
  }
  return ok({ ...query, criteria });
}

function pageSize({ type, count = DEFAULT_COUNT, summary }: SearchQuery): number {
  if (summary === "count") return 0;
  return Math.min(count, type === "Patient" ? MAX_NAMED_A_PAGE : MAX_COUNT);
}

async function candidatesOf(desk: Desk, query: SearchQuery): Promise<Result<Candidates, RecordFailure>> {
  const asked = [...query.criteria, ...query.sort].map(({ parameter }) => parameter.code);
  if (asked.some((code) => isWithheld(desk, query.type, code))) return err({ kind: "forbidden" });
  const ids = idsOf(query);
  if (ids !== undefined) {
    if (ids.length > MAX_IDS) return err({ kind: "too-costly", rule: "search-patients" });
    const named = await readNamed(
      desk,
      ids.map((id) => ({ type: query.type, id })),
    );
    return named.ok ? ok({ resources: named.value, isDirectory: false }) : named;
  }
  const byToken = await tokenCandidates(desk, query);
  if (byToken) return byToken;
  if (query.type === "Patient") return patientCandidates(desk, query);
  const spots = searchSpots(desk, query);
  if (!spots.ok) return spots;
  const found = await readSpots(desk, spots.value, query.type);
  if (!found.ok) return found;
  const patients = new Set(spots.value.map(({ home }) => ("patientId" in home ? home.patientId : undefined)));
  const [patientId] = patients.size === 1 ? patients : [];
  const resources = found.value.map(resourceOf);
  if (patients.size <= 1) return ok({ resources, isDirectory: false, ...(patientId !== undefined && { patientId }) });
  // An id of a caller's own that names nobody can be anything, and the archive keeps it.
  const isKnown = (id: string): boolean => isId(id) || found.value.some(({ key }) => key.pk.endsWith(`#P#${id}`));
  const searchedPatients = [...patients].filter((id) => id !== undefined).filter(isKnown);
  return ok({ resources, isDirectory: false, searchedPatients });
}

/** Undefined where the search names a patient, or asks for nothing that records are found by across patients. */
async function tokenCandidates(desk: Desk, query: SearchQuery): Promise<Result<Candidates, RecordFailure> | undefined> {
  if (desk.grant.onlyPatientId !== undefined) return undefined;
  if (query.criteria.some((criterion) => isHomeCriterion(query.type, criterion))) return undefined;
  const asked = tokenQueryOf(query);
  if (!asked) return undefined;
  const found = await readByToken(desk, query.type, asked.parameter, asked.values);
  return found.ok ? ok({ resources: found.value.map(resourceOf), isDirectory: false, isByToken: true }) : found;
}

/** The ids of an `_id` criterion, each once; text that is no id matches nothing. */
function idsOf(query: SearchQuery): RecordId[] | undefined {
  const criterion = query.criteria.find(
    ({ parameter, modifier }) => parameter.code === "_id" && modifier === undefined,
  );
  if (!criterion) return undefined;
  const ids = criterion.values.flatMap((value) => (value.kind === "token" ? (parseRecordId(value.code) ?? []) : []));
  return [...new Set(ids)];
}

/**
 * Where records of the query can be. A type without patients has one partition. Any other needs to be told whose records
 * are meant, because a tenant has no list of them all: that would be a search across patients.
 */
function searchSpots(desk: Desk, query: SearchQuery): Result<readonly Spot[], RecordFailure> {
  const { type } = query;
  if (!hasPatientHome(type)) return ok(spotsAt(desk, type, { type }));
  const homes = query.criteria.flatMap((criterion) => (isHomeCriterion(type, criterion) ? [criterion] : []));
  const [criterion] = homes;
  const only = desk.grant.onlyPatientId;
  if (!criterion && only === undefined) return err({ kind: "not-supported", rule: "search-without-patient" });
  const patients = new Set<string>(only === undefined ? [] : [only]);
  let isBeyondPatients = false;
  for (const value of only === undefined ? (criterion?.values ?? []) : []) {
    if (value.kind !== "reference") continue;
    if (value.types.includes("Patient")) patients.add(value.id);
    isBeyondPatients ||= value.types.some((target) => target !== "Patient");
  }
  if (patients.size > MAX_PATIENTS_SEARCHED) return err({ kind: "too-costly", rule: "search-patients" });
  const spots = [...patients].flatMap((id) => patientHome(id) ?? []).flatMap((home) => spotsAt(desk, type, home));
  return ok(isBeyondPatients ? [...spots, ...spotsAt(desk, type, { type })] : spots);
}

/** True where the criterion asks for the element that decides a record's home: `Observation.subject`, `Coverage.beneficiary`. */
function isHomeCriterion(type: FhirResource["resourceType"], { parameter, modifier }: Criterion): boolean {
  const path = `${type}.${compartmentPaths(type)[0] ?? ""}`;
  const isHome = parameter.expression === path || parameter.expression.startsWith(`${path}.where(`);
  return parameter.type === "reference" && isHome && (modifier === undefined || modifier === "type");
}

async function patientCandidates(desk: Desk, query: SearchQuery): Promise<Result<Candidates, RecordFailure>> {
  const only = desk.grant.onlyPatientId;
  // Whoever reaches one patient does not reach the directory of them all.
  if (only !== undefined) {
    const own = await readNamed(desk, [patientName({ id: only } as FhirResource)]);
    return own.ok ? ok({ resources: own.value, isDirectory: false }) : own;
  }
  const entries = await readDirectory(desk);
  if (!entries.ok) return entries;
  const isCovered =
    query.criteria.every(({ parameter }) => DIRECTORY_PARAMETERS.has(parameter.code)) &&
    query.sort.every(({ parameter }) => DIRECTORY_PARAMETERS.has(parameter.code));
  if (isCovered) return ok({ resources: entries.value, isDirectory: true });
  const mayMatch = entries.value.filter(matcher(directoryPart(query), { nowMs: desk.clock.now() }));
  if (mayMatch.length > MAX_FULL_PATIENTS) return err({ kind: "too-costly", rule: "search-patients" });
  const patients = await readNamed(desk, mayMatch.map(patientName));
  return patients.ok ? ok({ resources: patients.value, isDirectory: false }) : patients;
}

const directoryPart = (query: SearchQuery): SearchQuery => ({
  ...query,
  criteria: query.criteria.filter(({ parameter }) => DIRECTORY_PARAMETERS.has(parameter.code)),
});

const patientName = ({ id }: FhirResource) => ({ type: "Patient", id: id as RecordId }) as const;

/** The ids of everything that matches, for the conditions of a bundle. */
export async function matchingIds(desk: Desk, asked: SearchQuery): Promise<Result<readonly string[], RecordFailure>> {
  const followed = await withFollowed(desk, asked);
  if (!followed.ok) return followed;
  const query = followed.value;
  const candidates = await candidatesOf(desk, query);
  if (!candidates.ok) return candidates;
  const { resources, isDirectory } = candidates.value;
  const isMatch = matcher(isDirectory ? directoryPart(query) : query, { nowMs: desk.clock.now() });
  return ok(resources.filter(isMatch).flatMap(({ id }) => id ?? []));
}
