import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { isId } from "../../core/kernel/ids.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { currentSort, historySort, outboxPartition, parsePartition, parseRecordSort } from "../../core/table/index.ts";
import { timeOfId } from "../../core/kernel/ids.ts";
import { nameTouch, touchOf } from "../../core/watch/index.ts";
import { readConfig } from "../runtime/config.ts";
import { describeError, log } from "../runtime/log.ts";
import { forTenant, metered } from "../runtime/meter.ts";
import { chartKind, rowDeltas, tell } from "../runtime/storage-facts.ts";
import { oncePerBatch, ownPlainReader, type PlainReader, type PlainRow } from "../runtime/plain-reader.ts";

/**
 * `no-record`: a row of class I, which holds hashes and references and nothing of a patient. `rolled-back`: a genuine row
 * that stood there before; it opens, and is not what the record last was.
 */
export type CrossCheck = "audited" | "unaudited" | "rolled-back" | "gone" | "no-record";

/** From the making of an event to the change that it tells: longer than any request of ours lasts. */
const EVENT_AGE_MAX_MS = 2 * 60_000;

/**
 * Whether the change of one data row has its audit event, and is the row's newest state.
 * @param latest Reads a row as it is now, where `reader` may give it as it was earlier in the batch.
 */
export async function crossCheck(
  record: DynamoDBRecord,
  reader: PlainReader,
  latest: PlainReader = reader,
): Promise<CrossCheck> {
  const pk = record.dynamodb?.Keys?.["pk"]?.S ?? "";
  const sk = record.dynamodb?.Keys?.["sk"]?.S ?? "";
  const partition = parsePartition(pk);
  // No role deletes a data row: a removal is somebody who went past every role.
  if (partition === undefined || record.eventName === "REMOVE") return "unaudited";
  const { tenantId, dataClass, rest } = partition;
  if (dataClass === "I") return "no-record";
  const named = parseRecordSort(sk);
  if (named?.version !== undefined) {
    // A past version is written once, with the version that replaces it, and keeps the event that it had.
    if (record.eventName !== "INSERT") return "unaudited";
    const current = await reader.data(pk, currentSort(named.type, named.id));
    return (current?.version ?? 0) > named.version ? "audited" : "unaudited";
  }
  const row = await reader.data(pk, sk);
  if (row === undefined) return "gone";
  const { auditEventId } = row;
  if (auditEventId === undefined || !isId(auditEventId)) return "unaudited";
  // A job's row names the event of its stage for as long as that lasts; every other change has an event of its own.
  const changedMs = (record.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000;
  const isOld = changedMs - timeOfId(auditEventId) > EVENT_AGE_MAX_MS;
  if (isOld && !rest.startsWith("JOB")) return "rolled-back";
  if (named !== undefined && (await wasReplaced(latest, pk, row, named))) return "rolled-back";
  // An event lies under the UTC day of its own id.
  const day = toInstant(timeOfId(auditEventId)).slice(0, 10);
  return (await reader.hasEvent(outboxPartition(tenantId, day), auditEventId)) ? "audited" : "unaudited";
}

/** A version that lies in the history has been replaced: standing as the current one, it was put back. */
async function wasReplaced(
  latest: PlainReader,
  pk: string,
  { version }: PlainRow,
  { type, id }: NonNullable<ReturnType<typeof parseRecordSort>>,
): Promise<boolean> {
  if (version === undefined || version < 1) return false;
  if ((await latest.data(pk, historySort(type, id, version))) === undefined) return false;
  // Or it was replaced just now, between the two reads.
  return (await latest.data(pk, currentSort(type, id)))?.version === version;
}

const ALARMS = { unaudited: "UNAUDITED_WRITE", "rolled-back": "ROLLED_BACK" } as const;

/** The reconciler makes an incident in the clinic's trail of this line. */
function raiseAlarm(found: keyof typeof ALARMS, record: DynamoDBRecord): void {
  const { Keys, ApproximateCreationDateTime, SequenceNumber } = record.dynamodb ?? {};
  const touch = touchOf(Keys?.["pk"]?.S ?? "", Keys?.["sk"]?.S ?? "");
  log("error", "alarm", {
    failure: ALARMS[found],
    record: nameTouch(touch).name,
    at: toInstant((ApproximateCreationDateTime ?? 0) * 1000),
    eventId: (SequenceNumber ?? "none").slice(0, 64),
    ...(touch.tenantId === undefined ? {} : { tenantId: touch.tenantId }),
  });
}

const tenantOf = (record: DynamoDBRecord): string | undefined =>
  parsePartition(record.dynamodb?.Keys?.["pk"]?.S ?? "")?.tenantId;

/** Every record is looked at, and the events and rows that several share are read once. */
export async function crossCheckBatch(
  records: readonly DynamoDBRecord[],
  reader: PlainReader,
  say: typeof tell = () => {},
): Promise<DynamoDBBatchResponse> {
  const batch = oncePerBatch(reader);
  // What is looked at is the row as it is now: of several changes of one row the last stands for all.
  const newest = new Map(records.map((record) => [JSON.stringify(record.dynamodb?.Keys), record]));
  for (const record of records)
    await forTenant(tenantOf(record), async () => rowDeltas(record, chartKind).forEach((delta) => say(delta)));
  let sound = 0;
  const look = async (record: DynamoDBRecord): Promise<void> => {
    const found = await crossCheck(record, batch, reader);
    if (found === "unaudited" || found === "rolled-back") raiseAlarm(found, record);
    else sound += 1;
  };
  for (const record of newest.values()) {
    try {
      await forTenant(tenantOf(record), () => look(record));
    } catch (error) {
      log("error", "failure", { failure: "cross-check", ...describeError(error) });
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" }] };
    }
  }
  log("info", "cross-checked", { count: sound });
  return { batchItemFailures: [] };
}

let reader: PlainReader | undefined;

/** Every change of the data table is asked for its event; one without raises UNAUDITED_WRITE, an old one ROLLED_BACK. */
export const handler = metered("cross-check", (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const config = readConfig(["AWS_REGION", "DATA_TABLE", "OUTBOX_TABLE"]);
  reader ??= ownPlainReader(config.AWS_REGION, config.DATA_TABLE, config.OUTBOX_TABLE);
  return crossCheckBatch(event.Records, reader, tell);
});
