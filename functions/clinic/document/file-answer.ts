import { attachmentDisposition, type ReadContent, slicesOf } from "../../../core/document/index.ts";
import type { Answer } from "../../http/exchange.ts";

/** Nothing of a file is run, framed or sniffed, wherever it is opened. */
const INERT = {
  "content-type": "application/octet-stream",
  "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
} as const;

/** One slice of a file, as bytes that are saved and never shown by where they come from. */
export const fileAnswer = (
  { content, bytes }: ReadContent,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status: 200,
  headers: {
    ...INERT,
    "content-disposition": attachmentDisposition(content.fileName),
    "x-content-slices": String(slicesOf(content)),
    ...headers,
  },
  bytes,
});
