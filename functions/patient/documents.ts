import type { OpenOwnPreview, OwnDocument, OwnDocuments } from "../../core/contract/index.ts";
import type { DocumentView } from "../../core/contract/document.ts";
import * as documents from "../../core/document/index.ts";
import { type Filing, filing, onDocuments, openFiling } from "../clinic/document/desk.ts";
import { fileAnswer } from "../clinic/document/file-answer.ts";
import { ticketFor } from "../clinic/document/preview.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { ownPatient } from "./desk.ts";

/** Her own documents. Which of them there are for her, the record layer says: what waits or was not found clean is not. */

const NOTHING = { clinical: false, administrative: false, labelled: false } as const;

function ownDocumentOf(view: DocumentView): OwnDocument {
  const { id, type, title, date, fileName, mediaType, sizeBytes, preview, isSavable, at } = view;
  const slices = documents.slicesOf(view);
  const own = { id, type, title, fileName, mediaType, sizeBytes, preview, isSavable, filedAt: at, slices };
  return date === undefined ? own : { ...own, date };
}

/** GET /patient/documents */
async function listOwnDocuments(exchange: Exchange): Promise<Answer> {
  const patientId = await ownPatient(exchange);
  const open = () => openFiling(exchange, [onDocuments("search", patientId)]);
  const found = await filing(open, ({ desk }) => documents.listDocuments(desk, patientId, NOTHING));
  return json(200, { documents: found.documents.map(ownDocumentOf) } satisfies OwnDocuments);
}

/** Every demand names the own patient: the id of a path is looked for in her compartment alone. */
async function opening(exchange: Exchange): Promise<() => Promise<Filing>> {
  const patientId = await ownPatient(exchange);
  return () => openFiling(exchange, [onDocuments("read", patientId)]);
}

/** POST /patient/documents/{id}/preview */
async function openOwnPreview(exchange: Exchange): Promise<Answer> {
  const { use } = exchange.body as OpenOwnPreview;
  return ticketFor(exchange, await opening(exchange), exchange.path["id"] ?? "", { use });
}

/** GET /patient/documents/{id}/content: to be kept with the rest of the record. `slice`. */
async function readOwnContent(exchange: Exchange): Promise<Answer> {
  const [text = "0", ...others] = exchange.query.getAll("slice");
  if (others.length > 0 || !/^\d{1,4}$/.test(text)) return fail({ kind: "structure", rule: "slice" });
  const asked = { slice: Number(text), use: "save" } as const;
  const id = exchange.path["id"] ?? "";
  return fileAnswer(await filing(await opening(exchange), ({ desk }) => documents.readContent(desk, id, asked)));
}

export const ownDocumentHandlers = { listOwnDocuments, openOwnPreview, readOwnContent };
