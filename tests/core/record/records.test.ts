import { sealItem } from "../../../core/crypto/index.ts";
import type { Row } from "../../../core/table/index.ts";
import { beforeEach, describe, expect, it } from "vitest";
import { resourceOf } from "../../../core/record/index.ts";
import type { Records, StoredVersion } from "../../../core/record/index.ts";
import { errorOf, TENANT_B, valueOf } from "../crypto/fixtures.ts";
import type { World } from "./world.ts";
import { createWorld, grantOf, observation, patient, query, resource, scopeOf, withId } from "./world.ts";

let world: World;
let records: Records;
let ada: StoredVersion;
const grant = grantOf();
const notFound = { kind: "not-found" };
const unknownId = "01jd8x3k9m2n4p5q6r7s8t9v0w";

const create = async (value: Parameters<Records["create"]>[1]): Promise<StoredVersion> =>
  valueOf(await records.create(grant, value)).version;

beforeEach(async () => {
  world = await createWorld();
  records = world.for(grant);
  ada = await create(patient("Lovelace"));
  world.events.length = 0;
});

describe("create and read", () => {
  it("gives ids that carry the compartment, a version and a time, whatever came in", async () => {
    const sent = observation(ada.id, "height", "C", {
      id: "mine",
      meta: { versionId: "77", lastUpdated: "2001-01-01T00:00:00Z", profile: ["http://example.org/p"] },
    });
    const written = await create(sent);
    expect(written.id).toMatch(new RegExp(`^${ada.id}\\.[0-9a-z]{26}$`));
    const read = valueOf(await records.read(grant, "Observation", written.id));
    expect(read).toMatchObject({ version: 1, lastUpdatedMs: world.clock.nowMs, dataClass: "C" });
    expect(resourceOf(read)).toMatchObject({
      id: written.id,
      meta: { versionId: "1", lastUpdated: "2026-11-22T08:00:00.000Z", profile: ["http://example.org/p"] },
      code: { text: "height" },
    });
  });

  it("keeps decimals as they were written", async () => {
    const text = JSON.stringify(observation(ada.id, "height")).replace(
      '"effectiveDateTime"',
      '"valueQuantity":{"value":1.50,"unit":"m"},"effectiveDateTime"',
    );
    const written = await create(resource(text));
    expect(valueOf(await records.read(grant, "Observation", written.id)).text).toContain('"value":1.50,');
  });

  it("leaves nothing of the record readable in any row or event", async () => {
    await create(observation(ada.id, "a canary in the mine"));
    const dump = JSON.stringify(
      [...world.memory.store.rows.values()].map((rows) => [...rows.entries()]),
      (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value),
    );
    expect(dump).not.toContain("canary");
    expect(dump).not.toContain("Lovelace");
    expect(dump).not.toContain("1980-02-29");
    expect(dump).not.toContain("mrn-");
    expect(JSON.stringify(world.events)).not.toMatch(/canary|Lovelace/);
  });

  it("takes an id of the client's own, once", async () => {
    const options = { id: "enc-1" };
    const encounter = resource({
      resourceType: "Encounter",
      status: "finished",
      class: { code: "AMB" },
      subject: { reference: `Patient/${ada.id}` },
    });
    valueOf(await records.create(grant, encounter, options));
    expect(valueOf(await records.read(grant, "Encounter", "enc-1")).version).toBe(1);
    expect(errorOf(await records.create(grant, encounter, options))).toEqual({ kind: "conflict", reason: "exists" });
    const other = await create(patient("Byron"));
    const elsewhere = resource({ ...encounter, subject: { reference: `Patient/${other.id}` } });
    expect(errorOf(await records.create(grant, elsewhere, options))).toEqual({ kind: "conflict", reason: "exists" });
  });

  it("AT-03: takes an id in the server's own form only where it tells the truth, and no twin beside one that the grant cannot see", async () => {
    const own = `${ada.id}.${unknownId}`;
    for (const id of [`${unknownId}.${unknownId}`, unknownId, "a#b"]) {
      const refused = await records.create(grant, observation(ada.id, "x"), { id });
      expect(errorOf(refused)).toMatchObject({ rule: "id-reserved" });
    }
    const clinical = grantOf({ classes: ["C", "D"] });
    const imported = `${ada.id}.${unknownId.slice(0, -1)}z`;
    valueOf(await world.for(clinical).create(clinical, observation(ada.id, "x"), { id: imported }));
    valueOf(await records.create(grant, observation(ada.id, "x", "S"), { id: own }));
    const assigned = valueOf(await records.create(grant, observation(ada.id, "x", "S"))).version.id;
    for (const taken of [own, assigned]) {
      for (const who of [grant, clinical]) {
        const twin = await world.for(who).create(who, observation(ada.id, "x"), { id: taken });
        expect(errorOf(twin)).toEqual({ kind: "conflict", reason: "exists" });
      }
    }
    expect(valueOf(await records.read(grant, "Observation", own)).dataClass).toBe("S");
  });

  it("refuses a record of several patients, and one of a class outside the grant", async () => {
    const desk = grantOf({ classes: ["D"] });
    expect(errorOf(await world.for(desk).create(desk, observation(ada.id, "x")))).toEqual({ kind: "forbidden" });
    const clinical = grantOf({ classes: ["C", "D"] });
    expect(errorOf(await world.for(clinical).create(clinical, observation(ada.id, "x", "S")))).toEqual({
      kind: "forbidden",
    });
    expect(world.events.map(({ outcome }) => outcome)).toEqual(["denied", "denied"]);
  });
});

