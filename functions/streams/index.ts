import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { systemClock } from "../../core/kernel/clock.ts";
import { acknowledgementPartition, parsePartition, type Row, storedBytes, type Table } from "../../core/table/index.ts";
import { emergencies, indexRows, makeSignal } from "../../core/watch/index.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { readConfig } from "../runtime/config.ts";
import { describeError, log } from "../runtime/log.ts";
import { forTenant, metered } from "../runtime/meter.ts";
import { eventOfImage, isExpiry, type StoredEvent } from "../runtime/outbox-record.ts";
import { raise } from "../runtime/signals.ts";
import { activities, rowDeltas, tell } from "../runtime/storage-facts.ts";
import { ownTrailWriter } from "../runtime/trail-writer.ts";

type Trail = Pick<Table, "put">;

/** Rows that are written at the same time: a batch is a few hundred rows, and one at a time would hold the shard. */
const WRITES_AT_ONCE = 32;
/** Rows of the outbox live thirty days; one that goes a day early was made to. */
const LEAST_LIFE_MS = 29 * 86_400_000;

/** Who said that a signal was seen: from the event of it, so that no request writes to the trail. */
function acknowledgementRows({ event }: StoredEvent): Row[] {
  if (event.interaction !== "alert.acknowledge" || event.outcome !== "success") return [];
  return event.entities.flatMap(({ type, id }) =>
    type === "Alert" && id !== undefined
      ? [
          {
            pk: acknowledgementPartition(event.tenant as TenantId),
            sk: id,
            user: event.actor.user,
            at: event.at,
            event: event.id,
          },
        ]
      : [],
  );
}

async function put(trail: Trail, rows: readonly Row[]): Promise<void> {
  for (let at = 0; at < rows.length; at += WRITES_AT_ONCE) {
    const written = await Promise.all(rows.slice(at, at + WRITES_AT_ONCE).map((row) => trail.put("trail", row)));
    for (const result of written) if (!result.ok) throw new Error(`trail: ${result.error.kind}`);
  }
}

async function indexRecord(trail: Trail, record: DynamoDBRecord, nowMs: number, say: typeof tell): Promise<number> {
  // The stream shows a row whole: what it weighed is told whether or not it is an event.
  for (const delta of rowDeltas(record, () => "outbox")) say(delta);
  if (record.eventName === "INSERT") {
    const stored = eventOfImage(record, "NewImage");
    // The archive keeps it as evidence and raises the alarm; there is nothing to find it by.
    if (stored === undefined) return 0;
    const rows = indexRows(stored.event, stored.line);
    await put(trail, rows);
    // The same event writes the same rows: told again, it is the same fact.
    const bytes = rows.reduce((sum, row) => sum + storedBytes(row).table, 0);
    const { tenant, at, id } = stored.event;
    say({ kind: "storage-delta.v1", id, at, tenant, storage: "audit-index", bytes });
    for (const activity of activities(stored.event)) say(activity);
    for (const row of acknowledgementRows(stored)) {
      // The first to see it stays.
      const written = await trail.put("trail", row, { kind: "absent" });
      if (!written.ok && written.error.kind !== "conflict") throw new Error(`trail: ${written.error.kind}`);
    }
    for (const signal of emergencies(stored.event.tenant, [stored.event])) await raise(trail, signal);
    return rows.length;
  }
  const gone = isExpiry(record) ? eventOfImage(record, "OldImage")?.event : undefined;
  if (gone !== undefined && nowMs - gone.at < LEAST_LIFE_MS) {
    const { tenant, at, service: handler, request, id } = gone;
    const facts = { tenant, at, kind: "expired-early", handler, request, record: `event/${id}` } as const;
    await raise(trail, makeSignal({ ...facts, evidence: [id] }, [id]));
  }
  return 0;
}

/**
 * Writes the index rows of a stream batch. What a row is follows from its event alone: a batch that comes again, in
 * pieces or out of order, writes the same rows. Gives the first record that was not done, from which Lambda tries again.
 */
export async function indexRecords(
  records: readonly DynamoDBRecord[],
  trail: Trail,
  nowMs: number,
  say: typeof tell = () => {},
): Promise<{ readonly response: DynamoDBBatchResponse; readonly rows: number }> {
  let rows = 0;
  for (const record of records) {
    try {
      const tenantId = parsePartition(record.dynamodb?.Keys?.["pk"]?.S ?? "")?.tenantId;
      rows += await forTenant(tenantId, () => indexRecord(trail, record, nowMs, say));
    } catch (error) {
      log("error", "failure", { failure: "index", ...describeError(error) });
      const itemIdentifier = record.dynamodb?.SequenceNumber ?? "";
      return { response: { batchItemFailures: [{ itemIdentifier }] }, rows };
    }
  }
  return { response: { batchItemFailures: [] }, rows };
}

let trail: Trail | undefined;

export const handler = metered("index", async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const config = readConfig(["AWS_REGION", "TRAIL_TABLE"]);
  trail ??= ownTrailWriter(config.AWS_REGION, config.TRAIL_TABLE);
  const { response, rows } = await indexRecords(event.Records, trail, systemClock.now(), tell);
  log("info", "indexed", { count: rows });
  return response;
});
