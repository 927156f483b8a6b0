import type { KeyObject } from "node:crypto";
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from "node:crypto";
import { sameBytes } from "./bytes.ts";
import { SealBroken, sealHolds } from "./seal-broken.ts";

/** One-shot sealing of one text under a key that is derived for it alone. Used by audit detail and cursors. */
export interface EnvelopeInput {
  /** Input key of HKDF-SHA-256: a data key or an ECDH secret. */
  readonly secret: KeyObject;
  readonly salt: Uint8Array;
  /** Names the purpose and everything else that the derived key belongs to. */
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
}

const TAG_BYTES = 16;
const COMMITMENT_BYTES = 32;
export const ENVELOPE_BYTES = COMMITMENT_BYTES + TAG_BYTES;

/** Commitment (32 bytes), ciphertext, tag (16 bytes). The key is used once, so its nonce is derived with it. */
export function sealEnvelope(input: EnvelopeInput, plain: Uint8Array): Buffer {
  const { commitment, key, nonce, wipe } = derive(input);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(input.aad);
  const sealed = Buffer.concat([commitment, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  wipe();
  return sealed;
}

/** The inverse. Throws SealBroken. */
export function openEnvelope(input: EnvelopeInput, sealed: Uint8Array): Buffer {
  sealHolds(sealed.length >= ENVELOPE_BYTES, "frame");
  const { commitment, key, nonce, wipe } = derive(input);
  try {
    sealHolds(sameBytes(commitment, sealed.subarray(0, COMMITMENT_BYTES)), "commitment");
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(input.aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const plain = decipher.update(sealed.subarray(COMMITMENT_BYTES, sealed.length - TAG_BYTES));
    decipher.final();
    return plain;
  } catch (error) {
    throw error instanceof SealBroken ? error : new SealBroken("attribute");
  } finally {
    wipe();
  }
}

function derive({ secret, salt, info }: EnvelopeInput) {
  const material = Buffer.from(hkdfSync("sha256", secret, salt, info, COMMITMENT_BYTES + 32 + 12));
  return {
    commitment: material.subarray(0, 32),
    key: createSecretKey(material.subarray(32, 64)),
    nonce: material.subarray(64, 76),
    wipe: () => material.fill(0),
  };
}
