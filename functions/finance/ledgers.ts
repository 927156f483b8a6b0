import type { FinanceMonth } from "../../core/contract/index.ts";
import type { CostTenant } from "../../core/cost/ledger.ts";
import { type Day, dayOfMs, type Month, monthOfMs } from "../../core/cost/period.ts";
import { type Book, type KnownMonth, readBook, readMonths } from "../../core/cost/store/books.ts";
import type { CostFiles } from "../../core/cost/store/files.ts";
import { type MonthSums, readSums, sumsOf } from "../../core/cost/store/sums.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import { monthView } from "./money.ts";

/** The books as one request sees them. */
export interface Ledgers {
  readonly files: CostFiles;
  readonly nowMs: number;
  readonly today: Day;
  readonly current: Month;
  /** Months with a book, the newest first. */
  months(): Promise<readonly KnownMonth[]>;
  view(month: Month): Promise<FinanceMonth>;
  isClosed(month: Month): Promise<boolean>;
  book(month: Month): Promise<Book | undefined>;
  sums(month: Month): Promise<MonthSums | undefined>;
  /** Clinics as the registry has them now, by id. */
  tenants(): Promise<ReadonlyMap<string, CostTenant>>;
}

export interface LedgersDeps {
  readonly clock: Clock;
  /** How long a book that was read is good for: it is made anew by the hour. */
  readonly bookTtlMs: number;
}

/** Few: a book of a thousand clinics is large, and who looks at one month looks at it again. */
const BOOKS_KEPT = 2;

export function createLedgers({ clock, bookTtlMs }: LedgersDeps) {
  const kept = new Map<Month, { readonly atMs: number; readonly book: Promise<Book | undefined> }>();

  function bookOf(files: CostFiles, month: Month): Promise<Book | undefined> {
    const known = kept.get(month);
    if (known !== undefined && clock.now() - known.atMs < bookTtlMs) return known.book;
    const book = readBook(files, month);
    book.catch(() => kept.delete(month));
    kept.delete(month);
    kept.set(month, { atMs: clock.now(), book });
    for (const oldest of [...kept.keys()].slice(0, -BOOKS_KEPT)) kept.delete(oldest);
    return book;
  }

  return function ledgersOf(files: CostFiles, listTenants: () => Promise<readonly CostTenant[]>): Ledgers {
    const nowMs = clock.now();
    let months: Promise<readonly KnownMonth[]> | undefined;
    let tenants: Promise<ReadonlyMap<string, CostTenant>> | undefined;
    const own: Ledgers = {
      files,
      nowMs,
      today: dayOfMs(nowMs),
      current: monthOfMs(nowMs),
      months: () => (months ??= readMonths(files, nowMs)),
      async view(month) {
        const known = (await own.months()).find((each) => each.month === month);
        return monthView(month, nowMs, known?.manifest?.manifest);
      },
      isClosed: async (month) => (await own.view(month)).status === "closed",
      book: (month) => bookOf(files, month),
      async sums(month) {
        const kept = await readSums(files, month);
        if (kept !== undefined) return kept;
        const known = (await own.months()).some((each) => each.month === month);
        const book = known ? await own.book(month) : undefined;
        return book === undefined ? undefined : sumsOf(book);
      },
      tenants: () =>
        (tenants ??= listTenants().then((all) => new Map(all.map((tenant) => [tenant.id, tenant] as const)))),
    };
    return own;
  };
}
