import type { KeyObject } from "node:crypto";
import { createECDH, createPrivateKey, createPublicKey, createSecretKey, diffieHellman } from "node:crypto";
import type { PairClass } from "../kernel/data-class.ts";
import type { TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { lengthPrefixed } from "./bytes.ts";
import type { Kid } from "./data-key.ts";
import { KID_BYTES, makeKid, parseKid } from "./data-key.ts";
import { ENVELOPE_BYTES, openEnvelope, sealEnvelope } from "./envelope.ts";
import { packFrame, unpackFrame } from "./frame.ts";
import { LIMITS } from "./limits.ts";
import type { SealTooLong } from "./seal-item.ts";
import { SealBroken, sealHolds } from "./seal-broken.ts";

/** A tenant's public key of a pair class: whoever seals with it holds nothing that opens again. */
export interface PublicKey {
  readonly tenantId: TenantId;
  readonly kid: Kid;
  /** SPKI, DER. */
  readonly publicKey: Uint8Array;
}

/** What parts one use of this construction from every other. */
export interface Sort {
  /** Four characters that the sealed bytes begin with. */
  readonly magic: string;
  readonly pairClass: PairClass;
  /** Names the use in the derivation of the key. */
  readonly label: string;
}

const SUITE = 0x01;
const KEY_AT = 5 + KID_BYTES;
/** An uncompressed P-256 point: 0x04, x, y. */
const POINT_BYTES = 65;
const HEAD_BYTES = KEY_AT + POINT_BYTES;

/** The private half of a tenant's pair, parsed once. A wiped one refuses to work. */
export class PrivateKey {
  readonly tenantId: TenantId;
  readonly kid: Kid;
  readonly #point: Buffer;
  #key: KeyObject | undefined;

  /** @param pkcs8 DER, as kms:Decrypt gives it. Taken over: it is zeroed. */
  constructor(tenantId: TenantId, pairClass: PairClass, kver: number, pkcs8: Uint8Array) {
    this.tenantId = tenantId;
    this.kid = makeKid(pairClass, kver);
    const key = Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.byteLength);
    this.#key = createPrivateKey({ key, format: "der", type: "pkcs8" });
    this.#point = pointOf(createPublicKey(this.#key));
    key.fill(0);
  }

  get isWiped(): boolean {
    return this.#key === undefined;
  }

  /** Our own point, and the secret that is shared with the sender's. */
  agree(point: Buffer): { readonly own: Buffer; readonly secret: Buffer } {
    invariant(this.#key !== undefined, "a private key is not used after it was wiped");
    return { own: this.#point, secret: agreed(this.#key, point) };
  }

  /** OpenSSL clears its copy when it is freed. */
  wipe(): void {
    this.#key = undefined;
  }
}

/** Seals `text` for `place`, by a key pair that is made for it and forgotten. Layout: core/crypto/README.md, "Sealed to a public key". */
export function sealTo(
  sort: Sort,
  text: string,
  place: readonly string[],
  recipient: PublicKey,
): Result<Uint8Array, SealTooLong> {
  invariant(parseKid(recipient.kid)?.dataClass === sort.pairClass, "a text is sealed to a key of its own class");
  invariant(text.isWellFormed(), "a sealed text is well-formed Unicode");
  const plain = Buffer.from(text, "utf8");
  if (plain.length > LIMITS.signedAttributeBytes) return err({ kind: "too-long" });
  const recipientPoint = pointOf(publicKeyOf(recipient.publicKey));
  const ephemeral = createECDH("prime256v1");
  const point = ephemeral.generateKeys();
  const secret = ephemeral.computeSecret(recipientPoint);
  const head = Buffer.concat([
    Buffer.from(sort.magic, "latin1"),
    Buffer.of(SUITE),
    Buffer.from(recipient.kid, "latin1"),
    point,
  ]);
  const sealed = sealEnvelope(
    { secret: createSecretKey(secret), ...context(sort, head, recipientPoint, place) },
    packFrame(plain),
  );
  secret.fill(0);
  return ok(new Uint8Array(Buffer.concat([head, sealed])));
}

/** The version of the key that something was sealed to. Throws SealBroken. */
export function kidSealedTo({ magic, pairClass }: Sort, sealed: Uint8Array): Kid {
  const bytes = Buffer.from(sealed);
  const shaped =
    bytes.length >= HEAD_BYTES + ENVELOPE_BYTES && bytes.toString("latin1", 0, 4) === magic && bytes[4] === SUITE;
  sealHolds(shaped, "header");
  const named = parseKid(bytes.toString("latin1", 5, KEY_AT));
  sealHolds(named?.dataClass === pairClass, "header");
  return named.kid;
}

/** The inverse of `sealTo`. Throws SealBroken, which holds no content. */
export function openSealedTo(sort: Sort, sealed: Uint8Array, place: readonly string[], key: PrivateKey): string {
  sealHolds(kidSealedTo(sort, sealed) === key.kid, "key");
  const bytes = Buffer.from(sealed);
  const head = bytes.subarray(0, HEAD_BYTES);
  const { own, secret } = key.agree(head.subarray(KEY_AT));
  try {
    const input = { secret: createSecretKey(secret), ...context(sort, head, own, place) };
    return unpackFrame(openEnvelope(input, bytes.subarray(HEAD_BYTES))).toString("utf8");
  } finally {
    secret.fill(0);
  }
}

/** The salt is the sender's point; the info names use and recipient; head and place are authenticated. */
const context = ({ label }: Sort, head: Buffer, recipientPoint: Buffer, place: readonly string[]) => ({
  salt: head.subarray(KEY_AT),
  info: lengthPrefixed([label, recipientPoint, ...place]),
  aad: lengthPrefixed([head, ...place]),
});

function publicKeyOf(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
}

function pointOf(publicKey: KeyObject): Buffer {
  const { crv, x, y } = publicKey.export({ format: "jwk" });
  invariant(crv === "P-256" && x !== undefined && y !== undefined, "a pair is a P-256 key");
  return Buffer.concat([Buffer.of(0x04), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
}

function agreed(privateKey: KeyObject, point: Buffer): Buffer {
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
