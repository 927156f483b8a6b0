/** The door of core/schedule. */
export { addDays, clinicDay, dayBounds, parseDay, utcDaysOf } from "./clinic-time.ts";
export { appointmentView, type BoardInput, clockTime, dayView, type SeenPatient, seenPatient } from "./day.ts";
export { type FreeTimeFound, freeTimes, spanOf } from "./free-times.ts";
export {
  begun,
  bookAppointment,
  isOfVisit,
  moveAppointment,
  type PlannedStep,
  planStep,
  type ScheduleDesk,
  type ScheduleFailure,
  stepAppointment,
  type StepDetails,
  walkIn,
} from "./operations.ts";
export { actorsOfVisit, movesOf } from "./moves.ts";
export { openingOf } from "./opening.ts";
export { type Clinic, clinicOf, defaultProfile, hoursOf, profileView } from "./profile.ts";
export { withoutPast } from "./provider-hours.ts";
export { locationOf, placeOf, providerOf, serviceOf, visitTypeOf } from "./setup.ts";
export { type Visit, visitOf } from "./visit.ts";
