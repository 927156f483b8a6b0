import {
  addendNote,
  checkNote,
  coSignNote,
  discardNote,
  listNoteVersions,
  listUnsigned,
  readNote,
  saveDraft,
  saveNote,
  signNote,
  startNote,
  unlockNote,
} from "./encounter/notes.ts";
import { changeTemplates, readTemplates } from "./encounter/templates.ts";
import { changeVisit, listVisits, readVisit, openVisit } from "./encounter/visits.ts";

/** Visits, notes and their templates. */
export const encounterHandlers = {
  openVisit,
  readVisit,
  changeVisit,
  listVisits,
  startNote,
  readNote,
  listNoteVersions,
  checkNote,
  saveDraft,
  saveNote,
  signNote,
  coSignNote,
  addendNote,
  unlockNote,
  discardNote,
  listUnsigned,
  readTemplates,
  changeTemplates,
};
