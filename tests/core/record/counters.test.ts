import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Records, StoredVersion } from "../../../core/record/index.ts";
import { requestFingerprint } from "../../../core/record/index.ts";
import { createDynamoTable } from "../../../core/table/dynamodb.ts";
import type { Cloud } from "../../../scripts/local/front/cloud.ts";
import { createCloud } from "../../../scripts/local/front/cloud.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { valueOf } from "../crypto/fixtures.ts";
import { createTables, rootClient } from "../table/cloud-tables.ts";
import type { World } from "./world.ts";
import { bundle, createWorld, grantOf, observation, patient, query, resource, withId } from "./world.ts";

/**
 * Calls and capacity units of each operation, as the embedded DynamoDB reports them to the SDK and as the fake in memory
 * counts them: exact, so that a change that costs a clinic money shows. Read units are those of consistent reads.
 * The audit event is in them: two write units inside a transaction, one on its own. So is what the patient's protection
 * costs: a read of it with each request, its check in each write, and where records of class S were looked at, its check
 * beside the event.
 */
let cloud: Cloud;
let client: DynamoDBClient;

beforeAll(async () => {
  cloud = await createCloud();
  client = rootClient(cloud);
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
});

const grant = grantOf();
const effect = (key: string) => ({ key, fingerprint: requestFingerprint("POST", "/fhir", key) });

interface Cost {
  readonly calls: string;
  readonly read: number;
  readonly write: number;
}

async function costOf(world: World, work: () => Promise<unknown>): Promise<Cost> {
  const before = structuredClone(world.meter);
  await work();
  const { calls, readUnits, writeUnits } = world.meter;
  const made = Object.entries(calls).flatMap(([name, count]) => {
    const times = count - before.calls[name as keyof typeof calls];
    return times === 0 ? [] : [`${times} ${name}`];
  });
  return { calls: made.join(", "), read: readUnits - before.readUnits, write: writeUnits - before.writeUnits };
}

const worlds: [string, () => Promise<World>][] = [
  ["in memory", () => createWorld()],
  [
    "through the SDK in the embedded DynamoDB",
    () =>
      createWorld((meter) =>
        createDynamoTable({ client, names: createTables(cloud, "golden"), clock: systemClock, meter }),
      ),
  ],
];

