import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decimal,
  decimalOf,
  divideHalfEven,
  formatDecimal,
  multiply,
  parseDecimal,
} from "../../../core/cost/decimal.ts";
import {
  apportion,
  exactPico,
  formatCents,
  formatUsd,
  fromCents,
  parseUsd,
  pico,
  priceOf,
  rate,
  type Share,
  toCents,
} from "../../../core/cost/money.ts";

const shares = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 })
  .chain((ids) =>
    fc
      .array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: ids.length, maxLength: ids.length })
      .map((weights): Share[] => ids.map((id, index) => ({ id, weight: weights[index] ?? 0n }))),
  );
const amount = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
const sum = (values: Iterable<bigint>): bigint => [...values].reduce((all, each) => all + each, 0n);

describe("apportion", () => {
  it("COST-1 the parts and what is unallocated are the amount, exactly", () => {
    fc.assert(
      fc.property(amount, shares, (whole, of) => {
        const { parts, unallocated } = apportion(whole, of);
        expect(sum(parts.values()) + unallocated).toBe(whole);
      }),
    );
  });

  it("COST-1 a part is less than one unit from its exact share, so that in cents nobody is a cent off", () => {
    fc.assert(
      fc.property(amount, shares, (whole, of) => {
        const weights = sum(of.map(({ weight }) => weight));
        const { parts } = apportion(whole, of);
        for (const { id, weight } of of) {
          const off = (parts.get(id) ?? 0n) * weights - whole * weight;
          expect(off < 0n ? -off : off).toBeLessThan(weights === 0n ? 1n : weights);
        }
      }),
    );
  });

  it("COST-1 the order of the shares changes nothing", () => {
    fc.assert(
      fc.property(amount, shares, fc.infiniteStream(fc.nat()), (whole, of, order) => {
        const keyed = of.map((share) => [order.next().value, share] as const);
        const shuffled = keyed.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, share]) => share);
        const byId = (parts: ReadonlyMap<string, bigint>) => [...parts].toSorted(([a], [b]) => (a < b ? -1 : 1));
        expect(byId(apportion(whole, shuffled).parts)).toEqual(byId(apportion(whole, of).parts));
      }),
    );
  });

  it("COST-1 a weight of zero has zero, and no weights at all leave everything unallocated", () => {
    expect(
      apportion(100n, [
        { id: "a", weight: 0n },
        { id: "b", weight: 3n },
      ]),
    ).toEqual({
      parts: new Map([
        ["a", 0n],
        ["b", 100n],
      ]),
      unallocated: 0n,
    });
    expect(apportion(100n, [{ id: "a", weight: 0n }])).toEqual({ parts: new Map([["a", 0n]]), unallocated: 100n });
    expect(apportion(-7n, [])).toEqual({ parts: new Map(), unallocated: -7n });
  });

  it("COST-1 equal remainders go by id, and an amount below zero takes back what its positive gave", () => {
    const thirds = ["c", "a", "b"].map((id) => ({ id, weight: 1n }));
    expect(apportion(100n, thirds).parts).toEqual(
      new Map([
        ["c", 33n],
        ["a", 34n],
        ["b", 33n],
      ]),
    );
    expect(apportion(-100n, thirds).parts).toEqual(
      new Map([
        ["c", -33n],
        ["a", -34n],
        ["b", -33n],
      ]),
    );
  });

  it("COST-1 refuses a weight below zero and an id that stands twice", () => {
    expect(() => apportion(1n, [{ id: "a", weight: -1n }])).toThrow("zero or more");
    expect(() =>
      apportion(1n, [
        { id: "a", weight: 1n },
        { id: "a", weight: 1n },
      ]),
    ).toThrow("id of its own");
  });
});

describe("rate", () => {
  const arm = priceOf(decimalOf("0.0000133334"), 1_024_000n);

  it("COST-2 rates an aggregate where a sum of rated events is off: a million milliseconds at 128 MB", () => {
    // 128,000,000 MB-ms = 125 GB-s x 13.3334 micro-dollars.
    expect(rate(128_000_000n, arm)).toBe(1_666_675_000n);
    expect(rate(128n, arm) * 1_000_000n).toBe(1_667_000_000n);
  });

  it.each([
    [5n, 2n, 2n],
    [7n, 2n, 4n],
    [-5n, 2n, -2n],
    [-7n, 2n, -4n],
    [5n, -2n, -2n],
    [14n, 10n, 1n],
    [16n, 10n, 2n],
  ])("COST-1 %s / %s is %s, halves to the even", (numerator, denominator, expected) => {
    expect(divideHalfEven(numerator, denominator)).toBe(expected);
  });

  it("COST-1 a price finer than a pico-dollar keeps its places", () => {
    expect(rate(1_000n, priceOf(decimal(15n, 16)))).toBe(2n);
  });
});

describe("text", () => {
  it("COST-1 what is formatted is parsed to the same amount", () => {
    fc.assert(
      fc.property(amount, (each) => {
        expect(parseUsd(formatUsd(pico(each)))).toBe(each);
      }),
    );
    fc.assert(
      fc.property(amount, fc.nat({ max: 20 }), (unscaled, scale) => {
        expect(parseDecimal(formatDecimal({ unscaled, scale }))).toEqual({ unscaled, scale });
      }),
    );
  });

  it.each([
    ["6.25", 6_250_000_000_000n],
    ["-0.000000625", -625_000n],
    ["35.2E-7", 3_520_000n],
    ["1e2", 100_000_000_000_000n],
    ["0.000000000001", 1n],
    ["0.0000000000010", 1n],
  ])("COST-1 %s is read exactly", (text, expected) => expect(parseUsd(text)).toBe(expected));

  it.each([
    "",
    "+1",
    "1,000",
    "$1",
    "1.",
    ".5",
    " 1",
    "1 ",
    "NaN",
    "Infinity",
    "0x10",
    "1e999",
    "0.0000000000001",
    "١",
  ])("COST-1 %j is no amount", (text) => expect(parseUsd(text)).toBeUndefined());

  it("COST-1 cents are rounded once, half-even, and say so", () => {
    expect(formatCents(toCents(parseUsd("2.785") ?? pico(0n)))).toBe("2.78");
    expect(formatCents(toCents(parseUsd("2.775") ?? pico(0n)))).toBe("2.78");
    expect(formatCents(toCents(parseUsd("-0.006") ?? pico(0n)))).toBe("-0.01");
    expect(formatUsd(fromCents(toCents(parseUsd("2.7850001") ?? pico(0n))))).toBe("2.790000000000");
  });

  it("COST-1 a product keeps every place, and one of more than twelve is no PicoUsd", () => {
    const product = multiply(decimalOf("0.0000133334"), decimalOf("0.05"));
    expect(formatDecimal(product)).toBe("0.000000666670");
    expect(exactPico(product)).toBe(666_670n);
    expect(exactPico(multiply(decimalOf("0.0000133334"), decimalOf("0.001")))).toBeUndefined();
  });
});
