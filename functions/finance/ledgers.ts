import type { FinanceMonth } from "../../core/contract/index.ts";
import type { CostTenant } from "../../core/cost/ledger.ts";
import { type Day, dayOfMs, type Month, monthOfMs } from "../../core/cost/period.ts";
import { type KnownMonth, readMonths } from "../../core/cost/store/books.ts";
import { type CurrentBook, openCurrent } from "../../core/cost/store/current-book.ts";
import type { CostFiles } from "../../core/cost/store/files.ts";
import { digestsOfInputs, inputNames, isSameInputs } from "../../core/cost/store/inputs.ts";
import { type MonthSums, readSums } from "../../core/cost/store/sums.ts";
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
  /** With all that was put in until now. */
  book(month: Month): Promise<CurrentBook | undefined>;
  sums(month: Month): Promise<MonthSums | undefined>;
  /** Clinics as the registry has them now, by id. */
  tenants(): Promise<ReadonlyMap<string, CostTenant>>;
}

export function createLedgers(clock: Clock) {
  return function ledgersOf(files: CostFiles, listTenants: () => Promise<readonly CostTenant[]>): Ledgers {
    const nowMs = clock.now();
    const books = new Map<Month, Promise<CurrentBook | undefined>>();
    let months: Promise<readonly KnownMonth[]> | undefined;
    let names: Promise<readonly string[]> | undefined;
    let tenants: Promise<ReadonlyMap<string, CostTenant>> | undefined;
    const namesOf = (): Promise<readonly string[]> => (names ??= inputNames(files));
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
      async book(month) {
        const book = books.get(month) ?? openCurrent(files, month, await namesOf());
        books.set(month, book);
        return book;
      },
      async sums(month) {
        const [kept, isClosed] = await Promise.all([readSums(files, month), own.isClosed(month)]);
        if (kept === undefined) return undefined;
        if (isClosed || isSameInputs(kept.inputs, digestsOfInputs(await namesOf(), month))) return kept;
        return (await own.book(month))?.sums();
      },
      tenants: () =>
        (tenants ??= listTenants().then((all) => new Map(all.map((tenant) => [tenant.id, tenant] as const)))),
    };
    return own;
  };
}
