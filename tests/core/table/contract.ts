import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TenantId } from "../../../core/kernel/ids.ts";
import type { Meter, Row, Table, TableName } from "../../../core/table/index.ts";
import { createMeter, homePartition } from "../../../core/table/index.ts";
import { errorOf, TENANT_A, TENANT_B, valueOf } from "../crypto/fixtures.ts";

export interface TableUnderTest {
  /** Every table is empty, and has the index of its definition. */
  readonly table: Table;
  readonly close: () => Promise<void>;
}

const partition = (tenantId: TenantId, patient = "p"): string =>
  homePartition(tenantId, "C", { patientId: patient as never });
const pk = partition(TENANT_A);
const rowAt = (sk: string, more: Record<string, Row[string]> = {}): Row => ({ pk, sk, ...more });

/** What every `Table` promises, whatever stands behind it. */
export function describeTable(name: string, create: (meter: Meter) => Promise<TableUnderTest>): void {
  describe(`the table contract: ${name}`, () => {
    let meter: Meter;
    let table: Table;
    let close: () => Promise<void>;

    beforeEach(async () => {
      meter = createMeter();
      ({ table, close } = await create(meter));
    });
    afterEach(() => close());

    const write = async (...rows: Row[]): Promise<void> => {
      valueOf(await table.transactWrite(rows.map((row) => ({ kind: "put", table: "data", row }))));
    };

    it("keeps every kind of value as it is", async () => {
      const row = rowAt("a", {
        text: "Zoë 🩺",
        empty: "",
        zero: 0,
        large: Number.MAX_SAFE_INTEGER,
        small: -Number.MAX_SAFE_INTEGER,
        fraction: 0.1,
        yes: true,
        no: false,
        nothing: null,
        bytes: new Uint8Array([0, 255, 1]),
        noBytes: new Uint8Array(),
        list: ["a", 1, { deep: [true] }],
        map: { b: 1, a: { c: "x" } },
      });
      await write(row);
      expect(valueOf(await table.get("data", { pk, sk: "a" }))).toEqual(row);
      expect(valueOf(await table.get("data", { pk, sk: "a" }, { isConsistent: true }))).toEqual(row);
      expect(valueOf(await table.get("data", { pk, sk: "b" }))).toBeUndefined();
      const [bytes] = [valueOf(await table.get("data", { pk, sk: "a" }))?.["bytes"]];
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    });

    it("refuses numbers that would be rounded", async () => {
      const put = async (n: number) => table.transactWrite([{ kind: "put", table: "data", row: rowAt("a", { n }) }]);
      await expect(put(2 ** 53)).rejects.toThrow("safe");
      await expect(put(Number.NaN)).rejects.toThrow("finite");
    });

    it("gives many rows in the order of their keys, over more than one batch", async () => {
      const sks = Array.from({ length: 130 }, (_, index) => `k${String(index).padStart(3, "0")}`);
      await write(...sks.slice(0, 100).map((sk) => rowAt(sk)));
      await write(...sks.slice(100).map((sk) => rowAt(sk)));
      const keys = [...sks.toReversed(), "absent", "k000"].map((sk) => ({ pk, sk }));
      const rows = valueOf(await table.getMany("data", keys));
      expect(rows.map((row) => row?.sk)).toEqual([...sks.toReversed(), undefined, "k000"]);
      expect(meter.calls.BatchGetItem).toBe(2);
      expect(valueOf(await table.getMany("data", []))).toEqual([]);
    });

    it("queries by prefix and bounds, both ways, page by page, inside one partition", async () => {
      await write(...["A#1", "R#1", "R#2", "R#3", "R#4", "S#1"].map((sk) => rowAt(sk)));
      await write({ pk: partition(TENANT_B), sk: "R#9" }, { pk: `${pk}2`, sk: "R#9" });
      const sksOf = (rows: readonly Row[]): string[] => rows.map((row) => row.sk);
      expect(sksOf(valueOf(await table.query("data", { pk })).rows)).toEqual([
        "A#1",
        "R#1",
        "R#2",
        "R#3",
        "R#4",
        "S#1",
      ]);
      expect(sksOf(valueOf(await table.query("data", { pk, prefix: "R#" })).rows)).toHaveLength(4);
      const between = { pk, between: ["R#2", "R#3"] as const };
      expect(sksOf(valueOf(await table.query("data", between)).rows)).toEqual(["R#2", "R#3"]);
      const descending = { pk, prefix: "R#", isDescending: true, limit: 3 };
      const first = valueOf(await table.query("data", descending));
      expect(sksOf(first.rows)).toEqual(["R#4", "R#3", "R#2"]);
      const second = valueOf(await table.query("data", { ...descending, after: first.next! }));
      expect(sksOf(second.rows)).toEqual(["R#1"]);
      expect(second.next).toBeUndefined();
      expect(sksOf(valueOf(await table.queryAll("data", { ...descending, limit: 4 })))).toEqual([
        "R#4",
        "R#3",
        "R#2",
        "R#1",
      ]);
      expect(valueOf(await table.query("data", { pk: `${pk}none` }))).toEqual({ rows: [] });
    });

    it("reads the index, which holds keys alone and only rows that have its keys", async () => {
      const gpk = `T#${TENANT_A}#C#G`;
      await write(rowAt("1", { gpk, gsk: "2026-01", phi: "x" }), rowAt("2", { gpk, gsk: "2025-01" }), rowAt("3"));
      const found = valueOf(await table.query("data", { pk: gpk, index: "gsi1" }));
      expect(found.rows).toEqual([
        { pk, sk: "2", gpk, gsk: "2025-01" },
        { pk, sk: "1", gpk, gsk: "2026-01" },
      ]);
    });

    it("writes all or nothing, and says which conditions failed", async () => {
      await write(rowAt("a", { _ver: 1 }));
      const failed = await table.transactWrite([
        { kind: "put", table: "data", row: rowAt("b") },
        { kind: "put", table: "data", row: rowAt("a", { _ver: 2 }), condition: { kind: "absent" } },
        { kind: "put", table: "outbox", row: rowAt("e") },
        { kind: "check", table: "data", key: { pk, sk: "c" }, condition: { kind: "present" } },
      ]);
      expect(errorOf(failed)).toEqual({ kind: "conflict", failed: [1, 3] });
      expect(valueOf(await table.get("data", { pk, sk: "b" }))).toBeUndefined();
      expect(valueOf(await table.get("outbox", { pk, sk: "e" }))).toBeUndefined();
      expect(valueOf(await table.get("data", { pk, sk: "a" }))).toEqual(rowAt("a", { _ver: 1 }));
    });

    it.each([
      [{ kind: "absent" }, false, true],
      [{ kind: "present" }, true, false],
      [{ kind: "equals", attributes: { _ver: 1 } }, true, false],
      [{ kind: "equals", attributes: { _ver: 1, state: "STAGED", done: false } }, true, false],
      [{ kind: "equals", attributes: { _ver: 2 } }, false, false],
      [{ kind: "equals", attributes: { _ver: 1, state: "COMMITTED" } }, false, false],
      [{ kind: "equals", attributes: { _ver: "1" } }, false, false],
      [{ kind: "equals", attributes: { missing: 1 } }, false, false],
      [{ kind: "equals", attributes: {} }, true, false],
    ] as const)("the condition %j holds of a row: %s, of none: %s", async (condition, ofRow, ofNone) => {
      await write(rowAt("a", { _ver: 1, state: "STAGED", done: false }));
      const holds = async (sk: string): Promise<boolean> =>
        (await table.transactWrite([{ kind: "check", table: "data", key: { pk, sk }, condition }])).ok;
      expect(await holds("a")).toBe(ofRow);
      expect(await holds("b")).toBe(ofNone);
    });

    it("AT-29: the same token is the same write, however often it is sent", async () => {
      const writes = [
        { kind: "put" as const, table: "data" as const, row: rowAt("a"), condition: { kind: "absent" as const } },
      ];
      valueOf(await table.transactWrite(writes, "token-1"));
      valueOf(await table.transactWrite(writes, "token-1"));
      expect(errorOf(await table.transactWrite(writes, "token-2"))).toEqual({ kind: "conflict", failed: [0] });
    });

    it("puts one outbox row, on a condition if there is one", async () => {
      const row = { pk: `T#${TENANT_A}#A#2026-11-22`, sk: "e1", seq: 1 };
      valueOf(await table.put("outbox", row, { kind: "absent" }));
      expect(errorOf(await table.put("outbox", row, { kind: "absent" }))).toEqual({ kind: "conflict", failed: [0] });
      expect(valueOf(await table.get("outbox", row))).toEqual(row);
    });

    it("says when a row is over 400 KB", async () => {
      const row = rowAt("a", { bytes: new Uint8Array(400 * 1024) });
      expect(errorOf(await table.transactWrite([{ kind: "put", table: "data", row }]))).toEqual({ kind: "too-long" });
    });

    it("refuses an empty transaction, and one over 100 writes", async () => {
      await expect((async () => table.transactWrite([]))()).rejects.toThrow("1 to 100");
      const writes = Array.from({ length: 101 }, (_, index) => ({
        kind: "put" as const,
        table: "data" as TableName,
        row: rowAt(String(index)),
      }));
      await expect((async () => table.transactWrite(writes))()).rejects.toThrow("1 to 100");
    });

    it("counts calls and capacity exactly", async () => {
      const unitsOf = async (work: () => Promise<unknown>): Promise<[read: number, write: number]> => {
        const [read, written] = [meter.readUnits, meter.writeUnits];
        await work();
        return [meter.readUnits - read, meter.writeUnits - written];
      };
      const kilobyte = rowAt("a", { bytes: new Uint8Array(1024 - 2 - pk.length - 2 - 1 - 5) });
      const over = { ...kilobyte, sk: "bb" };
      expect(await unitsOf(() => write(kilobyte))).toEqual([0, 2]);
      expect(await unitsOf(() => write(over))).toEqual([0, 4]);
      expect(await unitsOf(() => write(rowAt("c"), rowAt("d")))).toEqual([0, 4]);
      expect(await unitsOf(() => table.put("outbox", rowAt("e")))).toEqual([0, 1]);
      expect(await unitsOf(() => table.get("data", kilobyte))).toEqual([0.5, 0]);
      expect(await unitsOf(() => table.get("data", kilobyte, { isConsistent: true }))).toEqual([1, 0]);
      expect(await unitsOf(() => table.get("data", { pk, sk: "none" }))).toEqual([0.5, 0]);
      expect(await unitsOf(() => table.getMany("data", [kilobyte, over, { pk, sk: "none" }]))).toEqual([1.5, 0]);
      expect(await unitsOf(() => table.query("data", { pk }))).toEqual([0.5, 0]);
      expect(await unitsOf(() => table.query("data", { pk, isConsistent: true }))).toEqual([1, 0]);
      await write(rowAt("f", { bytes: new Uint8Array(11_000) }));
      expect(await unitsOf(() => table.query("data", { pk }))).toEqual([2, 0]);
      expect(meter.reads).toEqual({ data: 14 });
      expect(meter.writes).toEqual({ data: 64, outbox: 2 });
      expect(meter.calls).toEqual({ GetItem: 3, BatchGetItem: 1, Query: 3, TransactWriteItems: 4, PutItem: 1 });
      expect(meter.retries).toBe(0);
    });

    it("COST-2 counts an index under its own name", async () => {
      await write(rowAt("a", { gpk: pk, gsk: "1", bytes: new Uint8Array(2500) }));
      expect(meter.writes).toEqual({ data: 2 * 2 * 3, "data/gsi1": 2 * 2 });
      valueOf(await table.query("data", { pk, index: "gsi1" }));
      expect(meter.reads).toEqual({ "data/gsi1": 1 });
    });

    it("COST-2 counts a repeated transaction as the reading that it is", async () => {
      const row = rowAt("a", { bytes: new Uint8Array(5000) });
      for (const _ of [1, 2]) await table.transactWrite([{ kind: "put", table: "data", row }], "the-same-token");
      expect([meter.reads, meter.writes]).toEqual([{ data: 2 * 2 * 2 }, { data: 2 * 2 * 5 }]);
    });

    it("COST-2 counts a refused write by what is known of it: never more than was consumed, and no index", async () => {
      const absent = { kind: "absent" } as const;
      const row = rowAt("a", { gpk: pk, gsk: "1", bytes: new Uint8Array(2500) });
      await table.put("outbox", row);
      await write(rowAt("a"));
      const before = structuredClone(meter.writes);
      expect(errorOf(await table.put("outbox", row, absent))).toMatchObject({ kind: "conflict" });
      expect(meter.writes).toEqual({ ...before, outbox: (before["outbox"] ?? 0) + 2 });
      const refused = await table.transactWrite([
        { kind: "put", table: "data", row, condition: absent },
        { kind: "put", table: "data", row: { ...row, sk: "b" } },
        { kind: "check", table: "data", key: { pk, sk: "c" }, condition: absent },
      ]);
      expect(errorOf(refused)).toMatchObject({ kind: "conflict" });
      expect((meter.writes["data"] ?? 0) - (before["data"] ?? 0)).toBe(2 * 2 * (1 + 3 + 1));
      expect(meter.writes["data/gsi1"]).toBeUndefined();
      expect(meter.reads).toEqual({});
    });
  });
}
