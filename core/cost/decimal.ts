import { invariant } from "../kernel/invariant.ts";

/**
 * An exact decimal: `unscaled` x 10^-`scale`. Quantities, unit prices and ratios are Decimals, costs are PicoUsd.
 * `scale` is a count of digits from 0 to 38, never an amount: it is the one `number` that money modules know.
 */
export interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

export const ZERO: Decimal = { unscaled: 0n, scale: 0 };

export const powerOfTen = (scale: number): bigint => 10n ** BigInt(scale);

export const decimal = (unscaled: bigint, scale = 0): Decimal => ({ unscaled, scale });

/** `numerator / denominator` to the nearest integer; halves go to the even neighbour (IEEE 754 roundTiesToEven). */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  invariant(denominator !== 0n, "a division by zero has no amount");
  if (denominator < 0n) return divideHalfEven(-numerator, -denominator);
  const magnitude = numerator < 0n ? -numerator : numerator;
  const floor = magnitude / denominator;
  const twice = (magnitude % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && floor % 2n === 1n);
  const rounded = isUp ? floor + 1n : floor;
  return numerator < 0n ? -rounded : rounded;
}

const PLAIN = /^(-?)(\d{1,38})(?:\.(\d{1,38}))?(?:[eE]([+-]?\d{1,2}))?$/;

/**
 * Reads `12`, `-0.625`, `35.2E-7`: what FOCUS allows a number to be (FOCUS 1.2 NumericFormat). No sign `+`, no comma, no
 * currency, no blank. Undefined for all else, and for more than 38 places.
 */
export function parseDecimal(text: string): Decimal | undefined {
  const match = PLAIN.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const unscaled = BigInt(`${sign}${whole}${fraction}`);
  const places = BigInt(fraction.length) - BigInt(exponent.replace("+", ""));
  if (places > 38n || places < -38n) return undefined;
  if (places >= 0n) return { unscaled, scale: Number(places) };
  return { unscaled: unscaled * 10n ** -places, scale: 0 };
}

/** A Decimal of a text that our own data holds; throws InvariantError where it is none. */
export function decimalOf(text: string): Decimal {
  const parsed = parseDecimal(text);
  invariant(parsed !== undefined, "a number in our own data is no decimal");
  return parsed;
}

/** The same value with `scale` places. Digits that do not fit are rounded half-even. */
export function rescale({ unscaled, scale: from }: Decimal, scale: number): Decimal {
  if (scale >= from) return { unscaled: unscaled * powerOfTen(scale - from), scale };
  return { unscaled: divideHalfEven(unscaled, powerOfTen(from - scale)), scale };
}

/** The same value in as few places as hold it. */
export function normalize({ unscaled, scale }: Decimal): Decimal {
  let [rest, places] = [unscaled, scale];
  while (places > 0 && rest % 10n === 0n) [rest, places] = [rest / 10n, places - 1];
  return { unscaled: rest, scale: places };
}

const widest = (a: Decimal, b: Decimal): Decimal["scale"] => (a.scale > b.scale ? a.scale : b.scale);

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = widest(a, b);
  return { unscaled: rescale(a, scale).unscaled + rescale(b, scale).unscaled, scale };
}

export const negate = ({ unscaled, scale }: Decimal): Decimal => ({ unscaled: -unscaled, scale });

/** Exact: the product has the places of both. */
export const multiply = (a: Decimal, b: Decimal): Decimal => ({
  unscaled: a.unscaled * b.unscaled,
  scale: a.scale + b.scale,
});

/** `a / b` with `scale` places, half-even. */
export const divide = (a: Decimal, b: Decimal, scale: number): Decimal => ({
  unscaled: divideHalfEven(a.unscaled * powerOfTen(scale + b.scale), b.unscaled * powerOfTen(a.scale)),
  scale,
});

/** Below zero, zero or above it, as `a` is less than, equal to or more than `b`. */
export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const scale = widest(a, b);
  const difference = rescale(a, scale).unscaled - rescale(b, scale).unscaled;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Plain digits with a point where there are places: `-0.000000625`. Never an exponent; `scale` places exactly. */
export function formatDecimal({ unscaled, scale }: Decimal): string {
  const sign = unscaled < 0n ? "-" : "";
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
