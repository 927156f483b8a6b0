import * as z from "zod";
import { ID_PATTERN } from "../kernel/ids.ts";
import { LoginName, StaffRole } from "./platform.ts";
import type { PurposeCode } from "./purpose.ts";

/** A clinic's people as its administrator keeps them: accounts, roles, sign-ins. No patient is among them. */

const id = z.string().regex(ID_PATTERN);
const roles = z
  .array(StaffRole)
  .min(1)
  .max(5)
  .refine((given) => new Set(given).size === given.length);

export const InvitePerson = z.strictObject({
  displayName: z.string().trim().min(1).max(120),
  login: LoginName,
  roles,
  /** The Practitioner this person is, for who treats. */
  practitionerId: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,64}$/)
    .optional(),
});
export type InvitePerson = z.infer<typeof InvitePerson>;

export const ChangeRoles = z.strictObject({ roles });
export type ChangeRoles = z.infer<typeof ChangeRoles>;

/** What a person could see now, with these roles, or both and the difference. */
export const AskAbilities = z
  .strictObject({ person: id.optional(), roles: roles.optional() })
  .refine(({ person, roles: asked }) => person !== undefined || asked !== undefined);
export type AskAbilities = z.infer<typeof AskAbilities>;

/** How long an enrolment code opens its door: over a weekend. */
export const ENROLMENT_CODE_TTL_MS = 72 * 3_600_000;

export type PersonState =
  /** A code is out that nobody has used. */
  | "invited"
  /** The code has run out. */
  | "lapsed"
  | "active"
  | "ended";

/** What stands in the way of an act on this person, whoever of the administrators asks. */
export const PEOPLE_RULES = [
  "own-access",
  "last-administrator",
  "not-staff",
  "already-ended",
  "not-ended",
  "factors-elsewhere",
] as const;
export type PeopleRule = (typeof PEOPLE_RULES)[number];

export interface PersonSummary {
  readonly id: string;
  readonly name: string;
  /** Unknown of a member of another clinic who joined this one. */
  readonly login?: string;
  readonly roles: readonly string[];
  readonly state: PersonState;
  /** For `If-Match`. */
  readonly version: number;
  readonly isSelf: boolean;
  readonly isPrivacyOfficer: boolean;
  readonly practitionerId?: string;
  readonly lastSignInAt?: string;
  /** Left out where the clinic was never told. */
  readonly factors?: { readonly password: boolean; readonly passkeys: number };
  readonly openSignIns: number;
}

export interface PersonDetail extends PersonSummary {
  /** The newest enrolment code that is still good: never the code itself. */
  readonly code?: { readonly for: "invite" | "reset"; readonly expiresAt: string };
  readonly signIns: readonly {
    readonly id: string;
    readonly since: string;
    readonly lastSeenAt: string;
    readonly browser: string;
    readonly system: string;
    readonly by: "password" | "passkey";
    readonly kind: "portal" | "app";
  }[];
  /** By act, the rule that forbids it; what is not named may be asked for. */
  readonly blocked: Readonly<Partial<Record<PeopleAct, PeopleRule>>>;
}

export const PEOPLE_ACTS = ["roles", "end", "restore", "end-sign-ins", "code"] as const;
export type PeopleAct = (typeof PEOPLE_ACTS)[number];

/** Shown once. The registry keeps its hash. */
export interface CodeView {
  /** Five groups of five characters. */
  readonly code: string;
  readonly expiresAt: string;
}

/** What a summary speaks of: kinds of records as somebody who reads it thinks of them. */
export const REACH_AREAS = ["demographics", "clinical", "segmented", "billing", "directory"] as const;
export type ReachArea = (typeof REACH_AREAS)[number];
export const REACH_ACTS = ["see", "write", "export"] as const;
export type ReachAct = (typeof REACH_ACTS)[number];
/** What has to hold beside the role. */
export const REACH_CONDITIONS = ["always", "relationship", "consent", "emergency", "own-record"] as const;
export type ReachCondition = (typeof REACH_CONDITIONS)[number];

export interface Reach {
  readonly area: ReachArea;
  readonly act: ReachAct;
  readonly purpose: PurposeCode;
  readonly condition: ReachCondition;
  /** `some`: not every kind of record of the area. */
  readonly extent: "all" | "some";
}

/** What is done in a clinic beside reading and writing records. */
export interface Power {
  /** As policy names it. */
  readonly action: string;
  readonly purposes: readonly PurposeCode[];
  /** Both factors are asked for again. */
  readonly needsStepUp: boolean;
}

export interface Abilities {
  readonly reach: readonly Reach[];
  readonly powers: readonly Power[];
}

export interface AbilitiesAnswer {
  /** Of the person as she is; absent where none was named. */
  readonly now?: Abilities;
  /** With the roles that were asked about. */
  readonly wanted?: Abilities;
  readonly gains: Abilities;
  readonly loses: Abilities;
}

export interface AdminPeopleAnswers {
  readonly listStaff: { readonly people: readonly PersonSummary[]; readonly grantable: readonly string[] };
  readonly readPerson: PersonDetail;
  readonly invitePerson: { readonly person: PersonDetail; readonly enrolment?: CodeView };
  readonly changePersonRoles: PersonDetail;
  readonly endAccess: PersonDetail;
  readonly restoreAccess: PersonDetail;
  readonly endPersonSignIns: PersonDetail;
  readonly issueCode: { readonly person: PersonDetail; readonly enrolment?: CodeView };
  readonly askAbilities: AbilitiesAnswer;
}
