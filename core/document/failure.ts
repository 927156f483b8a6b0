import type { RecordFailure } from "../record/index.ts";

/** Rules of documents that a careful user can meet. */
export type DocumentRule =
  /** The chart has an id of another system's: what is beside its records has no place. */
  | "document-patient"
  /** The content was not looked at yet. */
  | "document-pending"
  /** It is under quarantine. */
  | "document-infected"
  /** It could not be looked at. */
  | "document-failed"
  /** It would act by itself: it is looked at in its frame and not handed out. */
  | "document-preview-only"
  /** It was filed in error. */
  | "document-withdrawn"
  /** The office's documents and clinical ones are sealed apart: file it anew. */
  | "document-kind"
  /** Another content was filed meanwhile. */
  | "document-replaced"
  /** A label is chosen when a document is first filed, and only for clinical ones. */
  | "document-label"
  /** Parts come in their order, each once. */
  | "upload-part"
  /** Something is missing still. */
  | "upload-incomplete"
  | "upload-expired";

/** What is wrong with the file, by the field that it was chosen in. */
export type FileRule = "document-media-type" | "document-type-mismatch" | "document-size";

export type DocumentFailure =
  | RecordFailure
  | { readonly kind: "rule"; readonly rule: DocumentRule }
  | { readonly kind: "file"; readonly rule: FileRule };

export const broken = (rule: DocumentRule): { readonly ok: false; readonly error: DocumentFailure } => ({
  ok: false,
  error: { kind: "rule", rule },
});

export const badFile = (rule: FileRule): { readonly ok: false; readonly error: DocumentFailure } => ({
  ok: false,
  error: { kind: "file", rule },
});
