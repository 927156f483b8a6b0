import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  compare,
  type Decimal,
  decimalOf,
  formatDecimal,
  normalize,
  ZERO,
} from "../../../../core/cost/decimal.ts";
import { CsvReader } from "../../../../core/cost/csv-reader.ts";
import { fromCents, pico, toDecimal, total } from "../../../../core/cost/money.ts";
import { csvFile } from "../../../../core/cost/report/csv.ts";
import type { ReportModel } from "../../../../core/cost/report/model.ts";
import { parquetFile } from "../../../../core/cost/report/parquet.ts";
import { amountText, pdfFile } from "../../../../core/cost/report/pdf/report-pdf.ts";
import { xlsxFile } from "../../../../core/cost/report/xlsx.ts";
import {
  anyLedger,
  anyStatement,
  clinicLine,
  providerLine,
  sampleShares,
  sharesOf,
  TENANTS,
} from "../focus/ledger-lines.ts";
import { parquetFacts, parquetRows, pdfOf, sheetsOf } from "./readers.ts";
import { costReport, customerReport, providerReport, statementOf } from "./reports.ts";

const exact = (value: Decimal): string => formatDecimal(normalize(value));
const sumOf = (texts: readonly (string | null)[]): string =>
  exact(texts.reduce<Decimal>((sum, text) => add(sum, decimalOf(text ?? "0")), ZERO));

/** Rows of a CSV file, the header first. */
function csvRows(file: Uint8Array): (readonly (string | null)[])[] {
  const reader = new CsvReader();
  const text = new TextDecoder("utf-8").decode(file);
  return [...reader.push(text), ...reader.end()];
}
const csvSum = (file: Uint8Array, place: number): string =>
  sumOf(
    csvRows(file)
      .slice(1)
      .map((row) => row[place] ?? null),
  );

/** Every total of a report, in every format, as exact text. */
async function totalsIn(report: ReportModel): Promise<Readonly<Record<string, readonly string[]>>> {
  const [focus, sheet] = [csvFile(report, "focus"), csvFile(report, "spreadsheet")];
  const parquet = parquetFile(report);
  const [facts, rows] = [parquetFacts(parquet), await parquetRows(parquet)];
  const sheets = await sheetsOf(await xlsxFile(report));
  const totals = sheets[1]?.rows ?? [];
  const pdf = report.columns.length > 10 ? undefined : (await pdfOf(pdfFile(report))).pages.join("\n");
  return Object.fromEntries(
    report.totals.map(({ column, label, amount, cents }) => {
      const place = report.columns.findIndex(({ id }) => id === column);
      const line = totals.find((cells) => cells[0] === label) ?? [];
      const found = [
        csvSum(focus, place),
        csvSum(sheet, place),
        exact(decimalOf(facts[`keyward.total.${column}`] ?? "0")),
        String(line[2]),
      ];
      const inPdf =
        pdf?.includes(`${label}${compare(amount, cents) === 0 ? "" : ", exact"}: ${amountText(amount)}`) ?? true;
      expect(rows).toHaveLength(report.rows.length);
      return [column, [...found, inPdf ? exact(amount) : "absent from the PDF"]] as const;
    }),
  );
}

describe("one report, every format", () => {
  it("COST-7 PROOF-11 totals of any ledger are the ledger's own in CSV, XLSX, Parquet and PDF", async () => {
    await fc.assert(
      fc.asyncProperty(anyLedger, async (charges) => {
        const due = exact(toDecimal(total(charges.map(({ billedCost }) => billedCost))));
        const inEach = [await totalsIn(providerReport(charges)), await totalsIn(costReport(charges))];
        for (const totals of inEach) expect(totals["BilledCost"]).toEqual(Array.from({ length: 5 }, () => due));
      }),
      { numRuns: 6 },
    );
  });

  it("COST-6 COST-7 so are those of any statement, and they are whole cents", async () => {
    await fc.assert(
      fc.asyncProperty(anyStatement, async (charges) => {
        const due = exact(toDecimal(total(charges.map(({ amount }) => amount))));
        const [statement, table] = [statementOf(charges), customerReport(charges)];
        expect((await totalsIn(statement))["Amount"]).toEqual(Array.from({ length: 5 }, () => due));
        expect((await totalsIn(table))["BilledCost"]).toEqual(Array.from({ length: 5 }, () => due));
        for (const { cents, amount } of statement.totals) expect(compare(cents, amount)).toBe(0);
      }),
      { numRuns: 6 },
    );
  });

  it("COST-7 the question's hash is the same in every format and language, and another for another question", async () => {
    const report = statementOf([clinicLine()]);
    const sheets = await sheetsOf(await xlsxFile(report));
    expect(sheets[1]?.rows.flat()).toContain(report.queryHash);
    expect(parquetFacts(parquetFile(report))["keyward.query-hash"]).toBe(report.queryHash);
    expect((await pdfOf(pdfFile(report))).pages[0]).toContain(report.queryHash);
    expect(statementOf([clinicLine()], "es").queryHash).toBe(report.queryHash);
    expect(statementOf([clinicLine({ tenant: TENANTS[1] ?? clinicLine().tenant })]).queryHash).not.toBe(
      report.queryHash,
    );
  });
});

