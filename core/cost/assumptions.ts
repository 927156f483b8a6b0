import * as z from "zod";
import { TierName } from "../contract/platform.ts";
import { type Decimal, parseDecimal } from "./decimal.ts";
import { COST_LAYERS } from "./ledger.ts";
import assumptions from "./scenarios/assumptions.json" with { type: "json" };

/** The scenario model's assumptions, as data: what is not here and in no price list decides nothing. */

const Amount = z.string().transform((text, context): Decimal => {
  const value = parseDecimal(text);
  if (value !== undefined && value.unscaled >= 0n && value.scale <= 6) return value;
  context.addIssue({ code: "custom", message: "a decimal of at most six places, not below zero" });
  return z.NEVER;
});

/** A quantity of a SKU a month, in its pricing unit. */
export const Item = z.strictObject({ sku: z.string().min(1), quantity: Amount, because: z.string().optional() });
export type Item = z.infer<typeof Item>;

const Per = z.enum(["stage", "cell", "tenant", "exception"]);
export type Per = z.infer<typeof Per>;

const Single = z.strictObject({ id: z.string(), value: Amount, unit: z.string(), because: z.string().min(1) });
const layer = z.enum(COST_LAYERS);
const because = z.string().min(1);

export const Assumptions = z
  .strictObject({
    schema: z.literal("keyward.assumptions/v1"),
    id: z.string(),
    planId: z.string(),
    note: z.string(),
    profiles: z
      .array(
        z.strictObject({
          profile: z.string().min(1),
          percent: Amount,
          /** Usage as a multiple of another profile's, where it has none of its own. */
          multiple: z.strictObject({ of: z.string(), by: Amount }).optional(),
          /** What a statement counts in a month. */
          activity: z.strictObject({ encounters: Amount, activeClinicians: Amount, documentGb: Amount }),
          usage: z.array(Item),
        }),
      )
      .min(1),
    tiers: z.array(
      z.strictObject({
        tier: TierName,
        percent: Amount,
        /** What a clinic of the tier uses on top, each month. */
        items: z.array(Item),
        /** Minutes of ours on top. */
        monthlyMinutes: Amount,
      }),
    ),
    fixed: z.array(
      z.strictObject({
        id: z.string(),
        layer,
        per: Per,
        items: z.array(Item).optional(),
        usd: Amount.optional(),
        because,
      }),
    ),
    tenantsPerCell: Single,
    labour: z.array(
      z.strictObject({ id: z.string(), layer, per: Per, minutes: Amount, minutePriceUsd: Amount, because }),
    ),
    exceptionPercent: Single,
    overhead: z.array(z.strictObject({ id: z.string(), layer, per: Per, usd: Amount, because })),
    reservePercent: Single,
  })
  .refine(
    ({ profiles }) =>
      profiles.every(
        ({ multiple }) => multiple === undefined || profiles.some(({ profile }) => profile === multiple.of),
      ),
    "a multiple is of a profile",
  );
export type Assumptions = z.infer<typeof Assumptions>;

export const ASSUMPTIONS: Assumptions = Assumptions.parse(assumptions);
