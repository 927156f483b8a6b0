import { decimal, type Decimal, divide } from "../decimal.ts";
import type { CostTenant, OriginCharge, ProviderCharge, SplitCharge } from "../ledger.ts";
import { PLATFORM } from "../meters.ts";
import { dayOf, monthOf, type Period } from "../period.ts";
import { type PriceList, type Sku, unitsPer } from "../prices.ts";
import type { DailyUsage } from "../rating.ts";
import { baseUnits, type ChargeGroup, earliness, groupCharges, isMetered, partOf, tolerance } from "./claims.ts";
import { type AllocationPolicy, methodFor, type SpreadMethod } from "./policy.ts";
import { type Claim, nobodys, sharesOf, type Spread } from "./shares.ts";
import { MeteredUnits, type Place, type Roster, SpreadWeights, type Weights } from "./weights.ts";

export interface SplitInput {
  readonly origins: readonly OriginCharge[];
  readonly usage: readonly DailyUsage[];
  readonly roster: Roster;
  readonly policy: AllocationPolicy;
  readonly prices: PriceList;
  /**
   * The stages that run in each AWS account. Usage of a stage claims nothing of another account's bill, and shared cost of an
   * account is shared by its own clinics; that of an account without a stage (the payer, the witness) by all.
   */
  readonly stagesOf: ReadonlyMap<string, readonly string[]>;
  /** Where origins and usage are of some days: what the whole month's clinics used, by which its shared costs are spread. */
  readonly monthly?: readonly DailyUsage[];
  /** The same of the coverage that shares name. */
  readonly coverage?: readonly SkuCoverage[];
}

export type SplitException =
  /** More was metered than billed: ratios are capped to the bill, and somebody looks. Base units. */
  | {
      readonly kind: "over-metered";
      readonly sku: string;
      readonly part: string | null;
      readonly days: Period;
      readonly billedUnits: bigint;
      readonly meteredUnits: bigint;
    }
  /** Usage or a tag names a tenant that the roster does not hold: its part is unallocated. */
  | { readonly kind: "unknown-tenant"; readonly tenant: string; readonly sku: string };

/** Metered and billed base units of a SKU. */
export interface SkuCoverage {
  readonly sku: string;
  readonly billedUnits: bigint;
  readonly meteredUnits: bigint;
  /** Metered over billed, six places; null where nothing was billed. */
  readonly coverage: Decimal | null;
}

export interface Split {
  readonly lines: readonly SplitCharge[];
  readonly exceptions: readonly SplitException[];
  readonly coverage: readonly SkuCoverage[];
}

/** An origin and who takes of it. What is spread over a month's clinics is named by its method and not yet divided. */
export interface ClaimedOrigin {
  readonly origin: OriginCharge;
  readonly claims: readonly Claim[];
}

export interface Claimed {
  readonly origins: readonly ClaimedOrigin[];
  readonly exceptions: readonly SplitException[];
  readonly billed: BilledUnits;
}

/** By SKU. */
export type BilledUnits = ReadonlyMap<string, Pick<SkuCoverage, "billedUnits" | "meteredUnits">>;

/**
 * Who takes of each origin: a tag `tenant` is exact and no split; a metered SKU goes by metered units, its rest to nobody; all
 * else by the policy. Usage is that of the origins' own days.
 */
