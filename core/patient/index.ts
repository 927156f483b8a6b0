/** The door of core/patient. */
export { demographicsOf, hasMore, patientFrom, recordNumber, replacedBy, replaces, rowOf } from "./demographics.ts";
export { compare, likenessOf, likenessOfPatient } from "./duplicates.ts";
export { rankOf } from "./find.ts";
export { noteRecent, recentOf } from "./recent.ts";
export { type NextNumber, nextRecordNumber } from "./record-number.ts";
export { readSpoken } from "./spoken.ts";
