import type { OriginCharge, SplitCharge } from "../ledger.ts";
import { NOTHING, type PicoUsd, pico, total } from "../money.ts";
import { type Day, type Month, monthOf } from "../period.ts";
import { type AddedLine, NOBODY, type ShareSum, ShareSums, sumsOfAll, takenAway } from "../share-sums.ts";
import { statement } from "../statement.ts";
import {
  type BookAt,
  type BookHeader,
  type Charges,
  contextOf,
  openBook,
  readBookFile,
  readCharges,
  readTenants,
  readTotals,
  sharesIn,
  type TenantSum,
} from "./books.ts";
import { toJson } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { digestsOfInputs, readInputs, standing } from "./inputs.ts";
import { partName } from "./keys.ts";
import { entriesOf, planOf } from "./month.ts";
import { ENTRIES, sharesOfPart, unpackPart } from "./parts.ts";
import { costByDay, leastFinal, type MonthSums, revenueOf, sumsOf } from "./sums.ts";

/**
 * A month as it stands now: the meter's book, and what finance has put in since that was made. Entries and plans have one source,
 * what was put in; here they are held against what the book has of them, and the difference is added to the book's own sums. It
 * is gone with the meter's next run, and a closed month has none.
 */
export interface CurrentBook {
  readonly header: BookHeader;
  sums(): Promise<MonthSums>;
  /** In the order of ids. */
  tenants(): Promise<readonly TenantSum[]>;
  /** Of one tenant, or of `~nobody`. */
  totals(id: string): Promise<readonly ShareSum[]>;
  /** Part by part: at most one day of shares is held. */
  shares(isAsked?: (origin: OriginCharge) => boolean): AsyncGenerator<readonly SplitCharge[]>;
  charges(): Promise<readonly Charges[]>;
}

/** @param names All that was put in, by name (`inputNames`). */
export async function openCurrent(
  files: CostFiles,
  month: Month,
  names: readonly string[],
): Promise<CurrentBook | undefined> {
  const book = await openBook(files, month);
  return book === undefined ? undefined : currentOf(files, book, await sinceMade(files, book, names));
}

/** Shares of our own entries that are not as the book has them, and clinics whose plan is another. */
interface Since {
  readonly before: readonly SplitCharge[];
  readonly now: readonly SplitCharge[];
  /** All our entries as they stand; undefined where the book has them all. */
  readonly entries: readonly OriginCharge[] | undefined;
  /** Undefined where no plan is another. */
  readonly planned: ((charges: Charges) => Charges) | undefined;
}

const NOTHING_SINCE: Since = { before: [], now: [], entries: undefined, planned: undefined };

async function sinceMade(files: CostFiles, book: BookAt, names: readonly string[]): Promise<Since> {
  const { month, closedAt, inputs, roster } = book.header;
  const digests = digestsOfInputs(names, month);
  if (closedAt !== null) return NOTHING_SINCE;
  const since = { ...NOTHING_SINCE };
  const entries = digests.entries === inputs.entries ? undefined : standing(await readInputs(files, "entries", month));
  if (entries !== undefined) {
    const part = book.header.parts.find(({ name }) => name === partName(ENTRIES));
    const held = part === undefined ? [] : unpackPart(ENTRIES, await readBookFile(files, book, part)).origins;
    const stands = entriesOf(month, { entries }, roster);
    const sharesOf = (origins: readonly OriginCharge[]) =>
      sharesOfPart({ name: ENTRIES, origins, usage: [], unbilled: [] }, contextOf(book.header));
    Object.assign(since, {
      before: sharesOf(without(held, stands)),
      now: sharesOf(without(stands, held)),
      entries: stands,
    } satisfies Partial<Since>);
  }
  if (digests.plans === inputs.plans) return since;
  const plans = standing(await readInputs(files, "plans"));
  const planned = (charges: Charges): Charges => {
    const plan = planOf(charges.id, month, { plans });
    if (
      plan === undefined ||
      charges.lines.every(({ planId, correctionOf }) => planId === plan.id || correctionOf !== null)
    )
      return charges;
    return { ...charges, lines: statement({ ...charges.of, plan }).lines };
  };
  return { ...since, planned };
}

/** Those that are not among others as they are. */
function without(origins: readonly OriginCharge[], others: readonly OriginCharge[]): readonly OriginCharge[] {
  const known = new Set(others.map(toJson));
  return origins.filter((origin) => !known.has(toJson(origin)));
}

function currentOf(files: CostFiles, book: BookAt, since: Since): CurrentBook {
  const added: readonly AddedLine[] = [...since.before.map(takenAway), ...since.now];
  const header =
    added.length === 0 ? book.header : { ...book.header, skus: sumsOfAll([...book.header.skus, ...added]) };
  let charged: Promise<readonly Charges[]> | undefined;
  let tenants: Promise<readonly TenantSum[]> | undefined;
  const own: CurrentBook = {
    header,
    async sums() {
      return sumsOf(header, await own.tenants());
    },
    tenants: () =>
      (tenants ??= (async () => {
        const read = await readTenants(files, book);
        if (since === NOTHING_SINCE) return read;
        const charges = new Map(
          since.planned === undefined ? [] : (await own.charges()).map((each) => [each.id, each]),
        );
        const changes = Map.groupBy(added, ({ tenant }) => tenant?.id ?? NOBODY);
        return read.map((each) => tenantNow(each, header.month, changes.get(each.id) ?? [], charges.get(each.id)));
      })()),
    async totals(id) {
      const read = await readTotals(files, book, id);
      const more = added.filter(({ tenant }) => (tenant?.id ?? NOBODY) === id);
      if (more.length === 0) return read;
      const sums = new ShareSums();
      for (const each of [...read, ...more]) sums.addShare(each);
      const tenant = [...read, ...more][0]?.tenant ?? null;
      return [...sums.entries(() => tenant)].flatMap(([, of]) => of);
    },
    async *shares(isAsked) {
      for (const part of header.parts)
        if (since.entries === undefined || part.name !== partName(ENTRIES))
          yield await sharesIn(files, book, part, isAsked);
      if (since.entries !== undefined)
        yield sharesOfPart(
          { name: ENTRIES, origins: since.entries, usage: [], unbilled: [] },
          contextOf(book.header),
          isAsked,
        );
    },
    charges: () =>
      (charged ??= (async () => {
        const all: Charges[] = [];
        for await (const each of readCharges(files, book)) all.push(since.planned?.(each) ?? each);
        return all;
      })()),
  };
  return own;
}

function tenantNow(
  tenant: TenantSum,
  month: Month,
  changes: readonly AddedLine[],
  charges: Charges | undefined,
): TenantSum {
  const days = new Map<Day, PicoUsd>(tenant.days);
  for (const { origin, effectiveCost } of changes)
    for (const [day, cost] of costByDay({ origin, effectiveCost }, month))
      if (monthOf(day) === month) days.set(day, pico((days.get(day) ?? NOTHING) + cost));
  return {
    ...tenant,
    cost: total([tenant.cost, ...changes.map(({ effectiveCost }) => effectiveCost)]),
    costState: leastFinal([tenant.costState, ...changes.map(({ state }) => state)]),
    days: [...days].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ...(charges === undefined
      ? {}
      : { revenue: revenueOf(charges.lines), planId: charges.lines.at(-1)?.planId ?? tenant.planId }),
  };
}
