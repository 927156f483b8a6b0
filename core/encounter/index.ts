/** The door of core/encounter: visits, their notes, and what these are written with. */
export { startAppointment, startVisit, takeBackStart } from "./begin.ts";
export type { Signer } from "./clinician.ts";
export type { EncounterDesk } from "./desk.ts";
export type { DraftDeps } from "./drafts.ts";
export type { EncounterFailure, EncounterRule } from "./failure.ts";
export { addendNote, discardNote, listUnsigned, startNote } from "./notes.ts";
export { listVersions, readNote } from "./note-reading.ts";
export { checkNote, coSignNote, signNote, unlockNote } from "./signing.ts";
export { changeTemplates, readTemplates } from "./templates.ts";
export { changeVisit, listVisits, readVisit } from "./visits.ts";
export { saveDraft, saveNote } from "./writing.ts";
