import { isDeepStrictEqual } from "node:util";
import {
  copyLexemes,
  type FhirResource,
  isJsonObject,
  isResourceType,
  type JsonObject,
  parseReference,
  type ResourceType,
} from "../fhir/index.ts";

/**
 * When a patient's records show to herself: the clinic's rule as it is in this request. Which it is, core/portal says;
 * that every read of hers obeys it, the gate of this folder does.
 */
export interface Release {
  /** Types of which some wait: one that stands in no released list is not there for her, whatever became of it. */
  readonly waiting: ReadonlySet<ResourceType>;
  /** Types that say nothing but about another record: they show where all that they name does. */
  readonly following: ReadonlySet<ResourceType>;
  /** Those of her records of the waiting types that show now. */
  releasedOf(records: readonly FhirResource[]): readonly FhirResource[];
  /** Whether a version, by what itself says, can be shown at all: a past one may be what nobody had finished. */
  mayEver(version: FhirResource): boolean;
}

/** Of a request of the patient's own: the rule, and what is released by it. */
export interface Released extends Release {
  /** `Type/id` of each record of a waiting type. */
  readonly names: ReadonlySet<string>;
}

/** `Type/id` of what a Reference points at inside of the tenant. */
function relativeIn(reference: unknown): string | undefined {
  const text = isJsonObject(reference) ? reference["reference"] : undefined;
  const target = typeof text === "string" ? parseReference(text) : undefined;
  return target?.kind === "relative" ? `${target.type}/${target.id}` : undefined;
}

/** Every record that a value names, at any depth. */
export function namedBy(value: unknown): readonly string[] {
  if (Array.isArray(value)) return (value as unknown[]).flatMap(namedBy);
  if (!isJsonObject(value)) return [];
  const own = relativeIn(value);
  return [...(own === undefined ? [] : [own]), ...Object.values(value).flatMap(namedBy)];
}

type IsOut = (name: string) => boolean;

const isOut = (released: Released, name: string): boolean => {
  const [type] = name.split("/");
  return isResourceType(type) && released.waiting.has(type) && !released.names.has(name);
};

/** Whether she is told that a record was deleted: not where nobody can say any more whether it had ever shown. */
export const isDeletionTold = ({ waiting, following }: Released, type: ResourceType): boolean =>
  !waiting.has(type) && !following.has(type);

/** Whether a version of hers shows: of a waiting type where it is released, of a following one where all that it names is. */
export function isReleased(released: Released, type: ResourceType, id: string, resource: FhirResource): boolean {
  if (released.waiting.has(type) && !released.names.has(`${type}/${id}`)) return false;
  if (!released.mayEver(resource)) return false;
  return !released.following.has(type) || !namedBy(resource).some((name) => isOut(released, name));
}

/**
 * A version without the references to what waits; itself where there is none. The narrative goes with a reference, because
 * it may tell what that pointed at.
 */
export function withoutWaiting(released: Released, resource: FhirResource): FhirResource {
  const cut = withoutReferences(resource, (name) => isOut(released, name));
  if (cut === resource || cut === undefined) return resource;
  // No tag says that something is missing: that would tell what is not to be told.
  const { text: _text, ...rest } = cut;
  return copyLexemes(cut, rest) as unknown as FhirResource;
}

/** A value without the references that are out. What stands in a list for one of them alone goes with it. */
export function withoutReferences<T extends JsonObject>(value: T, isOut: IsOut): T | undefined {
  return strip(value, isOut) as T | undefined;
}

function pointsOut(value: unknown, isOut: IsOut): boolean {
  const name = relativeIn(value);
  return name !== undefined && isOut(name);
}

function strip(value: unknown, isOut: IsOut): unknown {
  if (Array.isArray(value)) return stripList(value as unknown[], isOut);
  if (!isJsonObject(value)) return value;
  if (pointsOut(value, isOut)) return undefined;
  let isChanged = false;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const kept = strip(member, isOut);
    isChanged ||= kept !== member;
    if (kept !== undefined) copy[name] = kept;
  }
  return isChanged ? copyLexemes(value, copy) : value;
}

/** FHIR has no empty list, so that one of which nothing is left is not there. */
function stripList(values: readonly unknown[], isOut: IsOut): unknown {
  const isFor = (each: unknown): boolean =>
    isJsonObject(each) && Object.values(each).some((member) => pointsOut(member, isOut));
  const kept = values.map((each) => (isFor(each) ? undefined : strip(each, isOut)));
  if (kept.every((each, index) => each === values[index])) return values;
  const left = kept.filter((each) => each !== undefined);
  return left.length === 0 ? undefined : left;
}

/**
 * What a patient writes over a version that she saw without its references to what waits: each element that she left as
 * she saw it is put back whole. Undefined where she changed one: she would take out what she has not seen.
 */
export function withWaiting(
  released: Released,
  resource: FhirResource,
  before: FhirResource,
): FhirResource | undefined {
  const seen = withoutWaiting(released, before);
  if (seen === before) return resource;
  const whole: Record<string, unknown> = { ...resource };
  for (const name of Object.keys(before)) {
    if (name === "meta" || seen[name] === before[name]) continue;
    if (!isDeepStrictEqual(resource[name], seen[name])) return undefined;
    whole[name] = before[name];
  }
  return copyLexemes(resource, whole) as unknown as FhirResource;
}
