import type { RecordFailure } from "../record/index.ts";

/** Rules of messages, tasks and results that a careful user can meet. */
export type MessageRule =
  /** Her role writes nothing of that category, or whom it goes to could not open it. */
  | "category-reach"
  /** What is clinical becomes administrative for a reason that stays. */
  | "category-down"
  /** What is about no patient is administrative. */
  | "category-without-patient"
  /** Nobody of the clinic works under that account. */
  | "assignee-unknown"
  /** The task cannot go from where it is to there. */
  | "task-move"
  /** What a task is about is of another patient, or of a category that the task may not name. */
  | "task-link"
  /** It is already past, so that nothing could be put aside until then. */
  | "moment-past"
  /** The clock of the clinic jumps over that time. */
  | "time-skipped"
  /** The clock of the clinic shows that time twice: which of the two has to be said. */
  | "time-doubled"
  /** The day is none of the calendar. */
  | "day-unknown"
  /** The result has been signed off. */
  | "result-reviewed"
  /** Nothing is said of what shall become of the result. */
  | "nothing-asked";

export type MessageFailure = RecordFailure | { readonly kind: "rule"; readonly rule: MessageRule };

export const broken = (rule: MessageRule): { readonly ok: false; readonly error: MessageFailure } => ({
  ok: false,
  error: { kind: "rule", rule },
});
