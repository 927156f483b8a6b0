import type { CostTenant } from "../ledger.ts";
import type { Share } from "../money.ts";
import { dayOf, isWithin, monthOf, type Period, periodOfDay, secondsShared } from "../period.ts";
import type { DailyUsage } from "../rating.ts";
import type { SpreadMethod } from "./policy.ts";

/** A time in one AWS account's cell: from creation or a move, to the next move or the end. */
export interface Stay extends Period {
  readonly accountId: string;
}

/** A tenant and where it was when. One that has ended stays on the roster of the months that it was in. */
export interface RosterEntry {
  readonly tenant: CostTenant;
  readonly active: readonly Stay[];
}
export type Roster = readonly RosterEntry[];

/** The account whose cost is spread, and the stages that run in it. Null: everybody's, such as the payer's own or our own rows. */
export type Place = { readonly accountId: string; readonly stages: ReadonlySet<string> } | null;

/** What a spread was measured by. */
export interface Weights {
  /** FOCUS UsageUnit; null for a method that measures nothing. */
  readonly unit: "Seconds" | "Requests" | "Byte-Hours" | null;
  readonly shares: readonly Share[];
}

const REQUESTS = new Set(["http-api-requests"]);
const STORED = new Set(["dynamodb-storage", "s3-standard"]);
/** What of a month's usage spreads are measured by. */
export const SPREAD_SKUS: ReadonlySet<string> = new Set([...REQUESTS, ...STORED]);

/**
 * Weights of a spread, documented in core/cost/README.md:
 * `shared-even/v1` by seconds that a tenant was active within the charge's own period; `shared-by-requests/v1` by API requests
 * and `shared-by-storage/v1` by byte-hours of data and documents, both of the charge's whole calendar month, so that a quiet
 * night leaves nothing without an owner; `unallocated/v1` by nothing.
 */
export class SpreadWeights {
  readonly #roster: Roster;
  readonly #usage: readonly DailyUsage[];
  readonly #known = new Map<string, Weights>();

  constructor(roster: Roster, usage: readonly DailyUsage[]) {
    this.#roster = roster;
    this.#usage = usage;
  }

  of(method: SpreadMethod, period: Period, place: Place): Weights {
    const month = monthOf(dayOf(period.start));
    const time = method === "shared-even/v1" ? `${period.start}/${period.end}` : month;
    const key = [method, time, place?.accountId ?? ""].join("/");
    const known = this.#known.get(key) ?? this.#measure(method, period, place);
    this.#known.set(key, known);
    return known;
  }

  #measure(method: SpreadMethod, period: Period, place: Place): Weights {
    switch (method) {
      case "shared-even/v1":
        return {
          unit: "Seconds",
          shares: this.#roster.map(({ tenant, active }) => ({
            id: tenant.id,
            weight: active
              .filter(({ accountId }) => place === null || place.accountId === accountId)
              .reduce((sum, each) => sum + BigInt(secondsShared(each, period)), 0n),
          })),
        };
      case "shared-by-requests/v1":
        return { unit: "Requests", shares: this.#sum(REQUESTS, period, place) };
      case "shared-by-storage/v1":
        return { unit: "Byte-Hours", shares: this.#sum(STORED, period, place) };
      case "unallocated/v1":
        return { unit: null, shares: [] };
    }
  }

  #sum(skus: ReadonlySet<string>, period: Period, place: Place): Share[] {
    const month = monthOf(dayOf(period.start));
    const sums = new Map(this.#roster.map(({ tenant }) => [tenant.id, 0n]));
    for (const { tenant, sku, day, stage, units } of this.#usage) {
      const sum = sums.get(tenant);
      const isHere = place === null || place.stages.has(stage);
      if (sum !== undefined && isHere && skus.has(sku) && monthOf(day) === month) sums.set(tenant, sum + units);
    }
    return [...sums].map(([id, weight]) => ({ id, weight }));
  }
}

/** Metered units of a SKU by tenant within whole days; `part` null for all parts. */
export class MeteredUnits {
  readonly #bySku = new Map<string, DailyUsage[]>();

  constructor(usage: readonly DailyUsage[]) {
    for (const row of usage) {
      const rows = this.#bySku.get(row.sku);
      if (rows === undefined) this.#bySku.set(row.sku, [row]);
      else rows.push(row);
    }
  }

  of(sku: string, part: string | null, days: Period, stages: ReadonlySet<string>): ReadonlyMap<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const row of this.#bySku.get(sku) ?? [])
      if ((part === null || row.part === part) && stages.has(row.stage) && isWithin(periodOfDay(row.day).start, days))
        sums.set(row.tenant, (sums.get(row.tenant) ?? 0n) + row.units);
    return sums;
  }
}
