import { isBound } from "./binding.ts";
import { lexemeOf } from "./decimal.ts";
import { type ElementDefinition, type Property, type TypeDefinition, typeDefinition } from "./definitions.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { issue, type Rule, type ValidationIssue } from "./issue.ts";
import { checkPrimitive, isPrimitiveType } from "./primitives.ts";
import { checkReference, type Container, containerOf } from "./reference-rules.ts";
import { isContainableType, isResourceType } from "./supported-types.ts";

/** A value on which R4 constraints are still to be evaluated, once the structure is known to be sound. */
export interface Judged {
  readonly path: string;
  /** As @medplum/core names it. */
  readonly type: string;
  readonly value: unknown;
  readonly constraints: readonly string[];
  /** The nearest resource: %resource. */
  readonly resource: JsonObject;
}

export interface StructureReport {
  readonly issues: readonly ValidationIssue[];
  readonly judged: readonly Judged[];
}

/** Enough to mend a record by; a hostile one does not get an answer larger than itself. */
const MAX_ISSUES = 50;
const MAX_DEPTH = 64;
/** Values with constraints of their own. Real records have hundreds at most; one with more is made to keep us busy. */
const MAX_JUDGED = 10_000;

/** ele-1: "hasValue() or (children().count() > id.count())". */
const isEmpty = (value: JsonObject): boolean =>
  Object.keys(value).every((key) => key === "id" || value[key] === undefined);

/** True when an Extension carries one of its value[x] properties. */
const hasValue = (value: JsonObject): boolean => Object.keys(value).some((key) => /^_?value[A-Z]/.test(key));

/** Where in the resource the walk is: its path, and the nearest resource. */
interface Place {
  readonly path: string;
  readonly resource: JsonObject;
}

/**
 * Walks a resource along its definition and checks what needs no FHIRPath: names, JSON types, cardinality, formats,
 * choices, required bindings, references, narratives, contained resources.
 */
class Walk {
  readonly issues: ValidationIssue[] = [];
  readonly judged: Judged[] = [];
  private readonly container: Container;
  private depth = 0;

  constructor(root: JsonObject) {
    this.container = containerOf(root);
  }

  /** A resource: the root, or one contained in it. */
  resource(value: JsonObject, path: string): void {
    const { resourceType, contained } = value;
    const isAllowed = value === this.container.resource ? isResourceType : isContainableType;
    const definition = isAllowed(resourceType) ? typeDefinition(resourceType) : undefined;
    if (!definition) {
      this.report(path, "resource-type");
      return;
    }
    this.object(value, definition, definition.name, [], { path, resource: value });
    if (Array.isArray(contained) && value === this.container.resource) {
      this.containedRules(contained.filter(isJsonObject), path);
    }
  }

  private report(path: string, rule: Rule): void {
    if (this.issues.length < MAX_ISSUES) this.issues.push(issue(path, rule));
  }

  /** FHIR R4 references.html#contained: dom-2 to dom-5, and ids that tell the contained resources apart. */
  private containedRules(contained: readonly JsonObject[], path: string): void {
    const ids = new Set<unknown>();
    for (const [index, inner] of contained.entries()) {
      const at = `${path}.contained[${index}]`;
      const { id, meta } = inner;
      if (inner["contained"] !== undefined) this.report(at, "dom-2");
      if (isJsonObject(meta)) {
        if (meta["versionId"] !== undefined || meta["lastUpdated"] !== undefined) this.report(at, "dom-4");
        if (meta["security"] !== undefined) this.report(at, "dom-5");
      }
      if (id !== undefined && ids.has(id)) this.report(at, "contained-id");
      ids.add(id);
      const { localReferences } = this.container;
      const isReferred = typeof id === "string" && localReferences.has(`#${id}`);
      if (!isReferred && !localReferences.has(`${index}#`)) this.report(at, "dom-3");
    }
  }

  private object(
    value: JsonObject,
    definition: TypeDefinition,
    type: string,
    constraints: readonly string[],
    place: Place,
    isBesideValue = false,
  ): void {
    if (this.depth >= MAX_DEPTH) {
      this.report(place.path, "depth");
      return;
    }
    if (definition.kind !== "resource" && isEmpty(value) && !isBesideValue) {
      this.report(place.path, "ele-1");
      return;
    }
    this.depth += 1;
    this.properties(value, definition, place);
    this.depth -= 1;
    this.judge(value, type, constraints, place);
    this.judge(value, type, definition.constraints, place);
  }

  private judge(value: unknown, type: string, constraints: readonly string[], { path, resource }: Place): void {
    if (constraints.length === 0) return;
    if (this.judged.length === MAX_JUDGED) this.report("Resource", "too-many-values");
    if (this.judged.length <= MAX_JUDGED) this.judged.push({ path, type, value, constraints, resource });
  }

  private properties(value: JsonObject, definition: TypeDefinition, { path, resource }: Place): void {
    const filled = new Map<ElementDefinition, string>();
    let hasUnknown = false;
    for (const key of Object.keys(value)) {
      if (value[key] === undefined || (key === "resourceType" && definition.kind === "resource")) continue;
      const isSibling = key.startsWith("_");
      const name = isSibling ? key.slice(1) : key;
      const property = definition.properties.get(name);
      if (!property || (isSibling && !isPrimitiveType(property.type.name))) {
        hasUnknown = true;
        continue;
      }
      const { element } = property;
      const earlier = filled.get(element);
      if (earlier !== undefined && earlier !== name) this.report(`${path}.${element.name}`, "choice");
      filled.set(element, name);
      if (!isSibling || value[name] === undefined) {
        this.property(value, name, property, { path: `${path}.${name}`, resource });
      }
    }
    if (hasUnknown) this.report(path, "unknown-property");
    for (const element of definition.required) {
      if (!filled.has(element)) this.report(`${path}.${element.name}`, "required");
    }
  }