export function claim(input: Omit<SplitInput, "monthly" | "coverage">): Claimed {
  const { origins, policy, prices, roster, usage } = input;
  const tenants = new Map(roster.map(({ tenant }) => [tenant.id, tenant]));
  const metered = new MeteredUnits(usage);
  const exceptions: SplitException[] = [];
  const billed = new Map<string, { billedUnits: bigint; meteredUnits: bigint }>();
  const claimsOf = new Map<OriginCharge, readonly Claim[]>();
  const isTagged = (origin: OriginCharge): boolean => origin.kind === "provider" && tagOf(origin) !== undefined;

  // Nobody meters in an account without a stage.
  const byMeter = origins.filter(
    (origin): origin is ProviderCharge =>
      origin.kind === "provider" &&
      isMetered(origin) &&
      !isTagged(origin) &&
      input.stagesOf.has(origin.usageAccountId) &&
      !policy.unmetered.some(({ sku, part }) => sku === origin.sku && part === partOf(origin)),
  );
  for (const group of groupCharges(byMeter, prices)) {
    const stages = input.stagesOf.get(group.accountId) ?? [];
    const units = metered.of(group.sku.sku, group.part, group.days, new Set(stages));
    const claims = groupClaims(group, units, tenants, exceptions, policy.platformWork);
    for (const charge of group.charges) claimsOf.set(charge, claims.of);
    const sum = billed.get(group.sku.sku) ?? { billedUnits: 0n, meteredUnits: 0n };
    billed.set(group.sku.sku, {
      billedUnits: sum.billedUnits + claims.billedUnits,
      meteredUnits: sum.meteredUnits + claims.meteredUnits,
    });
  }
  const spreadWhole = (origin: OriginCharge): Claim =>
    spreadClaim(1n, {
      method: methodFor(policy, origin),
      period: origin.period,
      accountId: origin.kind === "internal" ? null : origin.usageAccountId,
    });
  return {
    origins: origins.map((origin) => ({
      origin,
      claims: claimsOf.get(origin) ?? ownClaim(origin, tenants, exceptions) ?? [spreadWhole(origin)],
    })),
    exceptions,
    billed,
  };
}

/** Who takes of what is spread, by what is known of the month's clinics. */
export class Spreader {
  readonly #tenants: ReadonlyMap<string, CostTenant>;
  readonly #weights: SpreadWeights;
  readonly #stagesOf: SplitInput["stagesOf"];
  readonly #known = new Map<string, readonly Claim[]>();

  constructor({ roster, usage, stagesOf }: Pick<SplitInput, "roster" | "usage" | "stagesOf">) {
    this.#tenants = new Map(roster.map(({ tenant }) => [tenant.id, tenant]));
    this.#weights = new SpreadWeights(roster, usage);
    this.#stagesOf = stagesOf;
  }

