import { decimal, divideHalfEven, multiply, powerOfTen, rescale } from "../decimal.ts";
import type { ProviderCharge } from "../ledger.ts";
import { matchedBy, partOfResource } from "../meters.ts";
import { dayOf, dayOfMs, monthOf, msOf, type Period, periodOfDay } from "../period.ts";
import { type PriceList, type Sku, unitsPer } from "../prices.ts";

/** Lines of one SKU, part and time of one account: AWS parts them by tier, the meter does not. */
export interface ChargeGroup {
  readonly accountId: string;
  readonly sku: Sku;
  /** Null for all parts. */
  readonly part: string | null;
  /** Whole days. */
  readonly days: Period;
  readonly charges: readonly ProviderCharge[];
}

/** The table, function or bucket of a line; null where the SKU is matched as a whole, or AWS names none. */
export function partOf({ sku, resourceId, resourceName }: ProviderCharge): string | null {
  if (matchedBy(sku) !== "part") return null;
  return resourceId === null ? resourceName : partOfResource(resourceId);
}

/** The days that a line lies in. Usage is known by the day, so hourly lines of one day are held against it together. */
function daysOfCharge({ period: { start, end } }: ProviderCharge): Period {
  const last = dayOfMs(msOf(end) - 1);
  return { start: periodOfDay(dayOf(start)).start, end: periodOfDay(last).end };
}

/** Usage lines that a meter speaks of, in groups that one total of metered units is held against. */
export function groupCharges(charges: readonly ProviderCharge[], prices: PriceList): ChargeGroup[] {
  const groups = new Map<string, ProviderCharge[]>();
  for (const charge of charges) {
    const { start, end } = daysOfCharge(charge);
    const key = [charge.usageAccountId, charge.sku, partOf(charge) ?? "", start, end].join("\u0000");
    groups.set(key, [...(groups.get(key) ?? []), charge]);
  }
  return [...groups.values()].flatMap((of) => {
    const [first] = of;
    const sku = prices.skus.find((one) => one.sku === first?.sku);
    return first === undefined || sku === undefined
      ? []
      : [{ accountId: first.usageAccountId, sku, part: partOf(first), days: daysOfCharge(first), charges: of }];
  });
}

/** A line that metered units are held against: usage of a SKU that a meter counts. */
export const isMetered = ({ category, sku, quantity }: ProviderCharge): boolean => {
  const by = matchedBy(sku);
  return category === "Usage" && quantity !== null && (by === "part" || by === "whole");
};

/** Base units that a line bills. */
export function baseUnits({ quantity, period }: ProviderCharge, sku: Sku): bigint {
  if (quantity === null) return 0n;
  return rescale(multiply(quantity, decimal(unitsPer(sku.measure, monthOf(dayOf(period.start))))), 0).unscaled;
}

/** What cutting a quantity to its places can hide, in base units: less than this is no difference. */
export function tolerance({ charges, sku }: ChargeGroup): bigint {
  return charges.reduce((sum, { quantity, period }) => {
    const per = unitsPer(sku.measure, monthOf(dayOf(period.start)));
    return sum + divideHalfEven(per, 2n * powerOfTen(quantity?.scale ?? 0)) + 1n;
  }, 0n);
}

/**
 * What a level may be above the bill's: a row is told with the time of what caused it, which is the same however often it is
 * told, and lies there a moment later. One part in so many of what is billed.
 */
const EARLY_PARTS = 200n;
export const earliness = ({ sku }: ChargeGroup, billedUnits: bigint): bigint =>
  sku.measure === "byte-hours" ? billedUnits / EARLY_PARTS : 0n;
