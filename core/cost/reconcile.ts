import { add, type Decimal, compare, decimalOf, divide, ZERO } from "./decimal.ts";
import type { SkuCoverage } from "./allocation/split.ts";
import type { ProviderCharge, SplitCharge } from "./ledger.ts";
import { minus, NOTHING, type PicoUsd, pico, toDecimal, total } from "./money.ts";
import { DAY_MS, msOf } from "./period.ts";
import type { AddedShare } from "./share-sums.ts";

export interface Merged {
  /** AWS's own lines, and estimates of the days that its bill does not tell of yet. */
  readonly origins: readonly ProviderCharge[];
  /** Estimates of billed days whose SKU the bill does not name on that day: metered, and charged to nobody. */
  readonly unbilled: readonly ProviderCharge[];
}

/**
 * The bill in place of the estimate. `completeUntil` is the instant up to which AWS's export is known to tell everything: its
 * newest day is still being written. Lines of the bill stand that begin before it, estimates that end after it; a SKU that the
 * bill has by the month has no estimate beside it.
 */
export function supersede(
  estimated: readonly ProviderCharge[],
  billed: readonly ProviderCharge[],
  completeUntil: string,
): Merged {
  const until = msOf(completeUntil);
  const sameDay = ({ usageAccountId, sku, period }: ProviderCharge): string =>
    [usageAccountId, sku, period.start.slice(0, 10)].join("/");
  const named = new Set(billed.flatMap((charge) => (lastsLongerThanADay(charge) ? [] : [sameDay(charge)])));
  const skuOf = ({ usageAccountId, sku }: ProviderCharge): string => `${usageAccountId}/${sku}`;
  const monthly = new Set(billed.filter(lastsLongerThanADay).map(skuOf));
  const isOver = ({ period }: ProviderCharge): boolean => msOf(period.end) <= until;
  const standing = billed.filter(({ period }) => msOf(period.start) < until);
  return {
    origins: [...standing, ...estimated.filter((charge) => !isOver(charge) && !monthly.has(skuOf(charge)))],
    unbilled: estimated.filter(
      (charge) => isOver(charge) && !named.has(sameDay(charge)) && !monthly.has(skuOf(charge)),
    ),
  };
}

export const lastsLongerThanADay = ({ period }: ProviderCharge): boolean =>
  msOf(period.end) - msOf(period.start) > DAY_MS;

/** Metered over billed units that a SKU should reach; what a service bills on its own behalf no request can count. */
const TARGETS: ReadonlyMap<string, Decimal> = new Map([
  ["kms-requests", decimalOf("0.90")],
  ["s3-put-requests", decimalOf("0.90")],
  ["s3-get-requests", decimalOf("0.90")],
  ["cloudfront-transfer-out", decimalOf("0.90")],
  ["logs-ingest", decimalOf("0.90")],
]);
const TARGET = decimalOf("0.98");
const OVER = decimalOf("1.000001");

export interface ReconcileRow extends SkuCoverage {
  /** USD a pricing unit that AWS asked in the end, sixteen places: bill over quantity. Null with no quantity. */
  readonly effectiveRate: Decimal | null;
  readonly billed: PicoUsd;
  readonly direct: PicoUsd;
  readonly shared: PicoUsd;
  readonly unallocated: PicoUsd;
  readonly target: Decimal;
  readonly verdict: "met" | "below" | "over" | "not-metered";
}

export interface Reconciliation {
  /** By SKU, those of AWS's that nobody foresaw among them. */
  readonly rows: readonly ReconcileRow[];
  readonly bill: PicoUsd;
  /** Over all tenants, and over nobody: their sum is `bill`, to the pico-dollar. */
  readonly tenants: PicoUsd;
  readonly unallocated: PicoUsd;
  /** Unallocated over bill, six places: PROOF-11 asks for at most half a percent. Null for a bill of nothing. */
  readonly unallocatedRatio: Decimal | null;
}

/** How far the meter explains the bill. Internal rows are no part of it. */
export function reconcile(result: {
  readonly lines: readonly AddedShare[];
  readonly coverage: readonly SkuCoverage[];
}): Reconciliation {
  const lines = result.lines.filter(({ origin }) => origin.kind === "provider");
  const bySku = Map.groupBy(lines, ({ origin }) => origin.sku);
  const coverage = new Map(result.coverage.map((row) => [row.sku, row]));
  const rows = [...bySku]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([sku, of]) => reconcileSku(sku, of, coverage.get(sku)));
  const unallocated = total(rows.map((row) => row.unallocated));
  const bill = total(rows.map((row) => row.billed));
  return {
    rows,
    bill,
    unallocated,
    tenants: minus(bill, unallocated),
    unallocatedRatio: bill === 0n ? null : divide(toDecimal(unallocated), toDecimal(bill), 6),
  };
}

function reconcileSku(sku: string, lines: readonly AddedShare[], coverage: SkuCoverage | undefined): ReconcileRow {
  const billed = total(lines.map((line) => line.billedCost));
  const of = (allocation: SplitCharge["allocation"]): PicoUsd =>
    total(lines.filter((line) => line.allocation === allocation).map((line) => line.billedCost));
  const quantity = lines.reduce((sum, { quantity: each }) => (each === null ? sum : add(sum, each)), ZERO);
  const target = TARGETS.get(sku) ?? TARGET;
  const ratio = coverage?.coverage ?? null;
  return {
    sku,
    billedUnits: coverage?.billedUnits ?? 0n,
    meteredUnits: coverage?.meteredUnits ?? 0n,
    coverage: ratio,
    effectiveRate: quantity.unscaled === 0n ? null : divide(toDecimal(billed), quantity, 16),
    billed,
    direct: of("Direct"),
    shared: of("Shared"),
    unallocated: of("Unallocated"),
    target,
    verdict: verdictOf(ratio, target),
  };
}

function verdictOf(ratio: Decimal | null, target: Decimal): ReconcileRow["verdict"] {
  if (ratio === null) return "not-metered";
  if (compare(ratio, OVER) > 0) return "over";
  return compare(ratio, target) < 0 ? "below" : "met";
}

/** The cost stack of a tenant, or of nobody: billed cost by layer (COST-1). Layers without a cost are left out. */
export function costStack(lines: readonly SplitCharge[], tenantId: string | null): ReadonlyMap<string, PicoUsd> {
  const stack = new Map<string, PicoUsd>();
  for (const { tenant, origin, billedCost } of lines)
    if ((tenant?.id ?? null) === tenantId)
      stack.set(origin.layer, pico((stack.get(origin.layer) ?? NOTHING) + billedCost));
  return stack;
}
