import { describe, expect, it } from "vitest";
import { createMemoryStore, createMemoryTable } from "../../../core/table/memory.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { describeTable } from "./contract.ts";

describeTable("memory", (meter) =>
  Promise.resolve({ table: createMemoryTable(createMemoryStore(), meter), close: () => Promise.resolve() }),
);

describe("the table in memory", () => {
  it("fails the next call of an operation as a test plans it, and only that", async () => {
    const table = createMemoryTable();
    table.failNext("GetItem", { kind: "throttled" });
    expect(errorOf(await table.get("data", { pk: "a", sk: "b" }))).toEqual({ kind: "throttled" });
    expect(valueOf(await table.get("data", { pk: "a", sk: "b" }))).toBeUndefined();
  });
});
