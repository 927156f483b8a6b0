import { type EncounterFailure, startAppointment, takeBackStart } from "../../../core/encounter/index.ts";
import { patientOfId } from "../../../core/fhir/index.ts";
import type { Result } from "../../../core/kernel/result.ts";
import type { ScheduleFailure, Visit } from "../../../core/schedule/index.ts";
import type { Answer, Exchange } from "../../http/exchange.ts";
import { ifMatchOf } from "../../http/if-match.ts";
import { clinicFor } from "../clinic-profile.ts";
import { clinical, must, openVisiting } from "../encounter/desk.ts";
import { answerOf, deskOf, on } from "./board.ts";

/** An appointment goes into the visit, or comes back out of it: who may write neither begins nor unmakes one. */
async function ofVisit(exchange: Exchange, act: typeof startAppointment): Promise<Answer> {
  const id = exchange.path["id"] ?? "";
  const patientId = patientOfId(id);
  const { charts, desk } = await openVisiting(
    exchange,
    [
      on("read", "Appointment", patientId),
      on("update", "Appointment", patientId),
      on("read", "Patient", patientId),
      clinical("create", "Encounter", patientId),
      clinical("update", "Encounter", patientId),
      clinical("search", "DocumentReference", patientId),
    ],
    { type: "Appointment", id },
  );
  const clinic = await clinicFor(exchange);
  const done = await act(desk, deskOf(exchange, charts, clinic), id, ifMatchOf(exchange));
  return answerOf(exchange, charts, clinic, ofBoard(done));
}

/** What only visits refuse is answered in their words. */
function ofBoard(done: Result<Visit, EncounterFailure | ScheduleFailure>): Result<Visit, ScheduleFailure> {
  if (done.ok) return done;
  const { error } = done;
  return error.kind === "rule" ? must({ ok: false, error }) : { ok: false, error };
}

/** POST /clinic/appointments/{id}/start */
export const startVisit = (exchange: Exchange): Promise<Answer> => ofVisit(exchange, startAppointment);

/** The last step of an appointment that is in its visit, taken back. */
export const undoStart = (exchange: Exchange): Promise<Answer> => ofVisit(exchange, takeBackStart);
