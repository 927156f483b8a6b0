import { gzipSync } from "node:zlib";
import { EXPORT_DATASETS, EXPORT_FORMATS, type ExportDataset, type ExportFormat } from "../../core/contract/index.ts";
import { billingPeriods, invoiceDetails, type PaymentTerms } from "../../core/cost/focus/billing.ts";
import { customerCharges } from "../../core/cost/focus/customer-charges.ts";
import { toVersion12 } from "../../core/cost/focus/projection.ts";
import { providerCost } from "../../core/cost/focus/provider-cost.ts";
import type { FocusRow, FocusTable } from "../../core/cost/focus/row.ts";
import type { BillingPeriod, ClinicCharge, CostTenant, InvoiceDetail, SplitCharge } from "../../core/cost/ledger.ts";
import { type Month, periodOfMonth } from "../../core/cost/period.ts";
import { csvFile } from "../../core/cost/report/csv.ts";
import type { ReportLanguage, ReportModel } from "../../core/cost/report/model.ts";
import { parquetFile } from "../../core/cost/report/parquet.ts";
import { pdfFile } from "../../core/cost/report/pdf/report-pdf.ts";
import { focusReport, tenantCostReport } from "../../core/cost/report/reports.ts";
import { xlsxFile } from "../../core/cost/report/xlsx.ts";
import type { ShareSum } from "../../core/cost/share-sums.ts";
import { invoice } from "../../core/cost/statement.ts";
import type { BookHeader, KnownMonth } from "../../core/cost/store/books.ts";
import type { CurrentBook } from "../../core/cost/store/current-book.ts";
import { ISSUER } from "../../core/cost/store/month.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";

/** As it is agreed with clinics until somebody who sells says otherwise. */
const TERMS: PaymentTerms = { words: "Net 30", days: 30 };

/**
 * Lambda takes 6 MB of answer with its bytes as base64. What is larger is asked for by clinic, or as CSV, which travels packed.
 */
export const FILE_LIMIT_BYTES = 4.25 * 1024 * 1024;

/**
 * More rows than this would pass the limit in any format (a row is about 70 bytes packed), and a workbook is sixteen times as slow
 * to write as CSV: asked before anything is made, so that no answer dies half way.
 */
const MOST_ROWS = 60_000;
const MOST_CELLS_OF_A_WORKBOOK = 400_000;

export interface ExportQuery {
  readonly dataset: ExportDataset;
  readonly format: ExportFormat;
  readonly language: ReportLanguage;
  readonly month: Month;
  readonly tenant: CostTenant | null;
}

export type ExportRefusal = {
  readonly kind: "business-rule";
  readonly rule: "export-format" | "export-empty" | "export-size";
};

export const datasetOf = (text: string | undefined): ExportDataset | undefined =>
  EXPORT_DATASETS.find((known) => known === text);
export const formatOf = (text: string | null): ExportFormat | undefined =>
  text === null ? "csv-focus" : EXPORT_FORMATS.find((known) => known === text);

/** Our invoices of a closed month, one for each clinic; an open month has none. */
function detailsOf(clinic: readonly ClinicCharge[], closedAt: string): InvoiceDetail[] {
  const invoiced = clinic.filter(({ invoiceId }) => invoiceId !== null);
  return [...Map.groupBy(invoiced, ({ invoiceId }) => invoiceId ?? "")].flatMap(
    ([invoiceId, lines]) => invoice(lines, { invoiceId, issuer: ISSUER, issuedAt: closedAt }).details,
  );
}

function periodOf(book: Pick<BookHeader, "month" | "asOf">, known: KnownMonth): BillingPeriod {
  const { month } = book;
  const period = periodOfMonth(month);
  const manifest = known.manifest?.manifest;
  return {
    issuer: ISSUER,
    month,
    period,
    status: manifest === undefined ? "Open" : "Closed",
    createdAt: period.start,
    updatedAt: manifest?.closedAt ?? book.asOf,
  };
}

/** A split leaves whole, and is made whole a part at a time; of a clinic its own rows alone are kept. */
async function providerTable(book: CurrentBook, tenant: CostTenant | null): Promise<FocusTable> {
  const rows: FocusRow[] = [];
  const isAsked = (charge: SplitCharge): boolean => tenant === null || charge.tenant?.id === tenant.id;
  for await (const lines of book.shares()) rows.push(...providerCost(lines, isAsked).rows);
  return { ...providerCost([]), rows };
}

