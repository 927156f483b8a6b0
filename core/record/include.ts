import type { FhirResource, Include, SearchQuery } from "../fhir/index.ts";
import { hasPatientHome, includedReferences, isResourceType, patientOf } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { parseRecordId } from "../table/index.ts";
import { followedFrom } from "./follow.ts";
import { patientHome, spotsAt } from "./address.ts";
import { readSpots } from "./compartment.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import type { RecordName } from "./reader.ts";
import { findMany, nameOf } from "./reader.ts";
import { resourceOf } from "./stored.ts";

const MAX_INCLUDED = 1_000;
const MAX_ROUNDS = 3;

const resourceName = ({ resourceType, id }: FhirResource): string => `${resourceType}/${id ?? ""}`;

/** The records that `_include` and `_revinclude` draw in with a page of matches: each once, none of the matches again. */
export async function includedWith(
  desk: Desk,
  query: SearchQuery,
  matches: readonly FhirResource[],
): Promise<Result<readonly FhirResource[], RecordFailure>> {
  const included = new Map<string, FhirResource>();
  const known = new Set(matches.map(resourceName));
  const add = (resource: FhirResource): boolean => {
    const name = resourceName(resource);
    if (known.has(name)) return false;
    known.add(name);
    included.set(name, resource);
    return true;
  };
  for (const include of query.revIncludes) {
    const found = await referringTo(desk, include, matches);
    if (!found.ok) return found;
    found.value.forEach(add);
  }
  let wave: readonly FhirResource[] = [...matches, ...included.values()];
  for (let round = 0; round < MAX_ROUNDS && wave.length > 0; round += 1) {
    const includes = query.includes.filter((include) => round === 0 || include.isIterated);
    const names = new Map<string, RecordName>();
    for (const include of includes) {
      for (const resource of wave) {
        for (const reference of includedReferences(resource, include)) {
          const id = parseRecordId(reference.id);
          if (id === undefined || !isResourceType(reference.type)) continue;
          const name = { type: reference.type, id };
          if (!known.has(nameOf(name))) names.set(nameOf(name), name);
        }
      }
    }
    if (included.size + names.size > MAX_INCLUDED) return err({ kind: "too-costly", rule: "include-size" });
    const found = await readNamed(desk, [...names.values()]);
    if (!found.ok) return found;
    wave = found.value.filter(add);
  }
  return included.size > MAX_INCLUDED ? err({ kind: "too-costly", rule: "include-size" }) : ok([...included.values()]);
}

/** The live records among the names. */
export async function readNamed(
  desk: Desk,
  names: readonly RecordName[],
): Promise<Result<readonly FhirResource[], RecordFailure>> {
  const found = await findMany(desk, names);
  if (!found.ok) return found;
  const live = names.flatMap((name) => found.value.current.get(nameOf(name))?.stored ?? []);
  return ok(live.filter((stored) => stored.text !== undefined).map(resourceOf));
}

/** Records of the include's source that refer to one of the matches, from the compartments that the matches live in. */
async function referringTo(
  desk: Desk,
  include: Include,
  matches: readonly FhirResource[],
): Promise<Result<readonly FhirResource[], RecordFailure>> {
  const { source } = include;
  const patients = new Set<string>();
  for (const match of matches) {
    const patient = patientOf(match);
    if (patient.ok && patient.value !== undefined) patients.add(patient.value);
    else if (hasPatientHome(source)) return err({ kind: "not-supported", rule: "search-without-patient" });
  }
  const own = [...patients].flatMap((id) => patientHome(id) ?? []);
  const homes = [...own];
  for (const { patientId } of own) {
    const followed = await followedFrom(desk, patientId);
    if (!followed.ok) return followed;
    homes.push(...followed.value.map((id) => ({ patientId: id })));
  }
  const spots = hasPatientHome(source)
    ? homes.flatMap((home) => spotsAt(desk, source, home))
    : spotsAt(desk, source, { type: source });
  const found = await readSpots(desk, matches.length === 0 ? [] : spots, source);
  if (!found.ok) return found;
  const names = new Set(matches.map(resourceName));
  const refers = (resource: FhirResource): boolean =>
    includedReferences(resource, include).some(({ type, id }) => names.has(`${type}/${id}`));
  return ok(found.value.map(resourceOf).filter(refers));
}
