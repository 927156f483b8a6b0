import type { ClinicCharge } from "../ledger.ts";
import { toDecimal } from "../money.ts";
import { periodOfMonth } from "../period.ts";
import { customColumn, type FocusColumn } from "./column.ts";
import { columnsOf } from "./datasets.ts";
import type { FocusRow, FocusTable } from "./row.ts";
import { otherOf } from "./service-categories.ts";

const CATEGORY = "Business Applications";
/** FOCUS ServiceName of all that we sell. */
export const CLINIC_SERVICE = "Clinic EHR";

const CUSTOM: readonly FocusColumn[] = [
  customColumn("x_ChargeId"),
  customColumn("x_CorrectionOfId"),
  customColumn("x_LineState"),
  customColumn("x_PlanId"),
];
/** We split nothing here, sell no commitment, run in no region of the clinic's choice and know no tags of it. */
const ABSENT =
  /^(?:Allocated|AvailabilityZone|Capacity|Commitment|ContractApplied|PricingCurrency|Region|Resource|Tags)/;

export const CUSTOMER_CHARGES_COLUMNS: readonly FocusColumn[] = [
  ...columnsOf("cost-and-usage", "1.4").filter(({ id }) => !ABSENT.test(id)),
  ...CUSTOM,
];

function prices({ planId, meter, meterName, quantity, unit, unitPrice, category }: ClinicCharge): FocusRow {
  if (quantity === null || unit === null || unitPrice === null) return {};
  return {
    ConsumedQuantity: category === "Usage" ? quantity : null,
    ConsumedUnit: category === "Usage" ? unit : null,
    ContractedUnitPrice: unitPrice,
    ListUnitPrice: unitPrice,
    PricingCategory: "Standard",
    PricingQuantity: quantity,
    PricingUnit: unit,
    SkuId: meter,
    SkuMeter: meterName,
    SkuPriceId: `${planId}/${meter}`,
  };
}

const rowOf = (charge: ClinicCharge, issuer: string): FocusRow => {
  const { tenant, location, period } = charge;
  const month = periodOfMonth(charge.billingMonth);
  const amount = toDecimal(charge.amount);
  return {
    ...prices(charge),
    BilledCost: amount,
    BillingAccountId: tenant.id,
    BillingAccountName: tenant.name,
    BillingAccountType: "Clinic",
    BillingCurrency: "USD",
    BillingPeriodEnd: month.end,
    BillingPeriodStart: month.start,
    ChargeCategory: charge.category,
    ChargeClass: charge.chargeClass,
    ChargeDescription: charge.description,
    ChargeFrequency: charge.frequency,
    ChargePeriodEnd: period.end,
    ChargePeriodStart: period.start,
    ContractedCost: amount,
    EffectiveCost: amount,
    HostProviderName: "AWS",
    InvoiceDetailId: charge.invoiceDetailId,
    InvoiceId: charge.invoiceId,
    InvoiceIssuerName: issuer,
    ListCost: amount,
    ServiceCategory: CATEGORY,
    ServiceName: CLINIC_SERVICE,
    ServiceProviderName: issuer,
    ServiceSubcategory: otherOf(CATEGORY),
    SubAccountId: location?.id ?? null,
    SubAccountName: location?.name ?? null,
    SubAccountType: location === null ? null : "Location",
    x_ChargeId: charge.id,
    x_CorrectionOfId: charge.correctionOf,
    x_LineState: charge.state,
    x_PlanId: charge.planId,
  };
};

/** Dataset `customer-charges`: what we charge clinics, in FOCUS 1.4 Cost and Usage. `issuer` is our company's name. */
export const customerCharges = (charges: readonly ClinicCharge[], issuer: string): FocusTable => ({
  dataset: "cost-and-usage",
  version: "1.4",
  columns: CUSTOMER_CHARGES_COLUMNS,
  rows: charges.map((charge) => rowOf(charge, issuer)),
});
