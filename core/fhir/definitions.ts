import constraintRows from "./definitions/constraints.json" with { type: "json" };
import structureLines from "./definitions/structures.json" with { type: "json" };

/** One type that an element may have. `name` is our definition's, `code` the FHIR type that JSON keys are made of. */
export interface ElementType {
  readonly name: string;
  readonly code: string;
  /** Allowed targets of a Reference or canonical; `Resource` is any. */
  readonly targets: readonly string[];
}

export interface ElementDefinition {
  /** Last part of the path, with `[x]` for a choice. */
  readonly name: string;
  /** As in the snapshot: `Patient.contact.name`. */
  readonly path: string;
  readonly min: number;
  readonly max: number;
  readonly isArray: boolean;
  readonly isChoice: boolean;
  readonly types: readonly ElementType[];
  /** Name of the required value set. */
  readonly binding: string | undefined;
  readonly constraints: readonly string[];
  /** Part of `_summary=true`; known for the elements of resources only. */
  readonly isSummary: boolean;
}

/** One JSON property: which element it fills, and as which type. */
export interface Property {
  readonly element: ElementDefinition;
  readonly type: ElementType;
}

export interface TypeDefinition {
  /** As @medplum/core names it: `Patient`, `PatientContact`, `Quantity`, `SimpleQuantity`. */
  readonly name: string;
  readonly path: string;
  readonly kind: "resource" | "type" | "inner";
  readonly constraints: readonly string[];
  readonly elements: readonly ElementDefinition[];
  readonly properties: ReadonlyMap<string, Property>;
  readonly required: readonly ElementDefinition[];
}

const lines: Readonly<Record<string, readonly string[] | undefined>> = structureLines;
const constraints: Readonly<Record<string, readonly string[] | undefined>> = constraintRows;
const definitions = new Map<string, TypeDefinition>();

/** MoneyQuantity and SimpleQuantity are profiles that act as types: JSON keys and FHIRPath know them as Quantity. */
const PROFILES: Readonly<Record<string, string>> = { SimpleQuantity: "Quantity", MoneyQuantity: "Quantity" };
const LINE = /^(\S+) (\d+)\.\.(\d+|\*) (\S+)(?: !(\S+))?(?: \{(\S+)\})?( \+)?$/;
const HEAD = /^(resource|type) (\S+)(?: \{(\S+)\})?$/;

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const innerName = (path: string): string => path.split(".").map(capitalize).join("");
const keysOf = (text: string | undefined): readonly string[] => text?.split(",") ?? [];

function parseType(text: string, innerTypeName: string): ElementType {
  const [, code = "", targets] = /^([^(]+)(?:\((.*)\))?$/.exec(text) ?? [];
  if (code === "BackboneElement" || code === "Element") {
    return { name: innerTypeName, code: innerTypeName, targets: [] };
  }
  return { name: code, code: PROFILES[code] ?? code, targets: keysOf(targets) };
}

interface Row {
  readonly path: string;
  readonly element: ElementDefinition;
  /** What its inner type inherits from. */
  readonly inner: "BackboneElement" | "Element" | undefined;
}

function parseRow(line: string, typeName: string, earlier: readonly Row[]): Row {
  const [, path = "", min = "", max = "", types = "", binding, keys, summary] = LINE.exec(line) ?? [];
  const fullPath = `${typeName}.${path}`;
  const name = path.slice(path.lastIndexOf(".") + 1);
  const repeated = types.startsWith("@") ? earlier.find((row) => row.element.path === types.slice(1)) : undefined;
  const element: ElementDefinition = {
    name,
    path: fullPath,
    min: Number(min),
    max: max === "*" ? Infinity : Number(max),
    isArray: max === "*" || Number(max) > 1,
    isChoice: name.endsWith("[x]"),
    types: repeated?.element.types ?? types.split("|").map((text) => parseType(text, innerName(fullPath))),
    binding: repeated?.element.binding ?? binding,
    constraints: repeated?.element.constraints ?? keysOf(keys),
    isSummary: summary !== undefined,
  };
  const inner = types === "BackboneElement" || types === "Element" ? types : undefined;
  return { path: fullPath, element, inner };
}

function build(
  name: string,
  path: string,
  kind: TypeDefinition["kind"],
  keys: readonly string[],
  elements: readonly ElementDefinition[],
): TypeDefinition {
  const properties = new Map<string, Property>();
  for (const element of elements) {
    for (const type of element.types) {
      properties.set(element.isChoice ? element.name.slice(0, -3) + capitalize(type.code) : element.name, {
        element,
        type,
      });
    }
  }
  const required = elements.filter(({ min }) => min > 0);
  const definition = { name, path, kind, constraints: keys, elements, properties, required };
  definitions.set(name, definition);
  return definition;
}

/** Reads a type's lines and defines it and its inner types (`PatientContact`). */
function define(name: string, source: readonly string[]): void {
  const [, kind, base = "-", keys] = HEAD.exec(source[0] ?? "") ?? [];
  const rows: Row[] = [];
  for (const line of source.slice(1)) rows.push(parseRow(line, name, rows));
  const inherited = base === "-" ? [] : (typeDefinition(base)?.elements ?? []);
  const childrenOf = (path: string): ElementDefinition[] =>
    rows
      .filter((row) => row.path.startsWith(`${path}.`) && !row.path.includes(".", path.length + 1))
      .map((row) => row.element);
  for (const { inner, path } of rows) {
    if (inner)
      build(innerName(path), path, "inner", [], [...(typeDefinition(inner)?.elements ?? []), ...childrenOf(path)]);
  }
  build(name, name, kind === "resource" ? "resource" : "type", keysOf(keys), [...inherited, ...childrenOf(name)]);
}

/** The definition of a resource, datatype or inner type, read on first use; undefined for a name we do not hold. */
export function typeDefinition(name: string): TypeDefinition | undefined {
  if (!definitions.has(name) && Object.hasOwn(lines, name)) define(name, lines[name] ?? []);
  // An inner type (`PatientContact`) is met only through its owner, which is defined by then.
  return definitions.get(name);
}

/** Every resource and datatype that we hold; inner types are reached through their owners. */
export const definedTypes = (): readonly string[] => Object.keys(lines);

export interface Constraint {
  readonly key: string;
  /** FHIRPath that must be true. */
  readonly expression: string;
  /** The rule in the words of FHIR R4. */
  readonly human: string;
}

export function constraint(key: string): Constraint | undefined {
  const row = Object.hasOwn(constraints, key) ? constraints[key] : undefined;
  return row && { key, expression: row[0] ?? "", human: row[1] ?? "" };
}
