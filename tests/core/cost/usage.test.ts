import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFacts, rollUp, type UsageRow } from "../../../core/cost/roll-up.ts";
import { copiesOf, storageUse } from "../../../core/cost/storage.ts";
import {
  formatFact,
  type MeteredFact,
  parseFact,
  type StorageDelta,
  type StorageRecount,
} from "../../../core/cost/usage.ts";
import { periodOfDay } from "../../../core/cost/period.ts";
import { AT, LAKESIDE, NORTH, report, usage, use } from "./usage-facts.ts";

const unitsOf = (rows: readonly UsageRow[], meter: string, tenant = LAKESIDE): bigint =>
  rows.filter((row) => row.meter === meter && row.tenant === tenant).reduce((sum, { units }) => sum + units, 0n);

describe("a record", () => {
  it("COST-2 is one short line that reads back to itself", () => {
    const record = usage("8f5c0e4e-6b1c-4c1b-9d0e-1f2a3b4c5d6e");
    const line = formatFact(record);
    expect(line.length).toBeLessThan(330);
    expect(parseFact(line)).toEqual({ ok: true, value: record });
  });

  it.each([
    ["a path with an id in it", { route: `GET /clinic/patients/${LAKESIDE}` }],
    ["a path with a date in it", { route: "GET /clinic/day/2026-11-22" }],
    ["a query", { route: "GET /clinic/patients?name=x" }],
    ["a tenant that is none", { uses: [use("lakeside")] }],
    ["a tenant twice", { uses: [use(LAKESIDE), use(LAKESIDE)] }],
    ["no tenant at all", { uses: [] }],
    ["half a unit", { uses: [use(LAKESIDE, { reads: { data: 0.5 } })] }],
    ["less than nothing", { ms: -1 }],
    ["a table by another's spelling", { uses: [use(LAKESIDE, { reads: { "Data Table": 1 } })] }],
    ["a field that nobody knows", { patient: "Ada" }],
  ])("COST-7 %s is refused", (_, of) => {
    const parsed = parseFact(JSON.stringify({ ...usage("r1"), ...of }));
    expect(parsed).toMatchObject({ ok: false, error: { reason: "unknown-shape" } });
  });

  it("COST-7 what is refused becomes an exception that says where and never what", () => {
    const line = JSON.stringify({ ...usage("r1"), "Ada Lovelace": { born: 1815 }, ms: "Ada" });
    const { facts, exceptions } = readFacts([line, line, "not json {Ada", formatFact(usage("r2"))]);
    expect(facts).toHaveLength(1);
    expect(exceptions.map(({ reason }) => reason).toSorted()).toEqual(["not-json", "unknown-shape"]);
    expect(JSON.stringify(exceptions)).not.toMatch(/Ada|1815|Lovelace/);
    expect(exceptions.every(({ digest }) => /^[0-9a-f]{64}$/.test(digest))).toBe(true);
  });
});

describe("the roll-up", () => {
  it("COST-2 takes billed time from the platform's report, init shared, calls by table and index", () => {
    const { rows, unreported } = rollUp([
      usage("r1", { uses: [use(LAKESIDE, { reads: { data: 3, "data/gsi1": 1 }, s3Put: { att: 1 }, kms: 2 })] }),
      report("r1", { billedMs: 275, initMs: 200 }),
    ]);
    expect(unreported).toBe(0);
    expect(unitsOf(rows, "lambda-mb-ms")).toBe(75n * 512n);
    expect(unitsOf(rows, "init-mb-ms", "_platform")).toBe(200n * 512n);
    expect(rows.filter(({ meter }) => meter === "read-half-units").map(({ part, units }) => [part, units])).toEqual([
      ["data", 3n],
      ["data/gsi1", 1n],
    ]);
    expect(rows.find(({ meter }) => meter === "s3-puts")).toMatchObject({
      part: "att",
      units: 1n,
      hour: "2026-11-22T08",
    });
    expect(unitsOf(rows, "kms-requests")).toBe(2n);
    expect(unitsOf(rows, "invocations")).toBe(1n);
  });

  it("COST-2 splits a batch by the time that each record took, and loses no millisecond of it", () => {
    const batch = usage("b1", {
      fn: "archive",
      route: null,
      uses: [use(LAKESIDE, { us: 2_000 }), use(NORTH, { us: 1_000 }), use("_platform", { us: 0 })],
    });
    const { rows } = rollUp([batch, report("b1", { fn: "archive", billedMs: 100 })]);
    expect(unitsOf(rows, "lambda-mb-ms", LAKESIDE)).toBe(34_133n);
    expect(unitsOf(rows, "lambda-mb-ms", NORTH)).toBe(17_067n);
    expect(unitsOf(rows, "invocations", LAKESIDE) + unitsOf(rows, "invocations", NORTH)).toBe(1n);
  });

  it("COST-2 an invocation that left no record is the platform's, one without a report has its own time", () => {
    const { rows, unreported, unclaimed } = rollUp([report("crashed"), usage("waiting")]);
    expect({ unreported, unclaimed }).toEqual({ unreported: 1, unclaimed: 1 });
    expect(unitsOf(rows, "lambda-mb-ms", "_platform")).toBe(75n * 512n);
    expect(unitsOf(rows, "lambda-mb-ms", LAKESIDE)).toBe(70n * 512n);
  });

  it("COST-2 an asynchronous invocation that Lambda tried again under its id counts both attempts", () => {
    const { rows, exceptions } = rollUp([
      usage("a1"),
      usage("a1", { at: AT + 60_000 }),
      report("a1"),
      report("a1", { at: AT + 60_080, billedMs: 25 }),
    ]);
    expect(exceptions).toEqual([]);
    expect(unitsOf(rows, "lambda-mb-ms")).toBe(100n * 512n);
    expect(unitsOf(rows, "invocations")).toBe(2n);
  });

  it("COST-2 two records that share a name and differ are an exception, and one of them counts", () => {
    const [one, other] = [usage("c1"), usage("c1", { ms: 99 })];
    const there = rollUp([one, other, report("c1")]);
    expect(there.exceptions).toMatchObject([{ reason: "conflict" }]);
    expect(unitsOf(there.rows, "invocations")).toBe(1n);
    expect(rollUp([other, report("c1"), one])).toEqual(there);
  });

  it("COST-2 Invariant: any order and any repetition of the same facts give the same rows", () => {
    const fact = fc.record({
      id: fc.constantFrom("r1", "r2", "r3", "r4"),
      at: fc.constantFrom(AT, AT + 3_600_000, AT + 86_400_000),
      tenant: fc.constantFrom(LAKESIDE, NORTH, "_platform"),
      count: fc.nat({ max: 3 }),
      isReport: fc.boolean(),
    });
    const facts = fc
      .array(fact, { maxLength: 8 })
      .map((all): MeteredFact[] =>
        all.map(({ id, at, tenant, count, isReport }) =>
          isReport
            ? report(id, { at: at + 90, billedMs: 40 + count })
            : usage(id, { at, uses: [use(tenant, { kms: count, reads: { data: count } })] }),
        ),
      );
    fc.assert(
      fc.property(facts, fc.array(fc.nat({ max: 100 }), { maxLength: 12 }), (all, picks) => {
        const again = picks
          .flatMap((pick) => (all.length === 0 ? [] : [all[pick % all.length]]))
          .filter((one) => one !== undefined);
        const shuffled = [...again, ...all.toReversed()];
        expect(rollUp(shuffled)).toEqual(rollUp(all));
      }),
    );
  });
});

