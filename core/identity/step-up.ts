import type { Clock } from "../kernel/clock.ts";
import type { UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { RegistryStore } from "../tenant/registry-store.ts";
import { CredentialRow, credentialKey, parseRow, UserRow, userKey } from "../tenant/rows.ts";
import { checkFactors, readThrottle } from "./factors.ts";
import type { Principal } from "./principal.ts";
import type { StageSecrets } from "./stage-secret.ts";

/** How long a step-up is worth something: long enough to read what one is about to do, and to do it. */
export const STEP_UP_TTL_MS = 5 * 60_000;

/** Whether both factors were shown in this session within the last five minutes. A time to come counts as none. */
export function isSteppedUp({ steppedUpAtMs }: Pick<Principal, "steppedUpAtMs">, nowMs: number): boolean {
  if (steppedUpAtMs === undefined) return false;
  const age = nowMs - steppedUpAtMs;
  return age >= 0 && age < STEP_UP_TTL_MS;
}

export type StepUpFailure =
  | { readonly kind: "unauthenticated" }
  | { readonly kind: "throttled"; readonly retryAfterMs: number };

/**
 * Both factors of a user who is signed in. Who holds a stolen session can guess here without knowing the login, so that
 * it has a brake of its own, by user.
 */
export function createStepUp(store: RegistryStore, secrets: StageSecrets, clock: Clock) {
  return async function stepUp(
    userId: UserId,
    shown: { readonly password: string; readonly totp: string },
  ): Promise<Result<void, StepUpFailure>> {
    const throttle = await readThrottle(store, clock, `STEP-UP#${userId}`);
    if (throttle.lockedForMs > 0) return err({ kind: "throttled", retryAfterMs: throttle.lockedForMs });
    const [user, row] = await Promise.all([store.get(userKey(userId)), store.get(credentialKey(userId))]);
    const isRight =
      user !== undefined &&
      row !== undefined &&
      parseRow(UserRow, user).status === "active" &&
      (await checkFactors({ store, secrets, clock }, shown, {
        row,
        parsed: parseRow(CredentialRow, row) as CredentialRow,
      }));
    if (!isRight) {
      await throttle.fail();
      return err({ kind: "unauthenticated" });
    }
    await throttle.clear();
    return ok(undefined);
  };
}

export type StepUp = ReturnType<typeof createStepUp>;
