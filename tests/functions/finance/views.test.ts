import { beforeAll, describe, expect, it } from "vitest";
import { type CostLayer, UNALLOCATED } from "../../../core/contract/index.ts";
import { formatDecimal, normalize } from "../../../core/cost/decimal.ts";
import { NOTHING, parseUsd, pico, type PicoUsd, showUsd, toDecimal, total } from "../../../core/cost/money.ts";
import { NOBODY } from "../../../core/cost/share-sums.ts";
import { putInput } from "../../../core/cost/store/inputs.ts";
import { nextSummaryDay, summaryKey, writeSummary } from "../../../core/cost/store/summaries.ts";
import { drillDown, type Level, linesFor } from "../../../functions/finance/cost.ts";
import { budgetsOf, entriesOf, PLATFORM_BUDGET_ID, plansOf, summaryOf } from "../../../functions/finance/inputs.ts";
import type { Ledgers } from "../../../functions/finance/ledgers.ts";
import { controlsOf, scenariosOf, sheetOn, tiersOf } from "../../../functions/finance/models.ts";
import { monthsOf, overviewOf, tenantsOf } from "../../../functions/finance/overview.ts";
import { reconcileOf } from "../../../functions/finance/reconcile.ts";
import assumptions from "../../../core/cost/scenarios/assumptions.json" with { type: "json" };
import { books, MONTH, NOW, TENANTS } from "./scene.ts";

const amountOf = ({ amount }: { readonly amount: string }): PicoUsd => {
  const value = parseUsd(amount);
  if (value === undefined) throw new Error(`${amount} is no amount`);
  return value;
};
const sum = (amounts: readonly { readonly amount: string }[]): PicoUsd => total(amounts.map(amountOf));

let ledgers: Ledgers;
beforeAll(async () => {
  ({ ledgers } = await books());
});

describe("the month in all", () => {
  it("COST-1 layers add up to the cost, in the month and in each month of the trend, exactly", async () => {
    const overview = await overviewOf(ledgers, MONTH);
    expect(sum(overview.layers.map(({ cost }) => cost))).toBe(amountOf(overview.cost));
    expect(overview.trend.map(({ month }) => month)).toEqual(["2026-09", "2026-10", "2026-11"]);
    for (const { cost, layers } of overview.trend)
      expect(total(layers.map((layer) => amountOf({ amount: layer.cost })))).toBe(amountOf(cost));
    expect(sum(overview.days.map(({ cost }) => cost))).toBe(amountOf(overview.cost));
    expect(overview.cost.state).toBe("estimated");
    expect(overview.month).toMatchObject({ status: "open", closesAt: "2026-12-04T00:00:00Z" });
  });

  it("COST-1 clinics and what nobody takes add up to the cost; the forecast is between its bounds", async () => {
    const [overview, all] = [await overviewOf(ledgers, MONTH), await tenantsOf(ledgers, MONTH)];
    expect(pico(sum(all.tenants.map(({ cost }) => cost)) + amountOf(all.unallocated))).toBe(amountOf(overview.cost));
    expect(sum(all.tenants.map(({ revenue }) => revenue))).toBe(amountOf(overview.revenue));
    const { forecast } = overview;
    if (forecast === null) throw new Error("three months of days are known");
    expect(amountOf(forecast.low) <= amountOf(forecast.expected)).toBe(true);
    expect(amountOf(forecast.expected) <= amountOf(forecast.high)).toBe(true);
    expect(amountOf(forecast.expected) > amountOf(overview.cost)).toBe(true);
    expect(forecast).toMatchObject({ method: "weekdays", days: 9 });
  });

  it("COST-3 who costs more than it is asked for comes first, and says so", async () => {
    const { tenants } = await tenantsOf(ledgers, MONTH);
    expect(tenants[0]).toMatchObject({ isLoss: true, tenant: { name: "Old Mill Radiology (synthetic)" } });
    expect(amountOf(tenants[0]?.margin ?? { amount: "0" }) < 0n).toBe(true);
    expect(tenants.slice(1).map(({ isLoss }) => isLoss)).toEqual([false, false]);
    for (const { cost, revenue, margin } of tenants) expect(amountOf(margin)).toBe(amountOf(revenue) - amountOf(cost));
    expect((await overviewOf(ledgers, MONTH)).lossMakers).toBe(1);
  });

  it("a month that nobody metered is empty and not an error", async () => {
    const overview = await overviewOf(ledgers, "2025-01");
    expect(overview).toMatchObject({ cost: { amount: "0" }, tenants: 0, madeAt: null, forecast: null });
    expect((await tenantsOf(ledgers, "2025-01")).tenants).toEqual([]);
  });

  it("COST-7 months say how far they are and what they wait for", async () => {
    const months = await monthsOf(ledgers);
    expect(months.map(({ month, status, blockedBy }) => [month, status, blockedBy])).toEqual([
      ["2026-11", "open", undefined],
      ["2026-10", "due", "no-bill"],
      ["2026-09", "due", "no-bill"],
    ]);
    expect(months[0]?.closesInMs).toBe(Date.UTC(2026, 11, 4) - NOW);
  });
});

