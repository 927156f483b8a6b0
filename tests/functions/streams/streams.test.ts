import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import type { ArchiveStore } from "../../../core/archive/store.ts";
import { linesOf } from "../../../core/audit/seal.ts";
import { createAuditWriter } from "../../../core/audit/writer.ts";
import { newId } from "../../../core/kernel/ids.ts";
import { archiveRecords } from "../../../functions/streams/archive.ts";
import { crossCheck } from "../../../functions/streams/cross-check.ts";
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
    expect([...objects.keys()].map((key) => key.split("/")[3])).toEqual([TENANT, OTHER_TENANT]);
    const [own] = objects.values();
    expect(linesOf(own ?? Buffer.alloc(0))).toEqual([events[0]?.line, events[2]?.line]);
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
  const reader = (auditEventId: string | undefined, hasEvent = true) => ({
    data: () => Promise.resolve({ auditEventId }),
    hasEvent: (pk: string, id: string) =>
      Promise.resolve(hasEvent && pk === `T#${TENANT}#A#2026-11-22` && id === eventId),
  });
  const changed = (dataClass: string, name: "INSERT" | "MODIFY" | "REMOVE" = "INSERT") =>
    record(name, [`T#${TENANT}#${dataClass}#P#p`, "R#Patient#p"]);

  it("finds the event of a row by the day in the event's own id", async () => {
    expect(await crossCheck(changed("D"), reader(eventId))).toBe("audited");
  });

  it.each([
    ["no event id", reader(undefined)],
    ["an id that is none", reader("' OR 1")],
    ["an event that was never written", reader(eventId, false)],
    ["an event of another day", reader(newId(NOW + 86_400_000))],
  ])("AW-19 a row with %s is an unaudited write", async (_title, plain) => {
    expect(await crossCheck(changed("C"), plain)).toBe("unaudited");
  });

  it("AW-19 a removed row is one too, and one outside the key grammar", async () => {
    expect(await crossCheck(changed("C", "REMOVE"), reader(eventId))).toBe("unaudited");
    expect(await crossCheck(record("INSERT", ["elsewhere", "x"]), reader(eventId))).toBe("unaudited");
  });

  it("passes over idempotency rows and rows that are gone", async () => {
    expect(await crossCheck(changed("I"), reader(undefined))).toBe("no-record");
    expect(await crossCheck(changed("C"), { ...reader(eventId), data: () => Promise.resolve(undefined) })).toBe("gone");
  });
});
