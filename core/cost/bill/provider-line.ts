import { add, type Decimal, multiply, normalize, rescale } from "../decimal.ts";
import type { ChargeCategory, ChargeClass, ChargeFrequency, CostLayer, ProviderCharge } from "../ledger.ts";
import { layerOf, partOfResource } from "../meters.ts";
import { COST_SCALE, exactPico, nearestPico } from "../money.ts";
import { monthOf, dayOf, type Period } from "../period.ts";
import { listPrice, type PriceList, quantityScale, type Sku } from "../prices.ts";
import { describe } from "../rating.ts";

/** A line of AWS's bill in words common to its exports. */
export interface BilledLine {
  readonly id: string;
  readonly payerAccountId: string;
  readonly payerAccountName: string | null;
  readonly usageAccountId: string;
  readonly usageAccountName: string | null;
  readonly serviceCode: string | null;
  readonly serviceName: string;
  readonly serviceCategory: string;
  readonly serviceSubcategory: string | null;
  readonly usageType: string | null;
  readonly skuPriceId: string | null;
  readonly category: ChargeCategory;
  readonly chargeClass: ChargeClass;
  readonly frequency: ChargeFrequency;
  readonly description: string | null;
  readonly unit: string | null;
  readonly quantity: Decimal | null;
  readonly listUnitPrice: Decimal | null;
  readonly listCost: Decimal;
  readonly billedCost: Decimal;
  readonly effectiveCost: Decimal;
  readonly period: Period;
  readonly billingPeriodStart: string;
  readonly invoiceId: string | null;
  readonly region: string | null;
  readonly availabilityZone: string | null;
  readonly resourceId: string | null;
  readonly resourceName: string | null;
  readonly resourceType: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** The SKU of our own that AWS's service code and usage type mean; undefined for one that no price list knows. */
export function skuOfUsage(prices: PriceList, serviceCode: string | null, usageType: string | null): Sku | undefined {
  if (serviceCode === null || usageType === null) return undefined;
  const names = prices.usageTypePrefixes
    .filter((prefix) => usageType.startsWith(prefix))
    .map((prefix) => usageType.slice(prefix.length));
  return prices.skus.find(({ billedAs }) =>
    billedAs.some((billed) => billed.serviceCode === serviceCode && names.includes(billed.usageType)),
  );
}

/** The layer of what we have no SKU for, by FOCUS ServiceCategory; what no layer claims is held with the reserve. */
const LAYER_OF_CATEGORY: Readonly<Record<string, CostLayer>> = {
  Compute: "runtime",
  Databases: "data",
  Storage: "data",
  Networking: "edge",
  Integration: "edge",
  Identity: "identity",
  Security: "compliance",
  "Management and Governance": "compliance",
};

/** A usage type of AWS's as a key: `aws-awscloudtrail-use1-eventsrecorded`. */
const foreignSku = ({ serviceCode, serviceName, usageType, category }: BilledLine): string =>
  ["aws", serviceCode ?? serviceName, usageType ?? category]
    .join("-")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/-$/, "");

const isPriced = (category: ChargeCategory): boolean => category === "Usage" || category === "Purchase";

/**
 * A bill's line as the ledger has it, `reconciled`. Costs are AWS's own to twelve places (half-even beyond them). Where our price
 * list knows the SKU, list price is its first paid tier, so that a free tier and a discount show as list less billed cost; else
 * AWS's own. List cost is price x quantity exactly, and a quantity is cut to the places that make it so.
 */
export function providerLine(line: BilledLine, prices: PriceList): ProviderCharge {
  const known = skuOfUsage(prices, line.serviceCode, line.usageType);
  const part = line.resourceId === null ? null : partOfResource(line.resourceId);
  const { serviceCode: _code, listCost: billedList, billingPeriodStart, quantity: billedQuantity, ...rest } = line;
  const common = {
    ...rest,
    kind: "provider" as const,
    billedCost: nearestPico(line.billedCost),
    effectiveCost: nearestPico(line.effectiveCost),
    billingMonth: monthOf(dayOf(billingPeriodStart)),
    state: "reconciled" as const,
    correctionOf: null,
    ...(known === undefined
      ? {
          sku: foreignSku(line),
          skuMeter: line.usageType ?? line.category,
          layer: LAYER_OF_CATEGORY[line.serviceCategory] ?? ("reserve" as const),
        }
      : {
          ...describe(known, prices),
          skuPriceId: line.skuPriceId ?? describe(known, prices).skuPriceId,
          layer: layerOf(known.layer, part),
        }),
  };
  const price =
    known === undefined ? line.listUnitPrice && normalize(rescale(line.listUnitPrice, COST_SCALE)) : listPrice(known);
  if (!isPriced(line.category) || billedQuantity === null || price === null)
    return { ...common, unit: null, quantity: null, listUnitPrice: null, listCost: nearestPico(billedList) };
  const quantity = rescale(billedQuantity, known === undefined ? COST_SCALE - price.scale : quantityScale(known));
  const listCost = exactPico(multiply(price, quantity)) ?? nearestPico(billedList);
  return { ...common, quantity, listUnitPrice: price, listCost };
}

/** What a bill's file says in all, as its own digits add up: what the ledger's sum is held against. */
export const billTotal = (lines: readonly BilledLine[]): Decimal =>
  lines.reduce<Decimal>((sum, { billedCost }) => add(sum, billedCost), { unscaled: 0n, scale: 0 });
