import { type CostLayer, COST_LAYERS } from "../../core/cost/ledger.ts";
import { layerOf, PLATFORM } from "../../core/cost/meters.ts";
import { NOTHING, type PicoUsd, pico, priceOf, rate } from "../../core/cost/money.ts";
import { listPrice, skuOf, unitsPer } from "../../core/cost/prices.ts";
import type { ReplayBooks } from "./books.ts";

export interface LayerCost {
  readonly layer: CostLayer;
  readonly cost: PicoUsd;
}

const WORKING_DAYS = 22n;

/**
 * What a month of one clinic's real, metered day asks for: of the clinic and day with the most requests, twenty-two
 * times, at list prices and without free tiers. Its own usage alone: what all share is the scenarios' matter.
 */
export function costLayers({ usage, prices, month }: ReplayBooks): {
  readonly requests: bigint;
  readonly layers: readonly LayerCost[];
} {
  const full = new Map<string, { readonly tenant: string; readonly day: string; requests: bigint }>();
  for (const { tenant, day, sku, units } of usage)
    if (sku === "http-api-requests" && tenant !== PLATFORM) {
      const one = full.get(`${day} ${tenant}`) ?? { tenant, day, requests: 0n };
      one.requests += units;
      full.set(`${day} ${tenant}`, one);
    }
  const [fullest] = [...full.values()].toSorted((a, b) => (a.requests < b.requests ? 1 : -1));
  const costs = new Map<CostLayer, PicoUsd>();
  for (const { sku: name, part, units, day, tenant } of usage) {
    const sku = skuOf(prices, name);
    // What is kept is kept at night and on Sundays: its byte-hours are the month's already, and not a day's.
    if (day !== fullest?.day || tenant !== fullest.tenant || sku.measure === "byte-hours") continue;
    const layer = layerOf(sku.layer, part);
    const cost = rate(units * WORKING_DAYS, priceOf(listPrice(sku), unitsPer(sku.measure, month)));
    costs.set(layer, pico((costs.get(layer) ?? NOTHING) + cost));
  }
  return {
    requests: fullest?.requests ?? 0n,
    layers: COST_LAYERS.flatMap((layer) => {
      const cost = costs.get(layer);
      return cost === undefined ? [] : [{ layer, cost }];
    }),
  };
}
