import type { Clock } from "../kernel/clock.ts";
import { parseTenantId, type TenantId, type UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { RegistryRow, RegistryStore } from "../tenant/registry-store.ts";
import {
  CredentialRow,
  credentialKey,
  LoginRow,
  loginKey,
  MembershipRow,
  membershipKey,
  parseRow,
  ThrottleRow,
  throttleKey,
  UserRow,
  userKey,
} from "../tenant/rows.ts";
import { verifyNothing, verifyPassword } from "./password.ts";
import type { StageSecrets } from "./stage-secret.ts";
import { totpStep } from "./totp.ts";

export interface SignInRequest {
  readonly login: string;
  readonly password: string;
  readonly totp: string;
  readonly tenant?: string | undefined;
}

export interface SignedIn {
  readonly userId: UserId;
  readonly tenantId: TenantId;
  readonly displayName: string;
  readonly roles: readonly string[];
}

/**
 * Whose login it was that failed, for the trails of the clinics that know the user. Never part of an answer: who asks
 * has not shown that he is this user.
 */
export interface KnownLogin {
  readonly userId: UserId;
  /** Every clinic of which the user is or was a member. */
  readonly tenantIds: readonly TenantId[];
  readonly reason: "factors" | "not-a-member" | "tenant-not-named";
}

export type SignInFailure =
  /** One answer for an unknown login, a wrong password, a wrong or used code, a disabled user, a clinic of others. */
  | { readonly kind: "unauthenticated"; readonly known?: KnownLogin }
  | { readonly kind: "throttled"; readonly retryAfterMs: number }
  /** The user belongs to several clinics and must say which. Only told after both factors. */
  | { readonly kind: "tenant-required"; readonly known: KnownLogin };

interface Account {
  readonly user: UserRow;
  readonly memberships: readonly MembershipRow[];
  readonly credential: { readonly row: RegistryRow; readonly parsed: CredentialRow };
}

/** OWASP ASVS 5.0 6.3.1: five tries, then a pause that doubles up to an hour. */
const FREE_FAILURES = 5;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;

export const loginDigest = (secrets: StageSecrets, login: string): Promise<string> =>
  secrets.lookup("login", login.normalize("NFKC").trim().toLowerCase());

/** Password with TOTP: both factors at once, one answer for every way to be wrong. */
export function createSignIn(store: RegistryStore, secrets: StageSecrets, clock: Clock) {
  async function noteFailure(digest: string, row: RegistryRow | undefined): Promise<void> {
    const known = row === undefined ? undefined : parseRow(ThrottleRow, row);
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
  }

  /** The user of a login with the memberships, read together: knowing them costs no call that an unknown login would not. */
  async function findAccount(digest: string): Promise<Account | undefined> {
    const login = await store.get(loginKey(digest));
    if (login === undefined) return undefined;
    const { userId } = parseRow(LoginRow, login);
    const [rows, row] = await Promise.all([store.query(userKey(userId).pk), store.get(credentialKey(userId))]);
    const userRow = rows.find(({ sk }) => sk === userKey(userId).sk);
    if (userRow === undefined || row === undefined) return undefined;
    return {
      user: parseRow(UserRow, userRow),
      memberships: rows.filter(({ sk }) => sk.startsWith("M#")).map((found) => parseRow(MembershipRow, found)),
      credential: { row, parsed: parseRow(CredentialRow, row) as CredentialRow },
    };
  }

  /** Checks both factors and uses the code up. */
  async function checkFactors(request: SignInRequest, { user, credential }: Account): Promise<boolean> {
    const { row, parsed } = credential;
    const isPassword = await verifyPassword(request.password, parsed.passwordHash);
    const secret = await secrets.open("totp", parsed.userId, parsed.totpSealed);
    const step = totpStep(secret, request.totp, clock.now());
    if (!isPassword || step === undefined || step <= parsed.totpStep || user.status !== "active") return false;
    const next = { ...row, totpStep: step, rev: parsed.rev + 1 };
    return (await store.write([{ kind: "replace", row: next, rev: parsed.rev }])).ok;
  }

  return async function signIn(request: SignInRequest): Promise<Result<SignedIn, SignInFailure>> {
    const digest = await loginDigest(secrets, request.login);
    const throttle = await store.get(throttleKey(digest));
    const lockedUntilMs = throttle === undefined ? 0 : parseRow(ThrottleRow, throttle).lockedUntilMs;
    if (lockedUntilMs > clock.now()) return err({ kind: "throttled", retryAfterMs: lockedUntilMs - clock.now() });
    const account = await findAccount(digest);
    const isRight =
      account === undefined ? await verifyNothing(request.password) : await checkFactors(request, account);
    if (account === undefined || !isRight) {
      await noteFailure(digest, throttle);
      return err({ kind: "unauthenticated", ...(account === undefined ? {} : { known: knownAs(account, "factors") }) });
    }
    if (throttle !== undefined) {
      await store.write([{ kind: "put", row: { ...throttle, rev: throttle.rev + 1, failures: 0, lockedUntilMs: 0 } }]);
    }
    const memberships = account.memberships.filter(({ status }) => status === "active");
    const wanted = parseTenantId(request.tenant);
    const [only] = memberships;
    const member =
      request.tenant === undefined
        ? memberships.length === 1
          ? only
          : undefined
        : memberships.find(({ tenantId }) => tenantId === wanted);
    if (member === undefined) {
      if (request.tenant !== undefined || memberships.length === 0)
        return err({ kind: "unauthenticated", known: knownAs(account, "not-a-member") });
      return err({ kind: "tenant-required", known: knownAs(account, "tenant-not-named") });
    }
    return ok({
      userId: account.user.userId as UserId,
      tenantId: member.tenantId as TenantId,
      displayName: account.user.displayName,
      roles: member.roles,
    });
  };
}

const knownAs = ({ user, memberships }: Account, reason: KnownLogin["reason"]): KnownLogin => ({
  userId: user.userId as UserId,
  tenantIds: memberships.map(({ tenantId }) => tenantId as TenantId),
  reason,
});

export type SignIn = ReturnType<typeof createSignIn>;

/** Whether a user is still an active member: asked whenever a grant is used again. */
export async function isActiveMember(store: RegistryStore, userId: UserId, tenantId: TenantId): Promise<boolean> {
  const [user, member] = await Promise.all([store.get(userKey(userId)), store.get(membershipKey(userId, tenantId))]);
  if (user === undefined || member === undefined) return false;
  return parseRow(UserRow, user).status === "active" && parseRow(MembershipRow, member).status === "active";
}
