import { gzipSync } from "node:zlib";
import { invariant } from "../../kernel/invariant.ts";
import { err, type Result } from "../../kernel/result.ts";
import { sha256Hex } from "../../audit/layout.ts";
import {
  type Closed,
  type ClosedFile,
  closedLines,
  closeMonth,
  type CloseRefusal,
  CloseTally,
  monthStatus,
} from "../close.ts";
import { billingPeriods, invoiceDetails } from "../focus/billing.ts";
import { customerCharges } from "../focus/customer-charges.ts";
import { providerCost } from "../focus/provider-cost.ts";
import type { FocusTable } from "../focus/row.ts";
import type { ClinicCharge, SplitCharge } from "../ledger.ts";
import { NOTHING, total } from "../money.ts";
import { type Month, msOf, periodOfMonth, toSecond } from "../period.ts";
import { csvFile } from "../report/csv.ts";
import type { ReportKind } from "../report/model.ts";
import { focusReport } from "../report/reports.ts";
import { type ShareSum, ShareSums } from "../share-sums.ts";
import { invoice } from "../statement.ts";
import {
  type BookAt,
  type BookFile,
  type BookHeader,
  type Charges,
  headerBytes,
  openBook,
  readAllTotals,
  readCharges,
  readManifest,
  readTenants,
  sharesIn,
} from "./books.ts";
import type { ClosedMade } from "./corrections.ts";
import type { CostFiles } from "./files.ts";
import { digestsOfInputs, inputNames, isSameInputs } from "./inputs.ts";
import { keep, plainBytes, readPlain } from "./keep.ts";
import { BOOK, CHARGES, closedPrefix, MADE, manifestKey, statementKey, TENANTS, TOTALS } from "./keys.ts";
import { statementOf, tableFiles } from "./make-month.ts";
import { ISSUER } from "./month.ts";
import { packShares } from "./parts.ts";
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
  /** What was put in since the book was made is not in it: the meter's next run makes it again. */
  | { readonly kind: "business-rule"; readonly rule: "not-current" }
  | { readonly kind: "not-found" };

/** The invoices of a month: numbers go by clinics' ids. */
const invoiceOf = (
  lines: readonly ClinicCharge[],
  month: Month,
  index: number,
  issuedAt: string,
): ReturnType<typeof invoice> =>
  invoice(lines, { invoiceId: `KW-${month}-${String(index + 1).padStart(4, "0")}`, issuer: ISSUER, issuedAt });

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

function csvOf(name: string, kind: ReportKind, table: FocusTable, month: Month, madeAt: string): MadeFile {
  const period = periodOfMonth(month);
  const about = { issuer: ISSUER, language: "en" as const, query: { month }, madeAt };
  const report = focusReport(table, { ...about, kind, title: kind, period });
  return fileOf(`${name}.csv.gz`, gzipSync(csvFile(report, "focus")), table.rows.length);
}

/** A closed part's shares and their dataset: the one follows from the other. */
export const closedPart = (
  name: string,
  lines: readonly SplitCharge[],
  month: Month,
  closedAt: string,
): readonly MadeFile[] => [
  fileOf(name, packShares(lines), lines.length),
  csvOf(`provider-cost/${name.replace(/\.jsonl\.gz$/, "")}`, "provider-cost", providerCost(lines), month, closedAt),
];

/** What follows from the closed charges of a month. */
export function chargeFiles(charges: readonly Charges[], month: Month, closedAt: string): readonly MadeFile[] {
  const period = periodOfMonth(month);
  const details = charges.flatMap(({ lines }, index) => [...invoiceOf(lines, month, index, closedAt).details]);
  const times = { createdAt: period.start, updatedAt: closedAt };
  const periods = billingPeriods([{ issuer: ISSUER, month, period, status: "Closed", ...times }]);
  const charged = charges.flatMap(({ lines }) => lines);
  return [
    csvOf("customer-charges", "customer-charges", customerCharges(charged, ISSUER), month, closedAt),
    csvOf("invoice-detail", "invoice-detail", invoiceDetails(details, TERMS), month, closedAt),
    csvOf("billing-period", "billing-period", periods, month, closedAt),
  ];
}

