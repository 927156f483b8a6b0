import * as z from "zod";
import { invariant } from "../../kernel/invariant.ts";
import { sha256Hex } from "../../audit/layout.ts";
import { ALLOCATION_POLICY } from "../allocation/policy.ts";
import type { SkuCoverage, SplitException } from "../allocation/split.ts";
import type { Roster } from "../allocation/weights.ts";
import { type Manifest, monthStatus, type MonthStatus } from "../close.ts";
import type { ClinicCharge, CostTenant, LineState, OriginCharge, SplitCharge } from "../ledger.ts";
import type { PicoUsd } from "../money.ts";
import { type Day, isMonth, type Month } from "../period.ts";
import { PRICE_LISTS } from "../prices.ts";
import type { DailyUsage } from "../rating.ts";
import type { Reconciliation } from "../reconcile.ts";
import type { ShareSum } from "../share-sums.ts";
import type { ActivityRow, StatementInput } from "../statement.ts";
import type { StorageDrift } from "../storage.ts";
import type { MeterException } from "../usage.ts";
import { fromJson, toJson, unpackLines } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import type { InputDigests } from "./inputs.ts";
import { packJson, readPacked, unpackJson } from "./keep.ts";
import {
  BOOK,
  bookFolder,
  CHARGES,
  CLOSED,
  closedPrefix,
  manifestKey,
  MONTHS,
  statementKey,
  TENANTS,
  TOTALS,
} from "./keys.ts";
import { type MonthContext, sharesOfPart, unpackPart, unpackShares } from "./parts.ts";

/** A file of a book, by its name in the book's folder. */
export interface BookFile {
  readonly name: string;
  readonly sha256: string;
  readonly rows: number;
}

/** What a book says of itself, and what all its parts have in common. */
export interface BookHeader {
  readonly schema: "keyward.book/v2";
  readonly month: Month;
  /** Until when the logs were read for it; an instant. */
  readonly asOf: string;
  /** SHA-256 of all that it is made of: equal digests are equal books. */
  readonly madeOf: string;
  readonly codeVersion: string;
  /** Null while it is open: then its lines are closed, and its clinics have their invoices. */
  readonly closedAt: string | null;
  readonly stage: string;
  readonly accountId: string;
  readonly region: string;
  readonly priceListId: string;
  readonly allocationPolicyId: string;
  /** The bill that was read, by its input's id, and up to when it tells everything. Null: all is estimated. */
  readonly bill: { readonly id: string; readonly completeUntil: string } | null;
  /** Who was a tenant when, in which tier, under which name. */
  readonly roster: Roster;
  /** What shared costs are spread by. */
  readonly weights: readonly DailyUsage[];
  readonly reconciliation: Reconciliation;
  readonly coverage: readonly SkuCoverage[];
  readonly exceptions: readonly SplitException[];
  readonly metering: Metering;
  /** SKUs that were metered on billed days and are not on the bill. */
  readonly unbilled: readonly string[];
  /** All shares added up over tenants, corrections of closed months among them. */
  readonly skus: readonly ShareSum[];
  readonly revenueState: LineState;
  /** Closed months that its corrections mend. */
  readonly mends: readonly Month[];
  /** Lines by day, corrections after them. */
  readonly parts: readonly BookFile[];
  readonly files: Readonly<Record<typeof TENANTS | typeof TOTALS | typeof CHARGES, BookFile>>;
  /** Of its entries and plans. What was put in since then is none of it. */
  readonly inputs: InputDigests;
}

/** What the meter itself could not say. */
export interface Metering {
  /** Invocations without a report of the platform, and reports without a record. */
  readonly unreported: number;
  readonly unclaimed: number;
  /** Lines that are no facts, by digest. */
  readonly exceptions: readonly MeterException[];
  readonly drifts: readonly StorageDrift[];
}

/** A tenant's month in one line; `~nobody` for what nobody takes. */
export interface TenantSum {
  readonly id: string;
  /** Null for one that was on no roster of the month. */
  readonly tenant: CostTenant | null;
  readonly cost: PicoUsd;
  readonly revenue: PicoUsd;
  readonly planId: string | null;
  readonly costState: LineState;
  readonly days: readonly (readonly [Day, PicoUsd])[];
}

