import { decimalOf } from "../../../../core/cost/decimal.ts";
import type { FocusColumn } from "../../../../core/cost/focus/column.ts";
import { DATASETS, type DatasetId } from "../../../../core/cost/focus/datasets.ts";
import { invoiceKey } from "../../../../core/cost/focus/check/rule.ts";
import { ROW, type TextTable } from "./full-table.ts";

/** Breaks one rule in a table that has no fault. */
type Plant = (table: TextTable) => void;

const set =
  (row: number, cells: Record<string, string | null>): Plant =>
  ({ rows }) => {
    Object.assign(rows[row] ?? {}, cells);
  };

const append =
  (name: string): Plant =>
  ({ header }) => {
    header.push(name);
  };

const drop =
  (column: string): Plant =>
  ({ header }) => {
    header.splice(header.indexOf(column), 1);
  };

const clearResources = { ResourceId: null, ResourceName: null, ResourceType: null };

/** Faults of the rules that only one column has. Ids without their dataset's name. */
const COST_PLANTS: Readonly<Record<string, Plant>> = {
  "AllocatedMethodDetails.10": set(ROW.tax, { AllocatedMethodDetails: '{"Elements":[{"AllocatedRatio":1}]}' }),
  "AllocatedMethodDetails.11": set(ROW.share, { AllocatedMethodDetails: null }),
  "AllocatedMethodDetails.12": set(ROW.share, {
    AllocatedMethodDetails: '{"Elements":[{"AllocatedRatio":0.61,"UsageQuantity":6100000}]}',
  }),
  "AllocatedMethodDetails.13": set(ROW.share, {
    AllocatedMethodDetails: '{"Elements":[{"AllocatedRatio":0.610000000001}],"x_AllocationClass":"Direct"}',
  }),
  "AllocatedMethodDetails.14": (table) => {
    const [first, second] = [table.rows[ROW.share], table.rows[ROW.second]];
    if (first === undefined || second === undefined) return;
    first["AllocatedMethodDetails"] = '{"Elements":[{"AllocatedRatio":0.37}],"x_AllocationClass":"Direct"}';
    second["AllocatedMethodDetails"] = '{"Elements":[{"AllocatedRatio":0.61}],"x_AllocationClass":"Direct"}';
  },
  "AllocatedMethodDetails.15": set(ROW.share, {
    AllocatedMethodDetails: '{"Elements":[{"AllocatedRatio":0.61,"Tenant":"t1"}],"x_AllocationClass":"Direct"}',
  }),
  "AllocatedMethodDetails.16": set(ROW.share, {
    AllocatedMethodDetails: '{"Elements":[{"AllocatedRatio":0.61,"UsageUnit":"gb"}],"x_AllocationClass":"Direct"}',
  }),
  "AllocatedMethodId.10": set(ROW.tax, { AllocatedResourceId: "t1", AllocatedResourceName: "Clinic" }),
  "AllocatedResourceId.10": set(ROW.tax, { AllocatedResourceId: "t1" }),
  "AllocatedResourceId.11": set(ROW.nobodys, { AllocatedResourceId: "t1", AllocatedResourceName: "Clinic" }),
  "AllocatedResourceName.10": set(ROW.nobodys, { AllocatedResourceName: "Clinic" }),
  "AllocatedResourceName.11": set(ROW.share, { AllocatedResourceName: null }),
  "AllocatedTags.10": set(ROW.tax, { AllocatedTags: '{"keyward/tenant":"t1"}' }),
  "AllocatedTags.11": set(ROW.share, { AllocatedTags: '{"sst:app":"other"}' }),
  "BilledCost.11": (table) => {
    table.context = {
      ...table.context,
      invoices: new Map([
        [invoiceKey("AWS", "INV-1"), decimalOf("6.37")],
        [invoiceKey("AWS", "INV-1", "INV-1-1"), decimalOf("6.37")],
      ]),
    };
  },
  "BillingCurrency.10": set(ROW.second, { BillingCurrency: "EUR" }),
  "BillingPeriodEnd.10": set(ROW.share, { BillingPeriodEnd: "2026-11-01T00:00:00Z" }),
  "CapacityReservationStatus.10": set(ROW.tax, { CapacityReservationStatus: "Used" }),
  "ChargeClass.10": set(ROW.correction, {
    ChargePeriodStart: "2026-11-22T00:00:00Z",
    ChargePeriodEnd: "2026-11-23T00:00:00Z",
  }),
  "ChargeDescription.10": set(ROW.share, { ChargeDescription: null }),
  "ChargeFrequency.10": set(ROW.purchase, { ChargeFrequency: "Usage-Based" }),
  "ChargePeriodEnd.10": set(ROW.share, { ChargePeriodEnd: "2026-11-21T00:00:00Z" }),
  "CommitmentDiscountCategory.10": set(ROW.tax, { CommitmentDiscountCategory: "Spend" }),
  "CommitmentDiscountCategory.11": set(ROW.committed, { CommitmentDiscountCategory: null }),
  "CommitmentDiscountName.10": set(ROW.tax, { CommitmentDiscountName: "Savings" }),
  "CommitmentDiscountQuantity.10": set(ROW.tax, { CommitmentDiscountQuantity: "1.0" }),
  "CommitmentDiscountQuantity.11": set(ROW.committed, { CommitmentDiscountQuantity: null }),
  "CommitmentDiscountStatus.10": set(ROW.tax, { CommitmentDiscountStatus: "Used" }),
  "CommitmentDiscountStatus.11": set(ROW.committed, { CommitmentDiscountStatus: null }),
  "CommitmentDiscountType.10": set(ROW.tax, { CommitmentDiscountType: "Plan" }),
  "CommitmentDiscountType.11": set(ROW.committed, { CommitmentDiscountType: null }),
  "CommitmentDiscountUnit.10": set(ROW.tax, { CommitmentDiscountUnit: "Hours" }),
  "CommitmentDiscountUnit.11": set(ROW.committed, { CommitmentDiscountUnit: null }),
  "ConsumedQuantity.10": set(ROW.tax, { ConsumedQuantity: "1.0" }),
  "ConsumedQuantity.11": set(ROW.purchase, { ConsumedQuantity: "1.0" }),
  "ConsumedQuantity.12": set(ROW.share, { ConsumedQuantity: null }),
  "ConsumedUnit.10": set(ROW.tax, { ConsumedUnit: "Requests" }),
  "ConsumedUnit.11": set(ROW.share, { ConsumedUnit: null }),
  "ContractedCost.10": set(ROW.share, { ContractedCost: "3.812500000001" }),
  "ContractedCost.11": set(ROW.credit, { ContractedCost: "-0.9" }),
  "ContractedUnitPrice.10": set(ROW.credit, { ContractedUnitPrice: "1.0" }),
  "ContractedUnitPrice.11": set(ROW.tax, { ContractedUnitPrice: "1.0" }),
  "ContractedUnitPrice.12": set(ROW.share, { ContractedUnitPrice: null }),
  "EffectiveCost.10": set(ROW.purchase, { EffectiveCost: "0.625" }),
  "InvoiceDetailId.10": set(ROW.share, { InvoiceId: null }),
  "InvoiceDetailId.11": set(ROW.share, { InvoiceDetailId: null }),
  "InvoiceDetailId.12": (table) => {
    table.context = { ...table.context, invoices: new Map([[invoiceKey("AWS", "INV-1"), decimalOf("6.275")]]) };
  },
  "ListCost.10": set(ROW.share, { ListCost: "3.8124999" }),
  "ListCost.11": set(ROW.credit, { ListCost: "0.0" }),
  "ListUnitPrice.10": set(ROW.credit, { ListUnitPrice: "1.0" }),
  "ListUnitPrice.11": set(ROW.tax, { ListUnitPrice: "1.0" }),
  "ListUnitPrice.12": set(ROW.share, { ListUnitPrice: null }),
  "PricingCategory.10": set(ROW.credit, { PricingCategory: "Standard" }),
  "PricingCategory.11": set(ROW.tax, { PricingCategory: "Standard" }),
  "PricingCategory.12": set(ROW.share, { PricingCategory: null }),
  "PricingCategory.13": set(ROW.committed, { PricingCategory: "Standard" }),
  "PricingQuantity.10": set(ROW.credit, { PricingQuantity: "1.0" }),
  "PricingQuantity.11": set(ROW.tax, { PricingQuantity: "1.0" }),
  "PricingQuantity.12": set(ROW.share, { PricingQuantity: null }),
  "PricingUnit.10": set(ROW.tax, { PricingUnit: "Requests" }),
  "PricingUnit.11": set(ROW.share, { PricingUnit: null }),
  "RegionName.10": set(ROW.share, { RegionId: null }),
  "RegionName.11": set(ROW.share, { RegionName: null }),
  "ResourceName.10": set(ROW.share, { ...clearResources, ResourceName: "data" }),
  "ResourceType.10": set(ROW.share, { ...clearResources, ResourceType: "Table" }),
  "ResourceType.11": set(ROW.share, { ResourceType: null }),
  "ServiceName.10": set(ROW.tax, { ServiceCategory: "Storage", ServiceSubcategory: "Object Storage" }),
  "ServiceSubcategory.10": set(ROW.share, { ServiceSubcategory: "Object Storage" }),
  "SkuId.10": set(ROW.tax, { SkuId: "dynamodb-wru" }),
  "SkuId.11": set(ROW.share, { SkuId: null }),
  "SkuMeter.10": set(ROW.tax, { SkuMeter: "Write Request Units" }),
  "SkuMeter.11": set(ROW.share, { SkuMeter: null }),
  "SkuPriceDetails.10": set(ROW.tax, { SkuPriceDetails: '{"x_Tier":1}' }),
  "SkuPriceDetails.11": set(ROW.share, { SkuPriceDetails: '{"Tier":1}' }),
  "SkuPriceId.10": set(ROW.tax, { SkuPriceId: "dynamodb-wru/us-east-1" }),
  "SkuPriceId.11": set(ROW.share, { SkuPriceId: null }),
  "SkuPriceId.12": set(ROW.second, { SkuId: "dynamodb-rru" }),
  "SubAccountName.10": set(ROW.share, { SubAccountId: null }),
  "SubAccountName.11": set(ROW.share, { SubAccountName: null }),
  "SubAccountType.10": set(ROW.share, { SubAccountId: null, SubAccountName: null }),
  "SubAccountType.11": set(ROW.share, { SubAccountType: null }),
  "Custom.7": set(ROW.second, { x_CostLayer: "logs" }),
};

