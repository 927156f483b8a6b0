import type { Clock } from "../kernel/clock.ts";
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

/** What is known of the failures of one login, or of one user's step-ups. */
export interface Throttle {
  /** How long nothing is looked at; 0 where a try is free. */
  readonly lockedForMs: number;
  /** Notes one more failure. */
  fail(): Promise<void>;
  clear(): Promise<void>;
}

/** The brake on guessing under `digest`, as the registry has it now. */
export async function readThrottle(store: RegistryStore, clock: Clock, digest: string): Promise<Throttle> {
  const row = await store.get(throttleKey(digest));
  const known = row === undefined ? undefined : parseRow(ThrottleRow, row);
  return {
    lockedForMs: Math.max(0, (known?.lockedUntilMs ?? 0) - clock.now()),

    async fail() {
      const failures = (known?.failures ?? 0) + 1;
      const pause =
        failures < FREE_FAILURES ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - FREE_FAILURES), LONGEST_PAUSE_MS);
      const now = clock.now();
      const next = {
        ...throttleKey(digest),
        rev: (known?.rev ?? 0) + 1,
        failures,
        lockedUntilMs: now + pause,
        ttl: Math.ceil((now + pause + 24 * 3_600_000) / 1000),
      };
      // Two failures at once may count as one: the pause is a brake, not a counter of record.
      await store.write([
        known === undefined ? { kind: "put", row: next } : { kind: "replace", row: next, rev: known.rev },
      ]);
    },

    async clear() {
      if (row === undefined) return;
      await store.write([{ kind: "put", row: { ...row, rev: row.rev + 1, failures: 0, lockedUntilMs: 0 } }]);
    },
  };
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
