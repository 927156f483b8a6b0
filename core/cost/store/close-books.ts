import { gzipSync } from "node:zlib";
import { invariant } from "../../kernel/invariant.ts";
import { err, type Result } from "../../kernel/result.ts";
import { sha256Hex } from "../../audit/layout.ts";
import { type Closed, type ClosedFile, closedLines, closeMonth, type CloseRefusal, monthStatus } from "../close.ts";
import { billingPeriods, invoiceDetails } from "../focus/billing.ts";
import { customerCharges } from "../focus/customer-charges.ts";
import { providerCost } from "../focus/provider-cost.ts";
import type { FocusTable } from "../focus/row.ts";
import type { ClinicCharge, InvoiceDetail } from "../ledger.ts";
import { type PicoUsd, total } from "../money.ts";
import { type Month, msOf, periodOfMonth, toSecond } from "../period.ts";
import { csvFile } from "../report/csv.ts";
import type { ReportKind } from "../report/model.ts";
import { focusReport } from "../report/reports.ts";
import { invoice } from "../statement.ts";
import { type Book, closedBookKey, packBook, readManifest, unpackBook } from "./books.ts";
import type { CostFiles } from "./files.ts";
import { bookKey, closedPrefix, manifestKey, statementKey } from "./keys.ts";
import { keep, plainBytes } from "./keep.ts";
import { type ClosedMade, clinicBooks, mendedBy } from "./make-books.ts";
import { ISSUER } from "./month.ts";
import { packSums, sumsKey, sumsOf } from "./sums.ts";

/** How long a clinic has to pay, as its invoice says it. */
const TERMS = { words: "Due within 30 days", days: 30 };

/** Where manifests lie locked, and what is created there stays. */
export interface LockedFiles {
  create(key: string, content: Uint8Array): Promise<"created" | "exists">;
}
export const lockedKey = (month: Month): string => `v1/cost/${month}.json`;

export type CloseBooksRefusal =
  | CloseRefusal
  /** Months close in their order: each names the one before. */
  | { readonly kind: "business-rule"; readonly rule: "earlier-open" }
  | { readonly kind: "not-found" };

/** The book with its lines closed and every clinic's lines on its invoice. */
function closedBook(book: Book, closedAt: string): Book {
  const clinic = [...Map.groupBy(book.clinic, ({ tenant }) => tenant.id)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, lines], index) => invoiceOf(lines, book.month, index, closedAt).lines);
  return { ...book, closedAt, lines: closedLines(book.lines), clinic: closedLines(clinic) };
}

const invoiceOf = (
  lines: readonly ClinicCharge[],
  month: Month,
  index: number,
  issuedAt: string,
): ReturnType<typeof invoice> =>
  invoice(lines, { invoiceId: `KW-${month}-${String(index + 1).padStart(4, "0")}`, issuer: ISSUER, issuedAt });

/** Invoices as the closed lines name them. */
const invoicesOf = ({ clinic, month, closedAt }: Book): InvoiceDetail[] =>
  [...Map.groupBy(clinic, ({ tenant }) => tenant.id).values()].flatMap((lines, index) => [
    ...invoiceOf(lines, month, index, closedAt ?? "").details,
  ]);

interface MadeFile extends ClosedFile {
  readonly bytes: Uint8Array;
}

const fileOf = (name: string, bytes: Uint8Array, rows: number): MadeFile => ({
  name,
  sha256: sha256Hex(bytes),
  sizeBytes: bytes.length,
  rows,
  bytes,
});

/** All files of a closed month: they follow from its book, so that whoever has it can make them again. */
export function closedFiles(book: Book): readonly MadeFile[] {
  const { month, closedAt } = book;
  invariant(closedAt !== null, "a closed book says when it was closed");
  const period = periodOfMonth(month);
  const csv = (kind: ReportKind, table: FocusTable): MadeFile => {
    const about = { issuer: ISSUER, language: "en" as const, query: { month }, madeAt: closedAt };
    const report = focusReport(table, { ...about, kind, title: kind, period });
    return fileOf(`${kind}.csv.gz`, gzipSync(csvFile(report, "focus")), table.rows.length);
  };
  const made: ClosedMade = { madeOf: book.madeOf, mends: mendedBy(book) };
  const times = { createdAt: period.start, updatedAt: closedAt };
  return [
    fileOf("book.jsonl.gz", packBook(book), book.lines.length + book.clinic.length),
    fileOf("made.json", plainBytes(made), 1),
    csv("provider-cost", providerCost(book.lines)),
    csv("customer-charges", customerCharges(book.clinic, ISSUER)),
    csv("invoice-detail", invoiceDetails(invoicesOf(book), TERMS)),
    csv("billing-period", billingPeriods([{ issuer: ISSUER, month, period, status: "Closed", ...times }])),
  ];
}