const BILLING_PERIOD_PLANTS: Readonly<Record<string, Plant>> = {
  "BillingPeriodEnd.10": set(0, { BillingPeriodEnd: "2026-09-01T00:00:00Z" }),
  "BillingPeriodLastUpdated.10": set(0, { BillingPeriodLastUpdated: "2026-09-01T00:00:00Z" }),
  "BillingPeriodStart.10": set(1, { BillingPeriodStart: "2026-10-01T00:00:00Z" }),
  "BillingPeriodStatus.10": set(2, { BillingPeriodStatus: "Closed" }),
};

const INVOICE_DETAIL_PLANTS: Readonly<Record<string, Plant>> = {
  "BillingCurrency.10": set(1, { BillingCurrency: "EUR" }),
  "BillingPeriodEnd.10": set(0, { BillingPeriodEnd: "2026-10-01T00:00:00Z" }),
  "InvoiceDetailGrain.10": set(0, { InvoiceDetailGrain: '{"Plan":"standard"}' }),
  "InvoiceDetailId.10": set(1, { InvoiceDetailId: "K-1-1" }),
  "InvoiceDetailLastUpdated.10": set(0, { InvoiceDetailLastUpdated: "2026-12-03T00:00:00Z" }),
  "InvoiceIssueDate.10": set(0, { InvoiceIssueDate: null }),
  "InvoiceIssueStatus.10": set(1, { InvoiceIssueStatus: "Open" }),
  "PaymentDueDate.10": set(0, { PaymentDueDate: "2026-12-03T00:00:00Z" }),
};

