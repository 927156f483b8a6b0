import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import type { ArchiveStore } from "../../../core/archive/store.ts";
import { eventsRoot, hintsRoot } from "../../../core/audit/layout.ts";
import { linesOf } from "../../../core/audit/seal.ts";
import { createAuditWriter } from "../../../core/audit/writer.ts";
import { newId } from "../../../core/kernel/ids.ts";
import { archiveRecords } from "../../../functions/streams/archive.ts";
import type { PlainReader } from "../../../functions/runtime/plain-reader.ts";
import { crossCheck, crossCheckBatch } from "../../../functions/streams/cross-check.ts";
import { facts, memoryArchive, OTHER_TENANT, TENANT } from "../../core/audit/fixtures.ts";

const NOW = Date.UTC(2026, 10, 22, 9);
const writer = createAuditWriter({ now: () => NOW });
let sequence = 0;

function record(
  eventName: "INSERT" | "MODIFY" | "REMOVE",
  keys: [pk: string, sk: string],
  images: { before?: string; after?: string } = {},
  principalId?: string,
): DynamoDBRecord {
  sequence += 1;
  const image = (line: string): Record<string, AttributeValue> => ({ event: { S: line } });
  return {
    eventName,
    ...(principalId === undefined ? {} : { userIdentity: { type: "Service", principalId } }),
    dynamodb: {
      SequenceNumber: String(sequence),
      Keys: { pk: { S: keys[0] }, sk: { S: keys[1] } },
      ...(images.after === undefined ? {} : { NewImage: image(images.after) }),
      ...(images.before === undefined ? {} : { OldImage: image(images.before) }),
    },
  };
}

function inserted(tenant = TENANT): { readonly line: string; readonly record: DynamoDBRecord } {
  const { line, event } = writer.draft(facts({ tenant }));
  return { line, record: record("INSERT", [`T#${tenant}#A#2026-11-22`, event.id], { after: line }) };
}

function archive(fails: (key: string) => boolean = () => false) {
  const memory = memoryArchive();
  const store: ArchiveStore = {
    ...memory,
    create: (key, content) => (fails(key) ? Promise.reject(new Error("S3 is away")) : memory.create(key, content)),
    folders: () => Promise.resolve([]),
  };
  return { store, objects: memory.objects };
}

describe("archiveRecords", () => {
  it("AUD-5 writes one object for each tenant of a batch, and a retried batch changes nothing", async () => {
    const events = [inserted(), inserted(OTHER_TENANT), inserted()];
    const { store, objects } = archive();
    const records = events.map((event) => event.record);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await archiveRecords(records, store, NOW)).toMatchObject({
        response: { batchItemFailures: [] },
        stored: 3,
        quarantined: 0,
      });
    }
    const batches = [...objects.keys()].filter((key) => key.startsWith(eventsRoot));
    expect(batches.map((key) => key.split("/")[3])).toEqual([TENANT, OTHER_TENANT]);
    // And one hint of both, from which the sealer learns of them.
    const hints = [...objects].filter(([key]) => key.startsWith(hintsRoot));
    expect(hints.map(([, content]) => JSON.parse(content.toString("utf8")) as unknown)).toEqual([
      { v: 1, objects: batches },
    ]);
    const [own] = objects.values();
    expect(linesOf(own ?? Buffer.alloc(0))).toEqual([events[0]?.line, events[2]?.line]);
  });

  it("AW-18 a batch without its hint is not done: it comes again, and stores nothing twice", async () => {
    const records = [inserted(), inserted()].map((event) => event.record);
    const { store, objects } = archive((key) => key.startsWith(hintsRoot));
    const { response } = await archiveRecords(records, store, NOW);
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: records[0]?.dynamodb?.SequenceNumber }]);
    const again = archive();
    for (const [key, content] of objects) again.objects.set(key, content);
    expect((await archiveRecords(records, again.store, NOW)).response.batchItemFailures).toEqual([]);
    expect([...again.objects.keys()].filter((key) => key.startsWith(eventsRoot))).toHaveLength(1);
  });

  it("AUD-12 gives the first record that was not stored, so that nothing is skipped", async () => {
    const events = [inserted(), inserted(OTHER_TENANT), inserted(OTHER_TENANT)];
    const { store } = archive((key) => key.includes(OTHER_TENANT));
    const { response } = await archiveRecords(
      events.map((event) => event.record),
      store,
      NOW,
    );
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: events[1]?.record.dynamodb?.SequenceNumber }]);
  });

  it("AW-05 an overwritten, deleted or strange row is kept as evidence, and an expiry is not one", async () => {
    const { line, record: own } = inserted();
    const pk = own.dynamodb?.Keys?.["pk"]?.S ?? "";
    const { line: other } = inserted();
    const { store, objects } = archive();
    const records = [
      record("MODIFY", [pk, "x"], { before: line, after: other }),
      record("REMOVE", [pk, "x"], { before: line }, "somebody"),
      record("INSERT", [pk, "x"], { after: "not an event" }),
      record("INSERT", [`T#${OTHER_TENANT}#A#2026-11-22`, "x"], { after: line }),
      record("REMOVE", [pk, "x"], { before: line }, "dynamodb.amazonaws.com"),
    ];
    expect(await archiveRecords(records, store, NOW)).toMatchObject({ quarantined: 4 });
    expect([...objects.keys()].filter((key) => key.startsWith("v1/events/quarantine/"))).toHaveLength(4);
  });
});

