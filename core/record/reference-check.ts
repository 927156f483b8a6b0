import type { FhirResource, ResourceType } from "../fhir/index.ts";
import { classesOfType, isResourceType, patientOfId, references } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Home, Key, RecordId, Row } from "../table/index.ts";
import { LOCATOR_SORT, parseRecordId } from "../table/index.ts";
import { addressOf, currentKey, heldClasses } from "./address.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { findCurrent, isCommitted } from "./reader.ts";

/** A relative reference that has to name a record of this tenant. */
export interface Asked {
  readonly path: string;
  readonly type: ResourceType;
  readonly id: RecordId;
  readonly version?: number;
  /** The rows that can prove it; any of them does. */
  readonly keys: readonly Key[];
}

const nameOf = ({ type, id }: Pick<Asked, "type" | "id">): string => `${type}/${id}`;

/**
 * The references of a resource that must be looked up: relative ones, each once, but for those in `known` (what the
 * same bundle writes, or the version before already said).
 * A reference to a class that the grant cannot see is taken where it stays with the record's own patient: a billing
 * clerk's claim names an encounter that she may not read. Anything else that cannot be looked up is unresolved.
 * Absolute references and urns lead out of this server and are refused.
 */
export function referencesToCheck(
  desk: Desk,
  resource: FhirResource,
  home: Home,
  known: (type: string, id: string) => boolean,
): Result<readonly Asked[], RecordFailure> {
  const asked = new Map<string, Asked>();
  for (const { path, target } of references(resource)) {
    if (target.kind === "contained") continue;
    if (target.kind !== "relative") return err({ kind: "business-rule", rule: "reference-external", path });
    const id = parseRecordId(target.id);
    const unresolved = err({ kind: "business-rule", rule: "reference-unresolved", path } as const);
    if (id === undefined || !isResourceType(target.type)) return unresolved;
    const { type } = target;
    if (known(type, id)) continue;
    if (heldClasses(desk, type).length < classesOfType(type).length && staysWith(home, id)) continue;
    const version = target.version === undefined ? undefined : Number(target.version);
    if (version !== undefined && !Number.isSafeInteger(version)) return unresolved;
    const keys = keysOf(desk, type, id);
    if (keys.length === 0) return unresolved;
    asked.set(`${nameOf({ type, id })}/${version ?? ""}`, {
      path,
      type,
      id,
      keys,
      ...(version !== undefined && { version }),
    });
  }
  return ok([...asked.values()]);
}

const staysWith = (home: Home, id: string): boolean => "patientId" in home && patientOfId(id) === home.patientId;

function keysOf(desk: Desk, type: ResourceType, id: RecordId): readonly Key[] {
  const { spots, locator } = addressOf(desk, type, id);
  return [...spots.map((spot) => currentKey(desk, spot, type, id)), ...(locator ? [locator] : [])];
}

/**
 * Judges what was looked up: `rows` are those of every key of `asked`, in order. The first reference without a row that
 * counts refuses the resource: unknown, deleted, foreign and not yet committed are one answer.
 */
export async function judgeReferences(
  desk: Desk,
  asked: readonly Asked[],
  rows: readonly (Row | undefined)[],
): Promise<Result<void, RecordFailure>> {
  const found = new Map<Asked, Row[]>();
  let at = 0;
  for (const each of asked) {
    const own = rows.slice(at, at + each.keys.length).filter((row) => row !== undefined);
    found.set(
      each,
      own.filter((row) => row["_del"] !== true && row["_mv"] !== true),
    );
    at += each.keys.length;
  }
  const transactions = [...found.values()].flat().flatMap((row) => (typeof row["_tx"] === "string" ? row["_tx"] : []));
  const committed = await isCommitted(desk, transactions);
  if (!committed.ok) return committed;
  for (const [each, own] of found) {
    const counting = own.filter((row) => typeof row["_tx"] !== "string" || committed.value.has(row["_tx"]));
    const record = counting.find((row) => row.sk !== LOCATOR_SORT);
    const version = record ? ok(Number(record["_ver"])) : await locatedVersion(desk, each, counting.length > 0);
    if (!version.ok) return version;
    const isThere = version.value !== undefined && isVersionOf(each.version, version.value);
    if (!isThere) return err({ kind: "business-rule", rule: "reference-unresolved", path: each.path });
  }
  return ok(undefined);
}

const isVersionOf = (asked: number | undefined, current: number): boolean =>
  asked === undefined || (asked >= 1 && asked <= current);

/** A locator stays when its record is deleted: only the record itself proves it. */
async function locatedVersion(
  desk: Desk,
  { type, id }: Asked,
  hasLocator: boolean,
): Promise<Result<number | undefined, RecordFailure>> {
  if (!hasLocator) return ok(undefined);
  const found = await findCurrent(desk, type, id);
  if (!found.ok) return found;
  const stored = found.value.current?.stored;
  return ok(stored?.text === undefined ? undefined : stored.version);
}

/** What a version already referred to: an update does not have to answer for what has been deleted since. */
export function knownFrom(resource: FhirResource | undefined): (type: string, id: string) => boolean {
  const names = new Set<string>();
  for (const { target } of resource ? references(resource) : []) {
    if (target.kind === "relative") names.add(`${target.type}/${target.id}`);
  }
  return (type, id) => names.has(`${type}/${id}`);
}
