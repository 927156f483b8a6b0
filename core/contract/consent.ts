import * as z from "zod";
import { ID_PATTERN } from "../kernel/ids.ts";
import { RoleName } from "./platform.ts";
import { PurposeCode } from "./purpose.ts";

/**
 * The portal's consent forms: what a person fills in, and what the clinic is told of it. What a form says as a FHIR Consent
 * is for core/consent to write; what it changes is for core/policy/consent to judge.
 */

const id = z.string().regex(ID_PATTERN);
const words = (max: number) => z.string().trim().min(1).max(max);
/** A day of the clinic's calendar. */
const day = z.iso.date();

export const CONSENT_FORMS = ["share", "restrict", "substance-use", "research", "therapy-notes"] as const;
export type ConsentFormName = (typeof CONSENT_FORMS)[number];

/** Who receives, or may not receive: a member by the account, a role, or a system of this or another organization. */
const Person = z.strictObject({ kind: z.literal("person"), id });
const ByRole = z.strictObject({
  kind: z.literal("role"),
  role: RoleName.extract(["physician", "nurse", "front-desk", "billing"]),
});
const System = z.strictObject({ kind: z.literal("system"), id });
const Recipient = z.discriminatedUnion("kind", [Person, ByRole, System]);
export type ConsentRecipient = z.infer<typeof Recipient>;
const recipients = z.array(Recipient).min(1).max(10);

/** What may be shared: ordinary parts of a chart, and special categories by their sensitivity label. */
export const SHARED_PARTS = [
  "clinical",
  "billing",
  "mental-health",
  "hiv",
  "sexual-health",
  "genetic",
  "violence",
] as const;
export type SharedPart = (typeof SHARED_PARTS)[number];
/** What may be kept from somebody. `everything` is all of the chart. */
export const RESTRICTED_PARTS = ["everything", "clinical", "billing", "protected"] as const;
export type RestrictedPart = (typeof RESTRICTED_PARTS)[number];

const CARE_PURPOSES = ["TREAT", "HPAYMT", "HOPERAT"] as const;
const purposes = z.array(z.enum(CARE_PURPOSES)).min(1).max(3);

/**
 * Whose word it is, and how it was given. `paper`: signed on paper that the clinic keeps; `in-person`: said and signed in
 * front of who records it; `electronic`: signed electronically elsewhere.
 */
export const ConsentSignature = z.strictObject({
  kind: z.enum(["paper", "in-person", "electronic"]),
  signedOn: day,
  by: z.enum(["patient", "representative"]),
  /** Of a representative: her name and by what right she signs, 45 CFR 164.508(c)(1)(vi). */
  representative: z.strictObject({ name: words(120), authority: words(200) }).optional(),
});
export type ConsentSignature = z.infer<typeof ConsentSignature>;

/** From the first day on, through the last; without one until it is revoked. */
const Period = z.strictObject({ from: day.optional(), until: day.optional() });
const common = { signature: ConsentSignature, period: Period.default({}) };

export const ShareForm = z.strictObject({
  form: z.literal("share"),
  ...common,
  recipients,
  parts: z.array(z.enum(SHARED_PARTS)).min(1).max(SHARED_PARTS.length),
  purposes,
});
export const RestrictForm = z.strictObject({
  form: z.literal("restrict"),
  ...common,
  recipients,
  part: z.enum(RESTRICTED_PARTS),
});
/** The elements of 42 CFR 2.31(a), each of them: a form in which one is missing is no consent (2.31(c)). */
export const SubstanceUseForm = z.strictObject({
  form: z.literal("substance-use"),
  ...common,
  /** Who may disclose: the clinic, or the general designation of a part of it. 2.31(a)(2). */
  discloser: words(200),
  /** How much and what kind, with an explicit description of the substance use disorder information. 2.31(a)(3). */
  description: words(500),
  recipients,
  purposes,
  /** When it ends, where no day is named: 2.31(a)(7). */
  expiry: z.enum(["on-day", "end-of-treatment", "none"]),
  /** What she was told: her right to revoke, that it may be redisclosed, what refusing means. 2.31(a)(6), (a)(10). */
  told: z.strictObject({ revocation: z.literal(true), redisclosure: z.literal(true), refusal: z.literal(true) }),
});
export const ResearchForm = z.strictObject({
  form: z.literal("research"),
  ...common,
  /** Which study, as its participants know it. */
  study: words(200),
  recipients,
  parts: z.array(z.enum(SHARED_PARTS)).min(1).max(SHARED_PARTS.length),
  expiry: z.enum(["on-day", "end-of-study", "none"]),
});
/**
 * Psychotherapy notes alone. Notes of substance use disorder counseling carry that label too, and open where a consent of
 * each form names the person: neither may stand in for the other, 42 CFR 2.31(b).
 */
export const TherapyNotesForm = z.strictObject({
  form: z.literal("therapy-notes"),
  ...common,
  recipients: z.array(Person).min(1).max(3),
  purposes,
});

