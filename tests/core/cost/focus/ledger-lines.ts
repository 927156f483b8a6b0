import fc from "fast-check";
import { decimal, decimalOf, multiply } from "../../../../core/cost/decimal.ts";
import type {
  ClinicCharge,
  CostTenant,
  InternalCharge,
  OriginCharge,
  ProviderCharge,
  SplitCharge,
} from "../../../../core/cost/ledger.ts";
import { apportion, minus, type PicoUsd, pico } from "../../../../core/cost/money.ts";
import { periodOfDay } from "../../../../core/cost/period.ts";
import { METHOD_IDS } from "../../../../core/cost/ledger.ts";
import { newId } from "../../../../core/kernel/ids.ts";

const AT = Date.UTC(2026, 10, 22);
const NAMES = ["Lakeside Family Clinic", "North Pediatrics", "Clínica Ñandú", 'O\'Neil & Sons, "Downtown"'];
export const TENANTS: readonly CostTenant[] = NAMES.map((name, index) => ({
  id: newId(AT + index, (bytes) => bytes.fill(index)),
  name,
  tier: index === 0 ? "premium" : "standard",
  cell: "c1",
}));

const product = (price: string, quantity: string): PicoUsd => {
  const { unscaled, scale } = multiply(decimalOf(price), decimalOf(quantity));
  return pico(unscaled * 10n ** BigInt(12 - scale));
};

/** A line of AWS's bill: 10,000,000 write request units for 6.25 USD. */
export const providerLine = (of: Partial<ProviderCharge> = {}): ProviderCharge => ({
  kind: "provider",
  id: "line-1",
  payerAccountId: "111122223333",
  payerAccountName: null,
  usageAccountId: "444455556666",
  usageAccountName: "prod",
  serviceName: "Amazon DynamoDB",
  serviceCategory: "Databases",
  serviceSubcategory: "NoSQL Databases",
  sku: "dynamodb-wru",
  skuPriceId: "dynamodb-wru/us-east-1",
  skuMeter: "Write Request Units",
  layer: "data",
  category: "Usage",
  chargeClass: null,
  frequency: "Usage-Based",
  description: "$0.625 per million write request units",
  unit: "Requests",
  quantity: decimalOf("10000000"),
  listUnitPrice: decimalOf("0.000000625"),
  listCost: product("0.000000625", "10000000"),
  billedCost: product("0.000000625", "10000000"),
  effectiveCost: product("0.000000625", "10000000"),
  period: periodOfDay("2026-11-22"),
  billingMonth: "2026-11",
  invoiceId: null,
  state: "reconciled",
  correctionOf: null,
  region: "us-east-1",
  availabilityZone: null,
  usageType: "USE1-WriteRequestUnits",
  resourceId: "arn:aws:dynamodb:us-east-1:444455556666:table/data",
  resourceName: "data",
  resourceType: "Table",
  tags: { "sst:app": "keyward", "sst:stage": "prod" },
  ...of,
});

export const internalLine = (of: Partial<InternalCharge> = {}): InternalCharge => ({
  kind: "internal",
  id: "support-1",
  serviceName: "Clinic support",
  serviceCategory: "Management and Governance",
  serviceSubcategory: "Support",
  sku: "support-minutes",
  skuPriceId: "support-minutes/v1",
  skuMeter: "Support",
  layer: "support",
  category: "Usage",
  chargeClass: null,
  frequency: "Usage-Based",
  description: "Help with scanners",
  unit: "Minutes",
  quantity: decimalOf("30"),
  listUnitPrice: decimalOf("1.5"),
  listCost: product("1.5", "30"),
  billedCost: product("1.5", "30"),
  effectiveCost: product("1.5", "30"),
  period: periodOfDay("2026-11-22"),
  billingMonth: "2026-11",
  invoiceId: null,
  state: "estimated",
  correctionOf: null,
  tenant: null,
  issuer: "Keyward",
  enteredBy: "time-sheet",
  ...of,
});

