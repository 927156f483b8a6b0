import { describe, expect, it } from "vitest";
import { checkCsv } from "../../../../core/cost/focus/check/check-csv.ts";
import { Checker, type CheckReport } from "../../../../core/cost/focus/check/checker.ts";
import { listOf, rulesOf } from "../../../../core/cost/focus/check/rule-set.ts";
import type { FocusVersion } from "../../../../core/cost/focus/column.ts";
import { columnsOf, type DatasetId } from "../../../../core/cost/focus/datasets.ts";
import { csvQuoted } from "../../../../core/kernel/spreadsheet.ts";
import { fullTable, type TextTable } from "./full-table.ts";
import { FILE_PLANTS, plantOf } from "./plants.ts";

const EDITIONS: readonly (readonly [DatasetId, FocusVersion])[] = [
  ["cost-and-usage", "1.4"],
  ["cost-and-usage", "1.2"],
  ["billing-period", "1.4"],
  ["invoice-detail", "1.4"],
];

function check(dataset: DatasetId, version: FocusVersion, table: TextTable): CheckReport {
  const checker = new Checker({ dataset, version, ...table.context });
  checker.header(table.header);
  for (const row of table.rows) checker.row(table.header.map((column) => row[column] ?? null));
  return checker.finish();
}

const csvOf = ({ header, rows }: TextTable): string =>
  [header, ...rows.map((row) => header.map((column) => row[column] ?? null))]
    .map(
      (cells) =>
        `${cells.map((cell) => (cell === null ? "" : /[",]/.test(cell) ? csvQuoted(cell) : cell)).join(",")}\n`,
    )
    .join("");

describe.each(EDITIONS)("the rules of %s %s", (dataset, version) => {
  const rules = listOf(rulesOf(dataset, version));

  it("PROOF-11 a table with every column of the edition has no finding, and every rule was asked", () => {
    const report = check(dataset, version, fullTable(dataset, version));
    expect(report.findings).toEqual([]);
    expect(report.rulesChecked).toBe(rules.length);
  });

  it("have each an id of their own, a sentence and a way to mend it", () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { text, mend } of rules) expect([text.length > 10, mend.length > 5]).toEqual([true, true]);
  });

  it.each(rules.map(({ id, text }) => [id, text] as const))(
    "PROOF-11 %s: a planted fault is found (%s)",
    async (id) => {
      const table = fullTable(dataset, version);
      const [, column = "", number = ""] = id.split(".");
      if (column === "File") {
        const bytes = FILE_PLANTS[number]?.(csvOf(table)) ?? new Uint8Array();
        const found = await checkCsv([bytes], { dataset, version });
        expect(found.findings.map(({ rule }) => rule)).toContain(id);
        return;
      }
      const plant = plantOf(dataset, id);
      expect(plant, `nobody planted a fault for ${id}`).toBeDefined();
      plant?.(table);
      expect(check(dataset, version, table).findings.map(({ rule }) => rule)).toContain(id);
    },
  );
});

describe("the tables of columns", () => {
  it("COST-1 1.4 has 65 columns of Cost and Usage, 21 of them mandatory, and neither ProviderName nor PublisherName", () => {
    const columns = columnsOf("cost-and-usage", "1.4");
    expect(columns).toHaveLength(65);
    expect(columns.filter(({ level }) => level === "Mandatory")).toHaveLength(21);
    expect(columns.filter(({ level }) => level === "Recommended").map(({ id }) => id)).toEqual([
      "AllocatedMethodDetails",
      "AvailabilityZone",
      "ChargeFrequency",
      "ServiceSubcategory",
    ]);
    expect(columns.map(({ id }) => id)).not.toContain("ProviderName");
  });

  it("1.2 has 57, with them, and nothing that came later", () => {
    const ids = columnsOf("cost-and-usage", "1.2").map(({ id }) => id);
    expect(ids).toHaveLength(57);
    expect(ids).toEqual(expect.arrayContaining(["ProviderName", "PublisherName"]));
    expect(
      ids.filter((id) => /^Allocated|HostProvider|ServiceProvider|InvoiceDetail|ContractApplied/.test(id)),
    ).toEqual([]);
  });

  it.each(EDITIONS)("%s %s stands in the order of its display names", (dataset, version) => {
    const names = columnsOf(dataset, version).map(({ id }) => id.replaceAll(/\B[A-Z]/g, " $&"));
    expect(names).toEqual(names.toSorted());
  });
});
