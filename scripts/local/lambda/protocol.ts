/** What passes between the Lambda service and the worker thread that stands for one execution environment. */

export interface WorkerData {
  /** Absolute path of the bundle. */
  readonly bundlePath: string;
  /** Name of the exported function, `handler`. */
  readonly exportName: string;
  /** Shift `Date` by the offset that each invocation brings: set where the cloud runs on a virtual clock. */
  readonly isClockVirtual: boolean;
  readonly clockOffsetMs: number;
  /** Folder for V8's compile cache. */
  readonly compileCacheFolder: string;
}

export interface InvokeMessage {
  readonly kind: "invoke";
  readonly requestId: string;
  readonly functionArn: string;
  readonly traceId: string;
  /** The event as JSON text, so that a handler never shares an object with its caller. */
  readonly event: string;
  readonly remainingMs: number;
  readonly clockOffsetMs: number;
}

/** How a failed invocation is told to its caller. Source: Lambda Developer Guide, "Node.js function errors". */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "log"; readonly text: string }
  | { readonly kind: "returned"; readonly requestId: string; readonly payload: string; readonly heapMb: number }
  | { readonly kind: "failed"; readonly requestId: string; readonly error: FunctionError; readonly heapMb: number }
  /** The thread ends after this: it did not load, or something threw outside of a handler. */
  | { readonly kind: "fatal"; readonly error: FunctionError };
