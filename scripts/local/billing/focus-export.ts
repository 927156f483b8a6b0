import {
  type Decimal,
  decimal,
  divide,
  formatDecimal,
  multiply,
  normalize,
  rescale,
} from "../../../core/cost/decimal.ts";
import { type PicoUsd, formatUsd, NOTHING, priceOf, rate } from "../../../core/cost/money.ts";
import { monthOf, periodOfDay, periodOfMonth } from "../../../core/cost/period.ts";
import { listPrice, type PriceList, type Sku, unitsPer } from "../../../core/cost/prices.ts";
import { csvQuoted } from "../../../core/kernel/spreadsheet.ts";
import type { BilledRow } from "./count.ts";

/** Places of a quantity in the file. AWS writes ten, which hides a byte-hour. */
const QUANTITY_SCALE = 16;

export interface FocusExportOptions {
  /** `2026-11`: rows of other months are left out. */
  readonly month: string;
  readonly prices: PriceList;
  /** Tiers and free tiers are the payer's, over all its accounts. */
  readonly payerAccountId: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Tags of resources, by their id, that differ from the stage's: a key with its tenant. */
  readonly tagsOf?: (resourceId: string) => Readonly<Record<string, string>>;
}

/** Units of one line before it is written: a SKU's on a day, of an account's resource, within one tier. */
interface Priced {
  readonly sku: Sku;
  readonly day: string;
  readonly accountId: string;
  readonly resourceId: string | null;
  readonly tier: string;
  readonly unitPrice: Decimal;
  readonly units: bigint;
}

interface Tier {
  readonly name: string;
  readonly price: Decimal;
  /** Base units of the month up to which it holds. */
  readonly end: bigint | undefined;
}

/** A SKU's tiers in base units of a month; a free tier that always stands comes first. One of the first year is not given. */
function tiersOf(sku: Sku, month: string): Tier[] {
  const per = decimal(unitsPer(sku.measure, month));
  const units = (quantity: Decimal): bigint => rescale(multiply(quantity, per), 0).unscaled;
  const free: Tier[] =
    sku.freeTier?.kind === "always" ? [{ name: "free", price: decimal(0n), end: units(sku.freeTier.quantity) }] : [];
  const paid = sku.tiers.map(({ price }, index): Tier => {
    const next = sku.tiers[index + 1];
    return { name: `tier-${index + 1}`, price, end: next === undefined ? undefined : units(next.from) };
  });
  return [...free, ...paid];
}

interface Total {
  readonly day: string;
  readonly accountId: string;
  readonly resourceId: string | null;
  readonly units: bigint;
}

/** Days of one SKU in order: what its month has used before decides the tier. */
function price(sku: Sku, totals: readonly Total[], month: string): Priced[] {
  const tiers = tiersOf(sku, month);
  let before = 0n;
  return totals.flatMap(({ units, ...of }) => {
    const lines: Priced[] = [];
    for (const { name, price: unitPrice, end } of tiers) {
      if (end !== undefined && end <= before) continue;
      const left = units - lines.reduce((sum, line) => sum + line.units, 0n);
      const within = end === undefined || left < end - before ? left : end - before;
      if (within > 0n) lines.push({ sku, ...of, tier: name, unitPrice, units: within });
      before += within;
      if (within === left) break;
    }
    return lines;
  });
}

function totalsBySku(rows: readonly BilledRow[], month: string): ReadonlyMap<string, readonly Total[]> {
  const totals = new Map<string, Map<string, Total>>();
  for (const { sku, hour, accountId, resourceId, units } of rows) {
    const day = hour.slice(0, 10);
    if (monthOf(day) !== month) continue;
    const of = totals.get(sku) ?? new Map<string, Total>();
    totals.set(sku, of);
    const key = [day, accountId, resourceId ?? ""].join("\u0000");
    of.set(key, { day, accountId, resourceId, units: units + (of.get(key)?.units ?? 0n) });
  }
  const inOrder = (of: ReadonlyMap<string, Total>): Total[] =>
    [...of].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total);
  return new Map([...totals].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([sku, of]) => [sku, inOrder(of)]));
}

