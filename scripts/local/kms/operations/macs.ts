import { keyCheck } from "../authorization.ts";
import { kmsError } from "../errors.ts";
import { refuseGrantsAndEnclaves, requiredBytes, requiredChoice, requiredString } from "../input.ts";
import type { Keyring } from "../keyring.ts";
import { base64, stopIfDryRun, type Operation, type Operations } from "../operation.ts";
import { isMac, macOf } from "../signatures.ts";
import type { Key } from "../store.ts";
import { resolveTarget, type Target } from "../target.ts";

const ALGORITHMS = ["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"] as const;
const MESSAGE_BYTES = { min: 1, max: 4096 };

function macKey(keyring: Keyring, target: Target, operation: string, algorithm: (typeof ALGORITHMS)[number]): Key {
  const key = target.require();
  keyring.requireUsage(key, "GENERATE_VERIFY_MAC", operation);
  if (algorithm !== "HMAC_SHA_256") {
    throw kmsError("InvalidKeyUsageException", `Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`);
  }
  keyring.requireEnabled(key);
  return key;
}

const generateMac: Operation = {
  readOnly: true,
  members: ["KeyId", "Message", "MacAlgorithm", "GrantTokens", "DryRun"],
  plan(keyring, input, call) {
    refuseGrantsAndEnclaves(input);
    const target = resolveTarget(keyring, requiredString(input, "KeyId"));
    const algorithm = requiredChoice(input, "MacAlgorithm", ALGORITHMS);
    const message = requiredBytes(input, "Message", MESSAGE_BYTES);
    return {
      checks: [keyCheck(keyring, call, "GenerateMac", target, { "kms:MacAlgorithm": algorithm })],
      parameters: { keyId: target.arn, macAlgorithm: algorithm },
      run() {
        const key = macKey(keyring, target, "GenerateMac", algorithm);
        stopIfDryRun(input);
        return { KeyId: target.arn, Mac: base64(macOf(keyring.material(key), message)), MacAlgorithm: algorithm };
      },
    };
  },
};

const verifyMac: Operation = {
  readOnly: true,
  members: ["KeyId", "Message", "MacAlgorithm", "Mac", "GrantTokens", "DryRun"],
  plan(keyring, input, call) {
    refuseGrantsAndEnclaves(input);
    const target = resolveTarget(keyring, requiredString(input, "KeyId"));
    const algorithm = requiredChoice(input, "MacAlgorithm", ALGORITHMS);
    const message = requiredBytes(input, "Message", MESSAGE_BYTES);
    const mac = requiredBytes(input, "Mac", { min: 1, max: 6144 });
    return {
      checks: [keyCheck(keyring, call, "VerifyMac", target, { "kms:MacAlgorithm": algorithm })],
      parameters: { keyId: target.arn, macAlgorithm: algorithm },
      run() {
        const key = macKey(keyring, target, "VerifyMac", algorithm);
        stopIfDryRun(input);
        if (!isMac(keyring.material(key), message, mac)) throw kmsError("KMSInvalidMacException");
        return { KeyId: target.arn, MacValid: true, MacAlgorithm: algorithm };
      },
    };
  },
};

/** Message authentication codes under an HMAC key. */
export const macOperations: Operations = { GenerateMac: generateMac, VerifyMac: verifyMac };
