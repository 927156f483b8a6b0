import type { Clock } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { RegistryRow, RegistryStore } from "../tenant/registry-store.ts";
import type { CredentialRow } from "../tenant/rows.ts";
import { parseRow, ThrottleRow, throttleKey } from "../tenant/rows.ts";
import { verifyNothing, verifyPassword } from "./password.ts";
import type { StageSecrets } from "./stage-secret.ts";
import { totpStep } from "./totp.ts";

/** OWASP ASVS 5.0 6.3.1: five tries, then a pause that doubles up to an hour. */
const FREE_FAILURES = 5;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** How often a try is counted anew that another one overtook. */
const COUNTS_MAX = 4;
/** How long a try waits that others kept overtaking: nobody who types is in that crowd. */
const CROWD_MS = 1_000;

/** A try that has been counted. */
export interface Try {
  /** The factors were right: the count begins anew. */
  clear(): Promise<void>;
}

/**
 * Counts a try of one login, or of one user's step-ups, before its factors are looked at: a thousand guesses at once are a
 * thousand tries, and no more of them are looked at than if they had come one by one.
 * @returns How long nothing is looked at, where the tries are used up.
 */
export async function beginTry(
  store: RegistryStore,
  clock: Clock,
  digest: string,
): Promise<Result<Try, { readonly kind: "throttled"; readonly retryAfterMs: number }>> {
  for (let count = 0; count < COUNTS_MAX; count += 1) {
    const row = await store.get(throttleKey(digest));
    const known = row === undefined ? undefined : parseRow(ThrottleRow, row);
    const now = clock.now();
    const lockedForMs = (known?.lockedUntilMs ?? 0) - now;
    if (lockedForMs > 0) return err({ kind: "throttled", retryAfterMs: lockedForMs });
    const failures = (known?.failures ?? 0) + 1;
    const pause =
      failures < FREE_FAILURES ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - FREE_FAILURES), LONGEST_PAUSE_MS);
    const next = {
      ...throttleKey(digest),
      rev: (known?.rev ?? 0) + 1,
      failures,
      lockedUntilMs: now + pause,
      ttl: Math.ceil((now + pause + 24 * 3_600_000) / 1000),
    };
    const write = known === undefined ? ({ kind: "create" } as const) : ({ kind: "replace", rev: known.rev } as const);
    if ((await store.write([{ ...write, row: next }])).ok)
      return ok({
        async clear() {
          await store.write([{ kind: "put", row: { ...next, rev: next.rev + 1, failures: 0, lockedUntilMs: 0 } }]);
        },
      });
  }
  return err({ kind: "throttled", retryAfterMs: CROWD_MS });
}

/** A user's password hash, sealed TOTP seed and last used step, as stored and as parsed. */
export interface Credential {
  readonly row: RegistryRow;
  readonly parsed: CredentialRow;
}

/**
 * Checks both factors and uses the code up: whichever door it is shown at first, it opens no other (RFC 6238 5.2).
 * False for a wrong password, a wrong or used code, and for the second of two that show one code at once.
 */
export async function checkFactors(
  { store, secrets, clock }: { readonly store: RegistryStore; readonly secrets: StageSecrets; readonly clock: Clock },
  shown: { readonly password: string; readonly totp: string },
  { row, parsed }: Credential,
): Promise<boolean> {
  // An account that has passkeys alone takes as long to refuse as any other.
  const isPassword =
    parsed.passwordHash === ""
      ? await verifyNothing(shown.password)
      : await verifyPassword(shown.password, parsed.passwordHash);
  const secret = await secrets.open("totp", parsed.userId, parsed.totpSealed);
  const step = totpStep(secret, shown.totp, clock.now());
  if (!isPassword || step === undefined || step <= parsed.totpStep) return false;
  const next = { ...row, totpStep: step, rev: parsed.rev + 1 };
  return (await store.write([{ kind: "replace", row: next, rev: parsed.rev }])).ok;
}
