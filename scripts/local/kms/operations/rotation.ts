import { keyCheck, type Context } from "../authorization.ts";
import { kmsError } from "../errors.ts";
import { optionalInteger, requiredString, type Input } from "../input.ts";
import { DAY_MS, type Keyring } from "../keyring.ts";
import { seconds, type Answer, type Operation, type Operations } from "../operation.ts";
import { page, PAGE_MEMBERS } from "../paging.ts";
import type { Key } from "../store.ts";
import { resolveKeyOnly } from "../target.ts";

/** AWS lets a key be rotated on demand this often in its life. Source: KMS Developer Guide, "Rotate AWS KMS keys". */
const MAX_ON_DEMAND_ROTATIONS = 25;

const PERIOD_DAYS = { min: 90, max: 2560 };
const requestedPeriodDays = (input: Input): number =>
  optionalInteger(input, "RotationPeriodInDays", PERIOD_DAYS) ?? 365;

/** Only symmetric keys rotate: who holds a public key or a MAC must be able to keep it. */
function requireRotatable(keyring: Keyring, key: Key): void {
  if (key.spec !== "SYMMETRIC_DEFAULT") {
    throw kmsError("UnsupportedOperationException", `You cannot perform this operation on key ${keyring.arn(key.id)}`);
  }
}

function rotationOperation(
  action: string,
  rules: {
    readonly readOnly: boolean;
    readonly members?: readonly string[];
    readonly context?: (input: Input) => Context;
  },
  run: (keyring: Keyring, key: Key, input: Input) => Answer,
): Operation {
  return {
    readOnly: rules.readOnly,
    members: ["KeyId", ...(rules.members ?? [])],
    plan(keyring, input, call) {
      const target = resolveKeyOnly(keyring, requiredString(input, "KeyId"));
      const context = rules.context?.(input) ?? {};
      return {
        checks: [keyCheck(keyring, call, action, target, context)],
        parameters: { keyId: target.arn },
        run() {
          const key = target.require();
          requireRotatable(keyring, key);
          return run(keyring, key, input);
        },
      };
    },
  };
}

const enableKeyRotation = rotationOperation(
  "EnableKeyRotation",
  {
    readOnly: false,
    members: ["RotationPeriodInDays"],
    context: (input) => ({ "kms:RotationPeriodInDays": requestedPeriodDays(input) }),
  },
  (keyring, key, input) => {
    keyring.requireEnabled(key);
    const periodDays = requestedPeriodDays(input);
    const isUnchanged = key.rotation?.periodDays === periodDays;
    const nextAtMs = keyring.nowMs() + periodDays * DAY_MS;
    keyring.store.putKey({ ...key, rotation: isUnchanged ? key.rotation : { periodDays, nextAtMs } });
    return {};
  },
);

const disableKeyRotation = rotationOperation("DisableKeyRotation", { readOnly: false }, (keyring, key) => {
  keyring.requireEnabled(key);
  keyring.store.putKey({ ...key, rotation: undefined });
  return {};
});

const getKeyRotationStatus = rotationOperation("GetKeyRotationStatus", { readOnly: true }, (keyring, key) => {
  const { rotation } = key;
  const isRotating = rotation !== undefined && key.state !== "PendingDeletion";
  return {
    KeyId: keyring.arn(key.id),
    KeyRotationEnabled: isRotating,
    ...(isRotating ? { RotationPeriodInDays: rotation.periodDays, NextRotationDate: seconds(rotation.nextAtMs) } : {}),
  };
});

const rotateKeyOnDemand = rotationOperation("RotateKeyOnDemand", { readOnly: false }, (keyring, key) => {
  keyring.requireEnabled(key);
  const count = keyring.store.rotations(key.id).filter((rotation) => rotation.kind === "ON_DEMAND").length;
  if (count >= MAX_ON_DEMAND_ROTATIONS) {
    throw kmsError("LimitExceededException", "The key has reached its limit of on-demand rotations");
  }
  keyring.rotate(key, "ON_DEMAND", keyring.nowMs());
  return { KeyId: keyring.arn(key.id) };
});

const listKeyRotations = rotationOperation(
  "ListKeyRotations",
  { readOnly: true, members: PAGE_MEMBERS },
  (keyring, key, input) => {
    const sortable = (version: number): string => String(version).padStart(6, "0");
    const rotations = keyring.store.rotations(key.id);
    const { items, end } = page(rotations, (rotation) => sortable(rotation.version), input, { usual: 100, max: 1000 });
    const entries = items.map((rotation) => ({
      KeyId: keyring.arn(key.id),
      RotationDate: seconds(rotation.rotatedAtMs),
      RotationType: rotation.kind,
    }));
    return { Rotations: entries, ...end };
  },
);

/** New material for a key, by the clock or on demand; what the old material encrypted still opens. */
export const rotationOperations: Operations = {
  EnableKeyRotation: enableKeyRotation,
  DisableKeyRotation: disableKeyRotation,
  GetKeyRotationStatus: getKeyRotationStatus,
  RotateKeyOnDemand: rotateKeyOnDemand,
  ListKeyRotations: listKeyRotations,
};
