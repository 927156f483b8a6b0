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

export type SignInFailure =
  /** One answer for an unknown login, a wrong password, a wrong or used code, a disabled user. */
  | { readonly kind: "unauthenticated"; readonly tenantId?: TenantId; readonly userId?: UserId }
  | { readonly kind: "throttled"; readonly retryAfterMs: number }
  /** The user belongs to several clinics and must say which. Only told after both factors. */
  | { readonly kind: "tenant-required"; readonly tenantIds: readonly TenantId[] };

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

  async function checkFactors(
    request: SignInRequest,
    digest: string,
  ): Promise<{ userId: UserId; displayName: string } | undefined> {
    const login = await store.get(loginKey(digest));
    const userId = login === undefined ? undefined : parseRow(LoginRow, login).userId;
    const rows =
      userId === undefined ? [] : await Promise.all([store.get(userKey(userId)), store.get(credentialKey(userId))]);
    const [userRow, credentialRow] = rows;
    if (userRow === undefined || credentialRow === undefined) {
      await verifyNothing(request.password);
      return undefined;
    }
    const user = parseRow(UserRow, userRow);
    const credential = parseRow(CredentialRow, credentialRow);
    const isPassword = await verifyPassword(request.password, credential.passwordHash);
    const secret = await secrets.open("totp", credential.userId, credential.totpSealed);
    const step = totpStep(secret, request.totp, clock.now());
    if (!isPassword || step === undefined || step <= credential.totpStep || user.status !== "active") return undefined;
    const next = { ...credentialRow, totpStep: step, rev: credential.rev + 1 };
    const used = await store.write([{ kind: "replace", row: next, rev: credential.rev }]);
    return used.ok ? { userId: user.userId as UserId, displayName: user.displayName } : undefined;
  }

  return async function signIn(request: SignInRequest): Promise<Result<SignedIn, SignInFailure>> {
    const digest = await loginDigest(secrets, request.login);
    const throttle = await store.get(throttleKey(digest));
    const lockedUntilMs = throttle === undefined ? 0 : parseRow(ThrottleRow, throttle).lockedUntilMs;
    if (lockedUntilMs > clock.now()) return err({ kind: "throttled", retryAfterMs: lockedUntilMs - clock.now() });
    const user = await checkFactors(request, digest);
    if (user === undefined) {
      await noteFailure(digest, throttle);
      return err({ kind: "unauthenticated" });
    }
    if (throttle !== undefined) {
      await store.write([{ kind: "put", row: { ...throttle, rev: throttle.rev + 1, failures: 0, lockedUntilMs: 0 } }]);
    }
    const memberships = (await store.query(userKey(user.userId).pk))
      .filter((row) => row.sk.startsWith("M#"))
      .map((row) => parseRow(MembershipRow, row))
      .filter((member) => member.status === "active");
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
        return err({ kind: "unauthenticated", userId: user.userId });
      return err({ kind: "tenant-required", tenantIds: memberships.map(({ tenantId }) => tenantId as TenantId) });
    }
    return ok({
      userId: user.userId,
      tenantId: member.tenantId as TenantId,
      displayName: user.displayName,
      roles: member.roles,
    });
  };
}

export type SignIn = ReturnType<typeof createSignIn>;

/** Whether a user is still an active member: asked whenever a grant is used again. */
export async function isActiveMember(store: RegistryStore, userId: UserId, tenantId: TenantId): Promise<boolean> {
  const [user, member] = await Promise.all([store.get(userKey(userId)), store.get(membershipKey(userId, tenantId))]);
  if (user === undefined || member === undefined) return false;
  return parseRow(UserRow, user).status === "active" && parseRow(MembershipRow, member).status === "active";
}
