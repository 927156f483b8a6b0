import type { Measure, Outcome } from "./execution-environment.ts";

/** What Lambda reports of an invocation, as data. Durations in milliseconds of real time. */
export interface UsageRecord {
  readonly requestId: string;
  readonly functionName: string;
  /** The cloud's time. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Rounded up to a millisecond; includes the init phase, which Lambda bills since August 2025. */
  readonly billedMs: number;
  /** Undefined for a warm invocation. */
  readonly initMs: number | undefined;
  readonly memorySizeMb: number;
  readonly maxMemoryUsedMb: number;
  readonly outcome: Outcome["kind"];
}

const MAX_RECORDS = 20_000;

export interface UsageInput extends Pick<
  UsageRecord,
  "requestId" | "functionName" | "startedAtMs" | "memorySizeMb" | "outcome"
> {
  readonly measure: Measure;
}

export interface UsageStore {
  /** Keeps a record, tells the listeners, and gives it. */
  record(input: UsageInput): UsageRecord;
  records(): readonly UsageRecord[];
  /** Gives the function that ends listening. */
  listen(listener: (record: UsageRecord) => void): () => void;
}

/** Usage records, oldest dropped first. */
export function createUsageStore(): UsageStore {
  const records: UsageRecord[] = [];
  const listeners = new Set<(record: UsageRecord) => void>();
  return {
    record({ measure, ...rest }) {
      const { durationMs, initMs } = measure;
      const record: UsageRecord = {
        ...rest,
        durationMs,
        initMs,
        billedMs: Math.ceil(durationMs + (initMs ?? 0)),
        maxMemoryUsedMb: measure.heapMb,
      };
      records.push(record);
      if (records.length > MAX_RECORDS) records.splice(0, records.length - MAX_RECORDS);
      for (const listener of listeners) listener(record);
      return record;
    },
    records: () => [...records],
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
