import { invariant } from "../../kernel/invariant.ts";
import type { AllocationElement, OriginCharge, SplitCharge } from "../ledger.ts";
import { toDecimal } from "../money.ts";
import { periodOfMonth } from "../period.ts";
import { customColumn, type FocusColumn } from "./column.ts";
import { columnsOf } from "./datasets.ts";
import { exactJson, tagsJson } from "./exact-json.ts";
import type { FocusRow, FocusTable } from "./row.ts";
import { otherOf } from "./service-categories.ts";
import { requireWholeSplits } from "./whole-splits.ts";

/** One string in three columns: a validator takes an issuer of another name for a marketplace, whose BilledCost is 0. */
const AWS = "AWS";
/** FOCUS has a region's display name beside its id; a region that is not here shows its id twice. */
const REGION_NAMES: Readonly<Record<string, string>> = {
  "us-east-1": "US East (N. Virginia)",
  "us-east-2": "US East (Ohio)",
  "us-west-2": "US West (Oregon)",
  "eu-central-1": "Europe (Frankfurt)",
  "eu-west-1": "Europe (Ireland)",
};
/** Keys that we define carry a prefix of ours (column page AllocatedTags: data-generator-defined tags). */
const TAG_PREFIX = "keyward/";

const CUSTOM: readonly FocusColumn[] = [
  customColumn("x_CorrectionOfId"),
  customColumn("x_CostLayer"),
  customColumn("x_LineState"),
  customColumn("x_OriginChargeId"),
  customColumn("x_TenantId"),
  customColumn("x_TenantName"),
  customColumn("x_UsageType"),
];
/** AWS gives no id to a line of its invoice, bills one currency, and sells us neither reservations nor commitments. */
const ABSENT =
  /^(?:BillingAccountType|Capacity|Commitment|ContractApplied|InvoiceDetailId|PricingCurrency|SubAccountType)/;

export const PROVIDER_COST_COLUMNS: readonly FocusColumn[] = [
  ...columnsOf("cost-and-usage", "1.4").filter(({ id }) => !ABSENT.test(id)),
  ...CUSTOM,
];

function accountsOf(origin: OriginCharge): FocusRow {
  if (origin.kind === "internal") {
    return {
      BillingAccountId: "internal",
      BillingAccountName: origin.issuer,
      HostProviderName: origin.issuer,
      InvoiceIssuerName: origin.issuer,
      ServiceProviderName: origin.issuer,
    };
  }
  return {
    BillingAccountId: origin.payerAccountId,
    BillingAccountName: origin.payerAccountName,
    HostProviderName: AWS,
    InvoiceIssuerName: AWS,
    ServiceProviderName: AWS,
    SubAccountId: origin.usageAccountId,
    SubAccountName: origin.usageAccountName ?? origin.usageAccountId,
  };
}

/** `arn:aws:dynamodb:...:table/x` without a type of its own is of type `dynamodb`. */
const typeOfResource = (id: string): string => id.split(":")[2] ?? "Resource";

function whereabouts(origin: OriginCharge): FocusRow {
  if (origin.kind === "internal") return {};
  const { region, resourceId, resourceName, resourceType } = origin;
  return {
    AvailabilityZone: origin.availabilityZone,
    RegionId: region,
    RegionName: region === null ? null : (REGION_NAMES[region] ?? region),
    ResourceId: resourceId,
    ResourceName: resourceId === null ? null : resourceName,
    ResourceType: resourceId === null ? null : (resourceType ?? typeOfResource(resourceId)),
    Tags: tagsJson(origin.tags),
    x_UsageType: origin.usageType,
  };
}

function prices({ category, skuPriceId, sku, skuMeter, listUnitPrice }: OriginCharge): FocusRow {
  const isSold = category !== "Tax";
  return {
    ContractedUnitPrice: listUnitPrice,
    ListUnitPrice: listUnitPrice,
    PricingCategory: skuPriceId === null ? null : "Standard",
    SkuId: isSold ? sku : null,
    SkuMeter: isSold ? skuMeter : null,
    SkuPriceId: skuPriceId,
  };
}

const elementJson = ({ ratio, usageUnit, usageQuantity }: AllocationElement) => ({
  AllocatedRatio: ratio,
  ...(usageUnit === null || usageQuantity === null ? {} : { UsageUnit: usageUnit, UsageQuantity: usageQuantity }),
});

