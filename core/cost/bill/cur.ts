import type { Result } from "../../kernel/result.ts";
import { multiply, ZERO } from "../decimal.ts";
import type { ChargeCategory, ChargeFrequency } from "../ledger.ts";
import type { BilledLine } from "./provider-line.ts";
import { type BillFault, type BillRow, readBill } from "./row.ts";

/**
 * CUR 2.0 (`COST_AND_USAGE_REPORT`) as CSV, the columns of its static schema that the ledger needs (AWS Data Exports User Guide,
 * "Cost and Usage Report (CUR) 2.0"). Billed cost is the unblended cost; the blended one averages accounts and is never read.
 */
export const readCurBill = (text: string): Result<readonly BilledLine[], BillFault> => readBill(text, curLine);

/** CUR line item types as FOCUS ChargeCategory. What is negotiated or prepaid comes in as an adjustment, and none is left out. */
const CATEGORY: Readonly<Record<string, ChargeCategory>> = {
  Usage: "Usage",
  Fee: "Purchase",
  Tax: "Tax",
  Credit: "Credit",
  Refund: "Adjustment",
  BundledDiscount: "Adjustment",
  EdpDiscount: "Adjustment",
  PrivateRateDiscount: "Adjustment",
  DistributorDiscount: "Adjustment",
  Discount: "Adjustment",
};

const FREQUENCY: Readonly<Record<ChargeCategory, ChargeFrequency>> = {
  Usage: "Usage-Based",
  Purchase: "One-Time",
  Tax: "Usage-Based",
  Credit: "One-Time",
  Adjustment: "One-Time",
};

function curLine(row: BillRow): BilledLine {
  if (row.required("line_item_currency_code") !== "USD") row.refuse("line_item_currency_code", "the ledger is in USD");
  const category = CATEGORY[row.required("line_item_line_item_type")];
  if (category === undefined)
    row.refuse("line_item_line_item_type", "reservations and savings plans are not read from CUR: export FOCUS 1.2");
  const of = category ?? "Adjustment";
  const product = row.required("line_item_product_code");
  const quantity = row.decimal("line_item_usage_amount");
  const cost = row.requiredDecimal("line_item_unblended_cost");
  const rate =
    row.optional("pricing_public_on_demand_rate") === null ? null : row.decimal("pricing_public_on_demand_rate");
  const resourceId = row.optional("line_item_resource_id");
  return {
    id: `cur/${row.required("identity_line_item_id")}/${row.required("line_item_usage_start_date")}`,
    payerAccountId: row.required("bill_payer_account_id"),
    payerAccountName: row.optional("bill_payer_account_name"),
    usageAccountId: row.required("line_item_usage_account_id"),
    usageAccountName: row.optional("line_item_usage_account_name"),
    serviceCode: product,
    serviceName: product,
    serviceCategory: "Other",
    serviceSubcategory: null,
    usageType: row.text("line_item_usage_type"),
    skuPriceId: row.optional("pricing_rate_id"),
    category: of,
    chargeClass: null,
    frequency: FREQUENCY[of],
    description: row.text("line_item_line_item_description"),
    unit: row.optional("pricing_unit"),
    quantity,
    listUnitPrice: rate,
    listCost: rate === null || quantity === null ? (of === "Usage" ? cost : ZERO) : multiply(rate, quantity),
    billedCost: cost,
    effectiveCost: cost,
    period: { start: row.instant("line_item_usage_start_date"), end: row.instant("line_item_usage_end_date") },
    billingPeriodStart: row.instant("bill_billing_period_start_date"),
    invoiceId: row.optional("bill_invoice_id"),
    region: row.optional("product_region_code"),
    availabilityZone: row.optional("line_item_availability_zone"),
    resourceId,
    resourceName: null,
    resourceType: null,
    tags: row.tags("resource_tags"),
  };
}
