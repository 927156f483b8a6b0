import type { TierAdviceView, TierDecision, TierName } from "../../core/contract/index.ts";
import { showUsd, total } from "../../core/cost/money.ts";
import type { Day } from "../../core/cost/period.ts";
import { planOn, PRICE_PLANS } from "../../core/cost/plan.ts";
import { pickPrices } from "../../core/cost/prices.ts";
import { adviseTier, type TierAdvice } from "../../core/cost/tenancy.ts";

/** TEN-2: what the tenancy decision record says of a kind of clinic. Undefined for a kind that it does not weigh. */
export function adviceFor(profile: string, region: string, day: Day): TierAdvice | undefined {
  const prices = pickPrices(region, day);
  const plan = planOn(day) ?? PRICE_PLANS[0];
  if (prices === undefined || plan === undefined) return undefined;
  const advice = adviseTier(profile, prices, plan);
  return advice.ok ? advice.value : undefined;
}

export const adviceView = ({ recommended, tiers, ...advice }: TierAdvice): TierAdviceView => ({
  ...advice,
  recommended: recommended.tier,
  tiers: tiers.map(({ tier, isolation, operations, migration, risk, costAws, costLabour, price, isPlaceable }) => ({
    tier,
    isolation,
    operations,
    migration,
    risk,
    cost: showUsd(total([costAws, costLabour])),
    price: showUsd(price),
    isPlaceable,
  })),
});

/** What is kept with the clinic: the record's advice on that day, and what was chosen. */
export function decisionOf(advice: TierAdvice, chosen: TierName): TierDecision {
  const { decisionId, decidedOn, profile, because, recommended, tiers, priceListId, planId } = advice;
  const price = tiers.find(({ tier }) => tier === chosen)?.price ?? recommended.price;
  return {
    decisionId,
    decidedOn,
    profile,
    because,
    recommended: recommended.tier,
    recommendedPrice: showUsd(recommended.price),
    chosen,
    chosenPrice: showUsd(price),
    priceListId,
    planId,
  };
}