describe("another tenant's record", () => {
  const theirs = grantOf({ tenantId: TENANT_B });

  it("AT-01 AT-06 ISO-13: is not found, as an id that never was, in the same calls and with the same event", async () => {
    const foreign = valueOf(await world.for(theirs).create(theirs, patient("Foreign"))).version;
    const measure = async (id: string) => {
      world.events.length = 0;
      const before = structuredClone(world.meter);
      const answers = [
        await records.read(grant, "Patient", id),
        await records.vread(grant, "Patient", id, 1),
        await records.history(grant, "Patient", id),
        await records.everything(grant, id),
        await records.update(grant, withId(patient("X"), id), { ifMatch: 1 }),
        await records.delete(grant, "Patient", id, { ifMatch: 1 }),
      ];
      const units = world.meter.readUnits - before.readUnits;
      const calls = world.meter.calls.GetItem - before.calls.GetItem;
      // What was asked for is named; nothing else may tell the two apart.
      const events = world.events.map(({ entities: _entities, patientId, ...event }) => ({
        ...event,
        names: patientId === id,
      }));
      return { answers, units, calls, events };
    };
    const [known, unknown] = [await measure(foreign.id), await measure(unknownId)];
    expect(known).toEqual(unknown);
    expect(known.answers.map((answer) => errorOf<unknown, unknown>(answer))).toEqual(
      Array.from({ length: 6 }, () => notFound),
    );
    expect(known.events.every(({ outcome }) => outcome === "denied")).toBe(true);
    expect(known.events).toHaveLength(6);
    expect(valueOf(await world.for(theirs).read(theirs, "Patient", foreign.id)).version).toBe(1);
  });

  it("AT-04: cannot be referred to, and the answer is that for an id that never was", async () => {
    const foreign = valueOf(await world.for(theirs).create(theirs, patient("Foreign"))).version;
    const refusals = [foreign.id, unknownId].map(async (id) =>
      errorOf(await records.create(grant, observation(id, "x"))),
    );
    const [known, unknown] = await Promise.all(refusals);
    expect(known).toEqual({ kind: "business-rule", rule: "reference-unresolved", path: "Observation.subject" });
    expect(known).toEqual(unknown);
  });

  it.each([
    ["absolute", (id: string) => `https://clinic.example/fhir/Patient/${id}`, "reference-external"],
    ["urn", () => "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "reference-external"],
    ["versioned", (id: string) => `Patient/${id}/_history/1`, "reference-unresolved"],
  ])("AT-05: cannot be referred to in the form %s", async (_form, reference, rule) => {
    const foreign = valueOf(await world.for(theirs).create(theirs, patient("Foreign"))).version;
    const sent = observation(ada.id, "x", "C", { focus: [{ reference: reference(foreign.id) }] });
    expect(errorOf(await records.create(grant, sent))).toMatchObject({ rule });
  });

  it("AT-02: cannot be updated or deleted with its real version", async () => {
    const foreign = valueOf(await world.for(theirs).create(theirs, patient("Foreign"))).version;
    expect(errorOf(await records.update(grant, withId(patient("Y"), foreign.id), { ifMatch: 1 }))).toEqual(notFound);
    expect(errorOf(await records.delete(grant, "Patient", foreign.id, { ifMatch: 1 }))).toEqual(notFound);
  });

  it("AW-13: its sealed row, written under our key, does not open: no content, one alarm, a failure in the log", async () => {
    const foreign = valueOf(await world.for(theirs).create(theirs, patient("Foreign"))).version;
    const rows = world.memory.store.rows.get("data")!;
    const stolen = [...rows.values()].find((row) => row.pk.includes(TENANT_B) && row.sk === `R#Patient#${foreign.id}`)!;
    const pk = stolen.pk.replace(TENANT_B, grant.tenantId);
    rows.set(`${pk}\n${stolen.sk}`, { ...stolen, pk });
    expect(errorOf(await records.read(grant, "Patient", foreign.id))).toEqual({ kind: "integrity" });
    expect(world.alarms).toEqual([{ kind: "integrity", fault: "commitment" }]);
    expect(world.events.at(-1)).toMatchObject({ interaction: "read", outcome: "failure" });
  });
});

describe("references", () => {
  it("resolve to records of every kind of home and id, and to versions that are there", async () => {
    const practitioner = await create(resource({ resourceType: "Practitioner", name: [{ family: "Who" }] }));
    const encounter = resource({
      resourceType: "Encounter",
      status: "finished",
      class: { code: "AMB" },
      subject: { reference: `Patient/${ada.id}` },
    });
    const own = await create(encounter);
    valueOf(await records.create(grant, encounter, { id: "enc-1" }));
    for (const reference of [own.id, "enc-1", `${own.id}/_history/1`]) {
      const sent = observation(ada.id, "x", "C", {
        encounter: { reference: `Encounter/${reference}` },
        performer: [{ reference: `Practitioner/${practitioner.id}` }],
      });
      expect((await records.create(grant, sent)).ok).toBe(true);
    }
    const ahead = observation(ada.id, "x", "C", { encounter: { reference: `Encounter/${own.id}/_history/2` } });
    expect(errorOf(await records.create(grant, ahead))).toMatchObject({ rule: "reference-unresolved" });
  });

  it("to what was deleted are refused when new, and kept by an update that had them", async () => {
    const encounter = resource({
      resourceType: "Encounter",
      status: "finished",
      class: { code: "AMB" },
      subject: { reference: `Patient/${ada.id}` },
    });
    for (const id of [undefined, "enc-1"]) {
      const target = valueOf(await records.create(grant, encounter, id === undefined ? {} : { id })).version;
      const sent = observation(ada.id, "x", "C", { encounter: { reference: `Encounter/${target.id}` } });
      const written = await create(sent);
      valueOf(await records.delete(grant, "Encounter", target.id, { ifMatch: 1 }));
      expect(errorOf(await records.create(grant, sent))).toMatchObject({ rule: "reference-unresolved" });
      expect((await records.update(grant, withId(sent, written.id), { ifMatch: 1 })).ok).toBe(true);
    }
  });

  it("to a class that the grant cannot see may stay with the record's own patient, and nowhere else", async () => {
    const billing = grantOf({ classes: ["B", "D"] });
    const encounter = await create(
      resource({
        resourceType: "Encounter",
        status: "finished",
        class: { code: "AMB" },
        subject: { reference: `Patient/${ada.id}` },
      }),
    );
    const account = (id: string, subject: string) =>
      resource({
        resourceType: "Account",
        status: "active",
        subject: [{ reference: `Patient/${subject}` }],
        extension: [{ url: "http://example.org/encounter", valueReference: { reference: `Encounter/${id}` } }],
      });
    const other = await create(patient("Byron"));
    expect((await world.for(billing).create(billing, account(encounter.id, ada.id))).ok).toBe(true);
    expect(errorOf(await world.for(billing).create(billing, account(encounter.id, other.id)))).toMatchObject({
      rule: "reference-unresolved",
    });
  });
});

describe("update, history and delete", () => {
  it("AT-28: replaces the version that was read, and no other", async () => {
    const written = await create(observation(ada.id, "first"));
    const next = withId(observation(ada.id, "second"), written.id);
    expect(valueOf(await records.update(grant, next, { ifMatch: 1 })).version.version).toBe(2);
    expect(errorOf(await records.update(grant, next, { ifMatch: 1 }))).toEqual({ kind: "conflict", reason: "version" });
    const race = await Promise.all(Array.from({ length: 20 }, () => records.update(grant, next, { ifMatch: 2 })));
    expect(race.filter((result) => result.ok)).toHaveLength(1);
    expect(race.filter((result) => !result.ok).map(errorOf)).toEqual(
      Array.from({ length: 19 }, () => ({ kind: "conflict", reason: "version" })),
    );
    const history = valueOf(await records.history(grant, "Observation", written.id));
    expect(history.versions.map(({ version }) => version)).toEqual([3, 2, 1]);
  });

  it("keeps every version as it was, with its own time", async () => {
    const written = await create(observation(ada.id, "first"));
    world.clock.nowMs += 1_000;
    valueOf(await records.update(grant, withId(observation(ada.id, "second"), written.id), { ifMatch: 1 }));
    world.clock.nowMs += 1_000;
    valueOf(await records.delete(grant, "Observation", written.id, { ifMatch: 2 }));
    const first = valueOf(await records.vread(grant, "Observation", written.id, 1));
    expect(resourceOf(first)).toMatchObject({
      meta: { versionId: "1", lastUpdated: "2026-11-22T08:00:00.000Z" },
      code: { text: "first" },
    });
    expect(resourceOf(valueOf(await records.vread(grant, "Observation", written.id, 2)))).toMatchObject({
      code: { text: "second" },
    });
    expect(errorOf(await records.vread(grant, "Observation", written.id, 3))).toEqual({ kind: "deleted" });
    expect(errorOf(await records.vread(grant, "Observation", written.id, 4))).toEqual(notFound);
    expect(errorOf(await records.vread(grant, "Observation", written.id, 0.5))).toEqual(notFound);
    expect(errorOf(await records.read(grant, "Observation", written.id))).toEqual({ kind: "deleted" });
    const { versions } = valueOf(await records.history(grant, "Observation", written.id));
    expect(versions.map(({ version, text }) => [version, text !== undefined])).toEqual([
      [3, false],
      [2, true],
      [1, true],
    ]);
  });

  it("a deleted record is deleted once, and comes back by an update of its tombstone", async () => {
    const written = await create(observation(ada.id, "first"));
    expect(errorOf(await records.delete(grant, "Observation", written.id, { ifMatch: 9 }))).toEqual({
      kind: "conflict",
      reason: "version",
    });
    valueOf(await records.delete(grant, "Observation", written.id));
    expect(errorOf(await records.delete(grant, "Observation", written.id))).toEqual({ kind: "deleted" });
    valueOf(await records.update(grant, withId(observation(ada.id, "again"), written.id), { ifMatch: 2 }));
    expect(valueOf(await records.read(grant, "Observation", written.id)).version).toBe(3);
    expect(valueOf(await records.history(grant, "Observation", written.id)).versions).toHaveLength(3);
  });

  it("does not move a record to another patient", async () => {
    const other = await create(patient("Byron"));
    const written = await create(observation(ada.id, "first"));
    const moved = withId(observation(other.id, "first"), written.id);
    expect(errorOf(await records.update(grant, moved, { ifMatch: 1 }))).toEqual({
      kind: "business-rule",
      rule: "patient-changed",
    });
  });

  it("pages a history by sealed cursors that belong to user and record", async () => {
    const written = await create(observation(ada.id, "v1"));
    for (let version = 1; version < 5; version += 1) {
      valueOf(
        await records.update(grant, withId(observation(ada.id, `v${version + 1}`), written.id), { ifMatch: version }),
      );
    }
    const first = valueOf(await records.history(grant, "Observation", written.id, { count: 2 }));
    expect(first).toMatchObject({ total: 5, versions: [{ version: 5 }, { version: 4 }] });
    const second = valueOf(await records.history(grant, "Observation", written.id, { count: 2, cursor: first.next! }));
    expect(second.versions.map(({ version }) => version)).toEqual([3, 2]);
    const other = await create(observation(ada.id, "other"));
    expect(errorOf(await records.history(grant, "Observation", other.id, { cursor: first.next! }))).toEqual({
      kind: "invalid-cursor",
    });
  });
});

describe("special categories", () => {
  const clinical = grantOf({ classes: ["C", "D"] });

  it("AT-24 AT-33: whoever holds C alone finds no record of S, by id, version, history, search or chart", async () => {
    const hidden = await create(observation(ada.id, "hidden", "S"));
    const eyes = world.for(clinical);
    expect(errorOf(await eyes.read(clinical, "Observation", hidden.id))).toEqual(notFound);
    expect(errorOf(await eyes.vread(clinical, "Observation", hidden.id, 1))).toEqual(notFound);
    expect(errorOf(await eyes.history(clinical, "Observation", hidden.id))).toEqual(notFound);
    const found = valueOf(await eyes.search(clinical, query("Observation", `patient=${ada.id}`)));
    expect(found).toMatchObject({ total: 0, matches: [] });
    const chart = valueOf(await eyes.everything(clinical, ada.id));
    expect(chart.resources.map(({ resourceType }) => resourceType)).toEqual(["Patient"]);
    expect(valueOf(await records.read(grant, "Observation", hidden.id)).dataClass).toBe("S");
  });

  it("a label that is added takes the record and its past out of sight; one that is removed brings it back", async () => {
    const written = await create(observation(ada.id, "open"));
    valueOf(await records.update(grant, withId(observation(ada.id, "labelled", "S"), written.id), { ifMatch: 1 }));
    const eyes = world.for(clinical);
    expect(errorOf(await eyes.read(clinical, "Observation", written.id))).toEqual(notFound);
    expect(errorOf(await eyes.vread(clinical, "Observation", written.id, 1))).toEqual(notFound);
    expect(errorOf(await eyes.history(clinical, "Observation", written.id))).toEqual(notFound);
    expect(valueOf(await eyes.search(clinical, query("Observation", `patient=${ada.id}`))).total).toBe(0);
    expect(
      valueOf(await records.history(grant, "Observation", written.id)).versions.map(({ version, dataClass }) => [
        version,
        dataClass,
      ]),
    ).toEqual([
      [2, "S"],
      [1, "S"],
    ]);
    const normal = {
      meta: { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "N" }] },
    };
    for (const [version, label] of [
      [2, "C"],
      [3, "S"],
      [4, "C"],
    ] as const) {
      valueOf(
        await records.update(
          grant,
          withId(observation(ada.id, `v${version}`, label, label === "C" ? normal : {}), written.id),
          { ifMatch: version },
        ),
      );
    }
    expect(valueOf(await eyes.read(clinical, "Observation", written.id)).version).toBe(5);
    expect(
      valueOf(await eyes.history(clinical, "Observation", written.id)).versions.map(({ version }) => version),
    ).toEqual([5]);
    expect(
      valueOf(await records.history(grant, "Observation", written.id)).versions.map(({ version }) => version),
    ).toEqual([5, 4, 3, 2, 1]);
    expect(valueOf(await records.search(grant, query("Observation", `patient=${ada.id}`))).total).toBe(1);
  });
});

