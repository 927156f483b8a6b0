// One execution environment of one function: loads the bundle, then answers one invocation at a time.
// Runs in a worker thread whose process.env is the function's own and nothing else's.
import { enableCompileCache } from "node:module";
import { pathToFileURL } from "node:url";
import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import type { FunctionError, InvokeMessage, WorkerData, WorkerMessage } from "./protocol.ts";
import { installVirtualDate } from "./virtual-date.ts";

type Handler = (event: unknown, context: unknown) => unknown;

const data = workerData as WorkerData;
const port = parentPort;
if (port === null) throw new Error("this file runs only as a worker thread");
const post = (message: WorkerMessage): void => port.postMessage(message);
const setOffset = data.isClockVirtual ? installVirtualDate(data.clockOffsetMs) : undefined;
enableCompileCache(data.compileCacheFolder);

// A worker's own stdout waits for its parent between chunks, so the last words of a handler that hangs would be lost.
for (const stream of [process.stdout, process.stderr]) {
  Object.defineProperty(stream, "write", {
    // A function may put a step of its own before it, as it may before Node's.
    writable: true,
    configurable: true,
    value: (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      post({ kind: "log", text: typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8") });
      const done = typeof encoding === "function" ? encoding : callback;
      if (typeof done === "function") queueMicrotask(done as () => void);
      return true;
    },
  });
}

const heapMb = (): number => {
  // `process.memoryUsage` asks the operating system as well, at every invocation.
  const { used_heap_size: used, external_memory: external } = getHeapStatistics();
  return Math.ceil((used + external) / 1_048_576);
};

function describe(thrown: unknown, fallbackType = "Error"): FunctionError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return {
    errorType: thrown.name === "" ? fallbackType : thrown.name,
    errorMessage: thrown.message,
    trace: (thrown.stack ?? "").split("\n"),
  };
}

/** Lambda's own names for what goes wrong before or outside of a handler. */
function runtimeError(errorType: string, thrown: unknown): FunctionError {
  const { errorType: cause, errorMessage, trace } = describe(thrown);
  return { errorType, errorMessage: `${cause}: ${errorMessage}`, ...(trace === undefined ? {} : { trace }) };
}

function end(error: FunctionError): void {
  post({ kind: "fatal", error });
  process.exit(129);
}

process.on("uncaughtException", (thrown) => end(describe(thrown)));
process.on("unhandledRejection", (reason) => end(runtimeError("Runtime.UnhandledPromiseRejection", reason)));

function loadErrorType(thrown: unknown): string | undefined {
  if (thrown instanceof SyntaxError) return "Runtime.UserCodeSyntaxError";
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" ? "Runtime.ImportModuleError" : undefined;
}

async function load(): Promise<Handler | undefined> {
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(pathToFileURL(data.bundlePath).href)) as Record<string, unknown>;
  } catch (thrown) {
    const errorType = loadErrorType(thrown);
    end(errorType === undefined ? describe(thrown) : runtimeError(errorType, thrown));
    return undefined;
  }
  const exported = loaded[data.exportName];
  if (typeof exported === "function") {
    // Node.js 24 on Lambda has no callbacks any more. Source: Lambda Developer Guide, "Define Lambda function handler in Node.js".
    if (exported.length < 3) return exported as Handler;
    end({
      errorType: "Runtime.CallbackHandlerDeprecated",
      errorMessage: "handlers that take a callback are not supported",
    });
    return undefined;
  }
  end({ errorType: "Runtime.HandlerNotFound", errorMessage: `bundle.${data.exportName} is undefined or not exported` });
  return undefined;
}

function contextOf(message: InvokeMessage): unknown {
  const deadline = performance.now() + message.remainingMs;
  return {
    awsRequestId: message.requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"],
    functionVersion: "$LATEST",
    invokedFunctionArn: message.functionArn,
    logGroupName: process.env["AWS_LAMBDA_LOG_GROUP_NAME"],
    logStreamName: process.env["AWS_LAMBDA_LOG_STREAM_NAME"],
    memoryLimitInMB: process.env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
}

async function answer(handler: Handler, message: InvokeMessage): Promise<WorkerMessage> {
  setOffset?.(message.clockOffsetMs);
  process.env["_X_AMZN_TRACE_ID"] = message.traceId;
  const { requestId } = message;
  let result: unknown;
  try {
    result = await handler(JSON.parse(message.event), contextOf(message));
  } catch (thrown) {
    return { kind: "failed", requestId, error: describe(thrown), heapMb: heapMb() };
  }
  try {
    // JSON.stringify gives undefined for undefined and for functions: the runtime answers null.
    const payload = (JSON.stringify(result) as string | undefined) ?? "null";
    return { kind: "returned", requestId, payload, heapMb: heapMb() };
  } catch (thrown) {
    return { kind: "failed", requestId, error: runtimeError("Runtime.MarshalError", thrown), heapMb: heapMb() };
  }
}

const handler = await load();
if (handler !== undefined) {
  port.on("message", (message: InvokeMessage) => {
    void answer(handler, message).then(post);
  });
  post({ kind: "ready" });
}
