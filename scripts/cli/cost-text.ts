import type { ControlPrice } from "../../core/cost/controls.ts";
import { formatDecimal, normalize } from "../../core/cost/decimal.ts";
import { COST_LAYERS } from "../../core/cost/ledger.ts";
import { formatUsd, NOTHING, showUsd } from "../../core/cost/money.ts";
import type { PriceDifference } from "../../core/cost/price-difference.ts";
import type { PriceList } from "../../core/cost/prices.ts";
import type { Scenario } from "../../core/cost/scenario.ts";
import type { TierAdvice } from "../../core/cost/tenancy.ts";
import { table } from "./output.ts";

/** What `keyward cost` says to a person; and, where JSON is wanted, the same with amounts as exact text. */

/** Amounts in bigint as decimal text, maps as objects: what JSON.stringify can write. */
export function plain(value: unknown, key = ""): unknown {
  if (typeof value === "bigint") return COUNTS.has(key) ? value.toString() : formatUsd(value as typeof NOTHING);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, each]) => [name, plain(each, key)]));
  if (Array.isArray(value)) return value.map((each) => plain(each, key));
  if (typeof value !== "object" || value === null) return value;
  if ("unscaled" in value && "scale" in value)
    return formatDecimal(normalize(value as Parameters<typeof normalize>[0]));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each, name)]));
}
const COUNTS: ReadonlySet<string> = new Set(["tenants", "cells", "byProfile", "byTier"]);

export function pricesText({ id, effectiveFrom, retrievedOn, note, skus }: PriceList): string {
  const rows = skus.flatMap(({ sku, unit, tiers, freeTier, confidence, layer }) =>
    tiers.map(({ from, price }, tier) => [
      tier === 0 ? sku : "",
      tier === 0 ? layer : "",
      formatDecimal(normalize(price)),
      from.unscaled === 0n ? unit : `${unit} from ${formatDecimal(normalize(from))}`,
      tier === 0 && freeTier !== undefined
        ? `${formatDecimal(normalize(freeTier.quantity))}${freeTier.kind === "always" ? "" : ` (${freeTier.kind})`}`
        : "",
      tier === 0 ? confidence : "",
    ]),
  );
  const head = `${id}: in force from ${effectiveFrom}, read on ${retrievedOn}\n${note}\n\n`;
  return head + table(["SKU", "LAYER", "USD", "A UNIT", "FREE A MONTH", "CONFIDENCE"], rows);
}

export function differenceText({ from, to, added, removed, changed }: PriceDifference): string {
  if (added.length + removed.length + changed.length === 0) return `${from} and ${to} ask the same`;
  const rows = [
    ...added.map((sku) => ["added", sku, "", "", "", ""]),
    ...removed.map((sku) => ["removed", sku, "", "", "", ""]),
    ...changed.map((change) => [
      "changed",
      change.sku,
      change.what,
      change.from ?? "-",
      change.to ?? "-",
      change.percent === null ? "" : `${change.percent.unscaled > 0n ? "+" : ""}${formatDecimal(change.percent)}%`,
    ]),
  ];
  return `${from} -> ${to}\n\n${table(["", "SKU", "WHAT", "FROM", "TO", "CHANGE"], rows)}`;
}

export function scenariosText(
  scenarios: readonly Scenario[],
  of: { readonly prices: string; readonly plan: string },
): string {
  const heads = ["", ...scenarios.map(({ tenants }) => `${tenants} CLINICS`)];
  const row = (name: string, amount: (each: Scenario) => string): string[] => [name, ...scenarios.map(amount)];
  const layers = COST_LAYERS.filter((layer) => scenarios.some((each) => each.layers.has(layer)));
  const rows = [
    ...layers.map((layer) => row(layer, (each) => showUsd(each.layers.get(layer) ?? NOTHING))),
    row("TOTAL", (each) => showUsd(each.total)),
    row("a clinic", (each) => showUsd(each.perTenant)),
    row("  of it AWS", (each) => showUsd(each.awsPerTenant)),
    row("revenue", (each) => showUsd(each.revenue)),
    row("margin", (each) => showUsd(each.margin)),
    row("cells", (each) => String(each.cells)),
  ];
  return `USD a month, prices ${of.prices}, plan ${of.plan}\n\n${table(heads, rows)}`;
}

export function controlsText(controls: readonly ControlPrice[]): string {
  const rows = controls.flatMap(({ name, scope, settings, rightSize }) =>
    settings.map((setting, index) => [
      index === 0 ? `${name} (${scope})` : "",
      setting.name,
      showUsd(setting.cost, 3),
      setting.isCurrent ? "now" : `${setting.delta > 0n ? "+" : ""}${showUsd(setting.delta, 3)}`,
      setting.meetsFloor ? (setting.setting === rightSize?.setting ? "right size" : "") : "below the floor",
    ]),
  );
  return `What each control costs, USD a month\n\n${table(["CONTROL", "SETTING", "USD", "DELTA", ""], rows)}`;
}

export function adviceText({ decisionId, decidedOn, name, because, recommended, tiers, ...of }: TierAdvice): string {
  const rows = tiers.map((each) => [
    each.tier === recommended.tier ? `> ${each.tier}` : `  ${each.tier}`,
    showUsd(each.price),
    showUsd(each.costAws),
    showUsd(each.costLabour),
    showUsd(each.margin),
    each.isPlaceable ? "yes" : "not yet",
  ]);
  return [
    `${name}: ${recommended.tier}, ${showUsd(recommended.price)} USD a month on top of the plan`,
    because,
    "",
    table(["  TIER", "PRICE", "AWS", "LABOUR", "MARGIN", "PLACEABLE"], rows),
    "",
    `isolation   ${recommended.isolation}`,
    `operations  ${recommended.operations}`,
    `migration   ${recommended.migration}`,
    `risk        ${recommended.risk}`,
    `${decisionId} of ${decidedOn}, prices ${of.priceListId}, plan ${of.planId}`,
  ].join("\n");
}
