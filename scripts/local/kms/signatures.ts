import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from "node:crypto";
import type { SigningAlgorithm } from "./key-specs.ts";
import { signP256Digest, verifyP256Digest } from "./p256-digest.ts";

export type MessageType = "RAW" | "DIGEST";

const privateKeyOf = (material: Buffer): KeyObject => createPrivateKey({ key: material, format: "der", type: "pkcs8" });

/** The public half of PKCS #8 material, as SubjectPublicKeyInfo DER. */
export const publicKeyOf = (material: Buffer): Buffer =>
  createPublicKey(privateKeyOf(material)).export({ type: "spki", format: "der" });

/** Signs with PKCS #8 material. ECDSA signatures are DER, Ed25519 signatures 64 bytes. */
export function signMessage(
  material: Buffer,
  algorithm: SigningAlgorithm,
  messageType: MessageType,
  message: Buffer,
): Buffer {
  const key = privateKeyOf(material);
  switch (algorithm) {
    case "ED25519_SHA_512":
      return sign(null, message, key);
    case "ECDSA_SHA_256":
      return messageType === "DIGEST" ? signP256Digest(key, message) : sign("sha256", message, key);
  }
}

/** Whether `signature` is valid for `message` under the public half of `material`. */
export function verifyMessage(
  material: Buffer,
  algorithm: SigningAlgorithm,
  messageType: MessageType,
  message: Buffer,
  signature: Buffer,
): boolean {
  const key = privateKeyOf(material);
  switch (algorithm) {
    case "ED25519_SHA_512":
      return verify(null, message, createPublicKey(key), signature);
    case "ECDSA_SHA_256":
      return messageType === "DIGEST"
        ? verifyP256Digest(key, message, signature)
        : verify("sha256", message, createPublicKey(key), signature);
  }
}

/** HMAC-SHA-256, 32 bytes. */
export const macOf = (material: Buffer, message: Buffer): Buffer =>
  createHmac("sha256", material).update(message).digest();

/** Compares in constant time. */
export const isMac = (material: Buffer, message: Buffer, mac: Buffer): boolean => {
  const expected = macOf(material, message);
  return mac.length === expected.length && timingSafeEqual(mac, expected);
};
