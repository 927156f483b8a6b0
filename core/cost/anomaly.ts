import { type Decimal, decimal, divide } from "./decimal.ts";
import { minus, NOTHING, type PicoUsd, parseUsd, pico } from "./money.ts";
import { type Day, dayAfter } from "./period.ts";
import { magnitude, median, medianDeviation } from "./statistics.ts";

/** What one subject (a tenant, or nobody) cost by SKU on each day. */
export type DailyBySku = ReadonlyMap<Day, ReadonlyMap<string, PicoUsd>>;

export interface AnomalyGates {
  /** The same weekdays that a day is held against. */
  readonly weeks: number;
  /** Robust z from which a day is told, in tenths: 35 is 3.5 (Iglewicz and Hoaglin 1993). */
  readonly zTenths: bigint;
  /** Differences below either are noise however far from usual they are. */
  readonly minimum: PicoUsd;
  readonly minimumPercent: bigint;
}

export const ANOMALY_GATES: AnomalyGates = {
  weeks: 8,
  zTenths: 35n,
  minimum: parseUsd("0.50") ?? NOTHING,
  minimumPercent: 25n,
};

export interface Anomaly {
  readonly day: Day;
  readonly cost: PicoUsd;
  /** The median of the same weekdays. */
  readonly usual: PicoUsd;
  readonly difference: PicoUsd;
  /** 0.6745 (cost - median) / MAD, two places; null where the weekdays were all alike. */
  readonly z: Decimal | null;
  /** The three SKUs that moved most the same way, each against its own usual day. */
  readonly explainedBy: readonly { readonly sku: string; readonly difference: PicoUsd }[];
}

/**
 * Whether `day` is unlike the same weekdays before it. Undefined where it is not, and where fewer weeks are known than the gates
 * ask for: a young clinic has no usual day. A known week has an entry, be it an empty one.
 */
export function anomalyOn(daily: DailyBySku, day: Day, gates = ANOMALY_GATES): Anomaly | undefined {
  const before = Array.from({ length: gates.weeks }, (_, week) => daily.get(dayAfter(day, -7 * (week + 1))));
  const known = before.filter((skus) => skus !== undefined);
  const now = daily.get(day);
  if (now === undefined || known.length < gates.weeks) return undefined;

  const history = known.map(sum);
  const [cost, usual, deviation] = [sum(now), median(history), medianDeviation(history)];
  const difference = cost - usual;
  const size = magnitude(difference);
  if (size < gates.minimum || size * 100n < magnitude(usual) * gates.minimumPercent) return undefined;
  // z = 0.6745 x size / deviation, in integers: 0.6745 is the 0.75 quantile of the normal distribution.
  const isFar = deviation === 0n || size * 6_745n * 10n >= gates.zTenths * deviation * 10_000n;
  if (!isFar) return undefined;
  return {
    day,
    cost: pico(cost),
    usual: pico(usual),
    difference: pico(difference),
    z: deviation === 0n ? null : divide(decimal(difference * 6_745n, 4), decimal(deviation), 2),
    explainedBy: explain(now, known, difference),
  };
}

const sum = (skus: ReadonlyMap<string, PicoUsd>): bigint =>
  [...skus.values()].reduce<bigint>((all, each) => all + each, 0n);

function explain(
  now: ReadonlyMap<string, PicoUsd>,
  known: readonly ReadonlyMap<string, PicoUsd>[],
  difference: bigint,
): Anomaly["explainedBy"] {
  const skus = new Set([...now.keys(), ...known.flatMap((each) => [...each.keys()])]);
  return [...skus]
    .map((sku) => ({
      sku,
      difference: minus(now.get(sku) ?? NOTHING, pico(median(known.map((each) => each.get(sku) ?? NOTHING)))),
    }))
    .filter((each) => (difference > 0n ? each.difference > 0n : each.difference < 0n))
    .toSorted((a, b) => {
      const [left, right] = [magnitude(a.difference), magnitude(b.difference)];
      return left === right ? (a.sku < b.sku ? -1 : 1) : left > right ? -1 : 1;
    })
    .slice(0, 3);
}
