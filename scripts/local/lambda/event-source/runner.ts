import type { Clock } from "../../../../core/kernel/clock.ts";
import { ServiceError } from "../../service.ts";
import type { ServiceDeps } from "../../service.ts";
import type { IssueServiceSession } from "../function.ts";
import type { InvocationResult } from "../index.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { RoleClients } from "./clients.ts";
import { deliver } from "./delivery.ts";
import type { BatchOutcome } from "./delivery.ts";
import { sendDiscarded } from "./destination.ts";
import type { EventSourceMapping } from "./mapping.ts";
import { outcomeOf } from "./outcome.ts";
import { createPoller } from "./poller.ts";
import type { StreamEventRecord } from "./record.ts";

/** Where a mapping stands. Counts are of this process. */
export interface MappingState {
  readonly uuid: string;
  readonly functionName: string;
  readonly streamArn: string;
  /** Age of the oldest record that was read and is not yet processed; 0 when there is none. Lambda's IteratorAge. */
  readonly iteratorAgeMs: number;
  readonly processedCount: number;
  readonly failedInvocationCount: number;
  readonly discardedCount: number;
  /** The message of the last poll that failed, such as a refusal by IAM; undefined while polls succeed. */
  readonly pollError: string | undefined;
}

export interface EventSourcesOptions {
  readonly deps: Pick<ServiceDeps, "openDatabase" | "clock" | "region">;
  readonly endpoint: string;
  readonly issueServiceSession: IssueServiceSession;
  invoke(functionName: string, event: unknown): Promise<InvocationResult>;
  functionArn(functionName: string): string;
  /** Platform lines: what was discarded and why. Never record content. */
  log(functionName: string, line: string): void;
  /** How often to look without being told, in real time. Lambda looks four times a second. */
  readonly pollMs?: number;
  /** The first pause between tries; doubles up to 10 s. */
  readonly retryMs?: number;
}

const MAX_RETRY_PAUSE_MS = 10_000;
/** Lambda looks four times a second: what is written meanwhile is read in one call, and not each record by itself. */
const GATHER_MS = 250;

/** A mapping that polls. */
export interface Running {
  readonly mapping: EventSourceMapping;
  wake(flush: boolean): void;
  /** Resolves after the pass that began last, with how much it read. */
  passed(): Promise<number>;
  state(): MappingState;
  stop(): Promise<void>;
  settled(): Promise<void>;
}

export interface RunInput {
  readonly mapping: EventSourceMapping;
  readonly clients: RoleClients;
  readonly clock: Clock;
  readonly checkpoints: Checkpoints;
  readonly options: EventSourcesOptions;
  readonly isHeld: () => boolean;
}

