import { compare, multiply } from "../../decimal.ts";
import { numberText } from "../row.ts";
import type { CheckedRow } from "./checked-row.ts";
import { follows, nullWhere, nullWithout, valueWhere } from "./pair-rules.ts";
import type { RowRule } from "./rule.ts";

const NAME = "CostAndUsage";

/**
 * A price, a quantity or what goes with them: null without a SKU price and for a Tax, there for a sale. `.10`, `.11`, `.12`.
 * 1.2 asks the first of prices alone.
 */
const priced = (column: string): readonly RowRule[] => [
  nullWithout(NAME, column, "SkuPriceId", column.endsWith("UnitPrice") ? {} : { since: "1.4" }),
  nullWhere(`${NAME}.${column}.11`, column, "the charge is a Tax", ["ChargeCategory"], (row) =>
    row.is("ChargeCategory", "Tax"),
  ),
  valueWhere(
    `${NAME}.${column}.12`,
    column,
    "a Usage or Purchase is no Correction",
    ["ChargeCategory"],
    (row) => row.isSale,
  ),
];

/** Price x quantity is the cost to the last place: quantise price and quantity, never the product. */
const product = (id: string, price: string, cost: string): RowRule => ({
  id,
  severity: "error",
  text: `${cost} is ${price} x PricingQuantity, exactly, unless the row is a Correction`,
  mend: "round the quantity before it is multiplied, so that the product needs no rounding",
  needs: [price, "PricingQuantity", cost],
  check(row) {
    if (row.is("ChargeClass", "Correction")) return undefined;
    const [unitPrice, quantity, given] = [price, "PricingQuantity", cost].map((column) => row.decimalAt(column));
    if (unitPrice === undefined || quantity === undefined || given === undefined) return undefined;
    const due = multiply(unitPrice, quantity);
    return compare(due, given) === 0 ? undefined : `${numberText(given)} where the product is ${numberText(due)}`;
  },
});

/** A Credit stands for itself: where it has no price, its list and contracted cost are what is billed. */
const creditCost = (id: string, cost: string, price: string): RowRule => ({
  id,
  severity: "error",
  text: `${cost} of a Credit without a price is its BilledCost`,
  mend: `write BilledCost in ${cost}`,
  needs: [cost, "BilledCost", "ChargeCategory"],
  check(row) {
    if (!row.is("ChargeCategory", "Credit") || !row.isNull(price)) return undefined;
    const [given, billed] = [row.decimalAt(cost), row.decimalAt("BilledCost")];
    if (given === undefined || billed === undefined || compare(given, billed) === 0) return undefined;
    return `${numberText(given)} and ${numberText(billed)}`;
  },
});

const isUnused = (row: CheckedRow): boolean => row.is("CommitmentDiscountStatus", "Unused");
const isUsed = (row: CheckedRow): boolean => row.is("ChargeCategory", "Usage") && !isUnused(row);

/** Rules about prices, quantities and what they make. */
export const PRICE_RULES: readonly RowRule[] = [
  nullWithout(NAME, "ConsumedQuantity", "SkuPriceId", { since: "1.4" }),
  nullWhere(
    `${NAME}.ConsumedQuantity.11`,
    "ConsumedQuantity",
    "the charge is no Usage, or of an unused commitment",
    ["ChargeCategory"],
    (row) => !isUsed(row),
  ),
  valueWhere(
    `${NAME}.ConsumedQuantity.12`,
    "ConsumedQuantity",
    "Usage is no Correction",
    ["ChargeCategory"],
    (row) => isUsed(row) && row.isSale,
  ),
  ...follows(NAME, "ConsumedUnit", "ConsumedQuantity"),
  product(`${NAME}.ContractedCost.10`, "ContractedUnitPrice", "ContractedCost"),
  creditCost(`${NAME}.ContractedCost.11`, "ContractedCost", "ContractedUnitPrice"),
  ...priced("ContractedUnitPrice"),
  {
    id: `${NAME}.EffectiveCost.10`,
    severity: "error",
    text: "EffectiveCost is 0 where a commitment is purchased",
    mend: "the cost is recognized on the charges that the commitment covers",
    needs: ["EffectiveCost", "ChargeCategory", "CommitmentDiscountId"],
    check(row) {
      const cost = row.decimalAt("EffectiveCost");
      const isPrepaid = row.is("ChargeCategory", "Purchase") && !row.isNull("CommitmentDiscountId");
      return isPrepaid && cost !== undefined && cost.unscaled !== 0n ? numberText(cost) : undefined;
    },
  },
  product(`${NAME}.ListCost.10`, "ListUnitPrice", "ListCost"),
  creditCost(`${NAME}.ListCost.11`, "ListCost", "ListUnitPrice"),
  ...priced("ListUnitPrice"),
  ...priced("PricingCategory"),
  {
    id: `${NAME}.PricingCategory.13`,
    severity: "error",
    text: "PricingCategory of Usage under a commitment is Committed",
    mend: "Committed",
    needs: ["PricingCategory", "ChargeCategory", "CommitmentDiscountId"],
    check: (row) =>
      row.is("ChargeCategory", "Usage") &&
      !row.isNull("CommitmentDiscountId") &&
      !row.isNull("PricingCategory") &&
      !row.is("PricingCategory", "Committed")
        ? (row.get("PricingCategory") ?? "")
        : undefined,
  },
  ...priced("PricingQuantity"),
  ...follows(NAME, "PricingUnit", "PricingQuantity"),
  nullWhere(`${NAME}.SkuPriceId.10`, "SkuPriceId", "the charge is a Tax", ["ChargeCategory"], (row) =>
    row.is("ChargeCategory", "Tax"),
  ),
  valueWhere(
    `${NAME}.SkuPriceId.11`,
    "SkuPriceId",
    "a Usage or Purchase is no Correction",
    ["ChargeCategory"],
    (row) => row.isSale,
  ),
];
