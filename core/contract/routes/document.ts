import { BeginUpload, DescribeDocument, OpenPreview, SendPart, WithdrawDocument } from "../document.ts";
import type { Route } from "../route.ts";
import { clinicAct, clinicRead, clinicWrite, KIB } from "../route-kinds.ts";

/** Three of the file's bytes are four characters, and JSON adds a few. */
const PART_BODY_LIMIT = 1400 * KIB;

/** Files of a chart. What they hold leaves as bytes that no browser reads as a page. */
export const documentRoutes = {
  listDocuments: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/patients/{id}/documents",
    action: "document.list",
    summary: "A patient's documents",
  },
  readDocument: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/documents/{id}",
    action: "document.history",
    summary: "A document with every content that it has had",
  },
  beginUpload: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/document-uploads",
    action: "document.upload",
    idempotency: "natural",
    body: BeginUpload,
    summary: "Begins to send a file, as a new document or as the next content of one",
  },
  readUpload: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/document-uploads/{id}",
    action: "document.upload",
    summary: "How much of a file has arrived",
  },
  sendPart: {
    ...clinicWrite,
    method: "PUT",
    path: "/clinic/document-uploads/{id}/parts/{part}",
    action: "document.upload",
    idempotency: "natural",
    body: SendPart,
    bodyLimitBytes: PART_BODY_LIMIT,
    summary: "Sends one part of a file",
  },
  commitUpload: {
    ...clinicAct,
    method: "POST",
    path: "/clinic/document-uploads/{id}/commit",
    action: "document.upload",
    idempotency: "natural",
    summary: "Files what was sent; it is opened by nobody before it was looked at",
  },
  checkDocument: {
    ...clinicAct,
    method: "POST",
    path: "/clinic/documents/{id}/check",
    action: "document.check",
    idempotency: "natural",
    summary: "Looks for what is harmful in a document that waits for it",
  },
  describeDocument: {
    ...clinicWrite,
    method: "PUT",
    path: "/clinic/documents/{id}",
    action: "document.describe",
    body: DescribeDocument,
    summary: "Sets a document's title, type and date",
  },
  withdrawDocument: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/documents/{id}/withdraw",
    action: "document.withdraw",
    body: WithdrawDocument,
    summary: "Says that a document was filed in error",
  },
  readContent: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/documents/{id}/content",
    action: "document.read",
    summary: "One slice of a document's content, as a file to be saved",
  },
  openPreview: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/documents/{id}/preview",
    action: "document.preview",
    idempotency: "safe",
    body: OpenPreview,
    summary: "A ticket by which the documents' own origin shows a content once",
  },
  redeemTicket: {
    zone: "clinic",
    authentication: "none",
    action: null,
    idempotency: "protocol",
    method: "POST",
    path: "/document-content",
    body: "form",
    bodyLimitBytes: KIB,
    phi: true,
    summary: "One slice of a content, for the ticket of somebody who is signed in; at the documents' origin alone",
  },
} as const satisfies Record<string, Route>;
