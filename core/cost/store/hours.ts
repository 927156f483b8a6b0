import { HOUR_MS, msOf, toSecond } from "../period.ts";
import { rollUp, type UsageRow, UsageTotals } from "../roll-up.ts";
import { copiesOf, type StorageDrift, storageUse } from "../storage.ts";
import type { ActivityFact, MeterException, MeteredFact, StorageDelta, StorageKind } from "../usage.ts";

/** Bytes of one kind that a tenant has at the end of an hour. */
export interface Level {
  readonly stage: string;
  readonly cell: string;
  readonly tenant: string;
  readonly storage: StorageKind;
  readonly bytes: bigint;
}

/** All that is known of an hour: what was used, what is stored at its end, what was done. */
export interface HourBook {
  readonly hour: string;
  readonly rows: readonly UsageRow[];
  readonly levels: readonly Level[];
  readonly drifts: readonly StorageDrift[];
  /** Notes signed for the first time, by tenant. */
  readonly encounters: Readonly<Record<string, number>>;
  /** Digests of the clinicians who did something, by tenant. */
  readonly clinicians: Readonly<Record<string, readonly string[]>>;
  readonly unreported: number;
  readonly unclaimed: number;
  readonly exceptions: readonly MeterException[];
}

/** The facts of one function around an hour. */
export interface AroundHour {
  readonly before: readonly MeteredFact[];
  readonly within: readonly MeteredFact[];
  readonly after: readonly MeteredFact[];
  readonly exceptions: readonly MeterException[];
}

const hourMs = (hour: string): number => msOf(`${hour}:00:00Z`);

/** Makes an hour's book a function at a time, so that the busiest function's hour is what memory must hold. */
export class HourMaker {
  readonly #hour: string;
  readonly #totals = new UsageTotals();
  readonly #stored: MeteredFact[] = [];
  readonly #done = new Map<string, ActivityFact>();
  readonly #exceptions = new Map<string, MeterException>();
  #unreported = 0;
  #unclaimed = 0;

  constructor(hour: string) {
    this.#hour = hour;
  }

  add({ before, within, after, exceptions }: AroundHour): void {
    const result = rollUp([...before, ...within, ...after], this.#hour);
    for (const { units, ...of } of result.rows) this.#totals.add(of, units);
    this.#unreported += result.unreported;
    this.#unclaimed += result.unclaimed;
    for (const each of [...exceptions, ...result.exceptions]) this.#exceptions.set(each.digest, each);
    for (const fact of within) {
      if (fact.kind === "storage-delta.v1" || fact.kind === "storage-recount.v1") this.#stored.push(fact);
      // The same event told twice has one name.
      if (fact.kind === "activity.v1") this.#done.set(`${fact.tenant}/${fact.did}/${fact.id}`, fact);
    }
  }

  book(opening: readonly Level[]): HourBook {
    const { levels, drifts } = this.#addStorage(opening);
    const encounters = new Map<string, number>();
    const clinicians = new Map<string, Set<string>>();
    for (const { tenant, did, who } of this.#done.values())
      if (did === "encounter-finished") encounters.set(tenant, (encounters.get(tenant) ?? 0) + 1);
      else if (who !== null) clinicians.set(tenant, (clinicians.get(tenant) ?? new Set()).add(who));
    return {
      hour: this.#hour,
      rows: this.#totals.rows(),
      levels,
      drifts,
      encounters: sorted(encounters),
      clinicians: sorted(new Map([...clinicians].map(([tenant, who]) => [tenant, [...who].toSorted()]))),
      unreported: this.#unreported,
      unclaimed: this.#unclaimed,
      exceptions: [...this.#exceptions.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1)),
    };
  }

  /** A level goes on from the hour before as a change at this one's beginning. */
  #addStorage(opening: readonly Level[]): Pick<HourBook, "levels" | "drifts"> {
    const at = hourMs(this.#hour);
    const carried = opening.map(({ bytes, ...of }): StorageDelta => ({
      ...of,
      kind: "storage-delta.v1",
      id: "opening",
      at,
      bytes: Number(bytes),
    }));
    const period = { start: toSecond(at), end: toSecond(at + HOUR_MS) };
    const places = Map.groupBy([...carried, ...this.#stored], (fact) => `${fact.stage}/${fact.cell}`);
    const levels: Level[] = [];
    const drifts: StorageDrift[] = [];
    for (const [place, facts] of [...places].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const [stage = "", cell = ""] = place.split("/");
      const use = storageUse(facts, period);
      for (const { units, ...of } of [...use.rows, ...copiesOf(use.rows)]) this.#totals.add(of, units);
      drifts.push(...use.drifts);
      for (const [key, bytes] of use.levels) {
        const [tenant = "", storage] = key.split("/");
        if (bytes !== 0n) levels.push({ stage, cell, tenant, storage: storage as StorageKind, bytes });
      }
    }
    return { levels, drifts };
  }
}

const sorted = <T>(map: ReadonlyMap<string, T>): Readonly<Record<string, T>> =>
  Object.fromEntries([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
