/** A linear scale from the span of some values to a span of pixels. One value, or none, stands in the middle. */
export function scaleOf(values: readonly number[], [start, end]: readonly [number, number]): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (!(high > low)) return () => (start + end) / 2;
  return (value) => start + ((value - low) / (high - low)) * (end - start);
}

/** Three to six round figures that span the values. */
export function ticksOf(values: readonly number[]): readonly number[] {
  const [least, most] = values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
  const span = most > least ? most - least : Math.max(Math.abs(most) * 0.1, 1);
  const raw = span / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) ?? 10);
  const digits = Math.max(0, 1 - Math.floor(Math.log10(step)));
  const [first, last] = [Math.floor(least / step), Math.ceil(most / step + (most > least ? 0 : 1))];
  return Array.from({ length: last - first + 1 }, (_none, index) => Number(((first + index) * step).toFixed(digits)));
}