const HEADER_PLANTS: Readonly<Record<string, Plant>> = {
  "Columns.1": append("CostCenter"),
  "Columns.3": append("x_cost-center"),
  "Columns.4": append(`x_A${"b".repeat(60)}`),
  "Columns.5": ({ header }) => {
    header.unshift("x_First");
  },
  "Columns.2": append("InvoiceIssuerName"),
};

const OWN: Readonly<Record<DatasetId, Readonly<Record<string, Plant>>>> = {
  "cost-and-usage": COST_PLANTS,
  "billing-period": BILLING_PERIOD_PLANTS,
  "invoice-detail": INVOICE_DETAIL_PLANTS,
};

const WRONG_FORMAT: Readonly<Record<NonNullable<FocusColumn["format"]>, string>> = {
  unit: "gigabyte-hours",
  currency: "usd",
  "non-negative": "-0.000000625",
  "key-value": '{"a":1,"a":2}',
};
/** Another value of the same type: a share that says what its origin does not. */
const OTHER: Readonly<Record<FocusColumn["type"], string>> = {
  String: "other",
  Decimal: "7.25",
  "Date/Time": "2026-11-02T00:00:00Z",
  JSON: '{"x_Other":true}',
};

/** The fault that follows from a column's own table: rules 1 to 8. */
function generated(column: FocusColumn, rule: string): Plant | undefined {
  const { id, type, format } = column;
  switch (rule) {
    case "1":
      return drop(id);
    case "2":
      return set(0, { [id]: "next Tuesday" });
    case "3":
      return set(0, { [id]: null });
    case "4":
      return set(0, { [id]: "Nonsense" });
    case "5":
      return format === undefined ? undefined : set(0, { [id]: WRONG_FORMAT[format] });
    case "6":
      return set(0, { [id]: "N/A" });
    case "7":
      return set(ROW.second, { [id]: OTHER[type] });
    case "8":
      return set(ROW.second, { [id]: "0.000001" });
    default:
      return undefined;
  }
}

/** The fault that a rule must find, or undefined for a rule that nobody planted one for. */
export function plantOf(dataset: DatasetId, ruleId: string): Plant | undefined {
  const [, column = "", rule = ""] = ruleId.split(".");
  const known = OWN[dataset][`${column}.${rule}`] ?? HEADER_PLANTS[`${column}.${rule}`];
  if (known !== undefined) return known;
  const table = DATASETS[dataset].columns.find(({ id }) => id === column);
  return table === undefined ? undefined : generated(table, rule);
}

/** Byte for byte what breaks the rules about the file itself, by their number. */
export const FILE_PLANTS: Readonly<Record<string, (csv: string) => Uint8Array>> = {
  "1": (csv) => Buffer.concat([Buffer.from(csv), Buffer.from([0xff, 0xfe, 0x0a])]),
  "2": (csv) => Buffer.from(`\ufeff${csv}`),
  "3": () => Buffer.alloc(0),
  "4": (csv) => Buffer.from(csv.replace(/\n$/, ",1\n")),
  "5": (csv) => Buffer.from(csv.replace(/\n(.)/, '\n$1"')),
};
