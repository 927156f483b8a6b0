import { invariant } from "../kernel/invariant.ts";
import { divideHalfEven } from "./decimal.ts";

/** Statistics of amounts, in integers: an amount is never a `number`, not even on the way to a forecast. */

const ascending = (values: readonly bigint[]): bigint[] => values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));

export const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** Of an even count, the mean of the middle two, half-even. */
export function median(values: readonly bigint[]): bigint {
  invariant(values.length > 0, "a median is of something");
  const sorted = ascending(values);
  const upper = sorted[values.length >> 1] ?? 0n;
  return values.length % 2 === 1 ? upper : divideHalfEven(upper + (sorted[(values.length >> 1) - 1] ?? 0n), 2n);
}

/** Median absolute deviation from the median, not scaled. */
export function medianDeviation(values: readonly bigint[]): bigint {
  const middle = median(values);
  return median(values.map((value) => magnitude(value - middle)));
}

/** The smallest value that at least `percent` of all do not exceed (nearest rank). */
export function percentile(values: readonly bigint[], percent: bigint): bigint {
  invariant(values.length > 0, "a percentile is of something");
  const sorted = ascending(values);
  const rank = (BigInt(values.length) * percent + 99n) / 100n;
  return sorted.find((_, index) => BigInt(index) + 1n >= rank) ?? 0n;
}

export const mean = (values: readonly bigint[]): bigint =>
  values.length === 0
    ? 0n
    : divideHalfEven(
        values.reduce((sum, value) => sum + value, 0n),
        BigInt(values.length),
      );

/** The largest integer whose square is at most `value` (Newton's method). */
export function squareRoot(value: bigint): bigint {
  invariant(value >= 0n, "a square is not below zero");
  if (value < 2n) return value;
  let [guess, next] = [value, (value + 1n) / 2n];
  while (next < guess) [guess, next] = [next, (next + value / next) / 2n];
  return guess;
}
