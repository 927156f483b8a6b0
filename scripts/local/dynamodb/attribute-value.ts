import { invalidParameter, serialization, validation } from "./errors.ts";
import { compareNumbers, normaliseNumber, numberKeyBytes, numberSizeBytes } from "./number.ts";

/** A value as the wire and the database write it; binary is canonical base64, numbers are canonical text. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item };

export type Item = Readonly<Record<string, AttributeValue>>;
export type AttributeType = "S" | "N" | "B" | "BOOL" | "NULL" | "SS" | "NS" | "BS" | "L" | "M";
export const KEY_TYPES = ["S", "N", "B"] as const;
export type KeyType = (typeof KEY_TYPES)[number];

const MAX_NESTING = 32;
const TOO_DEEP = "Nesting Levels have exceeded supported limits";
const EMPTY_VALUE = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
const MIXED_VALUE =
  "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";

/** The attribute, or undefined; never a member of Object.prototype: `constructor` and `__proto__` are legal names. */
export const attributeOf = (item: Item, name: string): AttributeValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

/** Sets an attribute of an object that we own; `__proto__` becomes an attribute like any other. */
export function setAttribute(item: Record<string, AttributeValue>, name: string, value: AttributeValue): void {
  if (name === "__proto__") {
    Object.defineProperty(item, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    item[name] = value;
  }
}

/** The type of a value that `normaliseValue` has passed. */
export function typeOf(value: AttributeValue): AttributeType {
  for (const type in value) return type as AttributeType;
  throw validation(EMPTY_VALUE);
}

/** The text of a string, number or binary value; undefined for other types. */
export const scalarText = (value: AttributeValue): string | undefined =>
  "S" in value ? value.S : "N" in value ? value.N : "B" in value ? value.B : undefined;

function jsonKind(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? "NUMBER_VALUE" : "DECIMAL_VALUE";
  if (typeof value === "boolean") return value ? "TRUE_VALUE" : "FALSE_VALUE";
  return "START_OBJECT";
}

/** A JSON string, or SerializationException as AWS words it. */
export function expectText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object") throw serialization("Start of structure or map found where not expected");
  throw serialization(`${jsonKind(value)} cannot be converted to String`);
}

function expectArray(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw serialization(
    typeof value === "object"
      ? "Start of structure or map found where not expected"
      : "Unexpected field type where a list was expected",
  );
}

/** A JSON object, or SerializationException as AWS words it. */
export function expectStructure(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw serialization(
    Array.isArray(value)
      ? "Unrecognized collection type class java.util.ArrayList"
      : "Unexpected token received from parser",
  );
}

function wellFormed(value: unknown): string {
  const text = expectText(value);
  // A lone surrogate has no UTF-8 form, so two such keys would become one.
  if (!text.isWellFormed()) throw serialization("Strings must be well-formed Unicode");
  return text;
}

function base64(value: unknown): string {
  const text = expectText(value);
  const canonical = Buffer.from(text, "base64").toString("base64");
  if (canonical === text) return text;
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw serialization("Invalid last non-pad Base64 character detected");
  }
  return canonical;
}

function normaliseSet(value: unknown, normalise: (member: unknown) => string, emptyRule: string): string[] {
  const members = expectArray(value);
  if (members.length === 0) throw invalidParameter(emptyRule);
  for (let index = 0; index < members.length; index += 1) members[index] = normalise(members[index]);
  if (new Set(members).size !== members.length) throw invalidParameter("Input collection contains duplicates.");
  return members as string[];
}

/**
 * Checks a value from the wire and brings it, in place, to the form that the database keeps: numbers canonical, also
 * nested and in sets, binary canonical base64. Throws ValidationException or SerializationException.
 */
export function normaliseValue(input: unknown, depth = 0): AttributeValue {
  const value = expectStructure(input);
  let type: string | undefined;
  for (const name in value) {
    if (value[name] === null || value[name] === undefined) continue;
    if (type !== undefined) throw validation(MIXED_VALUE);
    type = name;
  }
  if (type === undefined) throw validation(EMPTY_VALUE);
  const content = value[type];
  switch (type) {
    case "S":
      wellFormed(content);
      break;
    case "N":
      value["N"] = normaliseNumber(expectText(content));
      break;
    case "B":
      value["B"] = base64(content);
      break;
    case "BOOL":
      if (typeof content !== "boolean") throw serialization("Unexpected token received from parser");
      break;
    case "NULL":
      if (content !== true) throw invalidParameter("Null attribute value types must have the value of true");
      break;
    case "SS":
      normaliseSet(content, wellFormed, "An string set  may not be empty");
      break;
    case "NS":
      normaliseSet(content, (member) => normaliseNumber(expectText(member)), "An number set  may not be empty");
      break;
    case "BS":
      normaliseSet(content, base64, "Binary sets should not be empty");
      break;
    case "L":
      if (depth >= MAX_NESTING) throw validation(TOO_DEEP);
      for (const element of expectArray(content)) normaliseValue(element, depth + 1);
      break;
    case "M":
      if (depth >= MAX_NESTING) throw validation(TOO_DEEP);
      normaliseItem(content, depth + 1);
      break;
    default:
      throw validation(EMPTY_VALUE);
  }
  return value as unknown as AttributeValue;
}

