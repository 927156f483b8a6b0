import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareDecimals,
  decimalText,
  isNegative,
  moneyText,
  percentText,
  scaledOf,
  shareOf,
  textOfScaled,
} from "../../../web/src/i18n/money.ts";
import { heightsOf, type MoneyBar, moneyTicks, slicesOf } from "../../../web/src/ui/money-scale.ts";

const usd = (amount: string, digits?: number): string => moneyText("en-US", { amount, currency: "USD" }, digits);
const PICO = 10n ** 12n;

describe("COST-7 an amount on the screen is the amount that was sent", () => {
  it.each([
    ["0", "$0.00"],
    ["12.345678901234", "$12.35"],
    ["-4.5", "-$4.50"],
    // Half-even, as the ledger rounds: away from zero would be a cent more than the files.
    ["0.125", "$0.12"],
    ["0.135", "$0.14"],
    ["0.125000000001", "$0.13"],
    // What rounds to nothing has no sign.
    ["-0.001", "$0.00"],
    // A float keeps 15 digits: this has 22.
    ["12345678901234567890.13", "$12,345,678,901,234,567,890.13"],
    ["9007199254740993.01", "$9,007,199,254,740,993.01"],
    ["1e3", "1e3"],
    ["=1+1", "=1+1"],
  ])("%s is shown as %s", (amount, shown) => {
    expect(usd(amount)).toBe(shown);
  });

  it("a price of a millionth of a dollar keeps its places, and Spanish reads as in the United States", () => {
    expect(usd("0.000000625", 12)).toBe("$0.000000625");
    expect(usd("0.1", 6)).toBe("$0.10");
    expect(moneyText("es-US", { amount: "1234.5", currency: "USD" })).toBe("$1,234.50");
    expect(decimalText("en-US", "160000.5")).toBe("160,000.5");
    expect(percentText("en-US", "0.004210", 2)).toBe("0.42%");
  });

  it("to the cent it is what whole cents in bigint say, for every amount of the ledger", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 27n), max: 10n ** 27n }), (pico) => {
        const shown = usd(textOfScaled(pico)).replaceAll(/[$,]/g, "");
        const [size, unit] = [pico < 0n ? -pico : pico, PICO / 100n];
        const [cents, rest] = [size / unit, size % unit];
        const rounded = rest * 2n > unit || (rest * 2n === unit && cents % 2n === 1n) ? cents + 1n : cents;
        const digits = rounded.toString().padStart(3, "0");
        const text = `${digits.slice(0, -2)}.${digits.slice(-2)}`;
        expect(shown).toBe(pico < 0n && rounded !== 0n ? `-${text}` : text);
      }),
      { numRuns: 200 },
    );
  });

  it("scaled and back is the same, and order is that of the values", () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.bigInt(-(10n ** 20n), 10n ** 20n), (one, other) => {
        expect(scaledOf(textOfScaled(one))).toBe(one);
        expect(compareDecimals(textOfScaled(one), textOfScaled(other))).toBe(one < other ? -1 : one > other ? 1 : 0);
        expect(isNegative(textOfScaled(one))).toBe(one < 0n);
      }),
      { numRuns: 200 },
    );
    expect(scaledOf("12,5")).toBeUndefined();
    expect([shareOf(1n, 4n), shareOf(1n, 0n)]).toEqual([0.25, 0]);
  });
});

describe("COST-1 bars of money", () => {
  const bar = (parts: Readonly<Record<string, string>>, high?: string): MoneyBar => ({
    id: "2026-10",
    label: "Oct 2026",
    total: "0",
    parts,
    ...(high !== undefined && { forecast: { expected: high, low: "0", high } }),
  });

  it("parts stand on each other, credits below the line, in the order of the series", () => {
    expect(slicesOf(bar({ data: "2", runtime: "3", credit: "-1" }), ["runtime", "data", "credit", "none"])).toEqual([
      { series: "runtime", from: 0n, to: 3n * PICO },
      { series: "data", from: 3n * PICO, to: 5n * PICO },
      { series: "credit", from: -PICO, to: 0n },
    ]);
  });

  it.each([
    ["a month", [bar({ a: "98.12" }, "204")], 0n, 300n],
    ["a credit", [bar({ a: "98", b: "-30" })], -50n, 100n],
    ["nothing", [bar({})], 0n, 0n],
  ])("%s: round ticks span what is shown", (_title, bars, low, high) => {
    const ticks = moneyTicks(bars, ["a", "b"]);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(7);
    expect(ticks[0]).toBe(low * PICO);
    if (high > 0n) expect(ticks.at(-1)).toBe(high * PICO);
    const height = heightsOf(ticks, [200, 10]);
    expect([height(ticks[0] ?? 0n), height(ticks.at(-1) ?? 0n)]).toEqual([200, 10]);
  });
});