describe.each(worlds)("golden counters, %s", (_where, makeWorld) => {
  let world: World;
  let records: Records;
  let ada: StoredVersion;
  let who: StoredVersion;
  let height: StoredVersion;

  beforeAll(async () => {
    world = await makeWorld();
    records = world.for(grant);
    ada = valueOf(await records.create(grant, patient("Lovelace"))).version;
    who = valueOf(
      await records.create(grant, resource({ resourceType: "Practitioner", name: [{ family: "Who" }] })),
    ).version;
    height = valueOf(await records.create(grant, observation(ada.id, "height"))).version;
    // Keys of every class are unwrapped by now: these are the counters of a warm process.
    valueOf(await records.create(grant, observation(ada.id, "mood", "S")));
    valueOf(await records.everything(grant, ada.id));
  });

  const cost = (work: () => Promise<unknown>): Promise<Cost> => costOf(world, work);

  it("create: one transaction, and one batch for all references", async () => {
    expect(await cost(() => records.create(grant, patient("Byron")))).toEqual({
      calls: "1 TransactWriteItems",
      read: 0,
      // Record, directory and event; two tokens: the identifier, and the birth date with the family name.
      write: 10,
    });
    expect(await cost(() => records.create(grant, observation(ada.id, "x")))).toEqual({
      calls: "2 GetItem, 1 TransactWriteItems",
      read: 2,
      write: 6,
    });
    const performer = [{ reference: `Practitioner/${who.id}` }];
    expect(
      await cost(() => records.create(grant, observation(ada.id, "x", "C", { performer }), { effect: effect("c") })),
    ).toEqual({
      calls: "1 GetItem, 1 BatchGetItem, 1 TransactWriteItems",
      read: 4,
      write: 8,
    });
  });

  it("read: one call for the record and one for its event", async () => {
    expect(await cost(() => records.read(grant, "Patient", ada.id))).toEqual({
      calls: "2 GetItem, 1 PutItem",
      read: 2,
      write: 1,
    });
    expect(await cost(() => records.read(grant, "Observation", height.id))).toEqual({
      calls: "1 GetItem, 1 BatchGetItem, 1 PutItem",
      read: 3,
      write: 1,
    });
    const clinical = grantOf({ classes: ["C", "D"] });
    await world.for(clinical).read(clinical, "Observation", height.id);
    expect(await cost(() => world.for(clinical).read(clinical, "Observation", height.id))).toEqual({
      calls: "2 GetItem, 1 PutItem",
      read: 2,
      write: 1,
    });
  });

  it("update: one batch for version, references and key, one transaction", async () => {
    const next = withId(observation(ada.id, "taller"), height.id);
    expect(await cost(() => records.update(grant, next, { ifMatch: 1 }))).toEqual({
      calls: "1 GetItem, 1 BatchGetItem, 1 TransactWriteItems",
      read: 4,
      write: 8,
    });
    const again = () => records.update(grant, next, { ifMatch: 2, effect: effect("u") });
    expect(await cost(again)).toEqual({ calls: "1 GetItem, 1 BatchGetItem, 1 TransactWriteItems", read: 5, write: 10 });
    const gone = valueOf(await records.create(grant, observation(ada.id, "gone"))).version;
    expect(await cost(() => records.delete(grant, "Observation", gone.id))).toEqual({
      calls: "1 GetItem, 1 BatchGetItem, 1 TransactWriteItems",
      read: 3,
      write: 8,
    });
  });

  it("vread and history: the current version decides what may be seen, then one call for the past", async () => {
    expect(await cost(() => records.vread(grant, "Observation", height.id, 3))).toEqual({
      calls: "1 GetItem, 1 BatchGetItem, 1 PutItem",
      read: 3,
      write: 1,
    });
    expect(await cost(() => records.vread(grant, "Observation", height.id, 1))).toEqual({
      calls: "1 GetItem, 2 BatchGetItem, 1 PutItem",
      read: 5,
      write: 1,
    });
    expect(await cost(() => records.history(grant, "Observation", height.id))).toEqual({
      calls: "1 GetItem, 1 BatchGetItem, 2 Query, 1 PutItem",
      read: 5,
      write: 1,
    });
  });

  it("search and chart: one query a class, whatever the number of criteria", async () => {
    const text = `patient=${ada.id}&code=8302-2&status=final&date=ge2020-01-01&_sort=-date`;
    expect(await cost(() => records.search(grant, query("Observation", text)))).toEqual({
      calls: "1 GetItem, 2 Query, 1 TransactWriteItems",
      read: 3,
      write: 4,
    });
    expect(await cost(() => records.search(grant, query("Patient", "family=lovelace")))).toEqual({
      calls: "1 GetItem, 2 Query, 1 PutItem",
      read: 3,
      write: 1,
    });
    expect(await cost(() => records.search(grant, query("Patient", "identifier=mrn-Lovelace")))).toEqual({
      calls: "2 GetItem, 1 Query, 1 PutItem",
      read: 3,
      write: 1,
    });
    const chart = await cost(() => records.everything(grant, ada.id));
    expect(chart).toEqual({ calls: "2 GetItem, 4 Query, 1 TransactWriteItems", read: 6, write: 4 });
  });

  it("a refusal costs its look-up and its event", async () => {
    const unknown = "01jd8x3k9m2n4p5q6r7s8t9v0w";
    expect(await cost(() => records.read(grant, "Patient", unknown))).toEqual({
      calls: "2 GetItem, 1 PutItem",
      read: 2,
      write: 1,
    });
    expect(await cost(() => records.create(grant, observation(unknown, "x")))).toEqual({
      calls: "1 GetItem, 1 PutItem",
      read: 1,
      write: 1,
    });
  });

  it("a transaction of ten: one look at the references, one write", async () => {
    const entries = Array.from({ length: 10 }, () => ({
      resource: observation(ada.id, "x"),
      request: { method: "POST", url: "Observation" },
    }));
    expect(await cost(() => records.transaction(grant, bundle(entries)))).toEqual({
      calls: "2 GetItem, 1 TransactWriteItems",
      read: 2,
      write: 26,
    });
  });
});