/** What a clinic is asked for, and what its lines are made of. */
export interface Charges {
  readonly id: string;
  readonly lines: readonly ClinicCharge[];
  readonly of: Omit<StatementInput, "plan">;
}

/** A book and where it lies. */
export interface BookAt {
  readonly header: BookHeader;
  readonly folder: string;
}

/** What of a book's files is not what its header names: it is being made again, or somebody has altered it. */
export class MovedBook extends Error {
  override readonly name = "MovedBook";
}

export const headerBytes = (header: BookHeader): Uint8Array => packJson(header);

/** The book of a month: the closed one where it is closed, else the newest. Undefined where nothing was metered in it. */
export async function openBook(files: CostFiles, month: Month): Promise<BookAt | undefined> {
  const manifest = await readManifest(files, month);
  const folder = manifest === undefined ? bookFolder(month) : closedFolder(manifest.manifest);
  const header = await readPacked<BookHeader>(files, `${folder}${BOOK}`);
  invariant(manifest === undefined || header !== undefined, "a closed month has its book");
  return header === undefined ? undefined : { header, folder };
}

/** The folder that a manifest's files lie in. */
export function closedFolder({ month, files }: Manifest): string {
  const book = files.find(({ name }) => name.endsWith(`/${BOOK}`));
  invariant(book !== undefined, "a manifest names its book");
  return `${closedPrefix(month)}${book.name.slice(0, -BOOK.length)}`;
}

/** A file of a book with the bytes that its header names. Throws MovedBook. */
export async function readBookFile(
  files: CostFiles,
  { folder }: BookAt,
  { name, sha256 }: BookFile,
): Promise<Uint8Array> {
  const file = await files.read(`${folder}${name}`);
  if (file === undefined || sha256Hex(file.bytes) !== sha256)
    throw new MovedBook("a file of a book is not the one that its header names");
  return file.bytes;
}

/** Each tenant's month, in the order of ids. */
export const readTenants = async (files: CostFiles, book: BookAt): Promise<readonly TenantSum[]> =>
  unpackJson(await readBookFile(files, book, book.header.files[TENANTS]));

/** The sums of one tenant (`~nobody`), by what they say of themselves; none for who has no share. */
export async function readTotals(files: CostFiles, book: BookAt, id: string): Promise<readonly ShareSum[]> {
  const own = `{"id":${JSON.stringify(id)},`;
  for (const line of unpackLines(await readBookFile(files, book, book.header.files[TOTALS])))
    if (line.startsWith(own)) return fromJson<{ readonly sums: readonly ShareSum[] }>(line).sums;
  return [];
}

/** The sums of everybody, one at a time. */
export async function* readAllTotals(
  files: CostFiles,
  book: BookAt,
): AsyncGenerator<readonly [id: string, sums: readonly ShareSum[]]> {
  for (const text of unpackLines(await readBookFile(files, book, book.header.files[TOTALS]))) {
    const { id, sums } = fromJson<{ readonly id: string; readonly sums: readonly ShareSum[] }>(text);
    yield [id, sums];
  }
}

export function* linesOfTotals(totals: Iterable<readonly [id: string, sums: readonly ShareSum[]]>): Generator<string> {
  for (const [id, sums] of totals) yield toJson({ id, sums });
}

/** What each clinic is asked for, one at a time. */
export async function* readCharges(files: CostFiles, book: BookAt): AsyncGenerator<Charges> {
  for (const line of unpackLines(await readBookFile(files, book, book.header.files[CHARGES])))
    yield fromJson<Charges>(line);
}

