import type { KeyFailure } from "../crypto/index.ts";
import type { DocumentFailure } from "../document/index.ts";
import type { PrivacyFailure } from "../privacy/index.ts";
import type { RecordFailure } from "../record/index.ts";
import type { ReadFailure, WriteFailure } from "../table/index.ts";

/** What an export can meet. `kind` is the FHIR issue type where one exists. */
export type ExportFailure =
  /** Unknown, another clinic's, another member's, or dead: one answer for all. */
  | { readonly kind: "not-found" }
  | { readonly kind: "forbidden" }
  | { readonly kind: "business-rule"; readonly rule: ExportRule }
  /** Somebody else changed it first. */
  | { readonly kind: "conflict" }
  | { readonly kind: "suspended" }
  | { readonly kind: "throttled" }
  | { readonly kind: "unavailable" }
  | { readonly kind: "integrity" };

export type ExportRule =
  /** Too many exports are open, the member's own or the clinic's. */
  "export-limit" | "export-state" | "second-person" | "approval-expired" | "approval-decided" | "approval-other";

const PASSED_ON = ["second-person", "approval-expired", "approval-decided"] as const;

export function fromPrivacy(failure: PrivacyFailure): ExportFailure {
  switch (failure.kind) {
    case "business-rule":
      return {
        kind: "business-rule",
        rule: PASSED_ON.find((rule) => rule === failure.rule) ?? "approval-other",
      };
    case "too-long":
      return { kind: "unavailable" };
    case "not-found":
    case "suspended":
    case "throttled":
    case "unavailable":
    case "integrity":
      return { kind: failure.kind };
  }
}

/** A record's failure that says nothing of the record itself, as an export meets it. */
export function fromRecord({ kind }: RecordFailure): ExportFailure {
  if (kind === "suspended" || kind === "throttled" || kind === "unavailable") return { kind };
  return kind === "conflict" ? { kind: "conflict" } : { kind: "integrity" };
}

/** A content's failure, once its record has said that it opens. */
export const fromDocument = (failure: DocumentFailure): ExportFailure =>
  failure.kind === "rule" || failure.kind === "file" ? { kind: "integrity" } : fromRecord(failure);

export function fromTable({ kind }: ReadFailure | WriteFailure): ExportFailure {
  if (kind === "conflict" || kind === "contended") return { kind: "conflict" };
  return { kind: kind === "throttled" ? "throttled" : "unavailable" };
}

export function fromKey({ kind }: KeyFailure): ExportFailure {
  if (kind === "suspended" || kind === "shredded") return { kind: "suspended" };
  return { kind: kind === "throttled" ? "throttled" : "unavailable" };
}
