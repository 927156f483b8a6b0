import { accountCheck, keyCheck } from "../authorization.ts";
import { constraint, kmsError, notImplemented } from "../errors.ts";
import {
  optionalBoolean,
  optionalChoice,
  optionalInteger,
  optionalString,
  refuseGrantsAndEnclaves,
  requiredString,
  tagList,
  type Input,
} from "../input.ts";
import { KEY_SPECS, KEY_USAGES, OTHER_AWS_KEY_SPECS, SPEC_RULES, type KeySpec } from "../key-specs.ts";
import { DAY_MS, type Keyring } from "../keyring.ts";
import { keyMetadata } from "../metadata.ts";
import { seconds, type Answer, type Operation, type Operations, type Plan } from "../operation.ts";
import { page, PAGE_MEMBERS } from "../paging.ts";
import { defaultPolicy, parseKeyPolicy, requireNoLockout } from "../policy.ts";
import type { Key } from "../store.ts";
import { resolveKeyOnly, resolveTarget } from "../target.ts";
import type { Call } from "../../service.ts";

/** The spec that CreateKey asks for, under its new or its old member name. Throws ValidationException, or 501 for RSA and others. */
function requestedSpec(input: Input): KeySpec {
  const known = [...KEY_SPECS, ...OTHER_AWS_KEY_SPECS];
  const spec =
    optionalChoice(input, "KeySpec", known) ??
    optionalChoice(input, "CustomerMasterKeySpec", known) ??
    "SYMMETRIC_DEFAULT";
  const supported = KEY_SPECS.find((candidate) => candidate === spec);
  if (supported === undefined) throw notImplemented(`KeySpec ${spec}`);
  const usages = [...KEY_USAGES, "KEY_AGREEMENT"] as const;
  const usage =
    optionalChoice(input, "KeyUsage", usages) ?? (supported === "SYMMETRIC_DEFAULT" ? "ENCRYPT_DECRYPT" : undefined);
  if (usage === undefined)
    throw kmsError("ValidationException", "You must specify a KeyUsage value for an asymmetric or HMAC KMS key.");
  if (usage === "KEY_AGREEMENT") throw notImplemented("KeyUsage KEY_AGREEMENT");
  if (usage !== SPEC_RULES[supported].usage) {
    throw kmsError("ValidationException", `KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  }
  return supported;
}

const createKey: Operation = {
  readOnly: false,
  members: [
    "Policy",
    "Description",
    "KeyUsage",
    "KeySpec",
    "CustomerMasterKeySpec",
    "Origin",
    "MultiRegion",
    "Tags",
    "BypassPolicyLockoutSafetyCheck",
  ],
  plan(keyring, input, call) {
    const spec = requestedSpec(input);
    const tags = tagList(input);
    const bypass = optionalBoolean(input, "BypassPolicyLockoutSafetyCheck");
    const description = optionalString(input, "Description") ?? "";
    const policy = optionalString(input, "Policy", { min: 1, max: 131_072 });
    const origin = optionalString(input, "Origin") ?? "AWS_KMS";
    if (origin !== "AWS_KMS") throw notImplemented("Origin other than AWS_KMS");
    if (optionalBoolean(input, "MultiRegion")) throw notImplemented("MultiRegion");
    const context = {
      "kms:KeySpec": spec,
      "kms:KeyUsage": SPEC_RULES[spec].usage,
      "kms:KeyOrigin": origin,
      "kms:MultiRegion": false,
      "kms:BypassPolicyLockoutSafetyCheck": bypass,
      ...Object.fromEntries(tags.map((tag) => [`aws:RequestTag/${tag.TagKey}`, tag.TagValue])),
      ...(tags.length > 0 ? { "aws:TagKeys": tags.map((tag) => tag.TagKey) } : {}),
    };
    const checks = [accountCheck(call, "CreateKey", "*", context)];
    if (tags.length > 0) checks.push(accountCheck(call, "TagResource", "*", context));
    return {
      checks,
      parameters: { keySpec: spec, keyUsage: SPEC_RULES[spec].usage, origin, bypassPolicyLockoutSafetyCheck: bypass },
      run() {
        if (policy !== undefined) {
          const document = parseKeyPolicy(policy);
          if (!bypass) requireNoLockout(document, call.caller);
        }
        const key = keyring.create({
          spec,
          description,
          policy: policy ?? defaultPolicy(call.caller.accountId),
          tags: Object.fromEntries(tags.map((tag) => [tag.TagKey, tag.TagValue])),
        });
        return { KeyMetadata: keyMetadata(keyring, call.caller.accountId, key) };
      },
    };
  },
};

const describeKey: Operation = {
  readOnly: true,
  members: ["KeyId", "GrantTokens"],
  plan(keyring, input, call) {
    refuseGrantsAndEnclaves(input);
    const target = resolveTarget(keyring, requiredString(input, "KeyId"));
    return {
      checks: [keyCheck(keyring, call, "DescribeKey", target)],
      parameters: { keyId: target.arn },
      run: () => ({ KeyMetadata: keyMetadata(keyring, call.caller.accountId, target.require()) }),
    };
  },
};

const listKeys: Operation = {
  readOnly: true,
  members: PAGE_MEMBERS,
  plan: (keyring, input, call) => ({
    checks: [accountCheck(call, "ListKeys", "*")],
    parameters: {},
    run() {
      const ids = keyring.store.keyIds().filter((id) => keyring.find(id) !== undefined);
      const { items, end } = page(ids, (id) => id, input, { usual: 100, max: 1000 });
      return { Keys: items.map((id) => ({ KeyId: id, KeyArn: keyring.arn(id) })), ...end };
    },
  }),
};

/** An operation on one key, named by id or ARN, that changes the key's row. */
function keyChange(
  action: string,
  members: readonly string[],
  change: (keyring: Keyring, key: Key, input: Input) => Answer,
  context: (input: Input) => Readonly<Record<string, number>> = () => ({}),
): Operation {
  return {
    readOnly: false,
    members: ["KeyId", ...members],
    plan(keyring: Keyring, input: Input, call: Call): Plan {
      const target = resolveKeyOnly(keyring, requiredString(input, "KeyId"));
      return {
        checks: [keyCheck(keyring, call, action, target, context(input))],
        parameters: { keyId: target.arn, ...context(input) },
        run: () => change(keyring, target.require(), input),
      };
    },
  };
}

const enableKey = keyChange("EnableKey", [], (keyring, key) => {
  keyring.requireNotPendingDeletion(key);
  const nowMs = keyring.nowMs();
  keyring.store.transaction(() => {
    // A rotation that fell due while the key was disabled happens now, once.
    const overdue = key.state === "Disabled" && key.rotation !== undefined && key.rotation.nextAtMs <= nowMs;
    if (overdue) keyring.rotate(key, "AUTOMATIC", nowMs);
    const rotation =
      overdue && key.rotation !== undefined
        ? { periodDays: key.rotation.periodDays, nextAtMs: nowMs + key.rotation.periodDays * DAY_MS }
        : key.rotation;
    keyring.store.putKey({ ...key, state: "Enabled", rotation });
  });
  return {};
});

const disableKey = keyChange("DisableKey", [], (keyring, key) => {
  keyring.requireNotPendingDeletion(key);
  keyring.store.putKey({ ...key, state: "Disabled" });
  return {};
});

const updateKeyDescription = keyChange("UpdateKeyDescription", ["Description"], (keyring, key, input) => {
  keyring.requireNotPendingDeletion(key);
  keyring.store.putKey({ ...key, description: requiredString(input, "Description", { min: 0, max: 8192 }) });
  return {};
});

/** 7 to 30 days. Source: KMS API Reference, ScheduleKeyDeletion. */
function pendingWindowDays(input: Input): number {
  const days = optionalInteger(input, "PendingWindowInDays", { min: 1, max: 365 }) ?? 30;
  if (days < 7) throw constraint("PendingWindowInDays", "Member must have value greater than or equal to 7");
  if (days > 30) throw constraint("PendingWindowInDays", "Member must have value less than or equal to 30");
  return days;
}

const scheduleKeyDeletion = keyChange(
  "ScheduleKeyDeletion",
  ["PendingWindowInDays"],
  (keyring, key, input) => {
    const days = pendingWindowDays(input);
    keyring.requireNotPendingDeletion(key);
    const deleteAtMs = keyring.nowMs() + days * DAY_MS;
    keyring.store.putKey({ ...key, state: "PendingDeletion", deleteAtMs });
    return {
      KeyId: keyring.arn(key.id),
      DeletionDate: seconds(deleteAtMs),
      KeyState: "PendingDeletion",
      PendingWindowInDays: days,
    };
  },
  (input) => ({ "kms:ScheduleKeyDeletionPendingWindowInDays": pendingWindowDays(input) }),
);

const cancelKeyDeletion = keyChange("CancelKeyDeletion", [], (keyring, key) => {
  if (key.state !== "PendingDeletion") {
    throw kmsError("KMSInvalidStateException", `${keyring.arn(key.id)} is not pending deletion.`);
  }
  keyring.store.putKey({ ...key, state: "Disabled", deleteAtMs: undefined });
  return { KeyId: keyring.arn(key.id) };
});

/** The life of a key: made, described, listed, disabled, deleted after a waiting time. */
export const keyOperations: Operations = {
  CreateKey: createKey,
  DescribeKey: describeKey,
  ListKeys: listKeys,
  EnableKey: enableKey,
  DisableKey: disableKey,
  UpdateKeyDescription: updateKeyDescription,
  ScheduleKeyDeletion: scheduleKeyDeletion,
  CancelKeyDeletion: cancelKeyDeletion,
};
