import { invariant } from "../kernel/invariant.ts";
import { SealBroken, sealHolds } from "./seal-broken.ts";

/** What a sealed row may hold. Numbers are safe integers: fractions belong inside the sealed record. */
export type SealableValue = string | number | boolean | Uint8Array;

/** A row as the table gives it: attribute names to values, `pk` and `sk` among them. */
export type SealedRow = Readonly<Record<string, SealableValue>>;

const TEXT = 0x53;
const BYTES = 0x42;
const NUMBER = 0x4e;
const LOGICAL = 0x4c;

/** One type byte (`S`, `B`, `N`, `L`) and the value: what the item MAC covers and what an encrypted attribute holds. */
export function encodeValue(value: SealableValue): Buffer {
  if (typeof value === "string") {
    // A lone surrogate becomes U+FFFD in UTF-8: two different texts would then encode alike.
    invariant(value.isWellFormed(), "a sealed text is well-formed Unicode");
    const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(value));
    bytes[0] = TEXT;
    bytes.write(value, 1, "utf8");
    return bytes;
  }
  if (typeof value === "number") {
    invariant(Number.isSafeInteger(value), "a sealed number is a safe integer");
    return Buffer.from(`N${value === 0 ? 0 : value}`, "latin1");
  }
  if (typeof value === "boolean") return Buffer.of(LOGICAL, value ? 1 : 0);
  const bytes = Buffer.allocUnsafe(1 + value.length);
  bytes[0] = BYTES;
  bytes.set(value, 1);
  return bytes;
}

/** The inverse of `encodeValue`. Throws SealBroken on bytes that `encodeValue` does not make. */
export function decodeValue(bytes: Buffer): SealableValue {
  const body = bytes.subarray(1);
  switch (bytes[0]) {
    case TEXT:
      return body.toString("utf8");
    case BYTES:
      return new Uint8Array(body);
    case NUMBER: {
      const value = Number(body.toString("latin1"));
      sealHolds(Number.isSafeInteger(value) && String(value) === body.toString("latin1"), "frame");
      return value;
    }
    case LOGICAL:
      sealHolds(body.length === 1 && (body[0] === 0 || body[0] === 1), "frame");
      return body[0] === 1;
    default:
      throw new SealBroken("frame");
  }
}
