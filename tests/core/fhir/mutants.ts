import { isPrimitiveType } from "../../../core/fhir/primitives.ts";
import { type Property, typeDefinition } from "../../../core/fhir/definitions.ts";
import { isJsonObject, type JsonObject } from "../../../core/fhir/index.ts";
import { copyOf } from "./fixtures.ts";

/** One property of a resource, met on a walk along the definitions. */
interface Site {
  /** Keys and indexes from the root to the object that holds the property. */
  readonly holder: readonly (string | number)[];
  readonly key: string;
  readonly value: unknown;
  readonly property: Property;
}

export interface Mutant {
  readonly kind: string;
  readonly at: string;
  /** Made when it is asked for: most runs look at a share of the mutants. */
  readonly build: () => Record<string, unknown>;
}

function* sitesOf(value: JsonObject, typeName: string, holder: readonly (string | number)[]): Generator<Site> {
  const ofResource = typeName === "Resource" ? String(value["resourceType"]) : typeName;
  const definition = typeDefinition(ofResource);
  for (const [key, inner] of Object.entries(value)) {
    const property = definition?.properties.get(key);
    if (!property) continue;
    yield { holder, key, value: inner, property };
    const items: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
    for (const [index, item] of items.entries()) {
      if (!isJsonObject(item)) continue;
      const path = Array.isArray(inner) ? [...holder, key, index] : [...holder, key];
      yield* sitesOf(item, property.type.name, path);
    }
  }
}

/** A copy in which `change` has been applied to the object that holds the property. */
function mutate(
  resource: JsonObject,
  { holder }: Pick<Site, "holder">,
  change: (object: Record<string, unknown>) => void,
): Record<string, unknown> {
  const copy = copyOf(resource) as Record<string, unknown>;
  let object: unknown = copy;
  for (const step of holder) object = (object as Record<string | number, unknown>)[step];
  change(object as Record<string, unknown>);
  return copy;
}

const isDateType = (type: string): boolean => type === "date" || type === "dateTime" || type === "instant";
const first = (value: unknown): unknown => (Array.isArray(value) ? (value as unknown[])[0] : value);
/** The value at its own shape: in an array where the element repeats. */
const shaped = (site: Site, value: unknown): unknown =>
  Array.isArray(site.value) ? [value, ...(site.value as unknown[]).slice(1)] : value;
const wrongPrimitive = (value: unknown): unknown =>
  typeof value === "string" ? 5 : typeof value === "number" ? "five" : "yes";

type Replace = (site: Site) => unknown;
/** Not applicable here. */
const NONE = Symbol("none");

const set =
  (test: (site: Site) => boolean, value: Replace): Replace =>
  (site) =>
    test(site) ? value(site) : NONE;
const primitive = ({ property }: Site): boolean => isPrimitiveType(property.type.name);
const typed =
  (...types: string[]) =>
  ({ property }: Site): boolean =>
    types.includes(property.type.name);