describe("a grant for one patient", () => {
  it("AT-23: reaches that compartment and no other", async () => {
    const other = await create(patient("Byron"));
    const theirs = await create(observation(other.id, "not mine"));
    const mine = await create(observation(ada.id, "mine"));
    const own = grantOf({ onlyPatientId: ada.id });
    const eyes = world.for(own);
    expect((await eyes.read(own, "Observation", mine.id)).ok).toBe(true);
    expect(errorOf(await eyes.read(own, "Observation", theirs.id))).toEqual(notFound);
    expect(errorOf(await eyes.read(own, "Patient", other.id))).toEqual(notFound);
    expect(errorOf(await eyes.everything(own, other.id))).toEqual(notFound);
    expect(valueOf(await eyes.search(own, query("Observation", `patient=${other.id}`))).total).toBe(0);
    expect(valueOf(await eyes.search(own, query("Observation", ""))).total).toBe(1);
    expect(valueOf(await eyes.search(own, query("Patient", "gender=female"))).total).toBe(1);
    expect(valueOf(await eyes.search(own, query("Patient", "gender=female"))).matches.map(({ id }) => id)).toEqual([
      ada.id,
    ]);
    expect(errorOf(await eyes.create(own, observation(other.id, "x")))).toEqual(notFound);
  });
});

