/** The door of core/record. */
export type { AuditSink, EventDraft, RecordEvent, RecordInteraction } from "./audit-sink.ts";
export { type CommittedTransactions, createCommittedTransactions, type RecordsDeps } from "./desk.ts";
export type { ChartPage } from "./everything.ts";
export type { OnAlarm, RecordAlarm, RecordFailure, RecordRule } from "./failure.ts";
export { type OneEffect, requestFingerprint, type WrittenReference } from "./idempotency.ts";
export type { EntryOutcome, TransactionResult } from "./outcomes.ts";
export { locatePatient } from "./locate.ts";
export type { Judgement, Privacy } from "./privacy.ts";
export { createRecords, type HistoryPage, type Records, type WriteAnswer } from "./records.ts";
export type { SearchPage } from "./search.ts";
export { resourceOf, type StoredVersion } from "./stored.ts";
