import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { DataKey, openItem, sealedUnder } from "../../../core/crypto/index.ts";
import type { Vector } from "./make-vectors.ts";
import { itemOf, rowOf, sealVector, VECTOR_INPUTS } from "./make-vectors.ts";
import { decodeRow } from "./second-decoder.ts";

const vectors = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8")) as Vector[];

describe("the frozen format", () => {
  it("has a vector for every committed input, unchanged", () => {
    const inputs = vectors.map(({ row: _row, isCompressed: _isCompressed, ...input }) => input);
    expect(inputs).toEqual(JSON.parse(JSON.stringify(VECTOR_INPUTS)));
    expect(vectors.some((vector) => vector.isCompressed)).toBe(true);
  });

  it.each(vectors)("opens: $name", (vector) => {
    const tenantId = vector.tenant as TenantId;
    const key = new DataKey(tenantId, vector.dataClass, vector.kver, Buffer.from(vector.dataKey, "hex"));
    const row = rowOf(vector);
    expect(sealedUnder(row, vector.dataClass)).toBe(key.kid);
    const { table, dataClass, pk, sk } = vector;
    const opened = openItem(row, { tenantId, table, dataClass, pk, sk, version: vector.version }, key);
    expect(opened).toEqual({ version: vector.version, item: itemOf(vector) });
  });

  it.each(vectors)("is what a reader written from the README reads: $name", (vector) => {
    const where = { tenant: vector.tenant, table: vector.table, pk: vector.pk, sk: vector.sk, class: vector.dataClass };
    expect(decodeRow(rowOf(vector), where, Buffer.from(vector.dataKey, "hex"))).toEqual(itemOf(vector));
    expect(() => decodeRow({ ...rowOf(vector), _ver: 77 }, where, Buffer.from(vector.dataKey, "hex"))).toThrow("mac");
  });

  it.each(vectors.filter((vector) => !vector.isCompressed))("is sealed to the same bytes today: $name", (vector) => {
    expect(sealVector(vector)).toEqual(vector.row);
  });
});
