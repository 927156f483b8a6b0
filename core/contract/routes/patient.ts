import {
  EditPatient,
  MergePatients,
  NoteRecentPatient,
  RegisterPatient,
  ReviewMerge,
  SearchPatients,
  UnmergePatients,
} from "../patient.ts";
import type { Route } from "../route.ts";
import { clinicRead, clinicWrite } from "../route-kinds.ts";

/** Finding, registering and merging patients. What is searched for stands in a body: a name never stands in a URL. */
export const patientRoutes = {
  searchPatients: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/patients/search",
    action: "patient.search",
    idempotency: "safe",
    body: SearchPatients,
    summary: "Patients by name, birth date, phone or record number, best match first",
  },
  recentPatients: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/patients/recent",
    action: "patient.recent",
    summary: "The patients whom the caller opened last",
  },
  noteRecentPatient: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/patients/recent",
    action: "patient.recent",
    idempotency: "natural",
    body: NoteRecentPatient,
    summary: "The caller opens a patient: she comes first among the recent ones",
  },
  registerPatient: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/patients",
    action: "patient.register",
    body: RegisterPatient,
    summary: "Registers a patient under a new record number, or says who she may be already",
  },
  readPatient: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/patients/{id}",
    action: "patient.read",
    summary: "Who a patient is",
  },
  editPatient: {
    ...clinicWrite,
    method: "PUT",
    path: "/clinic/patients/{id}",
    action: "patient.edit",
    body: EditPatient,
    summary: "Changes who a patient is, over the version that If-Match names",
  },
  reviewMerge: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/patients/{id}/merge/review",
    action: "patient.merge-review",
    idempotency: "safe",
    body: ReviewMerge,
    summary: "Two charts side by side, and what a merge would show on the first",
  },
  mergePatients: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/patients/{id}/merge",
    action: "patient.merge",
    body: MergePatients,
    summary: "Makes one chart of two: the duplicate's shows on this patient's",
  },
  unmergePatients: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/patients/{id}/unmerge",
    action: "patient.unmerge",
    body: UnmergePatients,
    summary: "Takes the merge of this duplicate back",
  },
} as const satisfies Record<string, Route>;
