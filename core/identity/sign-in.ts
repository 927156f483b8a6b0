import type { StandingPurpose } from "../contract/purpose.ts";
import type { Clock } from "../kernel/clock.ts";
import { parseTenantId, type TenantId, type UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { RegistryRow, RegistryStore } from "../tenant/registry-store.ts";
import { EnrolledRow } from "../tenant/account-rows.ts";
import {
  BelongingRow,
  CredentialRow,
  credentialKey,
  enrolledKey,
  LoginRow,
  loginKey,
  MembershipRow,
  membershipKey,
  parseRow,
  UserRow,
  userKey,
} from "../tenant/rows.ts";
import { beginTry, checkFactors, type Credential } from "./factors.ts";
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
  readonly roles: readonly string[];
  /** What the clinic calls the user, sealed: whoever lets somebody in sees to it that it opens. */
  readonly nameSealed?: Uint8Array | undefined;
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
  readonly reason: "factors" | "passkey" | "passkey-counter" | "not-a-member" | "tenant-not-named" | "clinic-closed";
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

/** A user, and every clinic that the user belongs or belonged to. */
export interface Holder {
  readonly user: UserRow;
  readonly tenantIds: readonly TenantId[];
}

/** With every membership, also those that are over. */
export interface Account extends Holder {
  /** As far as somebody may sign in by them: one that waits for an enrolment is as one that is over. */
  readonly memberships: readonly MembershipRow[];
}

interface LoginHolder extends Holder {
  readonly credential: Credential;
}

function holderIn(rows: readonly RegistryRow[], userId: string): Holder | undefined {
  const userRow = rows.find(({ sk }) => sk === userKey(userId).sk);
  if (userRow === undefined) return undefined;
  const belongings = rows.filter(({ sk }) => sk.startsWith("M#")).map((found) => parseRow(BelongingRow, found));
  return {
    user: parseRow(UserRow, userRow),
    tenantIds: belongings.map(({ tenantId }) => tenantId as TenantId),
  };
}

/** What the clinics themselves say of a user. Each is asked: that a user belongs to one is only where to look. */
async function withMemberships(store: RegistryStore, holder: Holder): Promise<Account> {
  const { userId } = holder.user;
  const [first, ...more] = holder.tenantIds.slice(0, 100).map((tenantId) => membershipKey(userId, tenantId));
  const rows = first === undefined ? [] : await store.getMany([first, ...more]);
  const members = rows
    .map((found) => parseRow(MembershipRow, found))
    .toSorted((left, right) => (left.tenantId < right.tenantId ? -1 : 1));
  const isAsked = members.some(({ enrolSinceMs }) => enrolSinceMs !== undefined);
  const row = isAsked ? await store.get(enrolledKey(userId)) : undefined;
  const enrolledAtMs = row === undefined ? 0 : parseRow(EnrolledRow, row).enrolledAtMs;
  return {
    ...holder,
    memberships: members.map((member) =>
      (member.enrolSinceMs ?? 0) > enrolledAtMs ? { ...member, status: "disabled" } : member,
    ),
  };
}

export async function readAccount(store: RegistryStore, userId: UserId): Promise<Account | undefined> {
  const holder = holderIn(await store.query(userKey(userId).pk), userId);
  return holder === undefined ? undefined : withMemberships(store, holder);
}

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
      roles: member.roles,
      nameSealed: member.nameSealed,
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
  /** The user of a login with its clinics, read together. What it is in each is read once the factors were right. */
  async function findHolder(digest: string): Promise<LoginHolder | undefined> {
    const login = await store.get(loginKey(digest));
    if (login === undefined) return undefined;
    const { userId } = parseRow(LoginRow, login);
    const [rows, row] = await Promise.all([store.query(userKey(userId).pk), store.get(credentialKey(userId))]);
    const holder = holderIn(rows, userId);
    if (holder === undefined || row === undefined) return undefined;
    return { ...holder, credential: { row, parsed: parseRow(CredentialRow, row) as CredentialRow } };
  }

  return async function signIn(request: SignInRequest): Promise<Result<SignedIn, SignInFailure>> {
    const digest = await loginDigest(secrets, request.login);
    const counted = await beginTry(store, clock, digest);
    if (!counted.ok) return counted;
    const holder = await findHolder(digest);
    const isRight =
      holder === undefined
        ? await verifyNothing(request.password)
        : (await checkFactors({ store, secrets, clock }, request, holder.credential)) &&
          holder.user.status === "active";
    if (holder === undefined || !isRight)
      return err({ kind: "unauthenticated", ...(holder === undefined ? {} : { known: knownAs(holder, "factors") }) });
    await counted.value.clear();
    return enter(await withMemberships(store, holder), request.tenant, { by: "password" });
  };
}

export const knownAs = ({ user, tenantIds }: Holder, reason: KnownLogin["reason"]): KnownLogin => ({
  userId: user.userId as UserId,
  tenantIds,
  reason,
});

export type SignIn = ReturnType<typeof createSignIn>;

/** Whether a user is still an active member: asked whenever a grant is used again. */
export async function isActiveMember(store: RegistryStore, userId: UserId, tenantId: TenantId): Promise<boolean> {
  const [user, member] = await Promise.all([store.get(userKey(userId)), store.get(membershipKey(userId, tenantId))]);
  if (user === undefined || member === undefined) return false;
  return parseRow(UserRow, user).status === "active" && parseRow(MembershipRow, member).status === "active";
}
