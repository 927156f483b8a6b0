import { describe, expect, it } from "vitest";
import { Assumptions, ASSUMPTIONS } from "../../../core/cost/assumptions.ts";
import raw from "../../../core/cost/scenarios/assumptions.json" with { type: "json" };
import { controlPrices } from "../../../core/cost/controls.ts";
import { formatUsd, showUsd, total } from "../../../core/cost/money.ts";
import { PRICE_PLANS } from "../../../core/cost/plan.ts";
import { itemsCost, scenario } from "../../../core/cost/scenario.ts";
import { adviseTier, TENANCY, TenancyDecision, tierPrices } from "../../../core/cost/tenancy.ts";
import { TIERS } from "../../../core/tenant/tiers.ts";
import { prices } from "./clinics.ts";

const [plan] = PRICE_PLANS;
if (plan === undefined) throw new Error("a plan is shipped");
const of = (tenants: bigint, assumptions = ASSUMPTIONS) => scenario(tenants, assumptions, prices, plan);
const lineOf = (tenants: bigint, id: string) =>
  showUsd(of(tenants).lines.find((line) => line.id === id)?.cost ?? total([]));

describe("scenarios", () => {
  it.each([10n, 100n, 1_000n])(
    "COST-4 %s clinics: lines, layers and heads add up, and a second run is the same",
    (tenants) => {
      const made = of(tenants);
      expect(total(made.lines.map(({ cost }) => cost))).toBe(made.total);
      expect(total(made.layers.values())).toBe(made.total);
      for (const heads of [made.byProfile, made.byTier])
        expect([...heads.values()].reduce((sum, each) => sum + each, 0n)).toBe(tenants);
      expect(made.margin).toBe(made.revenue - made.total);
      expect(of(tenants)).toEqual(made);
    },
  );

  it("COST-4 labour, incidents, upgrade windows and exceptions are in it, by numbers that are listed", () => {
    // 900 minutes... of support: 100 clinics x 12 min x 0.75; windows: 180 min x 1.60, and 20 min x 1.60 for the one shared cell.
    expect(lineOf(100n, "support")).toBe("900.00");
    expect(lineOf(100n, "upgrade-windows")).toBe("288.00");
    expect(lineOf(100n, "upgrade-windows-by-cell")).toBe("32.00");
    expect(lineOf(100n, "incidents")).toBe("192.00");
    expect(lineOf(1_000n, "incidents-by-tenant")).toBe("960.00");
    // Three in a hundred, sixty minutes each.
    expect(lineOf(100n, "regulatory-exceptions")).toBe("288.00");
    expect(raw.labour.every(({ because }) => because.length > 10)).toBe(true);
    expect(raw.fixed.every(({ because }) => because.length > 10)).toBe(true);
  });

  it("COST-4 AWS's part goes by tiers and free tiers of the account: recomputed for a thousand clinics", () => {
    // 800 small + 180 x 5 + 20 x 40 = 2,500 small clinics' worth.
    expect(lineOf(1_000n, "http-api-requests")).toBe("390.00"); // 400 M: 300 at 1.00, 100 at 0.90
    expect(lineOf(1_000n, "dynamodb-wru")).toBe("1500.00"); // 2,400 M x 0.625
    expect(lineOf(1_000n, "kms-requests")).toBe("44.94"); // 15 M less 20,000 free
    expect(lineOf(1_000n, "cloudfront-transfer-out")).toBe("550.46"); // 7,500 GB less 1,024 free
  });

  it("COST-4 an assumption that is changed changes its line, and one that is not known is refused", () => {
    const dearer = Assumptions.parse({
      ...structuredClone(raw),
      labour: raw.labour.map((each) => (each.id === "support" ? { ...each, minutes: "24" } : each)),
    });
    expect(showUsd(of(100n, dearer).lines.find(({ id }) => id === "support")?.cost ?? total([]))).toBe("1800.00");
    expect(Assumptions.safeParse({ ...structuredClone(raw), growth: "2" }).success).toBe(false);
    expect(() => of(0n)).toThrow("has a clinic");
  });

  it("COST-4 ten clinics do not carry the programme, a hundred do", () => {
    expect(of(10n).margin).toBeLessThan(0n);
    expect(of(100n).margin).toBeGreaterThan(0n);
    expect(of(1_000n).perTenant).toBeLessThan(of(100n).perTenant);
  });
});

describe("controls", () => {
  const controls = new Map(controlPrices(prices).map((each) => [each.control, each]));
  const delta = (control: string, setting: string) =>
    formatUsd(controls.get(control)?.settings.find((each) => each.setting === setting)?.delta ?? total([]));

  it("COST-5 keys, cell, archive, index, logs and firewall each show a price and a delta", () => {
    expect(delta("encryption-keys", "own-per-class")).toBe("6.000000000000");
    expect(delta("encryption-keys", "shared")).toBe("0.000000000000");
    // 8 keys, 5 + 3 for the firewall, 2 GB of logs, 60,000 puts
    expect(delta("isolation", "own-cell")).toBe("17.300000000000");
    expect(delta("audit-index", "two-years")).toBe("-7.200000000000");
    for (const { settings } of controls.values()) {
      expect(settings.find(({ isCurrent }) => isCurrent)?.delta).toBe(0n);
      // What a price is made of is said with it.
      for (const { items, cost } of settings) expect(itemsCost(items, prices)).toBe(cost);
    }
  });

  it("COST-5 advises what saves, and nothing that law or promise forbids", () => {
    expect(controls.get("audit-index")?.rightSize?.setting).toBe("two-years");
    expect(controls.get("item-trail")?.settings.some(({ delta: less, meetsFloor }) => less < 0n && !meetsFloor)).toBe(
      true,
    );
    expect(controls.get("item-trail")?.rightSize).toBeUndefined();
    for (const { rightSize } of controls.values()) expect(rightSize?.meetsFloor ?? true).toBe(true);
  });
});

describe("tenancy advice", () => {
  it("TEN-2 recommends a cell for special regulation, with its price, and says whether it can be placed", () => {
    const advice = adviseTier("special-regulation", prices, plan);
    if (!advice.ok) throw new Error("the record weighs it");
    expect(advice.value.recommended).toMatchObject({ tier: "own-cell", isPlaceable: TIERS["own-cell"].isPlaceable });
    expect(showUsd(advice.value.recommended.price)).toBe("349.00");
    expect([showUsd(advice.value.recommended.costAws), showUsd(advice.value.recommended.costLabour)]).toEqual([
      "17.30",
      "144.00",
    ]);
    expect(advice.value.tiers.map(({ tier }) => tier)).toEqual(["pooled", "own-keys", "own-cell", "own-stack"]);
    expect(advice.value).toMatchObject({ priceListId: prices.id, planId: plan.id, decisionId: TENANCY.id });
    expect(adviseTier("nobody", prices, plan)).toEqual({ ok: false, error: { kind: "not-found" } });
  });

  it("COST-6 every tier is weighed and sold at no loss, and a record without one is refused", () => {
    for (const { margin } of tierPrices(prices, plan)) expect(margin).toBeGreaterThanOrEqual(0n);
    const { options, ...rest } = TENANCY;
    expect(TenancyDecision.safeParse({ ...rest, options: options.slice(1) }).success).toBe(false);
  });
});
