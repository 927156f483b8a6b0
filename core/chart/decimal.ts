import { invariant } from "../kernel/invariant.ts";

/** An exact fraction. What is converted between units is rounded once, where it is shown. */
export interface Exact {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const DECIMAL = /^(-?)(\d{1,12})(?:\.(\d{1,12}))?$/;

/** Undefined for what is no plain decimal: `1e3`, `.5`, an empty text. */
export function parseDecimal(text: string): Exact | undefined {
  const [, sign, whole, part = ""] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const numerator = BigInt(whole + part);
  return { numerator: sign === "-" ? -numerator : numerator, denominator: 10n ** BigInt(part.length) };
}

export function exact(text: string): Exact {
  const value = parseDecimal(text);
  invariant(value !== undefined, "a constant is a decimal");
  return value;
}

export const plus = (a: Exact, b: Exact): Exact => ({
  numerator: a.numerator * b.denominator + b.numerator * a.denominator,
  denominator: a.denominator * b.denominator,
});
export const times = (a: Exact, b: Exact): Exact => ({
  numerator: a.numerator * b.numerator,
  denominator: a.denominator * b.denominator,
});
export function over(a: Exact, b: Exact): Exact {
  invariant(b.numerator > 0n, "nothing is divided by zero or less");
  return { numerator: a.numerator * b.denominator, denominator: a.denominator * b.numerator };
}

/** Negative, zero or positive as `a` is below, at or above `b`. */
export function compare(a: Exact, b: Exact): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Written with this many digits after the point, halves away from zero. */
export function rounded({ numerator, denominator }: Exact, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const sign = numerator < 0n ? "-" : "";
  const size = (numerator < 0n ? -numerator : numerator) * scale;
  const units = (2n * size + denominator) / (2n * denominator);
  const text = String(units).padStart(digits + 1, "0");
  const at = text.length - digits;
  return `${units === 0n ? "" : sign}${text.slice(0, at)}${digits === 0 ? "" : `.${text.slice(at)}`}`;
}
