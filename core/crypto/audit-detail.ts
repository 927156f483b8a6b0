import type { KeyObject } from "node:crypto";
import { createECDH, createPrivateKey, createPublicKey, createSecretKey, diffieHellman } from "node:crypto";
import type { TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { lengthPrefixed } from "./bytes.ts";
import type { Kid } from "./data-key.ts";
import { KID_BYTES, makeKid, parseKid } from "./data-key.ts";
import { ENVELOPE_BYTES, openEnvelope, sealEnvelope } from "./envelope.ts";
import { packFrame, unpackFrame } from "./frame.ts";
import type { AuditPublicKey } from "./keyring.ts";
import { LIMITS } from "./limits.ts";
import type { SealTooLong } from "./seal-item.ts";
import { SealBroken, sealHolds } from "./seal-broken.ts";

/** The event that a detail belongs to: it opens for no other tenant and no other event. */
export interface AuditPlace {
  readonly tenantId: TenantId;
  readonly eventId: string;
}

const MAGIC = Buffer.from("KWA1", "latin1");
const SUITE = 0x01;
const KEY_AT = 5 + KID_BYTES;
/** An uncompressed P-256 point: 0x04, x, y. */
const POINT_BYTES = 65;
const HEAD_BYTES = KEY_AT + POINT_BYTES;

/**
 * Seals the detail of an audit event to the tenant's audit public key. Who writes holds nothing that opens it again:
 * the key pair of each call is forgotten. Layout: core/crypto/README.md, "Audit detail".
 */
export function sealAuditDetail(
  detail: string,
  place: AuditPlace,
  recipient: AuditPublicKey,
): Result<Uint8Array, SealTooLong> {
  invariant(recipient.tenantId === place.tenantId, "audit detail is sealed to the key of its own tenant");
  invariant(detail.isWellFormed(), "a sealed text is well-formed Unicode");
  const plain = Buffer.from(detail, "utf8");
  if (plain.length > LIMITS.signedAttributeBytes) return err({ kind: "too-long" });
  const recipientPoint = pointOf(publicKeyOf(recipient.publicKey));
  const ephemeral = createECDH("prime256v1");
  const point = ephemeral.generateKeys();
  const secret = ephemeral.computeSecret(recipientPoint);
  const head = Buffer.concat([MAGIC, Buffer.of(SUITE), Buffer.from(recipient.kid, "latin1"), point]);
  const sealed = sealEnvelope(
    { secret: createSecretKey(secret), ...context(head, recipientPoint, place) },
    packFrame(plain),
  );
  secret.fill(0);
  return ok(new Uint8Array(Buffer.concat([head, sealed])));
}

/** The version of the audit key that a detail was sealed to. Throws SealBroken. */
export function auditDetailKid(sealed: Uint8Array): Kid {
  const bytes = Buffer.from(sealed);
  const shaped =
    bytes.length >= HEAD_BYTES + ENVELOPE_BYTES && bytes.subarray(0, 4).equals(MAGIC) && bytes[4] === SUITE;
  sealHolds(shaped, "header");
  const named = parseKid(bytes.toString("latin1", 5, KEY_AT));
  sealHolds(named?.dataClass === "A", "header");
  return named.kid;
}

/** Opens a detail with the tenant's audit private key (PKCS #8, DER, as kms:Decrypt gives it). Throws SealBroken. */
export function openAuditDetail(
  sealed: Uint8Array,
  place: AuditPlace,
  key: { readonly kver: number; readonly privateKey: Uint8Array },
): string {
  sealHolds(auditDetailKid(sealed) === makeKid("A", key.kver), "key");
  const bytes = Buffer.from(sealed);
  const head = bytes.subarray(0, HEAD_BYTES);
  const privateKey = createPrivateKey({ key: Buffer.from(key.privateKey), format: "der", type: "pkcs8" });
  const recipientPoint = pointOf(createPublicKey(privateKey));
  const secret = agree(privateKey, head.subarray(KEY_AT));
  try {
    const input = { secret: createSecretKey(secret), ...context(head, recipientPoint, place) };
    return unpackFrame(openEnvelope(input, bytes.subarray(HEAD_BYTES))).toString("utf8");
  } finally {
    secret.fill(0);
  }
}

/** The salt is the sender's point; the info names purpose and recipient; head and event are authenticated. */
const context = (head: Buffer, recipientPoint: Buffer, place: AuditPlace) => ({
  salt: head.subarray(KEY_AT),
  info: lengthPrefixed(["keyward audit detail 1", recipientPoint, place.tenantId, place.eventId]),
  aad: lengthPrefixed([head, place.tenantId, place.eventId]),
});

function publicKeyOf(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
}

function pointOf(publicKey: KeyObject): Buffer {
  const { crv, x, y } = publicKey.export({ format: "jwk" });
  invariant(crv === "P-256" && x !== undefined && y !== undefined, "an audit key is a P-256 key");
  return Buffer.concat([Buffer.of(0x04), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
}

function agree(privateKey: KeyObject, point: Buffer): Buffer {
  try {
    const x = point.subarray(1, 33).toString("base64url");
    const y = point.subarray(33).toString("base64url");
    sealHolds(point[0] === 0x04, "header");
    const publicKey = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
    return diffieHellman({ privateKey, publicKey });
  } catch {
    // A point that is not on the curve.
    throw new SealBroken("header");
  }
}
