import type { DynamoDBRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { packLine } from "../../../core/audit/row.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { acknowledgementPartition, signalPartition } from "../../../core/table/index.ts";
import { createMemoryTable, type MemoryTable } from "../../../core/table/memory.ts";
import { searchTrail } from "../../../core/watch/index.ts";
import { indexRecords } from "../../../functions/streams/index.ts";
import { draftAt, patientId, T0, TENANT } from "../../core/watch/fixtures.ts";

const tenant = TENANT as TenantId;
let sequence = 0;

function stored(
  { event, line }: ReturnType<typeof draftAt>,
  eventName: "INSERT" | "REMOVE" = "INSERT",
  principalId = "dynamodb.amazonaws.com",
): DynamoDBRecord {
  const image = { event: { B: Buffer.from(packLine(line)).toString("base64") } };
  return {
    eventName,
    ...(eventName === "REMOVE" && { userIdentity: { type: "Service", principalId } }),
    dynamodb: {
      SequenceNumber: String((sequence += 1)),
      Keys: { pk: { S: `T#${TENANT}#A#2026-11-22` }, sk: { S: event.id } },
      ...(eventName === "INSERT" ? { NewImage: image } : { OldImage: image }),
    },
  };
}

const rowsOf = (table: MemoryTable, pk?: string) =>
  [...(table.store.rows.get("trail")?.values() ?? [])].filter((row) => pk === undefined || row.pk === pk);

describe("indexRecords", () => {
  it("AUD-6 makes events searchable, and a batch that comes again changes nothing", async () => {
    const table = createMemoryTable();
    const records = Array.from({ length: 20 }, (_each, index) =>
      stored(draftAt(T0 + index, { patient: patientId(1) })),
    );
    await indexRecords(records, table, T0);
    const before = rowsOf(table);
    expect(await indexRecords([...records.slice(5), ...records], table, T0)).toMatchObject({
      response: { batchItemFailures: [] },
    });
    expect(rowsOf(table)).toEqual(before);
    const found = await searchTrail(table, tenant, { patient: patientId(1), count: 100 });
    expect(found.ok && found.value.events).toHaveLength(20);
  });

  it("AUD-12 gives the first record that was not written, so that nothing is skipped", async () => {
    const table = createMemoryTable();
    const records = [stored(draftAt(T0)), stored(draftAt(T0 + 1)), stored(draftAt(T0 + 2))];
    await indexRecords(records.slice(0, 1), table, T0);
    table.failNext("PutItem", { kind: "unavailable" });
    const { response } = await indexRecords(records.slice(1), table, T0);
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: records[1]?.dynamodb?.SequenceNumber }]);
  });

  it("AW-18 a record that is no event of its tenant is passed over, and does not stop the rest", async () => {
    const table = createMemoryTable();
    const good = stored(draftAt(T0));
    const bad = { ...stored(draftAt(T0)), dynamodb: { ...good.dynamodb, NewImage: { event: { B: "AAAA" } } } };
    const { response, rows } = await indexRecords([bad, good], table, T0);
    expect(response.batchItemFailures).toEqual([]);
    expect(rows).toBeGreaterThan(0);
  });

  it("AT-34 an emergency that begins is in the clinic's alerts at once, and once", async () => {
    const table = createMemoryTable();
    const begun = stored(draftAt(T0, { interaction: "break-glass.begin", action: "C", patient: patientId(1) }));
    await indexRecords([begun, begun], table, T0);
    expect(rowsOf(table, signalPartition(tenant))).toMatchObject([{ kind: "break-glass", severity: "alert" }]);
  });

  it("an acknowledgement is written from its event, and the first one stays", async () => {
    const table = createMemoryTable();
    const seen = (atMs: number) =>
      stored(
        draftAt(atMs, {
          interaction: "alert.acknowledge",
          action: "U",
          entities: [{ type: "Alert", id: patientId(7) }],
        }),
      );
    await indexRecords([seen(T0), seen(T0 + 5_000)], table, T0);
    expect(rowsOf(table, acknowledgementPartition(tenant))).toMatchObject([{ sk: patientId(7), at: T0 }]);
  });

  it("AUD-10 a row that its TTL takes before its time is an incident; one that lived its month is none", async () => {
    const table = createMemoryTable();
    const day = 86_400_000;
    await indexRecords([stored(draftAt(T0), "REMOVE")], table, T0 + 31 * day);
    await indexRecords([stored(draftAt(T0), "REMOVE", "somebody")], table, T0 + day);
    expect(rowsOf(table)).toEqual([]);
    await indexRecords([stored(draftAt(T0), "REMOVE")], table, T0 + day);
    expect(rowsOf(table, signalPartition(tenant))).toMatchObject([{ kind: "expired-early", severity: "incident" }]);
  });
});
