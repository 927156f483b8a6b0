import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  GetPublicKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  VerifyMacCommand,
  type CreateKeyCommandInput,
} from "@aws-sdk/client-kms";
import { createPublicKey, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { probe } from "./deviations.ts";
import { clientOptions, target, type Target } from "./target.ts";

const CONTEXT = { tenant: "a", table: "ehr" };

let place: Target;
let kms: KMSClient;

beforeAll(async () => {
  place = await target();
  kms = new KMSClient(clientOptions(place));
});

afterAll(async () => {
  kms.destroy();
  await place.close();
});

/** Every probe has a key of its own: none depends on the state in which another left it. */
async function newKey(input: CreateKeyCommandInput = {}): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(input));
  return KeyMetadata?.KeyId ?? "";
}

async function newDataKey(keyId: string): Promise<{ readonly blob: Uint8Array; readonly plaintext: Uint8Array }> {
  const made = await kms.send(
    new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: "AES_256", EncryptionContext: CONTEXT }),
  );
  return { blob: made.CiphertextBlob ?? new Uint8Array(), plaintext: made.Plaintext ?? new Uint8Array() };
}

const rejectsWith = (name: string, promise: Promise<unknown>): Promise<void> =>
  expect(promise).rejects.toMatchObject({ name });

describe("KMS: keys and encryption", () => {
  probe("kms-create-describe", "a new key is enabled", async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Tags: [{ TagKey: "tenant", TagValue: "a" }] }));
    const described = await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.Arn }));
    expect(described.KeyMetadata).toMatchObject({ KeyState: "Enabled", KeyUsage: "ENCRYPT_DECRYPT", Enabled: true });
  });

  probe("kms-alias-data-key", "GenerateDataKey by alias answers with the key's ARN", async () => {
    const keyId = await newKey();
    const AliasName = `alias/conformance-${keyId.slice(0, 8)}`;
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: keyId }));
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: AliasName, KeySpec: "AES_256" }));
    expect(made.KeyId).toMatch(new RegExp(`^arn:aws:kms:.*:key/${keyId}$`));
    expect(made.Plaintext).toHaveLength(32);
  });

  probe("kms-context-order", "the order of the encryption context does not matter", async () => {
    const { blob, plaintext } = await newDataKey(await newKey());
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: { table: "ehr", tenant: "a" } }),
    );
    expect(opened.Plaintext).toEqual(plaintext);
  });

  probe("kms-context-wrong", "another encryption context does not decrypt", async () => {
    const { blob } = await newDataKey(await newKey());
    const EncryptionContext = { ...CONTEXT, tenant: "b" };
    await rejectsWith(
      "InvalidCiphertextException",
      kms.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext })),
    );
  });

  probe("kms-context-missing", "no encryption context does not decrypt", async () => {
    const { blob } = await newDataKey(await newKey());
    await rejectsWith("InvalidCiphertextException", kms.send(new DecryptCommand({ CiphertextBlob: blob })));
  });

  probe("kms-flipped-bit", "a changed ciphertext does not decrypt", async () => {
    const { blob } = await newDataKey(await newKey());
    const changed = Buffer.from(blob);
    changed.writeUInt8(changed.readUInt8(changed.length - 3) ^ 1, changed.length - 3);
    const command = new DecryptCommand({ CiphertextBlob: changed, EncryptionContext: CONTEXT });
    await rejectsWith("InvalidCiphertextException", kms.send(command));
  });

  probe("kms-wrong-key", "Decrypt with the id of another key", async () => {
    const { blob } = await newDataKey(await newKey());
    const KeyId = await newKey();
    const command = new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: CONTEXT, KeyId });
    await rejectsWith("IncorrectKeyException", kms.send(command));
  });

  probe("kms-re-encrypt", "ReEncrypt to another key and context", async () => {
    const { blob, plaintext } = await newDataKey(await newKey());
    const moved = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob: blob,
        SourceEncryptionContext: CONTEXT,
        DestinationKeyId: await newKey(),
        DestinationEncryptionContext: { tenant: "z" },
      }),
    );
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { tenant: "z" } }),
    );
    expect(opened.Plaintext).toEqual(plaintext);
  });

  probe("kms-plaintext-limit", "Encrypt takes at most 4096 bytes", async () => {
    const KeyId = await newKey();
    await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.alloc(4096) }));
    await rejectsWith("ValidationException", kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.alloc(4097) })));
  });
});

