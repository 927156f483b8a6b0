import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { BILL_TEXT_LIMIT_BYTES, EXPORT_DATASETS } from "../../../core/contract/index.ts";
import { compare } from "../../../core/cost/decimal.ts";
import { checkCsv } from "../../../core/cost/focus/check/check-csv.ts";
import { total, toDecimal } from "../../../core/cost/money.ts";
import type { KnownMonth } from "../../../core/cost/store/books.ts";
import type { CurrentBook } from "../../../core/cost/store/current-book.ts";
import { readUpload } from "../../../functions/finance/bills.ts";
import { fileOf, formatOf, isTooLarge, reportFor } from "../../../functions/finance/exports.ts";
import type { Ledgers } from "../../../functions/finance/ledgers.ts";
import { csvOf } from "../../core/cost/clinics.ts";
import { books, MONTH, NOW, TENANTS } from "./scene.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const faultOf = (file: Uint8Array) => {
  const read = readUpload(file);
  return read.ok ? undefined : read.error;
};

describe("AWS's bill as it is uploaded", () => {
  const good = csvOf([
    {},
    { ChargePeriodStart: "2026-11-23T00:00:00.000Z", ChargePeriodEnd: "2026-11-24T00:00:00.000Z" },
  ]);

  it("COST-7 is read plain and packed alike: one name for one content", () => {
    const [plain, packed] = [readUpload(bytes(good)), readUpload(gzipSync(good))];
    if (!plain.ok || !packed.ok) throw new Error("the bill reads");
    expect(plain.value).toMatchObject({ format: "focus-1.2", month: MONTH, lines: 2 });
    expect(packed.value.id).toBe(plain.value.id);
    expect(packed.value.sha256).toBe(plain.value.sha256);
  });

  it.each([
    [
      "a cell that is no number",
      csvOf([{}, { BilledCost: "six" }]),
      { line: 3, column: "BilledCost", what: "not-decimal" },
    ],
    [
      "a currency that is not ours",
      csvOf([{ BillingCurrency: "EUR" }]),
      { line: 2, column: "BillingCurrency", what: "not-usd" },
    ],
    [
      "two months in one",
      csvOf([{}, { BillingPeriodStart: "2026-12-01T00:00:00.000Z" }]),
      { line: 3, column: "BillingPeriodStart", what: "other-month" },
    ],
    [
      "a formula where a name belongs",
      csvOf([{}, {}, { ServiceName: "=cmd|' /C calc'!A0" }]),
      { line: 4, column: "serviceName", what: "formula" },
    ],
    ["a header alone", csvOf([]), { line: 1, column: null, what: "no-lines" }],
    ["another table", "a,b\n1,2\n", { line: 1, column: null, what: "unknown-format" }],
    ["no text", "\u0000", { line: 1, column: null, what: "unknown-format" }],
  ])("COST-7 %s is refused with its line and column", (_what, text, fault) => {
    expect(faultOf(bytes(text))).toEqual(fault);
  });

  it("COST-7 what unpacks to more than the limit is not unpacked, and half a packet is none", () => {
    expect(faultOf(gzipSync(Buffer.alloc(BILL_TEXT_LIMIT_BYTES + 1, 0x61)))?.what).toBe("too-large");
    expect(faultOf(gzipSync(good).subarray(0, 40))?.what).toBe("not-gzip");
    expect(faultOf(Buffer.from([0xff, 0xfe, 0x41]))?.what).toBe("not-utf-8");
  });

  it("COST-7 what is told of a fault holds nothing of the file", () => {
    const fault = faultOf(bytes(csvOf([{ BilledCost: "CANARY-Mrs-Doe" }])));
    expect(JSON.stringify(fault)).not.toContain("CANARY");
  });
});

