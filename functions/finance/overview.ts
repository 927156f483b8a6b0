import { COST_LAYERS, type FinanceOverview, type FinanceTenants, type MonthView } from "../../core/contract/index.ts";
import { divide, formatDecimal } from "../../core/cost/decimal.ts";
import { forecast } from "../../core/cost/forecast.ts";
import { margin } from "../../core/cost/margin.ts";
import { minus, NOTHING, type PicoUsd, toDecimal } from "../../core/cost/money.ts";
import { type Day, type Month, monthAfter } from "../../core/cost/period.ts";
import { readAlerts } from "../../core/cost/store/alerts.ts";
import { leastFinal, type MonthSums } from "../../core/cost/store/sums.ts";
import type { Ledgers } from "./ledgers.ts";
import { money, usd } from "./money.ts";

const TREND_MONTHS = 13;
/** Behind the month that is forecast: four weeks of weekdays, and a week to judge them by. */
const FORECAST_MONTHS = 2;

const layersOf = (sums: MonthSums | undefined): ReadonlyMap<string, PicoUsd> => new Map(sums?.layers ?? []);

async function trendOf(ledgers: Ledgers, month: Month): Promise<FinanceOverview["trend"]> {
  const known = (await ledgers.months()).map((each) => each.month);
  const asked = Array.from({ length: TREND_MONTHS }, (_, back) => monthAfter(month, -back)).toReversed();
  const there = asked.filter((each) => each === month || known.includes(each));
  return Promise.all(
    there.map(async (each) => {
      const [sums, { status }] = await Promise.all([ledgers.sums(each), ledgers.view(each)]);
      const layers = layersOf(sums);
      return {
        month: each,
        status,
        cost: money(sums?.cost ?? NOTHING, sums?.costState ?? "estimated"),
        revenue: money(sums?.revenue ?? NOTHING, sums?.revenueState ?? "estimated"),
        layers: COST_LAYERS.flatMap((layer) => {
          const cost = layers.get(layer);
          return cost === undefined ? [] : [{ layer, cost: usd(cost) }];
        }),
      };
    }),
  );
}

/** Days of the month and of those before it, whole ones alone. */
async function knownDays(ledgers: Ledgers, month: Month): Promise<ReadonlyMap<Day, PicoUsd>> {
  const months = Array.from({ length: FORECAST_MONTHS + 1 }, (_, back) => monthAfter(month, -back));
  const sums = await Promise.all(months.map((each) => ledgers.sums(each)));
  return new Map(sums.flatMap((each) => each?.days ?? []).filter(([day]) => day < ledgers.today));
}

export async function overviewOf(ledgers: Ledgers, month: Month): Promise<FinanceOverview> {
  const [view, sums, before, days, alerts] = await Promise.all([
    ledgers.view(month),
    ledgers.sums(month),
    ledgers.sums(monthAfter(month, -1)),
    knownDays(ledgers, month),
    readAlerts(ledgers.files, month),
  ]);
  const [costState, revenueState] = [sums?.costState ?? "estimated", sums?.revenueState ?? "estimated"];
  const [layers, earlier] = [layersOf(sums), layersOf(before)];
  const [cost, provider, revenue] = [sums?.cost ?? NOTHING, sums?.provider ?? NOTHING, sums?.revenue ?? NOTHING];
  const unallocated = sums?.unallocated ?? NOTHING;
  const ahead = forecast(days, month, ledgers.today, view.status === "closed");
  return {
    month: view,
    madeAt: sums?.asOf ?? null,
    cost: money(cost, costState),
    provider: money(provider, costState),
    revenue: money(revenue, revenueState),
    margin: money(minus(revenue, cost), leastFinal([costState, revenueState])),
    tenants: sums?.tenants ?? 0,
    lossMakers: sums?.lossMakers ?? 0,
    anomalies: alerts.filter(({ kind }) => kind === "anomaly").length,
    layers: COST_LAYERS.flatMap((layer) => {
      const [now, then] = [layers.get(layer), earlier.get(layer)];
      if (now === undefined && then === undefined) return [];
      return [
        {
          layer,
          cost: money(now ?? NOTHING, costState),
          before: then === undefined || before === undefined ? null : money(then, before.costState),
        },
      ];
    }),
    trend: await trendOf(ledgers, month),
    days: (sums?.days ?? [])
      .filter(([day]) => day < ledgers.today)
      .map(([day, each]) => ({ day, cost: money(each, costState) })),
    forecast: ahead.ok
      ? {
          expected: money(ahead.value.expected, "estimated"),
          low: money(ahead.value.low, "estimated"),
          high: money(ahead.value.high, "estimated"),
          method: ahead.value.method,
          days: ahead.value.days,
        }
      : null,
    coverage: {
      unallocated: money(unallocated, costState),
      unallocatedRatio: provider === 0n ? null : formatDecimal(divide(toDecimal(unallocated), toDecimal(provider), 6)),
    },
  };
}

