import type { DiscardNote, UnlockNote } from "../../../../core/contract/index.ts";

/** The contract's own lists stand in a module of schemas, which no page loads: the types hold these to them. */
export const UNLOCK_REASONS = [
  "correction",
  "missing-content",
  "wrong-patient",
  "signed-too-early",
  "other",
] as const satisfies readonly UnlockNote["reason"]["code"][];
export const DISCARD_REASONS = [
  "not-needed",
  "wrong-visit",
  "wrong-patient",
] as const satisfies readonly DiscardNote["reason"][];