/** An origin's shares by weight; a tenant of null takes what is nobody's. Whole to the last place. */
export function sharesOf(
  origin: OriginCharge,
  weights: readonly (readonly [tenant: CostTenant | null, weight: bigint])[],
  method: (typeof METHOD_IDS)[number] = "metered-usage/v1",
): SplitCharge[] {
  const shares = weights.map(([tenant, weight]) => ({ id: tenant?.id ?? "~", weight }));
  const part = <T extends bigint>(amount: T) => apportion(amount, shares).parts;
  const [ratios, billed, effective, list] = [
    part(10n ** 12n),
    part(origin.billedCost),
    part(origin.effectiveCost),
    part(origin.listCost),
  ];
  const { quantity, listUnitPrice } = origin;
  const quantities = quantity === null ? undefined : part(quantity.unscaled);
  return weights.map(([tenant], place): SplitCharge => {
    const id = tenant?.id ?? "~";
    const own = quantity === null ? null : decimal(quantities?.get(id) ?? 0n, quantity.scale);
    const isProduct = own !== null && listUnitPrice !== null && origin.chargeClass === null;
    return {
      id: `${origin.id}#${place}`,
      origin,
      tenant,
      method,
      allocation: tenant === null ? "Unallocated" : method.startsWith("shared") ? "Shared" : "Direct",
      elements: [
        {
          ratio: decimal(ratios.get(id) ?? 0n, 12),
          usageUnit: tenant === null ? null : origin.unit,
          usageQuantity: tenant === null ? null : own,
        },
      ],
      quantity: own,
      listCost: isProduct
        ? pico(multiply(listUnitPrice, own).unscaled * 10n ** BigInt(12 - listUnitPrice.scale - own.scale))
        : (list.get(id) ?? pico(0n)),
      billedCost: billed.get(id) ?? pico(0n),
      effectiveCost: effective.get(id) ?? pico(0n),
      state: origin.state,
      priceListId: "us-east-1.2026-09-20",
      coverage: decimalOf("0.980000"),
    };
  });
}

/** The published sample: 6.1 and 3.7 million metered, 0.2 million nobody's. */
export const sampleShares = (): SplitCharge[] =>
  sharesOf(providerLine(), [
    [TENANTS[0] ?? null, 61n],
    [TENANTS[1] ?? null, 37n],
    [null, 2n],
  ]);

export const clinicLine = (of: Partial<ClinicCharge> = {}): ClinicCharge => ({
  id: "charge-1",
  tenant: TENANTS[0] ?? { id: "", name: "", tier: "", cell: "" },
  location: null,
  meter: "encounters",
  meterName: "Encounters",
  description: "Encounters",
  category: "Usage",
  chargeClass: null,
  frequency: "Usage-Based",
  unit: "Encounters",
  quantity: decimalOf("120"),
  unitPrice: decimalOf("0.25"),
  amount: product("0.25", "120"),
  period: { start: "2026-11-01T00:00:00Z", end: "2026-12-01T00:00:00Z" },
  billingMonth: "2026-11",
  invoiceId: "K-2026-11-1",
  invoiceDetailId: "K-2026-11-1-1",
  planId: "clinic-standard/v1",
  state: "closed",
  correctionOf: null,
  ...of,
});

const amount = fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }).map(pico);
const quantityAndPrice = fc
  .record({
    quantity: fc.bigInt({ min: 0n, max: 10n ** 9n }),
    price: fc.bigInt({ min: 0n, max: 10n ** 7n }),
    places: fc.constantFrom(0, 2, 4),
  })
  .map(({ quantity, price, places }) => ({
    quantity: decimal(quantity, places),
    listUnitPrice: decimal(price, 8),
    listCost: pico(quantity * price * 10n ** BigInt(4 - places)),
  }));

const kinds = fc.constantFrom(
  "Usage",
  "Purchase",
  "Tax",
  "Credit",
  "Correction",
  "Internal",
) satisfies fc.Arbitrary<string>;

