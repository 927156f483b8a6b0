import { sha256Hex } from "../../audit/layout.ts";
import { formatUsd, minus, total } from "../money.ts";
import type { Month } from "../period.ts";
import { type Book, closedBookKey, parseManifest, unpackBook } from "./books.ts";
import { closedFiles, lockedKey } from "./close-books.ts";
import type { CostFiles } from "./files.ts";
import { closedPrefix, manifestKey, statementKey } from "./keys.ts";
import { plainBytes } from "./keep.ts";
import { clinicBooks } from "./make-books.ts";

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

async function verifyBook(files: CostFiles, { manifest }: ReturnType<typeof parseManifest>): Promise<CloseFault[]> {
  const { month } = manifest;
  const book = await readClosed(files, month);
  if (book === undefined) return [{ kind: "no-book", month }];
  const faults: CloseFault[] = [];
  const named = new Map(manifest.files.map((file) => [file.name, file.sha256]));
  const isWhole = closedFiles(book).every(({ name, sha256 }) => named.get(name) === sha256);
  if (!isWhole || !sumsAgree(book, manifest)) faults.push({ kind: "totals-differ", month });
  for (const statement of clinicBooks(book)) {
    const { tenantId } = statement;
    const shown = await files.read(statementKey(tenantId, month));
    if (shown === undefined || Buffer.compare(shown.bytes, plainBytes(statement)) !== 0)
      faults.push({ kind: "statement-differs", month, tenantId });
  }
  return faults;
}

async function readClosed(files: CostFiles, month: Month): Promise<Book | undefined> {
  const file = await files.read(closedBookKey(month));
  try {
    return file === undefined ? undefined : unpackBook(file.bytes);
  } catch {
    return undefined;
  }
}

function sumsAgree(book: Book, { totals }: ReturnType<typeof parseManifest>["manifest"]): boolean {
  const bill = total(book.lines.map(({ billedCost }) => billedCost));
  const nobodys = total(book.lines.filter(({ tenant }) => tenant === null).map(({ billedCost }) => billedCost));
  const charged = total(book.clinic.map(({ amount }) => amount));
  return (
    totals.bill === formatUsd(bill) &&
    totals.unallocated === formatUsd(nobodys) &&
    totals.tenants === formatUsd(minus(bill, nobodys)) &&
    totals.charged === formatUsd(charged)
  );
}
