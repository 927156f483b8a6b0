import { beforeEach, describe, expect, it } from "vitest";
import { requestFingerprint, resourceOf } from "../../../core/record/index.ts";
import type { EntryOutcome, Records, StoredVersion } from "../../../core/record/index.ts";
import { errorOf, TENANT_B, valueOf } from "../crypto/fixtures.ts";
import type { World } from "./world.ts";
import { bundle, createWorld, grantOf, observation, patient, query, withId } from "./world.ts";

let world: World;
let records: Records;
let ada: StoredVersion;
const grant = grantOf();
const PATIENT_URL = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";
const effect = { key: "import-1", fingerprint: requestFingerprint("POST", "/fhir", "bundle") };

const post = (resource: object, fullUrl?: string) => ({
  ...(fullUrl !== undefined && { fullUrl }),
  resource,
  request: { method: "POST", url: (resource as { resourceType: string }).resourceType },
});
const put = (resource: object, ifMatch?: string) => {
  const { resourceType, id } = resource as { resourceType: string; id: string };
  return {
    resource,
    request: { method: "PUT", url: `${resourceType}/${id}`, ...(ifMatch !== undefined && { ifMatch }) },
  };
};
const remove = (url: string, ifMatch?: string) => ({
  request: { method: "DELETE", url, ...(ifMatch !== undefined && { ifMatch }) },
});

/** A new patient and `size` observations of hers, tied together by a urn. */
const chart = (size: number) => [
  post(patient("Imported"), PATIENT_URL),
  ...Array.from({ length: size }, (_, index) =>
    post(
      { ...observation(ada.id, `o${index}`), subject: { reference: PATIENT_URL } },
      `urn:uuid:0c3151bd-1cbf-4d64-b04d-${String(index).padStart(12, "0")}`,
    ),
  ),
];
/** A visit of a practitioner's on a day to come, the `index`th of twenty minutes. */
const PROVIDER = "01hzzzzzzzzzzzzzzzzzzzzzpr";
const visit = (index: number) => {
  const startMs = world.clock.nowMs + 3 * 86_400_000 + index * 1_200_000;
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    resourceType: "Appointment",
    status: "booked",
    start: at(startMs),
    end: at(startMs + 1_200_000),
    participant: [
      { actor: { reference: `Patient/${ada.id}` }, status: "accepted" },
      { actor: { reference: `Practitioner/${PROVIDER}` }, status: "accepted" },
    ],
  };
};
const kindsOf = (outcomes: readonly EntryOutcome[]): string[] => outcomes.map(({ kind }) => kind);
const total = async (family = "imported"): Promise<number> =>
  valueOf(await records.search(grant, query("Patient", `family=${family}`))).total;
const importedCount = async (): Promise<number> => {
  const [found] = valueOf(await records.search(grant, query("Patient", "family=imported"))).matches;
  return valueOf(await records.search(grant, query("Observation", `patient=${found?.id ?? "none"}`))).total;
};

beforeEach(async () => {
  world = await createWorld();
  records = world.for(grant);
  ada = valueOf(await records.create(grant, patient("Lovelace"))).version;
  world.events.length = 0;
});

