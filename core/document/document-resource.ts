import * as z from "zod";
import {
  DOCUMENT_FINDINGS,
  DOCUMENT_SCANS,
  DOCUMENT_TYPES,
  type DocumentFinding,
  type DocumentScan,
  type DocumentType,
  type DocumentView,
  type EditionView,
  isAdministrative,
  MEDIA_TYPES,
  type MediaType,
} from "../contract/document.ts";
import type { Signer } from "../encounter/index.ts";
import { clinicianOf, referenceTo } from "../encounter/clinician.ts";
import {
  DOCUMENT_CONTENT,
  documentContents,
  type FhirResource,
  isJsonObject,
  type JsonObject,
  labelsOf,
  parseReference,
} from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { RECORD_CLASSES, type RecordClass } from "../kernel/data-class.ts";
import { contentSecretOf, resourceOf, type StoredVersion } from "../record/index.ts";
import type { DocumentDesk } from "./desk.ts";
import { MEDIA_RULES } from "./media-types.ts";

/** One content of a document: where it lies, under which class, and what was found in it. */
export interface Content {
  readonly edition: number;
  readonly fileName: string;
  readonly mediaType: MediaType;
  readonly sizeBytes: number;
  /** Names of its sealed parts, in their order. */
  readonly parts: readonly string[];
  /** The class whose key sealed it: the record's when it was filed. */
  readonly sealedIn: RecordClass;
  /** What opens it beside that key, in hex: of a record that was read. */
  readonly secret?: string | undefined;
  readonly scan: DocumentScan;
  readonly findings: readonly DocumentFinding[];
  readonly filedAt: string;
  readonly author: unknown;
}

/** A document, read from its DocumentReference. */
export interface Document {
  readonly id: string;
  readonly version: number;
  readonly patientId: string;
  readonly type: DocumentType;
  readonly title: string;
  readonly date?: string;
  readonly labels: readonly string[];
  readonly isWithdrawn: boolean;
  readonly content: Content;
  readonly resource: FhirResource;
}

/** What a filed document is described by. */
export interface Described {
  readonly type: DocumentType;
  readonly title: string;
  readonly date?: string | undefined;
}

const OWN_TYPE = "urn:keyward:document-type";
const LOINC = "http://loinc.org";
/** LOINC 2.78. Where it has no document of the kind, our own code stands alone. */
const LOINC_CODES: Partial<Record<DocumentType, { readonly code: string; readonly display: string }>> = {
  letter: { code: "51852-2", display: "Letter" },
  referral: { code: "57133-1", display: "Referral note" },
  "discharge-summary": { code: "18842-5", display: "Discharge summary" },
  "lab-report": { code: "11502-2", display: "Laboratory report" },
  "imaging-report": { code: "18748-4", display: "Diagnostic imaging study" },
  "procedure-report": { code: "28570-0", display: "Procedure note" },
  photograph: { code: "72170-4", display: "Photographic image" },
  "insurance-card": { code: "64290-0", display: "Health insurance card" },
};
const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const US_CORE_CATEGORY = {
  coding: [
    {
      system: "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
      code: "clinical-note",
      display: "Clinical Note",
    },
  ],
};

const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);

/** What our extension holds; anything else in it makes the record no document of ours. */
const Marks = z.strictObject({
  kind: z.enum(["administrative", "clinical"]),
  edition: z.int().min(1),
  scan: z.enum(DOCUMENT_SCANS),
  sealedIn: z.enum(RECORD_CLASSES),
  fileName: z.string().min(1),
  parts: z.array(z.string().regex(/^[0-9a-f]{64}$/)).min(1),
  findings: z.array(z.enum(DOCUMENT_FINDINGS)),
});
const Shape = z.object({
  mediaType: z.enum(MEDIA_TYPES),
  sizeBytes: z.int().min(1),
  filedAt: z.string(),
  title: z.string(),
  type: z.enum(DOCUMENT_TYPES),
  patientId: z.string(),
});

