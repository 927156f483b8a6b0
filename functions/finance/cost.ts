import { COST_LAYERS, type CostLayer, type TenantCost } from "../../core/contract/index.ts";
import { add, type Decimal, formatDecimal, normalize } from "../../core/cost/decimal.ts";
import type { SplitCharge } from "../../core/cost/ledger.ts";
import { minus, NOTHING, parseUsd, type PicoUsd, showUsd, total } from "../../core/cost/money.ts";
import { DAY_MS, dayOf, msOf } from "../../core/cost/period.ts";
import { type AddedShare, NOBODY } from "../../core/cost/share-sums.ts";
import type { CurrentBook } from "../../core/cost/store/current-book.ts";
import { leastFinal } from "../../core/cost/store/sums.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { shown } from "./money.ts";

const PLACES = 6;

/** A share, or what shares add up to: that is all that layers and SKUs ask for. Days are of shares alone. */
export type DrilledShare = AddedShare & { readonly origin: Partial<Pick<SplitCharge["origin"], "period">> };

/** The lines that an answer is made of: sums where these say enough, and a SKU's shares day by day where they do not. */
export async function linesFor(
  book: CurrentBook | undefined,
  id: string,
  { layer, sku }: Level,
): Promise<readonly DrilledShare[]> {
  if (book === undefined) return [];
  if (sku === null) return book.totals(id);
  const own: SplitCharge[] = [];
  for await (const lines of book.shares((origin) => origin.layer === layer && origin.sku === sku))
    own.push(...lines.filter(({ tenant }) => (tenant?.id ?? NOBODY) === id));
  return own;
}

/** What was asked for, one level at a time. */
export interface Level {
  readonly layer: CostLayer | null;
  readonly sku: string | null;
}

export const layerOfText = (text: string | null): CostLayer | undefined => COST_LAYERS.find((known) => known === text);

const levelOf = ({ layer, sku }: Level): TenantCost["level"] =>
  layer === null ? "layer" : sku === null ? "sku" : "day";

function keyOf({ origin }: DrilledShare, level: TenantCost["level"]): string {
  if (level === "layer") return origin.layer;
  if (level === "sku") return origin.sku;
  invariant(origin.period !== undefined, "a day's shares are not added up");
  const { start, end } = origin.period;
  return msOf(end) - msOf(start) > DAY_MS ? "month" : dayOf(start);
}

/** Undefined where lines are in several units, or one has none. */
function quantityOf(lines: readonly AddedShare[]): { readonly quantity: Decimal; readonly unit: string } | undefined {
  const [unit, ...others] = new Set(lines.map(({ origin }) => origin.unit));
  if (unit === undefined || unit === null || others.length > 0) return undefined;
  return {
    unit,
    quantity: lines.reduce<Decimal>((sum, { quantity }) => (quantity === null ? sum : add(sum, quantity)), {
      unscaled: 0n,
      scale: 0,
    }),
  };
}

const ALLOCATIONS = ["Direct", "Shared", "Unallocated"] as const;

function rowOf(key: string, lines: readonly AddedShare[], level: TenantCost["level"]): TenantCost["rows"][number] {
  const cost = total(lines.map(({ effectiveCost }) => effectiveCost));
  const measured = level === "layer" ? undefined : quantityOf(lines);
  return {
    key,
    name: level === "sku" ? (lines[0]?.origin.skuMeter ?? null) : null,
    cost: shown(cost, leastFinal(lines.map(({ state }) => state)), PLACES),
    quantity: measured === undefined ? null : formatDecimal(normalize(measured.quantity)),
    unit: measured?.unit ?? null,
    allocations:
      level === "layer" ? [] : ALLOCATIONS.filter((kind) => lines.some(({ allocation }) => allocation === kind)),
  };
}

/** Layers in their own order, days by date, SKUs by what they cost. */
function ordered(rows: readonly TenantCost["rows"][number][], level: TenantCost["level"]): TenantCost["rows"] {
  const worth = ({ cost }: { readonly cost: { readonly amount: string } }): bigint => parseUsd(cost.amount) ?? 0n;
  const place = ({ key }: { readonly key: string }): number => COST_LAYERS.findIndex((layer) => layer === key);
  return rows.toSorted((a, b) => {
    if (level === "layer") return place(a) - place(b);
    if (level === "sku" && worth(a) !== worth(b)) return worth(a) > worth(b) ? -1 : 1;
    return a.key < b.key ? -1 : 1;
  });
}

/**
 * Effective cost of `lines` (of one tenant, or of nobody) one level below what was asked for. Invariant: the rows and the rounding
 * add up to the total, and the total is the row of the level above, in the same six places.
 */
export function drillDown(
  lines: readonly DrilledShare[],
  { layer, sku }: Level,
): Pick<TenantCost, "layer" | "sku" | "level" | "total" | "rows" | "rounding"> {
  const level = levelOf({ layer, sku });
  const own = lines.filter(
    ({ origin }) => (layer === null || origin.layer === layer) && (sku === null || origin.sku === sku),
  );
  const rows = [...Map.groupBy(own, (line) => keyOf(line, level))].map(([key, each]) => rowOf(key, each, level));
  const state = leastFinal(own.map((line) => line.state));
  const whole = places(total(own.map(({ effectiveCost }) => effectiveCost)));
  const rounding = minus(whole, total(rows.map(({ cost }) => parseUsd(cost.amount) ?? NOTHING)));
  return {
    layer,
    sku,
    level,
    total: shown(whole, state, PLACES),
    rows: ordered(rows, level),
    rounding: shown(rounding, state, PLACES),
  };
}

/** As it is shown. */
const places = (amount: PicoUsd): PicoUsd => parseUsd(showUsd(amount, PLACES)) ?? NOTHING;
