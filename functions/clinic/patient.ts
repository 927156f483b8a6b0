import { noteRecentPatient, recentPatients, searchPatients } from "./patient/find.ts";
import { mergePatients, reviewMerge, unmergePatients } from "./patient/merge.ts";
import { editPatient, readPatient, registerPatient } from "./patient/register.ts";

/** Who the clinic's patients are. */
export const patientHandlers = {
  searchPatients,
  recentPatients,
  noteRecentPatient,
  registerPatient,
  readPatient,
  editPatient,
  reviewMerge,
  mergePatients,
  unmergePatients,
};
