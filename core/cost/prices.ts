import * as z from "zod";
import { invariant } from "../kernel/invariant.ts";
import { type Decimal, parseDecimal } from "./decimal.ts";
import { COST_LAYERS } from "./ledger.ts";
import { MEASURES, type Measure } from "./meters.ts";
import { COST_SCALE } from "./money.ts";
import { type Day, HOUR_MS, isDay, type Month, msOf, periodOfMonth } from "./period.ts";
import euCentral1 from "./prices/eu-central-1.2026-11-23.json" with { type: "json" };
import usEast1 from "./prices/us-east-1.2026-11-23.json" with { type: "json" };

/** What AWS asks, as dated data with its sources. No price stands in code. */

const DecimalText = z.string().transform((text, context): Decimal => {
  const value = parseDecimal(text);
  if (value !== undefined && value.unscaled >= 0n && value.scale <= COST_SCALE) return value;
  context.addIssue({ code: "custom", message: "a decimal of at most twelve places, not below zero" });
  return z.NEVER;
});
const DayText = z.string().refine(isDay, "a day such as 2026-09-20");
const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/);

const Sku = z.strictObject({
  sku: name,
  /** FOCUS ServiceName, ServiceCategory, ServiceSubcategory. */
  service: z.string().min(1),
  category: z.string().min(1),
  subcategory: z.string().min(1),
  /** FOCUS SkuMeter. */
  meter: z.string().min(1),
  /** FOCUS PricingUnit. */
  unit: z.string().min(1),
  measure: z.enum(MEASURES),
  layer: z.enum(COST_LAYERS),
  /** USD a unit, from a month's quantity on (account-wide, in `unit`). The first is from 0. */
  tiers: z
    .array(z.strictObject({ from: DecimalText, price: DecimalText }))
    .min(1)
    .refine(
      (tiers) => tiers.every(({ from }, index) => (index === 0 ? isZero(from) : exceeds(from, tiers[index - 1]?.from))),
      "the first tier is from 0 and each begins above the one before",
    ),
  /** What a month has for nothing, account-wide. One of the first twelve months is listed and never counted on. */
  freeTier: z.strictObject({ quantity: DecimalText, kind: z.enum(["always", "first-12-months"]) }).optional(),
  /** How AWS's bill names it; a usage type without its region's prefix. */
  billedAs: z.array(z.strictObject({ serviceCode: z.string().min(1), usageType: z.string().min(1) })),
  sources: z.array(name).min(1),
  /**
   * `agreed`: independent sources give the same number. `sourced`: one does. `to-verify`: sources contradict, or none names the
   * region. `unverified`: none was opened.
   */
  confidence: z.enum(["agreed", "sourced", "to-verify", "unverified"]),
  note: z.string().optional(),
});
export type Sku = z.infer<typeof Sku>;

export const PriceList = z
  .strictObject({
    schema: z.literal("keyward.prices/v1"),
    id: z.string().regex(/^[a-z0-9-]+\.\d{4}-\d{2}-\d{2}$/),
    region: name,
    currency: z.literal("USD"),
    effectiveFrom: DayText,
    retrievedOn: DayText,
    /** What AWS puts before a usage type of this region; the empty one is us-east-1's. */
    usageTypePrefixes: z.array(z.string()).min(1),
    note: z.string(),
    /** With the day of their numbers, where they say one. */
    sources: z.record(name, z.strictObject({ title: z.string().min(1), date: DayText.nullable() })),
    skus: z.array(Sku).min(1),
  })
  .refine(({ skus }) => new Set(skus.map(({ sku }) => sku)).size === skus.length, "a SKU stands once")
  .refine(
    ({ skus, sources }) => skus.every((sku) => sku.sources.every((source) => sources[source] !== undefined)),
    "each price has its sources",
  )
  .refine(
    ({ skus }) => skus.every((sku) => sku.confidence !== "agreed" || new Set(sku.sources).size > 1),
    "what is agreed has two sources",
  )
  .refine(({ id, region, retrievedOn }) => id === `${region}.${retrievedOn}`, "a list is named by region and day");
export type PriceList = z.infer<typeof PriceList>;

function isZero({ unscaled }: Decimal): boolean {
  return unscaled === 0n;
}
function exceeds(a: Decimal, b: Decimal | undefined): boolean {
  return b !== undefined && a.unscaled * 10n ** BigInt(b.scale) > b.unscaled * 10n ** BigInt(a.scale);
}

/** The lists that are shipped. */
export const PRICE_LISTS: readonly PriceList[] = [usEast1, euCentral1].map((list) => PriceList.parse(list));

/** The newest list of a region that is in force on `day`; undefined where there is none yet. */
export const pickPrices = (region: string, day: Day, lists = PRICE_LISTS): PriceList | undefined =>
  lists
    .filter((list) => list.region === region && list.effectiveFrom <= day)
    .toSorted((a, b) =>
      a.effectiveFrom === b.effectiveFrom
        ? a.retrievedOn < b.retrievedOn
          ? 1
          : -1
        : a.effectiveFrom < b.effectiveFrom
          ? 1
          : -1,
    )[0];

/** The SKU of our own key. Throws InvariantError where the list lacks it: a meter without a price would cost nothing. */
export function skuOf({ skus }: PriceList, sku: string): Sku {
  const found = skus.find((one) => one.sku === sku);
  invariant(found !== undefined, "a SKU that is used is in the price list");
  return found;
}

const GIBIBYTE = 1n << 30n;
export const hoursIn = (month: Month): bigint => {
  const { start, end } = periodOfMonth(month);
  return BigInt(msOf(end) - msOf(start)) / BigInt(HOUR_MS);
};

/**
 * Base units that make one pricing unit. A GB is 2^30 bytes, and a month has its own hours (AWS: "GB-months" are byte-hours
 * over the hours of the month).
 */
export function unitsPer(measure: Measure, month: Month): bigint {
  switch (measure) {
    case "count":
      return 1n;
    case "half-count":
      return 2n;
    case "mb-ms":
      return 1_024_000n;
    case "bytes":
      return GIBIBYTE;
    case "hours":
      return hoursIn(month);
    case "byte-hours":
      return GIBIBYTE * hoursIn(month);
  }
}

/** The first paid tier: what FOCUS has as ListUnitPrice. */
export function listPrice({ tiers }: Sku): Decimal {
  const [first] = tiers;
  invariant(first !== undefined, "a SKU has a tier");
  return first.price;
}

/** Places of a quantity such that list price x quantity is exact in twelve: price and quantity are cut, never the product. */
export const quantityScale = (sku: Sku): Decimal["scale"] => COST_SCALE - listPrice(sku).scale;
