import type { ChangeVisit, OpenVisit } from "../../../core/contract/index.ts";
import * as encounter from "../../../core/encounter/index.ts";
import { patientOfId } from "../../../core/fhir/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { clinical, must, openVisiting, visiting } from "./desk.ts";

const idOf = (exchange: Exchange): string => exchange.path["id"] ?? "";

/** POST /clinic/visits: a patient's visit begins, by an appointment or without one. */
export async function openVisit(exchange: Exchange): Promise<Answer> {
  const asked = exchange.body as OpenVisit;
  const { desk } = await openVisiting(exchange, [
    clinical("create", "Encounter", asked.patient),
    clinical("update", "Encounter", asked.patient),
    { action: "read", type: "Appointment", classes: ["D"], patientId: asked.patient },
  ]);
  return json(201, must(await encounter.startVisit(desk, asked)));
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
