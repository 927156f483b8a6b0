import { keyCheck } from "../authorization.ts";
import { kmsError, notImplemented } from "../errors.ts";
import { optionalBoolean, optionalString, requiredString, type Input } from "../input.ts";
import type { Operation, Operations } from "../operation.ts";
import { PAGE_MEMBERS } from "../paging.ts";
import { parseKeyPolicy, requireNoLockout } from "../policy.ts";
import { resolveKeyOnly } from "../target.ts";

/** A key has one policy and it is called `default`. */
function requireDefaultName(input: Input): void {
  const name = optionalString(input, "PolicyName") ?? "default";
  if (name !== "default") throw kmsError("NotFoundException", "No such policy exists");
}

const getKeyPolicy: Operation = {
  readOnly: true,
  members: ["KeyId", "PolicyName"],
  plan(keyring, input, call) {
    const target = resolveKeyOnly(keyring, requiredString(input, "KeyId"));
    return {
      checks: [keyCheck(keyring, call, "GetKeyPolicy", target)],
      parameters: { keyId: target.arn },
      run() {
        const { policy } = target.require();
        requireDefaultName(input);
        return { Policy: policy, PolicyName: "default" };
      },
    };
  },
};

const putKeyPolicy: Operation = {
  readOnly: false,
  members: ["KeyId", "PolicyName", "Policy", "BypassPolicyLockoutSafetyCheck"],
  plan(keyring, input, call) {
    const target = resolveKeyOnly(keyring, requiredString(input, "KeyId"));
    const policy = requiredString(input, "Policy", { min: 1, max: 131_072 });
    const bypass = optionalBoolean(input, "BypassPolicyLockoutSafetyCheck");
    const context = { "kms:BypassPolicyLockoutSafetyCheck": bypass };
    return {
      checks: [keyCheck(keyring, call, "PutKeyPolicy", target, context)],
      parameters: { keyId: target.arn, bypassPolicyLockoutSafetyCheck: bypass },
      run() {
        const key = target.require();
        requireDefaultName(input);
        const document = parseKeyPolicy(policy);
        if (!bypass) requireNoLockout(document, call.caller);
        keyring.store.putKey({ ...key, policy });
        return {};
      },
    };
  },
};

const listKeyPolicies: Operation = {
  readOnly: true,
  members: ["KeyId", ...PAGE_MEMBERS],
  plan(keyring, input, call) {
    const target = resolveKeyOnly(keyring, requiredString(input, "KeyId"));
    return {
      checks: [keyCheck(keyring, call, "ListKeyPolicies", target)],
      parameters: { keyId: target.arn },
      run() {
        target.require();
        return { PolicyNames: ["default"], Truncated: false };
      },
    };
  },
};

/**
 * Grants would be a second way to a key beside its policy, so nobody gets one: permission is asked, so that the trail
 * and a Deny show, and then the answer is 501.
 */
const createGrant: Operation = {
  readOnly: false,
  members: [
    "KeyId",
    "GranteePrincipal",
    "RetiringPrincipal",
    "Operations",
    "Constraints",
    "GrantTokens",
    "Name",
    "DryRun",
  ],
  plan(keyring, input, call) {
    const target = resolveKeyOnly(keyring, requiredString(input, "KeyId"));
    return {
      checks: [keyCheck(keyring, call, "CreateGrant", target)],
      parameters: { keyId: target.arn },
      run() {
        throw notImplemented("CreateGrant");
      },
    };
  },
};

/** Who may use a key. */
export const policyOperations: Operations = {
  GetKeyPolicy: getKeyPolicy,
  PutKeyPolicy: putKeyPolicy,
  ListKeyPolicies: listKeyPolicies,
  CreateGrant: createGrant,
};