describe("the audit event", () => {
  it("AT-37: every request leaves exactly one, written or refused", async () => {
    const written = await create(observation(ada.id, "x"));
    const next = withId(observation(ada.id, "y"), written.id);
    const requests: [() => Promise<unknown>, object][] = [
      [
        () => records.create(grant, observation(ada.id, "z")),
        { interaction: "create", outcome: "success", patientId: ada.id },
      ],
      [
        () => records.read(grant, "Observation", written.id),
        { interaction: "read", outcome: "success", patientId: ada.id },
      ],
      [
        () => records.read(grant, "Observation", "a b"),
        { interaction: "read", outcome: "denied", entities: [{ type: "Observation" }] },
      ],
      [() => records.update(grant, next, { ifMatch: 7 }), { interaction: "update", outcome: "failure" }],
      [() => records.update(grant, next, { ifMatch: 1 }), { interaction: "update", outcome: "success" }],
      [() => records.vread(grant, "Observation", written.id, 1), { interaction: "vread", outcome: "success" }],
      [
        () => records.history(grant, "Observation", written.id),
        { interaction: "history", outcome: "success", count: 2 },
      ],
      [
        () => records.search(grant, query("Observation", `patient=${ada.id}`)),
        { interaction: "search", count: 2, patientId: ada.id },
      ],
      [
        () => records.search(grant, query("Observation", "status=final")),
        { interaction: "search", outcome: "failure" },
      ],
      [() => records.everything(grant, ada.id), { interaction: "everything", patientId: ada.id, count: 3 }],
      [
        () => records.delete(grant, "Observation", written.id, { ifMatch: 2 }),
        { interaction: "delete", outcome: "success" },
      ],
      [() => records.delete(grant, "Observation", written.id), { interaction: "delete", outcome: "failure" }],
    ];
    for (const [send, expected] of requests) {
      world.events.length = 0;
      await send();
      expect(world.events.filter(({ fate }) => fate === "stored")).toMatchObject([expected]);
    }
  });

  it("AT-38: no content leaves and nothing is written while it cannot be stored", async () => {
    const written = await create(observation(ada.id, "x"));
    world.audit.isDown = true;
    const before = world.memory.store.rows.get("data")!.size;
    for (const answer of [
      await records.read(grant, "Observation", written.id),
      await records.search(grant, query("Observation", `patient=${ada.id}`)),
      await records.everything(grant, ada.id),
      await records.create(grant, observation(ada.id, "y")),
      await records.update(grant, withId(observation(ada.id, "y"), written.id), { ifMatch: 1 }),
      await records.delete(grant, "Observation", written.id),
      await records.read(grant, "Observation", unknownId),
    ]) {
      expect(errorOf<unknown, unknown>(answer)).toEqual({ kind: "unavailable" });
    }
    expect(world.memory.store.rows.get("data")!.size).toBe(before);
  });

  it("is in the transaction of what it tells about: one cannot be there without the other", async () => {
    world.memory.failNext("TransactWriteItems", { kind: "unavailable" });
    expect(errorOf(await records.create(grant, observation(ada.id, "x")))).toEqual({ kind: "unavailable" });
    expect(world.events[0]).toMatchObject({ interaction: "create", fate: "unknown" });
    expect(valueOf(await records.search(grant, query("Observation", `patient=${ada.id}`))).total).toBe(0);
  });
});