describe("KMS: rotation", () => {
  probe("kms-rotation-status", "EnableKeyRotation with a period", async () => {
    const KeyId = await newKey();
    await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    expect(status).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 });
  });

  probe("kms-rotate-on-demand", "what an older version encrypted still decrypts", async () => {
    const KeyId = await newKey();
    const { blob, plaintext } = await newDataKey(KeyId);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: CONTEXT }));
    expect(opened.Plaintext).toEqual(plaintext);
  });
});

describe("KMS: states", () => {
  probe("kms-disabled-decrypt", "a disabled key does not decrypt", async () => {
    const KeyId = await newKey();
    const { blob } = await newDataKey(KeyId);
    await kms.send(new DisableKeyCommand({ KeyId }));
    const command = new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: CONTEXT });
    await rejectsWith("DisabledException", kms.send(command));
    await kms.send(new EnableKeyCommand({ KeyId }));
    await kms.send(command);
  });

  probe("kms-disabled-data-key", "a disabled key makes no data keys", async () => {
    const KeyId = await newKey();
    await kms.send(new DisableKeyCommand({ KeyId }));
    await rejectsWith("DisabledException", kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" })));
  });

  probe("kms-pending-deletion", "a key that waits for its deletion does not decrypt", async () => {
    const KeyId = await newKey();
    const { blob } = await newDataKey(KeyId);
    const scheduled = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled.KeyState).toBe("PendingDeletion");
    await rejectsWith(
      "KMSInvalidStateException",
      kms.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: CONTEXT })),
    );
  });

  probe("kms-deletion-window", "a window of three days is refused", async () => {
    const KeyId = await newKey();
    await rejectsWith(
      "ValidationException",
      kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 3 })),
    );
  });

  probe("kms-cancel-deletion", "a saved key is disabled", async () => {
    const KeyId = await newKey();
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    const described = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(described.KeyMetadata?.KeyState).toBe("Disabled");
  });
});

describe("KMS: key policies", () => {
  const policy = (accountId: string): string =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: "kms:*", Resource: "*" },
      ],
    });

  probe("kms-policy-round-trip", "a key policy comes back as it was put", async () => {
    const KeyId = await newKey();
    const Policy = policy(place.accountId);
    await kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy }));
    const got = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }));
    expect(JSON.parse(got.Policy ?? "")).toEqual(JSON.parse(Policy));
  });

  probe("kms-policy-lockout", "a policy that nobody could change again is refused", async () => {
    const KeyId = await newKey();
    const Statement = [{ Effect: "Deny", Principal: "*", Action: "kms:PutKeyPolicy", Resource: "*" }];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await rejectsWith(
      "MalformedPolicyDocumentException",
      kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy })),
    );
  });
});

describe("KMS: asymmetric and HMAC keys", () => {
  probe("kms-sign-p256", "an ECDSA signature over a message verifies with the public key", async () => {
    const KeyId = await newKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const Message = Buffer.from("checkpoint");
    const signed = await kms.send(new SignCommand({ KeyId, Message, SigningAlgorithm: "ECDSA_SHA_256" }));
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
    const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: "der", type: "spki" });
    expect(verify("sha256", Message, key, signed.Signature ?? Buffer.alloc(0))).toBe(true);
  });

  probe("kms-sign-ed25519", "an Ed25519 signature over a message verifies with the public key", async () => {
    const KeyId = await newKey({ KeySpec: "ECC_NIST_EDWARDS25519", KeyUsage: "SIGN_VERIFY" });
    const Message = Buffer.from("checkpoint");
    const command = new SignCommand({ KeyId, Message, MessageType: "RAW", SigningAlgorithm: "ED25519_SHA_512" });
    const signed = await kms.send(command);
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
    const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: "der", type: "spki" });
    expect(verify(null, Message, key, signed.Signature ?? Buffer.alloc(0))).toBe(true);
  });

  probe("kms-mac", "a MAC verifies, and another message's does not", async () => {
    const KeyId = await newKey({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
    const Message = Buffer.from("label");
    const { Mac } = await kms.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm: "HMAC_SHA_256" }));
    const good = await kms.send(new VerifyMacCommand({ KeyId, Message, Mac, MacAlgorithm: "HMAC_SHA_256" }));
    expect(good.MacValid).toBe(true);
    const other = new VerifyMacCommand({ KeyId, Message: Buffer.from("other"), Mac, MacAlgorithm: "HMAC_SHA_256" });
    await rejectsWith("KMSInvalidMacException", kms.send(other));
  });
});
