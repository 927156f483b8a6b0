import type { CostLayer, LineState, SplitCharge, ClinicCharge } from "../ledger.ts";
import { NOTHING, type PicoUsd, pico, total } from "../money.ts";
import { DAY_MS, type Day, dayOf, daysOf, type Month, monthOf, msOf, periodOfMonth } from "../period.ts";
import type { Book } from "./books.ts";
import { fromJson, toJson } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { MONTHS } from "./keys.ts";

/** A month in a few hundred bytes: what a trend of thirteen months and a forecast need of it, so that no book is opened for them. */
export interface MonthSums {
  readonly schema: "keyward.sums/v1";
  readonly month: Month;
  /** Of the book that they are the sums of. */
  readonly madeOf: string;
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
}

export const sumsKey = (month: Month): string => `${MONTHS}${month}/sums.json`;

const STATES: readonly LineState[] = ["estimated", "reconciled", "closed"];

/** The least final state of lines; `estimated` where there is none: nothing has been said yet. */
export const leastFinal = (states: Iterable<LineState>): LineState => {
  const seen = new Set(states);
  return STATES.find((state) => seen.has(state)) ?? "estimated";
};

const add = <K>(sums: Map<K, PicoUsd>, key: K, amount: PicoUsd): void =>
  void sums.set(key, pico((sums.get(key) ?? NOTHING) + amount));

/** What a line costs on each day of it that lies in `month`: whole on its own day, evenly where it lasts longer. */
export function costByDay({ origin, effectiveCost }: SplitCharge, month: Month): readonly (readonly [Day, PicoUsd])[] {
  const { start, end } = origin.period;
  if (msOf(end) - msOf(start) <= DAY_MS) return [[dayOf(start), effectiveCost]];
  const days = daysOf(periodOfMonth(month)).filter((day) => day >= dayOf(start) && `${day}T00:00:00Z` < end);
  const each = days.length === 0 ? 0n : effectiveCost / BigInt(days.length);
  const rest = effectiveCost - each * BigInt(days.length);
  return days.map((day, index) => [day, pico(index === 0 ? each + rest : each)]);
}

/** The days of lines, added up; a correction's own days lie in another month and are left out. */
export function dailyCost(lines: readonly SplitCharge[], month: Month): ReadonlyMap<Day, PicoUsd> {
  const days = new Map<Day, PicoUsd>();
  for (const line of lines)
    for (const [day, cost] of costByDay(line, month)) if (monthOf(day) === month) add(days, day, cost);
  return days;
}

export const revenueOf = (charges: readonly ClinicCharge[]): PicoUsd =>
  total(charges.filter(({ category }) => category !== "Tax").map(({ amount }) => amount));

export function sumsOf(book: Book): MonthSums {
  const { lines, clinic, month, madeOf, asOf, bill } = book;
  const layers = new Map<CostLayer, PicoUsd>();
  for (const { origin, effectiveCost } of lines) add(layers, origin.layer, effectiveCost);
  const provider = lines.filter(({ origin }) => origin.kind === "provider");
  return {
    schema: "keyward.sums/v1",
    month,
    madeOf,
    asOf,
    hasBill: bill !== null,
    cost: total(lines.map(({ effectiveCost }) => effectiveCost)),
    provider: total(provider.map(({ effectiveCost }) => effectiveCost)),
    revenue: revenueOf(clinic),
    unallocated: total(provider.filter(({ tenant }) => tenant === null).map(({ effectiveCost }) => effectiveCost)),
    layers: [...layers].filter(([, cost]) => cost !== 0n),
    days: [...dailyCost(lines, month)].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    costState: leastFinal(lines.map(({ state }) => state)),
    revenueState: leastFinal(clinic.map(({ state }) => state)),
    estimated: lines.filter(({ state }) => state === "estimated").length,
  };
}

export const packSums = (sums: MonthSums): Uint8Array => Buffer.from(`${toJson(sums)}\n`);

/** Undefined where none were written. */
export async function readSums(files: CostFiles, month: Month): Promise<MonthSums | undefined> {
  const file = await files.read(sumsKey(month));
  return file === undefined ? undefined : fromJson<MonthSums>(Buffer.from(file.bytes).toString("utf8"));
}
