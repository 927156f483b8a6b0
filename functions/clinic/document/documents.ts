import type { DescribeDocument, WithdrawDocument } from "../../../core/contract/document.ts";
import * as documents from "../../../core/document/index.ts";
import { patientOfId } from "../../../core/fhir/index.ts";
import { authorizeClinic } from "../../../core/policy/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { standingOptions } from "../context.ts";
import { type Filing, filing, must, onDocuments, openFiling } from "./desk.ts";
import { fileAnswer } from "./file-answer.ts";

const idOf = (exchange: Exchange): string => exchange.path["id"] ?? "";

/** What the caller may file: policy on the act, and the classes that she reaches in this chart now. */
function mayFile(exchange: Exchange, { charts }: Filing, patientId: string) {
  const { principal, recordGrant } = charts;
  const asked = { ...standingOptions(exchange), patientId };
  const isFiling = authorizeClinic(principal, "document.upload", asked).ok;
  const reaches = (letter: "C" | "D" | "S"): boolean => isFiling && recordGrant.classes.includes(letter);
  return { clinical: reaches("C"), administrative: reaches("D"), labelled: reaches("S") };
}

/** GET /clinic/patients/{id}/documents */
export async function listDocuments(exchange: Exchange): Promise<Answer> {
  const patientId = idOf(exchange);
  const open = () => openFiling(exchange, [onDocuments("search", patientId)]);
  const list = (opened: Filing) =>
    documents.listDocuments(opened.desk, patientId, mayFile(exchange, opened, patientId));
  return json(200, await filing(open, list));
}

/** GET /clinic/documents/{id} */
export async function readDocument(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const open = () => openFiling(exchange, [onDocuments("history", patientOfId(id))], id);
  return json(200, await filing(open, ({ desk }) => documents.readDocument(desk, id)));
}

const openChange = (exchange: Exchange, why?: { readonly reason: string }) => {
  const id = idOf(exchange);
  return openFiling(exchange, [onDocuments("update", patientOfId(id))], id, why);
};

/** POST /clinic/documents/{id}/check: what was found is the reason in the event. */
export async function checkDocument(exchange: Exchange): Promise<Answer> {
  const { desk } = await openChange(exchange);
  return json(200, must(await documents.checkDocument(desk, idOf(exchange))));
}

/** PUT /clinic/documents/{id} */
export async function describeDocument(exchange: Exchange): Promise<Answer> {
  const { desk } = await openChange(exchange);
  return json(200, must(await documents.describeDocument(desk, idOf(exchange), exchange.body as DescribeDocument)));
}

/** POST /clinic/documents/{id}/withdraw */
export async function withdrawDocument(exchange: Exchange): Promise<Answer> {
  const { version, reason } = exchange.body as WithdrawDocument;
  const { desk } = await openChange(exchange, { reason });
  return json(200, must(await documents.withdrawDocument(desk, idOf(exchange), version)));
}

/** A count of the query: nothing for what is not there, a refusal for what is no number. */
function numberIn(query: URLSearchParams, name: string, least: number): number | undefined {
  const all = query.getAll(name);
  if (all.length === 0) return undefined;
  const [text = ""] = all;
  const value = Number(text);
  return all.length === 1 && /^\d{1,4}$/.test(text) && value >= least ? value : fail({ kind: "structure", rule: name });
}

/** GET /clinic/documents/{id}/content: for whoever keeps files, by a token or by the portal's own session. */
export async function readContent(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const edition = numberIn(exchange.query, "edition", 1);
  const slice = numberIn(exchange.query, "slice", 0) ?? 0;
  const action = edition === undefined ? "read" : "history";
  const open = () => openFiling(exchange, [onDocuments(action, patientOfId(id))], id);
  const read = await filing(open, ({ desk }) => documents.readContent(desk, id, { edition, slice, use: "save" }));
  return fileAnswer(read);
}