/** AllocatedMethodDetails: the factors, and ours at the root, where `x_` properties may differ from share to share. */
export const methodDetails = ({ elements, allocation, coverage, priceListId }: SplitCharge): string =>
  exactJson({
    Elements: elements.map(elementJson),
    x_AllocationClass: allocation,
    x_CoverageRatio: coverage ?? undefined,
    x_PriceListId: priceListId ?? undefined,
  });

/** Tags of the tenant; none that the origin carries already. */
function tenantTags({ tenant, origin }: SplitCharge): string | null {
  if (tenant === null) return null;
  const present = origin.kind === "provider" ? origin.tags : {};
  const own = { tenant: tenant.id, tier: tenant.tier, cell: tenant.cell };
  const entries = Object.entries(own).map(([key, value]) => [`${TAG_PREFIX}${key}`, value] as const);
  return tagsJson(Object.fromEntries(entries.filter(([key]) => !(key in present))));
}

function share(charge: SplitCharge): FocusRow {
  const { tenant, method } = charge;
  if (method === null) return { x_TenantId: tenant?.id ?? null, x_TenantName: tenant?.name ?? null };
  invariant((tenant === null) === (charge.allocation === "Unallocated"), "what has a tenant is allocated");
  return {
    AllocatedMethodDetails: methodDetails(charge),
    AllocatedMethodId: method,
    AllocatedResourceId: tenant?.id ?? null,
    AllocatedResourceName: tenant?.name ?? null,
    AllocatedTags: tenantTags(charge),
  };
}

function rowOf(charge: SplitCharge): FocusRow {
  const { origin, quantity } = charge;
  const month = periodOfMonth(origin.billingMonth);
  const isMeasured = origin.category === "Usage" && origin.skuPriceId !== null && quantity !== null;
  return {
    ...accountsOf(origin),
    ...whereabouts(origin),
    ...prices(origin),
    ...share(charge),
    BilledCost: toDecimal(charge.billedCost),
    BillingCurrency: "USD",
    BillingPeriodEnd: month.end,
    BillingPeriodStart: month.start,
    ChargeCategory: origin.category,
    ChargeClass: origin.chargeClass,
    ChargeDescription: origin.description,
    ChargeFrequency: origin.frequency,
    ChargePeriodEnd: origin.period.end,
    ChargePeriodStart: origin.period.start,
    ConsumedQuantity: isMeasured ? quantity : null,
    ConsumedUnit: isMeasured ? origin.unit : null,
    ContractedCost: toDecimal(charge.listCost),
    EffectiveCost: toDecimal(charge.effectiveCost),
    InvoiceId: origin.invoiceId,
    ListCost: toDecimal(charge.listCost),
    PricingQuantity: quantity,
    PricingUnit: quantity === null ? null : origin.unit,
    ServiceCategory: origin.serviceCategory,
    ServiceName: origin.serviceName,
    ServiceSubcategory: origin.serviceSubcategory ?? otherOf(origin.serviceCategory),
    x_CorrectionOfId: origin.correctionOf,
    x_CostLayer: origin.layer,
    x_LineState: origin.state,
    x_OriginChargeId: origin.id,
  };
}

/** An origin that nobody split: the whole of it, for its own tenant where it has one. */
export const wholeOf = (origin: OriginCharge): SplitCharge => ({
  id: origin.id,
  origin,
  tenant: origin.kind === "internal" ? origin.tenant : null,
  method: null,
  allocation: origin.kind === "internal" && origin.tenant !== null ? "Direct" : "Unallocated",
  elements: [],
  quantity: origin.quantity,
  listCost: origin.listCost,
  billedCost: origin.billedCost,
  effectiveCost: origin.effectiveCost,
  state: origin.state,
  priceListId: null,
  coverage: null,
});

/**
 * Dataset `provider-cost`: what AWS and we ourselves charge, split by tenant, in FOCUS 1.4 Cost and Usage. Throws
 * InvariantError where the shares of an origin are not all of it, of those that are not asked for too. README.md says what each column holds.
 */
export function providerCost(
  charges: readonly (SplitCharge | OriginCharge)[],
  isAsked: (charge: SplitCharge) => boolean = () => true,
): FocusTable {
  const lines = charges.map((charge) => ("origin" in charge ? charge : wholeOf(charge)));
  requireWholeSplits(lines);
  return {
    dataset: "cost-and-usage",
    version: "1.4",
    columns: PROVIDER_COST_COLUMNS,
    rows: lines.filter(isAsked).map(rowOf),
  };
}
