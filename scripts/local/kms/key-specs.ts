import { generateKeyPairSync, randomBytes } from "node:crypto";

/** The kinds of key that the embedded KMS can hold. Source: AWS KMS API Reference, CreateKey, KeySpec. */
export const KEY_SPECS = ["SYMMETRIC_DEFAULT", "ECC_NIST_P256", "ECC_NIST_EDWARDS25519", "HMAC_256"] as const;
export type KeySpec = (typeof KEY_SPECS)[number];

/** Specs that AWS knows and this KMS does not: they get 501, where a word that AWS does not know gets ValidationException. */
export const OTHER_AWS_KEY_SPECS = [
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "ECC_NIST_P384",
  "ECC_NIST_P521",
  "ECC_SECG_P256K1",
  "HMAC_224",
  "HMAC_384",
  "HMAC_512",
  "SM2",
  "ML_DSA_44",
  "ML_DSA_65",
  "ML_DSA_87",
] as const;

export const KEY_USAGES = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

interface SpecRules {
  readonly usage: KeyUsage;
  readonly signingAlgorithm?: SigningAlgorithm;
}

/** Algorithms with which a key of this service signs. */
export type SigningAlgorithm = "ECDSA_SHA_256" | "ED25519_SHA_512";

/** Each spec here has exactly one usage and at most one algorithm. ECDH (KEY_AGREEMENT) is left out. */
export const SPEC_RULES: Readonly<Record<KeySpec, SpecRules>> = {
  SYMMETRIC_DEFAULT: { usage: "ENCRYPT_DECRYPT" },
  ECC_NIST_P256: { usage: "SIGN_VERIFY", signingAlgorithm: "ECDSA_SHA_256" },
  ECC_NIST_EDWARDS25519: { usage: "SIGN_VERIFY", signingAlgorithm: "ED25519_SHA_512" },
  HMAC_256: { usage: "GENERATE_VERIFY_MAC" },
};

/** Fresh key material: 32 bytes for symmetric and HMAC keys, PKCS #8 DER for asymmetric keys. */
export function newMaterial(spec: KeySpec): Buffer {
  switch (spec) {
    case "SYMMETRIC_DEFAULT":
    case "HMAC_256":
      return randomBytes(32);
    case "ECC_NIST_P256":
      return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export({
        type: "pkcs8",
        format: "der",
      });
    case "ECC_NIST_EDWARDS25519":
      return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" });
  }
}
