import * as z from "zod";
import { invariant } from "../../kernel/invariant.ts";
import { sha256Hex } from "../../audit/layout.ts";
import type { Roster } from "../allocation/weights.ts";
import type { SkuCoverage, SplitException } from "../allocation/split.ts";
import { type Manifest, monthStatus, type MonthStatus } from "../close.ts";
import type { ClinicCharge, OriginCharge, ProviderCharge, SplitCharge } from "../ledger.ts";
import { isMonth, type Month } from "../period.ts";
import type { DailyUsage } from "../rating.ts";
import type { Reconciliation } from "../reconcile.ts";
import type { StorageDrift } from "../storage.ts";
import type { ActivityRow } from "../statement.ts";
import type { MeterException } from "../usage.ts";
import { fromJson, packLines, toJson, unpackLines } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { bookKey, closedPrefix, CLOSED, manifestKey, MONTHS, statementKey } from "./keys.ts";

/** What a book says of itself. */
export interface BookHeader {
  readonly schema: "keyward.book/v1";
  readonly month: Month;
  /** Until when the logs were read for it; an instant. */
  readonly asOf: string;
  /** SHA-256 of all that it is made of: equal digests are equal books. */
  readonly madeOf: string;
  readonly codeVersion: string;
  /** Null while it is open: then its lines are closed, and its clinics have their invoices. */
  readonly closedAt: string | null;
  readonly region: string;
  readonly priceListId: string;
  readonly allocationPolicyId: string;
  /** The bill that was read, by its input's id, and up to when it tells everything. Null: all is estimated. */
  readonly bill: { readonly id: string; readonly completeUntil: string } | null;
  /** Who was a tenant when, in which tier, under which name. */
  readonly roster: Roster;
  readonly reconciliation: Reconciliation;
  readonly coverage: readonly SkuCoverage[];
  readonly exceptions: readonly SplitException[];
  readonly metering: Metering;
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

/** A month as finance reads it. Made anew by each run of the meter until it is closed. */
export interface Book extends BookHeader {
  /** Shares of AWS's lines and of our own, corrections of closed months among them. Shares of one origin hold the same object. */
  readonly lines: readonly SplitCharge[];
  /** Metered on billed days, and not on the bill: charged to nobody. */
  readonly unbilled: readonly ProviderCharge[];
  /** What every clinic is asked for. */
  readonly clinic: readonly ClinicCharge[];
  readonly usage: readonly DailyUsage[];
  readonly activity: readonly ActivityRow[];
}

/** Rows of one kind each, a line to an origin with its shares, so that no text is as long as the book. */
type BookLine =
  | { readonly header: BookHeader }
  | { readonly origin: OriginCharge; readonly shares: readonly Omit<SplitCharge, "origin">[] }
  | { readonly unbilled: ProviderCharge }
  | { readonly clinic: ClinicCharge }
  | { readonly usage: DailyUsage }
  | { readonly activity: ActivityRow };

function* linesOf({ lines, unbilled, clinic, usage, activity, ...header }: Book): Generator<string> {
  const line = (each: BookLine): string => toJson(each);
  yield line({ header });
  for (const [origin, shares] of Map.groupBy(lines, (share) => share.origin))
    yield line({ origin, shares: shares.map(({ origin: _origin, ...share }) => share) });
  for (const each of unbilled) yield line({ unbilled: each });
  for (const each of clinic) yield line({ clinic: each });
  for (const each of usage) yield line({ usage: each });
  for (const each of activity) yield line({ activity: each });
}

export const packBook = (book: Book): Uint8Array => packLines(linesOf(book));

/** Throws InvariantError for a file that is no book of ours. */
export function unpackBook(bytes: Uint8Array): Book {
  let header: BookHeader | undefined;
  const lines: SplitCharge[] = [];
  const unbilled: ProviderCharge[] = [];
  const clinic: ClinicCharge[] = [];
  const usage: DailyUsage[] = [];
  const activity: ActivityRow[] = [];
  for (const text of unpackLines(bytes)) {
    const line = fromJson<BookLine>(text);
    if ("origin" in line) lines.push(...line.shares.map((share) => ({ ...share, origin: line.origin })));
    else if ("unbilled" in line) unbilled.push(line.unbilled);
    else if ("clinic" in line) clinic.push(line.clinic);
    else if ("usage" in line) usage.push(line.usage);
    else if ("activity" in line) activity.push(line.activity);
    else header = line.header;
  }
  invariant(header?.schema === "keyward.book/v1", "a book begins with its header");
  return { ...header, lines, unbilled, clinic, usage, activity };
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

/** The book of a month: the closed one where it is closed, else the newest. Undefined where nothing was metered in it. */
export async function readBook(files: CostFiles, month: Month): Promise<Book | undefined> {
  const file = (await files.read(closedBookKey(month))) ?? (await files.read(bookKey(month)));
  return file === undefined ? undefined : unpackBook(file.bytes);
}

export const closedBookKey = (month: Month): string => `${closedPrefix(month)}book.jsonl.gz`;

/** One clinic's month: what it is asked for, and the counts that each line is the sum of. */
export interface ClinicBook {
  readonly schema: "keyward.statement/v1";
  readonly tenantId: string;
  readonly month: Month;
  readonly asOf: string;
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
