import { columnsOf, type DatasetId } from "../../../../core/cost/focus/datasets.ts";
import type { FocusVersion } from "../../../../core/cost/focus/column.ts";
import type { CheckContext } from "../../../../core/cost/focus/check/rule.ts";

/** A file as it is written: every column that FOCUS has, so that every rule is asked. */
export interface TextTable {
  readonly header: string[];
  readonly rows: Record<string, string | null>[];
  context: CheckContext;
}

const COMMON: Record<string, string | null> = {
  AvailabilityZone: null,
  BilledCost: "0.0",
  BillingAccountId: "111122223333",
  BillingAccountName: "Payer",
  BillingAccountType: "Payer",
  BillingCurrency: "USD",
  BillingPeriodEnd: "2026-12-01T00:00:00Z",
  BillingPeriodStart: "2026-11-01T00:00:00Z",
  ChargeCategory: "Usage",
  ChargeDescription: "Write request units",
  ChargeFrequency: "Usage-Based",
  ChargePeriodEnd: "2026-11-23T00:00:00Z",
  ChargePeriodStart: "2026-11-22T00:00:00Z",
  ContractedCost: "0.0",
  EffectiveCost: "0.0",
  HostProviderName: "AWS",
  InvoiceDetailId: "INV-1-1",
  InvoiceId: "INV-1",
  InvoiceIssuerName: "AWS",
  ListCost: "0.0",
  PricingCurrency: "USD",
  PricingCurrencyEffectiveCost: "0.0",
  ProviderName: "AWS",
  PublisherName: "AWS",
  ServiceCategory: "Databases",
  ServiceName: "Amazon DynamoDB",
  ServiceProviderName: "AWS",
  ServiceSubcategory: "NoSQL Databases",
  SubAccountId: "444455556666",
  SubAccountName: "prod",
  SubAccountType: "Account",
  x_CostLayer: "data",
};

const PRICED: Record<string, string> = {
  ConsumedUnit: "Requests",
  ContractedUnitPrice: "0.000000625",
  ListUnitPrice: "0.000000625",
  PricingCategory: "Standard",
  PricingCurrencyContractedUnitPrice: "0.000000625",
  PricingCurrencyListUnitPrice: "0.000000625",
  PricingUnit: "Requests",
  RegionId: "us-east-1",
  RegionName: "US East (N. Virginia)",
  ResourceId: "arn:aws:dynamodb:us-east-1:444455556666:table/data",
  ResourceName: "data",
  ResourceType: "Table",
  SkuId: "dynamodb-wru",
  SkuMeter: "Write Request Units",
  SkuPriceDetails: '{"StorageClass":"Standard","x_Tier":1}',
  SkuPriceId: "dynamodb-wru/us-east-1",
  Tags: '{"sst:app":"keyward"}',
};

/** The published sample: 10,000,000 write units billed 6.25 USD, of which 200,000 were nobody's (notes of COST-1). */
function share(tenant: string | null, ratio: string, quantity: string, cost: string): Record<string, string | null> {
  const details = `{"Elements":[{"AllocatedRatio":${ratio},"UsageUnit":"Requests","UsageQuantity":${quantity}}],"x_AllocationClass":"${tenant === null ? "Unallocated" : "Direct"}"}`;
  return {
    ...COMMON,
    ...PRICED,
    AllocatedMethodDetails: details,
    AllocatedMethodId: "metered-usage/v1",
    AllocatedResourceId: tenant,
    AllocatedResourceName: tenant === null ? null : `Clinic ${tenant}`,
    AllocatedTags: tenant === null ? null : `{"keyward/tenant":"${tenant}"}`,
    BilledCost: cost,
    ConsumedQuantity: `${quantity}.0`,
    ContractedCost: cost,
    EffectiveCost: cost,
    ListCost: cost,
    PricingQuantity: `${quantity}.0`,
    x_OriginChargeId: "origin-1",
  };
}

