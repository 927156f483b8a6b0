import { createHash } from "node:crypto";
import { encodeId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Row, TableWrite } from "../table/index.ts";
import { TRANSACTION_LIMIT, transactionKey } from "../table/index.ts";
import type { IdSource, TransactionPlan } from "./bundle-plan.ts";
import { classOf } from "../fhir/index.ts";
import { currentKey } from "./address.ts";
import { calendarChanges, calendarRows, calendarWrites, whileContended } from "./calendar.ts";
import type { Change } from "./changes.ts";
import { creation, placeOf } from "./changes.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { tableFailure } from "./failure.ts";
import type { Guarding } from "./guards.ts";
import { guardingOf, guardWrites, patientsTouched, touchesOf } from "./guards.ts";
import type { OneEffect } from "./idempotency.ts";
import { effectKey, effectWrite } from "./idempotency.ts";
import type { TransactionResult } from "./outcomes.ts";
import { resultOf, writtenOf } from "./outcomes.ts";
import type { PlannedCreate } from "./planned-write.ts";
import { eventOf, rowsOf } from "./planned-write.ts";
import { readRows } from "./reader.ts";
import type { StoredVersion } from "./stored.ts";
import { stampResource, textOf } from "./stored.ts";

/** DynamoDB takes 4 MB a transaction; this is counted before compression, so that it is reached by few. */
const CHUNK_BYTES = 3_500_000;
/** Of one staged transaction: each has a check in its last write. */
const MAX_PATIENTS = TRANSACTION_LIMIT - 3;
/** Names, header, MAC and routing of a sealed row. */
const ROW_OVERHEAD_BYTES = 700;

/**
 * The time and ids of a large bundle that has an idempotency key: from the marker, where the bundle was sent before and
 * broke off, so that what was staged then is found instead of doubled. Without a key each sending is its own.
 */
export async function stagedSource(
  desk: Desk,
  effect: OneEffect | undefined,
): Promise<Result<IdSource | undefined, RecordFailure>> {
  if (!effect) return ok(undefined);
  const { pk } = effectKey(desk, effect);
  const transactionId = encodeId(createHash("sha256").update(`staged\n${pk}`).digest());
  const rows = await readRows(desk, [transactionKey(desk.grant.tenantId, transactionId)]);
  if (!rows.ok) return rows;
  const [marker] = rows.value;
  if (!marker) return ok({ nowMs: desk.clock.now(), transactionId });
  if (marker["fp"] !== effect.fingerprint) return err({ kind: "conflict", reason: "idempotency" });
  return ok({ nowMs: Number(marker["at"]), transactionId });
}

/**
 * Writes the creations in as many transactions as they need, under a marker that readers honour, and then flips the
 * marker: until that last write nobody sees any of them, after it everybody sees all. Broken off, it leaves rows that
 * never count; sent again with its key, it goes on where it was.
 */
export async function commitStaged(
  desk: Desk,
  plan: TransactionPlan,
  creations: readonly PlannedCreate[],
  effect: OneEffect | undefined,
  source: IdSource,
): Promise<Result<TransactionResult, RecordFailure>> {
  const { nowMs } = source;
  const transactionId = source.transactionId ?? desk.newId(nowMs);
  // Beside its rows a chunk has an event, a check and the marker.
  if (creations.some((planned) => rowsOf(planned, desk.reporting) + 3 > TRANSACTION_LIMIT)) {
    return err({ kind: "too-costly", rule: "bundle-size" });
  }
  const marker: Row = {
    ...transactionKey(desk.grant.tenantId, transactionId),
    state: "STAGED",
    at: nowMs,
    n: creations.length,
    fp: effect?.fingerprint ?? "",
  };
  // The last write checks them all, so that nothing counts which a hold or a consent met on the way.
  const guarding = await guardingOf(desk, touchesOf(desk, creations), nowMs);
  if (!guarding.ok) return guarding;
  const calendar = calendarChanges(creations);
  const last = guarding.value.patients.length + calendarRows(desk, calendar);
  if (last > MAX_PATIENTS) return err({ kind: "too-costly", rule: "bundle-size" });
  for (const [index, chunk] of chunksOf(desk, creations, nowMs).entries()) {
    const first: TableWrite[] =
      index === 0 ? [{ kind: "put", table: "data", row: marker, condition: { kind: "absent" } }] : [];
    const written = await writeChunk(desk, chunk, { nowMs, transactionId }, first);
    if (!written.ok) return written;
  }
  const results = creations.map((planned) => ({ planned, result: resultOfCreation(planned, nowMs) }));
  const result = resultOf(plan, results, true);
  const committed: Row = { ...marker, state: "COMMITTED" };
  const flipped = await whileContended(calendar, () =>
    flip(desk, committed, creations, guarding.value, effect, result),
  );
  if (!flipped.ok) return flipped;
  desk.committed.add(`${desk.grant.tenantId}/${transactionId}`);
  return ok(result);
}