const origin = fc
  .record({ kind: kinds, sold: quantityAndPrice, billed: amount, day: fc.constantFrom("2026-11-03", "2026-11-22") })
  .map(({ kind, sold, billed, day }): OriginCharge => {
    const period = periodOfDay(day);
    const costs = { billedCost: billed, effectiveCost: billed };
    const none = {
      skuPriceId: null,
      skuMeter: null,
      unit: null,
      quantity: null,
      listUnitPrice: null,
      listCost: billed,
    };
    if (kind === "Internal") return internalLine({ ...sold, ...costs, period });
    if (kind === "Tax") return providerLine({ ...none, ...costs, period, category: "Tax", sku: "tax", tags: {} });
    if (kind === "Credit") {
      return providerLine({ ...none, ...costs, period, category: "Credit", frequency: "One-Time", skuMeter: "Credit" });
    }
    if (kind === "Purchase") {
      return providerLine({
        ...sold,
        ...costs,
        period,
        category: "Purchase",
        frequency: "Recurring",
        resourceType: null,
      });
    }
    if (kind === "Correction") {
      return providerLine({
        ...none,
        ...costs,
        chargeClass: "Correction",
        period: periodOfDay("2026-10-04"),
        correctionOf: "line-0",
        skuMeter: "Write Request Units",
      });
    }
    return providerLine({ ...sold, ...costs, period });
  });

const weight = fc.bigInt({ min: 1n, max: 10n ** 6n });

/** Any ledger of a month: origins of every kind, split among some tenants and nobody, or one tenant's own. */
export const anyLedger: fc.Arbitrary<SplitCharge[]> = fc
  .array(
    fc.record({
      origin,
      tenants: fc.subarray([...TENANTS]),
      weights: fc.array(weight, { minLength: 5, maxLength: 5 }),
      isOwn: fc.boolean(),
      method: fc.constantFrom(...METHOD_IDS),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((lines) =>
    lines.flatMap(({ origin: each, tenants, weights, isOwn, method }, place) => {
      const named = { ...each, id: `line-${place}` };
      const [first] = tenants;
      if (isOwn && first !== undefined) {
        const [whole] = sharesOf(named, [[first, 1n]]);
        return whole === undefined ? [] : [{ ...whole, method: null, elements: [] }];
      }
      return sharesOf(
        named,
        [...tenants, null].map((tenant, index) => [tenant, weights[index] ?? 1n] as const),
        method,
      );
    }),
  );

/** Any statement of a month, whose lines add up to whole cents by their rounding line. */
export const anyStatement: fc.Arbitrary<ClinicCharge[]> = fc
  .array(
    fc.record({
      sold: quantityAndPrice,
      isHere: fc.boolean(),
      kind: fc.constantFrom("Usage", "Credit", "Tax") satisfies fc.Arbitrary<string>,
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((lines) => {
    const charges = lines.map(({ sold, isHere, kind }, place): ClinicCharge => {
      const location = isHere ? { id: newId(AT, (bytes) => bytes.fill(9)), name: "Main Street" } : null;
      const { quantity, listUnitPrice, listCost } = sold;
      if (kind === "Usage") {
        return clinicLine({ id: `charge-${place}`, location, quantity, unitPrice: listUnitPrice, amount: listCost });
      }
      const isTax = kind === "Tax";
      return clinicLine({
        id: `charge-${place}`,
        location,
        category: isTax ? "Tax" : "Credit",
        frequency: "One-Time",
        meter: isTax ? "tax" : "goodwill",
        unit: null,
        quantity: null,
        unitPrice: null,
        amount: isTax ? listCost : minus(pico(0n), listCost),
      });
    });
    const sum = charges.reduce((total, charge) => total + charge.amount, 0n);
    const cent = 10n ** 10n;
    const rest = ((sum % cent) + cent) % cent;
    const rounding = clinicLine({
      id: "rounding",
      meter: "rounding",
      meterName: "Rounding",
      description: "Rounding",
      category: "Adjustment",
      frequency: "One-Time",
      unit: null,
      quantity: null,
      unitPrice: null,
      amount: pico(rest === 0n ? 0n : cent - rest),
    });
    return [...charges, rounding];
  });