  of({ method, period, accountId }: Spread): readonly Claim[] {
    const key = [method, period.start, period.end, accountId ?? ""].join("/");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const stages = accountId === null ? undefined : this.#stagesOf.get(accountId);
    const place: Place = accountId === null || stages === undefined ? null : { accountId, stages: new Set(stages) };
    const claims = spreadClaims(this.#weights.of(method, period, place), this.#tenants, method);
    this.#known.set(key, claims);
    return claims;
  }
}

/**
 * Every origin as shares of tenants and of nobody. Invariant: the shares of each origin sum to it, so that tenants and
 * unallocated sum to the bill.
 */
export function split(input: SplitInput): Split {
  const { origins, exceptions, billed } = claim(input);
  const spreader = new Spreader({ ...input, usage: input.monthly ?? input.usage });
  const coverage = coverageOf(billed);
  const coverageBySku = new Map((input.coverage ?? coverage).map(({ sku, coverage: ratio }) => [sku, ratio]));
  const lines = origins.flatMap(({ origin, claims }) =>
    sharesOf(
      origin,
      claims,
      {
        priceListId: origin.listUnitPrice === null || origin.kind === "internal" ? null : input.prices.id,
        coverage: origin.state === "estimated" ? null : (coverageBySku.get(origin.sku) ?? null),
      },
      (spread) => spreader.of(spread),
    ),
  );
  return { lines, exceptions, coverage };
}

/** One part for all who share it. */
const spreadClaim = (weight: bigint, spread: Spread): Claim => ({ ...nobodys(weight), spread });

/** AWS spells a user's tag `user:tenant` in FOCUS and `user_tenant` in CUR 2.0. */
function tagOf({ tags }: ProviderCharge): string | undefined {
  return tags["tenant"] ?? tags["user:tenant"] ?? tags["user_tenant"];
}

/** The claim of a tenant whose own an origin is: an internal row for it, or a resource with its tag. */
function ownClaim(
  origin: OriginCharge,
  tenants: ReadonlyMap<string, CostTenant>,
  exceptions: SplitException[],
): readonly Claim[] | undefined {
  const id = origin.kind === "internal" ? origin.tenant?.id : tagOf(origin);
  if (id === undefined) return undefined;
  const tenant = origin.kind === "internal" ? origin.tenant : tenants.get(id);
  if (tenant === undefined || tenant === null) {
    exceptions.push({ kind: "unknown-tenant", tenant: id, sku: origin.sku });
    return [nobodys(1n)];
  }
  return [
    { tenant, weight: 1n, method: null, allocation: "Direct", usageUnit: origin.unit, usageQuantity: origin.quantity },
  ];
}

function spreadClaims(
  { unit, shares }: Weights,
  tenants: ReadonlyMap<string, CostTenant>,
  method: SpreadMethod,
): Claim[] {
  return shares.map(({ id, weight }) => ({
    tenant: tenants.get(id) ?? null,
    weight,
    method,
    allocation: "Shared",
    usageUnit: unit,
    usageQuantity: decimal(weight),
  }));
}

interface GroupClaims {
  readonly of: readonly Claim[];
  readonly billedUnits: bigint;
  readonly meteredUnits: bigint;
}

function groupClaims(
  group: ChargeGroup,
  units: ReadonlyMap<string, bigint>,
  tenants: ReadonlyMap<string, CostTenant>,
  exceptions: SplitException[],
  platformWork: SpreadMethod,
): GroupClaims {
  const { accountId, sku, part, days, charges } = group;
  const billedUnits = charges.reduce((sum, charge) => sum + baseUnits(charge, sku), 0n);
  const meteredUnits = [...units.values()].reduce((sum, each) => sum + each, 0n);
  const rest = billedUnits - meteredUnits;
  const slack = tolerance(group);
  const mostOver = slack + earliness(group, billedUnits);
  if (rest < -mostOver) exceptions.push({ kind: "over-metered", sku: sku.sku, part, days, billedUnits, meteredUnits });

  let nobody = rest > slack ? rest : 0n;
  const claims: Claim[] = [];
  for (const [id, weight] of units) {
    const tenant = tenants.get(id);
    if (id === PLATFORM)
      claims.push({
        ...nobodys(weight, "metered-usage/v1"),
        spread: { method: platformWork, period: days, accountId },
      });
    else if (tenant === undefined) {
      exceptions.push({ kind: "unknown-tenant", tenant: id, sku: sku.sku });
      nobody += weight;
    } else
      claims.push({
        tenant,
        weight,
        method: "metered-usage/v1",
        allocation: "Direct",
        usageUnit: sku.unit,
        usageQuantity: inUnits(weight, sku, days),
      });
  }
  return {
    of: nobody > 0n ? [...claims, nobodys(nobody, "metered-usage/v1")] : claims,
    // What is no difference is none in the coverage either.
    billedUnits: rest <= slack && rest >= -mostOver ? meteredUnits : billedUnits,
    meteredUnits,
  };
}

/** Base units in the SKU's unit, six places. */
const inUnits = (units: bigint, sku: Sku, { start }: Period): Decimal =>
  divide(decimal(units), decimal(unitsPer(sku.measure, monthOf(dayOf(start)))), 6);

export function coverageOf(billed: BilledUnits): SkuCoverage[] {
  return [...billed]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([sku, { billedUnits, meteredUnits }]) => ({
      sku,
      billedUnits,
      meteredUnits,
      coverage: billedUnits === 0n ? null : divide(decimal(meteredUnits), decimal(billedUnits), 6),
    }));
}
