import { decimal, divideHalfEven, multiply, powerOfTen, rescale } from "./decimal.ts";
import type { ProviderCharge } from "./ledger.ts";
import { layerOf, METERS, PLATFORM, resourceOfPart } from "./meters.ts";
import { apportion, exactPico, NOTHING, type PicoUsd, pico, priceOf, rate } from "./money.ts";
import { invariant } from "../kernel/invariant.ts";
import { type Day, dayOf, monthOf, periodOfDay } from "./period.ts";
import { listPrice, type PriceList, quantityScale, type Sku, skuOf, unitsPer } from "./prices.ts";
import type { UsageRow } from "./roll-up.ts";

/** Metered units of one SKU, of one tenant, on one day: the grain at which money begins. */
export interface DailyUsage {
  readonly tenant: string;
  readonly stage: string;
  readonly cell: string;
  readonly day: Day;
  readonly sku: string;
  /** The table, function or bucket; null where the SKU has none. An index is its table's. */
  readonly part: string | null;
  /** In the base units of the SKU's measure. */
  readonly units: bigint;
}

/** Hourly rows as days of SKUs. Meters without a price (AssumeRole) are left out: they are counted and cost nothing. */
export function dailyUsage(rows: readonly UsageRow[]): DailyUsage[] {
  const days = new Map<string, DailyUsage>();
  for (const { meter, hour, units, part: detail, tenant, stage, cell } of rows) {
    const { sku } = METERS[meter];
    if (sku === null) continue;
    const part = detail === null ? null : resourceOfPart(detail);
    const day = dayOf(hour);
    const key = [day, stage, cell, sku, part ?? "", tenant].join("\u0000");
    days.set(key, { tenant, stage, cell, day, sku, part, units: units + (days.get(key)?.units ?? 0n) });
  }
  return [...days].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/**
 * What a month's first `units` of a SKU cost by its tiers, account-wide. The free tier comes out of the first; one of the first
 * twelve months is not counted on.
 */
export function tieredCost(sku: Sku, units: bigint, month: string): PicoUsd {
  const per = unitsPer(sku.measure, month);
  const free =
    sku.freeTier?.kind === "always" ? multiply(sku.freeTier.quantity, decimal(per)) : { unscaled: 0n, scale: 0 };
  let cost = 0n;
  for (const [index, { from, price }] of sku.tiers.entries()) {
    const next = sku.tiers[index + 1];
    const begin = index === 0 ? rescale(free, 0).unscaled : rescale(multiply(from, decimal(per)), 0).unscaled;
    const end = next === undefined ? units : rescale(multiply(next.from, decimal(per)), 0).unscaled;
    const within = (units < end ? units : end) - begin;
    if (within > 0n) cost += rate(within, priceOf(price, per));
  }
  return pico(cost);
}

/** Base units as a quantity in the SKU's unit, in places such that list price x quantity is exact. */
export const quantityOf = (sku: Sku, units: bigint, month: string): ReturnType<typeof decimal> => {
  const scale = quantityScale(sku);
  return decimal(divideHalfEven(units * powerOfTen(scale), unitsPer(sku.measure, month)), scale);
};

/** `listPrice` x `quantity`, which `quantityOf` made exact. */
export function listCostOf(sku: Sku, quantity: ReturnType<typeof decimal>): PicoUsd {
  const cost = exactPico(multiply(listPrice(sku), quantity));
  invariant(cost !== undefined, "list price times quantity has at most twelve places");
  return cost;
}

/** The account and stage that an estimate is for. */
export interface EstimateOf {
  readonly payerAccountId: string;
  readonly payerAccountName: string | null;
  readonly usageAccountId: string;
  readonly usageAccountName: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * AWS's bill as the price list foresees it: one line for each SKU, part and day, `estimated`. What a day costs is the month's
 * cost up to its end less that up to its beginning, so that days of any number add up to the month with its tiers. Usage is
 * one month's, of one account. A key of one's own has a line of its own with its tenant's tag, as the bill has it.
 * @param before Units by SKU of the month's days before those of `usage`.
 */
export function estimate(
  usage: readonly DailyUsage[],
  prices: PriceList,
  account: EstimateOf,
  before: ReadonlyMap<string, bigint> = new Map(),
): ProviderCharge[] {
  const months = new Set(usage.map(({ day }) => monthOf(day)));
  invariant(months.size <= 1, "an estimate is of one month");
  const bySku = new Map<string, DailyUsage[]>();
  for (const row of usage) {
    const rows = bySku.get(row.sku);
    if (rows === undefined) bySku.set(row.sku, [row]);
    else rows.push(row);
  }
  return [...bySku]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, rows]) =>
      estimateSku({ sku: skuOf(prices, name), rows, prices, account, before: before.get(name) ?? 0n }),
    );
}

