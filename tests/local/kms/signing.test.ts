import {
  CreateKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  type SignCommandInput,
} from "@aws-sdk/client-kms";
import fc from "fast-check";
import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signP256Digest, verifyP256Digest } from "../../../scripts/local/kms/p256-digest.ts";
import { errorName, kmsBench, type KmsBench } from "./clients.ts";

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

describe("P-256 over digests, against OpenSSL", () => {
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });

  it("signs what OpenSSL verifies, and verifies what OpenSSL signs", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const message = Buffer.from(bytes);
        expect(verify("sha256", message, pair.publicKey, signP256Digest(pair.privateKey, sha256(message)))).toBe(true);
        const theirs = sign("sha256", message, pair.privateKey);
        expect(verifyP256Digest(pair.privateKey, sha256(message), theirs)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("refuses another digest, a changed signature and odd encodings", () => {
    const digest = sha256(Buffer.from("message"));
    const signature = signP256Digest(pair.privateKey, digest);
    expect(verifyP256Digest(pair.privateKey, sha256(Buffer.from("other")), signature)).toBe(false);
    for (let index = 0; index < signature.length; index += 1) {
      const changed = Buffer.from(signature);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      expect(verifyP256Digest(pair.privateKey, digest, changed)).toBe(false);
    }
    expect(verifyP256Digest(pair.privateKey, digest, Buffer.concat([signature, Buffer.from([0])]))).toBe(false);
    expect(verifyP256Digest(pair.privateKey, digest, Buffer.alloc(0))).toBe(false);
    // r = s = 0 satisfies a careless equation for every digest.
    expect(verifyP256Digest(pair.privateKey, digest, Buffer.from("3006020100020100", "hex"))).toBe(false);
  });
});

