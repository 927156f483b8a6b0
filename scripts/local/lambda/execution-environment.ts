import { Worker } from "node:worker_threads";
import { INIT_MS } from "./limits.ts";
import type { FunctionError, InvokeMessage, WorkerData, WorkerMessage } from "./protocol.ts";

export interface EnvironmentStart {
  /** The compiled worker.ts. */
  readonly workerFile: string;
  readonly workerData: WorkerData;
  readonly environment: Readonly<Record<string, string>>;
  readonly memorySizeMb: number;
  readonly timeoutMs: number;
  /** When the credentials in the environment end, in the cloud's time. */
  readonly expiresAtMs: number;
  onLog(text: string): void;
}

export type Outcome =
  | { readonly kind: "returned"; readonly payload: string }
  | { readonly kind: "failed"; readonly error: FunctionError }
  | { readonly kind: "timed-out"; readonly error: FunctionError }
  | { readonly kind: "crashed"; readonly error: FunctionError };

/** Measured for the usage record. */
export interface Measure {
  readonly durationMs: number;
  /** Only of the invocation that waited for the environment to load. */
  readonly initMs: number | undefined;
  readonly heapMb: number;
}

export interface ExecutionEnvironment {
  readonly expiresAtMs: number;
  isAlive(): boolean;
  /** One at a time: calling it before the last answer has come is a mistake of the pool. */
  invoke(request: Omit<InvokeMessage, "kind" | "remainingMs">): Promise<{ outcome: Outcome; measure: Measure }>;
  close(): Promise<void>;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

/** Starts a worker thread with its own environment, and gives the means to invoke the function in it. */
export function startEnvironment(start: EnvironmentStart): ExecutionEnvironment {
  const startedAt = performance.now();
  let initMs: number | undefined;
  let isInitReported = false;
  let alive = true;
  let fatal: FunctionError | undefined;
  let heapMb = 0;
  let settle: ((outcome: Outcome) => void) | undefined;
  let onReady: (() => void) | undefined;

  const worker = new Worker(start.workerFile, {
    workerData: start.workerData,
    env: { ...start.environment },
    // Nothing of the parent's flags: a test runner's loaders would change what a handler sees.
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // Lambda stops a function at its memory size; a V8 heap limit is the nearest thing that a thread has.
    resourceLimits: { maxOldGenerationSizeMb: start.memorySizeMb },
    stdout: true,
    stderr: true,
  });
  // What V8 itself writes as a thread ends; everything else comes as messages.
  worker.stdout.on("data", (chunk: Buffer) => start.onLog(chunk.toString("utf8")));
  worker.stderr.on("data", (chunk: Buffer) => start.onLog(chunk.toString("utf8")));

  const finish = (outcome: Outcome): void => {
    const waiting = settle;
    settle = undefined;
    waiting?.(outcome);
  };

  worker.on("message", (message: WorkerMessage) => {
    switch (message.kind) {
      case "ready":
        initMs = performance.now() - startedAt;
        onReady?.();
        break;
      case "log":
        start.onLog(message.text);
        break;
      case "returned":
        heapMb = message.heapMb;
        finish({ kind: "returned", payload: message.payload });
        break;
      case "failed":
        heapMb = message.heapMb;
        finish({ kind: "failed", error: message.error });
        break;
      case "fatal":
        fatal = message.error;
        break;
    }
  });
  worker.on("error", (error: Error & { code?: string }) => {
    const isOutOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
    fatal ??= {
      errorType: isOutOfMemory ? "Runtime.OutOfMemory" : "Runtime.ExitError",
      errorMessage: isOutOfMemory ? "Runtime exited with error: signal: killed" : error.message,
    };
  });
  worker.on("exit", (code) => {
    alive = false;
    if (settle === undefined && fatal !== undefined)
      start.onLog(`ERROR\tRuntime exited between invocations\t${JSON.stringify(fatal)}`);
    finish({
      kind: "crashed",
      error: fatal ?? {
        errorType: "Runtime.ExitError",
        errorMessage: `Runtime exited with error: exit status ${code}`,
      },
    });
  });

  async function close(): Promise<void> {
    alive = false;
    await worker.terminate();
  }

  return {
    expiresAtMs: start.expiresAtMs,
    isAlive: () => alive,
    close,
    invoke(request) {
      const isCold = !isInitReported;
      isInitReported = true;
      let invokedAt = performance.now();
      let timer: NodeJS.Timeout | undefined;
      const outcome = new Promise<Outcome>((resolve) => {
        settle = resolve;
        const stopAfter = (limitMs: number): void => {
          clearTimeout(timer);
          timer = setTimeout(() => {
            const error = {
              errorType: "Sandbox.Timedout",
              errorMessage: `RequestId: ${request.requestId} Error: Task timed out after ${seconds(start.timeoutMs)} seconds`,
            };
            // The thread is stopped before the caller hears, so that nothing runs on after the answer.
            settle = undefined;
            void close().then(() => resolve({ kind: "timed-out", error }));
          }, limitMs);
        };
        const send = (): void => {
          invokedAt = performance.now();
          stopAfter(start.timeoutMs);
          worker.postMessage({ kind: "invoke", ...request, remainingMs: start.timeoutMs } satisfies InvokeMessage);
        };
        if (!alive) {
          finish({
            kind: "crashed",
            error: fatal ?? { errorType: "Runtime.ExitError", errorMessage: "Runtime exited" },
          });
        } else if (initMs !== undefined) {
          send();
        } else {
          onReady = send;
          stopAfter(INIT_MS + start.timeoutMs);
        }
      });
      return outcome.then((settled) => {
        clearTimeout(timer);
        onReady = undefined;
        const durationMs = performance.now() - invokedAt;
        return { outcome: settled, measure: { durationMs, initMs: isCold ? initMs : undefined, heapMb } };
      });
    },
  };
}
