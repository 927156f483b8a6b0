import { scaledOf, shareOf } from "../i18n/money.ts";

/** One bar of a chart: a month, and what it is made of. Amounts are decimal texts. */
export interface MoneyBar {
  readonly id: string;
  readonly label: string;
  /** Under the bar, where the label is too long for that: "21". */
  readonly short?: string;
  readonly total: string;
  /** In the order of the chart's series; a series that it lacks is nothing. */
  readonly parts: Readonly<Record<string, string>>;
  /** Said of it in words: "estimated", "closed". */
  readonly remark?: string;
  /** Where it is expected to end, for a month that runs. */
  readonly forecast?: { readonly expected: string; readonly low: string; readonly high: string };
}

/** A part of a bar between two heights, in units of 10^-12. */
export interface Slice {
  readonly series: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** Parts on top of each other; credits below the line. */
export function slicesOf(bar: MoneyBar, series: readonly string[]): readonly Slice[] {
  let [up, down] = [0n, 0n];
  return series.flatMap((id): Slice[] => {
    const size = scaledOf(bar.parts[id] ?? "0") ?? 0n;
    if (size === 0n) return [];
    if (size > 0n) {
      up += size;
      return [{ series: id, from: up - size, to: up }];
    }
    down += size;
    return [{ series: id, from: down, to: down - size }];
  });
}

/** Three to six round amounts that span what is shown, from the line or below it. */
export function moneyTicks(bars: readonly MoneyBar[], series: readonly string[]): readonly bigint[] {
  const heights = bars.flatMap((bar) => [
    ...slicesOf(bar, series).flatMap(({ from, to }) => [from, to]),
    scaledOf(bar.forecast?.high ?? "0") ?? 0n,
  ]);
  const low = heights.reduce((least, height) => (height < least ? height : least), 0n);
  const high = heights.reduce((most, height) => (height > most ? height : most), 0n);
  // Nothing was spent: a cent gives the line its place.
  const span = high - low === 0n ? 10_000_000_000n : high - low;
  const raw = span / 4n;
  const power = 10n ** BigInt(raw.toString().length - 1);
  const step = [1n, 2n, 5n, 10n].map((factor) => factor * power).find((each) => each >= raw) ?? raw;
  const first = low < 0n ? -((-low + step - 1n) / step) : 0n;
  const last = (low + span + step - 1n) / step;
  return Array.from({ length: Number(last - first) + 1 }, (_none, index) => (first + BigInt(index)) * step);
}

/** From an amount to a height in pixels. */
export function heightsOf(
  ticks: readonly bigint[],
  [bottom, top]: readonly [number, number],
): (amount: bigint) => number {
  const [low, high] = [ticks[0] ?? 0n, ticks.at(-1) ?? 1n];
  return (amount) => bottom + shareOf(amount - low, high - low) * (top - bottom);
}
