import { parentOf } from "../service-categories.ts";
import { instantOf, objectOf } from "./checked-row.ts";
import { follows, nullWhere, nullWithout, valueWhere } from "./pair-rules.ts";
import type { RowRule } from "./rule.ts";

const NAME = "CostAndUsage";

/** Properties of SkuPriceDetails that FOCUS defines; all others begin with x_. */
const SKU_PROPERTIES = new Set([
  "CoreCount",
  "DiskMaxIops",
  "DiskSpace",
  "DiskType",
  "GpuCount",
  "InstanceSeries",
  "InstanceType",
  "MemorySize",
  "NetworkMaxIops",
  "NetworkMaxThroughput",
  "OperatingSystem",
  "Redundancy",
  "StorageClass",
]);

/** `later` is after `earlier` (`orEqual`: or the same instant). What is no instant is another rule's. */
export const inOrder = (id: string, earlier: string, later: string, orEqual: boolean): RowRule => ({
  id,
  severity: "error",
  text: `${later} is ${orEqual ? "not before" : "after"} ${earlier}`,
  mend: "a period has its start in it and its end after it",
  needs: [earlier, later],
  check(row) {
    const [from, to] = [instantOf(row.get(earlier) ?? ""), instantOf(row.get(later) ?? "")];
    if (from === undefined || to === undefined || from < to || (orEqual && from === to)) return undefined;
    return `${row.get(earlier)} to ${row.get(later)}`;
  },
});

/** Rules about one row of Cost and Usage: what kind of charge it is, when, where, of what. */
export const CHARGE_RULES: readonly RowRule[] = [
  inOrder(`${NAME}.BillingPeriodEnd.10`, "BillingPeriodStart", "BillingPeriodEnd", false),
  inOrder(`${NAME}.ChargePeriodEnd.10`, "ChargePeriodStart", "ChargePeriodEnd", false),
  {
    id: `${NAME}.ChargeClass.10`,
    severity: "error",
    text: "a Correction mends a charge of a billing period before its own",
    mend: "keep the charge period of what is mended, and bill it in the open month",
    since: "1.4",
    needs: ["ChargeClass", "ChargePeriodStart", "BillingPeriodStart"],
    check(row) {
      if (!row.is("ChargeClass", "Correction")) return undefined;
      const [charge, billing] = [
        instantOf(row.get("ChargePeriodStart") ?? ""),
        instantOf(row.get("BillingPeriodStart") ?? ""),
      ];
      return charge !== undefined && billing !== undefined && charge >= billing
        ? "its charge period begins in its own billing period"
        : undefined;
    },
  },
  valueWhere(`${NAME}.ChargeDescription.10`, "ChargeDescription", "there is a charge", [], () => true, {
    severity: "warning",
  }),
  {
    id: `${NAME}.ChargeFrequency.10`,
    severity: "error",
    text: "a Purchase is not Usage-Based",
    mend: "One-Time or Recurring",
    needs: ["ChargeFrequency", "ChargeCategory"],
    check: (row) =>
      row.is("ChargeCategory", "Purchase") && row.is("ChargeFrequency", "Usage-Based") ? "Usage-Based" : undefined,
  },
  nullWithout(NAME, "CapacityReservationStatus", "CapacityReservationId"),
  ...follows(NAME, "CommitmentDiscountCategory", "CommitmentDiscountId"),
  nullWithout(NAME, "CommitmentDiscountName", "CommitmentDiscountId"),
  nullWithout(NAME, "CommitmentDiscountQuantity", "CommitmentDiscountId"),
  valueWhere(
    `${NAME}.CommitmentDiscountQuantity.11`,
    "CommitmentDiscountQuantity",
    "a Usage or Purchase of a commitment is no Correction",
    ["CommitmentDiscountId", "ChargeCategory"],
    (row) => row.isSale && !row.isNull("CommitmentDiscountId"),
  ),
  nullWithout(NAME, "CommitmentDiscountStatus", "CommitmentDiscountId"),
  valueWhere(
    `${NAME}.CommitmentDiscountStatus.11`,
    "CommitmentDiscountStatus",
    "Usage is of a commitment",
    ["CommitmentDiscountId", "ChargeCategory"],
    (row) => row.is("ChargeCategory", "Usage") && !row.isNull("CommitmentDiscountId"),
  ),
  ...follows(NAME, "CommitmentDiscountType", "CommitmentDiscountId"),
  ...follows(NAME, "CommitmentDiscountUnit", "CommitmentDiscountQuantity"),
  ...follows(NAME, "InvoiceDetailId", "InvoiceId"),
  ...follows(NAME, "RegionName", "RegionId"),
  nullWithout(NAME, "ResourceName", "ResourceId"),
  ...follows(NAME, "ResourceType", "ResourceId"),
  {
    id: `${NAME}.ServiceSubcategory.10`,
    severity: "error",
    text: "ServiceSubcategory belongs to the row's ServiceCategory",
    mend: "each subcategory has one category",
    needs: ["ServiceSubcategory", "ServiceCategory"],
    check(row) {
      const parent = parentOf(row.get("ServiceSubcategory") ?? "");
      const category = row.get("ServiceCategory");
      return parent === undefined || category === null || parent === category ? undefined : `it belongs to ${parent}`;
    },
  },
  ...follows(NAME, "SubAccountName", "SubAccountId"),
  ...follows(NAME, "SubAccountType", "SubAccountId"),
  nullWhere(`${NAME}.SkuId.10`, "SkuId", "the charge is a Tax", ["ChargeCategory"], (row) =>
    row.is("ChargeCategory", "Tax"),
  ),
  valueWhere(
    `${NAME}.SkuId.11`,
    "SkuId",
    "a Usage or Purchase is no Correction",
    ["ChargeCategory"],
    (row) => row.isSale,
  ),
  nullWithout(NAME, "SkuMeter", "SkuId"),
  valueWhere(`${NAME}.SkuMeter.11`, "SkuMeter", "SkuId has a value", ["SkuId"], (row) => !row.isNull("SkuId"), {
    severity: "warning",
  }),
  nullWithout(NAME, "SkuPriceDetails", "SkuPriceId"),
  {
    id: `${NAME}.SkuPriceDetails.11`,
    severity: "error",
    text: "properties of SkuPriceDetails that FOCUS does not define begin with x_",
    mend: "put x_ before the property",
    needs: ["SkuPriceDetails"],
    check(row) {
      const keys = Object.keys(objectOf(row.get("SkuPriceDetails") ?? "") ?? {});
      const strange = keys.find((key) => !SKU_PROPERTIES.has(key) && !key.startsWith("x_"));
      return strange === undefined ? undefined : JSON.stringify(strange.slice(0, 40));
    },
  },
];