const contentExtension = (content: Content, type: DocumentType): JsonObject => ({
  url: DOCUMENT_CONTENT,
  extension: [
    { url: "kind", valueCode: isAdministrative(type) ? "administrative" : "clinical" },
    { url: "edition", valuePositiveInt: content.edition },
    { url: "scan", valueCode: content.scan },
    { url: "sealed-in", valueCode: content.sealedIn },
    { url: "file-name", valueString: content.fileName },
    ...content.parts.map((valueString) => ({ url: "part", valueString })),
    ...content.findings.map((valueCode) => ({ url: "finding", valueCode })),
  ],
});

const describedAs = ({ type, title, date }: Described): JsonObject => {
  const loinc = LOINC_CODES[type];
  return {
    type: { coding: [{ system: OWN_TYPE, code: type }, ...(loinc ? [{ system: LOINC, ...loinc }] : [])] },
    ...(!isAdministrative(type) && { category: [US_CORE_CATEGORY] }),
    description: title,
    ...(date !== undefined && { context: { period: { start: date } } }),
  };
};

/** Its content stands beside it sealed: the attachment says what it is, and holds no address that anybody could open. */
const attachmentOf = ({ mediaType, sizeBytes, filedAt }: Content, title: string): JsonObject => ({
  attachment: { contentType: mediaType, size: sizeBytes, title, creation: filedAt },
});

/** A new document as its DocumentReference. */
export const newDocument = (
  facts: Described & { readonly patientId: string; readonly label?: string | undefined },
  content: Content,
  author: Signer,
): JsonObject => ({
  resourceType: "DocumentReference",
  ...(facts.label !== undefined && { meta: { security: [{ system: ACT_CODE, code: facts.label }] } }),
  extension: [contentExtension(content, facts.type)],
  status: "current",
  docStatus: "final",
  ...describedAs(facts),
  subject: { reference: `Patient/${facts.patientId}` },
  date: content.filedAt,
  author: [referenceTo(author)],
  content: [attachmentOf(content, facts.title)],
});

const withExtension = (resource: FhirResource, extension: JsonObject): readonly JsonObject[] => [
  ...listOf(resource["extension"]).filter(({ url }) => url !== DOCUMENT_CONTENT),
  extension,
];

const redescribed = (resource: FhirResource, described: Described): JsonObject => {
  const { category: _category, context: _context, description: _title, type: _type, ...rest } = resource;
  return { ...rest, ...describedAs(described) };
};

/** The record with its next content. */
export const withContent = (
  { resource }: Document,
  described: Described,
  content: Content,
  author: Signer,
): JsonObject => ({
  ...redescribed(resource, described),
  extension: withExtension(resource, contentExtension(content, described.type)),
  date: content.filedAt,
  author: [referenceTo(author)],
  content: [attachmentOf(content, described.title)],
});

/** The record once its content was looked at. */
export const withFindings = (
  { resource, content, type }: Document,
  scan: DocumentScan,
  findings: readonly DocumentFinding[],
): JsonObject => ({
  ...resource,
  extension: withExtension(resource, contentExtension({ ...content, scan, findings }, type)),
});

/** The record under another title, type or date. */
export const withDescription = ({ resource, content }: Document, described: Described): JsonObject => ({
  ...redescribed(resource, described),
  extension: withExtension(resource, contentExtension(content, described.type)),
  content: [attachmentOf(content, described.title)],
});

export const withdrawn = ({ resource }: Document): JsonObject => ({
  ...resource,
  status: "entered-in-error",
  docStatus: "entered-in-error",
});