describe("a transaction", () => {
  it("writes all entries at once, replaces urns by what they stand for, and answers in their order", async () => {
    const done = valueOf(await records.transaction(grant, bundle(chart(3))));
    expect(kindsOf(done.outcomes)).toEqual(["created", "created", "created", "created"]);
    const [first, second] = done.outcomes as Extract<EntryOutcome, { written: unknown }>[];
    const read = valueOf(await records.read(grant, "Observation", second!.written.id));
    expect(resourceOf(read)).toMatchObject({ subject: { reference: `Patient/${first!.written.id}` } });
    expect(second!.written.id.startsWith(`${first!.written.id}.`)).toBe(true);
    expect(world.events[0]).toMatchObject({
      interaction: "transaction",
      fate: "stored",
      patientId: first!.written.id,
      classes: ["D", "C"],
    });
    expect(world.events[0]!.entities).toHaveLength(4);
  });

  it("mixes creates, updates and deletes", async () => {
    const one = valueOf(await records.create(grant, observation(ada.id, "one"))).version;
    const two = valueOf(await records.create(grant, observation(ada.id, "two"))).version;
    const entries = [
      put(withId(observation(ada.id, "one again"), one.id), 'W/"1"'),
      remove(`Observation/${two.id}`, 'W/"1"'),
      post(observation(ada.id, "three")),
      { request: { method: "GET", url: `Observation/${one.id}` } },
    ];
    const done = valueOf(await records.transaction(grant, bundle(entries)));
    expect(kindsOf(done.outcomes)).toEqual(["updated", "deleted", "created", "get"]);
    expect(valueOf(await records.read(grant, "Observation", one.id)).version).toBe(2);
    expect(errorOf(await records.read(grant, "Observation", two.id))).toEqual({ kind: "deleted" });
  });

  it("AT-09: is refused whole where one entry touches another tenant's record, with the answer for an unknown one", async () => {
    const theirs = grantOf({ tenantId: TENANT_B });
    const foreign = valueOf(await world.for(theirs).create(theirs, patient("Foreign"))).version;
    const unknown = "01jd8x3k9m2n4p5q6r7s8t9v0w";
    const before = world.memory.store.rows.get("data")!.size;
    for (const make of [
      (id: string) => post(observation(id, "x")),
      (id: string) => put(withId(patient("X"), id), 'W/"1"'),
      (id: string) => remove(`Patient/${id}`),
      (id: string) =>
        post({
          ...observation(ada.id, "x"),
          subject: { reference: `Patient?identifier=urn:mrn|${id === unknown ? "none" : "mrn-Foreign"}` },
        }),
    ]) {
      world.events.length = 0;
      const answers = [foreign.id, unknown].map((id) =>
        records.transaction(grant, bundle([post(observation(ada.id, "mine")), make(id)])),
      );
      const [known, other] = (await Promise.all(answers)).map(errorOf);
      expect(known).toEqual(other);
      expect(world.events.map(({ outcome }) => outcome).filter((outcome) => outcome === "success")).toEqual([]);
      expect(world.events).toHaveLength(2);
    }
    expect(world.memory.store.rows.get("data")!.size).toBe(before);
  });

  it("a PUT of what is there needs its version; one of what is not makes it", async () => {
    const one = valueOf(await records.create(grant, observation(ada.id, "one"))).version;
    const unguarded = bundle([put(withId(observation(ada.id, "x"), one.id))]);
    expect(errorOf(await records.transaction(grant, unguarded))).toMatchObject({ rule: "if-match-required" });
    const stale = bundle([put(withId(observation(ada.id, "x"), one.id), 'W/"9"')]);
    expect(errorOf(await records.transaction(grant, stale))).toEqual({ kind: "conflict", reason: "version" });
    const fresh = bundle([put(withId(patient("Put"), "put-1")), put(withId(observation("put-1", "x"), "obs-1"))]);
    expect(kindsOf(valueOf(await records.transaction(grant, fresh)).outcomes)).toEqual(["created", "created"]);
    expect(valueOf(await records.read(grant, "Observation", "obs-1")).version).toBe(1);
  });

  it("a conditional create finds what is there", async () => {
    const entry = {
      ...post(patient("Lovelace")),
      request: { method: "POST", url: "Patient", ifNoneExist: "identifier=urn:mrn|mrn-Lovelace" },
    };
    const done = valueOf(await records.transaction(grant, bundle([entry])));
    expect(done.outcomes).toMatchObject([{ kind: "unchanged", written: { id: ada.id, version: 1 } }]);
    expect(world.events).toMatchObject([{ interaction: "transaction", outcome: "success" }]);
  });

  it("AT-29: sent again with its key, gives the same ids and writes nothing", async () => {
    const first = valueOf(await records.transaction(grant, bundle(chart(2)), { effect }));
    const again = valueOf(await records.transaction(grant, bundle(chart(2)), { effect }));
    const written = ({ outcomes }: typeof first) =>
      outcomes.map((outcome) => ("written" in outcome ? outcome.written : undefined));
    expect(again.isReplay).toBe(true);
    expect(written(again)).toEqual(written(first));
    expect(await total()).toBe(1);
  });

  it("95 resources with references, and what the patient is found by, go in one call", async () => {
    const before = world.meter.calls.TransactWriteItems;
    const done = valueOf(await records.transaction(grant, bundle(chart(94)), { effect }));
    expect([done.isStaged, world.meter.calls.TransactWriteItems - before]).toEqual([false, 1]);
    expect(await importedCount()).toBe(94);
  });

  it("of more than 100 rows that are not all creations is refused with the reason", async () => {
    const one = valueOf(await records.create(grant, observation(ada.id, "one"))).version;
    const mixed = bundle([...chart(99), remove(`Observation/${one.id}`)]);
    expect(errorOf(await records.transaction(grant, mixed))).toEqual({
      kind: "not-supported",
      rule: "transaction-mixed-too-large",
    });
    expect(await total()).toBe(0);
  });
});

