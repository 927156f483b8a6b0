/** The door of core/document: files of a chart, how they are sealed, looked at and shown. */
export type { DocumentDesk } from "./desk.ts";
export {
  checkDocument,
  type ContentAsked,
  describeDocument,
  findContent,
  listDocuments,
  openPart,
  readContent,
  type ReadContent,
  readDocument,
  slicesOf,
  withdrawDocument,
} from "./documents.ts";
export { documentIn } from "./document-resource.ts";
export type { DocumentFailure, DocumentRule, FileRule } from "./failure.ts";
export { attachmentDisposition } from "./file-name.ts";
export { localScanner } from "./scan/local-scanner.ts";
export type { ContentStore } from "./store.ts";
export { makeTicket, readTicket, takeTicket, type TicketDeps } from "./tickets.ts";
export { beginUpload, commitUpload, readUpload, sendPart } from "./uploads.ts";
