import type { ExecutionEnvironment } from "./execution-environment.ts";

export interface PoolOptions {
  /** How many environments may live at a time. */
  readonly maxEnvironments: number;
  /** How many invocations may run or wait; one more is throttled. Undefined: no limit. */
  readonly maxConcurrency: number | undefined;
  /** How long an unused environment stays. */
  readonly idleMs: number;
  start(): Promise<ExecutionEnvironment>;
  /** Whether an idle environment may serve another invocation. */
  isFresh(environment: ExecutionEnvironment): boolean;
}

export interface Pool {
  /** Runs `task` in an environment of its own; waits for one when all are busy. Gives undefined when throttled. */
  run<T>(task: (environment: ExecutionEnvironment) => Promise<T>): Promise<T> | undefined;
  /** Ends every idle environment, and each busy one after its invocation: the next invocation starts cold. */
  retire(): Promise<void>;
  close(): Promise<void>;
  size(): number;
}

interface Idle {
  readonly environment: ExecutionEnvironment;
  readonly timer: NodeJS.Timeout;
}

/** The execution environments of one function. The one used last is used first, as Lambda does, so that the others grow old. */
export function createPool(options: PoolOptions): Pool {
  const idle: Idle[] = [];
  const all = new Set<ExecutionEnvironment>();
  const waiting: (() => void)[] = [];
  let live = 0;
  let inFlight = 0;
  let generation = 0;
  let isClosed = false;

  async function end(environment: ExecutionEnvironment): Promise<void> {
    if (!all.delete(environment)) return;
    live -= 1;
    await environment.close();
  }

  /** The next invocation that waits may have a slot. */
  const wake = (): void => waiting.shift()?.();

  async function acquire(): Promise<ExecutionEnvironment> {
    for (;;) {
      const last = idle.pop();
      if (last !== undefined) {
        clearTimeout(last.timer);
        if (last.environment.isAlive() && options.isFresh(last.environment)) return last.environment;
        await end(last.environment);
        continue;
      }
      if (live < options.maxEnvironments) {
        live += 1;
        try {
          const environment = await options.start();
          all.add(environment);
          return environment;
        } catch (error) {
          live -= 1;
          wake();
          throw error;
        }
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (isClosed) throw new Error("the Lambda service is closed");
    }
  }

  async function release(environment: ExecutionEnvironment, startedIn: number): Promise<void> {
    if (isClosed || startedIn !== generation || !environment.isAlive()) {
      await end(environment);
    } else {
      const entry: Idle = {
        environment,
        timer: setTimeout(() => {
          idle.splice(idle.indexOf(entry), 1);
          void end(environment);
        }, options.idleMs).unref(),
      };
      idle.push(entry);
    }
    wake();
  }

  async function endIdle(): Promise<void> {
    const entries = idle.splice(0);
    for (const entry of entries) clearTimeout(entry.timer);
    await Promise.all(entries.map((entry) => end(entry.environment)));
  }

  return {
    run(task) {
      if (options.maxConcurrency !== undefined && inFlight >= options.maxConcurrency) return undefined;
      inFlight += 1;
      return (async () => {
        try {
          const environment = await acquire();
          const startedIn = generation;
          try {
            return await task(environment);
          } finally {
            await release(environment, startedIn);
          }
        } finally {
          inFlight -= 1;
        }
      })();
    },
    async retire() {
      generation += 1;
      await endIdle();
    },
    async close() {
      isClosed = true;
      for (const resolve of waiting.splice(0)) resolve();
      await endIdle();
      await Promise.all([...all].map(end));
    },
    size: () => live,
  };
}
