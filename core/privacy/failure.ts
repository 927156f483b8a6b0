import type { KeyFailure } from "../crypto/index.ts";
import type { ReadFailure, WriteFailure } from "../table/index.ts";

/** Rules of ours that a request breaks. */
export type PrivacyRule =
  /** Nobody but a physician or a nurse opens a chart in an emergency, and no system does. */
  | "break-glass-role"
  /** One to sixty minutes. */
  | "break-glass-duration"
  /** One emergency at a time, for one member and one patient. */
  | "break-glass-open"
  | "break-glass-ended"
  /** It is looked at when it is over. */
  | "break-glass-not-ended"
  | "reviewed"
  /** Who did it does not judge it, and who asks does not approve. */
  | "second-person"
  | "hold-exists"
  | "no-hold"
  | "delegation-duration"
  | "delegation-purpose"
  | "delegation-ended"
  | "approval-expired"
  | "approval-decided"
  | "approval-not-approved"
  | "approval-used"
  /** What is done is not what was approved. */
  | "approval-other";

/** `kind` is the FHIR issue type where one exists: https://hl7.org/fhir/R4/valueset-issue-type.html */
export type PrivacyFailure =
  | { readonly kind: "not-found" }
  | { readonly kind: "business-rule"; readonly rule: PrivacyRule }
  | { readonly kind: "suspended" }
  | { readonly kind: "throttled" }
  | { readonly kind: "unavailable" }
  | { readonly kind: "too-long" }
  /** A row that does not open or parse. */
  | { readonly kind: "integrity" };

/** What somebody has to look at. Names of faults, never content. */
export type PrivacyAlarm =
  | { readonly kind: "integrity"; readonly fault: string }
  | { readonly kind: "denied"; readonly from: "table" | "keys" }
  | { readonly kind: "key"; readonly cause: KeyFailure["kind"] };

export type OnPrivacyAlarm = (alarm: PrivacyAlarm) => void;

export function readFailure(failure: ReadFailure | WriteFailure, onAlarm: OnPrivacyAlarm): PrivacyFailure {
  if (failure.kind === "denied") onAlarm({ kind: "denied", from: "table" });
  return { kind: failure.kind === "throttled" ? "throttled" : "unavailable" };
}

/** What a key that cannot be had means for the request. Its alarm goes out here. */
export function keyFailure(
  { kind }: KeyFailure,
  onAlarm: OnPrivacyAlarm,
): { readonly kind: "suspended" | "throttled" | "unavailable" } {
  switch (kind) {
    case "suspended":
    case "throttled":
    case "unavailable":
      return { kind };
    case "stale":
      // The request began before a suspension or rotation: begun again, it learns of it.
      return { kind: "unavailable" };
    case "forbidden":
      onAlarm({ kind: "denied", from: "keys" });
      return { kind: "unavailable" };
    case "shredded":
    case "expired":
    case "not-found":
      onAlarm({ kind: "key", cause: kind });
      return { kind: kind === "shredded" ? "suspended" : "unavailable" };
  }
}