describe("exports", () => {
  let ledgers: Ledgers;
  let book: CurrentBook;
  let known: KnownMonth;
  beforeAll(async () => {
    ({ ledgers } = await books());
    const [found, months] = [await ledgers.book(MONTH), await ledgers.months()];
    const month = months.find((each) => each.month === MONTH);
    if (found === undefined || month === undefined) throw new Error("the month has a book");
    [book, known] = [found, month];
  });
  const asked = (dataset: (typeof EXPORT_DATASETS)[number], tenant: (typeof TENANTS)[number] | null = null) =>
    ({ dataset, format: "csv-focus", language: "en", month: MONTH, tenant }) as const;

  it.each(EXPORT_DATASETS)(
    "COST-7 PROOF-11 %s has no finding, and one hash and one total in every format",
    async (dataset) => {
      const report = await reportFor(asked(dataset), book, known, NOW);
      const formats = [
        "csv-focus",
        "csv",
        "xlsx",
        "parquet",
        ...(dataset === "month-report" ? (["pdf"] as const) : []),
      ] as const;
      for (const format of formats) {
        const file = await fileOf(report, { format, name: dataset });
        if (!file.ok) throw new Error(`${format} is written`);
        expect(file.value.queryHash).toBe(report.queryHash);
        expect(file.value.bytes.length).toBeGreaterThan(100);
      }
      if (dataset.startsWith("month") || dataset.startsWith("invoice") || dataset.startsWith("billing")) return;
      const file = await fileOf(report, { format: "csv-focus", name: dataset });
      const text = file.ok ? gunzipSync(file.value.bytes) : Buffer.alloc(0);
      const version = dataset.endsWith("1.2") ? "1.2" : "1.4";
      const checked = await checkCsv([text], { dataset: "cost-and-usage", version });
      expect(checked).toMatchObject({ findings: [] });
    },
  );

  it("COST-7 the cost of all files is the cost of the screen", async () => {
    const report = await reportFor(asked("provider-cost"), book, known, NOW);
    const whole = total(book.header.skus.map(({ effectiveCost }) => effectiveCost));
    const shown = report.totals.find(({ column }) => column === "EffectiveCost");
    expect(shown !== undefined && compare(shown.amount, toDecimal(whole)) === 0).toBe(true);
  });

  it("COST-7 one clinic's file holds no other clinic", async () => {
    const [own, other] = TENANTS;
    if (own === undefined || other === undefined) throw new Error("there are clinics");
    for (const dataset of ["provider-cost", "customer-charges", "month-report"] as const) {
      const file = await fileOf(await reportFor(asked(dataset, own), book, known, NOW), {
        format: "csv",
        name: dataset,
      });
      const text = file.ok ? gunzipSync(file.value.bytes).toString() : other.id;
      expect(text.includes(other.id) || text.includes(other.name)).toBe(false);
    }
  });

  it("COST-7 paper is for the month report, and an unknown format is none", async () => {
    const file = await fileOf(await reportFor(asked("provider-cost"), book, known, NOW), { format: "pdf", name: "x" });
    expect(file).toMatchObject({ ok: false, error: { rule: "export-format" } });
    expect(formatOf("exe")).toBeUndefined();
  });

  it("COST-7 what no answer can hold is refused before it is made: shares of too many clinics, a workbook of too many cells", async () => {
    const skus = book.header.skus.map((sum) => ({ ...sum, rows: 60_001 }));
    const many = { ...book, header: { ...book.header, skus } };
    expect(await isTooLarge(asked("provider-cost"), many)).toBe(true);
    expect(await isTooLarge(asked("provider-cost"), book)).toBe(false);
    expect(await isTooLarge(asked("month-report"), many)).toBe(false);
    const report = await reportFor(asked("provider-cost"), book, known, NOW);
    const wide = { ...report, rows: Array.from({ length: 10_000 }, () => report.rows[0] ?? []) };
    expect(await fileOf(wide, { format: "xlsx", name: "x" })).toMatchObject({
      ok: false,
      error: { rule: "export-size" },
    });
  });
});