/** The loop of one mapping: sleep until told or until the next poll is due, then one pass over its shards. */
export function runMapping({ mapping, clients, clock, checkpoints, options, isHeld }: RunInput): Running {
  const { functionName } = mapping;
  let isStopped = false;
  let head: StreamEventRecord | undefined;
  let pollError: string | undefined;
  let processedCount = 0;
  let failedInvocationCount = 0;
  let discardedCount = 0;
  let isWanted = false;
  let isFlushWanted = false;
  let timer: NodeJS.Timeout | undefined;
  let timerEndsAt = Number.POSITIVE_INFINITY;
  let current: Promise<void> | undefined;
  const sleepers = new Set<() => void>();
  let waiters: ((readCount: number) => void)[] = [];
  const isHeldHere = (): boolean => isStopped || isHeld();

  async function invoke(records: readonly StreamEventRecord[]): Promise<BatchOutcome> {
    try {
      const result = await options.invoke(functionName, { Records: records });
      const outcome = outcomeOf(result, mapping.reportsBatchItemFailures);
      if (outcome.kind === "processed") processedCount += records.length;
      else failedInvocationCount += 1;
      return outcome;
    } catch (error) {
      const isThrottle = error instanceof ServiceError && error.code === "TooManyRequestsException";
      if (!isThrottle) failedInvocationCount += 1;
      return { kind: isThrottle ? "throttled" : "failed" };
    }
  }

  /** Ends early when the mapping is stopped or paused. */
  function wait(attempt: number): Promise<void> {
    const pauseMs = Math.min(MAX_RETRY_PAUSE_MS, (options.retryMs ?? 100) * 2 ** (attempt - 1));
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(pause);
        sleepers.delete(done);
        resolve();
      };
      const pause = setTimeout(done, pauseMs);
      sleepers.add(done);
      if (isHeldHere()) done();
    });
  }

  const poller = createPoller({
    mapping,
    streams: clients.streams,
    checkpoints,
    isHeld: isHeldHere,
    onHead: (record) => {
      head = record;
    },
    onTrimmed: (shardId) =>
      options.log(functionName, `event source mapping: records of ${shardId} left the stream unread`),
    deliver: (shardId, batch) =>
      deliver(batch, {
        mapping,
        invoke,
        advance: (sequenceNumber) => checkpoints.advance(mapping.uuid, shardId, sequenceNumber),
        nowMs: () => clock.now(),
        wait,
        isStopping: isHeldHere,
        discard: async (condition, records, invokeCount) => {
          clients.followClock();
          const functionArn = options.functionArn(functionName);
          await sendDiscarded(clients, mapping, {
            condition,
            records,
            shardId,
            functionArn,
            invokeCount,
            nowMs: clock.now(),
          });
          discardedCount += records.length;
          options.log(functionName, `event source mapping: ${records.length} record(s) discarded, ${condition}`);
        },
      }),
  });

  /** Whether it went well. */
  async function passOnce(): Promise<boolean> {
    const flush = isFlushWanted;
    const served = waiters;
    isWanted = false;
    isFlushWanted = false;
    waiters = [];
    let nextMs = options.pollMs ?? 1_000;
    clients.followClock();
    let isWell = true;
    try {
      const { readCount, wakeAt } = await poller.pass(flush);
      pollError = undefined;
      if (wakeAt !== undefined) nextMs = Math.max(0, Math.min(nextMs, wakeAt - performance.now()));
      // There may be more, and what was told of meanwhile.
      if (readCount > 0 || isWanted) nextMs = Math.min(nextMs, GATHER_MS);
      for (const resolve of served) resolve(readCount);
    } catch (error) {
      isWell = false;
      pollError = error instanceof Error ? `${error.name}: ${error.message}` : "unknown";
      nextMs = Math.min(nextMs, 1_000);
      // Not caught up: whoever waits for that waits for the next pass.
      waiters.push(...served);
      isFlushWanted ||= flush;
    }
    runIn(nextMs);
    return isWell;
  }

  function runIn(ms: number): void {
    clearTimeout(timer);
    timerEndsAt = performance.now() + ms;
    if (!isStopped) timer = setTimeout(run, ms).unref();
  }

  function run(): void {
    clearTimeout(timer);
    timerEndsAt = Number.POSITIVE_INFINITY;
    if (current !== undefined || isHeldHere()) return;
    current = (async () => {
      while ((await passOnce()) && isFlushWanted && !isHeldHere());
    })().finally(() => {
      current = undefined;
    });
  }

  run();
  const endSleeps = (): void => {
    for (const done of sleepers) done();
  };
  return {
    mapping,
    wake(flush) {
      isFlushWanted ||= flush;
      isWanted = true;
      if (flush) run();
      else if (current === undefined && timerEndsAt - performance.now() > GATHER_MS) runIn(GATHER_MS);
    },
    passed: () =>
      new Promise((resolve) => {
        waiters.push(resolve);
      }),
    state: () => ({
      uuid: mapping.uuid,
      functionName,
      streamArn: mapping.streamArn,
      iteratorAgeMs:
        head === undefined ? 0 : Math.max(0, clock.now() - head.dynamodb.ApproximateCreationDateTime * 1000),
      processedCount,
      failedInvocationCount,
      discardedCount,
      pollError,
    }),
    async settled() {
      endSleeps();
      await current;
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      endSleeps();
      await current;
      clients.close();
    },
  };
}
