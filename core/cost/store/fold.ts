import { SPREAD_SKUS } from "../allocation/weights.ts";
import type { BilledUnits, SplitException, Spreader } from "../allocation/split.ts";
import { divide, listOf, type Parts, type Spread, wholeOf } from "../allocation/shares.ts";
import { decimal } from "../decimal.ts";
import type { OriginCharge } from "../ledger.ts";
import { pico, type PicoUsd } from "../money.ts";
import { type Day, type Month, monthOf } from "../period.ts";
import type { DailyUsage } from "../rating.ts";
import { NOBODY, type ShareSum, ShareSums, type SummedOrigin } from "../share-sums.ts";
import type { ActivityRow } from "../statement.ts";
import type { StorageDrift } from "../storage.ts";
import type { MeterException } from "../usage.ts";
import type { BookFile } from "./books.ts";
import type { DayBook } from "./days.ts";
import { fromJson, packLines, toJson, unpackLines } from "./exact.ts";
import { claimsOfPart, type MonthContext, type Part } from "./parts.ts";
import { costByDay } from "./sums.ts";

/** What of an origin is spread over the month's clinics: divided when it is known what these used in all of it. */
export interface Pool {
  readonly origin: SummedOrigin &
    Pick<OriginCharge, "quantity" | "listUnitPrice" | "period" | "state" | "correctionOf">;
  readonly spread: Spread;
  readonly parts: Omit<Parts, "ratio">;
}

/** By tenant (`~nobody`) and day. */
export type CostDays = Map<string, Map<Day, bigint>>;

export function addCost(days: CostDays, id: string, day: Day, cost: bigint): void {
  const own = days.get(id) ?? new Map<Day, bigint>();
  days.set(id, own);
  own.set(day, (own.get(day) ?? 0n) + cost);
}

/**
 * What days of a month add up to. Days are added in their order, each once; what is added does not depend on later days, so that
 * an hour's run goes on from the days that are over.
 */
export class MonthFold {
  readonly month: Month;
  /** Units of all days: of a month's first day, as the split asks for no other grain of a month. */
  readonly #units = new Map<string, DailyUsage>();
  readonly sums = new ShareSums();
  readonly days: CostDays = new Map();
  readonly pools: Pool[] = [];
  readonly #billed = new Map<string, { billedUnits: bigint; meteredUnits: bigint }>();
  readonly exceptions: SplitException[] = [];
  readonly unbilled: string[] = [];
  readonly #activity = new Map<string, ActivityRow[]>();
  readonly #clinicians = new Map<string, Set<string>>();
  readonly drifts: StorageDrift[] = [];
  readonly #unread = new Map<string, MeterException>();
  unreported = 0;
  unclaimed = 0;

  constructor(month: Month) {
    this.month = month;
  }

