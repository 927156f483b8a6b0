import { anomalyOn, type DailyBySku } from "../anomaly.ts";
import { type BudgetAlertKind, budgetAlerts } from "../budget.ts";
import { forecast } from "../forecast.ts";
import { NOTHING, type PicoUsd, parseUsd, pico, total } from "../money.ts";
import { type Day, dayAfter, dayOfMs, type Month, monthAfter, monthOf, toSecond } from "../period.ts";
import { type Alert, readAlerts, tell } from "./alerts.ts";
import type { CostFiles } from "./files.ts";
import { readInputs, standing } from "./inputs.ts";
import { dailyKey } from "./keys.ts";
import { readPacked } from "./keep.ts";
import { type Daily, WHOLE } from "./make-books.ts";

/** Eight weeks before a day lie in two months before its own. */
const MONTHS_BEFORE = 2;

type Days = Readonly<Record<Day, Readonly<Record<string, PicoUsd>>>>;

/** What each subject cost by day, of the month and those before it. */
async function readDaily(files: CostFiles, month: Month): Promise<ReadonlyMap<string, Days>> {
  const subjects = new Map<string, Days>();
  for (let back = MONTHS_BEFORE; back >= 0; back -= 1) {
    const daily = (await readPacked<Daily>(files, dailyKey(monthAfter(month, -back)))) ?? {};
    for (const [subject, days] of Object.entries(daily)) subjects.set(subject, { ...subjects.get(subject), ...days });
  }
  return subjects;
}

const costOf = (skus: Readonly<Record<string, PicoUsd>>): PicoUsd => total(Object.values(skus));

/** Alerts of budgets of the month that runs, and days unlike their weekdays. Gives those that nobody was told of before. */
export async function watchCosts(files: CostFiles, nowMs: number): Promise<Alert[]> {
  const today = dayOfMs(nowMs);
  const month = monthOf(today);
  const daily = await readDaily(files, month);
  const at = toSecond(nowMs);
  const said = await readAlerts(files, month);
  const found: Alert[] = [];
  for (const { value } of standing(await readInputs(files, "budgets"))) {
    const amount = parseUsd(value.amountUsd) ?? NOTHING;
    const days = daily.get(value.tenantId ?? WHOLE) ?? {};
    const costs = new Map(Object.entries(days).map(([day, skus]) => [day, costOf(skus)]));
    const actual = total([...costs].filter(([day]) => monthOf(day) === month).map(([, cost]) => cost));
    const foreseen = forecast(costs, month, today, false);
    const sent = new Set<BudgetAlertKind>(
      said.flatMap((each) => (each.kind === "budget" && each.alert.budgetId === value.id ? [each.alert.kind] : [])),
    );
    const budget = { id: value.id, tenantId: value.tenantId, amount: pico(amount) };
    const expected = foreseen.ok ? foreseen.value.expected : null;
    for (const alert of budgetAlerts(budget, month, { actual, forecast: expected }, sent))
      found.push({ kind: "budget", at, tenantId: value.tenantId, alert });
  }
  // Yesterday is whole, but for what comes late; a day is told once.
  const yesterday = dayAfter(today, -1);
  for (const [subject, days] of daily) {
    if (subject.startsWith("~") && subject !== WHOLE) continue;
    const anomaly = anomalyOn(bySku(days, yesterday), yesterday);
    const tenantId = subject === WHOLE ? null : subject;
    if (anomaly !== undefined) found.push({ kind: "anomaly", at, tenantId, anomaly });
  }
  const told: Alert[] = [];
  for (const alert of found) if ((await tell(files, month, alert)) === "told") told.push(alert);
  return told;
}

/** A day without a cost within the days that are known is a day of nothing, and not one that nobody knows of. */
function bySku(days: Days, until: Day): DailyBySku {
  const first = Object.keys(days).toSorted()[0];
  const map = new Map<Day, ReadonlyMap<string, PicoUsd>>();
  for (let day = first ?? until; day <= until; day = dayAfter(day))
    map.set(day, new Map(Object.entries(days[day] ?? {})));
  return map;
}