/** What the split is held against: each origin once. */
const billOf = ({ lines }: Book): PicoUsd =>
  total([...new Set(lines.map(({ origin }) => origin))].map(({ billedCost }) => billedCost));

export interface CloseOf {
  readonly month: Month;
  readonly nowMs: number;
  /** Months with a book before this one, in order. */
  readonly earlier: readonly Month[];
}

/**
 * Closes a month whose grace is over: its files into the cost bucket, each created once, and its manifest under the archive's
 * lock. The closed book is the first that is written, and all else follows from it: a run that dies is taken up where it
 * stopped, at any later time, and gives the same bytes. A month that is closed is refused.
 */
export async function closeBooks(
  files: CostFiles,
  locked: LockedFiles,
  { month, nowMs, earlier }: CloseOf,
): Promise<Result<Closed, CloseBooksRefusal>> {
  const known = await readManifest(files, month);
  if (known !== undefined) {
    await finish(files, locked, month);
    return err({ kind: "conflict", rule: "closed" });
  }
  const before = earlier.at(-1);
  const previous = before === undefined ? undefined : await readManifest(files, before);
  if (before !== undefined && previous === undefined) return err({ kind: "business-rule", rule: "earlier-open" });

  const begun = await files.read(closedBookKey(month));
  const open = begun === undefined ? await files.read(bookKey(month)) : undefined;
  const found = begun ?? open;
  if (found === undefined) return err({ kind: "not-found" });
  const read = unpackBook(found.bytes);
  const book = read.closedAt === null ? closedBook(read, toSecond(nowMs)) : read;
  const asked = begun === undefined ? read : book;
  const { status, closesAt } = monthStatus(month, nowMs, undefined);
  if (status !== "due") return err({ kind: "business-rule", rule: "in-grace", closesAt });

  const made = closedFiles(book);
  const closed = closeMonth({
    month,
    nowMs: msOf(book.closedAt ?? toSecond(nowMs)),
    manifest: undefined,
    provider: asked.lines,
    clinic: book.clinic,
    bill: billOf(book),
    files: made.map(({ bytes: _bytes, ...file }) => file),
    allocationPolicyId: book.allocationPolicyId,
    codeVersion: book.codeVersion,
    previous: previous?.sha256 ?? null,
  });
  if (!closed.ok) return closed;
  for (const { name, bytes } of made) {
    const done = await files.create(`${closedPrefix(month)}${name}`, bytes);
    // Another run began this close in between: what it wrote is what is closed, in its own next run or in ours.
    if (done === "exists" && !isSame((await files.read(`${closedPrefix(month)}${name}`))?.bytes, bytes))
      return err({ kind: "conflict", rule: "closed" });
  }
  await files.create(manifestKey(month), Buffer.from(closed.value.text));
  await finish(files, locked, month);
  return closed;
}

const isSame = (a: Uint8Array | undefined, b: Uint8Array): boolean => a !== undefined && Buffer.compare(a, b) === 0;

/** What follows from a manifest: its copy under the lock, and what clinics and trends read. Doing it again changes nothing. */
async function finish(files: CostFiles, locked: LockedFiles, month: Month): Promise<void> {
  const manifest = await files.read(manifestKey(month));
  const closed = await files.read(closedBookKey(month));
  invariant(manifest !== undefined && closed !== undefined, "a closed month has its manifest and its book");
  await locked.create(lockedKey(month), manifest.bytes);
  const book = unpackBook(closed.bytes);
  await keep(files, sumsKey(month), packSums(sumsOf(book)));
  for (const statement of clinicBooks(book))
    await keep(files, statementKey(statement.tenantId, month), plainBytes(statement));
}
