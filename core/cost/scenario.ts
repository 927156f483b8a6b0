import { invariant } from "../kernel/invariant.ts";
import type { Assumptions, Item, Per } from "./assumptions.ts";
import { type Decimal, decimal, divideHalfEven, multiply, powerOfTen, rescale } from "./decimal.ts";
import { COST_LAYERS, type CostLayer } from "./ledger.ts";
import { apportion, nearestPico, NOTHING, type PicoUsd, pico, total } from "./money.ts";
import type { Month } from "./period.ts";
import type { PricePlan } from "./plan.ts";
import { listPrice, type PriceList, skuOf, unitsPer } from "./prices.ts";
import { tieredCost } from "./rating.ts";

/** One reason for cost in a scenario. */
export interface ScenarioLine {
  readonly id: string;
  readonly layer: CostLayer;
  /** `aws` by the price list, `labour` and `overhead` by assumption. */
  readonly source: "aws" | "labour" | "overhead";
  readonly cost: PicoUsd;
}

export interface Scenario {
  readonly tenants: bigint;
  readonly cells: bigint;
  readonly byProfile: ReadonlyMap<string, bigint>;
  readonly byTier: ReadonlyMap<string, bigint>;
  /** A month's. */
  readonly lines: readonly ScenarioLine[];
  readonly layers: ReadonlyMap<CostLayer, PicoUsd>;
  readonly total: PicoUsd;
  readonly perTenant: PicoUsd;
  /** What AWS's part of `perTenant` is. */
  readonly awsPerTenant: PicoUsd;
  readonly revenue: PicoUsd;
  readonly margin: PicoUsd;
}

/** One month for all scenarios, of 720 hours: none depends on when it is run. */
const MONTH: Month = "2026-11";

/** A month of `tenants` clinics by the assumptions, the price list with its tiers and free tiers, and the plan (COST-4). */
export function scenario(tenants: bigint, assumptions: Assumptions, prices: PriceList, plan: PricePlan): Scenario {
  invariant(tenants > 0n, "a scenario has a clinic");
  const byProfile = headcount(
    tenants,
    assumptions.profiles.map(({ profile, percent }) => [profile, percent]),
  );
  const byTier = headcount(
    tenants,
    assumptions.tiers.map(({ tier, percent }) => [tier, percent]),
  );
  const ownCells = (byTier.get("own-cell") ?? 0n) + (byTier.get("own-stack") ?? 0n);
  const perCell = rescale(assumptions.tenantsPerCell.value, 0).unscaled;
  const cells = (tenants - ownCells + perCell - 1n) / perCell + ownCells;
  const exceptions = divideHalfEven(
    tenants * assumptions.exceptionPercent.value.unscaled,
    percentOne(assumptions.exceptionPercent.value),
  );
  const timesOf: Readonly<Record<Per, bigint>> = {
    stage: 1n,
    // A cell of one's own is in its tier's items and minutes.
    cell: cells - ownCells,
    tenant: tenants,
    exception: exceptions,
  };

  const aws = awsLines(assumptions, prices, { byProfile, byTier, timesOf });
  const minutes = assumptions.labour.map(({ id, layer, per, minutes: each, minutePriceUsd }): ScenarioLine => ({
    id,
    layer,
    source: "labour",
    cost: nearestPico(multiply(multiply(each, minutePriceUsd), decimal(timesOf[per]))),
  }));
  const price = assumptions.labour.find(({ id }) => id === "incidents")?.minutePriceUsd ?? decimal(0n);
  const tierMinutes = assumptions.tiers.map(({ tier, monthlyMinutes }): ScenarioLine => ({
    id: `tier-${tier}`,
    layer: "support",
    source: "labour",
    cost: nearestPico(multiply(multiply(monthlyMinutes, price), decimal(byTier.get(tier) ?? 0n))),
  }));
  const flat = [
    ...assumptions.overhead,
    ...assumptions.fixed.flatMap(({ usd, ...rest }) => (usd === undefined ? [] : [{ ...rest, usd }])),
  ].map(({ id, layer, per, usd }): ScenarioLine => ({
    id,
    layer,
    source: "overhead",
    cost: nearestPico(multiply(usd, decimal(timesOf[per]))),
  }));
  const awsCost = total(aws.map(({ cost }) => cost));
  const { value } = assumptions.reservePercent;
  const reserve = pico(divideHalfEven(awsCost * value.unscaled, percentOne(value)));
  const reserveLine: ScenarioLine = {
    id: assumptions.reservePercent.id,
    layer: "reserve",
    source: "overhead",
    cost: reserve,
  };
  const lines = [...aws, ...minutes, ...tierMinutes, ...flat, reserveLine].filter(({ cost }) => cost !== 0n);
  const sum = total(lines.map(({ cost }) => cost));
  const revenue = revenueOf(assumptions, plan, byProfile, byTier);
  return {
    tenants,
    cells,
    byProfile,
    byTier,
    lines,
    layers: layersOf(lines),
    total: sum,
    perTenant: pico(divideHalfEven(sum, tenants)),
    awsPerTenant: pico(divideHalfEven(awsCost, tenants)),
    revenue,
    margin: pico(revenue - sum),
  };
}

