import { CHARGE_CATEGORIES } from "../ledger.ts";
import { type FocusColumn, column } from "./column.ts";
import { SERVICE_CATEGORIES, SERVICE_SUBCATEGORIES } from "./service-categories.ts";

const SPLIT = { condition: "split cost allocation", since: "1.3" } as const;
const SPLIT_COLUMNS = [
  "AllocatedMethodDetails",
  "AllocatedMethodId",
  "AllocatedResourceId",
  "AllocatedResourceName",
  "AllocatedTags",
];
const COMMITMENT_COLUMNS = [
  "CommitmentDiscountCategory",
  "CommitmentDiscountId",
  "CommitmentDiscountName",
  "CommitmentDiscountQuantity",
  "CommitmentDiscountStatus",
  "CommitmentDiscountType",
  "CommitmentDiscountUnit",
];
const COMMITMENT = { condition: "commitment discounts", standsWith: COMMITMENT_COLUMNS } as const;
const RESERVATION = {
  condition: "capacity reservations",
  standsWith: ["CapacityReservationId", "CapacityReservationStatus"],
} as const;
const MEASURED = { condition: "usage measurement", standsWith: ["ConsumedQuantity", "ConsumedUnit"] } as const;
const UNIT_PRICING = {
  condition: "unit pricing",
  standsWith: ["SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId"],
} as const;
const REGIONS = { condition: "regions", standsWith: ["RegionId", "RegionName"] } as const;
const RESOURCES = {
  condition: "provisioned resources",
  standsWith: ["ResourceId", "ResourceName", "ResourceType"],
} as const;
const SUB_ACCOUNTS = { condition: "sub accounts", standsWith: ["SubAccountId", "SubAccountName"] } as const;
const INVOICES = { condition: "payable invoices" } as const;
const CURRENCIES = {
  condition: "pricing and billing currency differences",
  standsWith: ["PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice"],
} as const;
const UNIT_PRICE = { split: "equal", format: "non-negative", places: 16 } as const;

/**
 * FOCUS 1.4 Cost and Usage: 65 columns, and the two that 1.4 took away. Levels, nulls and types from the dataset's own
 * table (specification/datasets/cost_and_usage/dataset.md), allowed values from each column's page; README.md says from
 * which copies. In the order of the specification, which is alphabetical.
 */