  /** A property and its `_` sibling. */
  private property(holder: JsonObject, name: string, property: Property, place: Place): void {
    const { isArray, max } = property.element;
    const value = holder[name];
    const sibling = holder[`_${name}`];
    if (value === null || sibling === null) this.report(place.path, "null");
    else if (max === 0) this.report(place.path, "cardinality");
    else if (isArray) this.items(value, sibling, property, place);
    else if (Array.isArray(value) || Array.isArray(sibling)) this.report(place.path, "array");
    else this.item(holder, name, value, sibling, property, place);
  }

  private items(value: unknown, sibling: unknown, property: Property, { path, resource }: Place): void {
    if (!Array.isArray(value ?? []) || !Array.isArray(sibling ?? [])) {
      this.report(path, "array");
      return;
    }
    const values = (value ?? []) as readonly unknown[];
    const siblings = (sibling ?? []) as readonly unknown[];
    const length = Math.max(values.length, siblings.length);
    if ((value !== undefined && values.length === 0) || (sibling !== undefined && siblings.length === 0)) {
      this.report(path, "ele-1");
    }
    if (length > property.element.max) this.report(path, "cardinality");
    for (let index = 0; index < length && this.issues.length < MAX_ISSUES; index += 1) {
      const place = { path: `${path}[${index}]`, resource };
      // null fills the array of a primitive where only its sibling has something to say, and the other way round.
      const item = values[index] ?? undefined;
      const beside = siblings[index] ?? undefined;
      if (item === undefined && beside === undefined) this.report(place.path, "null");
      else if (Array.isArray(item)) this.report(place.path, "array");
      else this.item(values, index, item, beside, property, place);
    }
  }

  private item(
    holder: object,
    key: string | number,
    value: unknown,
    sibling: unknown,
    property: Property,
    place: Place,
  ): void {
    if (isPrimitiveType(property.type.name)) this.primitive(holder, key, value, sibling, property, place);
    else if (!isJsonObject(value)) this.report(place.path, "json-type");
    else if (property.type.name === "Resource") this.contained(value, place, Number(key));
    else this.complex(value, property, place);
  }

  private primitive(
    holder: object,
    key: string | number,
    value: unknown,
    sibling: unknown,
    { element, type }: Property,
    place: Place,
  ): void {
    if (sibling !== undefined) this.sibling(sibling, place, value !== undefined);
    if (value === undefined) return;
    // 1.0 and 1e2 are decimals: an integer is written without a point or an exponent.
    const lexeme = type.name === "decimal" || typeof value !== "number" ? undefined : lexemeOf(holder, key);
    const isExact = lexeme === undefined || lexeme === "-0";
    // element.html#id: "any string value that does not contain spaces".
    const isSpaced = element.path === "Element.id" && typeof value === "string" && /\s/.test(value);
    const rule = checkPrimitive(type.name, value) ?? (isExact && !isSpaced ? undefined : "format");
    if (rule) this.report(place.path, rule);
    else if (element.binding !== undefined && !isBound(element.binding, type.code, value)) {
      this.report(place.path, "binding");
    } else this.judge(value, type.code, element.constraints, place);
    // Questionnaire.item.answerValueSet and the like may point at a contained resource.
    if (typeof value === "string" && value.startsWith("#") && /^(?:uri|url|canonical)$/.test(type.name)) {
      this.container.localReferences.add(value);
    }
  }

  /** `_birthDate`: the id and extensions of a primitive. Beside a value, an id is enough. */
  private sibling(sibling: unknown, place: Place, isBesideValue: boolean): void {
    const element = typeDefinition("Element");
    if (element && isJsonObject(sibling)) this.object(sibling, element, "Element", [], place, isBesideValue);
    else this.report(place.path, "json-type");
  }

  private complex(value: JsonObject, { element, type }: Property, place: Place): void {
    const definition = typeDefinition(type.name);
    if (!definition) {
      this.report(place.path, "json-type");
      return;
    }
    this.object(value, definition, type.code, element.constraints, place);
    if (element.binding !== undefined && !isBound(element.binding, type.code, value)) {
      this.report(place.path, "binding");
    }
    if (type.name === "Reference") {
      for (const rule of checkReference(value, type.targets, this.container)) this.report(place.path, rule);
    } else if (type.name === "Extension" && (value["extension"] !== undefined) === hasValue(value)) {
      this.report(place.path, "ext-1");
    }
  }

  private contained(value: JsonObject, { path, resource }: Place, index: number): void {
    // Nested ones are refused as such (dom-2), not walked.
    if (resource !== this.container.resource) return;
    this.container.containedIndex = index;
    this.resource(value, path);
    this.container.containedIndex = undefined;
  }
}

/** Checks the structure of a resource. Gives the issues found, and what is left for FHIRPath to judge. */
export function checkStructure(value: JsonObject): StructureReport {
  const { resourceType } = value;
  const walk = new Walk(value);
  walk.resource(value, isResourceType(resourceType) ? resourceType : "Resource");
  return walk;
}