const committed: Record<string, string | null> = {
  ...COMMON,
  ...PRICED,
  BilledCost: "0.0",
  CapacityReservationId: "cr-1",
  CapacityReservationStatus: "Used",
  CommitmentDiscountCategory: "Spend",
  CommitmentDiscountId: "cd-1",
  CommitmentDiscountName: "Savings",
  CommitmentDiscountQuantity: "1.0",
  CommitmentDiscountStatus: "Used",
  CommitmentDiscountType: "Plan",
  CommitmentDiscountUnit: "Hours",
  CommitmentProgramEligibilityDetails: '{"x_Program":"none"}',
  ConsumedQuantity: "1000000.0",
  ContractApplied: '{"Elements":[]}',
  ContractedCost: "0.625",
  EffectiveCost: "0.5",
  ListCost: "0.625",
  PricingCategory: "Committed",
  PricingQuantity: "1000000.0",
};
const purchase: Record<string, string | null> = {
  ...committed,
  BilledCost: "0.625",
  CapacityReservationId: null,
  CapacityReservationStatus: null,
  ChargeCategory: "Purchase",
  ChargeFrequency: "One-Time",
  CommitmentDiscountStatus: null,
  ConsumedQuantity: null,
  ConsumedUnit: null,
  EffectiveCost: "0.0",
  PricingCategory: "Standard",
};
const tax: Record<string, string | null> = {
  ...COMMON,
  BilledCost: "0.5",
  ChargeCategory: "Tax",
  ContractedCost: "0.5",
  EffectiveCost: "0.5",
  ListCost: "0.5",
};
const credit: Record<string, string | null> = {
  ...COMMON,
  BilledCost: "-1.0",
  ChargeCategory: "Credit",
  ChargeFrequency: "One-Time",
  ContractedCost: "-1.0",
  EffectiveCost: "-1.0",
  ListCost: "-1.0",
};
const correction: Record<string, string | null> = {
  ...COMMON,
  BilledCost: "-0.1",
  ChargeClass: "Correction",
  ChargePeriodEnd: "2026-10-23T00:00:00Z",
  ChargePeriodStart: "2026-10-22T00:00:00Z",
  EffectiveCost: "-0.1",
};

/** Rows of the full table, by place: three shares of one origin, then one row of each kind. */
export const ROW = {
  share: 0,
  second: 1,
  nobodys: 2,
  committed: 3,
  purchase: 4,
  tax: 5,
  credit: 6,
  correction: 7,
} as const;

const costAndUsage = () => [
  share("t1", "0.61", "6100000", "3.8125"),
  share("t2", "0.37", "3700000", "2.3125"),
  share(null, "0.02", "200000", "0.125"),
  { ...committed },
  { ...purchase },
  { ...tax },
  { ...credit },
  { ...correction },
];

const billingPeriod = (start: string, end: string, status: string): Record<string, string | null> => ({
  BillingPeriodCreated: start,
  BillingPeriodEnd: end,
  BillingPeriodLastUpdated: "2026-12-04T00:00:00Z",
  BillingPeriodStart: start,
  BillingPeriodStatus: status,
  InvoiceIssuerName: "Keyward",
});

const invoiceDetail = (detail: string): Record<string, string | null> => ({
  BilledCost: "20.0",
  BillingAccountId: "t1",
  BillingCurrency: "USD",
  BillingPeriodEnd: "2026-12-01T00:00:00Z",
  BillingPeriodStart: "2026-11-01T00:00:00Z",
  ChargeCategory: "Usage",
  InvoiceDetailCreated: "2026-12-04T00:00:00Z",
  InvoiceDetailDescription: "November",
  InvoiceDetailGrain: '{"ServiceName":"Clinic EHR","x_Plan":"standard"}',
  InvoiceDetailId: detail,
  InvoiceDetailLastUpdated: "2026-12-04T00:00:00Z",
  InvoiceId: "K-1",
  InvoiceIssueDate: "2026-12-04T00:00:00Z",
  InvoiceIssueStatus: "Issued",
  InvoiceIssuerName: "Keyward",
  PaymentCurrency: "USD",
  PaymentCurrencyBilledCost: "20.0",
  PaymentCurrencyInvoiceDetailId: "K-1-P",
  PaymentDueDate: "2027-01-03T00:00:00Z",
  PaymentTerms: "Net 30",
  PurchaseOrderNumber: null,
  ReferenceInvoiceId: "K-1",
});

const ROWS: Readonly<Record<DatasetId, () => Record<string, string | null>[]>> = {
  "cost-and-usage": costAndUsage,
  "billing-period": () => [
    billingPeriod("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", "Closed"),
    billingPeriod("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", "Closed"),
    billingPeriod("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "Open"),
  ],
  "invoice-detail": () => [invoiceDetail("K-1-1"), invoiceDetail("K-1-2")],
};

/** What the origin of the three shares was, before it was split. */
const ORIGIN = {
  BilledCost: "6.25",
  ConsumedQuantity: "10000000.0",
  ContractedCost: "6.25",
  EffectiveCost: "6.25",
  ListCost: "6.25",
  PricingQuantity: "10000000.0",
  CommitmentDiscountQuantity: null,
  PricingCurrencyEffectiveCost: "0.0",
};

/** A new table without a fault. */
export function fullTable(dataset: DatasetId, version: FocusVersion): TextTable {
  const own = dataset === "cost-and-usage" ? ["x_CostLayer", "x_OriginChargeId"] : [];
  return {
    header: [...columnsOf(dataset, version).map(({ id }) => id), ...own],
    rows: ROWS[dataset](),
    context: { origins: new Map([["origin-1", ORIGIN]]) },
  };
}
