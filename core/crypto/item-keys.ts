import type { KeyObject } from "node:crypto";
import { createSecretKey, hkdfSync } from "node:crypto";
import type { DataKey } from "./data-key.ts";
import { COMMITMENT_BYTES, headerPrefix } from "./header.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;

export interface AttributeKey {
  readonly key: KeyObject;
  readonly nonce: Buffer;
}

/** What one item is sealed with. `attributes[n]` belongs to the n-th encrypted attribute of the legend. */
export interface ItemKeys {
  readonly commitment: Buffer;
  readonly macKey: KeyObject;
  readonly attributes: readonly AttributeKey[];
  /** Zeroes the derived bytes that this object holds; OpenSSL clears its copies when they are freed. */
  wipe(): void;
}

/**
 * Everything an item needs, in one HKDF-SHA-256 (RFC 5869): input key the data key, salt the message id,
 * info = header prefix (format, suite, kid) and legend. Output: commitment, MAC key, then key and nonce per attribute.
 */
export function deriveItemKeys(
  dataKey: DataKey,
  messageId: Uint8Array,
  legend: Uint8Array,
  encrypted: number,
): ItemKeys {
  const info = Buffer.concat([headerPrefix(dataKey.kid), legend]);
  const size = COMMITMENT_BYTES + KEY_BYTES + encrypted * (KEY_BYTES + NONCE_BYTES);
  const material = Buffer.from(hkdfSync("sha256", dataKey.secret(), messageId, info, size));
  let at = 0;
  const take = (length: number): Buffer => material.subarray(at, (at += length));
  return {
    commitment: take(COMMITMENT_BYTES),
    macKey: createSecretKey(take(KEY_BYTES)),
    attributes: Array.from({ length: encrypted }, () => ({
      key: createSecretKey(take(KEY_BYTES)),
      nonce: take(NONCE_BYTES),
    })),
    wipe: () => material.fill(0),
  };
}
