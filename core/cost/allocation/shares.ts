import { type Decimal, decimal, multiply } from "../decimal.ts";
import type { AllocationClass, AllocationElement, CostTenant, MethodId, OriginCharge, SplitCharge } from "../ledger.ts";
import { apportion, COST_SCALE, exactPico, NOTHING, type PicoUsd, type Share } from "../money.ts";
import type { Period } from "../period.ts";
import type { SpreadMethod } from "./policy.ts";

/** How a part is shared among clinics: by what is known of a whole month, and so another answer on each day of it. */
export interface Spread {
  readonly method: SpreadMethod;
  readonly period: Period;
  /** Whose cost it is; null for everybody's, such as our own rows. */
  readonly accountId: string | null;
}

/** One who takes of an origin, in proportion to `weight`; null for nobody. */
export interface Claim {
  readonly tenant: CostTenant | null;
  readonly weight: bigint;
  readonly method: MethodId | null;
  readonly allocation: AllocationClass;
  readonly usageUnit: string | null;
  readonly usageQuantity: Decimal | null;
  /** Where many share this claim's part: the platform's own work, and what no meter claims. */
  readonly spread?: Spread;
}

/** Nobody's: what is left, or the whole of what no method spreads. */
export const nobodys = (weight: bigint, method: MethodId = "unallocated/v1"): Claim => ({
  tenant: null,
  weight,
  method,
  allocation: "Unallocated",
  usageUnit: null,
  usageQuantity: null,
});

const ONE_RATIO = 10n ** BigInt(COST_SCALE);

/** One claim's part of each amount of an origin. */
export interface Parts {
  readonly ratio: bigint;
  readonly quantity: bigint | null;
  readonly billed: PicoUsd;
  readonly effective: PicoUsd;
  /** Null where it is price x quantity. */
  readonly list: PicoUsd | null;
}

const idOf = (claim: Claim, index: number): string =>
  `${claim.tenant?.id ?? "~nobody"}/${claim.method ?? "own"}/${claim.spread === undefined ? "" : index}`;

/** The part of each claim. What nobody's weight takes is nobody's. A part that is spread is one part here. */
export function divide(parts: Parts, claims: readonly Claim[]): (readonly [Claim, Parts])[] {
  const named = claims.map((claim, index) => [idOf(claim, index), claim] as const);
  const shares: Share[] = named.map(([id, { weight }]) => ({ id, weight }));
  const isNobodys = shares.every(({ weight }) => weight === 0n);
  if (isNobodys) return [[nobodys(1n), parts]];
  const [ratio, billed, effective] = [
    apportion(parts.ratio, shares).parts,
    apportion(parts.billed, shares).parts,
    apportion(parts.effective, shares).parts,
  ];
  const quantity = parts.quantity === null ? null : apportion(parts.quantity, shares).parts;
  const list = parts.list === null ? null : apportion(parts.list, shares).parts;
  return named.flatMap(([id, claim]) => {
    if (claim.weight === 0n) return [];
    const own: Parts = {
      ratio: ratio.get(id) ?? 0n,
      billed: billed.get(id) ?? NOTHING,
      effective: effective.get(id) ?? NOTHING,
      quantity: quantity === null ? null : (quantity.get(id) ?? 0n),
      list: list === null ? null : (list.get(id) ?? NOTHING),
    };
    return [[claim, own] as const];
  });
}

export interface ShareContext {
  readonly priceListId: string | null;
  /** Metered over billed units, six places. */
  readonly coverage: Decimal | null;
}

/** All of an origin, before anybody takes of it. */
export const wholeOf = (origin: OriginCharge): Parts => ({
  ratio: ONE_RATIO,
  quantity: origin.quantity?.unscaled ?? null,
  billed: origin.billedCost,
  effective: origin.effectiveCost,
  list: origin.quantity !== null && origin.listUnitPrice !== null && isProduct(origin) ? null : origin.listCost,
});

/** What a part is at list price. */
export const listOf = ({ listUnitPrice, quantity }: ListedOrigin, parts: Pick<Parts, "list" | "quantity">): PicoUsd =>
  parts.list ?? product(listUnitPrice, parts.quantity === null ? null : decimal(parts.quantity, quantity?.scale ?? 0));
type ListedOrigin = Pick<OriginCharge, "listUnitPrice" | "quantity">;

/** What each claim takes of an origin. Every amount of the shares sums to the origin's, exactly; so do the ratios, to 1. */
export function sharesOf(
  origin: OriginCharge,
  claims: readonly Claim[],
  context: ShareContext,
  claimsOf: (spread: Spread) => readonly Claim[],
): SplitCharge[] {
  const scale = origin.quantity?.scale ?? 0;
  const divided = divide(wholeOf(origin), claims).flatMap(([claim, parts]) =>
    claim.spread === undefined ? [[claim, parts] as const] : divide(parts, claimsOf(claim.spread)),
  );
  return divided.map(([claim, parts]) => {
    const quantity = parts.quantity === null ? null : decimal(parts.quantity, scale);
    const element: AllocationElement = {
      ratio: decimal(parts.ratio, COST_SCALE),
      usageUnit: claim.usageUnit,
      usageQuantity: claim.usageQuantity,
    };
    return {
      id: `${origin.id}#${claim.tenant?.id ?? "unallocated"}/${claim.method ?? "own"}`,
      origin,
      tenant: claim.tenant,
      method: claim.method,
      allocation: claim.allocation,
      elements: [element],
      quantity,
      listCost: listOf(origin, parts),
      billedCost: parts.billed,
      effectiveCost: parts.effective,
      state: origin.state,
      priceListId: context.priceListId,
      coverage: context.coverage,
    };
  });
}

const product = (price: Decimal | null, quantity: Decimal | null): PicoUsd =>
  price === null || quantity === null ? NOTHING : (exactPico(multiply(price, quantity)) ?? NOTHING);

/** Whether list cost is price x quantity in twelve places; a correction's need not be. */
const isProduct = ({ listUnitPrice, quantity, listCost }: OriginCharge): boolean =>
  listUnitPrice !== null && quantity !== null && exactPico(multiply(listUnitPrice, quantity)) === listCost;
