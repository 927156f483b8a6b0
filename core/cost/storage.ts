import { tables } from "../table/definitions.ts";
import { divideHalfEven } from "./decimal.ts";
import { type MeterName, METERS } from "./meters.ts";
import { HOUR_MS, hourOfMs, msOf, type Period } from "./period.ts";
import { type UsageRow, UsageTotals } from "./roll-up.ts";
import type { MeteredFact, StorageDelta, StorageKind, StorageRecount } from "./usage.ts";

/** What each kind is counted as, and in which resource it lies. */
const KINDS: Readonly<Record<StorageKind, { readonly meter: MeterName; readonly part: string }>> = {
  data: { meter: "data-byte-hours", part: "data" },
  history: { meter: "history-byte-hours", part: "data" },
  search: { meter: "search-byte-hours", part: "data/gsi1" },
  documents: { meter: "document-byte-hours", part: "att" },
  audit: { meter: "audit-byte-hours", part: "archive" },
  "audit-index": { meter: "audit-index-byte-hours", part: "trail" },
  outbox: { meter: "outbox-byte-hours", part: "outbox" },
};

/** Tables that can be restored to a moment: AWS asks for what they hold a second time (DynamoDB pricing: without indexes). */
const RECOVERABLE: ReadonlySet<string | null> = new Set(
  Object.values(tables).flatMap(({ name, pointInTimeRecovery }) => (pointInTimeRecovery ? [name] : [])),
);

/**
 * The backups of what is stored: a row for each of `rows` that lies in such a table. There are no others: nothing takes backups
 * on demand, and buckets keep versions, which count as what they are versions of.
 */
export const copiesOf = (rows: readonly UsageRow[]): UsageRow[] =>
  rows.flatMap((row) =>
    METERS[row.meter].sku === "dynamodb-storage" && RECOVERABLE.has(row.part)
      ? [{ ...row, meter: "backup-byte-hours" as const }]
      : [],
  );

/** What a recount found to differ from what the changes had added up to. */
export interface StorageDrift {
  readonly tenant: string;
  readonly storage: StorageKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly expectedBytes: bigint;
  readonly countedBytes: bigint;
}

export interface StorageUse {
  readonly rows: readonly UsageRow[];
  /** One for each recount, those without a difference included: a count that was made is worth knowing. */
  readonly drifts: readonly StorageDrift[];
  /** Bytes at the period's end by tenant and kind. */
  readonly levels: ReadonlyMap<string, bigint>;
}

type StorageFact = StorageDelta | StorageRecount;

const isStorage = (fact: MeteredFact): fact is StorageFact =>
  fact.kind === "storage-delta.v1" || fact.kind === "storage-recount.v1";

/** By time; a recount after the changes of its own millisecond, which it has seen; then by id, so that order is no input. */
const inOrder = (a: StorageFact, b: StorageFact): number =>
  a.at - b.at ||
  (a.kind === b.kind ? 0 : a.kind === "storage-delta.v1" ? -1 : 1) ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/**
 * Byte-hours of `period` from all changes and recounts ever seen. A level lasts until the next fact; a recount sets it, and
 * what came before stays as it was counted. A level below zero counts as nothing, and the next recount shows it.
 * Invariant: any order and any repetition of the same facts give the same rows.
 */
export function storageUse(facts: readonly MeteredFact[], period: Period): StorageUse {
  const distinct = new Map<string, StorageFact>();
  for (const fact of facts)
    if (isStorage(fact)) {
      const { kind, stage, cell, tenant, storage, id } = fact;
      const key = [kind, stage, cell, tenant, storage, id].join("/");
      const known = distinct.get(key);
      if (known === undefined || inOrder(fact, known) < 0 || (inOrder(fact, known) === 0 && fact.bytes < known.bytes))
        distinct.set(key, fact);
    }
  const series = new Map<string, StorageFact[]>();
  for (const fact of distinct.values()) {
    const key = [fact.stage, fact.cell, fact.tenant, fact.storage].join("/");
    series.set(key, [...(series.get(key) ?? []), fact]);
  }
  const totals = new UsageTotals();
  const drifts: StorageDrift[] = [];
  const levels = new Map<string, bigint>();
  for (const unsorted of [...series].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, of]) => of)) {
    const sorted = unsorted.toSorted(inOrder);
    const [first] = sorted;
    if (first === undefined) continue;
    levels.set(`${first.tenant}/${first.storage}`, addSeries(sorted, period, totals, drifts));
  }
  return { rows: totals.rows(), drifts, levels };
}

function addSeries(facts: readonly StorageFact[], period: Period, totals: UsageTotals, drifts: StorageDrift[]): bigint {
  const [start, end] = [msOf(period.start), msOf(period.end)];
  const byteMs = new Map<string, bigint>();
  let level = 0n;
  let since = start;
  const hold = (until: number): void => {
    const bytes = level > 0n ? level : 0n;
    for (let at = Math.max(since, start); at < Math.min(until, end);) {
      const next = Math.min(until, end, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
      const hour = hourOfMs(at);
      byteMs.set(hour, (byteMs.get(hour) ?? 0n) + bytes * BigInt(next - at));
      at = next;
    }
  };
  for (const { kind, at, tenant, storage, bytes } of facts.filter((fact) => fact.at < end)) {
    hold(at);
    since = at;
    if (kind === "storage-delta.v1") level += BigInt(bytes);
    else {
      drifts.push({ tenant, storage, at, expectedBytes: level, countedBytes: BigInt(bytes) });
      level = BigInt(bytes);
    }
  }
  hold(end);
  const [first] = facts;
  if (first !== undefined)
    for (const [hour, units] of byteMs) {
      const { tenant, stage, cell, storage } = first;
      totals.add({ tenant, stage, cell, hour, ...KINDS[storage] }, divideHalfEven(units, BigInt(HOUR_MS)));
    }
  return level;
}
