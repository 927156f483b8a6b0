/** Codes that forms of a chart offer: without any schema, because a browser reads them too. */

export const SEVERITIES = ["mild", "moderate", "severe"] as const;
export const PROBLEM_VERIFICATIONS = ["confirmed", "provisional", "differential", "unconfirmed"] as const;
export const ALLERGY_TYPES = ["allergy", "intolerance"] as const;
export const ALLERGY_CATEGORIES = ["medication", "food", "environment", "biologic"] as const;
export const CRITICALITIES = ["low", "high", "unable-to-assess"] as const;
export const ALLERGY_VERIFICATIONS = ["confirmed", "unconfirmed"] as const;
/** `prescribed`: ordered in a clinic, a MedicationRequest. `reported`: what she says that she takes, a MedicationStatement. */
export const MEDICATION_KINDS = ["prescribed", "reported"] as const;
export const IMMUNIZATION_STATUSES = ["completed", "not-done"] as const;
export const IMMUNIZATION_SOURCES = ["here", "reported"] as const;
export const LISTS = ["problems", "allergies", "medications", "immunizations"] as const;
export type ListName = (typeof LISTS)[number];
export const MOVES = [
  "resolve",
  "inactivate",
  "reactivate",
  "refute",
  "hold",
  "resume",
  "stop",
  "complete",
  "restart",
  "enter-in-error",
] as const;
export type Move = (typeof MOVES)[number];
