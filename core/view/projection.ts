import {
  classesOfType,
  copyLexemes,
  type FhirResource,
  isJsonObject,
  isResourceType,
  type JsonObject,
  type ResourceType,
  SUBSETTED,
} from "../fhir/index.ts";

interface Projection {
  readonly elements: readonly string[];
  /** Search parameters that look into them. */
  readonly parameters: readonly string[];
}

/**
 * What the office does not see of a record that it may read: the minimum necessary, 45 CFR 164.502(b) and 164.514(d).
 * Why somebody comes is as telling as a diagnosis.
 */
export const PROJECTIONS: Partial<Record<ResourceType, Projection>> = {
  Appointment: {
    elements: ["reasonCode", "reasonReference", "description", "comment", "patientInstruction"],
    parameters: ["reason-code", "reason-reference"],
  },
};

export const isProjected = (type: ResourceType): boolean => PROJECTIONS[type] !== undefined;

/** Whether a search by this parameter, or a sort, would tell what is withheld. */
export const isWithheldParameter = (type: ResourceType, code: string): boolean =>
  PROJECTIONS[type]?.parameters.includes(code) === true;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** The elements by their names in JSON: `_comment` holds what is said about `comment`. */
const namesOf = ({ resourceType }: FhirResource): readonly string[] =>
  (PROJECTIONS[resourceType]?.elements ?? []).flatMap((name) => [name, `_${name}`]);

/** A contained resource of class C stands there for a reason, and says it. */
const isWithheldPart = (part: unknown): boolean => {
  const type = isJsonObject(part) ? part["resourceType"] : undefined;
  return !isResourceType(type) || classesOfType(type).includes("C");
};

const isSubsetted = (tag: unknown): boolean =>
  isJsonObject(tag) && tag["system"] === SUBSETTED.system && tag["code"] === SUBSETTED.code;

/**
 * The resource as the office sees it: without the elements of its type's projection, without the narrative that may
 * repeat them, and tagged SUBSETTED whether or not there was something to take away. Itself where its type has none.
 */
export function projected(resource: FhirResource): FhirResource {
  if (!isProjected(resource.resourceType)) return resource;
  const withheld = new Set([...namesOf(resource), "text", "contained"]);
  const contained = listOf(resource["contained"]).filter((part) => !isWithheldPart(part));
  const tags = listOf(resource.meta?.["tag"]);
  const cut = {
    ...Object.fromEntries(Object.entries(resource).filter(([name]) => !withheld.has(name))),
    ...(contained.length > 0 && { contained }),
    meta: { ...resource.meta, tag: tags.some(isSubsetted) ? tags : [...tags, SUBSETTED] },
  };
  return copyLexemes(resource, cut) as unknown as FhirResource;
}

/**
 * What the office writes, with what it does not see of the record put back from `before`: an appointment is moved without
 * its reason being read. Undefined where it says something of a withheld element, because that would replace what it has
 * not seen. The narrative told of the version before, and is gone.
 */
export function withWithheld(resource: FhirResource, before: FhirResource | undefined): FhirResource | undefined {
  if (!isProjected(resource.resourceType)) return resource;
  const names = namesOf(resource);
  const own = listOf(resource["contained"]);
  if (names.some((name) => name in resource) || own.some(isWithheldPart)) return undefined;
  const parts = listOf(before?.["contained"]).filter(isWithheldPart);
  const idOf = (part: unknown): unknown => (isJsonObject(part) ? part["id"] : undefined);
  if (parts.some((part) => own.some((other) => idOf(other) === idOf(part)))) return undefined;
  const contained = [...own, ...parts];
  const { meta, ...content } = resource;
  const kept = before
    ? Object.fromEntries(names.flatMap((name) => (name in before ? [[name, before[name]]] : [])))
    : {};
  const whole = {
    ...content,
    ...kept,
    ...(contained.length > 0 && { contained }),
    ...(meta && { meta: withoutSubsetted(meta) }),
  };
  return copyLexemes(resource, whole) as unknown as FhirResource;
}

/** The tag is of the view, and what is stored is whole. */
function withoutSubsetted(meta: JsonObject): JsonObject {
  const { tag, ...rest } = meta;
  const tags = listOf(tag).filter((each) => !isSubsetted(each));
  return tags.length === 0 ? rest : { ...rest, tag: tags };
}
