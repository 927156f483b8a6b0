import { isJsonObject, type JsonObject } from "../json.ts";
import type { Selected } from "./select.ts";
import type { Prefix, Range } from "./range.ts";

const NUMBER = /^[+-]?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?$/;

/**
 * The range that a searched number stands for: half a unit of its last digit around it (100 is 99.5 to 100.5, 1e2 is
 * 95 to 105), or the number alone for a comparison, whose precision is ignored (FHIR R4 search.html#number).
 */
export function searchedNumberRange(text: string, prefix: Prefix): Range | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) return undefined;
  if (prefix !== "eq" && prefix !== "ne") return { low: value, high: value };
  const [mantissa = "", exponent] = text.toLowerCase().split("e");
  // R4 reads 1e2 as 1.0e2.
  const decimals = mantissa.split(".")[1]?.length ?? (exponent === undefined ? 0 : 1);
  const half = 10 ** (Number(exponent ?? 0) - decimals) / 2;
  return { low: value - half, high: value + half };
}

const point = (value: unknown): Range | undefined =>
  typeof value === "number" ? { low: value, high: value } : undefined;

/** `< 5` is anything below five. */
function quantityRange({ value, comparator }: JsonObject): Range | undefined {
  const at = point(value);
  if (!at || typeof comparator !== "string") return at;
  return comparator.startsWith("<") ? { low: -Infinity, high: at.high } : { low: at.low, high: Infinity };
}

/** The stored values of a number or quantity parameter: a Range spans from its low to its high. */
export function storedNumberRange({ type, value }: Selected): Range | undefined {
  if (!isJsonObject(value)) return point(value);
  if (type !== "Range") return quantityRange(value);
  const { low, high } = value;
  const from = isJsonObject(low) ? point(low["value"]) : undefined;
  const to = isJsonObject(high) ? point(high["value"]) : undefined;
  return from || to ? { low: from?.low ?? -Infinity, high: to?.high ?? Infinity } : undefined;
}

/** The unit of a stored Quantity, Range or Money: its system and code, and its unit as text. */
export function unitOf({ type, value }: Selected): { system?: unknown; code?: unknown; unit?: unknown } {
  if (!isJsonObject(value)) return {};
  if (type === "Money") return { system: "urn:iso:std:iso:4217", code: value["currency"] };
  if (type !== "Range") return value;
  const bound = value["low"] ?? value["high"];
  return isJsonObject(bound) ? bound : {};
}
