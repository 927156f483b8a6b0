import { compare, type Decimal, divide, formatDecimal, normalize, rescale } from "./decimal.ts";
import type { PriceList, Sku } from "./prices.ts";

export interface PriceChange {
  readonly sku: string;
  /** `price of tier 1`, `free tier`, `unit`, `confidence` ... */
  readonly what: string;
  /** Null where one list has none. */
  readonly from: string | null;
  readonly to: string | null;
  /** Of a price, two places; null for all else, and for a price that was nothing. */
  readonly percent: Decimal | null;
}

export interface PriceDifference {
  readonly from: string;
  readonly to: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly PriceChange[];
}

/** What a newer list says otherwise, SKU by SKU; words about sources and notes are no difference. */
export function priceDifference(older: PriceList, newer: PriceList): PriceDifference {
  const [before, after] = [older, newer].map(({ skus }) => new Map(skus.map((sku) => [sku.sku, sku])));
  const names = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].toSorted();
  return {
    from: older.id,
    to: newer.id,
    added: names.filter((name) => before?.has(name) === false),
    removed: names.filter((name) => after?.has(name) === false),
    changed: names.flatMap((name) => {
      const [old, now] = [before?.get(name), after?.get(name)];
      return old === undefined || now === undefined ? [] : changesOf(old, now);
    }),
  };
}

function changesOf(old: Sku, now: Sku): PriceChange[] {
  const changes: PriceChange[] = [];
  const say = (what: string, from: string | null, to: string | null, percent: Decimal | null = null): void => {
    if (from !== to) changes.push({ sku: old.sku, what, from, to, percent });
  };
  for (let tier = 0; tier < old.tiers.length || tier < now.tiers.length; tier += 1) {
    const [from, to] = [old.tiers[tier], now.tiers[tier]];
    const name = `tier ${tier + 1}`;
    say(`${name} from`, textOf(from?.from), textOf(to?.from));
    say(`${name} price`, textOf(from?.price), textOf(to?.price), percentOf(from?.price, to?.price));
  }
  say("free tier", freeTier(old), freeTier(now));
  say("unit", old.unit, now.unit);
  say("measure", old.measure, now.measure);
  say("layer", old.layer, now.layer);
  say("category", `${old.category}/${old.subcategory}`, `${now.category}/${now.subcategory}`);
  say("billed as", billedAs(old), billedAs(now));
  say("confidence", old.confidence, now.confidence);
  return changes;
}

const textOf = (value: Decimal | undefined): string | null =>
  value === undefined ? null : formatDecimal(normalize(value));

const freeTier = ({ freeTier: free }: Sku): string | null =>
  free === undefined ? null : `${formatDecimal(normalize(free.quantity))} ${free.kind}`;

const billedAs = ({ billedAs: names }: Sku): string =>
  names
    .map(({ serviceCode, usageType }) => `${serviceCode}:${usageType}`)
    .toSorted()
    .join(" ");

function percentOf(from: Decimal | undefined, to: Decimal | undefined): Decimal | null {
  if (from === undefined || to === undefined || from.unscaled === 0n || compare(from, to) === 0) return null;
  const scale = from.scale > to.scale ? from.scale : to.scale;
  const difference = rescale(to, scale).unscaled - rescale(from, scale).unscaled;
  return divide({ unscaled: difference * 100n, scale }, from, 2);
}
