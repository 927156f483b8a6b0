import type { CostLayer, LineState } from "../contract/finance.ts";
import type { Decimal } from "./decimal.ts";
import type { Cents, PicoUsd } from "./money.ts";
import type { Month, Period } from "./period.ts";

/**
 * The ledger's lines. `null` is "has none", as in FOCUS: no empty text, no zero in its place. No line holds a patient, a
 * practitioner or an encounter: its finest grain is tenant, location, SKU and day.
 */

/** What a cost is for and how final a line is: the words that finance is answered in. */
export { COST_LAYERS, type CostLayer, LINE_STATES, type LineState } from "../contract/finance.ts";

/** FOCUS ChargeCategory. */
export const CHARGE_CATEGORIES = ["Usage", "Purchase", "Tax", "Credit", "Adjustment"] as const;
export type ChargeCategory = (typeof CHARGE_CATEGORIES)[number];

/** FOCUS ChargeClass: `Correction` where a line mends one of a closed month. */
export type ChargeClass = "Correction" | null;

/** FOCUS ChargeFrequency. */
export type ChargeFrequency = "One-Time" | "Recurring" | "Usage-Based";

/** `Direct`: metered for the tenant. `Shared`: spread by a documented policy. `Unallocated`: nobody's, and visible. */
export type AllocationClass = "Direct" | "Shared" | "Unallocated";

/** Documented in core/cost/README.md. A change of what a method does is a new version, never a changed one. */
export const METHOD_IDS = [
  "metered-usage/v1",
  "shared-even/v1",
  "shared-by-requests/v1",
  "shared-by-storage/v1",
  "unallocated/v1",
] as const;
export type MethodId = (typeof METHOD_IDS)[number];

/** A tenant as finance knows it. The id is the only key; name, tier and cell are as they were when the line was made. */
export interface CostTenant {
  readonly id: string;
  readonly name: string;
  readonly tier: string;
  readonly cell: string;
}

/** What is common to AWS's lines and to our own: one origin of shares. */
interface OriginLine {
  /** Stable: the same line of the same bill has the same id in every run. */
  readonly id: string;
  /** FOCUS ServiceName, ServiceCategory and ServiceSubcategory. One name has one category. */
  readonly serviceName: string;
  readonly serviceCategory: string;
  readonly serviceSubcategory: string | null;
  /** Our stable key of what is sold, as the price file has it: `dynamodb-wru`. FOCUS SkuId. */
  readonly sku: string;
  /** The SKU within its region, tier and price file: FOCUS SkuPriceId. Null where the line has no price (Tax, Credit). */
  readonly skuPriceId: string | null;
  /** FOCUS SkuMeter, in words: `Write Request Units`. */
  readonly skuMeter: string | null;
  readonly layer: CostLayer;
  readonly category: ChargeCategory;
  readonly chargeClass: ChargeClass;
  readonly frequency: ChargeFrequency;
  readonly description: string | null;
  /** FOCUS PricingUnit and ConsumedUnit, which are one here: `Requests`, `GB-Seconds`, `GB-Months`. Null with no quantity. */
  readonly unit: string | null;
  /** FOCUS PricingQuantity, in `unit`: in places such that price x quantity is exact in twelve. Null for Tax and Credit. */
  readonly quantity: Decimal | null;
  /** USD for one `unit`, list, first paid tier. Null where `quantity` is. */
  readonly listUnitPrice: Decimal | null;
  /** `listUnitPrice` x `quantity` exactly where both stand, unless `chargeClass` is Correction. */
  readonly listCost: PicoUsd;
  /** What the invoice of this line's period says for it; for an estimated line what the list with its tiers says. */
  readonly billedCost: PicoUsd;
  /** Amortized, without prepaid purchases; equal to `billedCost` where nothing was prepaid. */
  readonly effectiveCost: PicoUsd;
  /** When the usage was: FOCUS ChargePeriodStart and End. */
  readonly period: Period;
  /** The invoice's month. A correction's is the current one, while `period` stays that of the usage. */
  readonly billingMonth: Month;
  /** Null until the issuer has invoiced it. */
  readonly invoiceId: string | null;
  readonly state: LineState;
  /** The line of a closed month that this one mends. */
  readonly correctionOf: string | null;
}