function marksOf(resource: FhirResource): z.infer<typeof Marks> | undefined {
  const [content, ...others] = documentContents(resource);
  if (content === undefined || others.length > 0) return undefined;
  const entries = listOf(content["extension"]);
  const one = (url: string): unknown => {
    const [found, ...more] = entries.filter((entry) => entry["url"] === url);
    return more.length > 0
      ? undefined
      : (found?.["valueCode"] ?? found?.["valueString"] ?? found?.["valuePositiveInt"]);
  };
  const all = (url: string): unknown[] =>
    entries.filter((entry) => entry["url"] === url).map((entry) => entry["valueCode"] ?? entry["valueString"]);
  const parsed = Marks.safeParse({
    kind: one("kind"),
    edition: one("edition"),
    scan: one("scan"),
    sealedIn: one("sealed-in"),
    fileName: one("file-name"),
    parts: all("part"),
    findings: all("finding"),
  });
  return parsed.success ? parsed.data : undefined;
}

/** A document of ours; undefined for any other DocumentReference. */
export function documentIn(resource: FhirResource): Document | undefined {
  const marks = marksOf(resource);
  const { id, meta } = resource;
  if (marks === undefined || id === undefined) return undefined;
  const [attached] = listOf(resource["content"]);
  const attachment = isJsonObject(attached?.["attachment"]) ? attached["attachment"] : {};
  const coding = isJsonObject(resource["type"]) ? listOf(resource["type"]["coding"]) : [];
  const subject = isJsonObject(resource["subject"]) ? resource["subject"]["reference"] : undefined;
  const target = parseReference(typeof subject === "string" ? subject : "");
  const shape = Shape.safeParse({
    mediaType: attachment["contentType"],
    sizeBytes: attachment["size"],
    filedAt: attachment["creation"],
    title: resource["description"],
    type: coding.find(({ system }) => system === OWN_TYPE)?.["code"],
    patientId: target.kind === "relative" && target.type === "Patient" ? target.id : undefined,
  });
  if (!shape.success) return undefined;
  const { type, title, patientId, mediaType, sizeBytes, filedAt } = shape.data;
  const { kind: _kind, ...own } = marks;
  const period = isJsonObject(resource["context"]) ? resource["context"]["period"] : undefined;
  const date = isJsonObject(period) ? period["start"] : undefined;
  const author: unknown = Array.isArray(resource["author"]) ? (resource["author"] as unknown[])[0] : undefined;
  return {
    id,
    version: Number(meta?.["versionId"]),
    patientId,
    type,
    title,
    ...(typeof date === "string" && { date }),
    labels: labelsOf(resource),
    isWithdrawn: resource["status"] === "entered-in-error",
    content: { ...own, mediaType, sizeBytes, filedAt, author, secret: contentSecretOf(resource) },
    resource,
  };
}

export const documentOf = (stored: StoredVersion): Document | undefined =>
  stored.text === undefined ? undefined : documentIn(resourceOf(stored));

/** Whether a content may leave as the file that it is: one that acts by itself would act wherever it is opened. */
export const isSavable = ({ scan, findings }: Content): boolean => scan === "clean" && findings.length === 0;

export const editionView = (content: Content, me: Signer): EditionView => ({
  edition: content.edition,
  fileName: content.fileName,
  mediaType: content.mediaType,
  sizeBytes: content.sizeBytes,
  scan: content.scan,
  findings: content.findings,
  preview: content.scan === "clean" ? MEDIA_RULES[content.mediaType].preview : "none",
  isSavable: isSavable(content),
  by: clinicianOf(content.author, me),
  at: content.filedAt,
});

export function documentView(document: Document, { me, isPermitted }: Pick<DocumentDesk, "me" | "isPermitted">) {
  const { id, version, patientId, type, title, date, labels, isWithdrawn, content } = document;
  const isWaiting = content.scan === "pending" || content.scan === "failed";
  const possible = isWithdrawn
    ? []
    : (["replace", "describe", "withdraw", ...(isWaiting ? (["check"] as const) : [])] as const);
  const view: DocumentView = {
    ...editionView(content, me),
    id,
    patient: patientId,
    version,
    type,
    title,
    ...(date !== undefined && { date }),
    labels,
    isWithdrawn,
    may: possible.filter((act) => isPermitted(act)),
  };
  return view;
}

export const instantOf = (nowMs: number): string => toInstant(nowMs);
