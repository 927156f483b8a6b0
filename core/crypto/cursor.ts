import { randomBytes } from "node:crypto";
import type { TenantId, UserId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { lengthPrefixed } from "./bytes.ts";
import type { DataKey, Kid } from "./data-key.ts";
import { KID_BYTES, parseKid } from "./data-key.ts";
import { ENVELOPE_BYTES, openEnvelope, sealEnvelope } from "./envelope.ts";
import { SealBroken } from "./seal-broken.ts";

/** What a page's cursor belongs to. In any other hand, on any other route, with any other filter, it does not open. */
export interface CursorPlace {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly route: string;
  /** SHA-256 over the search's parameters in canonical order, hex. */
  readonly filterDigest: string;
}

/** One answer for every fault, so that a cursor tells an attacker nothing: forged, foreign, flipped, expired. */
export interface CursorInvalid {
  readonly kind: "invalid";
}

const VERSION = 0x01;
const SALT_BYTES = 32;
const SALT_AT = 1 + KID_BYTES;
const BODY_AT = SALT_AT + SALT_BYTES;
const EXPIRY_BYTES = 8;
/** A position is a few keys: what is longer was not made here. */
const MAX_CURSOR_CHARACTERS = 4096;

/** Seals a position as base64url text. `key` is the tenant's D key: every grant that may search holds it. */
export function sealCursor(position: string, expiresAtMs: number, place: CursorPlace, key: DataKey): string {
  checkKey(key, place);
  const salt = randomBytes(SALT_BYTES);
  const plain = Buffer.alloc(EXPIRY_BYTES + Buffer.byteLength(position));
  plain.writeBigUInt64BE(BigInt(expiresAtMs));
  plain.write(position, EXPIRY_BYTES, "utf8");
  const head = Buffer.concat([Buffer.of(VERSION), Buffer.from(key.kid, "latin1"), salt]);
  const text = Buffer.concat([head, sealEnvelope(context(head, place, key), plain)]).toString("base64url");
  invariant(text.length <= MAX_CURSOR_CHARACTERS, "a cursor holds a position, not content");
  return text;
}

/** The key version that a cursor names, or undefined for anything that is no cursor. Not trusted yet. */
export function cursorKid(cursor: string): Kid | undefined {
  const bytes = decode(cursor);
  const named = bytes && parseKid(bytes.toString("latin1", 1, SALT_AT));
  return named?.dataClass === "D" ? named.kid : undefined;
}

/** The position that a cursor holds, for exactly the place it was sealed for and before it expires. */
export function openCursor(
  cursor: string,
  nowMs: number,
  place: CursorPlace,
  key: DataKey,
): Result<string, CursorInvalid> {
  checkKey(key, place);
  const bytes = decode(cursor);
  if (!bytes) return err({ kind: "invalid" });
  try {
    const plain = openEnvelope(context(bytes.subarray(0, BODY_AT), place, key), bytes.subarray(BODY_AT));
    const isLive = plain.length >= EXPIRY_BYTES && nowMs < Number(plain.readBigUInt64BE());
    return isLive ? ok(plain.toString("utf8", EXPIRY_BYTES)) : err({ kind: "invalid" });
  } catch (error) {
    // A cursor comes from the caller: one that does not open is the caller's fault, not a broken promise of ours.
    if (error instanceof SealBroken) return err({ kind: "invalid" });
    throw error;
  }
}

/** Only the one spelling that `sealCursor` writes: base64url leaves unused bits at the end, which must be zero. */
function decode(cursor: string): Buffer | undefined {
  if (cursor.length > MAX_CURSOR_CHARACTERS) return undefined;
  const bytes = Buffer.from(cursor, "base64url");
  const isOurs = bytes.length >= BODY_AT + ENVELOPE_BYTES && bytes[0] === VERSION;
  return isOurs && bytes.toString("base64url") === cursor ? bytes : undefined;
}

const context = (head: Buffer, place: CursorPlace, key: DataKey) => ({
  secret: key.secret(),
  salt: head.subarray(SALT_AT),
  info: lengthPrefixed(["keyward cursor 1", key.kid]),
  aad: lengthPrefixed([head, place.tenantId, place.userId, place.route, place.filterDigest]),
});

function checkKey(key: DataKey, place: CursorPlace): void {
  invariant(key.dataClass === "D" && key.tenantId === place.tenantId, "a cursor is sealed under its tenant's D key");
}