/** The forms as one request. What belongs together in one of them is said by the path of the field that is wrong. */
export const RecordConsent = z
  .discriminatedUnion("form", [ShareForm, RestrictForm, SubstanceUseForm, ResearchForm, TherapyNotesForm])
  .superRefine((form, context) => {
    const refuse = (path: readonly string[]): void => context.addIssue({ code: "custom", path: [...path] });
    const { from, until } = form.period;
    if (from !== undefined && until !== undefined && until < from) refuse(["period", "until"]);
    const isRepresented = form.signature.by === "representative";
    if (isRepresented !== (form.signature.representative !== undefined)) refuse(["signature", "representative"]);
    if ("expiry" in form && (form.expiry === "on-day") !== (until !== undefined)) refuse(["period", "until"]);
  });
export type RecordConsent = z.infer<typeof RecordConsent>;

/** What would change: with a new consent, or without one that stands. */
export const PreviewConsentForm = z.union([
  z.strictObject({ record: RecordConsent }),
  z.strictObject({ revoke: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/) }),
]);
export type PreviewConsentForm = z.infer<typeof PreviewConsentForm>;

export const REVOCATION_REASONS = [
  "patient-request",
  "representative-request",
  "recorded-in-error",
  "replaced",
] as const;

export const RevokeConsent = z.strictObject({
  /** The version that the page showed. */
  version: z.int().min(1),
  reason: z.strictObject({ code: z.enum(REVOCATION_REASONS), text: z.string().trim().max(500).optional() }),
});
export type RevokeConsent = z.infer<typeof RevokeConsent>;

/**
 * `active`; `expires`: it is, and ends within thirty days; `upcoming`: it begins on a later day; `expired`; `revoked`;
 * `not-computed`: it stands and cannot be computed, so that it denies everything; `no-effect`: not about information.
 */
export type ConsentState = "active" | "expires" | "upcoming" | "expired" | "revoked" | "not-computed" | "no-effect";

/** Whom a statement names, resolved where the reader may know members. */
export interface ConsentParty {
  readonly kind: "person" | "role" | "system" | "clinic" | "other-organization" | "team" | "patient" | "anyone";
  readonly id?: string;
  readonly name?: string;
}

/** One thing that a consent says. Empty lists: no limit. */
export interface ConsentStatement {
  readonly effect: "permit" | "deny";
  readonly parties: readonly ConsentParty[];
  readonly classes: readonly ("C" | "S" | "B" | "D")[];
  readonly types: readonly string[];
  /** Sensitivity labels of v3-ActCode. */
  readonly labels: readonly string[];
  readonly purposes: readonly PurposeCode[];
  /** Single records, authors or times of data are named besides. */
  readonly isNarrower: boolean;
}

export interface ConsentView {
  readonly id: string;
  readonly version: number;
  readonly state: ConsentState;
  /** Absent where it was not recorded with one of our forms. */
  readonly form?: ConsentFormName;
  readonly statements: readonly ConsentStatement[];
  readonly from?: string;
  readonly until?: string;
  readonly signature?: ConsentSignature;
  /** Words of the form that are no rule: a study's name, a discloser, a description. */
  readonly words: readonly {
    readonly field: "study" | "discloser" | "description" | "expiry";
    readonly text: string;
  }[];
  readonly recordedBy?: ConsentParty;
  readonly recordedAt: string;
  readonly revocation?: {
    readonly at: string;
    readonly by?: ConsentParty;
    readonly reason: string;
    readonly text?: string;
  };
}

export interface ConsentListAnswer {
  readonly patient: string;
  readonly consents: readonly ConsentView[];
  /** `frozen` or `restricted`: nothing that stands may be changed, and a new one may be added. */
  readonly hold?: "frozen" | "restricted";
  readonly mayRevoke: boolean;
}

/** A form as the portal offers it. `law` is the source of what it asks for. */
export interface ConsentFormView {
  readonly form: ConsentFormName;
  readonly effect: "permit" | "deny";
  readonly law: string;
  readonly mayRecord: boolean;
}

export interface ConsentFormsAnswer {
  readonly forms: readonly ConsentFormView[];
  /** Whom a form can name. */
  readonly people: readonly { readonly id: string; readonly name: string; readonly roles: readonly string[] }[];
  readonly systems: readonly { readonly id: string; readonly name: string; readonly isPartner: boolean }[];
}

/** Parts of a chart by which an effect is told. */
export const CHART_PARTS = [
  "clinical",
  "billing",
  "demographics",
  "mental-health",
  "hiv",
  "sexual-health",
  "genetic",
  "violence",
  "substance-use",
  "therapy-notes",
] as const;
export type ChartPart = (typeof CHART_PARTS)[number];

/** What changes for one person, or for a role of whom nobody is named. `gains` and `loses` are never both empty. */
export interface EffectOnParty {
  readonly party: ConsentParty;
  readonly roles: readonly string[];
  readonly purpose: PurposeCode;
  readonly gains: readonly ChartPart[];
  readonly loses: readonly ChartPart[];
}

export interface ConsentPreviewAnswer {
  readonly patient: string;
  readonly effects: readonly EffectOnParty[];
  /** How many people and systems were asked about. */
  readonly considered: number;
  /** The patient herself keeps her own record whatever it says: 45 CFR 164.524. */
  readonly isChanged: boolean;
}

export interface ConsentAnswers {
  readonly listConsentForms: ConsentFormsAnswer;
  readonly listConsents: ConsentListAnswer;
  readonly recordConsent: ConsentView;
  readonly previewConsentForm: ConsentPreviewAnswer;
  readonly revokeConsent: ConsentView;
}
