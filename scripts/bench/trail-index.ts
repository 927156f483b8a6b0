import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { BatchWriteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createAuditWriter, type EventFacts } from "../../core/audit/writer.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { newId, type TenantId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter, type Row, tables } from "../../core/table/index.ts";
import { marshalRow } from "../../core/table/marshal.ts";
import { rowSizeBytes } from "../../core/table/size.ts";
import { indexRows, searchTrail, type TrailQuery } from "../../core/watch/index.ts";
import { createCloud } from "../local/front/index.ts";
import { cpuMsSince, type Figure, median } from "./figures.ts";

const TABLE = "bench-trail";
const ROWS_A_CALL = 25;
const CALLS_AT_ONCE = 6;
const REPEATS = 15;
const USERS = 40;
const PATIENTS = 6_000;
const PERIOD_MS = 30 * 86_400_000;

/** A clinic's month: a few people do most, a few patients are seen most, almost all is read. */
function* makeEvents(tenant: string, count: number): Generator<{ readonly rows: Row[]; readonly rare?: string }> {
  const startMs = systemClock.now() - PERIOD_MS;
  let nowMs = startMs;
  const writer = createAuditWriter({ now: () => nowMs });
  const users = Array.from({ length: USERS }, () => newId(startMs));
  const patients = Array.from({ length: PATIENTS }, () => newId(startMs));
  // One patient who is seen three times in all.
  const rare = newId(startMs);
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const pick = (from: readonly string[]): string => from[Math.floor(random() ** 3 * from.length)] ?? "";
  for (let index = 0; index < count; index += 1) {
    nowMs = startMs + Math.floor((index * PERIOD_MS) / count);
    const isRare = index % Math.floor(count / 3) === 1;
    const patient = isRare ? rare : pick(patients);
    const user = isRare ? (users[0] ?? "") : pick(users);
    const kind = random();
    const [action, interaction] = kind < 0.8 ? ["R", "read"] : kind < 0.92 ? ["E", "search"] : ["U", "update"];
    const facts: EventFacts = {
      tenant,
      action: action as EventFacts["action"],
      interaction: interaction ?? "read",
      outcome: random() < 0.97 ? "success" : "denied",
      service: "fhir",
      actor: { user, kind: "user", roles: ["physician"], client: "portal", session: "0".repeat(32) },
      purpose: "TREAT",
      patient,
      entities: [{ type: "Observation", id: `${patient}.${newId(nowMs)}`, version: 1 }],
      classes: ["C"],
      request: "0".repeat(16),
      decision: { id: "0".repeat(32), version: "0".repeat(64), rules: ["physician-chart"] },
      consent: { state: "not-required", ids: [] },
    };
    const draft = writer.draft(facts);
    writer.settle(draft, "stored");
    yield { rows: indexRows(draft.event, draft.line), ...(isRare && { rare: `${rare}/${user}` }) };
  }
}

const sectionOf = (events: number): string => `trail, ${events.toLocaleString("en-US")} events of one clinic`;

/** How long a search of the trail takes and what it asks for, with `events` events of one clinic in the index. */
export async function benchTrailIndex(events: number): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-bench-"));
  const cloud = await createCloud({ folder });
  const { endpoint, region, rootCredentials: credentials } = cloud;
  const client = new DynamoDBClient({ endpoint, region, credentials, maxAttempts: 1 });
  try {
    cloud.dynamodb.createTable({
      TableName: TABLE,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: tables.trail.partitionKey, KeyType: "HASH" },
        { AttributeName: tables.trail.sortKey, KeyType: "RANGE" },
      ],
    });
    const tenant = newId(systemClock.now()) as unknown as TenantId;
    const { figures, rare } = await fill(client, tenant, events);
    return [...figures, ...(await searches(client, tenant, rare, events))];
  } finally {
    client.destroy();
    await cloud.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(client: DynamoDBClient, tenant: TenantId, events: number) {
  const cpu = process.cpuUsage();
  let [rows, bytes, units] = [0, 0, 0];
  let rare = "";
  let batch: Row[] = [];
  const running = new Set<Promise<unknown>>();
  const flush = async (): Promise<void> => {
    const puts = batch.map((row) => ({ PutRequest: { Item: marshalRow(row) } }));
    batch = [];
    const sent: Promise<unknown> = client
      .send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: puts } }))
      .finally(() => running.delete(sent));
    running.add(sent);
    if (running.size >= CALLS_AT_ONCE) await Promise.race(running);
  };
  for (const event of makeEvents(tenant, events)) {
    rare = event.rare ?? rare;
    for (const row of event.rows) {
      const size = rowSizeBytes(row);
      rows += 1;
      bytes += size;
      units += Math.max(1, Math.ceil(size / 1024));
      batch.push(row);
      if (batch.length === ROWS_A_CALL) await flush();
    }
  }
  if (batch.length > 0) await flush();
  await Promise.all(running);
  const section = sectionOf(events);
  const figures: Figure[] = [
    { section, name: "index rows for an event", value: rows / events, unit: "rows" },
    { section, name: "index bytes for an event", value: bytes / events, unit: "bytes" },
    { section, name: "write units for an event", value: units / events, unit: "units" },
    { section, name: "CPU to write an event's rows", value: cpuMsSince(cpu) / events, unit: "ms" },
  ];
  return { figures, rare };
}

async function searches(client: DynamoDBClient, tenant: TenantId, rare: string, events: number): Promise<Figure[]> {
  const meter = createMeter();
  const table = createDynamoTable({ client, names: { trail: TABLE }, clock: systemClock, meter });
  const [patient = "", actor = ""] = rare.split("/");
  const middleMs = systemClock.now() - PERIOD_MS / 2;
  const asked: readonly (readonly [name: string, query: Omit<TrailQuery, "count">])[] = [
    ["newest of the clinic", {}],
    ["one busy person", { actor }],
    ["one patient of three events", { patient }],
    ["did X view chart Y", { patient, actor, action: "R", outcome: "success" }],
    ["refusals of one day", { outcome: "denied", fromMs: middleMs, toMs: middleMs + 86_400_000 }],
    ["what nobody ever did", { actor, action: "D", outcome: "failure" }],
  ];
  const section = sectionOf(events);
  const figures: Figure[] = [];
  for (const [name, query] of asked) {
    const times: number[] = [];
    const [calls, units] = [meter.calls.Query, meter.readUnits];
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      const started = performance.now();
      const page = await searchTrail(table, tenant, { ...query, count: 50 });
      times.push(performance.now() - started);
      invariant(page.ok, "the bench's own table answers");
    }
    figures.push({ section, name: `${name}: a page of 50`, value: median(times), unit: "ms" });
    figures.push({
      section,
      name: `${name}: Query calls`,
      value: (meter.calls.Query - calls) / REPEATS,
      unit: "calls",
    });
    figures.push({ section, name: `${name}: read units`, value: (meter.readUnits - units) / REPEATS, unit: "units" });
  }
  return figures;
}
