import { type Day, dayOf } from "../period.ts";
import { type DailyUsage, dailyUsage } from "../rating.ts";
import { UsageTotals } from "../roll-up.ts";
import type { StorageDrift } from "../storage.ts";
import type { MeterException } from "../usage.ts";
import type { HourBook } from "./hours.ts";

/** A day, from its hours: the grain at which money begins. */
export interface DayBook {
  readonly day: Day;
  readonly usage: readonly DailyUsage[];
  readonly encounters: Readonly<Record<string, number>>;
  readonly clinicians: Readonly<Record<string, readonly string[]>>;
  readonly drifts: readonly StorageDrift[];
  readonly unreported: number;
  readonly unclaimed: number;
  readonly exceptions: readonly MeterException[];
}

const add = (sums: Map<string, number>, of: Readonly<Record<string, number>>): void => {
  for (const [name, count] of Object.entries(of)) sums.set(name, (sums.get(name) ?? 0) + count);
};

export function dayBook(day: Day, hours: readonly HourBook[]): DayBook {
  const totals = new UsageTotals();
  const encounters = new Map<string, number>();
  const clinicians = new Map<string, Set<string>>();
  const exceptions = new Map<string, MeterException>();
  for (const hour of hours) {
    for (const { units, ...of } of hour.rows) if (dayOf(of.hour) === day) totals.add(of, units);
    add(encounters, hour.encounters);
    for (const [tenant, who] of Object.entries(hour.clinicians))
      clinicians.set(tenant, new Set([...(clinicians.get(tenant) ?? []), ...who]));
    for (const each of hour.exceptions) exceptions.set(each.digest, each);
  }
  const sum = (count: (hour: HourBook) => number): number => hours.reduce((all, hour) => all + count(hour), 0);
  return {
    day,
    usage: dailyUsage(totals.rows()),
    encounters: Object.fromEntries([...encounters].toSorted(byName)),
    clinicians: Object.fromEntries(
      [...clinicians].toSorted(byName).map(([tenant, who]) => [tenant, [...who].toSorted()]),
    ),
    drifts: hours.flatMap(({ drifts }) => drifts),
    unreported: sum(({ unreported }) => unreported),
    unclaimed: sum(({ unclaimed }) => unclaimed),
    exceptions: [...exceptions.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1)),
  };
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
