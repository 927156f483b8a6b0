import type { ReconcileView } from "../../../../core/contract/index.ts";
import { useStore } from "../../app/store.ts";
import { type Format, type Locale, locale, type Say, useFormat, useText } from "../../i18n/index.ts";
import { scaledOf, textOfScaled } from "../../i18n/money.ts";
import { Exact } from "../../ui/index.ts";
import { SKU_WORDS, UNIT_OF_CODE, UNIT_OF_METER } from "./sku-words.ts";
import { rateMessages, type UnitKey, unitMessages } from "./unit-messages.ts";
import { usd } from "./words.ts";

/** A quantity as finance says it, and to its last digit. */
export interface Measured {
  readonly short: string;
  readonly exact: string;
}

/** The same within a sentence. */
export const said = ({ short, exact }: Measured, sentence: (quantity: string) => string): Measured => ({
  short: sentence(short),
  exact: sentence(exact),
});

type RateKey = keyof typeof rateMessages.en;
type Measure = NonNullable<ReconcileView["rows"][number]["measure"]>;

const GIBIBYTE = 1_073_741_824n;
const MILLION = 1_000_000n;
/** Places that the rate of a million units, or of one that costs a cent, is shown with. */
const RATE_PLACES = 6;
/** A rate of less than a tenth of a cent is said of a million: `$0.25 per million`. */
const SMALL_RATE = 1_000_000_000n;

/** The exact quotient as far as twelve places: for people, and for pixels. */
const quotient = (units: string, per: bigint): string => {
  const scaled = scaledOf(units) ?? 0n;
  return textOfScaled(per === 0n ? 0n : scaled / per);
};

/** Which word a figure takes is said by the figure that is shown: `1`, or many. */
const countOf = (figure: string): number => (figure === "1" ? 1 : 2);

function inWords(figure: string, unit: string, language: string): string {
  // Spanish counts millions *of* something.
  const of = language === "es" && /ill(?:ón|ones)$/.test(figure) ? " de " : " ";
  return unit === "" ? figure : `${figure}${of}${unit}`;
}

export interface QuantityWords {
  /** The SKU in words; what the server calls it where it is none that is known here. */
  readonly skuName: (sku: string, otherwise?: string | null) => string;
  /** A quantity in the unit of its price. */
  readonly priced: (quantity: string, of: { readonly sku?: string | null; readonly unit: string | null }) => Measured;
  /** Whole base units of a meter, in the unit of the price: the base units themselves are the exact value. */
  readonly metered: (
    units: string,
    of: { readonly sku: string; readonly unit: string | null; readonly measure: Measure; readonly per: string },
  ) => Measured;
  /** What a plan's meter counted. */
  readonly counted: (quantity: string, of: { readonly meter: string; readonly unit: string | null }) => Measured;
  readonly byteHours: (units: string) => Measured;
  /** What one unit is called: `read request unit`. */
  readonly one: (of: { readonly sku?: string; readonly meter?: string; readonly unit: string | null }) => string;
  /** A price of one unit, or of a million where one costs next to nothing. */
  readonly rate: (amount: string, of: { readonly sku: string; readonly unit: string | null }) => string;
}

const keyOf = (sku: string | null | undefined, unit: string | null): UnitKey | undefined =>
  (sku === null || sku === undefined ? undefined : SKU_WORDS[sku]?.unit) ??
  (unit === null ? undefined : UNIT_OF_CODE[unit]);

/** How quantities are said in a language. */
export function quantityWords(language: Locale, say: Say<UnitKey>, format: Format, per: Say<RateKey>): QuantityWords {
  const unitText = (key: UnitKey | undefined, unit: string | null, figure: string): string =>
    key === undefined ? (unit ?? "") : say(key, { count: countOf(figure) });
  const measured = (quantity: string, key: UnitKey | undefined, unit: string | null): Measured => {
    const [short, exact] = [format.round(quantity), format.decimal(quantity)];
    return {
      short: inWords(short, unitText(key, unit, short), language),
      exact: inWords(exact, unitText(key, unit, exact), language),
    };
  };
  const meterKey = (meter: string, unit: string | null): UnitKey | undefined =>
    UNIT_OF_METER[meter] ?? keyOf(undefined, unit);
  return {
    skuName: (sku, otherwise) => SKU_WORDS[sku]?.[language] ?? otherwise ?? sku,
    priced: (quantity, { sku, unit }) => measured(quantity, keyOf(sku, unit), unit),
    metered(units, { sku, unit, measure, per: parts }) {
      const shown = measured(quotient(units, BigInt(parts)), keyOf(sku, unit), unit);
      // A count, and a half of one, ends: nothing is lost by saying it in the price's own unit.
      if (measure === "count" || measure === "half-count") return shown;
      return { ...shown, exact: measured(units, measure, null).exact };
    },
    counted: (quantity, { meter, unit }) => measured(quantity, meterKey(meter, unit), unit),
    byteHours: (units) => ({
      short: measured(quotient(units, GIBIBYTE), "gb-hours", null).short,
      exact: measured(units, "byte-hours", null).exact,
    }),
    one: ({ sku, meter, unit }) => unitText(meter === undefined ? keyOf(sku, unit) : meterKey(meter, unit), unit, "1"),
    rate(amount, { sku, unit }) {
      const scaled = scaledOf(amount) ?? 0n;
      const isSmall = scaled !== 0n && scaled < SMALL_RATE;
      const price = format.money(usd(isSmall ? textOfScaled(scaled * MILLION) : amount), RATE_PLACES);
      return per(isSmall ? "million" : "one", { price, unit: unitText(keyOf(sku, unit), unit, isSmall ? "2" : "1") });
    },
  };
}

export function useQuantities(): QuantityWords {
  const language = useStore(locale);
  const [say, per, format] = [useText(unitMessages), useText(rateMessages), useFormat()];
  return quantityWords(language, say, format, per);
}

/** A quantity in short, with its exact value for who points at it or hears it. */
export const Quantity = ({ of }: { readonly of: Measured }) => <Exact short={of.short} exact={of.exact} />;
