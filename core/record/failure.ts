import type { ValidationIssue } from "../fhir/index.ts";
import type { OnPrivacyAlarm, PrivacyAlarm, PrivacyFailure } from "../privacy/index.ts";
import type { ReadFailure, WriteFailure } from "../table/index.ts";

/** Rules of ours that a record breaks. None of them tells whether another tenant has what was asked for. */
export type RecordRule =
  /** A reference names nothing that this tenant has: unknown, deleted and foreign are one answer. */
  | "reference-unresolved"
  /** A reference leaves this server, or was not replaced by the bundle it came in. */
  | "reference-external"
  /** A record does not move between patients: delete it and write it anew. */
  | "patient-changed"
  /** A record of a special category without a patient: nobody could consent to its being seen. */
  | "segmented-without-patient"
  /** What the caller read of it had masked elements, or elements taken out: written back, they would be lost. */
  | "redacted"
  | "one-patient"
  /** A duplicate has one survivor and no duplicates of its own. */
  | "merge-chain"
  /** A note that is locked: it is unlocked first, for a reason. */
  | "note-locked"
  /** A note, or its signature, is written as core/encounter writes it and in no other way. */
  | "note-door"
  /** A document whose content lies with us is written as core/document writes it and in no other way. */
  | "document-door"
  /** Its content is sealed as a special category: a label is not taken from it, it is filed anew. */
  | "document-sealed"
  /** A message, a task of the inbox and a result's review are written as core/message writes them and in no other way. */
  | "inbox-door"
  /** The id has the form that only the server assigns. */
  | "id-reserved"
  /** `If-Match` is needed to change what is there. */
  | "if-match-required";

/** `kind` is the FHIR issue type where one exists: https://hl7.org/fhir/R4/valueset-issue-type.html */
export type RecordFailure =
  | { readonly kind: "not-found" }
  | { readonly kind: "deleted" }
  | {
      readonly kind: "conflict";
      /**
       * `version`: not the version that is there; `exists`: the id is taken; `idempotency`: the key was used for another
       * request; `contended`: others kept writing, nothing was written; `decision`: a consent or a hold changed while the
       * request ran, and nothing was written or is shown; `claimed`: the time that it asks for is taken.
       */
      readonly reason: "version" | "exists" | "idempotency" | "contended" | "decision" | "claimed";
    }
  | { readonly kind: "business-rule"; readonly rule: RecordRule; readonly path?: string }
  /** A Consent that no computer could follow: `rule` and `path` of core/policy/consent. */
  | { readonly kind: "consent"; readonly rule: string; readonly path: string }
  /** A legal hold keeps the patient's records as they are. */
  | { readonly kind: "locked" }
  | { readonly kind: "invalid"; readonly issues: readonly ValidationIssue[] }
  | { readonly kind: "not-supported"; readonly rule: "search-without-patient" | "transaction-mixed-too-large" }
  | {
      readonly kind: "too-costly";
      readonly rule: "search-patients" | "search-size" | "include-size" | "bundle-size" | "relabel-size";
    }
  | { readonly kind: "too-long" }
  /** The grant does not hold the class that the record belongs to. */
  | { readonly kind: "forbidden" }
  | { readonly kind: "invalid-cursor" }
  | { readonly kind: "suspended" }
  | { readonly kind: "throttled" }
  /** Also where the audit event could not be written: no content without an event. */
  | { readonly kind: "unavailable" }
  /** A row that does not open or parse. An alarm went out; the caller learns no more than that it failed. */
  | { readonly kind: "integrity" };

/** One kind of alarm and one meaning of what keys refuse, for records and for what guards them. */
export { keyFailure } from "../privacy/index.ts";
export type RecordAlarm = PrivacyAlarm;
export type OnAlarm = OnPrivacyAlarm;

export function tableFailure(failure: ReadFailure | WriteFailure, onAlarm: OnAlarm): RecordFailure {
  switch (failure.kind) {
    case "denied":
      onAlarm({ kind: "denied", from: "table" });
      return { kind: "unavailable" };
    case "conflict":
      return { kind: "conflict", reason: "version" };
    case "contended":
      return { kind: "conflict", reason: "contended" };
    case "throttled":
    case "unavailable":
    case "too-long":
      return { kind: failure.kind };
  }
}

/** What core/privacy met while it read or sealed a protection: the alarm of it is raised there. */
export const privacyFailure = ({ kind }: PrivacyFailure): RecordFailure =>
  kind === "not-found" || kind === "business-rule" ? { kind: "unavailable" } : { kind };
