import type { DatabaseSync } from "node:sqlite";
import type { TimedClock, Timer } from "../front/clock.ts";
import { ASYNCHRONOUS_MAX_AGE_MS, ASYNCHRONOUS_RETRY_DELAYS_MS } from "./limits.ts";

export type AsynchronousOutcome = "done" | "failed" | "throttled" | "gone";

export interface AsynchronousQueueOptions {
  readonly database: DatabaseSync;
  readonly clock: TimedClock;
  invoke(functionName: string, requestId: string, event: string): Promise<AsynchronousOutcome>;
  onDiscard(functionName: string, requestId: string): void;
}

export interface AsynchronousQueue {
  /** Durable when it returns. */
  add(functionName: string, requestId: string, event: string): void;
  /** Runs what is due by the clock, and resolves when that is done. */
  tick(): Promise<void>;
  /** Resolves when the next try of this event is over; at once where none is due. */
  tried(requestId: string): Promise<void>;
  /** Takes up nothing more. */
  stop(): void;
  close(): Promise<void>;
}

/** Lambda slows down between throttled tries; a second is enough for one machine. */
const THROTTLE_DELAY_MS = 1_000;

interface Row {
  readonly id: string;
  readonly function: string;
  readonly event: string;
  readonly failures: number;
  readonly addedAtMs: number;
}

/**
 * Lambda's internal queue of `Event` invocations: at least once, two retries after one and two minutes, six hours at most.
 * Source: Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation".
 */
export function createAsynchronousQueue(options: AsynchronousQueueOptions): AsynchronousQueue {
  const { database, clock } = options;
  database.exec(`CREATE TABLE IF NOT EXISTS event (
    id TEXT PRIMARY KEY, function TEXT NOT NULL, event TEXT NOT NULL,
    failures INTEGER NOT NULL, addedAtMs INTEGER NOT NULL, dueAtMs INTEGER NOT NULL) STRICT`);
  const insert = database.prepare("INSERT INTO event VALUES (?, ?, ?, 0, ?, ?)");
  const due = database.prepare(
    "SELECT id, function, event, failures, addedAtMs FROM event WHERE dueAtMs <= ? ORDER BY addedAtMs, id",
  );
  const later = database.prepare("UPDATE event SET failures = ?, dueAtMs = ? WHERE id = ?");
  const remove = database.prepare("DELETE FROM event WHERE id = ?");
  const earliest = database.prepare("SELECT min(dueAtMs) AS dueAtMs FROM event WHERE dueAtMs > ?");
  const inHand = new Map<string, Promise<void>>();
  let timer: Timer | undefined;
  let isStopped = false;

  async function run(row: Row): Promise<void> {
    const isTooOld = clock.now() - row.addedAtMs > ASYNCHRONOUS_MAX_AGE_MS;
    const outcome = isTooOld ? "gone" : await options.invoke(row.function, row.id, row.event);
    if (isStopped) return; // the row stays: the event is delivered again after the next start
    if (outcome === "throttled") {
      later.run(row.failures, clock.now() + THROTTLE_DELAY_MS, row.id);
      return;
    }
    const delayMs = outcome === "failed" ? ASYNCHRONOUS_RETRY_DELAYS_MS[row.failures] : undefined;
    if (delayMs !== undefined) {
      later.run(row.failures + 1, clock.now() + delayMs, row.id);
      return;
    }
    remove.run(row.id);
    if (outcome !== "done") options.onDiscard(row.function, row.id);
  }

  async function tick(): Promise<void> {
    if (isStopped) return;
    for (const row of due.all(clock.now()) as unknown as Row[]) {
      if (inHand.has(row.id)) continue;
      const done = run(row).finally(() => inHand.delete(row.id));
      inHand.set(row.id, done);
    }
    await Promise.all(inHand.values());
    arm();
  }

  /** Wakes when the next retry is due. */
  function arm(): void {
    timer?.cancel();
    if (isStopped) return;
    const { dueAtMs } = earliest.get(clock.now()) as { dueAtMs: number | null };
    timer = dueAtMs === null ? undefined : clock.at(dueAtMs, tick);
  }

  // What a process that ended had still in hand.
  setImmediate(() => void tick());

  return {
    add(functionName, requestId, event) {
      insert.run(requestId, functionName, event, clock.now(), clock.now());
      setImmediate(() => void tick());
    },
    tick,
    async tried(requestId) {
      void tick();
      await inHand.get(requestId);
    },
    stop() {
      isStopped = true;
      timer?.cancel();
    },
    async close() {
      isStopped = true;
      await Promise.allSettled(inHand.values());
      if (database.isOpen) database.close();
    },
  };
}