/** One line of AWS's bill, or of our estimate of it. */
export interface ProviderCharge extends OriginLine {
  readonly kind: "provider";
  /** The account that pays: FOCUS BillingAccountId and Name. */
  readonly payerAccountId: string;
  readonly payerAccountName: string | null;
  /** The account that used it, one for each stage: FOCUS SubAccountId and Name. */
  readonly usageAccountId: string;
  readonly usageAccountName: string | null;
  /** `us-east-1`; null for what has no region. */
  readonly region: string | null;
  readonly availabilityZone: string | null;
  /** AWS's own name of what was metered, region prefix included: `USE1-WriteRequestUnits`. */
  readonly usageType: string | null;
  /** The ARN, its name and FOCUS ResourceType; null where AWS names none. */
  readonly resourceId: string | null;
  readonly resourceName: string | null;
  readonly resourceType: string | null;
  /** The origin's AWS tags, unchanged on every share. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Our own cost: minutes of support, overhead of compliance, capacity held in reserve. Entered by finance, or from a time sheet. */
export interface InternalCharge extends OriginLine {
  readonly kind: "internal";
  readonly layer: "support" | "compliance" | "reserve";
  /** Whom it was for. Null: for all, and spread by a method. */
  readonly tenant: CostTenant | null;
  /** Why, in words of finance's own. No PHI is asked for, and none belongs here. */
  readonly description: string;
  /** Our own company: FOCUS ServiceProviderName and InvoiceIssuerName. */
  readonly issuer: string;
  /** Who entered it: an id of ours, or the name of the job that did. */
  readonly enteredBy: string;
}

export type OriginCharge = ProviderCharge | InternalCharge;

/** One factor of a share: FOCUS AllocatedMethodDetails `Elements[]`. Ratios of all shares of one origin sum to exactly 1. */
export interface AllocationElement {
  /** Of twelve places, from 0 to 1. */
  readonly ratio: Decimal;
  /** What the ratio was measured in: `Requests`, `GB-Seconds`, `Seconds`. Null where nothing was measured. */
  readonly usageUnit: string | null;
  readonly usageQuantity: Decimal | null;
}

/**
 * A share of one origin. Quantity, list, billed and effective cost of an origin's shares sum to the origin's, exactly; all
 * that is not here is the origin's own. FOCUS 1.3 split cost allocation.
 */
export interface SplitCharge {
  readonly id: string;
  readonly origin: OriginCharge;
  /** Null for what nobody takes. */
  readonly tenant: CostTenant | null;
  /** Null where the origin is one tenant's own, such as its KMS key: exact, and so no split. */
  readonly method: MethodId | null;
  readonly allocation: AllocationClass;
  readonly elements: readonly AllocationElement[];
  /** In `origin.unit`; null where the origin has none. */
  readonly quantity: Decimal | null;
  readonly listCost: PicoUsd;
  readonly billedCost: PicoUsd;
  readonly effectiveCost: PicoUsd;
  readonly state: LineState;
  /** The price file that list costs are from: `us-east-1.2026-09-20`. Null where no list price was asked. */
  readonly priceListId: string | null;
  /** Metered over billed units of the SKU, six places; null where nothing is metered, or where no bill was seen. */
  readonly coverage: Decimal | null;
}

/** A line of what we ask of a clinic. */
export interface ClinicCharge {
  readonly id: string;
  readonly tenant: CostTenant;
  /** A Location's or department's id and name; null for the clinic as a whole. */
  readonly location: { readonly id: string; readonly name: string } | null;
  /** `encounters`, `document-storage`, `active-clinicians`, `platform-fee`, `tier`, `rounding`; FOCUS SkuMeter is `meterName`. */
  readonly meter: string;
  readonly meterName: string;
  readonly description: string;
  readonly category: ChargeCategory;
  readonly chargeClass: ChargeClass;
  readonly frequency: ChargeFrequency;
  /** `Encounters`, `GB-Months`; null with no quantity (Tax, Credit, rounding). */
  readonly unit: string | null;
  readonly quantity: Decimal | null;
  /** USD for one unit in the plan; null where `quantity` is. */
  readonly unitPrice: Decimal | null;
  /** Unrounded: `unitPrice` x `quantity` exactly, unless a Correction. Below zero for a Credit. */
  readonly amount: PicoUsd;
  readonly period: Period;
  readonly billingMonth: Month;
  /** Both null until the month closes. */
  readonly invoiceId: string | null;
  readonly invoiceDetailId: string | null;
  /** The price plan and its version: `clinic-standard/v1`. */
  readonly planId: string;
  readonly state: LineState;
  /** The id of a line of a closed month that this one mends. */
  readonly correctionOf: string | null;
}

/** One invoice of ours to one clinic: FOCUS Invoice Detail, one line. Its lines' amounts sum to the invoice, to the cent. */
export interface InvoiceDetail {
  readonly invoiceId: string;
  readonly invoiceDetailId: string;
  readonly issuer: string;
  readonly tenant: CostTenant;
  readonly description: string;
  readonly category: ChargeCategory;
  readonly billingMonth: Month;
  readonly amount: Cents;
  readonly status: "Open" | "Issued" | "Voided";
  /** Instants; the issue date is null until it is issued. */
  readonly issuedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The invoice that a credit note speaks of. */
  readonly referenceInvoiceId: string | null;
}

/** FOCUS Billing Period. */
export interface BillingPeriod {
  readonly issuer: string;
  readonly month: Month;
  readonly period: Period;
  readonly status: "Open" | "Closed";
  readonly createdAt: string;
  readonly updatedAt: string;
}