/** What is known of a book's whole month. */
export function contextOf(header: BookHeader): MonthContext {
  const { roster, priceListId, accountId, stage, weights, coverage } = header;
  // Made by another release: the meter's next run makes it by this one's rules.
  if (header.allocationPolicyId !== ALLOCATION_POLICY.id) throw new MovedBook("the book was made by another policy");
  const prices = PRICE_LISTS.find(({ id }) => id === priceListId);
  invariant(prices !== undefined, "a book's price list is shipped");
  const stagesOf = new Map([[accountId, [stage]]]);
  return { roster, policy: ALLOCATION_POLICY, prices, stagesOf, monthly: weights, coverage };
}

/** The shares of one part of a book. Those of an open book follow from its origins; of a closed one, and corrections, they were kept. */
export async function sharesIn(
  files: CostFiles,
  book: BookAt,
  part: BookFile,
  isAsked: (origin: OriginCharge) => boolean = () => true,
): Promise<readonly SplitCharge[]> {
  const bytes = await readBookFile(files, book, part);
  const isKept = book.header.closedAt !== null || !part.name.startsWith("days/");
  if (isKept) return [...unpackShares(bytes)].filter(({ origin }) => isAsked(origin));
  return sharesOfPart(unpackPart(part.name, bytes), contextOf(book.header), isAsked);
}

/** The manifest of a closed month as the locked one says it; the copy that finance reads is compared by its digest elsewhere. */
export async function readManifest(files: CostFiles, month: Month): Promise<ManifestFile | undefined> {
  const file = await files.read(manifestKey(month));
  return file === undefined ? undefined : parseManifest(file.bytes);
}

export interface ManifestFile {
  readonly manifest: Manifest;
  readonly sha256: string;
}

const ManifestShape = z.looseObject({
  schema: z.literal("keyward.month/v1"),
  month: z.string().refine(isMonth),
  files: z.array(
    z.strictObject({ name: z.string(), sha256: z.string(), sizeBytes: z.int().min(0), rows: z.int().min(0) }),
  ),
  previous: z.string().nullable(),
});

export function parseManifest(bytes: Uint8Array): ManifestFile {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
  ManifestShape.parse(value);
  return { manifest: value as Manifest, sha256: sha256Hex(bytes) };
}

export interface KnownMonth extends MonthStatus {
  readonly manifest: ManifestFile | null;
}

/** Every month that has a book, the newest first, and how it stands at `nowMs`. */
export async function readMonths(files: CostFiles, nowMs: number): Promise<KnownMonth[]> {
  const keys = [...(await files.list(MONTHS)), ...(await files.list(CLOSED))];
  const months = new Set(keys.map((key) => key.split("/")[2] ?? "").filter(isMonth));
  return Promise.all(
    [...months]
      .toSorted()
      .toReversed()
      .map(async (month) => {
        const manifest = await readManifest(files, month);
        return { ...monthStatus(month, nowMs, manifest?.manifest), manifest: manifest ?? null };
      }),
  );
}

/** One clinic's month: what it is asked for, and the counts that each line is the sum of. */
export interface ClinicBook {
  readonly schema: "keyward.statement/v1";
  readonly tenantId: string;
  readonly month: Month;
  readonly lines: readonly ClinicCharge[];
  readonly activity: readonly ActivityRow[];
  /** What a closed month's invoice is called; null before. */
  readonly invoiceId: string | null;
}

/** Of one clinic, from its own folder: what its administrator may read. */
export async function readStatement(files: CostFiles, tenantId: string, month: Month): Promise<ClinicBook | undefined> {
  const file = await files.read(statementKey(tenantId, month));
  if (file === undefined) return undefined;
  const book = fromJson<ClinicBook>(Buffer.from(file.bytes).toString("utf8"));
  // A file in the wrong folder is somebody else's.
  invariant(book.tenantId === tenantId && book.month === month, "a statement lies in its clinic's folder");
  return book;
}

/** The months that a clinic has a statement of, the newest first. */
export async function statementMonths(files: CostFiles, tenantId: string): Promise<Month[]> {
  const keys = await files.list(statementKey(tenantId, "").replace(/\.json$/, ""));
  return keys
    .map((key) => key.slice(key.lastIndexOf("/") + 1).replace(/\.json$/, ""))
    .filter(isMonth)
    .toReversed();
}