describe("Invariant: the rows and the rounding add up to the total, and the total is the row of the level above, in the same six places", () => {
  it.each([...TENANTS.map(({ id }) => id), UNALLOCATED])("COST-1 of %s", async (id) => {
    const book = await ledgers.book(MONTH);
    const of = (level: Level) => linesFor(book, id === UNALLOCATED ? NOBODY : id, level);
    const lines = await of({ layer: null, sku: null });
    const adds = ({ total: whole, rows, rounding }: ReturnType<typeof drillDown>): void => {
      expect(pico(sum(rows.map(({ cost }) => cost)) + amountOf(rounding))).toBe(amountOf(whole));
      for (const { cost } of rows) expect(cost.amount).toMatch(/^-?\d+\.\d{6}$/);
    };
    const layers = drillDown(lines, { layer: null, sku: null });
    adds(layers);
    expect(layers.total.amount).toBe(showUsd(total(lines.map(({ effectiveCost }) => effectiveCost)), 6));
    for (const row of layers.rows) {
      const layer = row.key as CostLayer;
      const skus = drillDown(await of({ layer, sku: null }), { layer, sku: null });
      adds(skus);
      expect(skus.total.amount).toBe(row.cost.amount);
      for (const each of skus.rows) {
        const days = drillDown(await of({ layer, sku: each.key }), { layer, sku: each.key });
        adds(days);
        expect(days.total.amount).toBe(each.cost.amount);
      }
    }
  });
});

describe("how far the meter explains the bill", () => {
  it("PROOF-11 tenants and unallocated are the bill, by SKU too", async () => {
    const view = await reconcileOf(ledgers, MONTH);
    expect(pico(amountOf(view.tenants) + amountOf(view.unallocated))).toBe(amountOf(view.bill));
    expect(sum(view.rows.map(({ billed }) => billed))).toBe(amountOf(view.bill));
    for (const { billed, direct, shared, unallocated } of view.rows)
      expect(pico(sum([direct, shared, unallocated]))).toBe(amountOf(billed));
    expect(view.rows.some(({ sku, verdict }) => sku === "dynamodb-wru" && verdict === "met")).toBe(true);
  });
});

