import * as z from "zod";
import { TierName } from "../contract/platform.ts";
import { type Decimal, parseDecimal } from "./decimal.ts";
import clinicStandard from "./plans/clinic-standard.v1.json" with { type: "json" };
import { type Day, isDay } from "./period.ts";

/** What a clinic is asked for. A plan is data with a version; a change is a new version, for the months that begin with it. */

const Price = z.string().transform((text, context): Decimal => {
  const value = parseDecimal(text);
  if (value !== undefined && value.unscaled >= 0n && value.scale <= 4) return value;
  context.addIssue({ code: "custom", message: "a decimal of at most four places, not below zero" });
  return z.NEVER;
});

/** What a clinic's month is counted by. */
export const PLAN_METERS = ["platform-fee", "active-clinicians", "encounters", "document-storage"] as const;
export type PlanMeter = (typeof PLAN_METERS)[number];

export const PricePlan = z.strictObject({
  schema: z.literal("keyward.plan/v1"),
  id: z.string().regex(/^[a-z][a-z0-9-]*\/v\d+$/),
  name: z.string().min(1),
  effectiveFrom: z.string().refine(isDay, "a day such as 2026-11-22"),
  note: z.string(),
  meters: z.array(
    z.strictObject({
      meter: z.enum(PLAN_METERS),
      name: z.string().min(1),
      unit: z.enum(["Months", "Count", "GB-Months"]),
      unitPrice: Price,
      /** Of a month, for the clinic as a whole. */
      included: Price,
      frequency: z.enum(["Recurring", "Usage-Based"]),
    }),
  ),
  /** A month in each isolation tier, prorated by the time in it. */
  tiers: z.array(z.strictObject({ tier: TierName, name: z.string().min(1), unitPrice: Price })),
});
export type PricePlan = z.infer<typeof PricePlan>;

export const PRICE_PLANS: readonly PricePlan[] = [PricePlan.parse(clinicStandard)];

/** The newest plan in force on `day`; undefined before the first. */
export const planOn = (day: Day, plans = PRICE_PLANS): PricePlan | undefined =>
  plans
    .filter(({ effectiveFrom }) => effectiveFrom <= day)
    .toSorted((a, b) => (a.effectiveFrom < b.effectiveFrom ? 1 : -1))[0];
