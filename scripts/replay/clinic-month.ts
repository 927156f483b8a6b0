import { type CostLayer, COST_LAYERS } from "../../core/cost/ledger.ts";
import { layerOf } from "../../core/cost/meters.ts";
import { NOTHING, type PicoUsd, pico, priceOf, rate } from "../../core/cost/money.ts";
import { listPrice, skuOf, unitsPer } from "../../core/cost/prices.ts";
import type { ReplayBooks } from "./books.ts";
import type { Replayed } from "./run.ts";

export interface LayerCost {
  readonly layer: CostLayer;
  readonly cost: PicoUsd;
}

const WORKING_DAYS = 22n;

/**
 * What a month of one clinic's real, metered day asks for: of the clinic that did most, the day on which it did most, twenty-two
 * times, at list prices and without free tiers. Its own usage alone: what all share is the scenarios' matter.
 */
export function costLayers(
  { clinics, startMs }: Replayed,
  { usage, prices, month }: ReplayBooks,
): { readonly requests: bigint; readonly layers: readonly LayerCost[] } {
  const [busiest] = clinics.toSorted((a, b) => b.visits - a.visits);
  const own = usage.filter(({ tenant }) => tenant === busiest?.tenantId);
  const requests = (day: string): bigint =>
    own.reduce((sum, row) => (row.day === day && row.sku === "http-api-requests" ? sum + row.units : sum), 0n);
  const days = [...new Set(own.map(({ day }) => day))].toSorted((a, b) => (requests(a) < requests(b) ? 1 : -1));
  const dearest = days[0] ?? new Date(startMs).toISOString().slice(0, 10);
  const costs = new Map<CostLayer, PicoUsd>();
  for (const { sku: name, part, units, day } of own) {
    const sku = skuOf(prices, name);
    // What is kept is kept at night and on Sundays: its byte-hours are the month's already, and not a day's.
    if (day !== dearest || sku.measure === "byte-hours") continue;
    const layer = layerOf(sku.layer, part);
    const cost = rate(units * WORKING_DAYS, priceOf(listPrice(sku), unitsPer(sku.measure, month)));
    costs.set(layer, pico((costs.get(layer) ?? NOTHING) + cost));
  }
  return {
    requests: requests(dearest),
    layers: COST_LAYERS.flatMap((layer) => {
      const cost = costs.get(layer);
      return cost === undefined ? [] : [{ layer, cost }];
    }),
  };
}
