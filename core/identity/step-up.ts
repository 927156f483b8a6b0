import { createHash } from "node:crypto";
import { actText } from "../contract/act.ts";
import type { PasskeyAssertion } from "../contract/session.ts";
import type { Clock } from "../kernel/clock.ts";
import type { UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { RegistryStore } from "../tenant/registry-store.ts";
import { CredentialRow, credentialKey, parseRow, UserRow, userKey } from "../tenant/rows.ts";
import { beginTry, checkFactors } from "./factors.ts";
import type { Passkeys } from "./passkeys.ts";
import type { Principal } from "./principal.ts";
import type { StageSecrets } from "./stage-secret.ts";

/** How long a step-up is worth something: long enough to read what one is about to do, and to do it. */
export const STEP_UP_TTL_MS = 5 * 60_000;

/** The hash that names a request: what a bound step-up is for. `body` as it was sent. */
export const actDigest = (method: string, pathAndQuery: string, body: string): string =>
  sha256(actText(method, pathAndQuery, sha256(body)));

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Whether both factors were shown in this session within the last five minutes, for this request or for whatever comes.
 * A time to come counts as none.
 * @param act The request that asks; without it, a step-up that was made for one request does not count.
 */
export function isSteppedUp(
  { steppedUpAtMs, steppedUpFor }: Pick<Principal, "steppedUpAtMs" | "steppedUpFor">,
  nowMs: number,
  act?: string,
): boolean {
  if (steppedUpAtMs === undefined || (steppedUpFor !== undefined && steppedUpFor !== act)) return false;
  const age = nowMs - steppedUpAtMs;
  return age >= 0 && age < STEP_UP_TTL_MS;
}

export type StepUpFailure =
  | { readonly kind: "unauthenticated" }
  | { readonly kind: "throttled"; readonly retryAfterMs: number };

async function isActive(store: RegistryStore, userId: UserId): Promise<boolean> {
  const user = await store.get(userKey(userId));
  return user !== undefined && parseRow(UserRow, user).status === "active";
}

/**
 * Both factors of a user who is signed in. Who holds a stolen session can guess here without knowing the login, so that
 * it has a brake of its own, by user.
 */
export function createStepUp(store: RegistryStore, secrets: StageSecrets, clock: Clock) {
  return async function stepUp(
    userId: UserId,
    shown: { readonly password: string; readonly totp: string },
  ): Promise<Result<void, StepUpFailure>> {
    const counted = await beginTry(store, clock, `STEP-UP#${userId}`);
    if (!counted.ok) return counted;
    const row = await store.get(credentialKey(userId));
    const isRight =
      row !== undefined &&
      (await isActive(store, userId)) &&
      (await checkFactors({ store, secrets, clock }, shown, {
        row,
        parsed: parseRow(CredentialRow, row) as CredentialRow,
      }));
    if (!isRight) return err({ kind: "unauthenticated" });
    await counted.value.clear();
    return ok(undefined);
  };
}

export type StepUp = ReturnType<typeof createStepUp>;

/** What a step-up is made for: the session that asks, and the request, where it is for one. */
export interface StepUpScope {
  readonly sessionDigest: string;
  readonly act?: string | undefined;
}

/**
 * A passkey of a user who is signed in: its signature is over a challenge that was made for this user, this session and
 * this request, whose hash is in the challenge. There is nothing to guess, and a brake would only stop the owner.
 */
export function createPasskeyStepUp(store: RegistryStore, passkeys: Passkeys) {
  return async function stepUpByPasskey(
    userId: UserId,
    passkey: PasskeyAssertion,
    { sessionDigest, act }: StepUpScope,
  ): Promise<Result<void, StepUpFailure>> {
    const asserted = await passkeys.assert(passkey, "step-up");
    const isRight =
      asserted.ok &&
      asserted.value.userId === userId &&
      asserted.value.challenge.userId === userId &&
      asserted.value.challenge.sessionDigest === sessionDigest &&
      asserted.value.challenge.act === act &&
      (await isActive(store, userId));
    return isRight ? ok(undefined) : err({ kind: "unauthenticated" });
  };
}

export type PasskeyStepUp = ReturnType<typeof createPasskeyStepUp>;
