import type { ChangeVisit, OpenVisit } from "../../../core/contract/index.ts";
import * as encounter from "../../../core/encounter/index.ts";
import { patientOfId } from "../../../core/fhir/index.ts";
import type { Result } from "../../../core/kernel/result.ts";
import type { ScheduleFailure } from "../../../core/schedule/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { clinicFor } from "../clinic-profile.ts";
import { clinical, must, openVisiting, visiting } from "./desk.ts";

/** What the schedule refuses was asked of the appointment before: here it can only have changed meanwhile. */
const mustBegin = <T>(begun: Result<T, encounter.EncounterFailure | ScheduleFailure>): T => {
  if (begun.ok) return begun.value;
  const { error } = begun;
  return error.kind === "refused" || error.kind === "of-a-visit"
    ? fail({ kind: "conflict" })
    : must({ ok: false, error });
};

const idOf = (exchange: Exchange): string => exchange.path["id"] ?? "";

/** POST /clinic/visits: a patient's visit begins, by an appointment or without one. */
export async function openVisit(exchange: Exchange): Promise<Answer> {
  const asked = exchange.body as OpenVisit;
  const booked = { type: "Appointment", classes: ["D"], patientId: asked.patient } as const;
  const { desk } = await openVisiting(exchange, [
    clinical("create", "Encounter", asked.patient),
    clinical("update", "Encounter", asked.patient),
    { ...booked, action: "read" },
    ...(asked.appointment === undefined ? [] : [{ ...booked, action: "update" as const }]),
  ]);
  return json(201, mustBegin(await encounter.startVisit(desk, asked, await clinicFor(exchange))));
}

/** GET /clinic/visits/{id} */
export async function readVisit(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const demands = [
    clinical("read", "Encounter", patientOfId(id)),
    clinical("search", "DocumentReference", patientOfId(id)),
  ];
  const open = () => openVisiting(exchange, demands, { type: "Encounter", id });
  return json(200, await visiting(open, (desk) => encounter.readVisit(desk, id)));
}

/** POST /clinic/visits/{id}/state */
export async function changeVisit(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const demands = [
    clinical("update", "Encounter", patientOfId(id)),
    clinical("search", "DocumentReference", patientOfId(id)),
  ];
  const { desk } = await openVisiting(exchange, demands, { type: "Encounter", id });
  return json(200, must(await encounter.changeVisit(desk, id, exchange.body as ChangeVisit)));
}

/** GET /clinic/patients/{id}/visits */
export async function listVisits(exchange: Exchange): Promise<Answer> {
  const patient = idOf(exchange);
  const demands = [clinical("search", "Encounter", patient), clinical("search", "DocumentReference", patient)];
  const open = () => openVisiting(exchange, demands);
  return json(200, await visiting(open, (desk) => encounter.listVisits(desk, patient)));
}
