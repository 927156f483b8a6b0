import type { KeySpec } from "./key-specs.ts";
import { SPEC_RULES } from "./key-specs.ts";
import type { Keyring } from "./keyring.ts";
import { seconds, type Answer } from "./operation.ts";
import type { Key } from "./store.ts";

/** The algorithm lists of KeyMetadata and GetPublicKey. */
export function algorithms(spec: KeySpec): Answer {
  const { usage, signingAlgorithm } = SPEC_RULES[spec];
  switch (usage) {
    case "ENCRYPT_DECRYPT":
      return { EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"] };
    case "SIGN_VERIFY":
      return { SigningAlgorithms: [signingAlgorithm] };
    case "GENERATE_VERIFY_MAC":
      return { MacAlgorithms: ["HMAC_SHA_256"] };
  }
}

/** KeyMetadata as DescribeKey and CreateKey give it. Source: KMS API Reference, KeyMetadata. */
export const keyMetadata = (keyring: Keyring, accountId: string, key: Key): Answer => ({
  AWSAccountId: accountId,
  KeyId: key.id,
  Arn: keyring.arn(key.id),
  CreationDate: seconds(key.createdAtMs),
  Enabled: key.state === "Enabled",
  Description: key.description,
  KeyUsage: SPEC_RULES[key.spec].usage,
  KeyState: key.state,
  ...(key.deleteAtMs === undefined ? {} : { DeletionDate: seconds(key.deleteAtMs) }),
  Origin: "AWS_KMS",
  KeyManager: key.manager,
  CustomerMasterKeySpec: key.spec,
  KeySpec: key.spec,
  ...algorithms(key.spec),
  MultiRegion: false,
});