/** `normaliseValue` over a map of attributes, in place. */
export function normaliseItem(input: unknown, depth = 0): Item {
  const item = expectStructure(input);
  for (const name in item) normaliseValue(item[name], depth);
  return item as Item;
}

const base64SizeBytes = (text: string): number =>
  (text.length / 4) * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);

/**
 * Bytes that a value takes of the 400 KB. Source: Developer Guide, "DynamoDB item sizes and formats". Throws
 * ValidationException below 32 levels: an update can copy a value into itself, where no request nests so deep.
 */
export function valueSizeBytes(value: AttributeValue, depth = 0): number {
  if ("S" in value) return Buffer.byteLength(value.S);
  if ("B" in value) return base64SizeBytes(value.B);
  if ("N" in value) return numberSizeBytes(value.N);
  if ("M" in value || "L" in value) {
    if (depth >= MAX_NESTING) throw validation(TOO_DEEP);
    let total = 3;
    if ("L" in value) {
      for (const element of value.L) total += 1 + valueSizeBytes(element, depth + 1);
    } else {
      for (const name in value.M) {
        total += 1 + Buffer.byteLength(name) + valueSizeBytes(value.M[name] as AttributeValue, depth + 1);
      }
    }
    return total;
  }
  if ("SS" in value) return value.SS.reduce((total, member) => total + Buffer.byteLength(member), 0);
  if ("NS" in value) return value.NS.reduce((total, member) => total + numberSizeBytes(member), 0);
  if ("BS" in value) return value.BS.reduce((total, member) => total + base64SizeBytes(member), 0);
  return 1;
}

/** Bytes of an item as DynamoDB counts them: names and values. */
export function itemSizeBytes(item: Item): number {
  let total = 0;
  for (const name in item) total += Buffer.byteLength(name) + valueSizeBytes(item[name] as AttributeValue);
  return total;
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  const members = new Set(left);
  return right.every((member) => members.has(member));
}

/** Equality as conditions and streams see it: sets without order. Both normalised. */
export function sameValue(left: AttributeValue, right: AttributeValue): boolean {
  if ("S" in left) return "S" in right && left.S === right.S;
  if ("N" in left) return "N" in right && left.N === right.N;
  if ("B" in left) return "B" in right && left.B === right.B;
  if ("BOOL" in left) return "BOOL" in right && left.BOOL === right.BOOL;
  if ("NULL" in left) return "NULL" in right;
  if ("SS" in left) return "SS" in right && sameSet(left.SS, right.SS);
  if ("NS" in left) return "NS" in right && sameSet(left.NS, right.NS);
  if ("BS" in left) return "BS" in right && sameSet(left.BS, right.BS);
  if ("L" in left) {
    return (
      "L" in right &&
      left.L.length === right.L.length &&
      left.L.every((element, index) => sameValue(element, right.L[index] as AttributeValue))
    );
  }
  return "M" in right && sameItem(left.M, right.M);
}

export function sameItem(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const other = attributeOf(right, name);
    return other !== undefined && sameValue(left[name] as AttributeValue, other);
  });
}

/** Order of UTF-8 bytes without making them: as code units, but surrogates stand above every other unit. */
function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    const isHighA = (a & 0xf800) === 0xd800;
    const isHighB = (b & 0xf800) === 0xd800;
    return isHighA === isHighB ? a - b : isHighA ? 1 : -1;
  }
  return left.length - right.length;
}

/** Order of two values of one key type: UTF-8 bytes, numbers, bytes. Undefined where they have no order. */
export function compareValues(left: AttributeValue, right: AttributeValue): number | undefined {
  if ("S" in left) return "S" in right ? compareText(left.S, right.S) : undefined;
  if ("N" in left) return "N" in right ? compareNumbers(left.N, right.N) : undefined;
  if ("B" in left && "B" in right) return Buffer.compare(Buffer.from(left.B, "base64"), Buffer.from(right.B, "base64"));
  return undefined;
}

/** Bytes whose unsigned order is DynamoDB's order within a key type. */
export function keyBytes(value: AttributeValue): Buffer {
  if ("S" in value) return Buffer.from(value.S);
  if ("N" in value) return numberKeyBytes(value.N);
  if ("B" in value) return Buffer.from(value.B, "base64");
  throw validation("The provided key element does not match the schema");
}
