import { describe, expect, it } from "vitest";
import { endLines, startLine } from "../../../scripts/local/lambda/platform-lines.ts";
import type { UsageRecord } from "../../../scripts/local/lambda/index.ts";
import { factLine } from "../../../core/cost/store/log-lines.ts";

const AT_MS = Date.parse("2026-11-22T08:00:00.120Z");
const record: UsageRecord = {
  requestId: "5f1c1c39-7d2f-4c8e-9c37-0d2c6d3f2a11",
  functionName: "keyward-dev-clinic",
  startedAtMs: AT_MS - 120,
  durationMs: 119.4211,
  billedMs: 190,
  initMs: 70.1156,
  memorySizeMb: 1769,
  maxMemoryUsedMb: 44,
  outcome: "returned",
};

describe("Lambda's own lines in a function's log", () => {
  it("are platform events where the function logs in JSON", () => {
    expect(JSON.parse(startLine("JSON", record.requestId, AT_MS))).toEqual({
      time: "2026-11-22T08:00:00.120Z",
      type: "platform.start",
      record: { requestId: record.requestId, version: "$LATEST" },
    });
    expect(JSON.parse(endLines("JSON", record, AT_MS))).toEqual({
      time: "2026-11-22T08:00:00.120Z",
      type: "platform.report",
      record: {
        requestId: record.requestId,
        metrics: {
          durationMs: 119.42,
          billedDurationMs: 190,
          memorySizeMB: 1769,
          maxMemoryUsedMB: 44,
          initDurationMs: 70.12,
        },
        status: "success",
      },
    });
  });

  it.each([
    ["failed", "error"],
    ["crashed", "failure"],
    ["timed-out", "timeout"],
  ] as const)("name an invocation that %s as Lambda does, and no init where it was warm", (outcome, status) => {
    const line = endLines("JSON", { ...record, outcome, initMs: undefined }, AT_MS);
    expect(JSON.parse(line)).toMatchObject({ record: { status } });
    expect(line).not.toContain("initDurationMs");
  });

  it("COST-2 are what the meter reads of an invocation", () => {
    const place = { stage: "dev", cell: "c01", fn: "clinic" };
    const { text } = factLine({ atMs: AT_MS, text: endLines("JSON", record, AT_MS) }, place);
    expect(JSON.parse(text)).toMatchObject({
      kind: "report.v1",
      billedMs: 190,
      initMs: 71,
      memoryMb: 1769,
      fn: "clinic",
      // Both lines of the invocation, each with the 26 bytes that an event costs beside its text.
      logBytes: [startLine("JSON", record.requestId, AT_MS), endLines("JSON", record, AT_MS)].reduce(
        (sum, line) => sum + line.length + 26,
        0,
      ),
    });
  });

  it("are START, END and REPORT where it logs text", () => {
    expect(startLine("Text", record.requestId, AT_MS)).toBe(`START RequestId: ${record.requestId} Version: $LATEST`);
    expect(endLines("Text", record, AT_MS).split("\n")).toEqual([
      `END RequestId: ${record.requestId}`,
      expect.stringContaining(
        "Billed Duration: 190 ms\tMemory Size: 1769 MB\tMax Memory Used: 44 MB\tInit Duration: 70.12 ms",
      ),
    ]);
  });
});
