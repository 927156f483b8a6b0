import type { StandingPurpose } from "../contract/purpose.ts";
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
  readonly by: "password" | "passkey";
  /** Which passkey it was. */
  readonly passkeyId?: string | undefined;
}

/** How both factors were shown. */
export type Shown = Pick<SignedIn, "by" | "passkeyId">;

/**
 * Whose login it was that failed, for the trails of the clinics that know the user. Never part of an answer: who asks
 * has not shown that he is this user.
 */
export interface KnownLogin {
  readonly userId: UserId;
  /** Every clinic of which the user is or was a member. */
  readonly tenantIds: readonly TenantId[];
  readonly reason: "factors" | "passkey" | "passkey-counter" | "not-a-member" | "tenant-not-named";
}

export type SignInFailure =
  /** One answer for an unknown login, a wrong password, a wrong or used code, a disabled user, a clinic of others. */
  | { readonly kind: "unauthenticated"; readonly known?: KnownLogin }
  | { readonly kind: "throttled"; readonly retryAfterMs: number }
  /** The user belongs to several clinics and must say which. Only told after both factors. */
  | {
      readonly kind: "tenant-required";
      readonly known: KnownLogin;
      readonly tenantIds: readonly TenantId[];
      readonly shown: Shown;
    };

/** A user with every membership, also those that are over. */
export interface Account {
  readonly user: UserRow;
  readonly memberships: readonly MembershipRow[];
}

interface LoginAccount extends Account {
  readonly credential: Credential;
}

function accountIn(rows: readonly RegistryRow[], userId: string): Account | undefined {
  const userRow = rows.find(({ sk }) => sk === userKey(userId).sk);
  if (userRow === undefined) return undefined;
  return {
    user: parseRow(UserRow, userRow),
    memberships: rows.filter(({ sk }) => sk.startsWith("M#")).map((found) => parseRow(MembershipRow, found)),
  };
}

export const readAccount = async (store: RegistryStore, userId: UserId): Promise<Account | undefined> =>
  accountIn(await store.query(userKey(userId).pk), userId);

/** The clinics that a user works in now. */
export const activeClinics = ({ memberships }: Account): TenantId[] =>
  memberships.filter(({ status }) => status === "active").map(({ tenantId }) => tenantId as TenantId);

/** Where a user goes whose factors were right: into the one clinic, or into the one that was named. */
export function enter(account: Account, tenant: string | undefined, shown: Shown): Result<SignedIn, SignInFailure> {
  const clinics = activeClinics(account);
  const wanted = tenant === undefined && clinics.length === 1 ? clinics[0] : parseTenantId(tenant);
  const member = account.memberships.find(({ tenantId, status }) => status === "active" && tenantId === wanted);
  if (member !== undefined) {
    return ok({
      userId: account.user.userId as UserId,
      tenantId: member.tenantId as TenantId,
      displayName: account.user.displayName,
      roles: member.roles,
      ...shown,
    });
  }
  if (tenant !== undefined || clinics.length === 0)
    return err({ kind: "unauthenticated", known: knownAs(account, "not-a-member") });
  return err({ kind: "tenant-required", known: knownAs(account, "tenant-not-named"), tenantIds: clinics, shown });
}

export const loginDigest = (secrets: StageSecrets, login: string): Promise<string> =>
  secrets.lookup("login", login.normalize("NFKC").trim().toLowerCase());

/** Password with TOTP: both factors at once, one answer for every way to be wrong. */
export function createSignIn(store: RegistryStore, secrets: StageSecrets, clock: Clock) {
  /** The user of a login with the memberships, read together: knowing them costs no call that an unknown login would not. */
  async function findAccount(digest: string): Promise<LoginAccount | undefined> {
    const login = await store.get(loginKey(digest));
    if (login === undefined) return undefined;
    const { userId } = parseRow(LoginRow, login);
    const [rows, row] = await Promise.all([store.query(userKey(userId).pk), store.get(credentialKey(userId))]);
    const account = accountIn(rows, userId);
    if (account === undefined || row === undefined) return undefined;
    return { ...account, credential: { row, parsed: parseRow(CredentialRow, row) as CredentialRow } };
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
    return enter(account, request.tenant, { by: "password" });
  };
}

export const knownAs = ({ user, memberships }: Account, reason: KnownLogin["reason"]): KnownLogin => ({
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
