import type { AdminAppAnswers } from "./admin-apps.ts";
import type { AdminPeopleAnswers } from "./admin-people.ts";
import type { ChartAnswers } from "./chart.ts";
import type { ConsentAnswers } from "./consent.ts";
import type { DocumentAnswers } from "./document.ts";
import type { EncounterAnswers } from "./encounter.ts";
import type { FinanceAnswers, StatementAnswers } from "./finance.ts";
import type { GovernAnswers } from "./govern.ts";
import type { InboxAnswers } from "./inbox.ts";
import type { ClinicProfileAnswers } from "./clinic-profile.ts";
import type { PatientAnswers } from "./patient.ts";
import type { PatientPortalAnswers } from "./patient-portal.ts";
import type { RouteName } from "./routes.ts";
import type { ScheduleAnswers } from "./schedule.ts";
import type { SessionAnswers } from "./session.ts";

/** What each route answers on success, by name: a part for each domain. FHIR's own routes answer resources. */
export type Answers = SessionAnswers &
  AdminAppAnswers &
  AdminPeopleAnswers &
  ChartAnswers &
  ConsentAnswers &
  DocumentAnswers &
  EncounterAnswers &
  FinanceAnswers &
  StatementAnswers &
  GovernAnswers &
  InboxAnswers &
  ClinicProfileAnswers &
  ScheduleAnswers &
  PatientAnswers &
  PatientPortalAnswers;

/** `unknown` for a route whose answer no screen of ours reads. */
export type AnswerOf<N extends RouteName> = N extends keyof Answers ? Answers[N] : unknown;
