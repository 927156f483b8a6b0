import { ALLOCATION_POLICY } from "../../../core/cost/allocation/policy.ts";
import { type Split, split, type SplitInput } from "../../../core/cost/allocation/split.ts";
import type { Roster, Stay } from "../../../core/cost/allocation/weights.ts";
import type { CostTenant, OriginCharge, SplitCharge } from "../../../core/cost/ledger.ts";
import { type PicoUsd, total } from "../../../core/cost/money.ts";
import { pickPrices, type PriceList } from "../../../core/cost/prices.ts";
import type { DailyUsage, EstimateOf } from "../../../core/cost/rating.ts";
import { periodOfMonth } from "../../../core/cost/period.ts";
import { LAKESIDE, NORTH } from "./usage-facts.ts";

export const MONTH = "2026-11";
export const ACCOUNT = "111122223333";

const shipped = pickPrices("us-east-1", "2026-11-01");
if (shipped === undefined) throw new Error("a price list is shipped");
export const prices: PriceList = shipped;

export const clinic = (id: string, name: string): CostTenant => ({ id, name, tier: "pooled", cell: "c01" });
export const lakeside = clinic(LAKESIDE, "Lakeside Family Clinic");
export const north = clinic(NORTH, "North Pediatrics");

/** All of the month in the account. */
export const stay = (of: Partial<Stay> = {}): Stay => ({ ...periodOfMonth(MONTH), accountId: ACCOUNT, ...of });

export const roster: Roster = [lakeside, north].map((tenant) => ({ tenant, active: [stay()] }));

export const account: EstimateOf = {
  payerAccountId: "999900001111",
  payerAccountName: "Keyward",
  usageAccountId: ACCOUNT,
  usageAccountName: "keyward-dev",
  tags: { "sst:app": "keyward", "sst:stage": "dev" },
};

export const used = (tenant: string, sku: string, units: bigint, of: Partial<DailyUsage> = {}): DailyUsage => ({
  tenant,
  stage: "dev",
  cell: "c01",
  day: "2026-11-22",
  sku,
  part: null,
  units,
  ...of,
});

export const splitOf = (
  origins: readonly OriginCharge[],
  usage: readonly DailyUsage[],
  of: Partial<SplitInput> = {},
): Split =>
  split({
    origins,
    usage,
    roster,
    policy: ALLOCATION_POLICY,
    prices,
    stagesOf: new Map([[ACCOUNT, ["dev"]]]),
    ...of,
  });

export const billed = (lines: readonly SplitCharge[], tenant?: string | null): PicoUsd =>
  total(
    lines
      .filter((line) => tenant === undefined || (line.tenant?.id ?? null) === tenant)
      .map(({ billedCost }) => billedCost),
  );

type Row = Readonly<Record<string, string>>;

const FOCUS_ROW: Row = {
  BillingAccountId: "999900001111",
  BillingAccountName: "Keyward",
  SubAccountId: ACCOUNT,
  SubAccountName: "keyward-dev",
  BillingCurrency: "USD",
  BillingPeriodStart: "2026-11-01T00:00:00.000Z",
  BillingPeriodEnd: "2026-12-01T00:00:00.000Z",
  ChargePeriodStart: "2026-11-22T00:00:00.000Z",
  ChargePeriodEnd: "2026-11-23T00:00:00.000Z",
  ChargeCategory: "Usage",
  ChargeClass: "",
  ChargeDescription: "a line",
  ChargeFrequency: "Usage-Based",
  ServiceName: "Amazon DynamoDB",
  ServiceCategory: "Databases",
  ServiceSubcategory: "NoSQL Databases",
  PricingUnit: "WriteRequestUnits",
  PricingQuantity: "10000000",
  ListUnitPrice: "0.000000625",
  ListCost: "6.25",
  BilledCost: "6.25",
  EffectiveCost: "6.25",
  InvoiceId: "",
  RegionId: "us-east-1",
  ResourceId: "arn:aws:dynamodb:us-east-1:111122223333:table/keyward-dev-c01-data",
  SkuPriceId: "ABC.JRTCKXETXF.6YS6EN2CT7",
  Tags: '{"sst:app":"keyward"}',
  x_ServiceCode: "AmazonDynamoDB",
  x_UsageType: "USE1-WriteRequestUnits",
  x_Operation: "PutItem",
};

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export function csvOf(rows: readonly Row[], base: Row = FOCUS_ROW): string {
  const columns = Object.keys(base);
  const lines = rows.map((row) => columns.map((column) => cell(row[column] ?? base[column] ?? "")).join(","));
  return `${[columns.join(","), ...lines].join("\r\n")}\r\n`;
}
