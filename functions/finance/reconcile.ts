import type { AnomalyView, FinanceTenant, ReconcileView } from "../../core/contract/index.ts";
import { formatDecimal, normalize } from "../../core/cost/decimal.ts";
import { NOTHING } from "../../core/cost/money.ts";
import type { Month } from "../../core/cost/period.ts";
import { PRICE_LISTS, unitsPer } from "../../core/cost/prices.ts";
import type { ShareSum } from "../../core/cost/share-sums.ts";
import { readAlerts } from "../../core/cost/store/alerts.ts";
import type { BookHeader } from "../../core/cost/store/books.ts";
import { leastFinal } from "../../core/cost/store/sums.ts";
import { billsOf } from "./bills.ts";
import type { Ledgers } from "./ledgers.ts";
import { money } from "./money.ts";

const EXAMPLES = 5;

const known = (value: Parameters<typeof formatDecimal>[0] | null): string | null =>
  value === null ? null : formatDecimal(normalize(value));

/** Everything that the meter met and could not use, by kind. No exception is left out; of each kind a few are named. */
function exceptionsOf({ exceptions, metering, unbilled }: BookHeader): ReconcileView["exceptions"] {
  const found: readonly (readonly [kind: string, example: string])[] = [
    ...exceptions.map((each): [string, string] => [each.kind, each.sku]),
    ...metering.exceptions.map((each): [string, string] => [`fact-${each.reason}`, each.digest.slice(0, 12)]),
    ...metering.drifts.map((): [string, string] => ["storage-drift", ""]),
    ...unbilled.map((sku): [string, string] => ["unbilled", sku]),
  ];
  const counted = [...Map.groupBy(found, ([kind]) => kind)].map(([kind, each]) => ({
    kind,
    count: each.length,
    examples: [...new Set(each.map(([, example]) => example))].filter((text) => text !== "").slice(0, EXAMPLES),
  }));
  const alone = [
    { kind: "unreported", count: metering.unreported, examples: [] },
    { kind: "unclaimed", count: metering.unclaimed, examples: [] },
  ].filter(({ count }) => count > 0);
  return [...counted, ...alone].toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
}

/** What a SKU is metered in, by the list that the book was priced by. */
function measureOf(sku: string, priceListId: string, month: Month) {
  const measure = PRICE_LISTS.find(({ id }) => id === priceListId)?.skus.find((one) => one.sku === sku)?.measure;
  if (measure === undefined) return { measure: null, unitsPerPricing: null };
  return { measure, unitsPerPricing: unitsPer(measure, month).toString() };
}

export async function reconcileOf(ledgers: Ledgers, month: Month): Promise<ReconcileView> {
  const [view, book, bills] = await Promise.all([
    ledgers.view(month),
    ledgers.book(month),
    billsOf(ledgers.files, month),
  ]);
  const nothing = money(NOTHING, "estimated");
  const none = { bill: nothing, tenants: nothing, unallocated: nothing, unallocatedRatio: null };
  if (book === undefined) return { month: view, ...none, rows: [], exceptions: [], bills };
  const { reconciliation, skus, priceListId } = book.header;
  const bySku = Map.groupBy(
    skus.filter(({ origin }) => origin.kind === "provider"),
    ({ origin }) => origin.sku,
  );
  const stateOf = (of: readonly ShareSum[]) => leastFinal(of.map(({ state }) => state));
  const state = stateOf(skus.filter(({ origin }) => origin.kind === "provider"));
  return {
    month: view,
    bill: money(reconciliation.bill, state),
    tenants: money(reconciliation.tenants, state),
    unallocated: money(reconciliation.unallocated, state),
    unallocatedRatio: known(reconciliation.unallocatedRatio),
    rows: reconciliation.rows.map((row) => {
      const own = bySku.get(row.sku) ?? [];
      const of = stateOf(own);
      const [first] = own;
      return {
        sku: row.sku,
        meter: first?.origin.skuMeter ?? null,
        unit: first?.origin.unit ?? null,
        ...measureOf(row.sku, priceListId, month),
        metered: row.meteredUnits.toString(),
        billedUnits: row.billedUnits.toString(),
        coverage: known(row.coverage),
        target: formatDecimal(normalize(row.target)),
        verdict: row.verdict,
        effectiveRate: known(row.effectiveRate),
        billed: money(row.billed, of),
        direct: money(row.direct, of),
        shared: money(row.shared, of),
        unallocated: money(row.unallocated, of),
      };
    }),
    exceptions: exceptionsOf(book.header),
    bills,
  };
}

/** Days that were told as unlike their weekdays, the newest first. */
export async function anomaliesOf(ledgers: Ledgers, month: Month): Promise<readonly AnomalyView[]> {
  const [alerts, book, tenants] = await Promise.all([
    readAlerts(ledgers.files, month),
    ledgers.book(month),
    ledgers.tenants(),
  ]);
  const skus = book?.header.skus ?? [];
  const meters = new Map(skus.map(({ origin }) => [origin.sku, origin.skuMeter] as const));
  const state = leastFinal(skus.map((each) => each.state));
  return alerts
    .flatMap((alert) => (alert.kind === "anomaly" ? [alert] : []))
    .toSorted((a, b) => (a.anomaly.day > b.anomaly.day ? -1 : 1))
    .map(({ tenantId, anomaly }): AnomalyView => ({
      tenant: tenantId === null ? null : (tenants.get(tenantId) ?? nameless(tenantId)),
      day: anomaly.day,
      cost: money(anomaly.cost, state),
      usual: money(anomaly.usual, state),
      difference: money(anomaly.difference, state),
      z: known(anomaly.z),
      explainedBy: anomaly.explainedBy.map(({ sku, difference }) => ({
        sku,
        meter: meters.get(sku) ?? null,
        difference: money(difference, state),
      })),
    }));
}

/** Of a tenant that the registry does not list any more. */
export const nameless = (id: string): FinanceTenant => ({ id, name: id, tier: "", cell: "" });