describe("a staged transaction", () => {
  it("writes a large bundle in steps that nobody sees before the last one", async () => {
    const seen: number[] = [];
    const transactWrite = world.table.transactWrite.bind(world.table);
    world.memory.transactWrite = async (...args) => {
      seen.push(await total());
      return transactWrite(...args);
    };
    const done = valueOf(await records.transaction(grant, bundle(chart(250)), { effect }));
    expect(done).toMatchObject({ isStaged: true, isReplay: false });
    expect(seen).toEqual([0, 0, 0, 0]);
    expect(await importedCount()).toBe(250);
    const written = world.events.filter(({ interaction, fate }) => interaction === "transaction" && fate === "stored");
    expect(written.map(({ entities }) => entities.length)).toEqual([94, 97, 60, 0]);
    expect(written.at(-1)).toMatchObject({ count: 251 });
    const again = valueOf(await records.transaction(grant, bundle(chart(250)), { effect }));
    expect(again.isReplay).toBe(true);
    expect(await importedCount()).toBe(250);
  });

  it.each([0, 1, 2, 3])("broken off at write %i, is invisible, and sent again goes on without doubling", async (at) => {
    const transactWrite = world.table.transactWrite.bind(world.table);
    let made = 0;
    world.memory.transactWrite = (...args) => {
      made += 1;
      if (made === at + 1) return Promise.reject(new Error("killed"));
      return transactWrite(...args);
    };
    await expect(records.transaction(grant, bundle(chart(250)), { effect })).rejects.toThrow("killed");
    expect(await total()).toBe(0);
    world.memory.transactWrite = transactWrite;
    world.clock.nowMs += 60_000;
    const done = valueOf(await records.transaction(grant, bundle(chart(250)), { effect }));
    expect(done.isStaged).toBe(true);
    expect([await total(), await importedCount()]).toEqual([1, 250]);
    const rows = [...world.memory.store.rows.get("data")!.keys()].filter((name) => name.includes("R#Observation#"));
    expect(rows).toHaveLength(250);
  });

  it("what it stages is not there: not by id, not as a reference, not in history or chart", async () => {
    const transactWrite = world.table.transactWrite.bind(world.table);
    let made = 0;
    world.memory.transactWrite = (...args) =>
      (made += 1) === 2 ? Promise.reject(new Error("killed")) : transactWrite(...args);
    await expect(records.transaction(grant, bundle(chart(150)), { effect })).rejects.toThrow("killed");
    world.memory.transactWrite = transactWrite;
    const staged = [...world.memory.store.rows.get("data")!.values()].find(
      ({ sk }) => sk.startsWith("R#Patient#") && !sk.endsWith(ada.id),
    )!;
    const id = staged.sk.slice("R#Patient#".length);
    expect(errorOf(await records.read(grant, "Patient", id))).toEqual({ kind: "not-found" });
    expect(errorOf(await records.history(grant, "Patient", id))).toEqual({ kind: "not-found" });
    expect(errorOf(await records.everything(grant, id))).toEqual({ kind: "not-found" });
    expect(errorOf(await records.create(grant, observation(id, "x")))).toMatchObject({ rule: "reference-unresolved" });
  });

  it("an id that somebody takes meanwhile fails the whole, and nothing of it is there", async () => {
    const transactWrite = world.table.transactWrite.bind(world.table);
    let made = 0;
    world.memory.transactWrite = async (...args) => {
      made += 1;
      if (made === 2) {
        made += 1;
        valueOf(await records.create(grant, patient("Faster"), { id: "p120" }));
      }
      return transactWrite(...args);
    };
    const entries = Array.from({ length: 130 }, (_, index) => put(withId(patient("Imported"), `p${index}`)));
    const refused = await records.transaction(grant, bundle(entries), { effect });
    expect(errorOf(refused)).toEqual({ kind: "conflict", reason: "exists" });
    expect([await total(), await total("faster")]).toEqual([0, 1]);
    expect(errorOf(await records.read(grant, "Patient", "p1"))).toEqual({ kind: "not-found" });
  });

  it("under the same key with another body is a conflict, staged or done", async () => {
    const other = { ...effect, fingerprint: requestFingerprint("POST", "/fhir", "another") };
    const transactWrite = world.table.transactWrite.bind(world.table);
    let made = 0;
    world.memory.transactWrite = (...args) =>
      (made += 1) === 2 ? Promise.reject(new Error("killed")) : transactWrite(...args);
    await expect(records.transaction(grant, bundle(chart(150)), { effect })).rejects.toThrow("killed");
    world.memory.transactWrite = transactWrite;
    const conflict = { kind: "conflict", reason: "idempotency" };
    expect(errorOf(await records.transaction(grant, bundle(chart(151)), { effect: other }))).toEqual(conflict);
  });

  it("records of it can be updated and deleted like any other", async () => {
    const done = valueOf(await records.transaction(grant, bundle(chart(150))));
    const [first, second] = done.outcomes as Extract<EntryOutcome, { written: unknown }>[];
    const next = withId(observation(first!.written.id, "later"), second!.written.id);
    expect(valueOf(await records.update(grant, next, { ifMatch: 1 })).version.version).toBe(2);
    expect(valueOf(await records.vread(grant, "Observation", second!.written.id, 1)).version).toBe(1);
    valueOf(await records.delete(grant, "Observation", second!.written.id, { ifMatch: 2 }));
    expect(await importedCount()).toBe(149);
  });
});

describe("CLIN-2 a bundle of visits", () => {
  it.each([
    ["at once", 3, false],
    ["staged", 60, true],
  ] as const)(
    "CLIN-2 written %s, is not refused for somebody else's visit of the same day",
    async (_way, size, isStaged) => {
      valueOf(
        await records.create(grant, { resourceType: "Practitioner", name: [{ family: "Byron" }] } as never, {
          id: PROVIDER,
        }),
      );
      const entries = Array.from({ length: size }, (_, index) => post(visit(index)));
      const transactWrite = world.table.transactWrite.bind(world.table);
      let isBooked = false;
      world.memory.transactWrite = async (...args) => {
        if (!isBooked && args[0].some((write) => "row" in write && write.row.pk.includes("#CAL#"))) {
          isBooked = true;
          valueOf(await records.create(grant, visit(size) as never));
        }
        return transactWrite(...args);
      };
      const done = valueOf(await records.transaction(grant, bundle(entries), { effect }));
      expect([isBooked, done.isStaged]).toEqual([true, isStaged]);
      const found = valueOf(await records.search(grant, query("Appointment", `patient=${ada.id}`)));
      expect(found.total).toBe(size + 1);
    },
  );
});
