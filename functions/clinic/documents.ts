import {
  checkDocument,
  describeDocument,
  listDocuments,
  readContent,
  readDocument,
  withdrawDocument,
} from "./document/documents.ts";
import { openPreview, redeemTicket } from "./document/preview.ts";
import { beginUpload, commitUpload, readUpload, sendPart } from "./document/uploads.ts";

/** Files of a chart: sent, looked at, shown where nothing of ours is. */
export const documentHandlers = {
  listDocuments,
  readDocument,
  beginUpload,
  readUpload,
  sendPart,
  commitUpload,
  checkDocument,
  describeDocument,
  withdrawDocument,
  readContent,
  openPreview,
  redeemTicket,
};