async function flip(
  desk: Desk,
  marker: Row,
  creations: readonly PlannedCreate[],
  guarding: Guarding,
  effect: OneEffect | undefined,
  result: TransactionResult,
): Promise<Result<void, RecordFailure>> {
  // Each record was named in the event of its chunk: this one says that they count from now on.
  const event = { ...eventOf(desk, creations), entities: [], count: creations.length };
  const draft = await desk.audit.draft(desk.grant, event);
  if (!draft.ok) return draft;
  const { eventId, write, settle } = draft.value;
  const guards = await guardWrites(desk, guarding, eventId);
  if (!guards.ok) {
    settle("refused");
    return guards;
  }
  const calendar = await calendarWrites(desk, calendarChanges(creations), eventId);
  if (!calendar.ok) {
    settle("refused");
    return calendar;
  }
  const isStaged = { kind: "equals", attributes: { state: "STAGED" } } as const;
  const done = await desk.table.transactWrite([
    { kind: "put", table: "data", row: marker, condition: isStaged },
    ...(effect ? [effectWrite(desk, effect, writtenOf(result), desk.clock.now())] : []),
    write,
    ...guards.value,
    ...calendar.value,
  ]);
  settle(done.ok ? "stored" : done.error.kind === "unavailable" ? "unknown" : "refused");
  if (done.ok) return done;
  const guardsAt = effect ? 3 : 2;
  const isGuard = (index: number): boolean => index >= guardsAt && index < guardsAt + guards.value.length;
  if (done.error.kind === "conflict" && done.error.failed.some(isGuard))
    return err({ kind: "conflict", reason: "decision" });
  // Another sending of the same request was faster: its answer is this one's, and the caller gets it by asking again.
  return err(
    done.error.kind === "conflict" ? { kind: "conflict", reason: "contended" } : tableFailure(done.error, desk.onAlarm),
  );
}

async function writeChunk(
  desk: Desk,
  chunk: readonly PlannedCreate[],
  marks: { readonly nowMs: number; readonly transactionId: string },
  first: readonly TableWrite[],
): Promise<Result<void, RecordFailure>> {
  // Its Consents count from the last write on, which makes the protection: here only what stands is checked.
  const touches = touchesOf(desk, chunk).filter(({ type }) => type !== "Consent");
  const guarding = await guardingOf(desk, touches, marks.nowMs);
  if (!guarding.ok) return guarding;
  const draft = await desk.audit.draft(desk.grant, eventOf(desk, chunk));
  if (!draft.ok) return draft;
  const { eventId, write, settle } = draft.value;
  const changes: Change[] = [];
  for (const { resource, id, isClientId } of chunk) {
    const change = await creation(desk, resource, id, isClientId, { ...marks, eventId });
    if (!change.ok) {
      settle("refused");
      return change;
    }
    changes.push(change.value);
  }
  const guards = await guardWrites(desk, guarding.value, eventId);
  if (!guards.ok) {
    settle("refused");
    return guards;
  }
  const rows = [...first, ...changes.flatMap((change) => change.writes), write];
  const done = await desk.table.transactWrite([...rows, ...guards.value]);
  settle(done.ok ? "stored" : done.error.kind === "unavailable" ? "unknown" : "refused");
  if (done.ok) return done;
  if (done.error.kind !== "conflict") return err(tableFailure(done.error, desk.onAlarm));
  if (done.error.failed.some((index) => index >= rows.length)) return err({ kind: "conflict", reason: "decision" });
  // A chunk is written whole or not at all: one of its rows tells for the rest.
  const isHere = await isStagedAlready(desk, chunk[0], marks.transactionId);
  if (!isHere.ok) return isHere;
  return isHere.value ? ok(undefined) : err({ kind: "conflict", reason: "exists" });
}

async function isStagedAlready(
  desk: Desk,
  planned: PlannedCreate | undefined,
  transactionId: string,
): Promise<Result<boolean, RecordFailure>> {
  const spot = planned && placeOf(desk, planned.resource, planned.id);
  if (!planned || !spot?.ok) return ok(false);
  const rows = await readRows(desk, [currentKey(desk, spot.value, planned.resource.resourceType, planned.id)]);
  return rows.ok ? ok(rows.value[0]?.["_tx"] === transactionId) : rows;
}

/** As many creations as one transaction takes beside its event and the marker; the same bundle gives the same chunks. */
function chunksOf(desk: Desk, creations: readonly PlannedCreate[], nowMs: number): PlannedCreate[][] {
  const chunks: PlannedCreate[][] = [];
  let rows = TRANSACTION_LIMIT;
  let bytes = 0;
  let patients = new Set<string>();
  for (const planned of creations) {
    const ownRows = rowsOf(planned, desk.reporting);
    const text = textOf(stampResource(planned.resource, planned.id, 1, nowMs));
    const ownBytes = Buffer.byteLength(text) + ownRows * ROW_OVERHEAD_BYTES;
    const checked = patientsTouched(touchesOf(desk, [planned]));
    const checks = checked.filter((id) => !patients.has(id)).length;
    if (rows + ownRows + checks > TRANSACTION_LIMIT || bytes + ownBytes > CHUNK_BYTES) {
      chunks.push([]);
      rows = 2;
      bytes = 0;
      patients = new Set();
    }
    chunks.at(-1)?.push(planned);
    rows += ownRows + checked.filter((id) => !patients.has(id)).length;
    for (const id of checked) patients.add(id);
    bytes += ownBytes;
  }
  return chunks;
}

const resultOfCreation = ({ resource, id }: PlannedCreate, nowMs: number): StoredVersion => ({
  type: resource.resourceType,
  id,
  version: 1,
  lastUpdatedMs: nowMs,
  dataClass: classOf(resource),
});