describe("storage", () => {
  const delta = (id: string, hour: number, bytes: number, of: Partial<StorageDelta> = {}): StorageDelta => ({
    kind: "storage-delta.v1",
    id,
    at: Date.UTC(2026, 10, 22, hour),
    stage: "dev",
    cell: "c01",
    tenant: LAKESIDE,
    storage: "data",
    bytes,
    ...of,
  });
  const recount = (id: string, hour: number, bytes: number): StorageRecount => ({
    ...delta(id, hour, bytes),
    kind: "storage-recount.v1",
  });
  const day = periodOfDay("2026-11-22");
  const total = (rows: readonly UsageRow[]): bigint => rows.reduce((sum, { units }) => sum + units, 0n);

  it("COST-1 a level lasts until the next change: byte-hours of the day", () => {
    const before = delta("d0", 0, 1_000, { at: Date.UTC(2026, 10, 21, 12) });
    const { rows, levels } = storageUse([delta("d1", 6, 500), before, delta("d2", 18, -1_200)], day);
    expect(total(rows)).toBe(6n * 1_000n + 12n * 1_500n + 6n * 300n);
    expect(levels.get(`${LAKESIDE}/data`)).toBe(300n);
    expect(rows.every(({ meter, part }) => meter === "data-byte-hours" && part === "data")).toBe(true);
  });

  it("COST-1 backups are what a recoverable table holds, once more: no index, no object, and no table without recovery", () => {
    const kinds = ["data", "history", "search", "documents", "audit", "audit-index", "outbox"] as const;
    const { rows } = storageUse(
      kinds.map((storage) => delta(storage, 0, 1_000, { storage })),
      day,
    );
    const copies = copiesOf(rows);
    expect(new Set(copies.map(({ meter }) => meter))).toEqual(new Set(["backup-byte-hours"]));
    const byPart = Map.groupBy(copies, ({ part }) => part ?? "");
    expect(Object.fromEntries([...byPart].map(([part, of]) => [part, total(of)]))).toEqual({
      data: 2n * 24_000n,
      outbox: 24_000n,
      trail: 24_000n,
    });
  });

  it("COST-1 a recount corrects from its moment on, and shows how far the changes had drifted", () => {
    const { rows, drifts } = storageUse([delta("d1", 0, 1_000), recount("n1", 12, 1_100), delta("d2", 18, 100)], day);
    expect(total(rows)).toBe(12n * 1_000n + 6n * 1_100n + 6n * 1_200n);
    expect(drifts).toMatchObject([{ expectedBytes: 1_000n, countedBytes: 1_100n, storage: "data", tenant: LAKESIDE }]);
  });

  it("COST-1 a level below zero counts as nothing, and the recount shows it", () => {
    const { rows, drifts } = storageUse([delta("d1", 0, -50), recount("n1", 12, 10)], day);
    expect(total(rows)).toBe(120n);
    expect(drifts).toMatchObject([{ expectedBytes: -50n, countedBytes: 10n }]);
  });

  it("COST-2 Invariant: any order and any repetition of the same facts give the same byte-hours", () => {
    const facts = fc.array(
      fc.record({
        id: fc.constantFrom("a", "b", "c"),
        hour: fc.nat({ max: 23 }),
        bytes: fc.nat({ max: 9 }),
        counted: fc.boolean(),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(facts, (all) => {
        const made = all.map(({ id, hour, bytes, counted }) => (counted ? recount : delta)(id, hour, bytes));
        expect(storageUse([...made.toReversed(), ...made], day)).toEqual(storageUse(made, day));
      }),
      { numRuns: 60 },
    );
  });
});
