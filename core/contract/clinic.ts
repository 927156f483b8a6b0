import * as z from "zod";
import { ID_PATTERN } from "../kernel/ids.ts";
import { RoleName } from "./platform.ts";
import { PurposeCode, StandingPurpose } from "./purpose.ts";

/**
 * Requests and answers of the clinic zone: what a clinic decides about its own charts. Views, exports and the audit
 * trail have their bodies beside their own domains.
 */

const id = z.string().regex(ID_PATTERN);
/** FHIR R4 datatypes.html#id. */
const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);
const freeText = z.string().trim().min(10).max(500);

/**
 * Why something administrative is done: the first part of the `x-reason` header. Codes go into events in the clear and
 * so say nothing of a patient.
 */
export const ADMINISTRATIVE_REASONS = [
  "onboarding",
  "staff-change",
  "clinic-request",
  "legal-obligation",
  "security-incident",
  "maintenance",
  "correction",
] as const;
export type AdministrativeReason = (typeof ADMINISTRATIVE_REASONS)[number];

/** An IANA name with the rules of its place: an offset such as `+05:00` knows no daylight saving time. */
export function isTimeZone(name: string): boolean {
  try {
    return (
      /^[A-Z]/i.test(name) && new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== ""
    );
  } catch {
    return false;
  }
}

/** `open`: a clinician of the clinic may read its charts. `required`: only with an appointment, encounter or care team. */
export const PrivacySettings = z.strictObject({
  relationship: z.enum(["open", "required"]),
  /** Members who are told of emergencies and review them. */
  privacyOfficers: z.array(id).max(20),
});
export type PrivacySettings = z.infer<typeof PrivacySettings>;

/** Signals that the watch cannot give, because the clinic did not set what they go by: hours on a clock that it chose. */
export const notWatched = ({ isTimeZoneSet }: { readonly isTimeZoneSet: boolean }): readonly "off-hours"[] =>
  isTimeZoneSet ? [] : ["off-hours"];

/** What a clinic has that never chose. */
export const DEFAULT_PRIVACY: PrivacySettings = { relationship: "open", privacyOfficers: [] };

/** Why a chart is opened in an emergency. The circumstances go into the text, which is sealed. */
export const EMERGENCY_REASONS = [
  "immediate-care",
  "cannot-consent",
  "responsible-clinician-absent",
  "public-health",
  "other",
] as const;

export const BREAK_GLASS_MAX_MINUTES = 60;

export const BeginBreakGlass = z.strictObject({
  patient: recordId,
  reason: z.strictObject({ code: z.enum(EMERGENCY_REASONS), text: freeText }),
  minutes: z.int().min(1).max(BREAK_GLASS_MAX_MINUTES).default(BREAK_GLASS_MAX_MINUTES),
});
export type BeginBreakGlass = z.infer<typeof BeginBreakGlass>;

export const BreakGlassView = z.strictObject({
  id,
  user: id,
  patient: recordId,
  reason: z.strictObject({ code: z.enum(EMERGENCY_REASONS), text: z.string() }),
  beganAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** Before its time, by hand. */
  endedAt: z.iso.datetime().optional(),
  state: z.enum(["active", "ended", "reviewed"]),
  review: z.strictObject({ by: id, at: z.iso.datetime(), outcome: z.string(), text: z.string() }).optional(),
});
export type BreakGlassView = z.infer<typeof BreakGlassView>;

export const ReviewBreakGlass = z.strictObject({
  outcome: z.enum(["justified", "unjustified", "follow-up"]),
  text: freeText,
});
export type ReviewBreakGlass = z.infer<typeof ReviewBreakGlass>;

const PLACEMENT_REASONS = ["litigation", "investigation", "regulator", "dispute", "preservation"] as const;
const RELEASE_REASONS = ["matter-closed", "court-order", "placed-in-error"] as const;

/** `frozen`: what stands in the chart stays, and new records are added. `restricted`: and only those who must read it. */
export const PlaceHold = z.strictObject({
  patient: recordId,
  mode: z.enum(["frozen", "restricted"]),
  reason: z.strictObject({ code: z.enum(PLACEMENT_REASONS), text: freeText }),
});
export type PlaceHold = z.infer<typeof PlaceHold>;

export const HoldView = z.strictObject({
  id,
  patient: recordId,
  mode: z.enum(["frozen", "restricted"]),
  reason: z.strictObject({ code: z.string(), text: z.string() }),
  placedBy: id,
  placedAt: z.iso.datetime(),
});
export type HoldView = z.infer<typeof HoldView>;

export const ReleaseHold = z.strictObject({
  reason: z.strictObject({ code: z.enum(RELEASE_REASONS), text: freeText }),
  /** The request that is approved by this one: of another person, for this patient. */
  approval: id.optional(),
});
export type ReleaseHold = z.infer<typeof ReleaseHold>;

/** What an assistant may do for the member who asks, and until when. An emergency is never delegated. */
export const GrantDelegation = z.strictObject({
  client: id,
  purposes: z
    .array(StandingPurpose.exclude(["PATRQT"]))
    .min(1)
    .max(5),
  /** Absent: every patient whom the member may reach. */
  patients: z.array(recordId).min(1).max(200).optional(),
  days: z.int().min(1).max(90).default(30),
});
export type GrantDelegation = z.infer<typeof GrantDelegation>;

export const DelegationView = z.strictObject({
  id,
  client: id,
  user: id,
  purposes: z.array(PurposeCode),
  patients: z.array(recordId).optional(),
  grantedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().optional(),
});
export type DelegationView = z.infer<typeof DelegationView>;

/** A FHIR Consent that is not stored, and the patient whose chart it would rule. */
export const PreviewConsent = z.strictObject({
  patient: recordId,
  consent: z.looseObject({ resourceType: z.literal("Consent") }),
});
export type PreviewConsent = z.infer<typeof PreviewConsent>;

/** What waits for a second person. */
export const ApprovalView = z.strictObject({
  approval: id,
  action: z.string(),
  requestedBy: id,
  requestedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

const byClass = z.strictObject({ C: z.boolean(), S: z.boolean(), B: z.boolean(), D: z.boolean() });

/** What a role reads of a chart for a purpose, by class, before and after a consent. `text` is for people. */
export const ConsentEffect = z.strictObject({
  role: RoleName,
  purpose: PurposeCode,
  before: byClass,
  after: byClass,
  isChanged: z.boolean(),
  text: z.string(),
});
export type ConsentEffect = z.infer<typeof ConsentEffect>;
