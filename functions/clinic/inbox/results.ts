import type { AssignResult, ReviewResult } from "../../../core/contract/index.ts";
import {
  assignResult as assign,
  patientOfResult,
  readResult as read,
  reviewResult as review,
} from "../../../core/message/index.ts";
import type { Demand } from "../../../core/policy/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { ifMatchOf } from "../../http/if-match.ts";
import { must, on, openWorking, ownerFor, reading, resultDemands } from "./desk.ts";

const idOf = (exchange: Exchange): string => exchange.path["id"] ?? "";
const etagOf = ({ version }: { readonly version: number }) => ({ etag: `W/"${String(version)}"` });

function openResult(exchange: Exchange, more: (patientId?: string) => readonly Demand[] = () => []) {
  const id = idOf(exchange);
  const patientId = patientOfResult(id);
  return openWorking(exchange, [...resultDemands(patientId), ...more(patientId)], { type: "DiagnosticReport", id });
}

/** GET /clinic/results/{id} */
export async function readResult(exchange: Exchange): Promise<Answer> {
  const open = () => openResult(exchange);
  const result = await reading(open, (desk) => read(desk, idOf(exchange)));
  return json(200, result, etagOf(result));
}

const clinical = (action: Demand["action"], type: "Task" | "Communication", patientId?: string): Demand => ({
  action,
  type,
  classes: ["C", "S"],
  ...(patientId === undefined ? {} : { patientId }),
});

/** POST /clinic/results/{id}/task */
export async function assignResult(exchange: Exchange): Promise<Answer> {
  const asked = exchange.body as AssignResult;
  const { charts, desk } = await openResult(exchange, (patientId) => [
    clinical("create", "Task", patientId),
    clinical("update", "Task", patientId),
  ]);
  const owner = asked.owner === undefined ? undefined : await ownerFor(charts, asked.owner);
  const result = must(await assign(desk, idOf(exchange), { ...asked, owner }));
  return json(200, result, etagOf(result));
}

/** POST /clinic/results/{id}/review */
export async function reviewResult(exchange: Exchange): Promise<Answer> {
  const ifMatch = ifMatchOf(exchange);
  const { comment, followUp, message } = exchange.body as ReviewResult;
  const { charts, desk } = await openResult(exchange, (patientId) => [
    on("update", "DiagnosticReport", patientId),
    on("update", "Observation", patientId),
    clinical("update", "Task", patientId),
    ...(followUp ? [clinical("create", "Task", patientId)] : []),
    ...(message ? [clinical("create", "Communication", patientId)] : []),
  ]);
  const next = followUp && { ...followUp, owner: await ownerFor(charts, followUp.owner) };
  const reviewed = must(await review(desk, idOf(exchange), ifMatch, { comment, message, followUp: next }));
  return json(200, reviewed, etagOf(reviewed.result));
}
