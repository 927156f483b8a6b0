import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decimalOf } from "../../../../core/cost/decimal.ts";
import { formatUsd, pico, total } from "../../../../core/cost/money.ts";
import { csvFile } from "../../../../core/cost/report/csv.ts";
import { parquetFile } from "../../../../core/cost/report/parquet.ts";
import { clinicLine, internalLine, providerLine, sampleShares, sharesOf, TENANTS } from "../focus/ledger-lines.ts";
import { customerReport, providerReport } from "./reports.ts";

/** A reader that shares no line with ours, for development: its binding weighs 68 MB and exists for some platforms only. */
async function duckdb(): Promise<(typeof import("@duckdb/node-api"))["DuckDBInstance"] | undefined> {
  try {
    return (await import("@duckdb/node-api")).DuckDBInstance;
  } catch {
    return undefined;
  }
}
const instances = await duckdb();
const title =
  instances === undefined ? "DuckDB has no binding for this platform: NOT cross-checked" : "cross-checked by DuckDB";

const [first, second, third] = TENANTS;
/** Odd shares of odd amounts: thirds, sevenths, and a cost of a pico-dollar. */
const ledger = [
  ...sampleShares(),
  ...sharesOf(
    providerLine({ id: "thirds", billedCost: pico(10_000_000_000_001n), effectiveCost: pico(10_000_000_000_001n) }),
    [
      [first ?? null, 1n],
      [second ?? null, 1n],
      [third ?? null, 1n],
    ],
  ),
  ...sharesOf(
    providerLine({
      id: "lambda",
      sku: "lambda-gb-seconds",
      skuPriceId: "lambda/arm64",
      unit: "GB-Seconds",
      quantity: decimalOf("123456.78"),
      listUnitPrice: decimalOf("0.0000133334"),
      listCost: pico(1_646_098_630_452n),
      billedCost: pico(7n),
      effectiveCost: pico(7n),
    }),
    [
      [first ?? null, 3n],
      [null, 4n],
    ],
  ),
  ...sharesOf(
    internalLine(),
    TENANTS.map((tenant) => [tenant, 1n] as const),
    "shared-even/v1",
  ),
];

describe.skipIf(instances === undefined)(`PROOF-11 ${title}`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-focus-"));
  const parquet = path.join(folder, "provider-cost.parquet");
  const customer = path.join(folder, "customer-charges.parquet");
  const csv = path.join(folder, "provider-cost.csv");
  let connection: DuckDBConnection;

  const ask = async (sql: string): Promise<readonly unknown[][]> =>
    (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][];

  beforeAll(async () => {
    const report = providerReport(ledger);
    writeFileSync(parquet, parquetFile(report));
    writeFileSync(csv, csvFile(report, "focus"));
    const large = clinicLine({
      category: "Credit",
      quantity: null,
      unit: null,
      unitPrice: null,
      amount: pico(-1_234_567_123_456_789_012n),
    });
    writeFileSync(customer, parquetFile(customerReport([clinicLine(), large])));
    if (instances === undefined) throw new Error("skipped without DuckDB");
    connection = await (await instances.create(":memory:", { threads: "1" })).connect();
  });
  afterAll(() => {
    connection.closeSync();
    rmSync(folder, { recursive: true, force: true });
  });

  it("COST-1 the sum of each clinic from Parquet is the ledger's, to the pico-dollar, and all sum to the bill", async () => {
    const rows = await ask(
      `SELECT coalesce(AllocatedResourceId, x_TenantId, '~') AS tenant, sum(BilledCost)::VARCHAR FROM '${parquet}' GROUP BY 1 ORDER BY 1`,
    );
    const ids = [...new Set(ledger.map(({ tenant }) => tenant?.id ?? "~"))].toSorted();
    const due = ids.map((id) => {
      const own = ledger.filter(({ tenant }) => (tenant?.id ?? "~") === id);
      return [id, formatUsd(total(own.map(({ billedCost }) => billedCost)))];
    });
    expect(rows).toEqual(due);
    const [[whole]] = (await ask(`SELECT sum(BilledCost)::VARCHAR FROM '${parquet}'`)) as [[string]];
    const origins = new Map(ledger.map(({ origin }) => [origin.id, origin.billedCost]));
    expect(whole).toBe(formatUsd(total(origins.values())));
  });

  it("PROOF-11 list price times quantity is the list cost in every row, exactly", async () => {
    const [[off, rows]] = (await ask(
      `SELECT count(*) FILTER (WHERE ListUnitPrice::DECIMAL(19,12) * PricingQuantity::DECIMAL(19,6) <> ListCost)::INT, count(*)::INT FROM '${parquet}'`,
    )) as [[number, number]];
    expect([off, rows]).toEqual([0, ledger.length]);
  });

  it("PROOF-11 the ratios of each origin sum to exactly 1", async () => {
    const sums = await ask(
      `SELECT DISTINCT sum(regexp_extract(AllocatedMethodDetails, '"AllocatedRatio":([0-9.]+)', 1)::DECIMAL(38,12))::VARCHAR FROM '${parquet}' WHERE AllocatedMethodId IS NOT NULL GROUP BY x_OriginChargeId`,
    );
    expect(sums).toEqual([["1.000000000000"]]);
  });

  it("PROOF-11 types are exact decimals and instants in UTC, and a large amount keeps every place", async () => {
    const types = await ask(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '${parquet}') WHERE column_name IN ('BilledCost', 'ListUnitPrice', 'ChargePeriodStart', 'Tags') ORDER BY 1`,
    );
    expect(types).toEqual([
      ["BilledCost", "DECIMAL(38,12)"],
      ["ChargePeriodStart", "TIMESTAMP WITH TIME ZONE"],
      ["ListUnitPrice", "DECIMAL(38,16)"],
      ["Tags", "VARCHAR"],
    ]);
    expect(await ask(`SELECT min(BilledCost)::VARCHAR FROM '${customer}'`)).toEqual([["-1234567.123456789012"]]);
  });

  it("COST-7 the CSV reads as the same table: same sums, same nulls", async () => {
    const count =
      "count(AllocatedResourceId)::INT, sum(BilledCost::DECIMAL(38,12))::VARCHAR, sum(PricingQuantity::DECIMAL(38,12))::VARCHAR";
    const [fromCsv, fromParquet] = [
      await ask(`SELECT ${count} FROM read_csv('${csv}', all_varchar = true, header = true)`),
      await ask(`SELECT ${count} FROM '${parquet}'`),
    ];
    expect(fromCsv).toEqual(fromParquet);
  });
});
