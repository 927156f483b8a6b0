import { err, ok, type Result } from "../kernel/result.ts";
import { NOTHING, type PicoUsd, pico } from "./money.ts";
import { type Day, dayAfter, daysOf, type Month, periodOfMonth } from "./period.ts";
import { magnitude, mean, percentile, squareRoot } from "./statistics.ts";

export interface Forecast {
  readonly month: Month;
  /** What whole days have cost so far. */
  readonly actual: PicoUsd;
  readonly expected: PicoUsd;
  /** Four in five months of this shape end between these. `low` is never below `actual`. */
  readonly low: PicoUsd;
  readonly high: PicoUsd;
  /** `weekdays` by the same weekdays of four weeks; `run-rate` where these are not known yet. */
  readonly method: "weekdays" | "run-rate";
  /** Days still to come, of which the forecast is made. */
  readonly days: number;
}

export type ForecastRefusal =
  /** A closed month is what it is. */
  | { readonly kind: "business-rule"; readonly rule: "closed" }
  /** No whole day of cost is known to go by. */
  | { readonly kind: "not-found" };

const WEEKS = 4;
const BAND_PERCENT = 80n;

/**
 * What a month will have cost. `daily` holds the cost of whole days up to `today` exclusive; a day without an entry within its
 * first and last cost nothing. Seasonal naive by weekday: a day to come costs what the same weekday did on average in the last
 * four weeks. The band is the 80th percentile of how far that rule was off on the days that are known, growing with the square
 * root of the days to come.
 */
export function forecast(
  daily: ReadonlyMap<Day, PicoUsd>,
  month: Month,
  today: Day,
  isClosed: boolean,
): Result<Forecast, ForecastRefusal> {
  if (isClosed) return err({ kind: "business-rule", rule: "closed" });
  const known = [...daily.keys()].filter((day) => day < today).toSorted();
  const [first] = known;
  if (first === undefined) return err({ kind: "not-found" });

  const costOn = (day: Day): bigint => (day >= first && day < today ? (daily.get(day) ?? NOTHING) : NOTHING);
  const days = daysOf(periodOfMonth(month));
  const ahead = days.filter((day) => day >= today);
  const behind = days.filter((day) => day >= first && day < today);
  const actual = behind.reduce((sum, day) => sum + costOn(day), 0n);
  const isSeasonal = dayAfter(first, 7 * WEEKS) <= today;

  const before = (day: Day): Day[] => Array.from({ length: WEEKS }, (_, week) => dayAfter(day, -7 * (week + 1)));
  const byWeekday = (day: Day): bigint => mean(lastSame(day, today).map(costOn));
  const rate = mean((behind.length > 0 ? behind : daysBetween(first, today)).map(costOn));
  const expected = actual + ahead.reduce((sum, day) => sum + (isSeasonal ? byWeekday(day) : rate), 0n);

  const judged = daysBetween(first, today).filter((day) => !isSeasonal || dayAfter(first, 7) <= day);
  const misses = judged.map((day) => {
    const seen = before(day).filter((each) => each >= first);
    return magnitude(costOn(day) - (isSeasonal ? mean(seen.map(costOn)) : rate));
  });
  const miss = misses.length === 0 ? 0n : percentile(misses, BAND_PERCENT);
  const spread = (miss * squareRoot(BigInt(ahead.length) * 1_000_000n)) / 1_000n;
  const low = expected - spread;
  return ok({
    month,
    actual: pico(actual),
    expected: pico(expected),
    low: pico(low < actual ? actual : low),
    high: pico(expected + spread),
    method: isSeasonal ? "weekdays" : "run-rate",
    days: ahead.length,
  });
}

/** The four newest known days of a day's weekday. */
function lastSame(day: Day, today: Day): Day[] {
  let newest = dayAfter(day, -7);
  while (newest >= today) newest = dayAfter(newest, -7);
  return Array.from({ length: WEEKS }, (_, week) => dayAfter(newest, -7 * week));
}

const daysBetween = (from: Day, until: Day): Day[] =>
  from < until ? daysOf({ start: `${from}T00:00:00Z`, end: `${until}T00:00:00Z` }) : [];
