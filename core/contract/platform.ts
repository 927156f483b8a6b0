import * as z from "zod";
import { ID_PATTERN } from "../kernel/ids.ts";
import { PlaceName } from "./place-name.ts";
import { StandingPurpose } from "./purpose.ts";

/** Requests and answers of the platform zone: operators create tenants and members. No PHI passes here. */

const id = z.string().regex(ID_PATTERN);

/** Isolation tiers are data: what each means is in core/tenant/tiers.ts. */
export const TierName = z.enum(["pooled", "own-keys", "own-cell", "own-stack"]);
export type TierName = z.infer<typeof TierName>;

/** The roles that a membership can carry. */
export const RoleName = z.enum([
  "physician",
  "nurse",
  "front-desk",
  "billing",
  "clinic-administrator",
  "auditor",
  "patient",
  "finance",
  "platform-operator",
  "support",
  "integration",
  "assistant",
  "referral-partner",
]);
export type RoleName = z.infer<typeof RoleName>;

/**
 * What a client may be. Two are no person: `assistant` acts for a member who delegates, `referral-partner` is the system of
 * another clinic.
 */
const ClientRole = RoleName.exclude(["platform-operator"]);
/** What a clinic's administrator or an operator may give: operators are made with the stage, never through a clinic. */
const MemberRole = ClientRole.exclude(["assistant", "referral-partner"]);
/**
 * What a clinic's administrator may give a person: no patient's account, which hangs on a Patient, no system's role and
 * none of the platform's own people.
 */
export const StaffRole = MemberRole.exclude(["patient", "integration", "support", "finance"]);
export type StaffRole = z.infer<typeof StaffRole>;
/** What a clinic's administrator may let a system be. */
export const AppRole = RoleName.extract(["integration", "assistant", "referral-partner"]);
export type AppRole = z.infer<typeof AppRole>;

/** Under which somebody signs in. */
export const LoginName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@+-]{1,99}$/);
/** NIST SP 800-63B-4 3.1.1.1: at least 8 with a second factor; no composition rules. */
export const NewPassword = z.string().min(12).max(256);
const practitionerId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);

/** A public key (JWK, ES256) that verifies a client's `private_key_jwt`. */
export const PublicJwk = z.strictObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.base64url().length(43),
  y: z.base64url().length(43),
  kid: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\w-]+$/),
  use: z.literal("sig").optional(),
  alg: z.literal("ES256").optional(),
});
export type PublicJwk = z.infer<typeof PublicJwk>;
/** Few enough to be looked through: one in use, one to come, and what is being taken out. */
export const MAX_KEYS = 4;

/** A profile of the tenancy decision record: core/cost/tenancy.ts. */
const profile = z.string().regex(/^[a-z-]{1,40}$/);

export const CreateTenant = z.strictObject({
  name: PlaceName(120),
  tier: TierName.default("pooled"),
  region: z
    .string()
    .regex(/^[a-z]{2}-[a-z]+-\d$/)
    .default("us-east-1"),
  /**
   * `after-checklist`: no patient is taken in before the clinic's administrator has settled its privacy and opened it.
   * Absent or `at-once` for a demonstration, a test, or a clinic that moves in with its settings.
   */
  goLive: z.enum(["at-once", "after-checklist"]).optional(),
  /** What kind of clinic it is: its tier is weighed by that, and the decision is kept with it. */
  profile: profile.optional(),
});
export type CreateTenant = z.infer<typeof CreateTenant>;

/** What was recommended for a clinic when it was made, and what was chosen. Prices are USD a month. */
export const TierDecision = z.strictObject({
  decisionId: z.string(),
  decidedOn: z.iso.date(),
  profile,
  because: z.string(),
  recommended: TierName,
  recommendedPrice: z.string(),
  chosen: TierName,
  chosenPrice: z.string(),
  priceListId: z.string(),
  planId: z.string(),
});
export type TierDecision = z.infer<typeof TierDecision>;

/** The recommended tier of a profile with its price, and every other beside it. */
export interface TierAdviceView {
  readonly decisionId: string;
  readonly decidedOn: string;
  readonly profile: string;
  readonly name: string;
  readonly because: string;
  readonly recommended: TierName;
  readonly priceListId: string;
  readonly planId: string;
  readonly tiers: readonly (TierDecided & {
    /** What it costs us. */
    readonly cost: string;
  })[];
}

/** A tier as it was decided on, and what it is sold for. */
export interface TierDecided {
  readonly tier: TierName;
  readonly isolation: string;
  readonly operations: string;
  readonly migration: string;
  readonly risk: string;
  readonly price: string;
  readonly isPlaceable: boolean;
}

export const TenantView = z.strictObject({
  id,
  name: z.string(),
  tier: TierName,
  region: z.string(),
  cell: z.string(),
  status: z.enum(["provisioning", "active", "suspended"]),
  createdAt: z.iso.datetime(),
  /** Where its profile was said. */
  decision: TierDecision.optional(),
});
export type TenantView = z.infer<typeof TenantView>;

export const AddUser = z.strictObject({
  login: LoginName,
  displayName: z.string().trim().min(1).max(120),
  roles: z.array(MemberRole).min(1).max(5),
  /** The Patient this user is, for the patient role. */
  patientId: id.optional(),
  /** The Practitioner this user is: authorship and the treatment relationship go by it. */
  practitionerId: practitionerId.optional(),
  password: NewPassword,
});
export type AddUser = z.infer<typeof AddUser>;

export const AddClient = z.strictObject({
  name: z.string().trim().min(1).max(120),
  roles: z.array(ClientRole).min(1).max(5),
  /** What it works for, where a request of it says nothing. */
  purpose: StandingPurpose.optional(),
  /** What verifies the client's `private_key_jwt`. */
  jwks: z.strictObject({ keys: z.array(PublicJwk).min(1).max(MAX_KEYS) }),
});
export type AddClient = z.infer<typeof AddClient>;

export const KeyView = z.strictObject({
  class: z.enum(["C", "S", "B", "D", "X", "A", "U"]),
  version: z.int(),
  state: z.enum(["ACTIVE", "DECRYPT_ONLY", "SUSPENDED", "SHREDDED"]),
  createdAt: z.iso.datetime(),
});
export type KeyView = z.infer<typeof KeyView>;
