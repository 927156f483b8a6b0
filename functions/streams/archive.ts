import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { ArchiveStore } from "../../core/archive/store.ts";
import { decodeEvent } from "../../core/audit/event.ts";
import { batchKey, dayOf, hintKey, quarantineKey } from "../../core/audit/layout.ts";
import { unpackLine } from "../../core/audit/row.ts";
import type { Hint } from "../../core/audit/seal-run.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { ownArchive } from "../runtime/archive.ts";
import { readConfig } from "../runtime/config.ts";
import { describeError, log } from "../runtime/log.ts";
import { forTenant, metered } from "../runtime/meter.ts";
import { isExpiry } from "../runtime/outbox-record.ts";
import { objectDelta, tell } from "../runtime/storage-facts.ts";

interface Arrival {
  readonly sequenceNumber: string;
  readonly line: string;
  readonly tenantId: string;
  readonly eventId: string;
}

type Sorted = {
  readonly arrivals: Arrival[];
  readonly strange: { readonly sequenceNumber: string; readonly text: string }[];
};

/** The text of an image's event; of one that no writer of ours packed, what stands there, for the evidence. */
function imageText(image: NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"]): string | undefined {
  const { B: packed, S: text } = image?.["event"] ?? {};
  if (packed === undefined) return text;
  const bytes = Buffer.from(packed, "base64");
  return unpackLine(bytes) ?? bytes.toString("base64");
}

/** What the outbox says: events to keep, and things that should not happen, which are kept too and raise an alarm. */
function sortRecords(records: readonly DynamoDBRecord[]): Sorted {
  const sorted: Sorted = { arrivals: [], strange: [] };
  for (const record of records) {
    const sequenceNumber = record.dynamodb?.SequenceNumber ?? "";
    if (isExpiry(record)) continue;
    const line = imageText(record.dynamodb?.NewImage);
    const event = line === undefined ? undefined : decodeEvent(line);
    const isOwnRow =
      event !== undefined && record.dynamodb?.Keys?.["pk"]?.S?.startsWith(`T#${event.tenant}#A#`) === true;
    if (event !== undefined && line !== undefined && isOwnRow) {
      sorted.arrivals.push({ sequenceNumber, line, tenantId: event.tenant, eventId: event.id });
      if (record.eventName === "INSERT") continue;
    }
    // An event that was overwritten or deleted, or that is none: both sides are evidence.
    const before = imageText(record.dynamodb?.OldImage) ?? null;
    const text = JSON.stringify({
      change: record.eventName,
      keys: record.dynamodb?.Keys ?? {},
      before,
      after: line ?? null,
    });
    sorted.strange.push({ sequenceNumber, text });
  }
  return sorted;
}

/**
 * Writes the events of a stream batch into the archive, one object for each tenant. An object that exists already is the
 * same one: a retried batch changes nothing. Gives the first record that was not stored, from which Lambda tries again.
 */
export async function archiveRecords(
  records: readonly DynamoDBRecord[],
  store: ArchiveStore,
  nowMs: number,
  say: typeof tell = () => {},
): Promise<{ readonly response: DynamoDBBatchResponse; readonly stored: number; readonly quarantined: number }> {
  const { arrivals, strange } = sortRecords(records);
  const day = dayOf(nowMs);
  const failed: string[] = [];
  let stored = 0;
  const attempt = async (sequenceNumbers: readonly string[], write: () => Promise<unknown>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      log("error", "failure", { failure: "archive-write", count: sequenceNumbers.length, ...describeError(error) });
      failed.push(...sequenceNumbers);
    }
  };
  const written: string[] = [];
  const byTenant = Map.groupBy(arrivals, ({ tenantId }) => tenantId);
  for (const [tenantId, events] of byTenant) {
    const content = events.map(({ line }) => `${line}\n`).join("");
    const key = batchKey(tenantId, day, events[0]?.eventId ?? "", content);
    const write = async (): Promise<void> => {
      await store.create(key, content);
      say(objectDelta(tenantId, "audit", { name: key, at: nowMs, bytes: Buffer.byteLength(content) }));
      stored += events.length;
      written.push(key);
    };
    const sequenceNumbers = events.map(({ sequenceNumber }) => sequenceNumber);
    await forTenant(tenantId, () => attempt(sequenceNumbers, write));
  }
  // Without its hint an object waits for the day's listing: a batch is done only when both are there.
  if (written.length > 0) {
    const hint = JSON.stringify({ v: 1, objects: written } satisfies Hint);
    await attempt(
      arrivals.map(({ sequenceNumber }) => sequenceNumber),
      () => store.create(hintKey(nowMs, hint), hint),
    );
  }
  for (const { sequenceNumber, text } of strange) {
    log("error", "alarm", { failure: "outbox-tampering" });
    await attempt([sequenceNumber], () => store.create(quarantineKey(day, Buffer.from(text)), text));
  }
  const order = new Map(records.map((record, index) => [record.dynamodb?.SequenceNumber ?? "", index]));
  const [first] = failed.toSorted((left, right) => (order.get(left) ?? 0) - (order.get(right) ?? 0));
  return {
    response: { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: first }] },
    stored,
    quarantined: strange.length,
  };
}

let store: ArchiveStore | undefined;

export const handler = metered("archive", async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const config = readConfig(["AWS_REGION", "ARCHIVE_BUCKET"]);
  store ??= ownArchive(config.AWS_REGION, config.ARCHIVE_BUCKET);
  const { response, stored } = await archiveRecords(event.Records, store, systemClock.now(), tell);
  log("info", "archived", { count: stored });
  return response;
});
