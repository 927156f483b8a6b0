import { ok, type Result } from "../../kernel/result.ts";
import { compare, ZERO } from "../decimal.ts";
import { CHARGE_CATEGORIES, type ChargeCategory, type ChargeFrequency } from "../ledger.ts";
import type { BilledLine } from "./provider-line.ts";
import { type BillFault, type BillRow, readBill } from "./row.ts";

/**
 * AWS's export `FOCUS_1_2_AWS` as CSV: the columns of FOCUS 1.2 that the ledger needs, and AWS's `x_ServiceCode`, `x_UsageType`
 * and `x_Operation` (AWS Data Exports User Guide, "FOCUS 1.2 with AWS columns"). Columns beyond those are passed over. ListUnitPrice,
 * PricingUnit, SkuPriceId and InvoiceIssuerName may be null there though FOCUS asks for them (its "conformance gaps").
 */
export function readFocusBill(text: string): Result<readonly BilledLine[], BillFault> {
  const lines = readBill(text, focusLine);
  return lines.ok ? ok(numbered(lines.value)) : lines;
}

/** Lines that say the same of themselves are numbered by cost and quantity, so that a file's order is no part of an id. */
function numbered(lines: readonly BilledLine[]): BilledLine[] {
  const seen = new Map<string, bigint>();
  const byAmount = lines.toSorted(
    (a, b) => compare(a.billedCost, b.billedCost) || compare(a.quantity ?? ZERO, b.quantity ?? ZERO),
  );
  const ids = new Map(
    byAmount.map((line) => {
      const nth = (seen.get(line.id) ?? 0n) + 1n;
      seen.set(line.id, nth);
      return [line, nth === 1n ? line.id : `${line.id}#${nth}`];
    }),
  );
  return lines.map((line) => ({ ...line, id: ids.get(line) ?? line.id }));
}

const FREQUENCIES: readonly ChargeFrequency[] = ["One-Time", "Recurring", "Usage-Based"];

function oneOf<T extends string>(row: BillRow, column: string, allowed: readonly T[], otherwise: T): T {
  const text = row.required(column);
  const found = allowed.find((value) => value === text);
  if (found === undefined) row.refuse(column, "the value is none that FOCUS allows");
  return found ?? otherwise;
}

function focusLine(row: BillRow): BilledLine {
  if (row.required("BillingCurrency") !== "USD") row.refuse("BillingCurrency", "the ledger is in USD");
  const chargeClass = row.text("ChargeClass");
  if (chargeClass !== null && chargeClass !== "Correction") row.refuse("ChargeClass", "the value is none of FOCUS 1.2");
  const category = oneOf<ChargeCategory>(row, "ChargeCategory", CHARGE_CATEGORIES, "Adjustment");
  const line = {
    payerAccountId: row.required("BillingAccountId"),
    payerAccountName: row.optional("BillingAccountName"),
    usageAccountId: row.optional("SubAccountId") ?? row.required("BillingAccountId"),
    usageAccountName: row.optional("SubAccountName"),
    serviceCode: row.optional("x_ServiceCode"),
    serviceName: row.required("ServiceName"),
    serviceCategory: row.required("ServiceCategory"),
    serviceSubcategory: row.optional("ServiceSubcategory"),
    usageType: row.optional("x_UsageType"),
    skuPriceId: row.optional("SkuPriceId"),
    category,
    chargeClass: chargeClass === null ? null : ("Correction" as const),
    frequency: oneOf<ChargeFrequency>(row, "ChargeFrequency", FREQUENCIES, "Usage-Based"),
    description: row.text("ChargeDescription"),
    unit: row.text("PricingUnit"),
    quantity: row.decimal("PricingQuantity"),
    listUnitPrice: row.decimal("ListUnitPrice"),
    listCost: row.requiredDecimal("ListCost"),
    billedCost: row.requiredDecimal("BilledCost"),
    effectiveCost: row.requiredDecimal("EffectiveCost"),
    period: { start: row.instant("ChargePeriodStart"), end: row.instant("ChargePeriodEnd") },
    billingPeriodStart: row.instant("BillingPeriodStart"),
    invoiceId: row.optional("InvoiceId"),
    region: row.optional("RegionId"),
    availabilityZone: row.optional("AvailabilityZone"),
    resourceId: row.optional("ResourceId"),
    resourceName: row.optional("ResourceName"),
    resourceType: row.optional("ResourceType"),
    tags: row.tags("Tags"),
  };
  const operation = row.optional("x_Operation");
  // AWS gives no id of a line: what tells lines apart is what they say of themselves.
  const id = [
    "focus",
    line.usageAccountId,
    line.period.start,
    line.serviceName,
    line.usageType,
    operation,
    line.skuPriceId,
    line.resourceId,
    category,
    chargeClass,
    line.invoiceId,
  ];
  return { ...line, id: id.map((part) => part ?? "").join("/") };
}
