import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { invariant } from "../kernel/invariant.ts";

/** The key that signs access tokens: ECDSA P-256 in KMS, so that nobody can copy it out. */
export interface TokenKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly publicJwk: JsonWebKey;
  /** JWS ES256 signature of the bytes: r and s, 32 bytes each (RFC 7518 3.4). */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export function thumbprint(jwk: JsonWebKey): string {
  const { crv, kty, x, y } = jwk;
  return createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
}

/** ASN.1 DER `SEQUENCE { INTEGER r, INTEGER s }` as KMS gives it, to the fixed 64 bytes of JWS. */
export function derToJose(der: Uint8Array): Uint8Array {
  invariant(der[0] === 0x30 && der[1] === der.length - 2, "an ECDSA signature is one DER sequence");
  const out = Buffer.alloc(64);
  let offset = 2;
  for (const end of [32, 64]) {
    const length = der[offset + 1] ?? 0;
    invariant(der[offset] === 0x02 && offset + 2 + length <= der.length, "an ECDSA signature holds two integers");
    let value = der.subarray(offset + 2, offset + 2 + length);
    while (value.length > 32 && value[0] === 0) value = value.subarray(1);
    invariant(value.length <= 32, "an integer of P-256 has at most 32 bytes");
    out.set(value, end - value.length);
    offset += 2 + length;
  }
  return out;
}

/** Reads the public half once. `keyArn` is an ECC_NIST_P256 signing key. Throws what KMS throws. */
export async function loadTokenKey(kms: KMSClient, keyArn: string): Promise<TokenKey> {
  const answer = await kms.send(new GetPublicKeyCommand({ KeyId: keyArn }));
  invariant(answer.PublicKey !== undefined && answer.KeySpec === "ECC_NIST_P256", "the token key is ECC_NIST_P256");
  const publicKey = createPublicKey({ key: Buffer.from(answer.PublicKey), format: "der", type: "spki" });
  const jwk = publicKey.export({ format: "jwk" });
  const kid = thumbprint(jwk);
  return {
    kid,
    publicKey,
    publicJwk: { ...jwk, kid, alg: "ES256", use: "sig" },
    async sign(bytes) {
      const digest = createHash("sha256").update(bytes).digest();
      const signed = await kms.send(
        new SignCommand({ KeyId: keyArn, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" }),
      );
      invariant(signed.Signature !== undefined, "KMS signs or throws");
      return derToJose(signed.Signature);
    },
  };
}
