import { decimal, type Decimal, divide } from "../decimal.ts";
import type { CostTenant, OriginCharge, ProviderCharge, SplitCharge } from "../ledger.ts";
import { PLATFORM } from "../meters.ts";
import { dayOf, monthOf, type Period } from "../period.ts";
import { type PriceList, type Sku, unitsPer } from "../prices.ts";
import type { DailyUsage } from "../rating.ts";
import { baseUnits, type ChargeGroup, groupCharges, isMetered, tolerance } from "./claims.ts";
import { type AllocationPolicy, methodFor, type SpreadMethod } from "./policy.ts";
import { type Claim, nobodys, sharesOf } from "./shares.ts";
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

/**
 * Every origin as shares of tenants and of nobody. Invariant: the shares of each origin sum to it, so that tenants and
 * unallocated sum to the bill. A tag `tenant` is exact and no split; a metered SKU goes by metered units, its rest to nobody;
 * all else by the policy.
 */
export function split(input: SplitInput): Split {
  const { origins, policy, prices, roster, usage } = input;
  const tenants = new Map(roster.map(({ tenant }) => [tenant.id, tenant]));
  const weights = new SpreadWeights(roster, usage);
  const metered = new MeteredUnits(usage);
  const exceptions: SplitException[] = [];
  const billed = new Map<string, { billedUnits: bigint; meteredUnits: bigint }>();
  const claimsOf = new Map<OriginCharge, readonly Claim[]>();
  const isTagged = (origin: OriginCharge): boolean => origin.kind === "provider" && tagOf(origin) !== undefined;
  const placeOf = (accountId: string): Place => {
    const stages = input.stagesOf.get(accountId);
    return stages === undefined ? null : { accountId, stages: new Set(stages) };
  };
  const spread = (method: SpreadMethod, period: Period, place: Place): Claim[] =>
    spreadClaims(weights.of(method, period, place), tenants, method);

  const byMeter = origins.filter((origin) => origin.kind === "provider" && isMetered(origin) && !isTagged(origin));
  for (const group of groupCharges(byMeter as ProviderCharge[], prices)) {
    const place = placeOf(group.accountId);
    const units = metered.of(group.sku.sku, group.part, group.days, place?.stages ?? new Set());
    const claims = groupClaims(group, units, tenants, exceptions, (period) =>
      spread(policy.platformWork, period, place),
    );
    for (const charge of group.charges) claimsOf.set(charge, claims.of);
    const sum = billed.get(group.sku.sku) ?? { billedUnits: 0n, meteredUnits: 0n };
    billed.set(group.sku.sku, {
      billedUnits: sum.billedUnits + claims.billedUnits,
      meteredUnits: sum.meteredUnits + claims.meteredUnits,
    });
  }
  const coverage = coverageOf(billed);
  const coverageBySku = new Map(coverage.map(({ sku, coverage: ratio }) => [sku, ratio]));
  const lines = origins.flatMap((origin) =>
    sharesOf(
      origin,
      claimsOf.get(origin) ??
        ownClaim(origin, tenants, exceptions) ??
        whole(
          spread(
            methodFor(policy, origin),
            origin.period,
            origin.kind === "internal" ? null : placeOf(origin.usageAccountId),
          ),
        ),
      {
        priceListId: origin.listUnitPrice === null || origin.kind === "internal" ? null : prices.id,
        coverage: origin.state === "estimated" ? null : (coverageBySku.get(origin.sku) ?? null),
      },
    ),
  );
  return { lines, exceptions, coverage };
}

const whole = (claims: readonly Claim[]): readonly Claim[] => (claims.length === 0 ? [nobodys(1n)] : claims);

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
  platform: (period: Period) => readonly Claim[],
): GroupClaims {
  const { sku, part, days, charges } = group;
  const billedUnits = charges.reduce((sum, charge) => sum + baseUnits(charge, sku), 0n);
  const meteredUnits = [...units.values()].reduce((sum, each) => sum + each, 0n);
  const rest = billedUnits - meteredUnits;
  const slack = tolerance(group);
  if (rest < -slack) exceptions.push({ kind: "over-metered", sku: sku.sku, part, days, billedUnits, meteredUnits });

  let nobody = rest > slack ? rest : 0n;
  const claims: Claim[] = [];
  for (const [id, weight] of units) {
    const tenant = tenants.get(id);
    if (id === PLATFORM) claims.push({ ...nobodys(weight, "metered-usage/v1"), among: platform(days) });
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
    billedUnits,
    meteredUnits,
  };
}

/** Base units in the SKU's unit, six places. */
const inUnits = (units: bigint, sku: Sku, { start }: Period): Decimal =>
  divide(decimal(units), decimal(unitsPer(sku.measure, monthOf(dayOf(start)))), 6);

function coverageOf(billed: ReadonlyMap<string, { billedUnits: bigint; meteredUnits: bigint }>): SkuCoverage[] {
  return [...billed]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([sku, { billedUnits, meteredUnits }]) => ({
      sku,
      billedUnits,
      meteredUnits,
      coverage: billedUnits === 0n ? null : divide(decimal(meteredUnits), decimal(billedUnits), 6),
    }));
}
