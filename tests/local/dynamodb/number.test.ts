import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addNumbers,
  compareNumbers,
  normaliseNumber,
  numberKeyBytes,
  numberSizeBytes,
} from "../../../scripts/local/dynamodb/number.ts";

/** Decimal text with up to `digits` significant digits, any sign and point. */
const decimalText = (digits = 38, exponents = 80) =>
  fc
    .tuple(
      fc.constantFrom("", "-", "+"),
      fc.string({ unit: fc.constantFrom("0", "1", "2", "5", "8", "9"), minLength: 1, maxLength: digits }),
      fc.nat({ max: digits }),
      fc.integer({ min: -exponents, max: exponents }),
    )
    .map(([sign, text, point, exponent]) => {
      const cut = Math.min(point, text.length);
      const body = cut === text.length ? text : `${text.slice(0, cut)}.${text.slice(cut)}`;
      return `${sign}${body}e${String(exponent)}`;
    });

/** An exact rational for comparison: value * 10^200 as a bigint. */
function exact(text: string): bigint {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/.exec(text);
  if (match === null) throw new Error("not a number");
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const value = BigInt(whole + fraction || "0") * 10n ** BigInt(200 + Number(exponent) - fraction.length);
  return sign === "-" ? -value : value;
}

describe("numbers", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["007", "7"],
    ["1.50", "1.5"],
    ["+12", "12"],
    [".5", "0.5"],
    ["5.", "5"],
    ["1E+3", "1000"],
    ["-1.25e-3", "-0.00125"],
    ["1e125", `1${"0".repeat(125)}`],
    ["1e-130", `0.${"0".repeat(129)}1`],
    ["0e9999", "0"],
    ["100000000000000000000000000000000000000000", "100000000000000000000000000000000000000000"],
    ["99999999999999999999999999999999999999", "99999999999999999999999999999999999999"],
  ])("normalises %s to %s", (given, normal) => {
    expect(normaliseNumber(given)).toBe(normal);
  });

  it.each([
    ["abc", "cannot be converted to a numeric value"],
    ["", "cannot be converted to a numeric value"],
    [".", "cannot be converted to a numeric value"],
    ["1 ", "cannot be converted to a numeric value"],
    ["0x10", "cannot be converted to a numeric value"],
    ["NaN", "cannot be converted to a numeric value"],
    ["1e", "cannot be converted to a numeric value"],
    ["1e126", "Number overflow"],
    ["-1e99999999999", "Number overflow"],
    ["1e-131", "Number underflow"],
    ["123456789012345678901234567890123456789", "more than 38 significant digits"],
  ])("refuses %s", (given, message) => {
    expect(() => normaliseNumber(given)).toThrow(message);
  });

  it("normalising keeps the value and is idempotent", () => {
    fc.assert(
      fc.property(decimalText(), (text) => {
        const normal = normaliseNumber(text);
        expect(exact(normal)).toBe(exact(text));
        expect(normaliseNumber(normal)).toBe(normal);
      }),
    );
  });

  it("key bytes and comparison have the order of the numbers", () => {
    fc.assert(
      fc.property(decimalText(), decimalText(), (left, right) => {
        const [a, b] = [normaliseNumber(left), normaliseNumber(right)];
        const [x, y] = [exact(left), exact(right)];
        const order = x < y ? -1 : x > y ? 1 : 0;
        expect(Math.sign(Buffer.compare(numberKeyBytes(a), numberKeyBytes(b)))).toBe(order);
        expect(Math.sign(compareNumbers(a, b))).toBe(order);
      }),
      { numRuns: 500 },
    );
  });

  it("key bytes part numbers that differ in the last of 38 digits", () => {
    const nines = "9".repeat(37);
    const inOrder = [`-${nines}9`, `-${nines}8`, "-1", "-0.1", "0", "0.1", "1", `${nines}8`, `${nines}9`];
    const keys = inOrder.map(numberKeyBytes);
    expect(keys.toSorted((a, b) => Buffer.compare(a, b))).toEqual(keys);
  });

  it("adds and subtracts exactly", () => {
    fc.assert(
      fc.property(decimalText(15, 10), decimalText(15, 10), (left, right) => {
        const [a, b] = [normaliseNumber(left), normaliseNumber(right)];
        expect(exact(addNumbers(a, b, 1))).toBe(exact(a) + exact(b));
        expect(exact(addNumbers(a, b, -1))).toBe(exact(a) - exact(b));
      }),
    );
    expect(() => addNumbers("9".repeat(38), "0.1", 1)).toThrow("more than 38 significant digits");
    expect(addNumbers("0.1", "0.2", 1)).toBe("0.3");
  });

  it.each([
    ["0", 1],
    ["1", 2],
    ["12", 2],
    ["123", 3],
    ["-1", 3],
    ["12345678901234567890123456789012345678", 20],
  ])("a number %s takes %i bytes", (text, size) => {
    expect(numberSizeBytes(text)).toBe(size);
  });
});
