import type { Clock } from "../../../core/kernel/clock.ts";

export interface Timer {
  cancel(): void;
}

/** A clock that also wakes things up: every wait inside the embedded AWS is asked of it, so that a test can skip it. */
export interface TimedClock extends Clock {
  /** Runs `task` once when the clock reaches `atMs`; a time in the past means as soon as possible. */
  at(atMs: number, task: () => unknown): Timer;
  /** Runs `task` every `intervalMs`, first after one interval. A run that is still going is not started twice. */
  every(intervalMs: number, task: () => unknown): Timer;
  /** Cancels all timers and waits for the tasks that are running. */
  close(): Promise<void>;
}

export interface VirtualClock extends TimedClock {
  /**
   * Moves time forward by `ms`, firing what falls due on the way in order of time, and waits for each task.
   * One interval runs at most 5,000 times in one call, evenly spread: a poller need not run each second of a year.
   */
  advance(ms: number): Promise<void>;
}

export interface VirtualClockOptions {
  /** Milliseconds since the epoch at which the clock starts; the machine's time when left out. */
  readonly startMs?: number;
  /** True: time also passes by itself, as on the machine. False (the default): it stands still between `advance`s. */
  readonly isFlowing?: boolean;
  /** Told about a task that failed; the clock goes on. */
  readonly onError?: (error: unknown) => void;
}

interface Entry {
  dueMs: number;
  readonly order: number;
  readonly everyMs: number | undefined;
  readonly task: () => unknown;
  isRunning: boolean;
}

/** Node's timers hold at most 2^31 - 1 ms. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;
const MOST_RUNS_PER_ADVANCE = 5_000;

/** A clock whose time is the machine's time plus what it was advanced by, or stands still. */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { isFlowing = false, onError = () => undefined } = options;
  const startMs = options.startMs ?? Date.now();
  let offsetMs = isFlowing ? startMs - Date.now() : startMs;
  let order = 0;
  let isClosed = false;
  let wake: NodeJS.Timeout | undefined;
  const entries = new Set<Entry>();
  const running = new Set<Promise<void>>();

  const now = (): number => (isFlowing ? Date.now() + offsetMs : offsetMs);

  const nextDue = (untilMs: number): Entry | undefined => {
    let first: Entry | undefined;
    for (const entry of entries) {
      if (entry.dueMs > untilMs) continue;
      if (
        first === undefined ||
        entry.dueMs < first.dueMs ||
        (entry.dueMs === first.dueMs && entry.order < first.order)
      ) {
        first = entry;
      }
    }
    return first;
  };

  const run = (entry: Entry, leastStepMs: number): Promise<void> => {
    if (entry.everyMs === undefined) entries.delete(entry);
    else entry.dueMs += Math.max(1, Math.ceil(leastStepMs / entry.everyMs)) * entry.everyMs;
    if (entry.isRunning) return Promise.resolve();
    entry.isRunning = true;
    const work = (async () => {
      try {
        await entry.task();
      } catch (error) {
        onError(error);
      } finally {
        entry.isRunning = false;
      }
    })();
    running.add(work);
    return work.finally(() => running.delete(work));
  };

  const rearm = (): void => {
    clearTimeout(wake);
    if (!isFlowing || isClosed || entries.size === 0) return;
    const first = nextDue(Number.POSITIVE_INFINITY);
    if (first === undefined) return;
    const delayMs = Math.min(Math.max(first.dueMs - now(), 0), LONGEST_TIMEOUT_MS);
    wake = setTimeout(() => {
      for (let due = nextDue(now()); due !== undefined; due = nextDue(now())) {
        // After a long sleep of the machine an interval is due many times over; once is enough.
        const missed = due.everyMs === undefined ? 0 : Math.floor((now() - due.dueMs) / due.everyMs);
        due.dueMs += missed * (due.everyMs ?? 0);
        void run(due, 0);
      }
      rearm();
    }, delayMs);
    wake.unref();
  };

  const add = (dueMs: number, everyMs: number | undefined, task: () => unknown): Timer => {
    const entry: Entry = { dueMs, order: (order += 1), everyMs, task, isRunning: false };
    if (!isClosed) entries.add(entry);
    rearm();
    return {
      cancel: () => {
        entries.delete(entry);
        rearm();
      },
    };
  };

  return {
    now,
    at: (atMs, task) => add(atMs, undefined, task),
    every: (intervalMs, task) => add(now() + Math.max(1, intervalMs), Math.max(1, intervalMs), task),
    async advance(ms) {
      const untilMs = now() + Math.max(0, ms);
      for (let due = nextDue(untilMs); due !== undefined; due = nextDue(untilMs)) {
        if (due.dueMs > now()) offsetMs += due.dueMs - now();
        await run(due, ms / MOST_RUNS_PER_ADVANCE);
      }
      if (untilMs > now()) offsetMs += untilMs - now();
      rearm();
    },
    async close() {
      isClosed = true;
      entries.clear();
      clearTimeout(wake);
      await Promise.all(running);
    },
  };
}

/** The machine's clock with timers that never keep the process alive. */
export const createSystemClock = (onError?: (error: unknown) => void): VirtualClock =>
  createVirtualClock({ isFlowing: true, ...(onError === undefined ? {} : { onError }) });

/**
 * Timers on a clock that somebody else owns. `close` ends these timers and no others; a plain clock without timers of
 * its own gets them on the machine's time.
 */
export function withTimers(clock: Clock): TimedClock {
  const owned = isTimed(clock) ? undefined : createSystemClock();
  const timers: TimedClock = owned ?? (clock as TimedClock);
  const live = new Set<Timer>();
  const running = new Set<Promise<unknown>>();
  let isClosed = false;

  const guard = (task: () => unknown) => (): unknown => {
    if (isClosed) return undefined;
    const result = task();
    if (!(result instanceof Promise)) return result;
    const work: Promise<unknown> = result.finally(() => running.delete(work));
    running.add(work);
    return work;
  };
  const keep = (timer: Timer): Timer => {
    live.add(timer);
    return {
      cancel() {
        live.delete(timer);
        timer.cancel();
      },
    };
  };

  return {
    now: () => clock.now(),
    at(atMs, task) {
      const timer = keep(
        timers.at(
          timers.now() + (atMs - clock.now()),
          guard(() => {
            timer.cancel();
            return task();
          }),
        ),
      );
      return timer;
    },
    every: (intervalMs, task) => keep(timers.every(intervalMs, guard(task))),
    async close() {
      isClosed = true;
      for (const timer of live) timer.cancel();
      await Promise.allSettled(running);
      await owned?.close();
    },
  };
}

const isTimed = (clock: Clock): clock is TimedClock => "at" in clock && "every" in clock && "close" in clock;
