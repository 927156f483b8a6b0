/** The door of core/record. */
export type { Busy, Claim } from "./calendar.ts";
export type { AuditSink, EventDraft, RecordEvent, RecordInteraction } from "./audit-sink.ts";
export { type CommittedTransactions, createCommittedTransactions, type RecordsDeps } from "./desk.ts";
export { documentScanOf, isDocument } from "./document-guard.ts";
export type { ChartPage } from "./everything.ts";
export type { OnAlarm, RecordAlarm, RecordFailure, RecordRule } from "./failure.ts";
export { type OneEffect, requestFingerprint, type WrittenReference } from "./idempotency.ts";
export type { EntryOutcome, TransactionResult } from "./outcomes.ts";
export type { MergeAsked, PatientVersion } from "./merge.ts";
export { isReviewed, RESULT_REVIEW } from "./inbox-guard.ts";
export { locateByIdentifier, locatePatient } from "./locate.ts";
export {
  isNoteSignature,
  NOTE_FORMAT,
  NOTE_LOCK,
  NOTE_WRITES,
  type NoteWrite,
  noteStateOf,
  SIGNATURE_FORMAT,
} from "./note-guard.ts";
export type { Judgement } from "./judgement.ts";
export type { Privacy } from "./privacy.ts";
export { createRecords, type HistoryPage, type Records } from "./records.ts";
export type { WriteAnswer } from "./answer.ts";
export type { RankedPatients } from "./directory.ts";
export { namedBy, type Release, withoutReferences } from "./release.ts";
export type { SearchPage } from "./search.ts";
export { contentSecretOf, resourceOf, type StoredVersion } from "./stored.ts";
export { CORRECTED, TOKEN_FIELDS, type TokenField, WAITING } from "./token-fields.ts";
