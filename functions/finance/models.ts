import type { AskScenarios, ControlsView, ScenariosView, TiersView } from "../../core/contract/index.ts";
import { Assumptions } from "../../core/cost/assumptions.ts";
import { controlPrices } from "../../core/cost/controls.ts";
import { formatDecimal, normalize } from "../../core/cost/decimal.ts";
import type { Day } from "../../core/cost/period.ts";
import { planOn, type PricePlan, PRICE_PLANS } from "../../core/cost/plan.ts";
import { pickPrices, type PriceList, skuOf } from "../../core/cost/prices.ts";
import { scenario } from "../../core/cost/scenario.ts";
import assumptions from "../../core/cost/scenarios/assumptions.json" with { type: "json" };
import { TENANCY, tierPrices } from "../../core/cost/tenancy.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";
import { usd } from "./money.ts";

/** What is computed from prices, plans and assumptions alone: no book is opened for it. */

export interface Sheet {
  readonly prices: PriceList;
  readonly plan: PricePlan;
}

/** Prices of the region and the plan in force. Before the first plan begins the first is shown. */
export function sheetOn(region: string, day: Day): Sheet {
  const prices = pickPrices(region, day);
  const plan = planOn(day) ?? PRICE_PLANS[0];
  invariant(prices !== undefined && plan !== undefined, "a stage's region has prices, and a plan is shipped");
  return { prices, plan };
}

const DEFAULT_TENANTS = [10, 100, 1_000];

/** Months of so many clinics (COST-4). `structure` with the place of what is no assumption. */
export function scenariosOf(
  { prices, plan }: Sheet,
  asked: AskScenarios = { tenants: DEFAULT_TENANTS },
): Result<ScenariosView, { readonly path: string }> {
  const given = asked.assumptions ?? assumptions;
  const parsed = Assumptions.safeParse(given);
  if (!parsed.success) return err({ path: parsed.error.issues[0]?.path.map(String).join(".") ?? "" });
  const { data } = parsed;
  const profiles = new Set(data.profiles.map(({ profile }) => profile));
  // A multiple of a multiple would be asked for ever.
  const isDeep = data.profiles.some(
    ({ multiple }) =>
      multiple !== undefined &&
      (!profiles.has(multiple.of) ||
        data.profiles.find(({ profile }) => profile === multiple.of)?.multiple !== undefined),
  );
  if (isDeep) return err({ path: "profiles" });
  const items = [
    ...data.profiles.flatMap(({ usage }) => usage),
    ...data.tiers.flatMap((tier) => tier.items),
    ...data.fixed.flatMap((fixed) => fixed.items ?? []),
  ];
  const unknown = items.find(({ sku }) => !prices.skus.some((known) => known.sku === sku));
  if (unknown !== undefined) return err({ path: "sku" });
  if (data.tenantsPerCell.value.unscaled <= 0n) return err({ path: "tenantsPerCell" });
  const scenarios = asked.tenants.map((tenants) => {
    const made = scenario(BigInt(tenants), data, prices, plan);
    return {
      tenants,
      cells: Number(made.cells),
      byProfile: [...made.byProfile].map(([profile, count]) => ({ profile, tenants: Number(count) })),
      byTier: [...made.byTier].map(([tier, count]) => ({ tier, tenants: Number(count) })),
      lines: made.lines.map((line) => ({ ...line, cost: usd(line.cost) })),
      layers: [...made.layers].map(([layer, cost]) => ({ layer, cost: usd(cost) })),
      total: usd(made.total),
      perTenant: usd(made.perTenant),
      awsPerTenant: usd(made.awsPerTenant),
      revenue: usd(made.revenue),
      margin: usd(made.margin),
    };
  });
  return ok({
    assumptions: given,
    isDefault: asked.assumptions === undefined,
    priceListId: prices.id,
    planId: plan.id,
    scenarios,
  });
}

/** The price of each control and its right-sizing (COST-5). */
export const controlsOf = ({ prices }: Sheet): ControlsView => ({
  priceListId: prices.id,
  controls: controlPrices(prices).map(({ control, name, layer, scope, settings, rightSize }) => ({
    control,
    name,
    layer,
    scope,
    settings: settings.map(({ items, cost, delta, ...setting }) => ({
      ...setting,
      items: items.map(({ sku, quantity }) => ({
        sku,
        unit: skuOf(prices, sku).unit,
        quantity: formatDecimal(normalize(quantity)),
      })),
      cost: usd(cost),
      delta: usd(delta),
    })),
    rightSize: rightSize?.setting ?? null,
  })),
});

/** The tenancy decision with what each tier costs and is sold for (COST-6). */
export const tiersOf = ({ prices, plan }: Sheet): TiersView => ({
  decisionId: TENANCY.id,
  decidedOn: TENANCY.decidedOn,
  decision: TENANCY.decision,
  priceListId: prices.id,
  planId: plan.id,
  tiers: tierPrices(prices, plan).map((tier) => ({
    ...tier,
    costAws: usd(tier.costAws),
    costLabour: usd(tier.costLabour),
    price: usd(tier.price),
    margin: usd(tier.margin),
  })),
  profiles: TENANCY.profiles,
});

/** What each tier is sold for, without what it costs: for the clinic. */
export const tiersForClinics = ({ prices, plan }: Sheet) =>
  tierPrices(prices, plan).map(({ tier, isolation, isPlaceable }) => {
    const sold = plan.tiers.find((each) => each.tier === tier);
    invariant(sold !== undefined, "every tier is sold");
    return { tier, name: sold.name, unitPrice: formatDecimal(normalize(sold.unitPrice)), isolation, isPlaceable };
  });