describe("Parquet", () => {
  it("PROOF-11 keeps every place of a large cost: an unscaled integer, never a double", async () => {
    const cost = pico(123_456_789_012_345_678_901n);
    const [row] = await parquetRows(
      parquetFile(
        customerReport([clinicLine({ quantity: null, unit: null, unitPrice: null, category: "Credit", amount: cost })]),
      ),
    );
    // hyparquet reads a DECIMAL as a double; the bytes are DuckDB's to read exactly, and the footer's total is text.
    expect(Number(row?.["BilledCost"])).toBeCloseTo(123_456_789.012_345_67, 6);
    const facts = parquetFacts(parquetFile(customerReport([clinicLine({ category: "Credit", amount: cost })])));
    expect(facts["keyward.total.BilledCost"]).toBe("123456789.012345678901");
  });

  it("COST-7 has instants in UTC, nulls as nulls and JSON as its own text", async () => {
    const rows = await parquetRows(parquetFile(providerReport(sampleShares())));
    expect(rows[2]).toMatchObject({ AllocatedResourceId: null, ChargePeriodStart: new Date("2026-11-22T00:00:00Z") });
    expect(rows[0]?.["AllocatedMethodDetails"]).toContain('"AllocatedRatio":0.61,');
  });
});

describe("XLSX", () => {
  it("COST-7 has numbers as numbers and text as text; a number that Excel cannot hold has its exact text beside it", async () => {
    const long = pico(123_456_789_012_345_678n);
    const none = { quantity: null, unit: null, unitPrice: null, category: "Credit" } as const;
    const sheets = await sheetsOf(await xlsxFile(statementOf([clinicLine(), clinicLine({ ...none, amount: long })])));
    const [head, first, second] = sheets[0]?.rows ?? [];
    expect(head?.slice(-2)).toEqual(["Amount", "Amount (exact)"]);
    expect(first?.slice(-2)).toEqual([30, "30"]);
    expect(second?.slice(-2)).toEqual([123_456.789_012_345_67, "123456.789012345678"]);
  });

  it("COST-7 the totals stand to the cent as a number and exact as text", async () => {
    const sheets = await sheetsOf(await xlsxFile(providerReport(sampleShares())));
    const line = sheets[1]?.rows.find((cells) => cells[0] === "BilledCost");
    expect(line?.slice(0, 3)).toEqual(["BilledCost", 6.25, "6.25"]);
  });
});

describe("PDF", () => {
  const many = Array.from({ length: 90 }, (_, place) =>
    clinicLine({
      id: `charge-${place}`,
      description: `Encounters of the ${place}th room`,
      location: { id: "l", name: "Calle Ñuñoa" },
    }),
  );

  it("COST-6 is tagged, says its title and language, repeats its heading, counts its pages and holds nothing active", async () => {
    const report = statementOf(many, "es");
    const pdf = await pdfOf(pdfFile(report));
    expect(pdf).toMatchObject({
      title: "Estado de cuenta: Lakeside Family Clinic",
      language: "es",
      annotations: 0,
      hasScript: false,
    });
    expect(pdf.pages.length).toBeGreaterThan(1);
    for (const [place, text] of pdf.pages.entries()) {
      expect(text).toContain(`Página ${place + 1} de ${pdf.pages.length}`);
      if (text.includes("Calle Ñuñoa")) expect(text).toContain("Precio unitario");
    }
    const roles = pdf.roles[0] ?? [];
    expect(roles).toEqual(expect.arrayContaining(["H1", "P", "Table", "TR", "TH", "TD"]));
    expect(roles.filter((role) => role === "TH")).toHaveLength(report.columns.length);
  });

  it("COST-6 the same report is the same file", () => {
    expect(pdfFile(statementOf(many))).toEqual(pdfFile(statementOf(many)));
  });

  it("COST-7 a name that the font has no letters for stands in the file as it is, beside what is shown", () => {
    const tenant = { ...clinicLine().tenant, name: "診療所" };
    const file = Buffer.from(pdfFile(statementOf([clinicLine({ tenant })]))).toString("latin1");
    expect(file).toContain("feff0053007400610074");
    expect(file).toContain("8a3a76425f3100".slice(0, 4));
  });

  it("COST-1 a report that is not final says so", async () => {
    const pdf = await pdfOf(pdfFile(costReport(sharesOf(providerLine({ state: "estimated" }), [[null, 1n]]))));
    expect(pdf.pages[0]).toContain("Not final");
    const closed = await pdfOf(pdfFile(statementOf([clinicLine()])));
    expect(closed.pages[0]).not.toContain("Not final");
  });

  it("PROOF-11 a FOCUS table is no report to print", () => {
    expect(() => pdfFile(providerReport(sampleShares()))).toThrow(/paper/);
  });
});

describe("a report", () => {
  it("COST-7 totals to the cent half-even, and exactly", () => {
    const [first] = statementOf([clinicLine({ amount: pico(10_005_000_000_000n) })]).totals;
    expect(first === undefined ? [] : [exact(first.amount), exact(first.cents)]).toEqual(["10.005", "10"]);
    expect(exact(toDecimal(fromCents(1000n as Parameters<typeof fromCents>[0])))).toBe("10");
  });

  it("COST-3 costs of one layer, meter and class are one line", () => {
    const report = costReport([
      ...sampleShares(),
      ...sampleShares().map((share) => ({ ...share, id: `${share.id}'` })),
    ]);
    expect(report.rows.map((row) => row[3])).toEqual(["Direct", "Unallocated"]);
    expect(report.states).toEqual({ estimated: 0, reconciled: 6, closed: 0 });
  });
});