export const COST_AND_USAGE: readonly FocusColumn[] = [
  column("AllocatedMethodDetails", "JSON", "Recommended", "null", {
    ...SPLIT,
    standsWith: SPLIT_COLUMNS,
    split: "own",
  }),
  column("AllocatedMethodId", "String", "Conditional", "null", { ...SPLIT, standsWith: SPLIT_COLUMNS, split: "own" }),
  column("AllocatedResourceId", "String", "Conditional", "null", { ...SPLIT, standsWith: SPLIT_COLUMNS, split: "own" }),
  column("AllocatedResourceName", "String", "Conditional", "null", {
    ...SPLIT,
    standsWith: SPLIT_COLUMNS,
    split: "own",
  }),
  column("AllocatedTags", "JSON", "Conditional", "null", {
    ...SPLIT,
    standsWith: SPLIT_COLUMNS,
    split: "own",
    format: "key-value",
  }),
  column("AvailabilityZone", "String", "Recommended", "null", { condition: "availability zones" }),
  column("BilledCost", "Decimal", "Mandatory", "not null"),
  column("BillingAccountId", "String", "Mandatory", "not null"),
  column("BillingAccountName", "String", "Mandatory", "null"),
  column("BillingAccountType", "String", "Conditional", "not null", { condition: "multiple billing account types" }),
  column("BillingCurrency", "String", "Mandatory", "not null", { format: "currency" }),
  column("BillingPeriodEnd", "Date/Time", "Mandatory", "not null"),
  column("BillingPeriodStart", "Date/Time", "Mandatory", "not null"),
  column("CapacityReservationId", "String", "Conditional", "null", RESERVATION),
  column("CapacityReservationStatus", "String", "Conditional", "null", { ...RESERVATION, allowed: ["Used", "Unused"] }),
  column("ChargeCategory", "String", "Mandatory", "not null", { allowed: CHARGE_CATEGORIES }),
  column("ChargeClass", "String", "Mandatory", "null", { allowed: ["Correction"] }),
  column("ChargeDescription", "String", "Mandatory", "null"),
  column("ChargeFrequency", "String", "Recommended", "not null", {
    allowed: ["One-Time", "Recurring", "Usage-Based"],
  }),
  column("ChargePeriodEnd", "Date/Time", "Mandatory", "not null"),
  column("ChargePeriodStart", "Date/Time", "Mandatory", "not null"),
  column("CommitmentDiscountCategory", "String", "Conditional", "null", { ...COMMITMENT, allowed: ["Spend", "Usage"] }),
  column("CommitmentDiscountId", "String", "Conditional", "null", COMMITMENT),
  column("CommitmentDiscountName", "String", "Conditional", "null", COMMITMENT),
  column("CommitmentDiscountQuantity", "Decimal", "Conditional", "null", COMMITMENT),
  column("CommitmentDiscountStatus", "String", "Conditional", "null", { ...COMMITMENT, allowed: ["Used", "Unused"] }),
  column("CommitmentDiscountType", "String", "Conditional", "null", COMMITMENT),
  column("CommitmentDiscountUnit", "String", "Conditional", "null", { ...COMMITMENT, format: "unit" }),
  column("CommitmentProgramEligibilityDetails", "JSON", "Conditional", "null", {
    condition: "commitment programs",
    since: "1.4",
  }),
  column("ConsumedQuantity", "Decimal", "Conditional", "null", MEASURED),
  column("ConsumedUnit", "String", "Conditional", "null", { ...MEASURED, format: "unit" }),
  column("ContractApplied", "JSON", "Conditional", "null", { condition: "contract commitments", since: "1.3" }),
  column("ContractedCost", "Decimal", "Mandatory", "not null"),
  column("ContractedUnitPrice", "Decimal", "Conditional", "null", { ...UNIT_PRICE, condition: "negotiated pricing" }),
  column("EffectiveCost", "Decimal", "Mandatory", "not null"),
  column("HostProviderName", "String", "Mandatory", "null", { since: "1.3" }),
  column("InvoiceDetailId", "String", "Conditional", "null", { ...INVOICES, since: "1.4" }),
  column("InvoiceId", "String", "Conditional", "null", { ...INVOICES, standsWith: ["InvoiceDetailId"] }),
  column("InvoiceIssuerName", "String", "Mandatory", "not null"),
  column("ListCost", "Decimal", "Mandatory", "not null"),
  column("ListUnitPrice", "Decimal", "Conditional", "null", { ...UNIT_PRICE, condition: "list unit prices" }),
  column("PricingCategory", "String", "Conditional", "null", {
    condition: "multiple pricing categories",
    allowed: ["Standard", "Dynamic", "Committed", "Other"],
  }),
  column("PricingCurrency", "String", "Conditional", "not null", { ...CURRENCIES, format: "currency" }),
  column("PricingCurrencyContractedUnitPrice", "Decimal", "Conditional", "null", {
    ...UNIT_PRICE,
    condition: CURRENCIES.condition,
  }),
  column("PricingCurrencyEffectiveCost", "Decimal", "Conditional", "not null", { condition: CURRENCIES.condition }),
  column("PricingCurrencyListUnitPrice", "Decimal", "Conditional", "null", {
    ...UNIT_PRICE,
    condition: CURRENCIES.condition,
  }),
  column("PricingQuantity", "Decimal", "Mandatory", "null"),
  column("PricingUnit", "String", "Mandatory", "null", { format: "unit" }),
  column("ProviderName", "String", "Mandatory", "not null", { until: "1.2" }),
  column("PublisherName", "String", "Mandatory", "not null", { until: "1.2" }),
  column("RegionId", "String", "Conditional", "null", REGIONS),
  column("RegionName", "String", "Conditional", "null", REGIONS),
  column("ResourceId", "String", "Conditional", "null", RESOURCES),
  column("ResourceName", "String", "Conditional", "null", RESOURCES),
  column("ResourceType", "String", "Conditional", "null", { condition: RESOURCES.condition }),
  column("ServiceCategory", "String", "Mandatory", "not null", { allowed: SERVICE_CATEGORIES }),
  column("ServiceName", "String", "Mandatory", "not null"),
  column("ServiceProviderName", "String", "Mandatory", "not null", { since: "1.3" }),
  column("ServiceSubcategory", "String", "Recommended", "not null", { allowed: SERVICE_SUBCATEGORIES }),
  column("SkuId", "String", "Conditional", "null", UNIT_PRICING),
  column("SkuMeter", "String", "Conditional", "null", UNIT_PRICING),
  column("SkuPriceDetails", "JSON", "Conditional", "null", { ...UNIT_PRICING, format: "key-value" }),
  column("SkuPriceId", "String", "Conditional", "null", UNIT_PRICING),
  column("SubAccountId", "String", "Conditional", "null", SUB_ACCOUNTS),
  column("SubAccountName", "String", "Conditional", "null", SUB_ACCOUNTS),
  column("SubAccountType", "String", "Conditional", "null", { condition: "multiple sub account types" }),
  column("Tags", "JSON", "Conditional", "null", { condition: "tags", format: "key-value" }),
];
