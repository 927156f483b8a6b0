import { randomFillSync } from "node:crypto";

declare const brand: unique symbol;
export type Branded<T, B extends string> = T & { readonly [brand]: B };

/** 26 characters of lower-case Crockford base32. Fixed length and alphabet, so that no id is a prefix of another. */
export type TenantId = Branded<string, "TenantId">;
export type UserId = Branded<string, "UserId">;
/** Opaque id of a record, event or session: the same grammar, sortable by its creation time. */
export type SortableId = Branded<string, "SortableId">;

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** The grammar of every id that Keyward makes. ULID with a lower-case alphabet: github.com/ulid/spec. */
export const ID_PATTERN = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

export const isId = (text: string): boolean => ID_PATTERN.test(text);

export const parseTenantId = (text: unknown): TenantId | undefined =>
  typeof text === "string" && isId(text) ? (text as TenantId) : undefined;

export const parseUserId = (text: unknown): UserId | undefined =>
  typeof text === "string" && isId(text) ? (text as UserId) : undefined;

/** Encodes 16 bytes as 26 characters, most significant bits first. */
export function encodeId(bytes: Uint8Array): string {
  let text = "";
  // 26 characters of five bits hold 130: two zero bits come first.
  let [pending, bits] = [0, 2];
  for (let index = 0; index < 16; index += 1) {
    pending = (pending << 8) | (bytes[index] ?? 0);
    for (bits += 8; bits >= 5; pending &= (1 << bits) - 1) {
      bits -= 5;
      text += ALPHABET[pending >> bits];
    }
  }
  return text;
}

const pool = new Uint8Array(4_000);
let used = pool.length;

/** Random bytes from a pool: asking the generator for ten at a time costs more than an id itself. */
function randomFromPool(bytes: Uint8Array): void {
  if (used + bytes.length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  bytes.set(pool.subarray(used, used + bytes.length));
  used += bytes.length;
}

/** A new id: 48 bits of `nowMs`, 80 random bits. Sorts by time as text. */
export function newId(nowMs: number, random: (bytes: Uint8Array) => unknown = randomFromPool): SortableId {
  const bytes = new Uint8Array(16);
  random(bytes.subarray(6));
  for (let index = 5, rest = Math.floor(nowMs); index >= 0; index -= 1, rest = Math.floor(rest / 256)) {
    bytes[index] = rest % 256;
  }
  return encodeId(bytes) as SortableId;
}

/** The milliseconds in an id: 26 characters of five bits hold 130, of which two zero bits and the 48 of the time come first. */
export const timeOfId = (id: string): number =>
  Array.from(id.slice(0, 10)).reduce((total, letter) => total * 32 + ALPHABET.indexOf(letter), 0);
