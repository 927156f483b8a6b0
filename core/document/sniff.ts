import { fileTypeFromBuffer } from "file-type";
import type { MediaType } from "../contract/document.ts";

/** What file-type calls the types that are taken. */
const BY_SIGNATURE: Readonly<Record<string, MediaType>> = {
  "application/pdf": "application/pdf",
  "image/png": "image/png",
  "image/jpeg": "image/jpeg",
  "image/tiff": "image/tiff",
};
const PDF_HEAD = Buffer.from("%PDF-", "latin1");

/** How much of a text's beginning is looked at for what a browser would take for a page. */
const SNIFFED_BYTES = 1024;
/** WHATWG MIME Sniffing, 7.1: patterns of HTML, and of what else runs. */
const MARKUP =
  /<(?:!doctype\s*html|!--|html|head|script|iframe|h1|div|font|table|a\s|style|title|b[\s>]|body|br|p[\s>]|svg|math|object|embed|img|meta|link|form|\?php)/i;
/** The root of a C-CDA document. HL7 CDA R2: element ClinicalDocument, namespace urn:hl7-org:v3. */
const CLINICAL_DOCUMENT =
  /^\s*(?:<\?xml\s[^>]{0,200}\?>\s*)?(?:<(?:\?xml-stylesheet\s[^>]{0,300}\?|!--[\s\S]{0,2000}?--)>\s*)*<(?:[A-Za-z][\w-]{0,20}:)?ClinicalDocument[\s>/]/;

/** C0 controls that no text file has: not tab, line feed, form feed, carriage return. */
// oxlint-disable-next-line no-control-regex -- it looks for control characters
const CONTROLS = /[\u0000-\u0008\u000B\u000E-\u001F\u007F]/;

/** The bytes as UTF-8 text; undefined where they are none, or hold what no text does. */
function textOf(bytes: Uint8Array, isWhole: boolean): string | undefined {
  try {
    // The beginning of a file may end in the middle of a character.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !isWhole });
    return CONTROLS.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * What a file is, by its bytes alone; undefined for what is not taken. Text is text only where nothing in its beginning
 * would be read as a page, and XML only where it is a clinical document.
 * @param isWhole False where these are the first bytes of a longer file.
 */
export async function sniff(bytes: Uint8Array, isWhole: boolean): Promise<MediaType | undefined> {
  // A PDF begins with its name. What a reader would find further on is some other file's business.
  if (PDF_HEAD.equals(bytes.subarray(0, PDF_HEAD.length))) return "application/pdf";
  const text = textOf(bytes, isWhole);
  if (text !== undefined) {
    if (CLINICAL_DOCUMENT.test(text)) return "application/xml";
    return isPlain(text) ? "text/plain" : undefined;
  }
  const found = await fileTypeFromBuffer(bytes.subarray(0, 64 * 1024)).catch(() => undefined);
  const type = found === undefined ? undefined : BY_SIGNATURE[found.mime];
  return type === "application/pdf" ? undefined : type;
}

function isPlain(text: string): boolean {
  const start = text.slice(0, SNIFFED_BYTES).trimStart();
  return !MARKUP.test(start) && !/^(?:<\?xml|#!|%!|%PDF-|GIF8|PK|MZ|\{\\rtf)/i.test(start);
}
