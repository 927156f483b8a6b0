import { type BeginUpload, isAdministrative, type SendPart } from "../../../core/contract/document.ts";
import * as documents from "../../../core/document/index.ts";
import { patientOfId } from "../../../core/fhir/index.ts";
import type { Demand } from "../../../core/policy/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { must, onDocuments, openFiling } from "./desk.ts";

const idOf = (exchange: Exchange): string => exchange.path["id"] ?? "";

/** A next content changes a record; where a label is chosen, whoever chooses it may read and write there. */
function demandsOf({ patient, replaces, label, type }: BeginUpload): readonly Demand[] {
  if (replaces !== undefined) return [onDocuments("update", patient)];
  if (label !== undefined)
    return (["create", "read", "update"] as const).map((action) => onDocuments(action, patient, ["S"]));
  return [onDocuments("create", patient, [isAdministrative(type) ? "D" : "C"])];
}

/** POST /clinic/document-uploads */
export async function beginUpload(exchange: Exchange): Promise<Answer> {
  const asked = exchange.body as BeginUpload;
  const { desk } = await openFiling(exchange, demandsOf(asked), asked.replaces?.document);
  return json(201, must(await documents.beginUpload(desk, asked)));
}

const openUpload = (exchange: Exchange, action: "create" | "update") => {
  const patientId = patientOfId(idOf(exchange));
  if (patientId === undefined) return fail({ kind: "not-found" });
  return openFiling(exchange, [onDocuments(action, patientId)]);
};

/** GET /clinic/document-uploads/{id} */
export async function readUpload(exchange: Exchange): Promise<Answer> {
  const { desk } = await openUpload(exchange, "create");
  return json(200, must(await documents.readUpload(desk, idOf(exchange))));
}

/** PUT /clinic/document-uploads/{id}/parts/{part} */
export async function sendPart(exchange: Exchange): Promise<Answer> {
  const text = exchange.path["part"] ?? "";
  if (!/^\d{1,2}$/.test(text)) return fail({ kind: "not-found" });
  const { data } = exchange.body as SendPart;
  const bytes = Buffer.from(data, "base64");
  // Only the one spelling: bits that no byte holds would make two texts of the same file.
  if (bytes.toString("base64") !== data) return fail({ kind: "structure", rule: "base64" });
  const { desk } = await openUpload(exchange, "create");
  return json(200, must(await documents.sendPart(desk, idOf(exchange), Number(text), bytes)));
}

/** POST /clinic/document-uploads/{id}/commit */
export async function commitUpload(exchange: Exchange): Promise<Answer> {
  const { desk } = await openUpload(exchange, "create");
  const forChange = async () => (await openUpload(exchange, "update")).desk;
  return json(200, must(await documents.commitUpload(desk, idOf(exchange), forChange)));
}
