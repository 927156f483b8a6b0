import { encryptionContextKeys, keyCheck } from "../authorization.ts";
import { kmsError } from "../errors.ts";
import {
  encryptionContext,
  optionalChoice,
  optionalString,
  refuseGrantsAndEnclaves,
  requiredBytes,
  requiredString,
  type EncryptionContext,
  type Input,
} from "../input.ts";
import type { Keyring } from "../keyring.ts";
import { base64, stopIfDryRun, type Operation, type Operations } from "../operation.ts";
import type { Key } from "../store.ts";
import { readHeader } from "../envelope.ts";
import { resolveTarget, targetOfBlob, type Target } from "../target.ts";

const ALGORITHM = { "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT" };
const PLAINTEXT_BYTES = { min: 1, max: 4096 };
const BLOB_BYTES = { min: 1, max: 6144 };
const USE_MEMBERS = ["GrantTokens", "DryRun"];
const ASYMMETRIC_ALGORITHMS = ["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"] as const;

/** No key here encrypts with RSA, so any other algorithm cannot fit the key. */
function requireSymmetricAlgorithm(input: Input, member: string): void {
  const algorithm = optionalChoice(input, member, ASYMMETRIC_ALGORITHMS) ?? "SYMMETRIC_DEFAULT";
  if (algorithm !== "SYMMETRIC_DEFAULT") {
    throw kmsError("InvalidKeyUsageException", `Algorithm ${algorithm} is incompatible with the key.`);
  }
}

/** The key, if it may encrypt or decrypt now. */
export function usableKey(keyring: Keyring, target: Target, operation: string): Key {
  const key = target.require();
  keyring.requireUsage(key, "ENCRYPT_DECRYPT", operation);
  keyring.requireEnabled(key);
  return key;
}

/** Whose key opens `blob`: the one that KeyId names, else the one that the blob names. */
export const decryptionTarget = (keyring: Keyring, keyId: string | undefined, blob: Buffer): Target =>
  keyId === undefined ? targetOfBlob(keyring, blob) : resolveTarget(keyring, keyId);

/** Opens `blob` with the key of `target`. A blob of another key is IncorrectKeyException and tells nothing of that key. */
export function decryptBlob(keyring: Keyring, target: Target, blob: Buffer, context: EncryptionContext): Buffer {
  const key = usableKey(keyring, target, "Decrypt");
  if (readHeader(blob).keyId !== key.id) {
    throw kmsError(
      "IncorrectKeyException",
      "The key ID in the request does not identify a CMK that can perform this operation.",
    );
  }
  return keyring.decrypt(key, blob, context);
}

const encrypt: Operation = {
  readOnly: true,
  members: ["KeyId", "Plaintext", "EncryptionContext", "EncryptionAlgorithm", ...USE_MEMBERS],
  plan(keyring, input, call) {
    refuseGrantsAndEnclaves(input);
    const target = resolveTarget(keyring, requiredString(input, "KeyId"));
    const plaintext = requiredBytes(input, "Plaintext", PLAINTEXT_BYTES);
    const context = encryptionContext(input);
    return {
      checks: [keyCheck(keyring, call, "Encrypt", target, { ...ALGORITHM, ...encryptionContextKeys(context) })],
      parameters: { keyId: target.arn, encryptionContext: context, encryptionAlgorithm: "SYMMETRIC_DEFAULT" },
      run() {
        requireSymmetricAlgorithm(input, "EncryptionAlgorithm");
        const key = usableKey(keyring, target, "Encrypt");
        stopIfDryRun(input);
        return {
          KeyId: keyring.arn(key.id),
          CiphertextBlob: base64(keyring.encrypt(key, plaintext, context)),
          EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
        };
      },
    };
  },
};

const decrypt: Operation = {
  readOnly: true,
  members: ["CiphertextBlob", "EncryptionContext", "KeyId", "EncryptionAlgorithm", "Recipient", ...USE_MEMBERS],
  plan(keyring, input, call) {
    refuseGrantsAndEnclaves(input);
    const blob = requiredBytes(input, "CiphertextBlob", BLOB_BYTES);
    const context = encryptionContext(input);
    const target = decryptionTarget(keyring, optionalString(input, "KeyId", { min: 1, max: 2048 }), blob);
    return {
      checks: [keyCheck(keyring, call, "Decrypt", target, { ...ALGORITHM, ...encryptionContextKeys(context) })],
      parameters: { keyId: target.arn, encryptionContext: context, encryptionAlgorithm: "SYMMETRIC_DEFAULT" },
      run() {
        requireSymmetricAlgorithm(input, "EncryptionAlgorithm");
        const plaintext = decryptBlob(keyring, target, blob, context);
        stopIfDryRun(input);
        return { KeyId: target.arn, Plaintext: base64(plaintext), EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
      },
    };
  },
};

const reEncrypt: Operation = {
  readOnly: true,
  members: [
    "CiphertextBlob",
    "SourceEncryptionContext",
    "SourceKeyId",
    "DestinationKeyId",
    "DestinationEncryptionContext",
    "SourceEncryptionAlgorithm",
    "DestinationEncryptionAlgorithm",
    ...USE_MEMBERS,
  ],
  plan(keyring, input, call) {
    refuseGrantsAndEnclaves(input);
    const blob = requiredBytes(input, "CiphertextBlob", BLOB_BYTES);
    const from = encryptionContext(input, "SourceEncryptionContext");
    const to = encryptionContext(input, "DestinationEncryptionContext");
    const source = decryptionTarget(keyring, optionalString(input, "SourceKeyId", { min: 1, max: 2048 }), blob);
    const destination = resolveTarget(keyring, requiredString(input, "DestinationKeyId"));
    const same = { ...ALGORITHM, "kms:ReEncryptOnSameKey": source.arn === destination.arn };
    return {
      checks: [
        keyCheck(keyring, call, "ReEncryptFrom", source, { ...same, ...encryptionContextKeys(from) }),
        keyCheck(keyring, call, "ReEncryptTo", destination, { ...same, ...encryptionContextKeys(to) }),
      ],
      parameters: {
        sourceKeyId: source.arn,
        destinationKeyId: destination.arn,
        sourceEncryptionContext: from,
        destinationEncryptionContext: to,
      },
      run() {
        requireSymmetricAlgorithm(input, "SourceEncryptionAlgorithm");
        requireSymmetricAlgorithm(input, "DestinationEncryptionAlgorithm");
        const plaintext = decryptBlob(keyring, source, blob, from);
        const key = usableKey(keyring, destination, "ReEncrypt");
        stopIfDryRun(input);
        return {
          CiphertextBlob: base64(keyring.encrypt(key, plaintext, to)),
          SourceKeyId: source.arn,
          KeyId: keyring.arn(key.id),
          SourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
          DestinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
        };
      },
    };
  },
};

/** Encryption under a symmetric key, bound to an encryption context. */
export const encryptionOperations: Operations = { Encrypt: encrypt, Decrypt: decrypt, ReEncrypt: reEncrypt };
