import type { StandingPurpose } from "../contract/purpose.ts";
import type { Clock } from "../kernel/clock.ts";
import { parseTenantId, type TenantId, type UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { RegistryStore } from "../tenant/registry-store.ts";
import {
  CredentialRow,
  credentialKey,
  LoginRow,
  loginKey,
  MembershipRow,
  membershipKey,
  parseRow,
  UserRow,
  userKey,
} from "../tenant/rows.ts";
import { checkFactors, type Credential, readThrottle } from "./factors.ts";
import { verifyNothing } from "./password.ts";
import type { StageSecrets } from "./stage-secret.ts";

export interface SignInRequest {
  readonly login: string;
  readonly password: string;
  readonly totp: string;
  readonly tenant?: string | undefined;
  /** What the session shall be for. */
  readonly purpose?: StandingPurpose | undefined;
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
  readonly credential: Credential;
}

export const loginDigest = (secrets: StageSecrets, login: string): Promise<string> =>
  secrets.lookup("login", login.normalize("NFKC").trim().toLowerCase());

/** Password with TOTP: both factors at once, one answer for every way to be wrong. */
export function createSignIn(store: RegistryStore, secrets: StageSecrets, clock: Clock) {
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

  return async function signIn(request: SignInRequest): Promise<Result<SignedIn, SignInFailure>> {
    const digest = await loginDigest(secrets, request.login);
    const throttle = await readThrottle(store, clock, digest);
    if (throttle.lockedForMs > 0) return err({ kind: "throttled", retryAfterMs: throttle.lockedForMs });
    const account = await findAccount(digest);
    const isRight =
      account === undefined
        ? await verifyNothing(request.password)
        : (await checkFactors({ store, secrets, clock }, request, account.credential)) &&
          account.user.status === "active";
    if (account === undefined || !isRight) {
      await throttle.fail();
      return err({ kind: "unauthenticated", ...(account === undefined ? {} : { known: knownAs(account, "factors") }) });
    }
    await throttle.clear();
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