describe("crossCheck", () => {
  const eventId = newId(NOW);
  const PK = (dataClass: string): string => `T#${TENANT}#${dataClass}#P#p`;
  const CURRENT = "R#Patient#p";
  const PAST = "H#Patient#p#0000000001";
  const row = (auditEventId: string | undefined, version = 1) => ({ auditEventId, version });

  /** A table of plain rows and an outbox that holds one event. */
  const reader = (rows: Readonly<Record<string, ReturnType<typeof row>>>, hasEvent = true): PlainReader => ({
    data: (_pk, sk) => Promise.resolve(rows[sk]),
    hasEvent: (pk, id) => Promise.resolve(hasEvent && pk === `T#${TENANT}#A#2026-11-22` && id === eventId),
  });
  const changed = (
    dataClass: string,
    name: "INSERT" | "MODIFY" | "REMOVE" = "INSERT",
    sk = CURRENT,
    atMs = NOW,
  ): DynamoDBRecord => {
    const made = record(name, [PK(dataClass), sk]);
    return { ...made, dynamodb: { ...made.dynamodb, ApproximateCreationDateTime: Math.floor(atMs / 1000) } };
  };

  it("finds the event of a row by the day in the event's own id", async () => {
    expect(await crossCheck(changed("D"), reader({ [CURRENT]: row(eventId) }))).toBe("audited");
  });

  it.each([
    ["no event id", reader({ [CURRENT]: row(undefined) })],
    ["an id that is none", reader({ [CURRENT]: row("' OR 1") })],
    ["an event that was never written", reader({ [CURRENT]: row(eventId) }, false)],
    ["an event of another day", reader({ [CURRENT]: row(newId(NOW + 86_400_000)) })],
  ])("AW-19 a row with %s is an unaudited write", async (_title, plain) => {
    expect(await crossCheck(changed("C"), plain)).toBe("unaudited");
  });

  it("AW-19 a removed row is one too, and one outside the key grammar", async () => {
    expect(await crossCheck(changed("C", "REMOVE"), reader({ [CURRENT]: row(eventId) }))).toBe("unaudited");
    expect(await crossCheck(record("INSERT", ["elsewhere", "x"]), reader({}))).toBe("unaudited");
  });

  it("passes over idempotency rows and rows that are gone", async () => {
    expect(await crossCheck(changed("I"), reader({ [CURRENT]: row(undefined) }))).toBe("no-record");
    expect(await crossCheck(changed("C"), reader({}))).toBe("gone");
  });

  it("a past version keeps its old event, and is sound under a newer current one", async () => {
    const old = row(newId(NOW - 90 * 86_400_000), 1);
    const past = changed("C", "INSERT", PAST);
    expect(await crossCheck(past, reader({ [PAST]: old, [CURRENT]: row(eventId, 2) }))).toBe("audited");
    expect(await crossCheck(past, reader({ [PAST]: old, [CURRENT]: row(eventId, 1) }))).toBe("unaudited");
    expect(await crossCheck(changed("C", "MODIFY", PAST), reader({ [PAST]: old, [CURRENT]: row(eventId, 2) }))).toBe(
      "unaudited",
    );
  });

  it("AW-15 a row whose event is much older than its change was put back, and so was one that history holds", async () => {
    const late = changed("C", "MODIFY", CURRENT, NOW + 3 * 60_000);
    expect(await crossCheck(late, reader({ [CURRENT]: row(eventId) }))).toBe("rolled-back");
    const history = reader({ [CURRENT]: row(eventId), [PAST]: row(eventId) });
    expect(await crossCheck(changed("C", "MODIFY"), history)).toBe("rolled-back");
  });

  it("AW-15 a record that is replaced while it is looked at was not put back", async () => {
    const batch = reader({ [CURRENT]: row(eventId, 1) });
    const latest = reader({ [CURRENT]: row(eventId, 2), [PAST]: row(eventId, 1) });
    expect(await crossCheck(changed("C", "MODIFY"), batch, latest)).toBe("audited");
  });

  it("a job's row keeps the event of its stage", async () => {
    const made = record("MODIFY", [`T#${TENANT}#D#JOB`, "j"]);
    const late = { ...made, dynamodb: { ...made.dynamodb, ApproximateCreationDateTime: NOW / 1000 + 3_600 } };
    expect(await crossCheck(late, reader({ j: row(eventId) }))).toBe("audited");
  });

  it("reads an event that many rows share once for a batch", async () => {
    let asked = 0;
    const plain = reader(
      Object.fromEntries(Array.from({ length: 50 }, (_each, at) => [`R#Patient#${at}`, row(eventId)])),
    );
    const counting: PlainReader = {
      data: (pk, sk) => plain.data(pk, sk),
      hasEvent: (pk, id) => {
        asked += 1;
        return plain.hasEvent(pk, id);
      },
    };
    const records = Array.from({ length: 50 }, (_each, at) => changed("C", "INSERT", `R#Patient#${at}`));
    expect(await crossCheckBatch(records, counting)).toEqual({ batchItemFailures: [] });
    expect(asked).toBe(1);
  });
});
