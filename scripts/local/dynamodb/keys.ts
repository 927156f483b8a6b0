import type { AttributeValue, Item } from "./attribute-value.ts";
import { attributeOf, keyBytes, setAttribute, typeOf } from "./attribute-value.ts";
import { invalidParameter, validation } from "./errors.ts";
import { ServiceError } from "../service.ts";
import type { Index, KeyNames, Table } from "./tables.ts";
import { keyTypeOf } from "./tables.ts";

/** A primary or index key as ordered bytes; `sk` is empty where there is no sort key. */
export interface KeyBytes {
  readonly pk: Buffer;
  readonly sk: Buffer;
}

const NO_BYTES = Buffer.alloc(0);
const MAX_HASH_BYTES = 2048;
const MAX_RANGE_BYTES = 1024;

/** Names of a key in order: partition key, then sort key. */
export const keyNamesOf = (keys: KeyNames): readonly string[] =>
  keys.range === undefined ? [keys.hash] : [keys.hash, keys.range];

const isEmpty = (value: AttributeValue): boolean =>
  ("S" in value && value.S === "") || ("B" in value && value.B === "");

function sized(bytes: Buffer, isHash: boolean): Buffer {
  if (isHash && bytes.length > MAX_HASH_BYTES) {
    throw invalidParameter("Size of hashkey has exceeded the maximum size limit of2048 bytes");
  }
  if (!isHash && bytes.length > MAX_RANGE_BYTES) {
    throw invalidParameter("Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
  }
  return bytes;
}

function primaryPart(name: string, value: AttributeValue, isHash: boolean): Buffer {
  if (isEmpty(value)) {
    throw validation(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${"S" in value ? "string" : "binary"} value. Key: ${name}`,
    );
  }
  return sized(keyBytes(value), isHash);
}

/** The key of a Key parameter: exactly the table's key attributes, of their types. */
export function keyOfRequest(table: Table, key: Item): KeyBytes {
  const names = keyNamesOf(table);
  const mismatch = "The provided key element does not match the schema";
  if (Object.keys(key).length !== names.length) throw validation(mismatch);
  const parts = names.map((name, position) => {
    const value = attributeOf(key, name);
    if (value === undefined || typeOf(value) !== keyTypeOf(table, name)) throw validation(mismatch);
    return primaryPart(name, value, position === 0);
  });
  return { pk: parts[0] ?? NO_BYTES, sk: parts[1] ?? NO_BYTES };
}

/** The key within an item to be put. */
export function keyOfItem(table: Table, item: Item): KeyBytes {
  const parts = keyNamesOf(table).map((name, position) => {
    const value = attributeOf(item, name);
    if (value === undefined) throw invalidParameter(`Missing the key ${name} in the item`);
    const expected = keyTypeOf(table, name);
    if (typeOf(value) !== expected) {
      throw invalidParameter(`Type mismatch for key ${name} expected: ${expected} actual: ${typeOf(value)}`);
    }
    return primaryPart(name, value, position === 0);
  });
  return { pk: parts[0] ?? NO_BYTES, sk: parts[1] ?? NO_BYTES };
}

function indexPart(table: Table, index: Index, name: string, value: AttributeValue, isHash: boolean): Buffer {
  const expected = keyTypeOf(table, name);
  if (typeOf(value) !== expected) {
    throw invalidParameter(
      `Type mismatch for Index Key ${name} Expected: ${expected} Actual: ${typeOf(value)} IndexName: ${index.name}`,
    );
  }
  if (isEmpty(value)) {
    throw validation(
      `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${"S" in value ? "string" : "binary"} value. IndexName: ${index.name}, IndexKey: ${name}`,
    );
  }
  return sized(keyBytes(value), isHash);
}

/**
 * The key under which an index holds an item; undefined where the item lacks it. Throws where an attribute of the key
 * has a type, a size or an emptiness that the index cannot hold.
 */
export function keyInIndex(table: Table, index: Index, item: Item): KeyBytes | undefined {
  const hash = attributeOf(item, index.hash);
  const pk = hash && indexPart(table, index, index.hash, hash, true);
  if (index.range === undefined) return pk && { pk, sk: NO_BYTES };
  const range = attributeOf(item, index.range);
  const sk = range && indexPart(table, index, index.range, range, false);
  return pk && sk && { pk, sk };
}

/** `keyInIndex` for an item that is there already: one that an index added later cannot hold is not in it. */
export function storedKeyInIndex(table: Table, index: Index, item: Item): KeyBytes | undefined {
  try {
    return keyInIndex(table, index, item);
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

/** The named attributes of an item, those that it has. */
export function pick(item: Item, names: Iterable<string>): Item {
  const picked: Record<string, AttributeValue> = {};
  for (const name of names) {
    const value = attributeOf(item, name);
    if (value !== undefined) setAttribute(picked, name, value);
  }
  return picked;
}

/** The primary key attributes of an item. */
export const primaryKeyOf = (table: KeyNames, item: Item): Item => pick(item, keyNamesOf(table));

export const sameKey = (left: KeyBytes, right: KeyBytes): boolean =>
  left.pk.equals(right.pk) && left.sk.equals(right.sk);
