/** An amount as the server sends it: a decimal text, exact, and an ISO 4217 code. */
export interface Amount {
  readonly amount: string;
  readonly currency: string;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
/** Places of the ledger's amounts. What has more is cut: geometry and order need none. */
const PLACES = 12;

/** A decimal text in units of 10^-12. What is no decimal is undefined: nothing is guessed. */
export function scaledOf(text: string): bigint | undefined {
  const [, sign, whole, fraction = ""] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const scaled = BigInt(`${whole}${fraction.slice(0, PLACES).padEnd(PLACES, "0")}`);
  return sign === "-" ? -scaled : scaled;
}

/** Orders decimal texts by their values. */
export function compareDecimals(one: string, other: string): number {
  const [left, right] = [scaledOf(one) ?? 0n, scaledOf(other) ?? 0n];
  return left < right ? -1 : left > right ? 1 : 0;
}

export const isNegative = (text: string): boolean => (scaledOf(text) ?? 0n) < 0n;

const PRECISION = 1_000_000n;

/** How much of a whole a part is, for pixels and percent alone: never for an amount. */
export function shareOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * PRECISION) / whole) / Number(PRECISION);
}

/**
 * A decimal text as people write it, exact however long it is: `Intl` takes the text itself (ECMA-402 NumberFormat v3),
 * and no float is made. Half-even to the cent, as the ledger rounds.
 */
function exactText(tag: string, text: string, options: Intl.NumberFormatOptions): string {
  if (!DECIMAL.test(text)) return text;
  const format = new Intl.NumberFormat(tag, { ...options, roundingMode: "halfEven", signDisplay: "negative" });
  return format.format(text as Intl.StringNumericLiteral);
}

/** `digits`: places shown at most; `least`: at least, two as a price of many places has no fewer than a cent's. */
export const moneyText = (
  tag: string,
  { amount, currency }: Amount,
  digits = 2,
  least: number = Math.min(2, digits),
): string =>
  exactText(tag, amount, {
    style: "currency",
    currency,
    minimumFractionDigits: least,
    maximumFractionDigits: digits,
  });

/** A quantity: as many places as it has, twelve at most. */
export const decimalText = (tag: string, text: string, digits = PLACES): string =>
  exactText(tag, text, { maximumFractionDigits: digits });

/** A ratio such as `0.1234` as a percentage; `least` places at least, so that those of a column stand under each other. */
export const percentText = (tag: string, ratio: string, digits = 1, least = 0): string =>
  exactText(tag, ratio, { style: "percent", minimumFractionDigits: least, maximumFractionDigits: digits });

const MILLION = 10n ** BigInt(PLACES + 6);
const THOUSAND = 10n ** BigInt(PLACES + 3);
const ONE = 10n ** BigInt(PLACES);

/** How large a quantity is, as people say it: `3.2 million`, `15,600`, `8.84`, `0.0123`. Three figures or more. */
export function roundText(tag: string, text: string): string {
  const scaled = scaledOf(text) ?? 0n;
  const size = scaled < 0n ? -scaled : scaled;
  if (size >= MILLION)
    return exactText(tag, text, { notation: "compact", compactDisplay: "long", maximumSignificantDigits: 3 });
  if (size >= THOUSAND) return exactText(tag, text, { maximumFractionDigits: 0 });
  return exactText(tag, text, size >= ONE ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 3 });
}

/** The decimal text of units of 10^-12, without trailing zeros. */
export function textOfScaled(scaled: bigint): string {
  const [sign, size] = scaled < 0n ? ["-", -scaled] : ["", scaled];
  const digits = size.toString().padStart(PLACES + 1, "0");
  const fraction = digits.slice(-PLACES).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -PLACES)}${fraction === "" ? "" : `.${fraction}`}`;
}
