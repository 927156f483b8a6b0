import { keyCheck } from "../authorization.ts";
import { kmsError, notImplemented, validation } from "../errors.ts";
import {
  optionalChoice,
  refuseGrantsAndEnclaves,
  requiredBytes,
  requiredChoice,
  requiredString,
  type Input,
} from "../input.ts";
import { SPEC_RULES, type SigningAlgorithm } from "../key-specs.ts";
import type { Keyring } from "../keyring.ts";
import { algorithms } from "../metadata.ts";
import { base64, stopIfDryRun, type Operation, type Operations } from "../operation.ts";
import { publicKeyOf, signMessage, verifyMessage, type MessageType } from "../signatures.ts";
import type { Key } from "../store.ts";
import { resolveTarget } from "../target.ts";

const ALGORITHMS = [
  "RSASSA_PSS_SHA_256",
  "RSASSA_PSS_SHA_384",
  "RSASSA_PSS_SHA_512",
  "RSASSA_PKCS1_V1_5_SHA_256",
  "RSASSA_PKCS1_V1_5_SHA_384",
  "RSASSA_PKCS1_V1_5_SHA_512",
  "ECDSA_SHA_256",
  "ECDSA_SHA_384",
  "ECDSA_SHA_512",
  "SM2DSA",
  "ML_DSA_SHAKE_256",
  "ED25519_SHA_512",
  "ED25519_PH_SHA_512",
] as const;

const MESSAGE_BYTES = { min: 1, max: 4096 };
const SIGNATURE_BYTES = { min: 1, max: 6144 };
const DIGEST_BYTES = 32;

interface SigningRequest {
  readonly algorithm: (typeof ALGORITHMS)[number];
  readonly messageType: MessageType;
  readonly message: Buffer;
}

/** Source: KMS API Reference, Sign: RAW up to 4,096 bytes, DIGEST as long as the algorithm's hash. */
function signingRequest(input: Input): SigningRequest {
  const algorithm = requiredChoice(input, "SigningAlgorithm", ALGORITHMS);
  const messageType = optionalChoice(input, "MessageType", ["RAW", "DIGEST", "EXTERNAL_MU"]) ?? "RAW";
  if (messageType === "EXTERNAL_MU") throw validation("MessageType EXTERNAL_MU is only for ML-DSA keys");
  if (algorithm === "ED25519_PH_SHA_512") throw notImplemented("ED25519_PH_SHA_512");
  const message = requiredBytes(input, "Message", MESSAGE_BYTES);
  if (algorithm === "ED25519_SHA_512" && messageType !== "RAW") {
    throw validation("Algorithm ED25519_SHA_512 requires MessageType RAW");
  }
  if (algorithm === "ECDSA_SHA_256" && messageType === "DIGEST" && message.length !== DIGEST_BYTES) {
    throw validation("Digest is invalid length for algorithm ECDSA_SHA_256.");
  }
  return { algorithm, messageType, message };
}

/** The key's own algorithm, if it is the one asked for. Throws InvalidKeyUsageException. */
function requireAlgorithm(keyring: Keyring, key: Key, operation: string, asked: string): SigningAlgorithm {
  keyring.requireUsage(key, "SIGN_VERIFY", operation);
  const { signingAlgorithm } = SPEC_RULES[key.spec];
  if (signingAlgorithm === undefined || signingAlgorithm !== asked) {
    throw kmsError("InvalidKeyUsageException", `Algorithm ${asked} is incompatible with key spec ${key.spec}.`);
  }
  return signingAlgorithm;
}

const sign: Operation = {
  readOnly: true,
  members: ["KeyId", "Message", "MessageType", "SigningAlgorithm", "GrantTokens", "DryRun"],
  plan(keyring, input, call) {
    refuseGrantsAndEnclaves(input);
    const target = resolveTarget(keyring, requiredString(input, "KeyId"));
    const { algorithm, messageType, message } = signingRequest(input);
    const context = { "kms:SigningAlgorithm": algorithm, "kms:MessageType": messageType };
    return {
      checks: [keyCheck(keyring, call, "Sign", target, context)],
      parameters: { keyId: target.arn, messageType, signingAlgorithm: algorithm },
      run() {
        const key = target.require();
        const own = requireAlgorithm(keyring, key, "Sign", algorithm);
        keyring.requireEnabled(key);
        stopIfDryRun(input);
        return {
          KeyId: keyring.arn(key.id),
          Signature: base64(signMessage(keyring.material(key), own, messageType, message)),
          SigningAlgorithm: algorithm,
        };
      },
    };
  },
};

const verify: Operation = {
  readOnly: true,
  members: ["KeyId", "Message", "MessageType", "Signature", "SigningAlgorithm", "GrantTokens", "DryRun"],
  plan(keyring, input, call) {
    refuseGrantsAndEnclaves(input);
    const target = resolveTarget(keyring, requiredString(input, "KeyId"));
    const { algorithm, messageType, message } = signingRequest(input);
    const signature = requiredBytes(input, "Signature", SIGNATURE_BYTES);
    const context = { "kms:SigningAlgorithm": algorithm, "kms:MessageType": messageType };
    return {
      checks: [keyCheck(keyring, call, "Verify", target, context)],
      parameters: { keyId: target.arn, messageType, signingAlgorithm: algorithm },
      run() {
        const key = target.require();
        const own = requireAlgorithm(keyring, key, "Verify", algorithm);
        keyring.requireEnabled(key);
        stopIfDryRun(input);
        if (!verifyMessage(keyring.material(key), own, messageType, message, signature)) {
          throw kmsError("KMSInvalidSignatureException");
        }
        return { KeyId: keyring.arn(key.id), SignatureValid: true, SigningAlgorithm: algorithm };
      },
    };
  },
};

const getPublicKey: Operation = {
  readOnly: true,
  members: ["KeyId", "GrantTokens"],
  plan(keyring, input, call) {
    refuseGrantsAndEnclaves(input);
    const target = resolveTarget(keyring, requiredString(input, "KeyId"));
    return {
      checks: [keyCheck(keyring, call, "GetPublicKey", target)],
      parameters: { keyId: target.arn },
      run() {
        const key = target.require();
        if (SPEC_RULES[key.spec].usage !== "SIGN_VERIFY") {
          throw kmsError("UnsupportedOperationException", `${keyring.arn(key.id)} has no public key.`);
        }
        keyring.requireEnabled(key);
        return {
          KeyId: keyring.arn(key.id),
          PublicKey: base64(publicKeyOf(keyring.material(key))),
          CustomerMasterKeySpec: key.spec,
          KeySpec: key.spec,
          KeyUsage: SPEC_RULES[key.spec].usage,
          ...algorithms(key.spec),
        };
      },
    };
  },
};

/** Signatures with asymmetric keys; the private half never leaves. */
export const signingOperations: Operations = { Sign: sign, Verify: verify, GetPublicKey: getPublicKey };
