import { SYNCHRONOUS_REQUEST_BYTES } from "../limits.ts";
import type { DiscardCondition } from "./destination.ts";
import type { EventSourceMapping } from "./mapping.ts";
import type { StreamEventRecord } from "./record.ts";

/** What one invocation with a batch came to. */
export type BatchOutcome =
  | { readonly kind: "processed" }
  /** The lowest sequence number that the function reported as failed. */
  | { readonly kind: "partial"; readonly sequenceNumber: string }
  | { readonly kind: "failed" }
  /** Not the records' fault: does not count as a retry. */
  | { readonly kind: "throttled" };

export interface DeliveryDeps {
  readonly mapping: EventSourceMapping;
  invoke(records: readonly StreamEventRecord[]): Promise<BatchOutcome>;
  /** Everything up to this sequence number needs no more delivery. */
  advance(sequenceNumber: string): void;
  /** Sends records to the on-failure destination. A throw keeps them. */
  discard(condition: DiscardCondition, records: readonly StreamEventRecord[], invokeCount: number): Promise<void>;
  nowMs(): number;
  /** The pause before try number `attempt` (1, 2, ...) of the same records. */
  wait(attempt: number): Promise<void>;
  isStopping(): boolean;
}

/** The longest beginning of `records` that fits one invocation: `batchSize` records and 6 MB. At least one. */
export function cutBatch(records: readonly StreamEventRecord[], batchSize: number): readonly StreamEventRecord[] {
  let sizeBytes = Buffer.byteLength(`{"Records":[]}`);
  let count = 0;
  for (const record of records.slice(0, batchSize)) {
    sizeBytes += Buffer.byteLength(JSON.stringify(record)) + 1;
    if (count > 0 && sizeBytes > SYNCHRONOUS_REQUEST_BYTES) break;
    count += 1;
  }
  return records.slice(0, count);
}

/**
 * Delivers a batch in order until each record is processed or given up, as the mapping says.
 * Returns early, without an advance, when the service stops: the records are delivered again after the next start.
 * Source: Lambda Developer Guide, "How Lambda processes records from stream and queue-based event sources".
 */
export async function deliver(batch: readonly StreamEventRecord[], deps: DeliveryDeps): Promise<void> {
  const { mapping } = deps;
  let rest = batch;
  let failures = 0;
  let invokeCount = 0;
  while (rest.length > 0 && !deps.isStopping()) {
    const expired = rest.findIndex((record) => !isTooOld(record, deps));
    if (expired !== 0) {
      const old = expired === -1 ? rest : rest.slice(0, expired);
      if (await giveUp("RecordAgeExceeded", old, invokeCount, deps)) rest = rest.slice(old.length);
      continue;
    }
    const outcome = await deps.invoke(rest);
    if (deps.isStopping() && outcome.kind !== "processed") return;
    if (outcome.kind === "processed") {
      advancePast(rest, deps);
      return;
    }
    if (outcome.kind === "throttled") {
      await deps.wait(1);
      continue;
    }
    invokeCount += 1;
    failures += 1;
    const firstFailed = outcome.kind === "partial" ? indexOf(rest, outcome.sequenceNumber) : 0;
    if (firstFailed > 0) {
      advancePast(rest.slice(0, firstFailed), deps);
      rest = rest.slice(firstFailed);
      failures = 1; // of a new head: its own retries begin
      if (mapping.bisectBatchOnFunctionError) {
        // Split at the reported record: like any split, this uses up no retry.
        failures = 0;
        continue;
      }
    } else if (mapping.bisectBatchOnFunctionError && rest.length > 1) {
      // Splitting does not use up a retry, so that a bad record is alone before its retries count.
      const middle = Math.ceil(rest.length / 2);
      await deliver(rest.slice(0, middle), deps);
      await deliver(rest.slice(middle), deps);
      return;
    }
    if (mapping.maximumRetryAttempts !== -1 && failures > mapping.maximumRetryAttempts) {
      if (await giveUp("RetryAttemptsExhausted", rest, invokeCount, deps)) return;
      failures -= 1;
      continue;
    }
    await deps.wait(failures);
  }
}

function isTooOld(record: StreamEventRecord, deps: DeliveryDeps): boolean {
  const limit = deps.mapping.maximumRecordAgeSeconds;
  return limit !== -1 && deps.nowMs() / 1000 - record.dynamodb.ApproximateCreationDateTime > limit;
}

/** An id that the batch does not hold means that the whole batch failed. */
function indexOf(records: readonly StreamEventRecord[], sequenceNumber: string): number {
  return Math.max(
    0,
    records.findIndex((record) => record.dynamodb.SequenceNumber === sequenceNumber),
  );
}

function advancePast(records: readonly StreamEventRecord[], deps: DeliveryDeps): void {
  const last = records.at(-1);
  if (last !== undefined) deps.advance(last.dynamodb.SequenceNumber);
}

/** AWS goes on when the destination cannot be reached. We do not: a record that nobody holds any more is lost. */
async function giveUp(
  condition: DiscardCondition,
  records: readonly StreamEventRecord[],
  invokeCount: number,
  deps: DeliveryDeps,
): Promise<boolean> {
  try {
    await deps.discard(condition, records, invokeCount);
  } catch {
    await deps.wait(1);
    return false;
  }
  advancePast(records, deps);
  return true;
}