describe("what people put in", () => {
  it("COST-1 an entry, a budget and a plan are shown with who and when", async () => {
    const { files, ledgers: own } = await books();
    const [first] = TENANTS;
    if (first === undefined) throw new Error("there are clinics");
    const by = "01hxyzuser0123456789abcdef";
    const at = "2026-11-22T12:00:00Z";
    const entry = {
      id: "01hxyzj0bb0123456789abcdef",
      layer: "support",
      tenantId: first.id,
      day: "2026-11-20",
    } as const;
    const value = { ...entry, quantity: "15", unitPrice: "1.60", description: "A call" };
    expect((await putInput(files, { kind: "entries", value, by, at, after: 0 })).ok).toBe(true);
    const later = "2026-11-23T12:00:00Z";
    expect(
      (
        await putInput(files, {
          kind: "entries",
          value,
          by: `${by.slice(0, -1)}g`,
          at: later,
          after: 1,
          isWithdrawn: true,
        })
      ).ok,
    ).toBe(true);
    expect(await entriesOf(own, MONTH)).toEqual([
      expect.objectContaining({
        cost: { amount: "24", currency: "USD", state: "reconciled" },
        by,
        at,
        takenBack: { by: `${by.slice(0, -1)}g`, at: later },
        isOpen: false,
        unit: "Minutes",
      }),
    ]);
    const budget = { id: PLATFORM_BUDGET_ID, tenantId: null, amountUsd: "100" };
    expect((await putInput(files, { kind: "budgets", value: budget, by, at, after: 0 })).ok).toBe(true);
    const [shown] = await budgetsOf(own, MONTH);
    expect(shown).toMatchObject({ id: "platform", tenant: null, amount: "100", by });
    expect(shown?.actual.amount).toBe((await overviewOf(own, MONTH)).cost.amount);
    const { assignments } = await plansOf(own);
    expect(assignments.map(({ tenant, planId, from }) => [tenant.id, planId, from])).toEqual(
      TENANTS.map((tenant) => [tenant.id, "clinic-standard/v1", "2026-09"]),
    );
  });

  it("COST-7 a summary is made by itself on its day, once, in its language, and not on the day on which it was chosen", async () => {
    const { files, ledgers: own } = await books();
    const value = { id: PLATFORM_BUDGET_ID, cadence: "weekly", language: "es" } as const;
    const monday = Date.UTC(2026, 10, 23, 4);
    expect(await writeSummary(files, monday)).toBeUndefined();
    const at = "2026-11-22T12:00:00Z";
    expect(
      (await putInput(files, { kind: "summaries", value, by: "01hxyzuser0123456789abcdef", at, after: 0 })).ok,
    ).toBe(true);
    expect(await writeSummary(files, NOW)).toBeUndefined();
    expect(await summaryOf(own)).toMatchObject({ cadence: "weekly", nextAt: "2026-11-23", made: [] });
    expect(await writeSummary(files, monday)).toBe("2026-11-23");
    expect(await writeSummary(files, monday + 86_400_000)).toBeUndefined();
    expect(await summaryOf(own)).toMatchObject({ made: ["2026-11-23"] });
    const made = await files.read(summaryKey("2026-11-23"));
    expect(
      Buffer.from(made?.bytes ?? [])
        .subarray(0, 5)
        .toString(),
    ).toBe("%PDF-");
  });

  it.each([
    ["weekly", "2026-11-22", "2026-11-23"],
    ["weekly", "2026-11-23", "2026-11-30"],
    ["monthly", "2026-11-01", "2026-12-01"],
    ["monthly", "2026-12-31", "2027-01-01"],
  ] as const)("the next %s summary after %s is made on %s", (cadence, today, next) => {
    expect(nextSummaryDay(cadence, today)).toBe(next);
  });
});

describe("models", () => {
  const sheet = sheetOn("us-east-1", "2026-11-22");

  it("COST-4 three scenarios by the kept assumptions, and the same by the same given by hand", () => {
    const kept = scenariosOf(sheet);
    const given = scenariosOf(sheet, { tenants: [10, 100, 1_000], assumptions });
    if (!kept.ok || !given.ok) throw new Error("the kept assumptions read");
    expect(kept.value.scenarios.map(({ tenants }) => tenants)).toEqual([10, 100, 1_000]);
    expect(given.value).toEqual({ ...kept.value, isDefault: false });
    for (const { lines, total: whole } of kept.value.scenarios)
      expect(total(lines.map(({ cost }) => parseUsd(cost) ?? NOTHING))).toBe(parseUsd(whole));
  });

  it.each([
    [
      "an unknown SKU",
      { profiles: assumptions.profiles.map((each) => ({ ...each, usage: [{ sku: "gold", quantity: "1" }] })) },
    ],
    ["a cell of nobody", { tenantsPerCell: { ...assumptions.tenantsPerCell, value: "0" } }],
    ["a number that is none", { exceptionPercent: { ...assumptions.exceptionPercent, value: "-1" } }],
    [
      "a profile of itself",
      { profiles: assumptions.profiles.map((each) => ({ ...each, multiple: { of: each.profile, by: "2" } })) },
    ],
  ])("COST-4 %s is refused and asked for nothing", (_what, change) => {
    expect(scenariosOf(sheet, { tenants: [10], assumptions: { ...assumptions, ...change } }).ok).toBe(false);
  });

  it("COST-5 COST-6 controls and tiers have prices as plain decimals", () => {
    for (const { settings } of controlsOf(sheet).controls)
      for (const { cost, delta } of settings)
        expect([cost, delta].every((text) => /^-?\d+(\.\d+)?$/.test(text))).toBe(true);
    const { tiers } = tiersOf(sheet);
    for (const { price, costAws, costLabour, margin } of tiers)
      expect(parseUsd(margin)).toBe((parseUsd(price) ?? 0n) - (parseUsd(costAws) ?? 0n) - (parseUsd(costLabour) ?? 0n));
    expect(formatDecimal(normalize(toDecimal(parseUsd(tiers[2]?.price ?? "") ?? NOTHING)))).toBe("349");
  });
});