describe("signing operations", () => {
  let bench: KmsBench;
  let kms: KMSClient;
  const keys: Record<string, string> = {};

  const create = async (KeySpec: KeySpec, KeyUsage: KeyUsageType): Promise<string> =>
    (await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage }))).KeyMetadata?.KeyId ?? "";
  const publicKey = async (KeyId: string | undefined): Promise<KeyObject> => {
    const got = await kms.send(new GetPublicKeyCommand({ KeyId }));
    return createPublicKey({ key: Buffer.from(got.PublicKey ?? []), format: "der", type: "spki" });
  };

  beforeAll(async () => {
    bench = await kmsBench();
    kms = bench.client();
    keys["p256"] = await create("ECC_NIST_P256", "SIGN_VERIFY");
    keys["ed25519"] = await create("ECC_NIST_EDWARDS25519", "SIGN_VERIFY");
    keys["hmac"] = await create("HMAC_256", "GENERATE_VERIFY_MAC");
    keys["symmetric"] = await create("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
  });
  afterAll(() => bench.close());

  it("signs a digest as it signs the message", async () => {
    const message = Buffer.from("header.payload");
    const base = { KeyId: keys["p256"], SigningAlgorithm: "ECDSA_SHA_256" } as const;
    const digest = { ...base, Message: sha256(message), MessageType: "DIGEST" } as const;
    const signed = await kms.send(new SignCommand(digest));
    expect(verify("sha256", message, await publicKey(keys["p256"]), signed.Signature ?? Buffer.alloc(0))).toBe(true);
    const checks = [digest, { ...base, Message: message, MessageType: "RAW" as const }];
    for (const check of checks) {
      const verified = await kms.send(new VerifyCommand({ ...check, Signature: signed.Signature }));
      expect(verified.SignatureValid).toBe(true);
    }
    const wrong = new VerifyCommand({ ...digest, Message: sha256(Buffer.from("x")), Signature: signed.Signature });
    expect(await errorName(kms.send(wrong))).toBe("KMSInvalidSignatureException");
  });

  it("signs with Ed25519, 64 bytes, and verifies only the same message", async () => {
    const base = { KeyId: keys["ed25519"], SigningAlgorithm: "ED25519_SHA_512", MessageType: "RAW" } as const;
    const signed = await kms.send(new SignCommand({ ...base, Message: Buffer.from("root") }));
    expect(signed.Signature).toHaveLength(64);
    const good = new VerifyCommand({ ...base, Message: Buffer.from("root"), Signature: signed.Signature });
    expect((await kms.send(good)).SignatureValid).toBe(true);
    const bad = new VerifyCommand({ ...base, Message: Buffer.from("fork"), Signature: signed.Signature });
    expect(await errorName(kms.send(bad))).toBe("KMSInvalidSignatureException");
  });

  const refusals: readonly (readonly [string, string, Partial<SignCommandInput>, string])[] = [
    [
      "a digest for Ed25519",
      "ed25519",
      { SigningAlgorithm: "ED25519_SHA_512", MessageType: "DIGEST" },
      "ValidationException",
    ],
    ["a digest of the wrong length", "p256", { MessageType: "DIGEST" }, "ValidationException"],
    ["EXTERNAL_MU", "p256", { MessageType: "EXTERNAL_MU" }, "ValidationException"],
    ["a message of 4097 bytes", "p256", { Message: Buffer.alloc(4097) }, "ValidationException"],
    ["another algorithm", "p256", { SigningAlgorithm: "ECDSA_SHA_384" }, "InvalidKeyUsageException"],
    ["the other curve's algorithm", "ed25519", {}, "InvalidKeyUsageException"],
    ["a symmetric key", "symmetric", {}, "InvalidKeyUsageException"],
    ["an HMAC key", "hmac", {}, "InvalidKeyUsageException"],
    ["prehashed Ed25519", "ed25519", { SigningAlgorithm: "ED25519_PH_SHA_512" }, "NotImplemented"],
  ];
  it.each(refusals)("Sign refuses %s", async (_name, key, input, error) => {
    const command = new SignCommand({
      KeyId: keys[key],
      Message: Buffer.from("message"),
      SigningAlgorithm: "ECDSA_SHA_256",
      ...input,
    });
    expect(await errorName(kms.send(command))).toBe(error);
  });

  it("keeps keys to their usage", async () => {
    const encrypt = new EncryptCommand({ KeyId: keys["p256"], Plaintext: Buffer.from("x") });
    expect(await errorName(kms.send(encrypt))).toBe("InvalidKeyUsageException");
    const dataKey = new GenerateDataKeyCommand({ KeyId: keys["hmac"], KeySpec: "AES_256" });
    expect(await errorName(kms.send(dataKey))).toBe("InvalidKeyUsageException");
    const readPublic = new GetPublicKeyCommand({ KeyId: keys["symmetric"] });
    expect(await errorName(kms.send(readPublic))).toBe("UnsupportedOperationException");
  });

  it("refuses specs and usages that do not fit", async () => {
    const attempt = (KeySpec: KeySpec, KeyUsage: KeyUsageType): Promise<string> => errorName(create(KeySpec, KeyUsage));
    expect(await attempt("ECC_NIST_P256", "ENCRYPT_DECRYPT")).toBe("ValidationException");
    expect(await attempt("RSA_2048", "SIGN_VERIFY")).toBe("NotImplemented");
    expect(await attempt("NOT_A_SPEC" as KeySpec, "SIGN_VERIFY")).toBe("ValidationException");
    expect(await errorName(kms.send(new CreateKeyCommand({ KeySpec: "HMAC_256" })))).toBe("ValidationException");
  });

  it("makes MACs that are deterministic, keyed and verified", async () => {
    const base = { KeyId: keys["hmac"], MacAlgorithm: "HMAC_SHA_256" } as const;
    const first = await kms.send(new GenerateMacCommand({ ...base, Message: Buffer.from("label") }));
    const again = await kms.send(new GenerateMacCommand({ ...base, Message: Buffer.from("label") }));
    expect(first.Mac).toEqual(again.Mac);
    expect(first.Mac).toHaveLength(32);
    const withoutKey = createHmac("sha256", "").update("label").digest();
    expect(Buffer.from(first.Mac ?? [])).not.toEqual(withoutKey);
    const short = new VerifyMacCommand({
      ...base,
      Message: Buffer.from("label"),
      Mac: (first.Mac ?? Buffer.alloc(0)).slice(1),
    });
    expect(await errorName(kms.send(short))).toBe("KMSInvalidMacException");
    const algorithm = new GenerateMacCommand({ ...base, MacAlgorithm: "HMAC_SHA_512", Message: Buffer.from("label") });
    expect(await errorName(kms.send(algorithm))).toBe("InvalidKeyUsageException");
  });

  it("signs nothing with a disabled key", async () => {
    const KeyId = await create("ECC_NIST_P256", "SIGN_VERIFY");
    await kms.send(new DisableKeyCommand({ KeyId }));
    const signing = new SignCommand({ KeyId, Message: Buffer.from("x"), SigningAlgorithm: "ECDSA_SHA_256" });
    expect(await errorName(kms.send(signing))).toBe("DisabledException");
    expect(await errorName(kms.send(new GetPublicKeyCommand({ KeyId })))).toBe("DisabledException");
  });
});
