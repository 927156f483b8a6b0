import { ANOMALY_GATES, anomalyOn } from "../anomaly.ts";
import { type BudgetAlertKind, budgetAlerts } from "../budget.ts";
import { forecast } from "../forecast.ts";
import { NOTHING, type PicoUsd, parseUsd, pico, total } from "../money.ts";
import { type Day, dayAfter, dayOfMs, type Month, monthAfter, monthOf, toSecond } from "../period.ts";
import { NOBODY } from "../share-sums.ts";
import { type Alert, readAlerts, tell } from "./alerts.ts";
import { type BookAt, openBook, readTenants, sharesIn } from "./books.ts";
import type { CostFiles } from "./files.ts";
import { readInputs, standing } from "./inputs.ts";
import { ENTRIES, LONG } from "./parts.ts";
import { partName } from "./keys.ts";
import { costByDay } from "./sums.ts";

/** Eight weeks before a day lie in two months before its own. */
const MONTHS_BEFORE = 2;
/** The platform's whole bill, beside the tenants. */
const WHOLE = "~platform";

type CostDays = ReadonlyMap<Day, PicoUsd>;

interface Watched {
  readonly books: ReadonlyMap<Month, BookAt>;
  /** By tenant, and of all. */
  readonly costs: ReadonlyMap<string, CostDays>;
}

/** What each subject cost by day, of the month and those before it. */
async function readCosts(files: CostFiles, month: Month): Promise<Watched> {
  const costs = new Map<string, Map<Day, PicoUsd>>();
  const books = new Map<Month, BookAt>();
  for (let back = MONTHS_BEFORE; back >= 0; back -= 1) {
    const each = monthAfter(month, -back);
    const book = await openBook(files, each);
    if (book === undefined) continue;
    books.set(each, book);
    for (const { id, days } of await readTenants(files, book))
      for (const [day, cost] of days)
        for (const subject of [id, WHOLE]) {
          const own = costs.get(subject) ?? new Map<Day, PicoUsd>();
          costs.set(subject, own);
          own.set(day, pico((own.get(day) ?? NOTHING) + cost));
        }
  }
  return { books, costs };
}

/** Alerts of budgets of the month that runs, and days unlike their weekdays. Gives those that nobody was told of before. */
export async function watchCosts(files: CostFiles, nowMs: number): Promise<Alert[]> {
  const today = dayOfMs(nowMs);
  const month = monthOf(today);
  const watched = await readCosts(files, month);
  const found = [
    ...(await budgetsPassed(files, watched, { today, month, at: toSecond(nowMs) })),
    ...(await unlikeDays(files, watched, dayAfter(today, -1), toSecond(nowMs))),
  ];
  const told: Alert[] = [];
  for (const alert of found) if ((await tell(files, month, alert)) === "told") told.push(alert);
  return told;
}

interface Moment {
  readonly today: Day;
  readonly month: Month;
  readonly at: string;
}

async function budgetsPassed(files: CostFiles, { costs }: Watched, { today, month, at }: Moment): Promise<Alert[]> {
  const said = await readAlerts(files, month);
  return standing(await readInputs(files, "budgets")).flatMap(({ value }) => {
    const { id, tenantId } = value;
    const days = costs.get(tenantId ?? WHOLE) ?? new Map<Day, PicoUsd>();
    const actual = total([...days].filter(([day]) => monthOf(day) === month).map(([, cost]) => cost));
    const foreseen = forecast(days, month, today, false);
    const sent = new Set<BudgetAlertKind>(
      said.flatMap((each) => (each.kind === "budget" && each.alert.budgetId === id ? [each.alert.kind] : [])),
    );
    const budget = { id, tenantId, amount: parseUsd(value.amountUsd) ?? NOTHING };
    const expected = foreseen.ok ? foreseen.value.expected : null;
    return budgetAlerts(budget, month, { actual, forecast: expected }, sent).map((alert): Alert => ({
      kind: "budget",
      at,
      tenantId,
      alert,
    }));
  });
}

const ALL_SKUS = "";

/** Of a day that is whole, but for what comes late. Which SKUs it was is asked of the days' parts where there is one alone. */
async function unlikeDays(files: CostFiles, { books, costs }: Watched, day: Day, at: string): Promise<Alert[]> {
  const subjects = [...costs].filter(
    ([id, days]) =>
      id !== NOBODY &&
      anomalyOn(
        known(days, day, (each) => new Map([[ALL_SKUS, each]])),
        day,
      ) !== undefined,
  );
  if (subjects.length === 0) return [];
  const bySku = new Map<Day, ReadonlyMap<string, ReadonlyMap<string, PicoUsd>>>();
  for (let week = 0; week <= ANOMALY_GATES.weeks; week += 1) {
    const each = dayAfter(day, -7 * week);
    bySku.set(each, await skusOn(files, books.get(monthOf(each)), each, new Set(subjects.map(([id]) => id))));
  }
  return subjects.flatMap(([id, days]): Alert[] => {
    const anomaly = anomalyOn(
      known(days, day, (_cost, each) => bySku.get(each)?.get(id) ?? new Map<string, PicoUsd>()),
      day,
    );
    return anomaly === undefined ? [] : [{ kind: "anomaly", at, tenantId: id === WHOLE ? null : id, anomaly }];
  });
}

/** A day without a cost within the days that are known is a day of nothing, and not one that nobody knows of. */
function known(
  days: CostDays,
  until: Day,
  skusOf: (cost: PicoUsd, day: Day) => ReadonlyMap<string, PicoUsd>,
): ReadonlyMap<Day, ReadonlyMap<string, PicoUsd>> {
  const first = [...days.keys()].toSorted()[0];
  const map = new Map<Day, ReadonlyMap<string, PicoUsd>>();
  for (let day = first ?? until; day <= until; day = dayAfter(day)) map.set(day, skusOf(days.get(day) ?? NOTHING, day));
  return map;
}

/** What a day cost by subject and SKU. What mends another month is no day's of this one. */
async function skusOn(
  files: CostFiles,
  book: BookAt | undefined,
  day: Day,
  subjects: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, PicoUsd>>> {
  const sums = new Map<string, Map<string, PicoUsd>>();
  const names = new Set([day, LONG, ENTRIES].map(partName));
  if (book === undefined) return sums;
  for (const part of book.header.parts.filter(({ name }) => names.has(name)))
    for (const line of await sharesIn(files, book, part))
      for (const [each, cost] of costByDay(line, monthOf(day))) {
        if (each !== day || line.origin.correctionOf !== null) continue;
        for (const subject of [line.tenant?.id ?? NOBODY, WHOLE]) {
          if (!subjects.has(subject)) continue;
          const skus = sums.get(subject) ?? new Map<string, PicoUsd>();
          sums.set(subject, skus);
          skus.set(line.origin.sku, pico((skus.get(line.origin.sku) ?? NOTHING) + cost));
        }
      }
  return sums;
}
