import type { Branded } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import { type Decimal, decimal, divideHalfEven, formatDecimal, parseDecimal, powerOfTen, rescale } from "./decimal.ts";

/** 10^-12 US dollars. Every cost in the ledger is one; an integer, so that sums are exact in any order. */
export type PicoUsd = Branded<bigint, "PicoUsd">;
/** 10^-2 US dollars: what an invoice says. Made by `toCents` alone, once for each statement line. */
export type Cents = Branded<bigint, "Cents">;

/** Places of a PicoUsd, and of a cost in DECIMAL(38,12). */
export const COST_SCALE = 12;
const PICO_PER_CENT = 10n ** 10n;

export const pico = (amount: bigint): PicoUsd => amount as PicoUsd;
export const NOTHING: PicoUsd = pico(0n);

export const total = (amounts: Iterable<PicoUsd>): PicoUsd => {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return pico(sum);
};

export const minus = (a: PicoUsd, b: PicoUsd): PicoUsd => pico(a - b);

/** `amount` pico-dollars for each `per` base units. An event's price is too small for a pico-dollar, a ratio is not. */
export interface Price {
  readonly amount: bigint;
  readonly per: bigint;
}

/** A list price for one pricing unit that `unitsPer` base units make: 0.0000133334 USD a GB-second of 1,024,000 MB-ms. */
export function priceOf(unitPrice: Decimal, unitsPer = 1n): Price {
  const { unscaled, scale } = unitPrice;
  if (scale <= COST_SCALE) return { amount: unscaled * powerOfTen(COST_SCALE - scale), per: unitsPer };
  return { amount: unscaled, per: unitsPer * powerOfTen(scale - COST_SCALE) };
}

/**
 * What `quantity` base units cost, half-even. For aggregates only (tenant, SKU, day): rated by the event, 1 ms at 128 MB of
 * Lambda is 0.02% off, and a million of them 325 micro-dollars.
 */
export const rate = (quantity: bigint, { amount, per }: Price): PicoUsd => pico(divideHalfEven(quantity * amount, per));

/** One who shares an amount. Weights are integers of any one unit, none below zero. */
export interface Share {
  readonly id: string;
  readonly weight: bigint;
}

export interface Apportioned<T> {
  /** By id, in the order of the shares. A weight of zero has zero. */
  readonly parts: ReadonlyMap<string, T>;
  /** What nobody's weight takes: the whole where all weights are zero, else nothing. */
  readonly unallocated: T;
}

const byText = (a: string, b: string): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Parts of `amount` in proportion to the weights by largest remainder (Hamilton's method): each within one unit of its exact
 * share, the sum exact. Equal remainders go by id, so that the order of the shares changes nothing. An amount below zero
 * gives the parts of its positive with the sign turned, so that a correction takes back what it corrects.
 */
export function apportion<T extends bigint>(amount: T, shares: readonly Share[]): Apportioned<T> {
  const of = (value: bigint): T => value as T;
  const weights = shares.reduce((sum, { weight }) => sum + weight, 0n);
  invariant(
    shares.every(({ weight }) => weight >= 0n),
    "a share has a weight of zero or more",
  );
  invariant(new Set(shares.map(({ id }) => id)).size === shares.length, "each share has an id of its own");
  if (weights === 0n) return { parts: new Map(shares.map(({ id }) => [id, of(0n)])), unallocated: amount };

  const sign = amount < 0n ? -1n : 1n;
  const whole: bigint = sign * (amount as bigint);
  const floors = shares.map(({ id, weight }) => ({
    id,
    part: (whole * weight) / weights,
    remainder: (whole * weight) % weights,
  }));
  let left = floors.reduce((rest, { part }) => rest - part, whole);
  const parts = new Map(floors.map(({ id, part }) => [id, of(sign * part)]));
  const byRemainder = floors.toSorted((a, b) =>
    a.remainder === b.remainder ? byText(a.id, b.id) : a.remainder > b.remainder ? -1 : 1,
  );
  for (const { id, part } of byRemainder) {
    if (left === 0n) break;
    parts.set(id, of(sign * (part + 1n)));
    left -= 1n;
  }
  return { parts, unallocated: of(0n) };
}

/** To the cent, half-even. Once for each statement line, never before a sum: the difference is a rounding line's. */
export const toCents = (amount: PicoUsd): Cents => divideHalfEven(amount, PICO_PER_CENT) as Cents;

export const fromCents = (cents: Cents): PicoUsd => pico(cents * PICO_PER_CENT);

export const toDecimal = (amount: PicoUsd): Decimal => decimal(amount, COST_SCALE);

/** Undefined where the value needs more than twelve places. */
export function exactPico(value: Decimal): PicoUsd | undefined {
  const { unscaled } = rescale(value, COST_SCALE);
  const isExact = value.scale <= COST_SCALE || unscaled * powerOfTen(value.scale - COST_SCALE) === value.unscaled;
  return isExact ? pico(unscaled) : undefined;
}

/** The nearest PicoUsd, half-even: for a bill's own digits beyond twelve places. */
export const nearestPico = (value: Decimal): PicoUsd => pico(rescale(value, COST_SCALE).unscaled);

/** Reads dollars, exact: `6.25` is 6,250,000,000,000. Undefined where the text is no number or has more than twelve places. */
export function parseUsd(text: string): PicoUsd | undefined {
  const value = parseDecimal(text);
  return value === undefined ? undefined : exactPico(value);
}

/** Dollars with all twelve places: `0.000000625000`. Exact, and what `parseUsd` reads. */
export const formatUsd = (amount: PicoUsd): string => formatDecimal(toDecimal(amount));

/** Dollars for a person: as many places as are asked for, half-even, no grouping and no sign of currency. */
export const showUsd = (amount: PicoUsd, scale = 2): string => formatDecimal(rescale(toDecimal(amount), scale));

/** `12.34`. */
export const formatCents = (cents: Cents): string => formatDecimal(decimal(cents, 2));
