import type { Attribute } from "./table.ts";

/**
 * The size of an item as DynamoDB counts it: names and values in UTF-8; a number about one byte per two significant
 * digits plus one; lists and maps three bytes and one per element. Developer Guide, "DynamoDB item sizes and formats".
 */
export function rowSizeBytes(row: Readonly<Record<string, Attribute>>): number {
  let total = 0;
  for (const [name, value] of Object.entries(row)) total += Buffer.byteLength(name) + valueSizeBytes(value);
  return total;
}

/** What DynamoDB stores beside each item and each entry of an index. Developer Guide, "Storage usage". */
export const STORED_ROW_BYTES = 100;

/**
 * Bytes that a row takes in its table, and in the index of keys where it has the index's own: an entry holds both pairs of keys.
 */
export function storedBytes(row: Readonly<Record<string, Attribute>>): {
  readonly table: number;
  readonly index: number;
} {
  const { pk, sk, gpk, gsk } = row;
  const entry = gpk === undefined || gsk === undefined ? undefined : { pk: pk ?? "", sk: sk ?? "", gpk, gsk };
  return {
    table: rowSizeBytes(row) + STORED_ROW_BYTES,
    index: entry === undefined ? 0 : rowSizeBytes(entry) + STORED_ROW_BYTES,
  };
}

function valueSizeBytes(value: Attribute): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value === "number") return numberSizeBytes(value);
  if (typeof value === "boolean" || value === null) return 1;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) {
    const items: readonly Attribute[] = value;
    return items.reduce((sum: number, item) => sum + 1 + valueSizeBytes(item), 3);
  }
  const map = value as Readonly<Record<string, Attribute>>;
  return rowSizeBytes(map) + Object.keys(map).length + 3;
}

function numberSizeBytes(value: number): number {
  const digits = String(Math.abs(value))
    .replace(".", "")
    .replace(/^0+|0+$/g, "");
  return Math.ceil(digits.length / 2) + 1 + (value < 0 ? 1 : 0);
}
