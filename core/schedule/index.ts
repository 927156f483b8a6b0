/** The door of core/schedule. */
export { addDays, clinicDay, dayBounds, parseDay, utcDaysOf } from "./clinic-time.ts";
export { appointmentView, type BoardInput, clockTime, dayView, type SeenPatient, seenPatient } from "./day.ts";
export { freeTimes, spanOf } from "./free-times.ts";
export {
  bookAppointment,
  moveAppointment,
  type ScheduleDesk,
  type ScheduleFailure,
  stepAppointment,
  type StepDetails,
  walkIn,
} from "./operations.ts";
export { type Clinic, clinicOf, profileView } from "./profile.ts";
export { locationOf, placeOf, providerOf, serviceOf, visitTypeOf } from "./setup.ts";
export { type Visit, visitOf } from "./visit.ts";