/** Classes that replace the value of one property. */
const REPLACEMENTS: Readonly<Record<string, Replace>> = {
  "wrong primitive type": set(primitive, (site) => shaped(site, wrongPrimitive(first(site.value)))),
  "object for primitive": set(primitive, (site) => shaped(site, { value: "x" })),
  "primitive for object": set(
    (site) => !primitive(site),
    (site) => shaped(site, "x"),
  ),
  "array for scalar": set(
    ({ property }) => !property.element.isArray,
    ({ value }) => [value],
  ),
  "scalar for array": set(
    ({ property }) => property.element.isArray,
    ({ value }) => first(value),
  ),
  "code outside of a required binding": set(
    ({ property }) => property.element.binding !== undefined && property.type.name === "code",
    (site) => shaped(site, "not/a code"),
  ),
  "concept outside of a required binding": set(
    ({ property }) => property.element.binding !== undefined && property.type.name === "CodeableConcept",
    (site) => shaped(site, { coding: [{ system: "http://example.org/codes", code: "x" }] }),
  ),
  "month 13": set(
    ({ property }) => isDateType(property.type.name),
    (site) => shaped(site, site.property.type.name === "instant" ? "2025-13-01T00:00:00Z" : "2025-13-01"),
  ),
  "30 February": set(
    ({ property }) => isDateType(property.type.name),
    (site) => shaped(site, site.property.type.name === "instant" ? "2025-02-30T00:00:00Z" : "2025-02-30"),
  ),
  "time without a zone": set(typed("dateTime", "instant"), (site) => shaped(site, "2025-02-03T10:00:00")),
  "empty object": set(
    (site) => !primitive(site),
    (site) => shaped(site, {}),
  ),
  "empty array": set(
    ({ property }) => property.element.isArray,
    () => [],
  ),
  "empty string": set(
    (site) => primitive(site) && typeof first(site.value) === "string",
    (site) => shaped(site, ""),
  ),
  null: (site) => shaped(site, null),
  "wrong reference target": set(
    ({ property }) =>
      property.type.name === "Reference" &&
      !property.type.targets.includes("Resource") &&
      property.type.targets.length > 0,
    (site) => shaped(site, { reference: "TestReport/1" }),
  ),
  "malformed reference": set(typed("Reference"), (site) => shaped(site, { reference: "patient 1" })),
  "dangling local reference": set(typed("Reference"), (site) => shaped(site, { reference: "#nowhere" })),
  "script in the narrative": set(
    typed("xhtml"),
    () => `<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>`,
  ),
  "handler in the narrative": set(
    typed("xhtml"),
    () => `<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="alert(1)">x</p></div>`,
  ),
  "number out of range": set(typed("positiveInt", "unsignedInt"), (site) => shaped(site, -1)),
  "bad uri": set(typed("uri", "url", "canonical"), (site) => shaped(site, "not a uri")),
};

function* replacements(resource: JsonObject, site: Site): Generator<Mutant> {
  const at = [...site.holder, site.key].join(".");
  for (const [kind, generate] of Object.entries(REPLACEMENTS)) {
    const value = generate(site);
    if (value === NONE) continue;
    yield { kind, at, build: () => mutate(resource, site, (object) => void (object[site.key] = value)) };
  }
  if (site.property.element.min > 0) {
    yield {
      kind: "missing required",
      at,
      build: () => mutate(resource, site, (object) => void delete object[site.key]),
    };
  }
  const other = site.property.element.isChoice
    ? site.property.element.types.find(({ name }) => name !== site.property.type.name)
    : undefined;
  if (other) {
    const key = site.property.element.name.replace("[x]", other.code.charAt(0).toUpperCase() + other.code.slice(1));
    yield {
      kind: "two value[x]",
      at,
      build: () => mutate(resource, site, (object) => void (object[key] = site.value)),
    };
  }
}

/** Every object of the resource, for mutants that add something to it. */
function holdersOf(resource: JsonObject): (readonly (string | number)[])[] {
  const holders = new Map<string, readonly (string | number)[]>([["", []]]);
  for (const { holder } of sitesOf(resource, "Resource", [])) holders.set(holder.join("."), holder);
  return [...holders.values()];
}

/** All mutants of a valid resource, in 26 classes: each is invalid under FHIR R4, or under our rule for narratives. */
export function* mutantsOf(resource: JsonObject): Generator<Mutant> {
  for (const site of sitesOf(resource, "Resource", [])) yield* replacements(resource, site);
  for (const holder of holdersOf(resource)) {
    const at = holder.join(".");
    yield {
      kind: "unknown property",
      at,
      build: () => mutate(resource, { holder }, (object) => void (object["favouriteColour"] = "red")),
    };
  }
  for (const id of ["a b", "a/b", "x".repeat(65), "é", ""]) {
    yield { kind: "bad id", at: "id", build: () => ({ ...copyOf(resource), id }) as Record<string, unknown> };
  }
  if (resource["resourceType"] !== "Binary") {
    const contained = [{ resourceType: "Practitioner", id: "p", gender: "unheard of" }];
    yield {
      kind: "bad contained",
      at: "contained",
      build: () => ({ ...copyOf(resource), contained }) as Record<string, unknown>,
    };
  }
}
