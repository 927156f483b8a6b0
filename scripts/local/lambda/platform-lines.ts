import type { Outcome } from "./execution-environment.ts";
import type { UsageRecord } from "./usage.ts";

/** How a function's log is written: as its LoggingConfig says, text where it says nothing. */
export type LogFormat = "JSON" | "Text";

/** Lambda's own words for how an invocation ended. Source: Lambda Developer Guide, "Telemetry API schema reference", Status. */
const STATUS: Readonly<Record<Outcome["kind"], string>> = {
  returned: "success",
  failed: "error",
  crashed: "failure",
  "timed-out": "timeout",
};

const event = (atMs: number, type: string, record: object): string =>
  JSON.stringify({ time: new Date(atMs).toISOString(), type, record });

/** Milliseconds as Lambda writes them: two places at most. */
const places = (ms: number): number => Number(ms.toFixed(2));

/** What Lambda writes before an invocation. Source: Lambda Developer Guide, "JSON format: system logs". */
export const startLine = (format: LogFormat, requestId: string, atMs: number): string =>
  format === "JSON"
    ? event(atMs, "platform.start", { requestId, version: "$LATEST" })
    : `START RequestId: ${requestId} Version: $LATEST`;

/** What Lambda writes after it: `platform.report` at the default system log level, or the lines END and REPORT. */
export function endLines(format: LogFormat, record: UsageRecord, atMs: number): string {
  const { requestId, durationMs, billedMs, initMs, memorySizeMb, maxMemoryUsedMb, outcome } = record;
  if (format === "JSON")
    return event(atMs, "platform.report", {
      requestId,
      metrics: {
        durationMs: places(durationMs),
        billedDurationMs: billedMs,
        memorySizeMB: memorySizeMb,
        maxMemoryUsedMB: maxMemoryUsedMb,
        ...(initMs === undefined ? {} : { initDurationMs: places(initMs) }),
      },
      status: STATUS[outcome],
    });
  const init = initMs === undefined ? "" : `\tInit Duration: ${initMs.toFixed(2)} ms`;
  return (
    `END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms` +
    `\tBilled Duration: ${billedMs} ms\tMemory Size: ${memorySizeMb} MB\tMax Memory Used: ${maxMemoryUsedMb} MB${init}`
  );
}
