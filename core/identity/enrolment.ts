import { createHash, randomBytes } from "node:crypto";
import { codeOf } from "../contract/enrolment-code.ts";
import type { Clock } from "../kernel/clock.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { AccountRow, factorsRow } from "../tenant/account-rows.ts";
import { credentialRow } from "../tenant/member-rows.ts";
import { openLogin, openName, type OpenWord } from "../tenant/person-words.ts";
import type { RegistryChange, RegistryRow, RegistryStore } from "../tenant/registry-store.ts";
import {
  accountKey,
  belongingKey,
  challengeKey,
  credentialKey,
  enrolledKey,
  enrolmentIndex,
  loginKey,
  MembershipRow,
  membershipKey,
  parseRow,
  TenantRow,
  tenantKey,
  userKey,
} from "../tenant/rows.ts";
import type { Challenges } from "./challenge.ts";
import { hashPassword } from "./password.ts";
import type { Passkey, Passkeys } from "./passkeys.ts";
import type { SignedIn } from "./sign-in.ts";
import { loginDigest } from "./sign-in.ts";
import type { StageSecrets } from "./stage-secret.ts";
import { newTotpSecret, totpStep, totpUri } from "./totp.ts";

/** SHA-256 of a code, hex: a copy of the registry enrols nobody. */
export const codeDigestOf = (code: string): string => createHash("sha256").update(code).digest("hex");
/** 125 random bits. Shown once to the administrator, and never stored. */
export const newEnrolmentCode = (): string => codeOf(randomBytes(25));

const USED_KEPT_MS = 24 * 3_600_000;

/** What a good code opens. */
export interface Enrolment {
  readonly digest: string;
  readonly userId: UserId;
  readonly tenant: TenantRow & { readonly tenantId: TenantId };
  readonly account: AccountRow;
  readonly member: MembershipRow;
  readonly displayName: string;
  readonly login: string;
  readonly codeFor: "invite" | "reset";
  readonly expiresAtMs: number;
}

export type EnrolmentFailure =
  /** One answer for a code that never was, was used, ran out or was replaced, and for a page that waited too long. */
  | { readonly kind: "unknown" }
  /** The code of the authenticator is not that of the seed that was shown. */
  | { readonly kind: "totp" }
  /** Somebody else signs in under this login: only whoever holds a good code is told. */
  | { readonly kind: "login-taken" };

export interface EnrolmentDeps {
  readonly store: RegistryStore;
  readonly secrets: StageSecrets;
  readonly clock: Clock;
  readonly challenges: Challenges;
  readonly passkeys: Passkeys;
  /** What opens the words of this person's clinic, in her own name. */
  readonly wordsOf: (tenant: TenantRow, userId: UserId) => OpenWord;
}

