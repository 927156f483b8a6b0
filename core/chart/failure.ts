import type { RecordFailure } from "../record/index.ts";

/** What a chart refuses to take, each with the field of the request that it is about. */
export type FieldRule =
  | "code-unknown"
  | "date-future"
  | "date-before-birth"
  | "lot-required"
  | "refusal-required"
  | "not-given-detail"
  | "vital-impossible"
  | "vital-unlikely"
  | "vital-order"
  | "vital-twice"
  | "vital-exists"
  | "vital-measure"
  | "time-skipped"
  | "reason-needed"
  | "reconcile-missing"
  | "reconcile-changed"
  | "reconcile-unknown"
  | "reconcile-other-list"
  | "reconcile-dosage"
  | "reconcile-none-known";

export interface FieldIssue {
  readonly path: string;
  readonly rule: FieldRule;
}

/** What contradicts something that stands in the chart. */
export type ChartRule =
  /** An active allergy stands against the statement that none is known. */
  | "allergy-recorded"
  /** Somebody stated that no allergies are known: say that this ends it. */
  | "none-known-stated"
  /** The same is on the list already and active. */
  | "already-listed"
  | "move-not-allowed"
  | "not-editable";

export type ChartFailure =
  | RecordFailure
  | { readonly kind: "fields"; readonly issues: readonly FieldIssue[] }
  | { readonly kind: "chart"; readonly rule: ChartRule };

export const fieldFailure = (path: string, rule: FieldRule) => ({ kind: "fields", issues: [{ path, rule }] }) as const;
export const chartFailure = (rule: ChartRule) => ({ kind: "chart", rule }) as const;