describe("rows that do not open", () => {
  it("fail the whole answer with an alarm: an allergy is never left out", async () => {
    await create(observation(ada.id, "one"));
    const second = await create(observation(ada.id, "two"));
    const rows = world.memory.store.rows.get("data")!;
    const [name, row] = [...rows.entries()].find(([, each]) => each.sk.includes(second.id))!;
    rows.set(name, { ...row, _upd: 5 });
    expect(errorOf(await records.search(grant, query("Observation", `patient=${ada.id}`)))).toEqual({
      kind: "integrity",
    });
    expect(errorOf(await records.everything(grant, ada.id))).toEqual({ kind: "integrity" });
    expect(errorOf(await records.update(grant, withId(observation(ada.id, "x"), second.id), { ifMatch: 1 }))).toEqual({
      kind: "integrity",
    });
    expect(world.alarms).toEqual(Array.from({ length: 3 }, () => ({ kind: "integrity", fault: "mac" })));
  });

  it("that open but are no whole record of their place fail too", async () => {
    const written = await create(observation(ada.id, "one"));
    const rows = world.memory.store.rows.get("data")!;
    const [name, row] = [...rows.entries()].find(([, each]) => each.sk.includes(written.id))!;
    const scope = { ...scopeOf(grant), credentialsId: "test" };
    const key = valueOf(await world.keyring.sealingKey(scope, "C"));
    const whole = { _t: "Observation", _upd: 1, _aud: "e", phi: written.text! };
    const legend = { phi: "encrypt", _t: "sign", _upd: "sign", _aud: "sign", _del: "sign" } as const;
    const binding = {
      tenantId: grant.tenantId,
      table: "data",
      dataClass: "C" as const,
      pk: row.pk,
      sk: row.sk,
      version: 1,
    };
    const faults: Record<string, string | number | boolean>[] = [
      { ...whole, _t: "Condition" },
      { ...whole, _del: true },
      { _t: "Observation", _upd: 1, _aud: "e" },
      { ...whole, phi: written.text!.replace('"versionId":"1"', '"versionId":"2"') },
      { ...whole, phi: "{" },
    ];
    for (const item of faults) {
      rows.set(name, valueOf(sealItem(item, binding, legend, key)) as Row);
      expect(errorOf(await records.search(grant, query("Observation", `patient=${ada.id}`)))).toEqual({
        kind: "integrity",
      });
    }
    rows.set(name, valueOf(sealItem(whole, binding, legend, key)) as Row);
    expect(valueOf(await records.search(grant, query("Observation", `patient=${ada.id}`))).total).toBe(1);
  });

  it("AW-15: an older row put back is told from the history that is above it", async () => {
    const written = await create(observation(ada.id, "one"));
    const rows = world.memory.store.rows.get("data")!;
    const [name, old] = [...rows.entries()].find(([, each]) => each.sk === `R#Observation#${written.id}`)!;
    valueOf(await records.update(grant, withId(observation(ada.id, "two"), written.id), { ifMatch: 1 }));
    rows.set(name, old);
    // The row is genuine and opens. The next write, which the put-back row would allow, meets the history that is there.
    expect(
      errorOf(await records.update(grant, withId(observation(ada.id, "three"), written.id), { ifMatch: 1 })),
    ).toEqual({
      kind: "conflict",
      reason: "version",
    });
  });

  it("failures of table and keys are failures, with an alarm where IAM refused its own grant", async () => {
    world.memory.failNext("GetItem", { kind: "throttled" });
    expect(errorOf(await records.read(grant, "Patient", ada.id))).toEqual({ kind: "throttled" });
    world.memory.failNext("GetItem", { kind: "denied" });
    expect(errorOf(await records.read(grant, "Patient", ada.id))).toEqual({ kind: "unavailable" });
    expect(world.alarms).toEqual([{ kind: "denied", from: "table" }]);
  });
});
