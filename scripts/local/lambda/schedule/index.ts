import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { TimedClock, Timer } from "../../front/clock.ts";
import { parseSchedule } from "./expression.ts";
import type { ScheduleExpression } from "./expression.ts";

/** A schedule of EventBridge Scheduler, or a scheduled rule of EventBridge, that invokes a function. */
export interface Schedule {
  /** Unique; the last part of the ARN. */
  readonly name: string;
  readonly arn: string;
  /** `rate(...)`, `cron(...)` or `at(...)`, in UTC. */
  readonly expression: string;
  readonly functionName: string;
  readonly source: "aws.scheduler" | "aws.events";
  /** JSON text for the function; undefined: the service's own event. */
  readonly input?: string;
  /** The role that Scheduler invokes with; rules are let in by the function's own policy. */
  readonly roleArn?: string;
}

export interface Schedules {
  /** Adds a schedule or replaces the one of that name. One whose expression is unchanged keeps its rhythm. */
  put(schedule: Schedule): void;
  /** When each is due next, milliseconds since the epoch; undefined: never again. */
  due(): ReadonlyMap<string, number | undefined>;
  close(): Promise<void>;
}

export interface SchedulesOptions {
  readonly database: DatabaseSync;
  readonly clock: TimedClock;
  readonly accountId: string;
  readonly region: string;
  /** Hands an event over, as the schedule's role may. Resolves when the function has run, so that a virtual clock can wait for it. */
  invoke(schedule: Schedule, event: unknown): Promise<void>;
  /** Told about a schedule that could not hand over its event. */
  onError(schedule: Schedule, error: unknown): void;
}

interface Entry {
  readonly schedule: Schedule;
  readonly expression: ScheduleExpression;
  readonly createdAtMs: number;
  dueMs: number | undefined;
  timer: Timer | undefined;
}

interface Row {
  readonly expression: string;
  readonly createdAtMs: number;
  readonly lastDueMs: number | null;
}

/**
 * Fires schedules by the cloud's clock. A fire is written down before it is made, so that a restart never doubles it;
 * of the fires that were missed while the cloud was down, only the latest is made up for.
 * The first fire of a rate comes one period after its creation; on AWS it may come at once.
 */
export function createSchedules(options: SchedulesOptions): Schedules {
  const { database, clock } = options;
  database.exec(`CREATE TABLE IF NOT EXISTS schedule (
    name TEXT PRIMARY KEY, expression TEXT NOT NULL, createdAtMs INTEGER NOT NULL, lastDueMs INTEGER) STRICT`);
  const select = database.prepare("SELECT expression, createdAtMs, lastDueMs FROM schedule WHERE name = ?");
  const upsert = database.prepare("INSERT OR REPLACE INTO schedule VALUES (?, ?, ?, ?)");
  const entries = new Map<string, Entry>();
  const running = new Set<Promise<void>>();
  let isClosed = false;

  /** The latest due time that is not after `nowMs`, starting from `dueMs`. */
  function latestMissed(entry: Entry, dueMs: number, nowMs: number): number {
    let latest = dueMs;
    for (;;) {
      const following = entry.expression.next(latest, entry.createdAtMs);
      if (following === undefined || following > nowMs) return latest;
      latest = following;
    }
  }

  function eventOf(schedule: Schedule, dueMs: number): unknown {
    const time = new Date(dueMs).toISOString().replace(".000Z", "Z");
    const id = randomUUID();
    if (schedule.input !== undefined) {
      // Source: EventBridge Scheduler User Guide, "Adding context attributes".
      const text = schedule.input
        .replaceAll("<aws.scheduler.schedule-arn>", schedule.arn)
        .replaceAll("<aws.scheduler.scheduled-time>", time)
        .replaceAll("<aws.scheduler.execution-id>", id)
        .replaceAll("<aws.scheduler.attempt-number>", "1");
      return JSON.parse(text) as unknown;
    }
    return {
      version: "0",
      id,
      "detail-type": "Scheduled Event",
      source: schedule.source,
      account: options.accountId,
      time,
      region: options.region,
      resources: [schedule.arn],
      detail: schedule.source === "aws.scheduler" ? "{}" : {},
    };
  }

  async function fire(entry: Entry): Promise<void> {
    if (isClosed || entry.dueMs === undefined || entries.get(entry.schedule.name) !== entry) return;
    const dueMs = latestMissed(entry, entry.dueMs, clock.now());
    upsert.run(entry.schedule.name, entry.schedule.expression, entry.createdAtMs, dueMs);
    entry.dueMs = entry.expression.next(dueMs, entry.createdAtMs);
    arm(entry);
    try {
      await options.invoke(entry.schedule, eventOf(entry.schedule, dueMs));
    } catch (error) {
      options.onError(entry.schedule, error);
    }
  }

  function arm(entry: Entry): void {
    entry.timer?.cancel();
    if (entry.dueMs === undefined) return;
    entry.timer = clock.at(entry.dueMs, () => {
      const done = fire(entry).finally(() => running.delete(done));
      running.add(done);
      return done;
    });
  }

  return {
    put(schedule) {
      const expression = parseSchedule(schedule.expression);
      const row = select.get(schedule.name) as unknown as Row | undefined;
      const isKnown = row?.expression === schedule.expression;
      const createdAtMs = isKnown ? row.createdAtMs : clock.now();
      const lastDueMs = isKnown ? row.lastDueMs : null;
      upsert.run(schedule.name, schedule.expression, createdAtMs, lastDueMs);
      entries.get(schedule.name)?.timer?.cancel();
      const dueMs = expression.next(lastDueMs ?? createdAtMs, createdAtMs);
      const entry: Entry = { schedule, expression, createdAtMs, dueMs, timer: undefined };
      entries.set(schedule.name, entry);
      arm(entry);
    },
    due: () => new Map([...entries].map(([name, entry]) => [name, entry.dueMs])),
    async close() {
      isClosed = true;
      for (const entry of entries.values()) entry.timer?.cancel();
      await Promise.allSettled(running);
      if (database.isOpen) database.close();
    },
  };
}