  /** Units by SKU so far: where the next day's tiers begin. */
  before(): ReadonlyMap<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const { sku, units } of this.#units.values()) sums.set(sku, (sums.get(sku) ?? 0n) + units);
    return sums;
  }

  /** What a day used and did, besides its lines. */
  addDay(
    { day, encounters, clinicians, drifts, exceptions, unreported, unclaimed }: DayBook,
    usage: readonly DailyUsage[],
  ): void {
    for (const row of usage) {
      const key = [row.tenant, row.stage, row.cell, row.sku, row.part ?? ""].join("\u0000");
      this.#units.set(key, { ...row, day: `${this.month}-01`, units: row.units + (this.#units.get(key)?.units ?? 0n) });
      if (row.sku === "s3-standard" && row.part === "att") this.#did(row.tenant, day, "document-storage", row.units);
    }
    for (const [tenant, count] of Object.entries(encounters)) this.#did(tenant, day, "encounters", BigInt(count));
    for (const [tenant, who] of Object.entries(clinicians)) {
      const seen = this.#clinicians.get(tenant) ?? new Set();
      this.#clinicians.set(tenant, seen);
      const known = seen.size;
      for (const each of who) seen.add(each);
      // A clinician counts on the first day of the month on which she was active.
      this.#did(tenant, day, "active-clinicians", BigInt(seen.size - known));
    }
    this.drifts.push(...drifts);
    for (const each of exceptions) this.#unread.set(each.digest, each);
    this.unreported += unreported;
    this.unclaimed += unclaimed;
  }

  #did(tenantId: string, day: Day, meter: ActivityRow["meter"], units: bigint): void {
    if (units <= 0n) return;
    const rows = this.#activity.get(tenantId) ?? [];
    this.#activity.set(tenantId, rows);
    rows.push({ tenantId, location: null, day, meter, units });
  }

  /** A part's lines: what is somebody's by meter or tag is added up, what is spread is kept until it can be. */
  addPart(part: Part, context: Omit<MonthContext, "monthly" | "coverage">): void {
    const { origins, exceptions, billed } = claimsOfPart(part, context);
    this.exceptions.push(...exceptions);
    this.unbilled.push(...part.unbilled.map(({ sku }) => sku));
    for (const [sku, { billedUnits, meteredUnits }] of billed) {
      const sum = this.#billed.get(sku) ?? { billedUnits: 0n, meteredUnits: 0n };
      this.#billed.set(sku, {
        billedUnits: sum.billedUnits + billedUnits,
        meteredUnits: sum.meteredUnits + meteredUnits,
      });
    }
    for (const { origin, claims } of origins)
      for (const [{ tenant, allocation, spread }, parts] of divide(wholeOf(origin), claims))
        if (spread === undefined) addPartOf(this, origin, { tenantId: tenant?.id ?? null, allocation, parts });
        else this.pools.push({ origin: poolOrigin(origin), spread, parts });
  }

  /** Divides what is spread, once all parts are in: from then on the sums are the month's. */
  spreadPools(spreader: Spreader): void {
    for (const { origin, spread, parts } of this.pools.splice(0))
      for (const [{ tenant, allocation }, own] of divide({ ratio: 0n, ...parts }, spreader.of(spread)))
        addPartOf(this, origin, { tenantId: tenant?.id ?? null, allocation, parts: own });
  }

  get billed(): BilledUnits {
    return this.#billed;
  }
  get usage(): readonly DailyUsage[] {
    return [...this.#units.values()];
  }
  get unread(): readonly MeterException[] {
    return [...this.#unread.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  }
  activityOf(tenantId: string): readonly ActivityRow[] {
    return this.#activity.get(tenantId) ?? [];
  }

  /** Usage that shared costs are spread by. */
  get weights(): readonly DailyUsage[] {
    return this.usage.filter(({ sku }) => SPREAD_SKUS.has(sku));
  }

  /** As a file: a line to a tenant. */
  pack(from: string, parts: readonly BookFile[]): Uint8Array {
    return packLines(this.#lines(from, parts));
  }

  *#lines(from: string, parts: readonly BookFile[]): Generator<string> {
    const { month, pools, exceptions, unbilled, drifts, unread, unreported, unclaimed } = this;
    const billed = [...this.#billed];
    yield toJson({
      month,
      from,
      parts,
      billed,
      exceptions,
      unbilled,
      drifts,
      unread,
      unreported,
      unclaimed,
    } satisfies FoldHead);
    for (const pool of pools) yield toJson({ pool });
    const units = Map.groupBy(this.usage, ({ tenant }) => tenant);
    const sums = new Map(this.sums.entries(() => null));
    const ids = new Set([
      ...units.keys(),
      ...sums.keys(),
      ...this.#activity.keys(),
      ...this.#clinicians.keys(),
      ...this.days.keys(),
    ]);
    for (const id of [...ids].toSorted())
      yield toJson({
        id,
        units: (units.get(id) ?? []).map(
          ({ stage, cell, sku, part, units: each }) => [stage, cell, sku, part, each] as const,
        ),
        sums: (sums.get(id) ?? []).map(({ tenant: _tenant, ...sum }) => sum),
        days: [...(this.days.get(id) ?? [])],
        activity: this.activityOf(id).map(({ day, meter, units: each }) => [day, meter, each] as const),
        clinicians: [...(this.#clinicians.get(id) ?? [])],
      } satisfies FoldLine);
  }

  /** What `pack` wrote. */
  static unpack(bytes: Uint8Array): {
    readonly from: string;
    readonly parts: readonly BookFile[];
    readonly fold: MonthFold;
  } {
    const lines = unpackLines(bytes);
    const { from, parts, month, ...head } = fromJson<FoldHead>(lines.next().value ?? "null");
    const fold = new MonthFold(month);
    for (const [sku, units] of head.billed) fold.#billed.set(sku, units);
    fold.exceptions.push(...head.exceptions);
    fold.unbilled.push(...head.unbilled);
    fold.drifts.push(...head.drifts);
    for (const each of head.unread) fold.#unread.set(each.digest, each);
    fold.unreported = head.unreported;
    fold.unclaimed = head.unclaimed;
    for (const text of lines) {
      const line = fromJson<FoldLine | { readonly pool: Pool }>(text);
      if ("pool" in line) fold.pools.push(line.pool);
      else fold.#read(line);
    }
    return { from, parts, fold };
  }

  #read({ id, units, sums, days, activity, clinicians }: FoldLine): void {
    for (const [stage, cell, sku, part, each] of units) {
      const key = [id, stage, cell, sku, part ?? ""].join("\u0000");
      this.#units.set(key, { tenant: id, stage, cell, day: `${this.month}-01`, sku, part, units: each });
    }
    const tenantId = id === NOBODY ? null : id;
    for (const { listCost: list, billedCost: billed, effectiveCost: effective, ...sum } of sums)
      this.sums.add({ ...sum, tenantId, list, billed, effective });
    if (days.length > 0) this.days.set(id, new Map(days));
    if (activity.length > 0)
      this.#activity.set(
        id,
        activity.map(([day, meter, each]) => ({ tenantId: id, location: null, day, meter, units: each })),
      );
    if (clinicians.length > 0) this.#clinicians.set(id, new Set(clinicians));
  }
}

interface FoldHead {
  readonly month: Month;
  readonly from: string;
  /** Files of the parts of these days. */
  readonly parts: readonly BookFile[];
  readonly billed: readonly (readonly [string, { readonly billedUnits: bigint; readonly meteredUnits: bigint }])[];
  readonly exceptions: readonly SplitException[];
  readonly unbilled: readonly string[];
  readonly drifts: readonly StorageDrift[];
  readonly unread: readonly MeterException[];
  readonly unreported: number;
  readonly unclaimed: number;
}

interface FoldLine {
  readonly id: string;
  readonly units: readonly (readonly [stage: string, cell: string, sku: string, part: string | null, units: bigint])[];
  readonly sums: readonly Omit<ShareSum, "tenant">[];
  readonly days: readonly (readonly [Day, bigint])[];
  readonly activity: readonly (readonly [Day, ActivityRow["meter"], bigint])[];
  readonly clinicians: readonly string[];
}

const poolOrigin = (origin: OriginCharge): Pool["origin"] => {
  const { kind, layer, serviceName, sku, skuMeter, unit, quantity, listUnitPrice, period, state, correctionOf } =
    origin;
  return { kind, layer, serviceName, sku, skuMeter, unit, quantity, listUnitPrice, period, state, correctionOf };
};

interface PartOf {
  readonly tenantId: string | null;
  readonly allocation: ShareSum["allocation"];
  readonly parts: Omit<Parts, "ratio">;
}

/** A part of an origin, added to its tenant's sums and days. */
export function addPartOf(
  to: { readonly sums: ShareSums; readonly days: CostDays; readonly month: Month },
  origin: Pool["origin"],
  { tenantId, allocation, parts }: PartOf,
): void {
  const quantity = parts.quantity === null ? null : decimal(parts.quantity, origin.quantity?.scale ?? 0);
  const { billed, effective } = parts;
  const list: PicoUsd = listOf(origin, parts);
  to.sums.add({ tenantId, origin, allocation, state: origin.state, quantity, list, billed, effective, rows: 1 });
  for (const [day, cost] of costByDay({ origin, effectiveCost: pico(effective) }, to.month))
    if (monthOf(day) === to.month && origin.correctionOf === null) addCost(to.days, tenantId ?? NOBODY, day, cost);
}