/** The denominator of a percentage with its places. */
const percentOne = ({ scale }: Decimal): bigint => 100n * powerOfTen(scale);

/** Clinics by share, whole ones: by largest remainder. */
function headcount(tenants: bigint, shares: readonly (readonly [string, Decimal])[]): ReadonlyMap<string, bigint> {
  return apportion(
    tenants,
    shares.map(([id, percent]) => ({ id, weight: rescale(percent, 6).unscaled })),
  ).parts;
}

function layersOf(lines: readonly ScenarioLine[]): ReadonlyMap<CostLayer, PicoUsd> {
  return new Map(
    COST_LAYERS.map(
      (layer) => [layer, total(lines.filter((line) => line.layer === layer).map(({ cost }) => cost))] as const,
    ).filter(([, cost]) => cost !== 0n),
  );
}

/** Usage of a profile in base units of each SKU; a multiple is of another's. */
function usageOf(assumptions: Assumptions, name: string, prices: PriceList): ReadonlyMap<string, bigint> {
  const profile = assumptions.profiles.find((each) => each.profile === name);
  invariant(profile !== undefined, "a profile is in the assumptions");
  const own = unitsOf(profile.usage, prices);
  if (profile.multiple === undefined) return own;
  const { of, by } = profile.multiple;
  return new Map(
    [...usageOf(assumptions, of, prices)].map(([sku, units]) => [
      sku,
      rescale(multiply(decimal(units), by), 0).unscaled + (own.get(sku) ?? 0n),
    ]),
  );
}

const unitsOf = (items: readonly Item[], prices: PriceList): ReadonlyMap<string, bigint> =>
  new Map(
    items.map(({ sku, quantity }) => [
      sku,
      rescale(multiply(quantity, decimal(unitsPer(skuOf(prices, sku).measure, MONTH))), 0).unscaled,
    ]),
  );

interface Counts {
  readonly byProfile: ReadonlyMap<string, bigint>;
  readonly byTier: ReadonlyMap<string, bigint>;
  readonly timesOf: Readonly<Record<Per, bigint>>;
}

/** AWS's part: units of all clinics together first, then tiers and free tiers, as AWS bills an account. */
function awsLines(assumptions: Assumptions, prices: PriceList, { byProfile, byTier, timesOf }: Counts): ScenarioLine[] {
  const units = new Map<string, bigint>();
  const count = (of: ReadonlyMap<string, bigint>, times: bigint): void => {
    for (const [sku, each] of of) units.set(sku, (units.get(sku) ?? 0n) + each * times);
  };
  for (const [name, times] of byProfile) count(usageOf(assumptions, name, prices), times);
  for (const { tier, items } of assumptions.tiers) count(unitsOf(items, prices), byTier.get(tier) ?? 0n);
  for (const { per, items } of assumptions.fixed) count(unitsOf(items ?? [], prices), timesOf[per]);
  return [...units]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, of]) => {
      const sku = skuOf(prices, name);
      return { id: name, layer: sku.layer, source: "aws", cost: tieredCost(sku, of, MONTH) };
    });
}

/** What the plan asks of them: fee and tier, encounters, clinicians and documents beyond what is included. */
function revenueOf(
  assumptions: Assumptions,
  plan: PricePlan,
  byProfile: ReadonlyMap<string, bigint>,
  byTier: ReadonlyMap<string, bigint>,
): PicoUsd {
  const byUse = assumptions.profiles.map(({ profile, activity }) => {
    const used: Readonly<Record<string, Decimal>> = {
      "platform-fee": decimal(1n),
      encounters: activity.encounters,
      "active-clinicians": activity.activeClinicians,
      "document-storage": activity.documentGb,
    };
    const each = plan.meters.map(({ meter, unitPrice, included }) => {
      const beyond = rescale(used[meter] ?? decimal(0n), 6).unscaled - rescale(included, 6).unscaled;
      return beyond > 0n ? nearestPico(multiply(unitPrice, decimal(beyond, 6))) : NOTHING;
    });
    return pico(total(each) * (byProfile.get(profile) ?? 0n));
  });
  const byStanding = plan.tiers.map(({ tier, unitPrice }) =>
    nearestPico(multiply(unitPrice, decimal(byTier.get(tier) ?? 0n))),
  );
  return total([...byUse, ...byStanding]);
}

/** List cost of items a month, at the first paid tier: what one more clinic adds where free tiers are long spent. */
export const itemsCost = (items: readonly Item[], prices: PriceList): PicoUsd =>
  total(items.map(({ sku, quantity }) => nearestPico(multiply(listPrice(skuOf(prices, sku)), quantity))));
