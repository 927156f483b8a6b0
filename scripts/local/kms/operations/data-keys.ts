import { generateKeyPairSync, randomBytes } from "node:crypto";
import { accountCheck, encryptionContextKeys, keyCheck, type Context } from "../authorization.ts";
import { constraint, notImplemented, validation } from "../errors.ts";
import {
  encryptionContext,
  optionalChoice,
  optionalInteger,
  refuseGrantsAndEnclaves,
  requiredChoice,
  requiredString,
  type EncryptionContext,
  type Input,
} from "../input.ts";
import type { Keyring } from "../keyring.ts";
import { base64, stopIfDryRun, type Answer, type Operation, type Operations } from "../operation.ts";
import type { Key } from "../store.ts";
import { resolveTarget } from "../target.ts";
import { usableKey } from "./encryption.ts";

const COMMON_MEMBERS = ["KeyId", "EncryptionContext", "GrantTokens", "DryRun", "Recipient"];
const PAIR_SPECS = ["ECC_NIST_P256"] as const;
const OTHER_PAIR_SPECS = [
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "ECC_NIST_P384",
  "ECC_NIST_P521",
  "ECC_NIST_EDWARDS25519",
  "ECC_SECG_P256K1",
  "SM2",
] as const;

/** How long a data key is asked for: exactly one of KeySpec and NumberOfBytes. */
function dataKeyBytes(input: Input): number {
  const spec = optionalChoice(input, "KeySpec", ["AES_128", "AES_256"]);
  const count = optionalInteger(input, "NumberOfBytes", { min: 1, max: 1024 });
  if ((spec === undefined) === (count === undefined)) {
    throw validation("Please specify either number of bytes or key spec.");
  }
  return count ?? (spec === "AES_128" ? 16 : 32);
}

/** An operation that makes something random and hands it back encrypted under a key. */
function generating<T>(
  action: string,
  members: readonly string[],
  parse: (input: Input) => { readonly value: T; readonly context: Context; readonly parameters: Answer },
  answer: (keyring: Keyring, key: Key, value: T, context: EncryptionContext) => Answer,
): Operation {
  return {
    readOnly: true,
    members: [...COMMON_MEMBERS, ...members],
    plan(keyring, input, call) {
      refuseGrantsAndEnclaves(input);
      const target = resolveTarget(keyring, requiredString(input, "KeyId"));
      const bound = encryptionContext(input);
      const { value, context, parameters } = parse(input);
      const keys = { "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT", ...context, ...encryptionContextKeys(bound) };
      return {
        checks: [keyCheck(keyring, call, action, target, keys)],
        parameters: { keyId: target.arn, encryptionContext: bound, ...parameters },
        run() {
          const key = usableKey(keyring, target, action);
          stopIfDryRun(input);
          return { KeyId: keyring.arn(key.id), ...answer(keyring, key, value, bound) };
        },
      };
    },
  };
}

const parseDataKey = (input: Input) => {
  const value = dataKeyBytes(input);
  return { value, context: {}, parameters: { numberOfBytes: value } };
};

const generateDataKey = generating(
  "GenerateDataKey",
  ["KeySpec", "NumberOfBytes"],
  parseDataKey,
  (keyring, key, sizeBytes, context) => {
    const plaintext = randomBytes(sizeBytes);
    return { Plaintext: base64(plaintext), CiphertextBlob: base64(keyring.encrypt(key, plaintext, context)) };
  },
);

const generateDataKeyWithoutPlaintext = generating(
  "GenerateDataKeyWithoutPlaintext",
  ["KeySpec", "NumberOfBytes"],
  parseDataKey,
  (keyring, key, sizeBytes, context) => ({
    CiphertextBlob: base64(keyring.encrypt(key, randomBytes(sizeBytes), context)),
  }),
);

const parsePairSpec = (input: Input) => {
  const value = requiredChoice(input, "KeyPairSpec", [...PAIR_SPECS, ...OTHER_PAIR_SPECS]);
  if (value !== "ECC_NIST_P256") throw notImplemented(`KeyPairSpec ${value}`);
  return { value, context: { "kms:DataKeyPairSpec": value }, parameters: { keyPairSpec: value } };
};

/** A P-256 pair: the private key PKCS #8, the public key SubjectPublicKeyInfo, both DER. */
function newPair(): { readonly privateKey: Buffer; readonly publicKey: Buffer } {
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return {
    privateKey: pair.privateKey.export({ type: "pkcs8", format: "der" }),
    publicKey: pair.publicKey.export({ type: "spki", format: "der" }),
  };
}

const generateDataKeyPair = generating(
  "GenerateDataKeyPair",
  ["KeyPairSpec"],
  parsePairSpec,
  (keyring, key, spec, context) => {
    const pair = newPair();
    return {
      PrivateKeyPlaintext: base64(pair.privateKey),
      PrivateKeyCiphertextBlob: base64(keyring.encrypt(key, pair.privateKey, context)),
      PublicKey: base64(pair.publicKey),
      KeyPairSpec: spec,
    };
  },
);

const generateDataKeyPairWithoutPlaintext = generating(
  "GenerateDataKeyPairWithoutPlaintext",
  ["KeyPairSpec"],
  parsePairSpec,
  (keyring, key, spec, context) => {
    const pair = newPair();
    return {
      PrivateKeyCiphertextBlob: base64(keyring.encrypt(key, pair.privateKey, context)),
      PublicKey: base64(pair.publicKey),
      KeyPairSpec: spec,
    };
  },
);

const generateRandom: Operation = {
  readOnly: true,
  members: ["NumberOfBytes", "Recipient"],
  plan(_keyring, input, call) {
    refuseGrantsAndEnclaves(input);
    const sizeBytes = optionalInteger(input, "NumberOfBytes", { min: 1, max: 1024 });
    if (sizeBytes === undefined) throw constraint("NumberOfBytes", "Member must not be null");
    return {
      checks: [accountCheck(call, "GenerateRandom", "*")],
      parameters: { numberOfBytes: sizeBytes },
      run: () => ({ Plaintext: base64(randomBytes(sizeBytes)) }),
    };
  },
};

/** Keys and bytes made at random for use outside KMS. */
export const dataKeyOperations: Operations = {
  GenerateDataKey: generateDataKey,
  GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
  GenerateDataKeyPair: generateDataKeyPair,
  GenerateDataKeyPairWithoutPlaintext: generateDataKeyPairWithoutPlaintext,
  GenerateRandom: generateRandom,
};
