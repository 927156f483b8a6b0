import { isDeepStrictEqual } from "node:util";
import type { DocumentScan } from "../contract/document.ts";
import { DOCUMENT_SCANS } from "../contract/document.ts";
import type { FhirResource } from "../fhir/index.ts";
import { classOf, documentContents, isJsonObject, type JsonObject } from "../fhir/index.ts";
import { isOnlyRelabelled } from "./relabelled.ts";

/*
 * Documents whose content lies with us are written by core/document alone, by the table below: no other door, FHIR's own
 * among them, says that a file was found clean, or hangs another file under a record.
 */

/** What is done to a document's record. */
export type DocumentWrite = "file" | "replace" | "rule" | "describe" | "withdraw";

type Before = DocumentScan | "none";
interface DocumentRule {
  readonly from: readonly Before[];
  readonly to: readonly DocumentScan[] | "same";
  readonly hasNewContent: boolean;
}

/** Every change of a document that there is: from which finding, to which, and whether its content may change. */
export const DOCUMENT_WRITES: Readonly<Record<DocumentWrite, DocumentRule>> = {
  file: { from: ["none"], to: ["pending"], hasNewContent: true },
  replace: { from: DOCUMENT_SCANS, to: ["pending"], hasNewContent: true },
  rule: { from: ["pending", "failed"], to: ["clean", "infected", "failed"], hasNewContent: false },
  describe: { from: DOCUMENT_SCANS, to: "same", hasNewContent: false },
  withdraw: { from: DOCUMENT_SCANS, to: "same", hasNewContent: false },
};

const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);

/** Whether a record says that its content lies with us. */
export const isDocument = (resource: FhirResource): boolean => documentContents(resource).length > 0;

/** What was found in a document's content; undefined where its record says that in no form of ours. */
export function documentScanOf(resource: FhirResource): DocumentScan | undefined {
  const found = markOf(resource, "scan");
  return DOCUMENT_SCANS.find((scan) => scan === found);
}

function markOf(resource: FhirResource, name: string): unknown {
  const [content, ...others] = documentContents(resource);
  if (content === undefined || others.length > 0) return undefined;
  const [found, ...more] = listOf(content["extension"]).filter(({ url }) => url === name);
  return more.length > 0 ? undefined : found?.["valueCode"];
}

/**
 * Whether a change of labels alone opens a record to who cannot open its content: what was sealed as a special category
 * stays one. A label that is put on needs no such rule, because what opens the content goes with the record.
 */
export const leavesContent = ({ before, after }: DocumentChange): boolean =>
  before !== undefined &&
  after !== undefined &&
  isDocument(after) &&
  classOf(after) !== classOf(before) &&
  classOf(after) !== "S" &&
  markOf(after, "sealed-in") !== classOf(after);

/** What names and measures the content itself: all but what was found in it, and its title. */
function contentIn(resource: FhirResource): unknown {
  const fixed = listOf(documentContents(resource)[0]?.["extension"]).filter(
    ({ url }) => url !== "scan" && url !== "finding",
  );
  const attachments = listOf(resource["content"]).map(({ attachment, ...rest }) => {
    const { title: _title, ...described } = isJsonObject(attachment) ? attachment : {};
    return { ...rest, attachment: described };
  });
  return [fixed, attachments];
}

/** One record as it was and as it will be; absent where there is none. */
export interface DocumentChange {
  readonly before?: FhirResource;
  readonly after?: FhirResource;
}

/**
 * Whether a write is one that the table permits. A label alone may reach a document by any door, because what is labelled
 * around it takes it along; whether one may be taken away, its content says.
 */
export function isDocumentWritePermitted(
  writes: readonly DocumentWrite[] = [],
  { before, after }: DocumentChange,
): boolean {
  const isGoverned = [before, after].some((one) => one !== undefined && isDocument(one));
  if (!isGoverned) return true;
  // What was filed in error says so, and stays.
  if (after === undefined) return false;
  if (before !== undefined && isOnlyRelabelled(before, after)) return !leavesContent({ before, after });
  return writes.some((write) => isByTable(write, before, after));
}

function isByTable(write: DocumentWrite, before: FhirResource | undefined, after: FhirResource): boolean {
  const { from, to, hasNewContent } = DOCUMENT_WRITES[write];
  const state = documentScanOf(after);
  const isWithdrawn = after["status"] === "entered-in-error";
  if (state === undefined || isWithdrawn !== (write === "withdraw")) return false;
  if (before === undefined) return from.includes("none") && to.includes(state);
  const was = documentScanOf(before);
  // What was withdrawn is never brought back, and a record of another kind does not become a document.
  if (was === undefined || !from.includes(was) || before["status"] === "entered-in-error") return false;
  if (to === "same" ? state !== was : !to.includes(state)) return false;
  if (!isDeepStrictEqual(before["subject"], after["subject"])) return false;
  // Its content is sealed for its class: what was clinical is not made the office's by another word for it.
  if (classOf(before) !== classOf(after)) return false;
  return hasNewContent || isDeepStrictEqual(contentIn(before), contentIn(after));
}