/** The way in that an administrator's code opens once: to factors of one's own, for an account of that clinic alone. */
export function createEnrolment({ store, secrets, clock, challenges, passkeys, wordsOf }: EnrolmentDeps) {
  async function find(code: string): Promise<Enrolment | undefined> {
    const digest = codeDigestOf(code);
    const [listed] = await store.queryIndex(enrolmentIndex(digest));
    if (listed === undefined) return undefined;
    const { userId, tenantId } = parseRow(AccountRow, listed);
    // The index may be late: the rows themselves say what holds.
    const keys = [
      accountKey(userId, tenantId),
      membershipKey(userId, tenantId),
      tenantKey(tenantId),
      challengeKey(digest),
    ] as const;
    const [accountFound, memberFound, tenantFound, used] = await Promise.all(keys.map((key) => store.get(key)));
    if (accountFound === undefined || memberFound === undefined || tenantFound === undefined) return undefined;
    const account = parseRow(AccountRow, accountFound);
    const member = parseRow(MembershipRow, memberFound);
    const tenant = parseRow(TenantRow, tenantFound) as Enrolment["tenant"];
    const { codeExpiresAtMs = 0, codeFor = "invite" } = account;
    const isGood = account.codeDigest === digest && clock.now() < codeExpiresAtMs && used === undefined;
    if (!isGood || member.status !== "active" || tenant.status !== "active") return undefined;
    if (!(await isOfThisClinicAlone(userId, tenantId))) return undefined;
    const open = wordsOf(tenant, userId as UserId);
    const [name, login] = await Promise.all([openName(open, member), openLogin(open, account)]);
    // A clinic whose keys are gone takes nobody in, and says no more of it than of a code that never was.
    if (!name.ok || !login.ok) return undefined;
    const known = { digest, userId: userId as UserId, tenant, account, member };
    return { ...known, displayName: name.value, login: login.value, codeFor, expiresAtMs: codeExpiresAtMs };
  }

  /** A clinic gives factors to accounts that open nothing but itself. */
  async function isOfThisClinicAlone(userId: string, tenantId: string): Promise<boolean> {
    const own = belongingKey(userId, tenantId).sk;
    const rows = await store.query(userKey(userId).pk);
    return rows.every(({ sk }) => !sk.startsWith("M#") || sk === own);
  }

  /**
   * The rows of an enrolment, written as long as account and membership are what the code was found good by: one that was
   * replaced meanwhile opens nothing, nor does one whose person was ended. Of two that show one code the mark lets one in.
   */
  async function changesOf(
    { digest, userId, tenant, account, member, login: own, expiresAtMs }: Enrolment,
    credential: RegistryRow,
    told: { readonly hasPassword: boolean; readonly passkeys: number },
  ): Promise<Result<RegistryChange[], EnrolmentFailure>> {
    const { tenantId } = tenant;
    const nowMs = clock.now();
    const login = loginKey(await loginDigest(secrets, own));
    const [user, known, before] = await Promise.all([
      store.get(userKey(userId)),
      store.get(login),
      store.get(credentialKey(userId)),
    ]);
    if (known !== undefined && known["userId"] !== userId) return err({ kind: "login-taken" });
    const used = { for: "enrol", expiresAtMs, usedAtMs: nowMs, ttl: Math.ceil((expiresAtMs + USED_KEPT_MS) / 1000) };
    const named = { ...userKey(userId), rev: 1, userId, status: "active" };
    return ok([
      { kind: "create", row: { ...challengeKey(digest), rev: 1, ...used } },
      { kind: "check", key: accountKey(userId, tenantId), rev: account.rev },
      { kind: "check", key: membershipKey(userId, tenantId), rev: member.rev },
      ...(user === undefined ? [{ kind: "create", row: named } as const] : []),
      ...(known === undefined ? [{ kind: "create", row: { ...login, rev: 1, userId } } as const] : []),
      before === undefined
        ? { kind: "create", row: credential }
        : { kind: "replace", row: { ...credential, rev: before.rev + 1 }, rev: before.rev },
      { kind: "put", row: { ...belongingKey(userId, tenantId), rev: 1, userId, tenantId } },
      { kind: "put", row: { ...enrolledKey(userId), rev: 1, userId, enrolledAtMs: nowMs } },
      { kind: "put", row: factorsRow(userId, tenantId, { ...told, enrolledAtMs: nowMs }) },
    ]);
  }

  async function write(changes: readonly RegistryChange[]): Promise<Result<void, EnrolmentFailure>> {
    return (await store.write(changes)).ok ? ok(undefined) : err({ kind: "unknown" });
  }

  const signedIn = ({ userId, tenant, member }: Enrolment): Omit<SignedIn, "by"> => ({
    userId,
    tenantId: tenant.tenantId,
    roles: member.roles,
    nameSealed: member.nameSealed,
  });

  return {
    find,

    /** A seed for an authenticator, and a ticket under which it is known. The code stays good. */
    async offer({ digest, userId, login }: Enrolment) {
      const totpSecret = newTotpSecret();
      const totpSealed = await secrets.seal("totp", userId, totpSecret);
      const { text } = await challenges.issue("enrol", { userId, sessionDigest: digest, totpSealed });
      return { ticket: text, totpSecret, totpUri: totpUri(totpSecret, login) };
    },

    /** Password and authenticator, in the place of whatever there was before. */
    async byPassword(
      enrolment: Enrolment,
      shown: { readonly ticket: string; readonly password: string; readonly totp: string },
    ): Promise<Result<SignedIn, EnrolmentFailure>> {
      const { userId, digest } = enrolment;
      const ticket = await challenges.read(shown.ticket, "enrol");
      if (ticket?.userId !== userId || ticket.sessionDigest !== digest || ticket.totpSealed === undefined)
        return err({ kind: "unknown" });
      const secret = await secrets.open("totp", userId, ticket.totpSealed);
      const step = totpStep(secret, shown.totp, clock.now());
      if (step === undefined) return err({ kind: "totp" });
      const passwordHash = await hashPassword(shown.password);
      // The code that was shown is used up: it opens no other door.
      const credential = credentialRow(userId, { passwordHash, totpSealed: ticket.totpSealed, totpStep: step });
      const changes = await changesOf(enrolment, credential, { hasPassword: true, passkeys: 0 });
      if (!changes.ok) return changes;
      const written = await write([...changes.value, ...(await passkeys.removals(userId))]);
      return written.ok ? ok({ ...signedIn(enrolment), by: "password" }) : written;
    },

    /** A passkey that was made for this code, in the place of whatever there was before. */
    async byPasskey(enrolment: Enrolment, passkey: Passkey): Promise<Result<SignedIn, EnrolmentFailure>> {
      const { userId } = enrolment;
      // Nobody was shown this seed, and no password fits an empty hash.
      const totpSealed = await secrets.seal("totp", userId, newTotpSecret());
      const credential = credentialRow(userId, { passwordHash: "", totpSealed });
      const changes = await changesOf(enrolment, credential, { hasPassword: false, passkeys: 1 });
      if (!changes.ok) return changes;
      const written = await write([
        ...changes.value,
        ...(await passkeys.removals(userId)),
        ...passkeys.creations(passkey),
      ]);
      return written.ok ? ok({ ...signedIn(enrolment), by: "passkey", passkeyId: passkey.id }) : written;
    },
  };
}

export type Enrolments = ReturnType<typeof createEnrolment>;
