import { randomBytes, randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../../core/kernel/clock.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { withTimers } from "../front/clock.ts";
import { ServiceError } from "../service.ts";
import type { ServiceDeps } from "../service.ts";
import { createAsynchronousQueue } from "./asynchronous.ts";
import { bundleFunctions, bundleWorker } from "./bundle.ts";
import type { Bundle } from "./bundle.ts";
import { functionEnvironment } from "./environment.ts";
import { startEnvironment } from "./execution-environment.ts";
import type { ExecutionEnvironment, Outcome } from "./execution-environment.ts";
import type { FunctionConfiguration, IssueServiceSession } from "./function.ts";
import { ASYNCHRONOUS_REQUEST_BYTES, RESPONSE_BYTES, SYNCHRONOUS_REQUEST_BYTES } from "./limits.ts";
import { createLogStore } from "./log-store.ts";
import type { LogWriter } from "./log-store.ts";
import { endLines, startLine } from "./platform-lines.ts";
import { createPool } from "./pool.ts";
import type { Pool } from "./pool.ts";
import { createUsageStore } from "./usage.ts";
import type { UsageRecord } from "./usage.ts";

export type { FunctionConfiguration, IssueServiceSession, SourcePatch } from "./function.ts";
export type { UsageRecord } from "./usage.ts";

export interface InvocationResult {
  readonly requestId: string;
  /** 200 with an answer, also when the function failed; 202 for an event that was taken in. */
  readonly statusCode: 200 | 202;
  /** JSON text: the handler's answer, or `{ errorType, errorMessage, trace }`. Empty for 202. */
  readonly payload: string;
  readonly functionError?: "Unhandled";
}

export interface InvokeOptions {
  /** `RequestResponse` waits for the answer; `Event` returns at once and is retried twice. */
  readonly type?: "RequestResponse" | "Event";
}

/** Runs functions in worker threads. What AWS would refuse is thrown as ServiceError. */
export interface Lambda {
  /** Adds functions, or replaces those of the same name: the next invocation starts cold. Throws for a handler that does not bundle. */
  putFunctions(configurations: readonly FunctionConfiguration[]): Promise<void>;
  functionArn(functionName: string): string;
  functions(): readonly FunctionConfiguration[];
  /**
   * @param event anything that JSON can hold.
   * @throws ServiceError ResourceNotFoundException 404, RequestTooLargeException 413, TooManyRequestsException 429.
   */
  invoke(functionName: string, event: unknown, options?: InvokeOptions): Promise<InvocationResult>;
  /** Resolves when the first try of an `Event` invocation is over, whatever came of it. */
  tried(requestId: string): Promise<void>;
  /** Adds a platform line to a function's log. Never record content. */
  appendLog(functionName: string, line: string): void;
  /** Everything that a function's code wrote, and the platform's lines, in the function's log format. */
  logs(functionName: string): readonly string[];
  /** One record for each invocation, newest last, bounded. */
  usage(): readonly UsageRecord[];
  onUsage(listener: (record: UsageRecord) => void): () => void;
  /** Ends all execution environments: the next invocation of each function starts cold. */
  retireAll(): Promise<void>;
  /** Resolves when no invocation runs and no event that is due waits. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface LambdaOptions {
  readonly deps: Pick<ServiceDeps, "openDatabase" | "clock" | "accountId" | "region">;
  readonly issueServiceSession: IssueServiceSession;
  /** The cloud's origin. */
  readonly endpoint: string;
  /** Data folder, for the log files; undefined keeps logs in memory only. */
  readonly folder?: string;
  /** Hears of every line that a function's log gets. */
  readonly onLog?: (functionName: string, line: string, writer: LogWriter) => void;
  /** The project's root, where handlers and node_modules are. */
  readonly root?: string;
  /** Environments per function that this machine affords; further invocations wait for one. */
  readonly maxEnvironments?: number;
  readonly idleMs?: number;
  /** Whether the cloud's time differs from the machine's: `Date` in handlers then follows it. Default: a clock that is not the system's. */
  readonly isClockVirtual?: boolean;
}

const projectRoot = fileURLToPath(new URL("../../../", import.meta.url)).replace(/[/\\]$/, "");
/** A session must outlast the invocation that it is given to, and the clock skew that SDKs allow for. */
const FRESH_MARGIN_MS = 300_000;

/** Enough to keep the processors busy while handlers wait for answers, without a thread for every request. */
const DEFAULT_ENVIRONMENTS = Math.min(8, Math.max(2, availableParallelism()));

interface Entry {
  readonly configuration: FunctionConfiguration;
  readonly bundle: Bundle;
  readonly pool: Pool;
}

const offsetOf = (clock: Clock): number => clock.now() - Date.now();

/** Creates the Lambda service. Nothing runs before the first invocation. */
export function createLambda(options: LambdaOptions): Lambda {
  const { clock, accountId, region, openDatabase } = options.deps;
  const root = options.root ?? projectRoot;
  const timers = withTimers(clock);
  const isClockVirtual = options.isClockVirtual ?? clock !== systemClock;
  const entries = new Map<string, Entry>();
  const logs = createLogStore(options.folder, options.onLog);
  const usage = createUsageStore();
  const running = new Set<Promise<unknown>>();
  let workerFile: Promise<string> | undefined;

  const functionArn = (functionName: string): string =>
    `arn:aws:lambda:${region}:${entries.get(functionName)?.configuration.accountId ?? accountId}:function:${functionName}`;

  async function start(configuration: FunctionConfiguration, bundle: Bundle): Promise<ExecutionEnvironment> {
    const session = await options.issueServiceSession(
      configuration.roleArn,
      "lambda.amazonaws.com",
      configuration.functionName,
    );
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", "/");
    const logStreamName = `${day}/[$LATEST]${randomBytes(16).toString("hex")}`;
    workerFile ??= bundleWorker(root);
    return startEnvironment({
      workerFile: await workerFile,
      workerData: {
        bundlePath: bundle.file,
        exportName: bundle.exportName,
        isClockVirtual,
        clockOffsetMs: offsetOf(clock),
        compileCacheFolder: path.join(root, "node_modules", ".cache", "keyward", "compile"),
      },
      environment: functionEnvironment({
        configuration,
        session,
        region,
        endpoint: options.endpoint,
        logStreamName,
        taskRoot: bundle.taskRoot,
      }),
      memorySizeMb: configuration.memorySizeMb,
      timeoutMs: configuration.timeoutSeconds * 1000,
      expiresAtMs: session.expiration.getTime(),
      onLog: (text) => logs.append(configuration.functionName, text, "function"),
    });
  }

  async function putFunctions(configurations: readonly FunctionConfiguration[]): Promise<void> {
    const bundles = await bundleFunctions(root, configurations);
    for (const configuration of configurations) {
      const bundle = bundles.get(configuration.functionName);
      if (bundle !== undefined) await putFunction(configuration, bundle);
    }
  }

  async function putFunction(configuration: FunctionConfiguration, bundle: Bundle): Promise<void> {
    await entries.get(configuration.functionName)?.pool.close();
    const pool = createPool({
      maxEnvironments: options.maxEnvironments ?? DEFAULT_ENVIRONMENTS,
      maxConcurrency: configuration.reservedConcurrency,
      idleMs: options.idleMs ?? 600_000,
      start: () => start(configuration, bundle),
      isFresh: (environment) =>
        environment.expiresAtMs - clock.now() > FRESH_MARGIN_MS + configuration.timeoutSeconds * 1000,
    });
    entries.set(configuration.functionName, { configuration, bundle, pool });
  }

  function result(requestId: string, outcome: Outcome): InvocationResult {
    if (outcome.kind !== "returned") {
      return { requestId, statusCode: 200, payload: JSON.stringify(outcome.error), functionError: "Unhandled" };
    }
    if (Buffer.byteLength(outcome.payload) <= RESPONSE_BYTES)
      return { requestId, statusCode: 200, payload: outcome.payload };
    const error = {
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: `Response payload size exceeded maximum allowed payload size (${RESPONSE_BYTES} bytes).`,
    };
    return { requestId, statusCode: 200, payload: JSON.stringify(error), functionError: "Unhandled" };
  }

  /** Runs one invocation to its end, whatever that is. Undefined: throttled. */
  function run(entry: Entry, requestId: string, event: string): Promise<InvocationResult> | undefined {
    const { functionName, memorySizeMb, logFormat = "Text" } = entry.configuration;
    const done = entry.pool.run(async (environment) => {
      const startedAtMs = clock.now();
      logs.append(functionName, startLine(logFormat, requestId, startedAtMs));
      const { outcome, measure } = await environment.invoke({
        requestId,
        functionArn: functionArn(functionName),
        traceId: `Root=1-${randomBytes(4).toString("hex")}-${randomBytes(12).toString("hex")};Sampled=0`,
        event,
        clockOffsetMs: offsetOf(clock),
      });
      if (outcome.kind === "failed" || outcome.kind === "crashed") {
        // As on Lambda: an error that a handler lets out goes to the log whole.
        logs.append(functionName, `${requestId}\tERROR\tInvoke Error\t${JSON.stringify(outcome.error)}`);
      }
      if (outcome.kind === "timed-out") logs.append(functionName, `${requestId} ${outcome.error.errorMessage}`);
      const record = usage.record({
        requestId,
        functionName,
        startedAtMs,
        memorySizeMb,
        outcome: outcome.kind,
        measure,
      });
      logs.append(functionName, endLines(logFormat, record, clock.now()));
      return result(requestId, outcome);
    });
    if (done === undefined) return undefined;
    running.add(done);
    const forget = (): boolean => running.delete(done);
    done.then(forget, forget);
    return done;
  }

  function entryOf(functionName: string): Entry {
    const entry = entries.get(functionName);
    if (entry !== undefined) return entry;
    throw new ServiceError("ResourceNotFoundException", `Function not found: ${functionArn(functionName)}`, 404);
  }

  const asynchronous = createAsynchronousQueue({
    database: openDatabase("lambda-events"),
    clock: timers,
    async invoke(functionName, requestId, event) {
      const entry = entries.get(functionName);
      if (entry === undefined) return "gone";
      try {
        const settled = await run(entry, requestId, event);
        if (settled === undefined) return "throttled";
        return settled.functionError === undefined ? "done" : "failed";
      } catch (error) {
        // The execution role cannot be assumed, or the service closes: another try may do better.
        logs.append(functionName, `${requestId} not started: ${error instanceof Error ? error.message : "unknown"}`);
        return "failed";
      }
    },
    onDiscard: (functionName, requestId) =>
      logs.append(functionName, `${requestId} asynchronous invocation discarded: retries or age exhausted`),
  });

  return {
    putFunctions,
    functionArn,
    functions: () => [...entries.values()].map((entry) => entry.configuration),
    async invoke(functionName, event, { type = "RequestResponse" } = {}) {
      const entry = entryOf(functionName);
      const text = JSON.stringify(event) ?? "null";
      const limit = type === "Event" ? ASYNCHRONOUS_REQUEST_BYTES : SYNCHRONOUS_REQUEST_BYTES;
      if (Buffer.byteLength(text) > limit) {
        throw new ServiceError(
          "RequestTooLargeException",
          `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
          413,
        );
      }
      const requestId = randomUUID();
      if (type === "Event") {
        asynchronous.add(functionName, requestId, text);
        return { requestId, statusCode: 202, payload: "" };
      }
      const settled = run(entry, requestId, text);
      if (settled === undefined) throw new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429);
      return settled;
    },
    tried: (requestId) => asynchronous.tried(requestId),
    appendLog: (functionName, line) => logs.append(functionName, line),
    logs: (functionName) => logs.lines(functionName),
    usage: () => usage.records(),
    onUsage: (listener) => usage.listen(listener),
    async retireAll() {
      await Promise.all([...entries.values()].map((entry) => entry.pool.retire()));
    },
    async idle() {
      await asynchronous.tick();
      while (running.size > 0) await Promise.allSettled(running);
    },
    async close() {
      asynchronous.stop();
      await Promise.all([...entries.values()].map((entry) => entry.pool.close()));
      await Promise.allSettled(running);
      await asynchronous.close();
      if (timers !== clock) await timers.close();
      logs.close();
    },
  };
}
