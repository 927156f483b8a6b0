import * as z from "zod";
import { TierName } from "../contract/platform.ts";
import { invariant } from "../kernel/invariant.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { TIERS } from "../tenant/tiers.ts";
import { ASSUMPTIONS, type Assumptions } from "./assumptions.ts";
import { decimal, multiply } from "./decimal.ts";
import { nearestPico, type PicoUsd, pico } from "./money.ts";
import type { PricePlan } from "./plan.ts";
import type { PriceList } from "./prices.ts";
import { itemsCost } from "./scenario.ts";
import tenancy from "./scenarios/tenancy.json" with { type: "json" };

/** The tenancy decision record (TEN-2): kept with the code, shown when a clinic is created. */
export const TenancyDecision = z
  .strictObject({
    schema: z.literal("keyward.tenancy/v1"),
    id: z.string(),
    decidedOn: z.iso.date(),
    decision: z.string(),
    options: z.array(
      z.strictObject({
        tier: TierName,
        isolation: z.string().min(1),
        operations: z.string().min(1),
        migration: z.string().min(1),
        risk: z.string().min(1),
      }),
    ),
    profiles: z.array(
      z.strictObject({
        profile: z.string().regex(/^[a-z-]+$/),
        name: z.string().min(1),
        recommend: TierName,
        because: z.string().min(1),
      }),
    ),
  })
  .refine(
    ({ options }) => TierName.options.every((tier) => options.filter((option) => option.tier === tier).length === 1),
    "every tier is weighed once",
  );
export type TenancyDecision = z.infer<typeof TenancyDecision>;

export const TENANCY: TenancyDecision = TenancyDecision.parse(tenancy);

export interface TierPrice {
  readonly tier: TierName;
  readonly isolation: string;
  readonly operations: string;
  readonly migration: string;
  readonly risk: string;
  /** What it costs us a month on top of a clinic's use: AWS at list price, and our minutes. */
  readonly costAws: PicoUsd;
  readonly costLabour: PicoUsd;
  /** What the plan asks for it a month. */
  readonly price: PicoUsd;
  readonly margin: PicoUsd;
  /** Whether a stage can place a clinic there today. */
  readonly isPlaceable: boolean;
}

export interface TierAdvice {
  readonly decisionId: string;
  readonly decidedOn: string;
  readonly profile: string;
  readonly name: string;
  readonly because: string;
  readonly recommended: TierPrice;
  /** All tiers, the recommended one among them, in the order of their isolation. */
  readonly tiers: readonly TierPrice[];
  readonly priceListId: string;
  readonly planId: string;
}

/** What each tier costs and is sold for (COST-6). */
export function tierPrices(
  prices: PriceList,
  plan: PricePlan,
  assumptions: Assumptions = ASSUMPTIONS,
  decision = TENANCY,
): TierPrice[] {
  const minute = assumptions.labour.find(({ id }) => id === "incidents")?.minutePriceUsd ?? decimal(0n);
  return TierName.options.map((tier) => {
    const option = decision.options.find((each) => each.tier === tier);
    const use = assumptions.tiers.find((each) => each.tier === tier);
    const sold = plan.tiers.find((each) => each.tier === tier);
    invariant(option !== undefined && use !== undefined && sold !== undefined, "every tier has its data");
    const costAws = itemsCost(use.items, prices);
    const costLabour = nearestPico(multiply(use.monthlyMinutes, minute));
    const price = nearestPico(sold.unitPrice);
    return {
      ...option,
      costAws,
      costLabour,
      price,
      margin: pico(price - costAws - costLabour),
      isPlaceable: TIERS[tier].isPlaceable,
    };
  });
}

/** The recommended tier of a profile with its price; `not-found` for a profile that the record does not weigh. */
export function adviseTier(
  profile: string,
  prices: PriceList,
  plan: PricePlan,
  decision = TENANCY,
): Result<TierAdvice, { readonly kind: "not-found" }> {
  const weighed = decision.profiles.find((each) => each.profile === profile);
  if (weighed === undefined) return err({ kind: "not-found" });
  const tiers = tierPrices(prices, plan, ASSUMPTIONS, decision);
  const recommended = tiers.find(({ tier }) => tier === weighed.recommend);
  invariant(recommended !== undefined, "a profile recommends a tier that is weighed");
  return ok({
    decisionId: decision.id,
    decidedOn: decision.decidedOn,
    profile,
    name: weighed.name,
    because: weighed.because,
    recommended,
    tiers,
    priceListId: prices.id,
    planId: plan.id,
  });
}
