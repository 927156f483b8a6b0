import type { ClinicCharge, CostLayer, LineState, SplitCharge } from "../ledger.ts";
import { NOTHING, type PicoUsd, pico, total } from "../money.ts";
import { DAY_MS, type Day, dayOf, daysOf, type Month, msOf, periodOfMonth } from "../period.ts";
import type { ShareSum } from "../share-sums.ts";
import type { BookHeader, TenantSum } from "./books.ts";
import { fromJson, toJson } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import type { InputDigests } from "./inputs.ts";
import { bookFolder } from "./keys.ts";

/** A month in a few hundred bytes: what a trend of thirteen months and a forecast need of it, so that no book is opened for them. */
export interface MonthSums {
  readonly schema: "keyward.sums/v1";
  readonly month: Month;
  /** Of the book that they are the sums of. */
  readonly madeOf: string;
  /** As the book has it. */
  readonly inputs: InputDigests;
  readonly asOf: string;
  readonly hasBill: boolean;
  /** Effective cost: AWS's and our own. */
  readonly cost: PicoUsd;
  readonly provider: PicoUsd;
  /** What clinics are asked for, tax left out. */
  readonly revenue: PicoUsd;
  /** Of AWS's part: what nobody takes. */
  readonly unallocated: PicoUsd;
  readonly layers: readonly (readonly [CostLayer, PicoUsd])[];
  /** By day of usage; what is billed by the month lies on its days evenly, so that no day looks unlike the others. */
  readonly days: readonly (readonly [Day, PicoUsd])[];
  readonly costState: LineState;
  readonly revenueState: LineState;
  /** Lines that are still estimated. */
  readonly estimated: number;
  /** Clinics of the month, and those that cost more than they are asked for. */
  readonly tenants: number;
  readonly lossMakers: number;
}

export const sumsKey = (month: Month): string => `${bookFolder(month)}sums.json`;

const STATES: readonly LineState[] = ["estimated", "reconciled", "closed"];

/** The least final state of lines; `estimated` where there is none: nothing has been said yet. */
export const leastFinal = (states: Iterable<LineState>): LineState => {
  const seen = new Set(states);
  return STATES.find((state) => seen.has(state)) ?? "estimated";
};

/** What a line costs on each day of it that lies in `month`: whole on its own day, evenly where it lasts longer. */
export function costByDay(
  {
    origin,
    effectiveCost,
  }: { readonly origin: Pick<SplitCharge["origin"], "period">; readonly effectiveCost: PicoUsd },
  month: Month,
): readonly (readonly [Day, PicoUsd])[] {
  const { start, end } = origin.period;
  if (msOf(end) - msOf(start) <= DAY_MS) return [[dayOf(start), effectiveCost]];
  const days = daysOf(periodOfMonth(month)).filter((day) => day >= dayOf(start) && `${day}T00:00:00Z` < end);
  const each = days.length === 0 ? 0n : effectiveCost / BigInt(days.length);
  const rest = effectiveCost - each * BigInt(days.length);
  return days.map((day, index) => [day, pico(index === 0 ? each + rest : each)]);
}

export const revenueOf = (charges: readonly ClinicCharge[]): PicoUsd =>
  total(charges.filter(({ category }) => category !== "Tax").map(({ amount }) => amount));

/** What a book adds up to. */
export function sumsOf(
  header: Pick<BookHeader, "month" | "madeOf" | "inputs" | "asOf" | "bill" | "skus" | "roster" | "revenueState">,
  tenants: readonly TenantSum[],
): MonthSums {
  const { month, madeOf, inputs, asOf, bill, skus, roster, revenueState } = header;
  const provider = skus.filter(({ origin }) => origin.kind === "provider");
  const layers = new Map<CostLayer, PicoUsd>();
  const days = new Map<Day, PicoUsd>();
  const add = <K>(sums: Map<K, PicoUsd>, key: K, amount: PicoUsd): void =>
    void sums.set(key, pico((sums.get(key) ?? NOTHING) + amount));
  for (const { origin, effectiveCost } of skus) add(layers, origin.layer, effectiveCost);
  for (const tenant of tenants) for (const [day, cost] of tenant.days) add(days, day, cost);
  const present = new Set(roster.map(({ tenant }) => tenant.id));
  return {
    schema: "keyward.sums/v1",
    month,
    madeOf,
    inputs,
    asOf,
    hasBill: bill !== null,
    cost: effectiveOf(skus),
    provider: effectiveOf(provider),
    revenue: total(tenants.map(({ revenue }) => revenue)),
    unallocated: effectiveOf(provider.filter(({ allocation }) => allocation === "Unallocated")),
    layers: [...layers].filter(([, cost]) => cost !== 0n).toSorted(byName),
    days: [...days].toSorted(byName),
    costState: leastFinal(skus.map(({ state }) => state)),
    revenueState,
    estimated: skus.reduce((sum, { state, rows }) => (state === "estimated" ? sum + rows : sum), 0),
    tenants: roster.length,
    lossMakers: tenants.filter(({ id, cost, revenue }) => present.has(id) && revenue < cost).length,
  };
}

const effectiveOf = (sums: readonly ShareSum[]): PicoUsd => total(sums.map(({ effectiveCost }) => effectiveCost));
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): -1 | 1 => (a < b ? -1 : 1);

export const packSums = (sums: MonthSums): Uint8Array => Buffer.from(`${toJson(sums)}\n`);

/** Undefined where none were written. */
export async function readSums(files: CostFiles, month: Month): Promise<MonthSums | undefined> {
  const file = await files.read(sumsKey(month));
  return file === undefined ? undefined : fromJson<MonthSums>(Buffer.from(file.bytes).toString("utf8"));
}
