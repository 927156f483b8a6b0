import { describe, expect, it } from "vitest";
import { INDEX_NAME, TABLE_NAMES } from "../../../core/iam/names.ts";
import { boundaryViolations, tableNames, tables, type TableDefinition } from "../../../core/table/definitions.ts";

const data: TableDefinition = tables.data;
const registry: TableDefinition = tables.registry;
const tenantFirst = { kind: "tenant-first" } as const;
const controlPlane = { kind: "control-plane", reason: "control-plane, no PHI" } as const;
const index = { name: "byMrn", partitionKey: "gpk", sortKey: "sk", projection: "ALL", boundary: tenantFirst } as const;

describe("ISO-5 every table and index declares how tenants are kept apart", () => {
  it.each(tableNames)("%s is sound", (name) => {
    expect(boundaryViolations(tables[name])).toEqual([]);
  });

  it("the registry is control-plane and holds no PHI; every other table is tenant-first", () => {
    expect(tables.registry).toMatchObject({ boundary: controlPlane, phi: false });
    expect(tableNames.filter((name) => tables[name].boundary.kind === "tenant-first")).toEqual([
      "data",
      "outbox",
      "keys",
      "trail",
    ]);
  });

  it.each<[string, TableDefinition, string]>([
    [
      "an index keyed by a record number",
      { ...data, indexes: [...data.indexes, { ...index, partitionKey: "mrn" }] },
      "index byMrn of table data is keyed by mrn, which does not begin with the tenant",
    ],
    [
      "an index that leaves the boundary of its table",
      { ...data, indexes: [{ ...index, boundary: controlPlane }] },
      "index byMrn of table data leaves the tenant boundary of its table",
    ],
    [
      "a table keyed by patient",
      { ...data, partitionKey: "patientId" },
      "table data is keyed by patientId, which does not begin with the tenant",
    ],
    ["PHI in a control-plane table", { ...registry, phi: true }, "table registry holds PHI without a tenant-first key"],
    [
      "a control-plane table without a reason",
      { ...registry, boundary: { kind: "control-plane", reason: " " } },
      "table registry is control-plane without a reason",
    ],
  ])("%s is refused", (_fault, table, sentence) => {
    expect(boundaryViolations(table)).toContain(sentence);
  });
});

describe("ISO-5 definitions and IAM documents speak of the same tables", () => {
  it("by name", () => {
    expect([...tableNames].sort()).toEqual([...TABLE_NAMES].sort());
    for (const name of tableNames) expect(tables[name].name).toBe(name);
  });

  it("and of the same index", () => {
    expect(new Set(tableNames.flatMap((name) => tables[name].indexes.map((one) => one.name)))).toEqual(
      new Set([INDEX_NAME]),
    );
  });
});
