import * as z from "zod";
import type { Clinician } from "./encounter.ts";

/** Requests and answers of documents: files that a clinic keeps in a chart. */

/** FHIR R4 datatypes.html#id. */
const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);
const version = z.int().min(1);

/**
 * What a document is. `administrative` ones are no clinical record: the front desk files and reads them too. What each is
 * in LOINC stands in core/document.
 */
export const DOCUMENT_TYPES = [
  "letter",
  "referral",
  "discharge-summary",
  "lab-report",
  "imaging-report",
  "procedure-report",
  "outside-record",
  "photograph",
  "insurance-card",
  "identification",
  "registration-form",
  "signed-form",
  "other",
] as const;
export type DocumentType = (typeof DOCUMENT_TYPES)[number];
export const ADMINISTRATIVE_TYPES = ["insurance-card", "identification", "registration-form", "signed-form"] as const;
export const isAdministrative = (type: DocumentType): boolean => ADMINISTRATIVE_TYPES.some((each) => each === type);

/** What a file may be. Nothing else is taken: no HTML, no SVG, no office file, no archive. */
export const MEDIA_TYPES = [
  "application/pdf",
  "image/png",
  "image/jpeg",
  "image/tiff",
  "text/plain",
  "application/xml",
] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

const MIB = 1024 * 1024;
export const DOCUMENT_MAX_BYTES = 24 * MIB;
/** What is sent at once, in the clear: small enough for a slow line, and so that little is sent again after a break. */
export const PART_BYTES = MIB;

/**
 * `pending`: not looked at yet. `clean`: nothing was found that may not be opened. `infected`: under quarantine; nobody
 * opens it. `failed`: it could not be looked at.
 */
export const DOCUMENT_SCANS = ["pending", "clean", "infected", "failed"] as const;
export type DocumentScan = (typeof DOCUMENT_SCANS)[number];

/** What was found in a file. Each belongs to one state, by the table of core/document/scan. */
export const DOCUMENT_FINDINGS = [
  "test-virus",
  "another-type-inside",
  "markup-inside",
  "attached-file",
  "starts-program",
  "too-large-unpacked",
  "too-many-pixels",
  "damaged",
  "encrypted",
  "document-type-declaration",
  "active-content",
] as const;
export type DocumentFinding = (typeof DOCUMENT_FINDINGS)[number];

/** How a file is shown: in its frame, or by its name alone. */
export type PreviewKind = "pdf" | "image" | "text" | "none";

/** Labels that a document can be filed under, by who may write there. */
export const DOCUMENT_LABELS = ["PSYTHPN", "42CFRPart2", "PSY", "SEX", "SDV", "HIV"] as const;

const title = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}\p{Bidi_Control}]*$/u);
const described = {
  type: z.enum(DOCUMENT_TYPES),
  title,
  /** The day that the document is of, as it says itself. */
  date: z.iso.date().optional(),
};

/** What is going to be sent. `replaces` is the version of the document that it becomes the next content of. */
export const BeginUpload = z.strictObject({
  patient: recordId,
  file: z.strictObject({
    /** As the device calls it; what of it is kept is said in the answer. */
    name: z.string().min(1).max(400),
    type: z.string().max(120),
    sizeBytes: z.int().min(1).max(DOCUMENT_MAX_BYTES),
  }),
  ...described,
  label: z.enum(DOCUMENT_LABELS).optional(),
  replaces: z.strictObject({ document: recordId, version }).optional(),
});
export type BeginUpload = z.infer<typeof BeginUpload>;

/** One part of the file, in base64. */
export const SendPart = z.strictObject({
  data: z
    .string()
    .min(4)
    .max(Math.ceil(PART_BYTES / 3) * 4)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/),
});
export type SendPart = z.infer<typeof SendPart>;

export const DescribeDocument = z.strictObject({ version, ...described });
export type DescribeDocument = z.infer<typeof DescribeDocument>;

export const WITHDRAW_REASONS = ["wrong-patient", "wrong-document", "duplicate", "unreadable"] as const;
export const WithdrawDocument = z.strictObject({ version, reason: z.enum(WITHDRAW_REASONS) });
export type WithdrawDocument = z.infer<typeof WithdrawDocument>;

/** Which content is to be shown; the newest where nothing is said. */
export const OpenPreview = z.strictObject({ edition: z.int().min(1).optional(), use: z.enum(["show", "save"]) });
export type OpenPreview = z.infer<typeof OpenPreview>;

/** An upload under way: what is there of it, so that it goes on after a pause. */
export interface UploadView {
  readonly id: string;
  readonly document: string;
  readonly fileName: string;
  readonly mediaType: MediaType;
  readonly sizeBytes: number;
  readonly partBytes: number;
  readonly parts: number;
  /** The parts that have arrived, from the first on. */
  readonly received: number;
  readonly expiresAt: string;
}

/** One content that a document has had. */
export interface EditionView {
  readonly edition: number;
  readonly fileName: string;
  readonly mediaType: MediaType;
  readonly sizeBytes: number;
  readonly scan: DocumentScan;
  readonly findings: readonly DocumentFinding[];
  readonly preview: PreviewKind;
  /** Whether it leaves here as a file: one that would act by itself is only looked at. */
  readonly isSavable: boolean;
  readonly by: Clinician;
  readonly at: string;
}

export const DOCUMENT_ACTS = ["replace", "describe", "withdraw", "check"] as const;
export type DocumentAct = (typeof DOCUMENT_ACTS)[number];

export interface DocumentView extends EditionView {
  readonly id: string;
  readonly patient: string;
  readonly version: number;
  readonly type: DocumentType;
  readonly title: string;
  readonly date?: string;
  readonly labels: readonly string[];
  readonly isWithdrawn: boolean;
  /** What the caller may do with it now. */
  readonly may: readonly DocumentAct[];
}

export interface DocumentsView {
  readonly documents: readonly DocumentView[];
  /** What the caller may file here: clinical documents, the office's, and such as a label keeps apart. */
  readonly mayFile: { readonly clinical: boolean; readonly administrative: boolean; readonly labelled: boolean };
}

export interface DocumentHistoryView {
  readonly document: DocumentView;
  /** Newest first. */
  readonly editions: readonly EditionView[];
}

/** Opens one content, once and within a minute, where previews are shown. */
export interface PreviewTicketView {
  readonly ticket: string;
  readonly preview: PreviewKind;
  readonly fileName: string;
  readonly mediaType: MediaType;
  /** How many tickets it takes: each answer but the last brings the next one. */
  readonly slices: number;
  readonly expiresAt: string;
}

export interface DocumentAnswers {
  readonly listDocuments: DocumentsView;
  readonly readDocument: DocumentHistoryView;
  readonly beginUpload: UploadView;
  readonly readUpload: UploadView;
  readonly sendPart: UploadView;
  readonly commitUpload: DocumentView;
  readonly checkDocument: DocumentView;
  readonly describeDocument: DocumentView;
  readonly withdrawDocument: DocumentView;
  readonly openPreview: PreviewTicketView;
}
