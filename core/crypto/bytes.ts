import { timingSafeEqual } from "node:crypto";
import { invariant } from "../kernel/invariant.ts";

/** The number as four bytes, most significant first. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * Joins parts so that no two lists of parts give the same bytes: each part follows its length in four bytes.
 * Strings are UTF-8.
 */
export function lengthPrefixed(parts: readonly (string | Uint8Array)[]): Buffer {
  let total = 0;
  for (const part of parts) total += 4 + (typeof part === "string" ? Buffer.byteLength(part) : part.length);
  const bytes = Buffer.allocUnsafe(total);
  let at = 0;
  for (const part of parts) {
    if (typeof part === "string") {
      // A lone surrogate becomes U+FFFD in UTF-8: two different texts would then give the same bytes.
      invariant(part.isWellFormed(), "a length-prefixed text is well-formed Unicode");
      const written = bytes.write(part, at + 4, "utf8");
      bytes.writeUInt32BE(written, at);
      at += 4 + written;
    } else {
      bytes.writeUInt32BE(part.length, at);
      bytes.set(part, at + 4);
      at += 4 + part.length;
    }
  }
  return bytes;
}

/** Compares in a time that depends on the length alone. Different lengths are unequal. */
export const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && timingSafeEqual(left, right);
