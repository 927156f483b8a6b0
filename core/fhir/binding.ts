import valueSets from "./definitions/value-sets.json" with { type: "json" };

type Systems = Readonly<Record<string, readonly string[]>>;
const sets: Readonly<Record<string, Systems | string | undefined>> = valueSets;

/** Value sets that are a grammar: RFC 6838 media types with parameters; ISO 4217 alphabetic codes. */
const GRAMMARS: Readonly<Record<string, RegExp>> = {
  mimetypes:
    /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+-]{0,126}(?: ?; ?[A-Za-z0-9_.+-]+=(?:"[^"\\]*"|[^\s";]+))*$/,
  currencies: /^[A-Z]{3}$/,
};

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const compiled = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();

function systemsOf(name: string, set: Systems): ReadonlyMap<string, ReadonlySet<string>> {
  let systems = compiled.get(name);
  if (!systems) {
    systems = new Map(Object.entries(set).map(([system, codes]) => [system, new Set(codes)]));
    compiled.set(name, systems);
  }
  return systems;
}

/**
 * True when the value of a required binding is in the value set (FHIR R4 terminologies.html#required).
 * `code`, `string` and `uri` carry no system: any system of the set will do. A CodeableConcept needs one coding of the
 * set; text alone is not enough. An element with only extensions (no value) is not judged.
 */
export function isBound(name: string, type: string, value: unknown): boolean {
  const set = Object.hasOwn(sets, name) ? sets[name] : undefined;
  if (set === undefined) return false;
  if (typeof set === "string") return typeof value !== "string" || GRAMMARS[name]?.test(value) === true;
  const systems = systemsOf(name, set);
  const holds = (coding: unknown): boolean => {
    const { system, code } = asObject(coding);
    return typeof system === "string" && typeof code === "string" && systems.get(system)?.has(code) === true;
  };
  if (type === "CodeableConcept") {
    const { coding } = asObject(value);
    return Array.isArray(coding) && coding.some(holds);
  }
  if (type === "Coding" || type === "Quantity") return holds(value);
  return typeof value !== "string" || [...systems.values()].some((codes) => codes.has(value));
}

/** True when a code of this required binding belongs to the system without saying so. */
export const impliesSystem = (binding: string | undefined, system: string): boolean => {
  const set = binding !== undefined && Object.hasOwn(sets, binding) ? sets[binding] : undefined;
  return typeof set === "object" && Object.hasOwn(set, system);
};