export async function tenantsOf(ledgers: Ledgers, month: Month): Promise<FinanceTenants> {
  const [view, book] = await Promise.all([ledgers.view(month), ledgers.book(month)]);
  if (book === undefined) return { month: view, tenants: [], unallocated: money(NOTHING, "estimated") };
  const { roster, skus, revenueState } = book.header;
  const costState = leastFinal(skus.map(({ state }) => state));
  const sums = await book.tenants();
  const plans = new Map(sums.map(({ id, planId }) => [id, planId]));
  const costs = sums.map(({ tenant, cost }) => ({ tenant, effectiveCost: cost }));
  const asked = sums.flatMap(({ tenant, revenue }) =>
    tenant === null ? [] : [{ tenant, amount: revenue, category: "Usage" as const }],
  );
  const { rows, unallocated } = margin(
    roster.map(({ tenant }) => tenant),
    costs,
    asked,
  );
  return {
    month: view,
    tenants: rows.map(({ tenant, cost, revenue, margin: left, ratio, isLoss }) => ({
      tenant,
      planId: plans.get(tenant.id) ?? null,
      cost: money(cost, costState),
      revenue: money(revenue, revenueState),
      margin: money(left, leastFinal([costState, revenueState])),
      ratio: ratio === null ? null : formatDecimal(ratio),
      isLoss,
    })),
    unallocated: money(unallocated, costState),
  };
}

/** What a month that is due waits for; undefined for one that waits for nothing. */
function blockOf(sums: MonthSums | undefined, isEarlierOpen: boolean): string | undefined {
  if (sums === undefined || !sums.hasBill) return "no-bill";
  if (sums.estimated > 0) return "unreconciled";
  return isEarlierOpen ? "earlier-open" : undefined;
}

export async function monthsOf(ledgers: Ledgers): Promise<readonly MonthView[]> {
  const months = await ledgers.months();
  return Promise.all(
    months.map(async ({ month, manifest }, index): Promise<MonthView> => {
      // The newest come first.
      const isEarlierOpen = months.slice(index + 1).some(({ status }) => status !== "closed");
      const [view, sums] = await Promise.all([ledgers.view(month), ledgers.sums(month)]);
      const blockedBy = view.status === "due" || view.status === "grace" ? blockOf(sums, isEarlierOpen) : undefined;
      return {
        ...view,
        cost: money(sums?.cost ?? NOTHING, sums?.costState ?? "estimated"),
        revenue: money(sums?.revenue ?? NOTHING, sums?.revenueState ?? "estimated"),
        ...(blockedBy === undefined ? {} : { blockedBy }),
        manifest: manifest === null ? null : manifestView(manifest),
      };
    }),
  );
}

function manifestView({
  manifest,
  sha256,
}: NonNullable<Awaited<ReturnType<Ledgers["months"]>>[number]["manifest"]>): NonNullable<MonthView["manifest"]> {
  const { closedAt, previous, totals, providerRows, clinicRows, priceListIds, allocationPolicyId } = manifest;
  const { methodIds, planIds, codeVersion, files } = manifest;
  return {
    closedAt,
    sha256,
    previous,
    ...totals,
    providerRows,
    clinicRows,
    priceListIds,
    allocationPolicyId,
    methodIds,
    planIds,
    codeVersion,
    files,
  };
}
