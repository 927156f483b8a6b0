import { createECDH, randomBytes, type KeyObject } from "node:crypto";
import { invariant } from "../../../core/kernel/invariant.ts";

/*
 * ECDSA on P-256 over a digest that was made elsewhere (MessageType DIGEST). node:crypto always hashes what it signs,
 * so the two modular equations are written here and OpenSSL does the point multiplication.
 * Not constant in time: it stands in for KMS on a developer's machine and must not sign for anybody else.
 * Source: FIPS 186-5, 6.4. `n` is the order of the base point: SP 800-186, 3.2.1.3.
 */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SCALAR_BYTES = 32;

const toScalar = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const toBytes = (scalar: bigint): Buffer => Buffer.from(scalar.toString(16).padStart(SCALAR_BYTES * 2, "0"), "hex");
const modulo = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER;

/** The inverse modulo the order, by the extended Euclidean algorithm. */
function inverse(value: bigint): bigint {
  let [previous, current] = [ORDER, modulo(value)];
  let [before, coefficient] = [0n, 1n];
  while (current > 1n) {
    const quotient = previous / current;
    [previous, current] = [current, previous - quotient * current];
    [before, coefficient] = [coefficient, before - quotient * coefficient];
  }
  invariant(current === 1n, "a scalar below a prime order has an inverse");
  return modulo(coefficient);
}

/** The x coordinate of `scalar` times the base point, modulo the order. */
function xOfMultiple(scalar: bigint): bigint {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(toBytes(scalar));
  return modulo(toScalar(curve.getPublicKey(null, "uncompressed").subarray(1, 1 + SCALAR_BYTES)));
}

function privateScalar(privateKey: KeyObject): bigint {
  const { d } = privateKey.export({ format: "jwk" });
  invariant(typeof d === "string", "a private P-256 key has a scalar");
  return toScalar(Buffer.from(d, "base64url"));
}

function derInteger(scalar: bigint): Buffer {
  const hex = scalar.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  const isNegativeLooking = ((bytes[0] ?? 0) & 0x80) !== 0;
  const body = isNegativeLooking ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, body.length]), body]);
}

/** SEQUENCE of two INTEGERs, DER. Undefined for anything else, such as trailing bytes or a needless zero in front. */
function parseSignature(der: Buffer): { readonly r: bigint; readonly s: bigint } | undefined {
  const integers: bigint[] = [];
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  let offset = 2;
  while (offset < der.length) {
    const length = der[offset + 1] ?? 0;
    const body = der.subarray(offset + 2, offset + 2 + length);
    if (der[offset] !== 0x02 || length === 0 || body.length !== length) return undefined;
    integers.push(toScalar(body));
    offset += 2 + length;
  }
  const [r, s] = integers;
  if (r === undefined || s === undefined || integers.length !== 2) return undefined;
  const isCanonical = Buffer.concat([derInteger(r), derInteger(s)]).equals(der.subarray(2));
  return isCanonical ? { r, s } : undefined;
}

/** Signs a 32-byte SHA-256 digest. The signature is DER, as KMS gives it. */
export function signP256Digest(privateKey: KeyObject, digest: Buffer): Buffer {
  const secret = privateScalar(privateKey);
  for (;;) {
    const nonce = toScalar(randomBytes(SCALAR_BYTES));
    if (nonce === 0n || nonce >= ORDER) continue;
    const r = xOfMultiple(nonce);
    const s = modulo(inverse(nonce) * modulo(toScalar(digest) + r * secret));
    if (r === 0n || s === 0n) continue;
    const body = Buffer.concat([derInteger(r), derInteger(s)]);
    return Buffer.concat([Buffer.from([0x30, body.length]), body]);
  }
}

/** Whether `signature` (DER) is valid for `digest`. Knowing the private scalar makes it one multiplication. */
export function verifyP256Digest(privateKey: KeyObject, digest: Buffer, signature: Buffer): boolean {
  const parsed = parseSignature(signature);
  if (parsed === undefined) return false;
  const { r, s } = parsed;
  if (r <= 0n || r >= ORDER || s <= 0n || s >= ORDER) return false;
  const point = modulo(inverse(s) * modulo(toScalar(digest) + r * privateScalar(privateKey)));
  return point !== 0n && xOfMultiple(point) === r;
}
