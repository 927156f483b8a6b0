import { openCheckpoints } from "./checkpoints.ts";
import { createRoleClients } from "./clients.ts";
import { checkMapping } from "./mapping.ts";
import type { EventSourceMapping } from "./mapping.ts";
import { runMapping } from "./runner.ts";
import type { EventSourcesOptions, MappingState, Running } from "./runner.ts";

export { MAPPING_DEFAULTS } from "./mapping.ts";
export type { EventSourceMapping, FilterPattern } from "./mapping.ts";
export type { EventSourcesOptions, MappingState } from "./runner.ts";

/** Feeds functions from DynamoDB streams. */
export interface EventSources {
  /** Adds a mapping, or replaces the one with the same uuid, and begins to poll. */
  put(mapping: EventSourceMapping): void;
  /** Tells that a stream may have new records. Without it they are found at the next poll. */
  notify(streamArn: string): void;
  /**
   * Resolves when every mapping has read its stream to the end and all that it read is processed or discarded.
   * Open batching windows are closed at once.
   * @throws Error naming the mappings of which one makes no progress for `timeoutMs` of real time.
   */
  drain(timeoutMs?: number): Promise<void>;
  /** Resolves when no delivery is under way; nothing is polled until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** Switches the mappings of a function off or on, as UpdateEventSourceMapping does: one that is on again goes on where it was. */
  setEnabled(functionName: string, isEnabled: boolean): Promise<void>;
  mappings(): readonly EventSourceMapping[];
  states(): readonly MappingState[];
  close(): Promise<void>;
}

/** Begins with no mapping; checkpoints of earlier starts are in the database. */
export function createEventSources(options: EventSourcesOptions): EventSources {
  const { clock } = options.deps;
  const database = options.deps.openDatabase("lambda-checkpoints");
  const checkpoints = openCheckpoints(database);
  const running = new Map<string, Running>();
  const known = new Map<string, EventSourceMapping>();
  let isPaused = false;
  let isClosed = false;

  function begin(mapping: EventSourceMapping): Running {
    const clients = createRoleClients({
      endpoint: options.endpoint,
      region: options.deps.region,
      roleArn: mapping.roleArn,
      sessionName: mapping.functionName,
      clock,
      issueServiceSession: options.issueServiceSession,
    });
    return runMapping({ mapping, clients, clock, checkpoints, options, isHeld: () => isPaused || isClosed });
  }

  return {
    put(mapping) {
      checkMapping(mapping);
      known.set(mapping.uuid, mapping);
      const before = running.get(mapping.uuid);
      running.delete(mapping.uuid);
      void before?.stop();
      running.set(mapping.uuid, begin(mapping));
    },
    notify(streamArn) {
      for (const one of running.values()) if (one.mapping.streamArn === streamArn) one.wake(false);
    },
    async drain(timeoutMs = 120_000) {
      if (isPaused) throw new Error("event source mappings are paused: they cannot drain");
      // A function may write to a table that feeds another: drained is a round in which no mapping read anything.
      for (;;) {
        const rounds = [...running.values()].map((one) => {
          const passed = one.passed();
          one.wake(true);
          return passed;
        });
        const counts = await within(Promise.all(rounds), timeoutMs);
        if (counts === undefined) {
          const late = [...running.values()].map((one) => one.state());
          const names = late.map(
            (state) => `${state.functionName} (age ${state.iteratorAgeMs} ms, ${state.pollError ?? "no poll error"})`,
          );
          throw new Error(`event source mappings are not caught up after ${timeoutMs} ms: ${names.join(", ")}`);
        }
        if (counts.every((count) => count === 0)) return;
      }
    },
    async pause() {
      isPaused = true;
      await Promise.all([...running.values()].map((one) => one.settled()));
    },
    resume() {
      isPaused = false;
      for (const one of running.values()) one.wake(false);
    },
    async setEnabled(functionName, isEnabled) {
      const own = [...known.values()].filter((mapping) => mapping.functionName === functionName);
      if (own.length === 0) throw new Error(`function ${functionName} has no event source mapping`);
      for (const mapping of own) {
        const before = running.get(mapping.uuid);
        if (isEnabled === (before !== undefined)) continue;
        if (before === undefined) running.set(mapping.uuid, begin(mapping));
        else {
          running.delete(mapping.uuid);
          await before.stop();
        }
      }
    },
    mappings: () => [...known.values()],
    states: () => [...running.values()].map((one) => one.state()),
    async close() {
      isClosed = true;
      await Promise.all([...running.values()].map((one) => one.stop()));
      if (database.isOpen) database.close();
    },
  };
}

/** Undefined when the time is over first. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
