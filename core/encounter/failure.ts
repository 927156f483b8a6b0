import type { RecordFailure } from "../record/index.ts";

/** Rules of visits and notes that a careful user can meet. */
export type EncounterRule =
  /** The visit cannot go from where it is to there. */
  | "visit-change"
  /** The appointment is of another patient, or was cancelled. */
  | "visit-appointment"
  /** What was written at the visit says that it was: it is not taken back. */
  | "visit-written"
  /** No note is begun at a visit that has not begun, or that was cancelled. */
  | "visit-without-notes"
  /** In its state, the note is not for this person to do that to. */
  | "note-act"
  /** A check stands between the note and a signature. */
  | "note-checks"
  /** A text names a section that the note does not have. */
  | "note-section"
  | "template-unknown";

export type EncounterFailure = RecordFailure | { readonly kind: "rule"; readonly rule: EncounterRule };

export const broken = (rule: EncounterRule): { readonly ok: false; readonly error: EncounterFailure } => ({
  ok: false,
  error: { kind: "rule", rule },
});