interface SkuDays {
  readonly sku: Sku;
  readonly rows: readonly DailyUsage[];
  readonly prices: PriceList;
  readonly account: EstimateOf;
  readonly before: bigint;
}

function estimateSku({ sku, rows, prices, account, before: opening }: SkuDays): ProviderCharge[] {
  const days = [...new Set(rows.map(({ day }) => day))].toSorted();
  let before = opening;
  return days.flatMap((day) => {
    const lines = new Map<string, bigint>();
    for (const row of rows)
      if (row.day === day) {
        const line = sku.sku === TAGGED ? `#${row.tenant}` : (row.part ?? "");
        lines.set(line, (lines.get(line) ?? 0n) + row.units);
      }
    const month = monthOf(day);
    const units = [...lines.values()].reduce((sum, each) => sum + each, 0n);
    const cost = pico(tieredCost(sku, before + units, month) - tieredCost(sku, before, month));
    before += units;
    const { parts } = apportion(
      cost,
      [...lines].map(([id, weight]) => ({ id, weight })),
    );
    return [...lines]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([line, of]) =>
        estimatedLine({ sku, day, line, units: of, cost: parts.get(line) ?? NOTHING, prices, account }),
      );
  });
}

/** The SKU whose resources carry their tenant's tag. */
const TAGGED = METERS["key-hours"].sku;

interface EstimatedLine {
  readonly sku: Sku;
  readonly day: Day;
  readonly line: string;
  readonly units: bigint;
  readonly cost: PicoUsd;
  readonly prices: PriceList;
  readonly account: EstimateOf;
}

function estimatedLine({ sku, day, line, units, cost, prices, account }: EstimatedLine): ProviderCharge {
  const owner = line.startsWith("#") ? line.slice(1) : undefined;
  const part = line === "" || owner !== undefined ? null : line;
  // The cell's own keys carry no tenant.
  const tenant = owner === PLATFORM ? undefined : owner;
  const quantity = quantityOf(sku, units, monthOf(day));
  const { tags, ...accounts } = account;
  return {
    kind: "provider",
    id: ["estimate", account.usageAccountId, day, sku.sku, line].join("/"),
    ...accounts,
    ...describe(sku, prices),
    layer: layerOf(sku.layer, part),
    category: "Usage",
    chargeClass: null,
    frequency: "Usage-Based",
    description: `${sku.service}: ${sku.meter}`,
    quantity,
    listUnitPrice: listPrice(sku),
    listCost: listCostOf(sku, quantity),
    billedCost: cost,
    effectiveCost: cost,
    period: periodOfDay(day),
    billingMonth: monthOf(day),
    invoiceId: null,
    state: "estimated",
    correctionOf: null,
    region: prices.region,
    availabilityZone: null,
    usageType: null,
    resourceId: null,
    resourceName: part,
    resourceType: null,
    tags: tenant === undefined ? tags : { ...tags, tenant },
  };
}

/** What a price list says of a SKU, in a line's words. */
export const describe = (sku: Sku, prices: PriceList) => ({
  serviceName: sku.service,
  serviceCategory: sku.category,
  serviceSubcategory: sku.subcategory,
  sku: sku.sku,
  skuPriceId: `${prices.id}/${sku.sku}`,
  skuMeter: sku.meter,
  unit: sku.unit,
});
