import { validation } from "./errors.ts";

/**
 * A DynamoDB number: sign * d.ddd * 10^exponent, digits without leading or trailing zeros (`""` for zero).
 * Source: DynamoDB Developer Guide, "Supported data types and naming rules", Number: 38 digits, 1E-130 to 9.9E+125.
 */
export interface Decimal {
  readonly sign: -1 | 0 | 1;
  readonly digits: string;
  readonly exponent: number;
}

const ZERO: Decimal = { sign: 0, digits: "", exponent: 0 };
const CANONICAL = /^(?:0|-?[1-9]\d{0,37})$/;
const NUMERIC = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const MAX_DIGITS = 38;
const MAX_EXPONENT = 125;
const MIN_EXPONENT = -130;

function decimal(negative: boolean, whole: string, fraction: string, exponent: number): Decimal {
  const all = whole + fraction;
  let start = 0;
  while (start < all.length && all.charCodeAt(start) === 48) start += 1;
  if (start === all.length) return ZERO;
  let end = all.length;
  while (all.charCodeAt(end - 1) === 48) end -= 1;
  return { sign: negative ? -1 : 1, digits: all.slice(start, end), exponent: exponent + whole.length - 1 - start };
}

function inRange(value: Decimal): Decimal {
  if (value.exponent > MAX_EXPONENT) {
    throw validation("Number overflow. Attempting to store a number with magnitude larger than supported range");
  }
  if (value.sign !== 0 && value.exponent < MIN_EXPONENT) {
    throw validation("Number underflow. Attempting to store a number with magnitude smaller than supported range");
  }
  if (value.digits.length > MAX_DIGITS) {
    throw validation("Attempting to store more than 38 significant digits in a Number");
  }
  return value;
}

/** Parses decimal text as DynamoDB does. Throws ValidationException for text that is no number, out of range or too precise. */
export function parseDecimal(text: string): Decimal {
  const match = NUMERIC.exec(text);
  const whole = match?.[2] ?? "";
  const fraction = match?.[3] ?? "";
  if (match === null || whole.length + fraction.length === 0) {
    throw validation("The parameter cannot be converted to a numeric value");
  }
  return inRange(decimal(match[1] === "-", whole, fraction, Number(match[4] ?? 0)));
}

/** Plain decimal text without an exponent, as DynamoDB returns it: `1.50E2` becomes `150`. */
export function formatDecimal(value: Decimal): string {
  if (value.sign === 0) return "0";
  const { digits, exponent } = value;
  const sign = value.sign < 0 ? "-" : "";
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits + "0".repeat(exponent + 1 - digits.length);
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** The one text of a number's value, so that equal numbers are equal texts. */
export const normaliseNumber = (text: string): string =>
  CANONICAL.test(text) ? text : formatDecimal(parseDecimal(text));

/** Negative, zero or positive as `left` is below, at or above `right`; both in canonical text. */
export function compareNumbers(left: string, right: string): number {
  if (left === right) return 0;
  // Fifteen digits are exact in a double.
  if (left.length < 16 && right.length < 16) return Number(left) - Number(right);
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.exponent !== b.exponent) return a.exponent < b.exponent ? -a.sign : a.sign;
  return a.digits < b.digits ? -a.sign : a.sign;
}

/** left + right, or left - right, in canonical text. Throws ValidationException where the result is out of range. */
export function addNumbers(left: string, right: string, direction: 1 | -1): string {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  // The exponent of the last digit of each, so that both become whole numbers of the same unit.
  const unit = Math.min(a.exponent - a.digits.length + 1, b.exponent - b.digits.length + 1);
  const whole = (value: Decimal): bigint =>
    value.sign === 0
      ? 0n
      : BigInt(value.sign) * BigInt(value.digits) * 10n ** BigInt(value.exponent - value.digits.length + 1 - unit);
  const sum = whole(a) + BigInt(direction) * whole(b);
  const digits = (sum < 0n ? -sum : sum).toString();
  return formatDecimal(inRange(decimal(sum < 0n, digits, "", unit)));
}

/** Bytes that a number takes of the item size: base-100 digits, one for the exponent, one for a minus sign. */
export function numberSizeBytes(text: string): number {
  const { sign, digits, exponent } = parseDecimal(text);
  if (sign === 0) return 1;
  const isAligned = digits.length % 2 !== 0 || exponent % 2 !== 0;
  return 1 + Math.ceil(digits.length / 2) + (isAligned ? 0 : 1) + (sign < 0 ? 1 : 0);
}

/** Bytes whose unsigned order is the order of numbers: sign, biased exponent, digits; complemented below zero. */
export function numberKeyBytes(text: string): Buffer {
  const { sign, digits, exponent } = parseDecimal(text);
  if (sign === 0) return Buffer.of(0x80);
  const bytes = Buffer.alloc(digits.length + 4);
  bytes[0] = 0xc0;
  bytes.writeUInt16BE(exponent + 0x4000, 1);
  bytes.write(digits, 3, "latin1");
  if (sign < 0) {
    for (let index = 1; index < bytes.length; index += 1) bytes[index] = 255 - (bytes[index] ?? 0);
    bytes[0] = 0x40;
  }
  return bytes;
}
