import type { ChangeTask, CreateTask } from "../../../core/contract/index.ts";
import { CLASS_OF_CATEGORY, patientOfId } from "../../../core/fhir/index.ts";
import { changeTask as change, createTask as create, readTask as read } from "../../../core/message/index.ts";
import type { Demand } from "../../../core/policy/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { ifMatchOf } from "../../http/if-match.ts";
import type { Said } from "../charts.ts";
import { must, on, openWorking, ownerFor, reading } from "./desk.ts";

const idOf = (exchange: Exchange): string => exchange.path["id"] ?? "";
const etagOf = ({ version }: { readonly version: number }) => ({ etag: `W/"${String(version)}"` });

/** POST /clinic/tasks */
export async function createTask(exchange: Exchange): Promise<Answer> {
  const asked = exchange.body as CreateTask;
  const { patient, link, category } = asked;
  const whose = patient === undefined ? {} : { patientId: patient };
  const demands: readonly Demand[] = [
    { action: "create", type: "Task", classes: [CLASS_OF_CATEGORY[category]], ...whose },
    ...(link === undefined ? [] : [on("read", link.type, patientOfId(link.id) ?? patient)]),
  ];
  const { charts, desk } = await openWorking(exchange, demands);
  const { title, priority, due, comment } = asked;
  const owner = await ownerFor(charts, asked.owner);
  const task = must(await create(desk, { patientId: patient, title, category, priority, due, comment, link, owner }));
  return json(201, task, etagOf(task));
}

/** GET /clinic/tasks/{id} */
export async function readTask(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const open = () => openWorking(exchange, [on("read", "Task", patientOfId(id))], { type: "Task", id });
  const task = await reading(open, (desk) => read(desk, id));
  return json(200, task, etagOf(task));
}

/** POST /clinic/tasks/{id}/moves: why something was ended or opened again is in its event too, sealed. */
export async function changeTask(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const ifMatch = ifMatchOf(exchange);
  const asked = exchange.body as ChangeTask;
  const patientId = patientOfId(id);
  const why: Said | undefined = "reason" in asked ? { detail: { reason: asked.reason } } : undefined;
  const demands = [on("read", "Task", patientId), on("update", "Task", patientId)];
  const { charts, desk } = await openWorking(exchange, demands, { type: "Task", id }, why);
  const known = asked.move === "assign" ? { ...asked, owner: await ownerFor(charts, asked.owner) } : asked;
  const task = must(await change(desk, id, ifMatch, known));
  return json(200, task, etagOf(task));
}