async function tableOf(
  { dataset, tenant }: ExportQuery,
  book: CurrentBook,
  known: KnownMonth,
): Promise<FocusTable | undefined> {
  const clinic = async () =>
    (await book.charges()).flatMap(({ id, lines }) => (tenant === null || id === tenant.id ? lines : []));
  switch (dataset) {
    case "provider-cost":
      return providerTable(book, tenant);
    case "provider-cost-1.2":
      return toVersion12(await providerTable(book, tenant));
    case "customer-charges":
      return customerCharges(await clinic(), ISSUER);
    case "customer-charges-1.2":
      return toVersion12(customerCharges(await clinic(), ISSUER));
    case "billing-period":
      return billingPeriods([periodOf(book.header, known)]);
    case "invoice-detail":
      return invoiceDetails(detailsOf(await clinic(), known.manifest?.manifest.closedAt ?? book.header.asOf), TERMS);
    case "month-report":
      return undefined;
  }
}

/** What shares are added up to, of all or of one clinic. */
const sumsFor = (book: CurrentBook, tenant: CostTenant | null): Promise<readonly ShareSum[]> =>
  tenant === null ? Promise.resolve(book.header.skus) : book.totals(tenant.id);

/** Whether a dataset of shares would pass what an answer holds. The month report adds shares up, and never does. */
export const isTooLarge = async ({ dataset, tenant }: ExportQuery, book: CurrentBook): Promise<boolean> =>
  dataset.startsWith("provider-cost") &&
  (await sumsFor(book, tenant)).reduce((sum, { rows }) => sum + rows, 0) > MOST_ROWS;

/** The answer to one question, for every format: its totals are made once. */
export async function reportFor(
  asked: ExportQuery,
  book: CurrentBook,
  known: KnownMonth,
  nowMs: number,
): Promise<ReportModel> {
  const { dataset, month, tenant, language } = asked;
  const about = {
    issuer: ISSUER,
    language,
    madeAt: toInstant(nowMs),
    query: {
      month,
      ledger: book.header.madeOf,
      priceList: book.header.priceListId,
      ...(tenant === null ? {} : { tenant: tenant.id }),
    },
  };
  const table = await tableOf(asked, book, known);
  if (table === undefined) return tenantCostReport(await sumsFor(book, tenant), tenant, month, about);
  const kind = dataset.replace("-1.2", "") as
    | "provider-cost"
    | "customer-charges"
    | "billing-period"
    | "invoice-detail";
  return focusReport(table, { ...about, kind, title: dataset, period: periodOfMonth(month) });
}

const TYPES: Readonly<Record<ExportFormat, readonly [type: string, extension: string]>> = {
  "csv-focus": ["text/csv; charset=utf-8; header=present", "focus.csv"],
  csv: ["text/csv; charset=utf-8; header=present", "csv"],
  xlsx: ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"],
  parquet: ["application/vnd.apache.parquet", "parquet"],
  pdf: ["application/pdf", "pdf"],
};

export interface ExportedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly isPacked: boolean;
  readonly queryHash: string;
}

async function bytesOf(report: ReportModel, format: ExportFormat): Promise<Uint8Array> {
  switch (format) {
    case "csv-focus":
      return csvFile(report, "focus");
    case "csv":
      return csvFile(report, "spreadsheet");
    case "xlsx":
      return xlsxFile(report);
    case "parquet":
      return parquetFile(report);
    case "pdf":
      return pdfFile(report);
  }
}

/** A report as a file. CSV is packed for its way; the other formats are packed by themselves. */
export async function fileOf(
  report: ReportModel,
  { format, name }: { readonly format: ExportFormat; readonly name: string },
): Promise<Result<ExportedFile, ExportRefusal>> {
  const isPaper = report.kind === "tenant-cost" || report.kind === "statement";
  if (format === "pdf" && !isPaper) return err({ kind: "business-rule", rule: "export-format" });
  if (format === "xlsx" && report.rows.length * report.columns.length > MOST_CELLS_OF_A_WORKBOOK)
    return err({ kind: "business-rule", rule: "export-size" });
  const made = await bytesOf(report, format);
  const isPacked = format === "csv" || format === "csv-focus";
  const bytes = isPacked ? gzipSync(made) : made;
  if (bytes.length > FILE_LIMIT_BYTES) return err({ kind: "business-rule", rule: "export-size" });
  const [type, extension] = TYPES[format];
  return ok({ name: `${name}.${extension}`, type, bytes, isPacked, queryHash: report.queryHash });
}
