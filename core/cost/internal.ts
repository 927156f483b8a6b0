import * as z from "zod";
import { ID_PATTERN } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import { type Decimal, multiply, parseDecimal } from "./decimal.ts";
import type { CostTenant, InternalCharge } from "./ledger.ts";
import { exactPico } from "./money.ts";
import { isDay, monthOf, periodOfDay } from "./period.ts";

/** Six places of each, so that their product has twelve. */
const Amount = z.string().transform((text, context): Decimal => {
  const value = parseDecimal(text);
  if (value !== undefined && value.unscaled >= 0n && value.scale <= 6) return value;
  context.addIssue({ code: "custom", message: "a decimal of at most six places, not below zero" });
  return z.NEVER;
});

/** What finance enters: minutes of support for a clinic, the month's share of an audit, capacity held in reserve. */
export const InternalEntry = z.strictObject({
  id: z.string().regex(ID_PATTERN),
  layer: z.enum(["support", "compliance", "reserve"]),
  /** Null: for all clinics. */
  tenantId: z.string().regex(ID_PATTERN).nullable(),
  day: z.string().refine(isDay, "a day such as 2026-11-22"),
  /** Minutes of support; else a count. */
  quantity: Amount,
  unitPrice: Amount,
  /** Begins with a letter or digit: a spreadsheet would read =, +, - or @ as a formula. One line. */
  description: z
    .string()
    .trim()
    .max(120)
    .regex(/^[\p{L}\p{N}][^\p{Cc}]*$/u),
});
export type InternalEntry = z.infer<typeof InternalEntry>;

const WORDS = {
  support: { name: "Clinic Support", subcategory: "Support", meter: "Support Minutes", unit: "Minutes" },
  compliance: { name: "Compliance Programme", subcategory: "Compliance", meter: "Compliance Overhead", unit: "Count" },
  reserve: {
    name: "Reserved Capacity",
    subcategory: "Other (Management and Governance)",
    meter: "Reserve",
    unit: "Count",
  },
} as const;

/** The ledger's line of an entry. A correction of a closed month is another entry, below zero by its caller's own sign. */
export function internalCharge(
  entry: InternalEntry,
  of: { readonly tenant: CostTenant | null; readonly issuer: string; readonly enteredBy: string },
): InternalCharge {
  const { id, layer, day, quantity, unitPrice, description, tenantId } = entry;
  invariant((of.tenant?.id ?? null) === tenantId, "an entry is charged to the clinic that it names");
  const cost = exactPico(multiply(unitPrice, quantity));
  invariant(cost !== undefined, "six places times six places are twelve");
  const { name, subcategory, meter, unit } = WORDS[layer];
  return {
    kind: "internal",
    id: `internal/${id}`,
    serviceName: name,
    serviceCategory: "Management and Governance",
    serviceSubcategory: subcategory,
    sku: `internal-${layer}`,
    skuPriceId: `internal-${layer}/${unitPrice.unscaled}e-${unitPrice.scale}`,
    skuMeter: meter,
    layer,
    category: layer === "reserve" ? "Purchase" : "Usage",
    chargeClass: null,
    frequency: layer === "support" ? "Usage-Based" : "Recurring",
    description,
    unit,
    quantity,
    listUnitPrice: unitPrice,
    listCost: cost,
    billedCost: cost,
    effectiveCost: cost,
    period: periodOfDay(day),
    billingMonth: monthOf(day),
    invoiceId: null,
    // Nothing outside of us bills it: what was entered is what it is.
    state: "reconciled",
    correctionOf: null,
    ...of,
  };
}
