import { sha256Hex } from "../../audit/layout.ts";
import { CloseTally, type Manifest } from "../close.ts";
import { formatUsd, minus } from "../money.ts";
import type { Month } from "../period.ts";
import { type ShareSum, ShareSums } from "../share-sums.ts";
import {
  type BookAt,
  type BookHeader,
  type Charges,
  closedFolder,
  parseManifest,
  readAllTotals,
  readCharges,
  readTenants,
  sharesIn,
} from "./books.ts";
import { chargeFiles, closedPart, lockedKey } from "./close-books.ts";
import { toJson } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { BOOK, closedPrefix, manifestKey, statementKey } from "./keys.ts";
import { plainBytes, readPacked } from "./keep.ts";
import { statementOf, tableFiles } from "./make-month.ts";

/** The locked manifests as an auditor reads them: of each name its oldest version. */
export interface LockedReader {
  list(prefix: string): AsyncIterable<string>;
  get(key: string): Promise<Uint8Array | undefined>;
}

export type CloseFault =
  | { readonly kind: "unreadable-manifest" | "broken-chain" | "manifest-differs" | "no-book"; readonly month: Month }
  /** Not there, or other bytes than were closed. */
  | { readonly kind: "missing-file" | "altered-file"; readonly month: Month; readonly file: string }
  /** What the book's lines sum to is not what the manifest says. */
  | { readonly kind: "totals-differ"; readonly month: Month }
  /** A statement that a clinic reads is not the one that was closed. */
  | { readonly kind: "statement-differs"; readonly month: Month; readonly tenantId: string }
  /** A close that says so itself and is under no lock. */
  | { readonly kind: "not-locked"; readonly month: Month };

export interface Verified {
  readonly months: readonly Month[];
  readonly faults: readonly CloseFault[];
}

/**
 * Holds every closed month against its locked manifest: the chain of manifests, each file's digest, the totals made again from the
 * closed lines, the other files made again from the book, and the statements that clinics read.
 */
export async function verifyBooks(files: CostFiles, locked: LockedReader): Promise<Verified> {
  const faults: CloseFault[] = [];
  const months: Month[] = [];
  let previous: string | null = null;
  const keys: string[] = [];
  for await (const key of locked.list("v1/cost/")) keys.push(key);
  for (const key of keys.toSorted()) {
    const month = key.slice("v1/cost/".length).replace(/\.json$/, "");
    months.push(month);
    const bytes = await locked.get(key);
    const read = bytes === undefined ? undefined : parsed(bytes);
    if (bytes === undefined || read === undefined || lockedKey(read.manifest.month) !== key) {
      faults.push({ kind: "unreadable-manifest", month });
      continue;
    }
    if (read.manifest.previous !== previous) faults.push({ kind: "broken-chain", month });
    previous = read.sha256;
    const copy = await files.read(manifestKey(month));
    if (copy === undefined || sha256Hex(copy.bytes) !== read.sha256) faults.push({ kind: "manifest-differs", month });
    for (const { name, sha256 } of read.manifest.files) {
      const file = await files.read(`${closedPrefix(month)}${name}`);
      if (file === undefined) faults.push({ kind: "missing-file", month, file: name });
      else if (sha256Hex(file.bytes) !== sha256) faults.push({ kind: "altered-file", month, file: name });
    }
    faults.push(...(await verifyBook(files, read)));
  }
  const known = new Set(months);
  for (const key of await files.list("v1/closed/")) {
    const month = key.split("/")[2] ?? "";
    if (key === manifestKey(month) && !known.has(month)) faults.push({ kind: "not-locked", month });
  }
  return { months, faults };
}

function parsed(bytes: Uint8Array): ReturnType<typeof parseManifest> | undefined {
  try {
    return parseManifest(bytes);
  } catch {
    return undefined;
  }
}

/** The book that the manifest names: its totals made again from its lines, its other files from these, and what clinics are shown. */
async function verifyBook(files: CostFiles, { manifest }: ReturnType<typeof parseManifest>): Promise<CloseFault[]> {
  const { month } = manifest;
  const faults: CloseFault[] = [];
  try {
    const folder = closedFolder(manifest);
    const header = await readPacked<BookHeader>(files, `${folder}${BOOK}`);
    if (header === undefined) return [{ kind: "no-book", month }];
    const book: BookAt = { header, folder };
    if (!(await isWhole(files, book, manifest))) faults.push({ kind: "totals-differ", month });
    for await (const charges of readCharges(files, book)) {
      const shown = await files.read(statementKey(charges.id, month));
      if (shown === undefined || Buffer.compare(shown.bytes, plainBytes(statementOf(header, charges))) !== 0)
        faults.push({ kind: "statement-differs", month, tenantId: charges.id });
    }
    return faults;
  } catch {
    return [...faults, { kind: "no-book", month }];
  }
}

/** A part at a time: no audit holds a month. */
async function isWhole(files: CostFiles, book: BookAt, { files: named, totals }: Manifest): Promise<boolean> {
  const { header } = book;
  const { month, closedAt } = header;
  if (closedAt === null) return false;
  const prefix = book.folder.slice(closedPrefix(month).length);
  const digests = new Map(named.map((file) => [file.name, file.sha256]));
  const tally = new CloseTally(month);
  const sums = new ShareSums();
  let agrees = true;
  const hold = (made: readonly { readonly name: string; readonly sha256: string }[]): void => {
    agrees &&= made.every(({ name, sha256 }) => digests.get(`${prefix}${name}`) === sha256);
  };
  for (const part of header.parts) {
    const lines = await sharesIn(files, book, part);
    tally.addShares(lines);
    for (const line of lines) sums.addShare({ ...line, tenant: null });
    hold(closedPart(part.name, lines, month, closedAt));
  }
  const charges: Charges[] = [];
  for await (const each of readCharges(files, book)) charges.push(each);
  for (const { lines } of charges) tally.addCharges(lines);
  hold(chargeFiles(charges, month, closedAt));
  const totalsOf: (readonly [string, readonly ShareSum[]])[] = [];
  for await (const each of readAllTotals(files, book)) totalsOf.push(each);
  const tables = tableFiles({ totals: totalsOf, charges, tenants: await readTenants(files, book) });
  hold(tables.map(({ name, bytes }) => ({ name, sha256: sha256Hex(bytes) })));
  const own = [...sums.entries(() => null)].flatMap(([, of]) => of);
  return (
    agrees &&
    toJson(own) === toJson(header.skus) &&
    totals.bill === formatUsd(tally.billed) &&
    totals.unallocated === formatUsd(tally.unallocated) &&
    totals.tenants === formatUsd(minus(tally.billed, tally.unallocated)) &&
    totals.charged === formatUsd(tally.charged)
  );
}
