import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import fc from "fast-check";
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contextBytes, openBlob, readHeader, sealBlob } from "../../../scripts/local/kms/envelope.ts";
import { errorName, kmsBench, type KmsBench } from "./clients.ts";

const KEY_ID = "0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d";
const context = fc.dictionary(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), {
  maxKeys: 4,
  noNullPrototype: true,
});

const opens = (material: Buffer, blob: Buffer, bound: Record<string, string>): boolean => {
  try {
    openBlob(material, blob, bound);
    return true;
  } catch {
    return false;
  }
};

describe("envelope", () => {
  const material = Buffer.alloc(32, 7);

  it("opens under exactly the context that it was sealed under, in any order", () => {
    fc.assert(
      fc.property(context, context, fc.uint8Array({ minLength: 1, maxLength: 64 }), (bound, other, bytes) => {
        const blob = sealBlob(KEY_ID, 3, material, Buffer.from(bytes), bound);
        const reversed = Object.fromEntries(Object.entries(bound).toReversed());
        expect(openBlob(material, blob, reversed)).toEqual(Buffer.from(bytes));
        expect(opens(material, blob, other)).toBe(contextBytes(other).equals(contextBytes(bound)));
      }),
      { numRuns: 300 },
    );
  });

  it("gives different bytes to different contexts", () => {
    fc.assert(
      fc.property(context, context, (left, right) => {
        const sorted = (map: Record<string, string>) =>
          JSON.stringify(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)));
        expect(contextBytes(left).equals(contextBytes(right))).toBe(sorted(left) === sorted(right));
      }),
      { numRuns: 500 },
    );
    // Without lengths these two would run into each other.
    expect(contextBytes({ ab: "c" })).not.toEqual(contextBytes({ a: "bc" }));
  });

  it("does not open with any bit changed", () => {
    const blob = sealBlob(KEY_ID, 0, material, Buffer.from("secret"), { tenant: "a" });
    for (let bit = 0; bit < blob.length * 8; bit += 1) {
      const changed = Buffer.from(blob);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(opens(material, changed, { tenant: "a" })).toBe(false);
    }
  });

  it("reads the key id and the version from the header", () => {
    const blob = sealBlob(KEY_ID, 258, material, Buffer.from("x"), {});
    expect(readHeader(blob)).toEqual({ keyId: KEY_ID, version: 258 });
    expect(() => readHeader(blob.subarray(0, 40))).toThrow();
  });
});

describe("operations", () => {
  let bench: KmsBench;
  let kms: KMSClient;
  let KeyId: string;

  beforeAll(async () => {
    bench = await kmsBench();
    kms = bench.client();
    KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
  });
  afterAll(() => bench.close());

  it.each([
    ["neither KeySpec nor NumberOfBytes", {}],
    ["both KeySpec and NumberOfBytes", { KeySpec: "AES_256", NumberOfBytes: 32 }],
    ["no bytes", { NumberOfBytes: 0 }],
    ["too many bytes", { NumberOfBytes: 1025 }],
    ["an unknown KeySpec", { KeySpec: "AES_512" as never }],
  ] as const)("GenerateDataKey refuses %s", async (_name, input) => {
    expect(await errorName(kms.send(new GenerateDataKeyCommand({ KeyId, ...input })))).toBe("ValidationException");
  });

  it("GenerateDataKeyWithoutPlaintext gives only the ciphertext", async () => {
    const made = await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 20 }));
    expect(made).not.toHaveProperty("Plaintext");
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(opened.Plaintext).toHaveLength(20);
  });

  it("GenerateDataKeyPair gives a pair that signs and verifies, its private half also encrypted", async () => {
    const input = { KeyId, KeyPairSpec: "ECC_NIST_P256", EncryptionContext: { tenant: "a" } } as const;
    const made = await kms.send(new GenerateDataKeyPairCommand(input));
    const privateKey = createPrivateKey({
      key: Buffer.from(made.PrivateKeyPlaintext ?? []),
      format: "der",
      type: "pkcs8",
    });
    const publicKey = createPublicKey({ key: Buffer.from(made.PublicKey ?? []), format: "der", type: "spki" });
    const message = Buffer.from("message");
    expect(verify("sha256", message, publicKey, sign("sha256", message, privateKey))).toBe(true);
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob: made.PrivateKeyCiphertextBlob, EncryptionContext: { tenant: "a" } }),
    );
    expect(opened.Plaintext).toEqual(made.PrivateKeyPlaintext);
    const blind = await kms.send(new GenerateDataKeyPairWithoutPlaintextCommand(input));
    expect(blind).not.toHaveProperty("PrivateKeyPlaintext");
  });

  it("GenerateDataKeyPair answers 501 for a pair that it cannot make", async () => {
    const failed = kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "RSA_2048" }));
    await expect(failed).rejects.toMatchObject({ name: "NotImplemented", $metadata: { httpStatusCode: 501 } });
  });

  it("GenerateRandom gives as many bytes as asked", async () => {
    expect((await kms.send(new GenerateRandomCommand({ NumberOfBytes: 48 }))).Plaintext).toHaveLength(48);
  });

  it("a dry run tells and does nothing", async () => {
    const dry = kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x"), DryRun: true }));
    expect(await errorName(dry)).toBe("DryRunOperationException");
  });

  it.each([
    ["garbage", Buffer.from("garbage")],
    ["a blob of an unknown key", sealBlob(KEY_ID, 0, Buffer.alloc(32), Buffer.from("x"), {})],
  ])("Decrypt of %s is InvalidCiphertextException without a reason", async (_name, CiphertextBlob) => {
    const failed = kms.send(new DecryptCommand({ CiphertextBlob }));
    await expect(failed).rejects.toMatchObject({ name: "InvalidCiphertextException" });
  });

  it("tells a blob of another key from one that does not open", async () => {
    const other = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId;
    const sealed = await kms.send(new EncryptCommand({ KeyId: other, Plaintext: Buffer.from("x") }));
    const failed = kms.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob, KeyId }));
    expect(await errorName(failed)).toBe("IncorrectKeyException");
  });

  it("answers 501 to members and operations that it does not know", async () => {
    const post = async (operation: string, body: string) =>
      fetch(bench.server.endpoint, {
        method: "POST",
        headers: {
          "x-amz-target": `TrentService.${operation}`,
          authorization: "AWS4-HMAC-SHA256 Credential=ADMIN/20261122/us-east-1/kms/aws4_request",
        },
        body,
      });
    expect((await post("DeriveSharedSecret", "{}")).status).toBe(501);
    expect((await post("toString", "{}")).status).toBe(501);
    expect((await post("Encrypt", JSON.stringify({ KeyId, Plaintext: "eA==", Surprise: 1 }))).status).toBe(501);
    expect((await post("Encrypt", "{")).status).toBe(400);
    expect((await post("Encrypt", "[]")).status).toBe(400);
  });

  it("says nothing of plaintext or ciphertext to the trail", () => {
    const told = JSON.stringify(bench.server.prepared.map((prepared) => prepared.requestParameters));
    expect(told).not.toMatch(/plaintext"|ciphertext|message"/i);
    expect(told).toContain("encryptionContext");
  });
});
