import * as z from "zod";
import { LOG_EVENT_BYTES } from "../meters.ts";
import { formatFact } from "../usage.ts";
import type { FoundLine } from "./facts.ts";

/** What the meter looks for in a log: its own lines by kind, and the platform's reports (CloudWatch Logs, JSON filter patterns). */
export const FACTS_PATTERN =
  '{ $.kind = "usage.v1" || $.kind = "storage-delta.v1" || $.kind = "activity.v1" || $.type = "platform.report" }';

/** Lambda's report in its JSON log format (Lambda Developer Guide, "Log format: JSON", `platform.report`). */
const Report = z.looseObject({
  time: z.iso.datetime(),
  type: z.literal("platform.report"),
  record: z.looseObject({
    requestId: z.string(),
    metrics: z.looseObject({
      billedDurationMs: z.number().min(0),
      memorySizeMB: z.int(),
      initDurationMs: z.number().min(0).optional(),
    }),
  }),
});

/** Lambda's line before an invocation, which no one needs to read for its length (`platform.start`, same source). */
const startLine = (requestId: string): string =>
  JSON.stringify({
    time: "2026-01-01T00:00:00.000Z",
    type: "platform.start",
    record: { requestId, version: "$LATEST" },
  });

/** Where the log's function runs. */
export interface Place {
  readonly stage: string;
  readonly cell: string;
  readonly fn: string;
}

/** A line of a log as a fact's: the platform's report in our own words, and any other as it stands. */
export function factLine({ atMs, text }: FoundLine, { stage, cell, fn }: Place): FoundLine {
  const parsed = text.includes('"platform.report"') ? Report.safeParse(json(text)) : undefined;
  if (parsed?.success !== true) return { atMs, text };
  const { time, record } = parsed.data;
  const { billedDurationMs, memorySizeMB, initDurationMs = 0 } = record.metrics;
  const billedMs = Math.ceil(billedDurationMs);
  const lines = [startLine(record.requestId), text];
  return {
    atMs,
    text: formatFact({
      kind: "report.v1",
      id: record.requestId,
      at: Date.parse(time),
      stage,
      cell,
      fn,
      billedMs,
      memoryMb: memorySizeMB,
      initMs: Math.min(Math.ceil(initDurationMs), billedMs),
      logBytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line) + LOG_EVENT_BYTES, 0),
    }),
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
