import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { classSearchToken } from "../../../core/crypto/index.ts";
import type { FhirResource } from "../../../core/fhir/index.ts";
import type { Records, StoredVersion } from "../../../core/record/index.ts";
import { TOKEN_FIELDS } from "../../../core/record/index.ts";
import { phoneDigits, tokenField, tokenValues } from "../../../core/record/token-fields.ts";
import { tokenPartition, tokenSort } from "../../../core/table/index.ts";
import { errorOf, TENANT_A, TENANT_B, USER_B, valueOf } from "../crypto/fixtures.ts";
import type { Judge, World } from "./world.ts";
import { bundle, createWorld, grantOf, patient, query, resource, scopeOf, unguarded, withId } from "./world.ts";

let world: World;
let records: Records;
const grant = grantOf();
const PSYCHIATRY = { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSY" }] };

beforeEach(async () => {
  world = await createWorld();
  records = world.for(grant);
});

const create = async (value: FhirResource): Promise<StoredVersion> =>
  valueOf(await records.create(grant, value)).version;
const update = (value: FhirResource, before: StoredVersion) =>
  records.update(grant, withId(value, before.id), { ifMatch: before.version });

const encounter = (patientId: string, start: string, more: object = {}): FhirResource =>
  resource({
    resourceType: "Encounter",
    status: "in-progress",
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
    subject: { reference: `Patient/${patientId}` },
    period: { start },
    ...more,
  });
const appointment = (patientId: string, start: string): FhirResource =>
  resource({
    resourceType: "Appointment",
    status: "booked",
    start,
    end: start.replace("T09", "T10"),
    participant: [{ actor: { reference: `Patient/${patientId}` }, status: "accepted" }],
  });
const task = (patientId: string, status: string, owner: string): FhirResource =>
  resource({
    resourceType: "Task",
    status,
    intent: "order",
    for: { reference: `Patient/${patientId}` },
    owner: { reference: owner },
  });

/** The ids under a token as the table holds them, dead rows too. */
async function rowsOf(
  type: "Patient" | "Encounter" | "Appointment",
  parameter: string,
  value: string,
  letter: "C" | "D" | "S",
) {
  const xKey = valueOf(await world.keyring.sealingKey(scopeOf(grant), "X"));
  const classKey = valueOf(await world.keyring.sealingKey(scopeOf(grant), letter));
  const token = classSearchToken(xKey, classKey, `${type}.${parameter}`, value);
  const pk = tokenPartition(TENANT_A, type, parameter, token);
  return valueOf(await world.table.queryAll("data", { pk }));
}
const found = async (
  ...[type, parameter, values, by = grant, judge = unguarded(by)]: [
    Parameters<Records["searchByToken"]>[1],
    string,
    readonly string[],
    typeof grant?,
    Judge?,
  ]
): Promise<string[]> =>
  valueOf(await world.for(by, judge).searchByToken(by, type, parameter, values)).map(({ id }) => id);

describe("a search by token", () => {
  it("CLIN-2 finds a day's appointments across patients, and follows one that moves to another day or is deleted", async () => {
    const [ada, byron] = [await create(patient("Lovelace")), await create(patient("Byron"))];
    const first = await create(appointment(ada.id, "2026-11-23T09:00:00Z"));
    const second = await create(appointment(byron.id, "2026-11-23T23:30:00-05:00"));
    expect(await found("Appointment", "date", ["2026-11-23"])).toEqual([first.id]);
    expect(await found("Appointment", "date", ["2026-11-23", "2026-11-24"])).toEqual([first.id, second.id].toSorted());
    const moved = valueOf(await update(appointment(ada.id, "2026-11-24T09:00:00Z"), first)).version;
    expect(await found("Appointment", "date", ["2026-11-23"])).toEqual([]);
    valueOf(await records.delete(grant, "Appointment", moved.id));
    expect(await found("Appointment", "date", ["2026-11-24"])).toEqual([second.id]);
    const back = valueOf(
      await records.update(grant, withId(appointment(ada.id, "2026-11-24T09:00:00Z"), first.id), { ifMatch: 3 }),
    );
    expect(await found("Appointment", "date", ["2026-11-24"])).toContain(back.version.id);
  });

  it("leaves one event that names each record, and more only where one has no room", async () => {
    const ada = await create(patient("Lovelace"));
    const entries = Array.from({ length: 120 }, () => ({
      resource: appointment(ada.id, "2026-11-23T09:00:00Z"),
      request: { method: "POST", url: "Appointment" },
    }));
    valueOf(await records.transaction(grant, bundle(entries)));
    const before = world.events.length;
    expect(await found("Appointment", "date", ["2026-11-23"])).toHaveLength(120);
    const events = world.events.slice(before);
    expect(events.map(({ interaction, entities, count }) => [interaction, entities.length, count])).toEqual([
      ["search", 21, 20],
      ["search", 101, 100],
    ]);
    expect(await found("Appointment", "date", ["2026-11-30"])).toEqual([]);
    expect(world.events.at(-1)).toMatchObject({ interaction: "search", entities: [{ type: "Appointment" }], count: 0 });
  });

  it("an update that changes no value writes no token row", async () => {
    const ada = await create(patient("Lovelace", { telecom: [{ system: "phone", value: "+1 (617) 555-0117" }] }));
    const before = world.meter.writeUnits;
    valueOf(
      await update(
        patient("LOVELACE", {
          identifier: [{ value: "mrn-Lovelace" }],
          telecom: [{ system: "phone", value: "617 555 0117" }],
        }),
        ada,
      ),
    );
    // Record, its past, directory, check and event.
    expect(world.meter.writeUnits - before).toBe(10);
    expect(await found("Patient", "phone", ["1-617-555-0117"])).toEqual([ada.id]);
    expect(await found("Patient", "birthdate-family", ["1980-02-29|lovelace"])).toEqual([ada.id]);
  });

  it("an inbox holds what is open: a task that ends leaves it", async () => {
    const ada = await create(patient("Lovelace"));
    const who = await create(resource({ resourceType: "Practitioner", name: [{ family: "Who" }] }));
    const open = await create(task(ada.id, "requested", `Practitioner/${who.id}`));
    expect(await found("Task", "owner", [`Practitioner/${who.id}`])).toEqual([open.id]);
    expect(await found("Task", "owner", [`practitioner/${who.id}`])).toEqual([]);
    expect(await found("Task", "status", ["requested"])).toEqual([open.id]);
    valueOf(await update(task(ada.id, "completed", `Practitioner/${who.id}`), open));
    expect(await found("Task", "owner", [`Practitioner/${who.id}`])).toEqual([]);
    expect(await found("Task", "status", ["requested", "completed"])).toEqual([]);
  });

  it("is bounded, and knows only what records are written with", async () => {
    const days = Array.from({ length: 63 }, (_day, index) => `day ${index}`);
    expect(errorOf(await records.searchByToken(grant, "Appointment", "date", days))).toEqual({
      kind: "too-costly",
      rule: "search-size",
    });
    await expect(records.searchByToken(grant, "Observation", "code", ["8302-2"])).rejects.toThrow("token");
    const fields = TOKEN_FIELDS.map(({ type, parameter }) => `${type}.${parameter}`);
    expect(new Set(fields).size).toBe(fields.length);
    expect(fields.filter((field) => /code|gender|category|reason/.test(field))).toEqual([]);
  });

  it.each([
    ["+1 (617) 555-0117", "6175550117"],
    ["617.555.0117", "6175550117"],
    ["16175550117", "6175550117"],
    ["+44 20 7946 0958", "442079460958"],
    ["Ask at the desk", "ask at the desk"],
  ])("phone %s is met as %s", (written, digits) => {
    expect(phoneDigits(written)).toBe(digits);
  });
});

describe("what a token does not tell", () => {
  it("ISO-1 a foreign tenant's token finds nothing here, and ours nothing there", async () => {
    const theirs = grantOf({ tenantId: TENANT_B, userId: USER_B });
    valueOf(await world.for(theirs).create(theirs, patient("Lovelace")));
    expect(await found("Patient", "identifier", ["mrn-Lovelace"])).toEqual([]);
    const ada = await create(patient("Lovelace"));
    expect(await found("Patient", "identifier", ["mrn-Lovelace"])).toEqual([ada.id]);
    expect(await found("Patient", "identifier", ["mrn-Lovelace"], theirs)).not.toContain(ada.id);
  });

  it("KEY-1 no value stands in a key or in a row of class X, and no row holds more than its name and its event", async () => {
    await create(patient("Canaryname", { telecom: [{ system: "email", value: "canary@example.org" }] }));
    const rows = [...(world.memory.store.rows.get("data")?.values() ?? [])].filter(({ pk }) => pk.includes("#X#"));
    expect(rows.map((row) => Object.keys(row).toSorted())).toEqual(rows.map(() => ["_aud", "pk", "sk"]));
    expect(rows).toHaveLength(3);
    expect(JSON.stringify(rows)).not.toMatch(/canary|1980|mrn/i);
  });

  it("a segmented record is found by who holds S alone, and nobody else can make its token", async () => {
    const ada = await create(patient("Lovelace"));
    const open = await create(encounter(ada.id, "2026-11-23T09:00:00Z"));
    const secret = await create(encounter(ada.id, "2026-11-23T10:00:00Z", { meta: PSYCHIATRY }));
    expect(await found("Encounter", "date", ["2026-11-23"])).toEqual([open.id, secret.id].toSorted());
    const clinical = grantOf({ classes: ["C", "D"] });
    expect(await found("Encounter", "date", ["2026-11-23"], clinical)).toEqual([open.id]);
    const desk = grantOf({ classes: ["D"] });
    expect(await found("Encounter", "date", ["2026-11-23"], desk)).toEqual([]);
    expect((await rowsOf("Encounter", "date", "2026-11-23", "C")).map(({ sk }) => sk)).toEqual([
      tokenSort("Encounter", open.id),
    ]);
    expect(errorOf(await world.keyring.sealingKey(scopeOf(desk), "C"))).toEqual({ kind: "forbidden" });
  });

  it("a label moves a record's tokens with it", async () => {
    const ada = await create(patient("Lovelace"));
    const visit = await create(encounter(ada.id, "2026-11-23T09:00:00Z"));
    valueOf(await update(encounter(ada.id, "2026-11-23T09:00:00Z", { meta: PSYCHIATRY }), visit));
    expect(await found("Encounter", "date", ["2026-11-23"], grantOf({ classes: ["C", "D"] }))).toEqual([]);
    expect(await found("Encounter", "date", ["2026-11-23"])).toEqual([visit.id]);
    expect(await rowsOf("Encounter", "date", "2026-11-23", "C")).toMatchObject([{ _del: true }]);
    expect(await rowsOf("Encounter", "date", "2026-11-23", "S")).toMatchObject([{ sk: `Encounter#${visit.id}` }]);
  });

  it("what policy or consent hides of one patient is absent, and the others are there", async () => {
    const [ada, byron] = [await create(patient("Lovelace")), await create(patient("Byron"))];
    await create(encounter(ada.id, "2026-11-23T09:00:00Z"));
    const seen = await create(encounter(byron.id, "2026-11-23T09:00:00Z"));
    const judge: Judge = async (protection) => {
      const all = valueOf(await unguarded(grant)(protection));
      return { ok: true, value: { ...all, classes: protection.patientId === ada.id ? [] : all.classes } };
    };
    expect(await found("Encounter", "date", ["2026-11-23"], grant, judge)).toEqual([seen.id]);
    expect(await found("Patient", "birthdate-family", ["1980-02-29|Lovelace"], grant, judge)).toEqual([]);
    expect(await found("Encounter", "date", ["2026-11-23"], grantOf({ onlyPatientId: ada.id }))).toHaveLength(1);
  });

  it("a row that somebody put there finds nothing: what counts is the record", async () => {
    const [ada, byron] = [await create(patient("Lovelace")), await create(patient("Byron"))];
    const [row] = await rowsOf("Patient", "identifier", "mrn-lovelace", "D");
    for (const sk of [tokenSort("Patient", byron.id), "Patient#01jd8x3k9m2n4p5q6r7s8t9v0w"]) {
      valueOf(
        await world.table.transactWrite([{ kind: "put", table: "data", row: { pk: row?.pk ?? "", sk, _aud: "x" } }]),
      );
    }
    expect(await found("Patient", "identifier", ["mrn-Lovelace"])).toEqual([ada.id]);
    expect(world.alarms).toEqual([]);
    valueOf(
      await world.table.transactWrite([
        { kind: "put", table: "data", row: { pk: row?.pk ?? "", sk: "Patient", _aud: "x" } },
      ]),
    );
    expect(errorOf(await records.searchByToken(grant, "Patient", "identifier", ["mrn-Lovelace"]))).toEqual({
      kind: "integrity",
    });
    expect(world.alarms).toEqual([{ kind: "integrity", fault: "place" }]);
  });

  it("records of a staged transaction are found once it counts, and not before", async () => {
    const entries = Array.from({ length: 120 }, (_entry, index) => ({
      resource: patient(`Import${index}`, { identifier: [{ value: "same" }] }),
      request: { method: "POST", url: "Patient" },
    }));
    const transactWrite = world.table.transactWrite.bind(world.table);
    const seen: number[] = [];
    world.memory.transactWrite = async (...args) => {
      seen.push((await found("Patient", "identifier", ["same"])).length);
      return transactWrite(...args);
    };
    valueOf(await records.transaction(grant, bundle(entries)));
    expect(seen.length).toBeGreaterThan(2);
    expect(new Set(seen)).toEqual(new Set([0]));
    expect(await found("Patient", "identifier", ["same"])).toHaveLength(120);
  });

  it("a patient with more to be found by than a transaction holds is refused whole", async () => {
    const identifier = Array.from({ length: 110 }, (_identifier, index) => ({ value: `id-${index}` }));
    expect(errorOf(await records.create(grant, patient("Many", { identifier })))).toEqual({
      kind: "too-costly",
      rule: "bundle-size",
    });
    const entry = { resource: patient("Many", { identifier }), request: { method: "POST", url: "Patient" } };
    expect(errorOf(await records.transaction(grant, bundle([entry])))).toEqual({
      kind: "too-costly",
      rule: "bundle-size",
    });
  });
});

describe("FHIR search", () => {
  const idsOf = async (...[type, text]: Parameters<typeof query>) =>
    valueOf(await records.search(grant, query(type, text))).matches.map(({ id }) => id);

  it("API-1 finds appointments of a day, open tasks of an owner and patients by what is theirs, through tokens", async () => {
    const ada = await create(
      patient("Lovelace", {
        telecom: [
          { system: "phone", value: "617-555-0117" },
          { system: "email", value: "Ada@Example.org" },
        ],
      }),
    );
    const who = await create(resource({ resourceType: "Practitioner", name: [{ family: "Who" }] }));
    const early = await create(appointment(ada.id, "2026-11-23T09:00:00Z"));
    const late = await create(appointment(ada.id, "2026-11-23T19:00:00Z"));
    const open = await create(task(ada.id, "requested", `Practitioner/${who.id}`));
    await create(task(ada.id, "completed", `Practitioner/${who.id}`));
    expect(await idsOf("Appointment", "date=2026-11-23&_sort=-date")).toEqual([late.id, early.id]);
    expect(await idsOf("Appointment", "date=2026-11-23&status=cancelled")).toEqual([]);
    expect(await idsOf("Task", `owner=Practitioner/${who.id}&status=requested,accepted`)).toEqual([open.id]);
    const queries = world.meter.calls.Query;
    expect(await idsOf("Patient", "phone=617-555-0117&family=love")).toEqual([ada.id]);
    expect(await idsOf("Patient", "email=ada@example.org")).toEqual([ada.id]);
    expect(await idsOf("Patient", "identifier=urn:mrn|MRN-lovelace")).toEqual([ada.id]);
    expect(await idsOf("Patient", "identifier=urn:other|mrn-Lovelace")).toEqual([]);
    expect(world.meter.calls.Query - queries).toBe(4);
  });

  it.each([
    ["Appointment", "date=ge2026-11-23"],
    ["Appointment", "date=2026-11"],
    ["Task", "owner=Practitioner/x"],
    ["Task", "owner=Practitioner/x&status=completed"],
    ["Encounter", "date=2026-11-23"],
  ] as const)("%s?%s is more than a token knows, and stays refused without a patient", async (type, text) => {
    expect(errorOf(await records.search(grant, query(type, text)))).toEqual({
      kind: "not-supported",
      rule: "search-without-patient",
    });
  });
});

describe("whatever is written", () => {
  const DAYS = ["2026-11-23", "2026-11-24", "2026-11-25"];
  const step = fc.record({
    what: fc.constantFrom("create", "update", "delete", "bundle"),
    at: fc.nat(5),
    day: fc.nat(2),
    isSecret: fc.boolean(),
  });

  it("the tokens give what a scan of the current records gives", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        world = await createWorld();
        records = world.for(grant);
        const ada = await create(patient("Lovelace"));
        const made: StoredVersion[] = [];
        for (const { what, at, day, isSecret } of steps) {
          const value = encounter(ada.id, `${DAYS[day]}T09:00:00Z`, {
            meta: isSecret
              ? PSYCHIATRY
              : { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "N" }] },
          });
          const target = made[at];
          if (what === "create" || !target) made.push(await create(value));
          else if (what === "update") made[at] = valueOf(await update(value, target)).version;
          else if (what === "delete") {
            const gone = await records.delete(grant, "Encounter", target.id);
            if (gone.ok) made[at] = gone.value.version;
          } else {
            const put = {
              resource: withId(value, target.id),
              request: { method: "PUT", url: `Encounter/${target.id}`, ifMatch: `W/"${target.version}"` },
            };
            const done = valueOf(await records.transaction(grant, bundle([put])));
            const [outcome] = done.outcomes;
            if (outcome && "written" in outcome) made[at] = { ...target, version: outcome.written.version };
          }
        }
        const scanned = valueOf(await records.search(grant, query("Encounter", `patient=${ada.id}`))).matches;
        const field = tokenField("Encounter", "date");
        for (const day of DAYS) {
          const expected = scanned.filter((each) =>
            tokenValues(each).some((own) => own.field === field && own.value === day),
          );
          expect(await found("Encounter", "date", [day])).toEqual(expected.map(({ id = "" }) => id).toSorted());
          const live = [
            ...(await rowsOf("Encounter", "date", day, "C")),
            ...(await rowsOf("Encounter", "date", day, "S")),
          ].filter((row) => row["_del"] !== true);
          expect(live.map(({ sk }) => sk).toSorted()).toEqual(expected.map(({ id }) => `Encounter#${id}`).toSorted());
        }
      }),
      { numRuns: 25 },
    );
  });
});