const closedSums = (sums: Iterable<ShareSum>): ShareSum[] => {
  const closed = new ShareSums();
  const tenants = new Map<string, ShareSum["tenant"]>();
  for (const sum of sums) {
    closed.addShare({ ...sum, state: "closed" });
    if (sum.tenant !== null) tenants.set(sum.tenant.id, sum.tenant);
  }
  return [...closed.entries((id) => tenants.get(id) ?? null)].flatMap(([, of]) => of);
};

/** Charges with their invoices, in the order of these. */
async function closedCharges(files: CostFiles, book: BookAt, closedAt: string): Promise<readonly Charges[]> {
  const open: Charges[] = [];
  for await (const each of readCharges(files, book)) if (each.lines.length > 0) open.push(each);
  return open
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((each, index) => ({
      ...each,
      lines: closedLines(invoiceOf(each.lines, book.header.month, index, closedAt).lines),
    }));
}

export interface CloseOf {
  readonly month: Month;
  readonly nowMs: number;
  /** Months with a book before this one, in order. */
  readonly earlier: readonly Month[];
}

/**
 * Closes a month whose grace is over: its files into the cost bucket, each created once, and its manifest under the archive's
 * lock. They lie in a folder that is named by the open book which they are made of and hold the moment at which that was begun: a
 * run that dies is taken up where it stopped, at any later time, and gives the same bytes; where the book was made again since then,
 * its close begins anew beside it. A month that is closed is refused.
 */
export async function closeBooks(
  files: CostFiles,
  locked: LockedFiles,
  { month, nowMs, earlier }: CloseOf,
): Promise<Result<Closed, CloseBooksRefusal>> {
  if ((await readManifest(files, month)) !== undefined) {
    await finish(files, locked, month);
    return err({ kind: "conflict", rule: "closed" });
  }
  const before = earlier.at(-1);
  const previous = before === undefined ? undefined : await readManifest(files, before);
  if (before !== undefined && previous === undefined) return err({ kind: "business-rule", rule: "earlier-open" });

  const book = await openBook(files, month);
  if (book === undefined) return err({ kind: "not-found" });
  const { status, closesAt } = monthStatus(month, nowMs, undefined);
  if (status !== "due") return err({ kind: "business-rule", rule: "in-grace", closesAt });
  const estimated = book.header.skus.reduce((sum, { state, rows }) => (state === "estimated" ? sum + rows : sum), 0);
  if (estimated > 0) return err({ kind: "business-rule", rule: "unreconciled", lines: estimated });

  if (!isSameInputs(book.header.inputs, digestsOfInputs(await inputNames(files), month)))
    return err({ kind: "business-rule", rule: "not-current" });

  const attempt = `${sha256Hex(headerBytes(book.header)).slice(0, 16)}/`;
  const writer = new OnceWriter(files, `${closedPrefix(month)}${attempt}`);
  const closedAt = await writer.begin(toSecond(nowMs));
  const { tally, bill } = await writeClosed(files, writer, book, closedAt);
  const closed = closeMonth({
    month,
    nowMs: msOf(closedAt),
    manifest: undefined,
    tally,
    bill,
    files: writer.made.map((file) => ({ ...file, name: `${attempt}${file.name}` })),
    allocationPolicyId: book.header.allocationPolicyId,
    codeVersion: book.header.codeVersion,
    previous: previous?.sha256 ?? null,
  });
  if (!closed.ok) return closed;
  const done = await files.create(manifestKey(month), Buffer.from(closed.value.text));
  // Another run closed it in between: what it wrote is what is closed.
  if (done === "exists" && (await readManifest(files, month))?.sha256 !== closed.value.sha256)
    return err({ kind: "conflict", rule: "closed" });
  await finish(files, locked, month);
  return closed;
}

