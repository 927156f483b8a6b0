import type { SendMessage } from "../../../core/contract/index.ts";
import { CLASS_OF_CATEGORY, patientOfId, type ResourceType } from "../../../core/fhir/index.ts";
import { type Post, postMessage, readThread as read, receiveThread as receive } from "../../../core/message/index.ts";
import type { Demand } from "../../../core/policy/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import type { Charts, Said } from "../charts.ts";
import { mail, must, on, openWorking, ownerFor, reading } from "./desk.ts";

const idOf = (exchange: Exchange): string => exchange.path["id"] ?? "";

/** GET /clinic/messages/{id} */
export async function readThread(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const open = () => openWorking(exchange, mail(patientOfId(id)), { type: "Communication", id });
  return json(200, await reading(open, (desk) => read(desk, id)));
}

/** POST /clinic/messages/{id}/read */
export async function receiveThread(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const patientId = patientOfId(id);
  const demands = [...mail(patientId), on("update", "Communication", patientId)];
  const { desk } = await openWorking(exchange, demands, { type: "Communication", id });
  return json(200, must(await receive(desk, id)));
}

type ToSend = Exclude<SendMessage, { thread: string }>;

const recipientFor = async (charts: Charts, to: SendMessage["to"]) => (to === "patient" ? to : ownerFor(charts, to));

/** POST /clinic/messages */
export async function sendMessage(exchange: Exchange): Promise<Answer> {
  const asked = exchange.body as SendMessage;
  return "thread" in asked ? reply(exchange, asked) : begin(exchange, asked);
}

async function reply(exchange: Exchange, asked: Extract<SendMessage, { thread: string }>): Promise<Answer> {
  const patientId = patientOfId(asked.thread);
  const writes = (["Communication", "Task"] as const).map((type) => on("create", type, patientId));
  const { charts, desk } = await openWorking(
    exchange,
    [...mail(patientId), ...writes, on("update", "Task", patientId)],
    { type: "Communication", id: asked.thread },
  );
  const { thread, text, closes } = asked;
  const post: Post = { thread, text, closes, to: await recipientFor(charts, asked.to) };
  return json(201, must(await postMessage(desk, post)));
}

async function begin(exchange: Exchange, asked: ToSend): Promise<Answer> {
  const { patient, category, topic, text, priority, forwards } = asked;
  const inClass = (type: ResourceType): Demand => ({
    action: "create",
    type,
    classes: [CLASS_OF_CATEGORY[category]],
    patientId: patient,
  });
  const reason = forwards?.reason;
  const why: Said | undefined = reason === undefined ? undefined : { detail: { reason } };
  const demands = [...mail(patient), inClass("Communication"), inClass("Task")];
  const { charts, desk } = await openWorking(exchange, demands, undefined, why);
  const to = await recipientFor(charts, asked.to);
  const post: Post = { patientId: patient, topic, category, text, priority, to, ...(forwards && { forwards }) };
  return json(201, must(await postMessage(desk, post)));
}