/** `table/keyward-dev-c01-data` of its ARN, a bucket's own name. */
const nameOf = (resourceId: string): string => resourceId.split(":").slice(5).join(":") || resourceId;

type Cells = Readonly<Record<string, string | null>>;

function cellsOf(line: Priced, options: FocusExportOptions): Cells {
  const { sku, day, accountId, resourceId, tier, unitPrice, units } = line;
  const { month, prices, payerAccountId, tags, tagsOf } = options;
  const quantity = divide(decimal(units), decimal(unitsPer(sku.measure, month)), QUANTITY_SCALE);
  const billed: PicoUsd =
    unitPrice.unscaled === 0n ? NOTHING : rate(units, priceOf(unitPrice, unitsPer(sku.measure, month)));
  const [billedAs] = sku.billedAs;
  const [charge, billing] = [periodOfDay(day), periodOfMonth(month)];
  const text = (value: Decimal): string => formatDecimal(normalize(value));
  const all = { ...tags, ...(resourceId === null ? {} : tagsOf?.(resourceId)) };
  return {
    BilledCost: formatUsd(billed),
    BillingAccountId: payerAccountId,
    BillingAccountName: null,
    BillingCurrency: "USD",
    BillingPeriodEnd: billing.end,
    BillingPeriodStart: billing.start,
    ChargeCategory: "Usage",
    ChargeClass: null,
    ChargeDescription: `${sku.service}: ${sku.meter}`,
    ChargeFrequency: "Usage-Based",
    ChargePeriodEnd: charge.end,
    ChargePeriodStart: charge.start,
    ConsumedQuantity: text(quantity),
    ConsumedUnit: sku.unit,
    ContractedCost: formatUsd(billed),
    ContractedUnitPrice: text(unitPrice),
    EffectiveCost: formatUsd(billed),
    InvoiceId: null,
    InvoiceIssuerName: "Amazon Web Services, Inc.",
    ListCost: text(multiply(listPrice(sku), quantity)),
    ListUnitPrice: text(listPrice(sku)),
    PricingCategory: "Standard",
    PricingQuantity: text(quantity),
    PricingUnit: sku.unit,
    ProviderName: "AWS",
    PublisherName: "AWS",
    RegionId: prices.region,
    ResourceId: resourceId,
    ResourceName: resourceId === null ? null : nameOf(resourceId),
    ResourceType: null,
    ServiceCategory: sku.category,
    ServiceName: sku.service,
    ServiceSubcategory: sku.subcategory,
    SkuId: sku.sku,
    SkuPriceId: `${sku.sku}.${tier}`,
    SubAccountId: accountId,
    SubAccountName: null,
    Tags: JSON.stringify(all),
    x_Operation: null,
    x_ServiceCode: billedAs?.serviceCode ?? null,
    x_UsageType: `${prices.usageTypePrefixes[0] ?? ""}${billedAs?.usageType ?? ""}`,
  };
}

const field = (cell: string | null): string => (cell === null ? "" : /[",\r\n]/.test(cell) ? csvQuoted(cell) : cell);

/**
 * What AWS's Data Exports would give for a month as `FOCUS_1_2_AWS`: a line for each day, SKU, account, resource and tier,
 * priced from the list. SKUs that no list knows are left out; all that is counted and priced is in it.
 */
export function focusExport(rows: readonly BilledRow[], options: FocusExportOptions): string {
  const { prices, month } = options;
  const lines = [...totalsBySku(rows, month)].flatMap(([name, totals]) => {
    const sku = prices.skus.find((one) => one.sku === name);
    return sku === undefined ? [] : price(sku, totals, month);
  });
  const cells = lines.map((line) => cellsOf(line, options));
  const columns = Object.keys(cells[0] ?? {});
  return [columns, ...cells.map((row) => columns.map((column) => row[column] ?? null))]
    .map((row) => `${row.map(field).join(",")}\n`)
    .join("");
}