/** The files of a close, each created once. */
class OnceWriter {
  readonly #files: CostFiles;
  readonly #folder: string;
  readonly made: ClosedFile[] = [];

  constructor(files: CostFiles, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** When this close was begun: by this run, or by one that died. */
  async begin(now: string): Promise<string> {
    const key = `${this.#folder}begun.json`;
    await this.#files.create(key, plainBytes({ closedAt: now }));
    const begun = await readPlain<{ readonly closedAt: string }>(this.#files, key);
    invariant(begun !== undefined, "what was created is there");
    return begun.closedAt;
  }

  async put({ bytes, ...file }: MadeFile): Promise<BookFile> {
    const { name, sha256, rows } = file;
    const done = await this.#files.create(`${this.#folder}${name}`, bytes);
    if (done === "exists") {
      const standing = await this.#files.read(`${this.#folder}${name}`);
      invariant(standing !== undefined && sha256Hex(standing.bytes) === sha256, "a close makes the same files again");
    }
    this.made.push(file);
    return { name, sha256, rows };
  }
}

async function writeClosed(files: CostFiles, writer: OnceWriter, book: BookAt, closedAt: string) {
  const { header } = book;
  const { month } = header;
  const tally = new CloseTally(month);
  const parts: BookFile[] = [];
  let bill = NOTHING;
  for (const part of header.parts) {
    const lines = closedLines(await sharesIn(files, book, part));
    const [kept, dataset] = closedPart(part.name, lines, month, closedAt);
    invariant(kept !== undefined && dataset !== undefined, "a part has its shares and their dataset");
    tally.addShares(lines);
    // What the split is held against: each origin once.
    bill = total([bill, ...[...new Set(lines.map(({ origin }) => origin))].map(({ billedCost }) => billedCost)]);
    parts.push(await writer.put(kept));
    await writer.put(dataset);
  }
  const charges = await closedCharges(files, book, closedAt);
  for (const { lines } of charges) tally.addCharges(lines);
  const tenants = await readTenants(files, book);
  const totals: (readonly [string, ShareSum[]])[] = [];
  for await (const [id, sums] of readAllTotals(files, book)) totals.push([id, closedSums(sums)]);
  const closedTenants = tenants.map((tenant) => ({ ...tenant, costState: "closed" as const }));
  const tables = tableFiles({ totals, charges, tenants: closedTenants });
  const named: BookFile[] = [];
  for (const { name, bytes, rows } of tables) named.push(await writer.put(fileOf(name, bytes, rows)));
  const [tenantFile, totalFile, chargeFile] = named;
  invariant(tenantFile !== undefined && totalFile !== undefined && chargeFile !== undefined, "a book has three tables");
  const closed: BookHeader = {
    ...header,
    closedAt,
    skus: closedSums(header.skus),
    revenueState: "closed",
    parts,
    files: { [TENANTS]: tenantFile, [TOTALS]: totalFile, [CHARGES]: chargeFile },
  };
  await writer.put(fileOf(BOOK, headerBytes(closed), 1));
  const made: ClosedMade = { madeOf: header.madeOf, mends: header.mends };
  await writer.put(fileOf(MADE, plainBytes(made), 1));
  for (const file of chargeFiles(charges, month, closedAt)) await writer.put(file);
  return { tally, bill };
}

/** What follows from a manifest: its copy under the lock, and what clinics and trends read. Doing it again changes nothing. */
async function finish(files: CostFiles, locked: LockedFiles, month: Month): Promise<void> {
  const manifest = await files.read(manifestKey(month));
  const book = await openBook(files, month);
  invariant(manifest !== undefined && book !== undefined, "a closed month has its manifest and its book");
  await locked.create(lockedKey(month), manifest.bytes);
  await keep(files, sumsKey(month), packSums(sumsOf(book.header, await readTenants(files, book))));
  for await (const charges of readCharges(files, book))
    await keep(files, statementKey(charges.id, month), plainBytes(statementOf(book.header, charges)));
}
