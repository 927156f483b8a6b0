import * as z from "zod";
import { PrivacySettings } from "../contract/clinic.ts";
import { ClinicProfile, ClinicTimeZone } from "../contract/clinic-profile.ts";
import { ProviderHours } from "../contract/provider-hours.ts";
import { AppKind, AppScope } from "../contract/admin-apps.ts";
import { RoleName, TierName } from "../contract/platform.ts";
import { StandingPurpose } from "../contract/purpose.ts";
import { ID_PATTERN, type TenantId, type UserId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { RegistryKey, RegistryRow } from "./registry-store.ts";

/** The one place where registry keys are spelled, and where a row is parsed before anyone trusts it. */

const id = z.string().regex(ID_PATTERN);
const row = {
  pk: z.string(),
  sk: z.string(),
  gpk: z.string().optional(),
  gsk: z.string().optional(),
  rev: z.int().min(1),
};

export const tenantKey = (tenantId: string): RegistryKey => ({ pk: `TENANT#${tenantId}`, sk: "TENANT" });
export const TENANTS_INDEX = "TENANTS";
/** Where the platform's own tenant is found: no list of clinics holds it. */
export const OPERATIONS_INDEX = "OPERATIONS";
export const privacyKey = (tenantId: string): RegistryKey => ({ pk: `PRIVACY#${tenantId}`, sk: "PRIVACY" });
/** In the partition of the privacy settings: whoever may change a clinic's settings reaches both and nothing else. */
export const clinicKey = (tenantId: string): RegistryKey => ({ pk: privacyKey(tenantId).pk, sk: "CLINIC" });
/** When its providers work: beside it, for the same reason. */
export const hoursKey = (tenantId: string): RegistryKey => ({ pk: privacyKey(tenantId).pk, sk: "HOURS" });
export const approvalKey = (approvalId: string): RegistryKey => ({ pk: `APPROVAL#${approvalId}`, sk: "APPROVAL" });
export const userKey = (userId: string): RegistryKey => ({ pk: `USER#${userId}`, sk: "USER" });
export const credentialKey = (userId: string): RegistryKey => ({ pk: `CREDENTIAL#${userId}`, sk: "CREDENTIAL" });
/** A passkey, beside the password. `digest`: SHA-256 of the credential id, hex. */
export const passkeyKey = (userId: string, digest: string): RegistryKey => ({
  pk: `CREDENTIAL#${userId}`,
  sk: `PASSKEY#${digest}`,
});
/** Whose passkey it is: a sign-in by passkey names nobody. */
export const passkeyHolderKey = (digest: string): RegistryKey => ({ pk: `PASSKEY#${digest}`, sk: "PASSKEY" });
/** `digest`: SHA-256 of a challenge or ticket. A copy of the registry answers none. */
export const challengeKey = (digest: string): RegistryKey => ({ pk: `CHALLENGE#${digest}`, sk: "CHALLENGE" });
/** Who and what belongs to a clinic, in a partition of the clinic: whoever administers one reaches no other. */
export const peoplePartition = (tenantId: string): string => `PEOPLE#${tenantId}`;
export const clientKey = (clientId: string, tenantId: string): RegistryKey => ({
  pk: peoplePartition(tenantId),
  sk: `C#${clientId}`,
});
/** A system is known by its id alone where it asks for a token. */
export const clientIndex = (clientId: string): string => `CLIENT#${clientId}`;
export const membershipKey = (userId: string, tenantId: string): RegistryKey => ({
  pk: peoplePartition(tenantId),
  sk: `M#${userId}`,
});
export const membersIndex = (tenantId: string): string => `MEMBERS#${tenantId}`;
/** Written with every change of roles or states in a clinic, so that of two at once one begins again. */
export const rosterKey = (tenantId: string): RegistryKey => ({ pk: peoplePartition(tenantId), sk: "ROSTER" });
/** That a user may be a member of a clinic: where to look. What a member is, the membership says. */
export const belongingKey = (userId: string, tenantId: string): RegistryKey => ({
  pk: userKey(userId).pk,
  sk: `M#${tenantId}`,
});
/** What a clinic knows of its people's accounts: beside the membership, which every zone reads. */
export const accountsPartition = (tenantId: string): string => `ACCOUNT#${tenantId}`;
export const accountKey = (userId: string, tenantId: string): RegistryKey => ({
  pk: accountsPartition(tenantId),
  sk: `A#${userId}`,
});
/** `digest`: SHA-256 of an enrolment code. */
export const enrolmentIndex = (digest: string): string => `ENROLMENT#${digest}`;
/** When its holder last enrolled: beside the credentials, which the session zone alone writes. */
export const enrolledKey = (userId: string): RegistryKey => ({ pk: `CREDENTIAL#${userId}`, sk: "ENROLLED" });
/** What a clinic may know of its people's sign-ins: written by the session zone, read by who administers the clinic. */
export const signInsPartition = (tenantId: string): string => `SIGNINS#${tenantId}`;
export const factorsKey = (userId: string, tenantId: string): RegistryKey => ({
  pk: signInsPartition(tenantId),
  sk: `F#${userId}`,
});
export const lastSignInKey = (userId: string, tenantId: string): RegistryKey => ({
  pk: signInsPartition(tenantId),
  sk: `L#${userId}`,
});
export const signInKey = (userId: string, sessionId: string, tenantId: string): RegistryKey => ({
  pk: signInsPartition(tenantId),
  sk: `S#${userId}#${sessionId}`,
});
/** The one effect of an Idempotency-Key in a clinic's administration. */
export const onceKey = (tenantId: string, digest: string): RegistryKey => ({ pk: `ONCE#${tenantId}`, sk: digest });
/** `digest` is a keyed hash of the login: the registry does not show who has an account. */
export const loginKey = (digest: string): RegistryKey => ({ pk: `LOGIN#${digest}`, sk: "LOGIN" });
export const throttleKey = (digest: string): RegistryKey => ({ pk: `THROTTLE#${digest}`, sk: "THROTTLE" });
/** `digest` is SHA-256 of the session id: a copy of the registry signs nobody in. */
export const sessionKey = (digest: string): RegistryKey => ({ pk: `SESSION#${digest}`, sk: "SESSION" });
export const sessionsIndex = (userId: string): string => `SESSIONS#${userId}`;

export const TenantRow = z.looseObject({
  ...row,
  tenantId: id,
  name: z.string(),
  tier: TierName,
  region: z.string(),
  cell: z.string(),
  status: z.enum(["provisioning", "active", "suspended"]),
  /** Raised by suspension and key revocation: what was cached under a lower epoch is dead. */
  epoch: z.int().min(0),
  createdAtMs: z.int(),
  /** It was made with a checklist: until its settings say that it is live, policy refuses it patients. */
  isGated: z.literal(true).optional(),
  /** The platform's own: its members work on the platform and in no clinic. Made with the stage, and through no route. */
  isOperations: z.literal(true).optional(),
  /** TierDecision as JSON: what was recommended when it was made, and what was chosen. */
  tierDecision: z.string().optional(),
});
export type TenantRow = z.infer<typeof TenantRow> & { tenantId: TenantId };

/**
 * A clinic's privacy settings, in a partition of their own: the role that may change them reaches no tenant, member or
 * session with it.
 */
export const PrivacyRow = z.looseObject({
  ...row,
  tenantId: id,
  ...PrivacySettings.shape,
  /** When a clinic with a checklist was opened. */
  liveSinceMs: z.int().optional(),
});
export type PrivacyRow = z.infer<typeof PrivacyRow>;

/** What a clinic says of itself. Without a time zone nobody has chosen one yet. */
export const ClinicRow = z.looseObject({
  ...row,
  tenantId: id,
  profile: ClinicProfile.optional(),
  timeZone: ClinicTimeZone.shape.timeZone.optional(),
});
export type ClinicRow = z.infer<typeof ClinicRow>;

/** The hours of those providers who have their own, by the id of the Practitioner. */
export const HoursRow = z.looseObject({ ...row, tenantId: id, providers: z.record(z.string(), ProviderHours) });

/** A platform act that waits for a second operator. */
export const ApprovalRow = z.looseObject({
  ...row,
  approvalId: id,
  action: z.string(),
  /** SHA-256 over method, path and body of the request, hex. */
  fingerprint: z.string(),
  requestedBy: id,
  requestedAtMs: z.int(),
  expiresAtMs: z.int(),
  status: z.enum(["open", "used"]),
});

export const UserRow = z.looseObject({
  ...row,
  userId: id,
  status: z.enum(["active", "disabled"]),
});
export type UserRow = z.infer<typeof UserRow>;

/** In a partition of its own, so that the zones that ask whether a user still stands cannot read it. */
export const CredentialRow = z.looseObject({
  ...row,
  userId: id,
  passwordHash: z.string(),
  totpSealed: z.instanceof(Uint8Array),
  /** The last TOTP time step that was used: none may be used twice. */
  totpStep: z.int(),
});
export type CredentialRow = z.infer<typeof CredentialRow> & { userId: UserId };

/** WebAuthn Level 3 4, credential record: what a relying party keeps of a credential. */
export const PasskeyRow = z.looseObject({
  ...row,
  userId: id,
  /** Base64url, as the authenticator gave it. */
  credentialId: z.string(),
  /** COSE. */
  publicKey: z.instanceof(Uint8Array),
  counter: z.int().min(0),
  deviceType: z.enum(["singleDevice", "multiDevice"]),
  backedUp: z.boolean(),
  transports: z.array(z.string()),
  /** What its owner calls it, sealed by the stage: a passkey is one user's and no clinic's. */
  nameSealed: z.instanceof(Uint8Array),
  createdAtMs: z.int(),
  lastUsedAtMs: z.int().optional(),
  status: z.enum(["active", "removed"]),
});
export type PasskeyRow = z.infer<typeof PasskeyRow> & { userId: UserId };

export const PasskeyHolderRow = z.looseObject({ ...row, userId: id });

/** Something that is answered once, for one thing, and soon. */
export const ChallengeRow = z.looseObject({
  ...row,
  for: z.enum(["register", "sign-in", "step-up", "choose", "enrol"]),
  expiresAtMs: z.int(),
  usedAtMs: z.int().optional(),
  /** Who may answer it; undefined for a sign-in, which finds out. */
  userId: id.optional(),
  /** The session, or the enrolment code, that it was asked for in. */
  sessionDigest: z.string().optional(),
  /** Of an enrolment: the TOTP seed that the page shows. */
  totpSealed: z.instanceof(Uint8Array).optional(),
  /** What a step-up is for. */
  act: z.string().optional(),
  /** How the factors of a ticket were shown. */
  by: z.enum(["password", "passkey"]).optional(),
  passkeyId: z.string().optional(),
});
export type ChallengeRow = z.infer<typeof ChallengeRow>;

export const ClientRow = z.looseObject({
  ...row,
  clientId: id,
  name: z.string(),
  tenantId: id,
  /** `backend` where it says nothing: a system that asks for tokens of its own. */
  kind: AppKind.optional(),
  /** JSON; no keys for a public app, which has none. */
  jwks: z.string(),
  /** Of apps that people sign in with: where a code may be sent. */
  redirectUris: z.array(z.string()).optional(),
  /** What its tokens may be used for at most; everything of its kind where it says nothing. */
  scopes: z.array(AppScope).optional(),
  /** What it may work for at all; whatever its roles work for where it says nothing. */
  purposes: z.array(StandingPurpose).optional(),
  /** What the system works for where its request says nothing. */
  purpose: StandingPurpose.optional(),
  registeredAtMs: z.int().optional(),
  status: z.enum(["active", "disabled"]),
});
export type ClientRow = z.infer<typeof ClientRow>;

export const MembershipRow = z.looseObject({
  ...row,
  userId: id,
  tenantId: id,
  roles: z.array(RoleName).min(1),
  /** What the clinic calls the person (`person-words.ts`); systems and apps have names in rows of their own. */
  nameSealed: z.instanceof(Uint8Array).optional(),
  patientId: z.string().optional(),
  practitionerId: z.string().optional(),
  status: z.enum(["active", "disabled"]),
  /** What was signed in here until then is over. */
  signInsEndedAtMs: z.int().optional(),
  /** Whoever has not enrolled since then cannot sign in here. */
  enrolSinceMs: z.int().optional(),
});
export type MembershipRow = z.infer<typeof MembershipRow>;

/** That a user belongs, or belonged, to a clinic. */
export const BelongingRow = z.looseObject({ ...row, userId: id, tenantId: id });

export const LoginRow = z.looseObject({ ...row, userId: id });

export const ThrottleRow = z.looseObject({ ...row, failures: z.int().min(0), lockedUntilMs: z.int() });

export const SessionRow = z.looseObject({
  ...row,
  sessionId: z.string(),
  userId: id,
  tenantId: id,
  assurance: z.enum(["aal1", "aal2", "client"]),
  signedInAtMs: z.int(),
  lastSeenAtMs: z.int(),
  expiresAtMs: z.int(),
  /** What it was declared to be for. */
  purpose: StandingPurpose.optional(),
  /** When both factors were last shown again. */
  steppedUpAtMs: z.int().optional(),
  /** The one request that they were shown for; undefined where they were shown for whatever comes. */
  steppedUpFor: z.string().optional(),
  /** Of a cookie's sign-in, kept by step-ups: names it to its pages without being a secret. */
  tag: z.string().optional(),
  /** What the session goes on as: whoever ends this one ends that one. */
  next: z.string().optional(),
  /** How it began, and on what, from a fixed list of names. */
  by: z.enum(["password", "passkey"]).optional(),
  passkeyId: z.string().optional(),
  browser: z.string().optional(),
  system: z.string().optional(),
  /** `cookie` for the portal, `oauth` for a token grant: the same row ends both. */
  kind: z.enum(["cookie", "oauth"]),
});
export type SessionRow = z.infer<typeof SessionRow> & { userId: UserId; tenantId: TenantId };

/** A registry row that no longer parses is a fault of ours: nobody is let in by a row that we cannot read. */
export function parseRow<T>(schema: z.ZodType<T>, found: RegistryRow): T {
  const parsed = schema.safeParse(found);
  invariant(parsed.success, `a registry row of ${found.sk.split("#")[0] ?? "?"} parses`);
  return parsed.data;
}
