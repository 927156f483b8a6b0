import type { RouteName } from "../../../../core/contract/index.ts";

/** Answers that a change of a note makes old. */
export const CHANGED_BY_NOTES: readonly RouteName[] = [
  "readNote",
  "listNoteVersions",
  "checkNote",
  "readVisit",
  "listVisits",
  "listUnsigned",
];
