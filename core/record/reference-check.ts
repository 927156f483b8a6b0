import type { FhirResource, JsonObject, ResourceType } from "../fhir/index.ts";
import { classesOfType, isResourceType, patientOfId, references, specialLabels } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Home, Key, RecordId, Row } from "../table/index.ts";
import { parseRecordId } from "../table/index.ts";
import type { Spot } from "./address.ts";
import { addressOf, currentKey, heldClasses } from "./address.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { privacyAt, viewOf } from "./privacy.ts";
import { findCurrent, isCommitted } from "./reader.ts";
import type { StoredRow } from "./stored.ts";
import { openVersion, resourceOf } from "./stored.ts";

/** A relative reference that has to name a record of this tenant. */
export interface Asked {
  readonly path: string;
  readonly type: ResourceType;
  readonly id: RecordId;
  readonly version?: number;
  /** True where the version before said it already: a target that is gone since refuses nothing. */
  readonly isKnown: boolean;
  readonly spots: readonly Spot[];
  /** The rows that can prove it: one for each spot, and then the locator, where there is one. */
  readonly keys: readonly Key[];
}

export type Labels = readonly JsonObject[];
/** Labels of the segmented records that a resource refers to, by `Type/id`. */
export type LabelsByName = ReadonlyMap<string, Labels>;

const nameOf = ({ type, id }: Pick<Asked, "type" | "id">): string => `${type}/${id}`;

/**
 * The references of a resource that must be looked up: relative ones, each once, but for those in `own` (what the same
 * bundle writes). `known` are those that the version before already said.
 * A reference to a type that the grant cannot see at all is taken where it stays with the record's own patient: a billing
 * clerk's claim names an encounter that she may not read. Who may write a chart's records looks each of them up: a
 * segmented record that she cannot see is as unresolved as an unknown one, so that nothing outside its category refers
 * to it. Absolute references and urns lead out of this server and are refused.
 */
export function referencesToCheck(
  desk: Desk,
  resource: FhirResource,
  home: Home,
  own: (type: string, id: string) => boolean,
  known: (type: string, id: string) => boolean = () => false,
): Result<readonly Asked[], RecordFailure> {
  const asked = new Map<string, Asked>();
  for (const { path, target } of references(resource)) {
    if (target.kind === "contained") continue;
    if (target.kind !== "relative") return err({ kind: "business-rule", rule: "reference-external", path });
    const id = parseRecordId(target.id);
    const unresolved = err({ kind: "business-rule", rule: "reference-unresolved", path } as const);
    if (id === undefined || !isResourceType(target.type)) return unresolved;
    const { type } = target;
    if (own(type, id)) continue;
    if (heldClasses(desk, type).length === 0 && staysWith(home, id)) continue;
    const version = target.version === undefined ? undefined : Number(target.version);
    if (version !== undefined && !Number.isSafeInteger(version)) return unresolved;
    const isKnown = known(type, id);
    const places = placesOf(desk, type, id);
    if (places.keys.length === 0 && !isKnown) return unresolved;
    asked.set(`${nameOf({ type, id })}/${version ?? ""}`, {
      path,
      type,
      id,
      isKnown,
      ...places,
      ...(version !== undefined && { version }),
    });
  }
  return ok([...asked.values()]);
}

const staysWith = (home: Home, id: string): boolean => "patientId" in home && patientOfId(id) === home.patientId;

function placesOf(desk: Desk, type: ResourceType, id: RecordId): Pick<Asked, "spots" | "keys"> {
  const { spots, locator } = addressOf(desk, type, id);
  return { spots, keys: [...spots.map((spot) => currentKey(desk, spot, type, id)), ...(locator ? [locator] : [])] };
}

/** What the rows say of one reference. */
interface Target {
  readonly current?: StoredRow;
  /** True where the record went to a class that the grant does not hold. */
  readonly isGone: boolean;
}

/**
 * Judges what was looked up: `rows` are those of every key of `asked`, in order. The first reference without a record
 * that this request may see refuses the resource: unknown, deleted, foreign, hidden and not yet committed are one answer.
 * Gives the labels of the segmented records among them, which what refers to them inherits.
 */
export async function judgeReferences(
  desk: Desk,
  asked: readonly Asked[],
  rows: readonly (Row | undefined)[],
): Promise<Result<LabelsByName, RecordFailure>> {
  const labels = new Map<string, Labels>();
  let at = 0;
  for (const each of asked) {
    const own = rows.slice(at, at + each.keys.length);
    at += each.keys.length;
    const target = await targetOf(desk, each, own);
    if (!target.ok) return target;
    const { current, isGone } = target.value;
    const isThere = current !== undefined && isVersionOf(each.version, current.version);
    if (isGone || (!isThere && !each.isKnown))
      return err({ kind: "business-rule", rule: "reference-unresolved", path: each.path });
    if (current?.dataClass === "S") labels.set(nameOf(each), specialLabels(resourceOf(current)));
  }
  return ok(labels);
}

const isVersionOf = (asked: number | undefined, current: number): boolean =>
  asked === undefined || (asked >= 1 && asked <= current);

async function targetOf(
  desk: Desk,
  { type, id, spots, keys }: Asked,
  rows: readonly (Row | undefined)[],
): Promise<Result<Target, RecordFailure>> {
  let hasMarker = false;
  for (const [index, spot] of spots.entries()) {
    const row = rows[index];
    if (!row) continue;
    const key = currentKey(desk, spot, type, id);
    const opened = await openVersion(desk, row, key, { type, id, dataClass: spot.dataClass });
    if (!opened.ok) return opened;
    const { transactionId, isMoved, text } = opened.value;
    const committed = await isCommitted(desk, transactionId === undefined ? [] : [transactionId]);
    if (!committed.ok) return committed;
    if (transactionId !== undefined && !committed.value.has(transactionId)) continue;
    hasMarker ||= isMoved;
    if (text === undefined) continue;
    const patient = await privacyAt(desk, spot.home);
    if (!patient.ok) return patient;
    const view = viewOf(desk, patient.value, opened.value);
    return ok({ isGone: false, ...(view && { current: view }) });
  }
  const isGone = hasMarker && heldClasses(desk, type).length < classesOfType(type).length;
  // A locator stays when its record is deleted: only the record itself proves it.
  const isLocated = keys.length > spots.length && rows[spots.length] !== undefined;
  if (!isLocated) return ok({ isGone });
  const found = await findCurrent(desk, type, id);
  if (!found.ok) return found;
  const stored = found.value.current?.stored;
  return ok({ isGone, ...(stored?.text !== undefined && { current: stored }) });
}

/** What a version already referred to: an update does not have to answer for what has been deleted since. */
export function knownFrom(resource: FhirResource | undefined): (type: string, id: string) => boolean {
  const names = new Set<string>();
  for (const { target } of resource ? references(resource) : []) {
    if (target.kind === "relative") names.add(`${target.type}/${target.id}`);
  }
  return (type, id) => names.has(`${type}/${id}`);
}
