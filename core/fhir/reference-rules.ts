import { isBound } from "./binding.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import type { Rule } from "./issue.ts";
import { parseReference, type ReferenceTarget } from "./references.ts";

/** The resource that references stand in. */
export interface Container {
  readonly resource: JsonObject;
  /** The types of its contained resources by id. */
  readonly containedTypes: ReadonlyMap<unknown, string>;
  /** The local references met so far: `#id`, and `<index>#` for a contained resource that refers to its container. */
  readonly localReferences: Set<string>;
  /** Set while inside of a contained resource. */
  containedIndex: number | undefined;
}

const isAllowed = (type: string, targets: readonly string[]): boolean =>
  targets.length === 0 || targets.includes("Resource") || targets.includes(type);

/** One of R4's resource types, supported here or not. */
const isKnownType = (type: string): boolean => isBound("resource-types", "code", type);

export function containerOf(resource: JsonObject): Container {
  const contained: readonly unknown[] = Array.isArray(resource["contained"]) ? resource["contained"] : [];
  const types = contained.filter(isJsonObject).map(({ id, resourceType }) => [id, String(resourceType)] as const);
  return { resource, containedTypes: new Map(types), localReferences: new Set(), containedIndex: undefined };
}

/** The type that a local reference points at; undefined where no resource of the id is contained. */
function localType(id: string, { resource, containedIndex, containedTypes }: Container): string | undefined {
  if (id !== "") return containedTypes.get(id);
  return containedIndex === undefined ? undefined : String(resource["resourceType"]);
}

interface Finding {
  readonly rule?: Rule;
  /** Undefined where the reference does not say. */
  readonly type?: string | undefined;
}

function resolve(target: ReferenceTarget, container: Container): Finding {
  switch (target.kind) {
    case "urn":
      return {};
    case "contained": {
      container.localReferences.add(target.id === "" ? `${container.containedIndex}#` : `#${target.id}`);
      const type = localType(target.id, container);
      return type === undefined ? { rule: "ref-1" } : { type };
    }
    case "absolute":
      // Not every URL of the web ends in a type and an id, even where it looks so.
      return target.type !== undefined && isKnownType(target.type) ? { type: target.type } : {};
    case "relative":
    case "conditional":
      return isKnownType(target.type) ? { type: target.type } : { rule: "reference-format" };
    case "invalid":
      return { rule: "reference-format" };
  }
}

/** The rules that a Reference breaks: its form, ref-1, and the types its element allows (FHIR R4 references.html). */
export function checkReference(value: JsonObject, targets: readonly string[], container: Container): Rule[] {
  const { reference, type: stated } = value;
  const { rule, type } = typeof reference === "string" ? resolve(parseReference(reference), container) : {};
  const rules: Rule[] = rule ? [rule] : [];
  if (type !== undefined && !isAllowed(type, targets)) rules.push("reference-target");
  // Reference.type may also be the URL of a logical model, of which nothing is known.
  if (typeof stated === "string" && !stated.includes(":")) {
    if (type !== undefined && type !== stated) rules.push("reference-type");
    else if (type === undefined && !isAllowed(stated, targets)) rules.push("reference-target");
  }
  return rules;
}
