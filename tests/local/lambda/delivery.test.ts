import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutBatch, deliver } from "../../../scripts/local/lambda/event-source/delivery.ts";
import type { BatchOutcome } from "../../../scripts/local/lambda/event-source/delivery.ts";
import { outcomeOf } from "../../../scripts/local/lambda/event-source/outcome.ts";
import { checkMapping, MAPPING_DEFAULTS } from "../../../scripts/local/lambda/event-source/mapping.ts";
import type { EventSourceMapping } from "../../../scripts/local/lambda/event-source/mapping.ts";
import type { StreamEventRecord } from "../../../scripts/local/lambda/event-source/record.ts";

const mappingOf = (more: Partial<EventSourceMapping> = {}): EventSourceMapping => ({
  ...MAPPING_DEFAULTS,
  uuid: "u",
  functionName: "f",
  roleArn: "r",
  streamArn: "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/l",
  startingPosition: "TRIM_HORIZON",
  ...more,
});

const recordOf = (number: number, atSeconds = 1_000): StreamEventRecord => ({
  eventID: String(number),
  eventName: "INSERT",
  eventVersion: "1.1",
  eventSource: "aws:dynamodb",
  awsRegion: "us-east-1",
  eventSourceARN: "a",
  dynamodb: {
    ApproximateCreationDateTime: atSeconds,
    Keys: { pk: { S: String(number) } },
    SequenceNumber: String(number),
    SizeBytes: 1,
    StreamViewType: "KEYS_ONLY",
  },
});
const records = (count: number): StreamEventRecord[] =>
  Array.from({ length: count }, (_, index) => recordOf(index + 1));
const numbers = (list: readonly StreamEventRecord[]): number[] =>
  list.map((record) => Number(record.dynamodb.SequenceNumber));

interface Run {
  readonly invoked: number[][];
  readonly advanced: number[];
  readonly discarded: { readonly condition: string; readonly records: number[]; readonly invokeCount: number }[];
  readonly waits: number[];
}

async function run(
  batch: readonly StreamEventRecord[],
  answer: (batch: number[], call: number) => BatchOutcome,
  more: Partial<EventSourceMapping> = {},
  extra: { nowMs?: number; refuseDiscards?: number; stopAfter?: number } = {},
): Promise<Run> {
  const seen: Run = { invoked: [], advanced: [], discarded: [], waits: [] };
  let refusals = extra.refuseDiscards ?? 0;
  await deliver(batch, {
    mapping: mappingOf(more),
    invoke: (list) => {
      seen.invoked.push(numbers(list));
      return Promise.resolve(answer(numbers(list), seen.invoked.length));
    },
    advance: (sequenceNumber) => seen.advanced.push(Number(sequenceNumber)),
    discard: (condition, list, invokeCount) => {
      if (refusals > 0) {
        refusals -= 1;
        return Promise.reject(new Error("AccessDenied"));
      }
      seen.discarded.push({ condition, records: numbers(list), invokeCount });
      return Promise.resolve();
    },
    nowMs: () => extra.nowMs ?? 1_000_000,
    wait: (attempt) => {
      seen.waits.push(attempt);
      return Promise.resolve();
    },
    isStopping: () => extra.stopAfter !== undefined && seen.invoked.length >= extra.stopAfter,
  });
  return seen;
}

const failing =
  (...bad: number[]) =>
  (batch: number[]): BatchOutcome =>
    batch.some((number) => bad.includes(number)) ? { kind: "failed" } : { kind: "processed" };

describe("AUD-12 a batch is delivered in order until each record is processed or given up", () => {
  it("advances once past a batch that is processed", async () => {
    expect(await run(records(3), failing())).toEqual({ invoked: [[1, 2, 3]], advanced: [3], discarded: [], waits: [] });
  });

  it("retries the same batch, waiting longer each time, as often as allowed", async () => {
    const seen = await run(records(2), failing(1), { maximumRetryAttempts: 2 });
    expect(seen.invoked).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(seen.waits).toEqual([1, 2]);
    expect(seen.discarded).toEqual([{ condition: "RetryAttemptsExhausted", records: [1, 2], invokeCount: 3 }]);
    expect(seen.advanced).toEqual([2]);
  });

  it("bisects down to the one bad record and gives up only that", async () => {
    const seen = await run(records(8), failing(6), { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 });
    expect(seen.invoked).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4], [5, 6, 7, 8], [5, 6], [5], [6], [6], [7, 8]]);
    expect(seen.discarded.map((discard) => discard.records)).toEqual([[6]]);
    expect(seen.advanced).toEqual([4, 5, 6, 8]);
  });

  it("resumes at the lowest failure that the function reports", async () => {
    const seen = await run(records(5), (batch) =>
      batch.includes(3) && batch[0] !== 3 ? { kind: "partial", sequenceNumber: "3" } : { kind: "processed" },
    );
    expect(seen.invoked).toEqual([
      [1, 2, 3, 4, 5],
      [3, 4, 5],
    ]);
    expect(seen.advanced).toEqual([2, 5]);
  });

  it("a reported first record is isolated by bisecting, and the rest goes on", async () => {
    const seen = await run(
      records(4),
      (batch) => (batch.includes(2) ? { kind: "partial", sequenceNumber: "2" } : { kind: "processed" }),
      { bisectBatchOnFunctionError: true, maximumRetryAttempts: 0 },
    );
    expect(seen.discarded.map((discard) => discard.records)).toEqual([[2]]);
    expect(seen.advanced.at(-1)).toBe(4);
  });

  it("an id that the batch does not hold fails the whole batch", async () => {
    const seen = await run(records(2), (_batch, call) =>
      call === 1 ? { kind: "partial", sequenceNumber: "99" } : { kind: "processed" },
    );
    expect(seen.invoked).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it("a throttle is not a retry", async () => {
    const seen = await run(records(1), (_batch, call) => (call <= 5 ? { kind: "throttled" } : { kind: "processed" }), {
      maximumRetryAttempts: 0,
    });
    expect(seen.invoked).toHaveLength(6);
    expect(seen.discarded).toEqual([]);
  });

  it("gives up records that are too old, and only those", async () => {
    const batch = [recordOf(1, 100), recordOf(2, 100), recordOf(3, 990)];
    const seen = await run(batch, failing(), { maximumRecordAgeSeconds: 60 });
    expect(seen.discarded).toEqual([{ condition: "RecordAgeExceeded", records: [1, 2], invokeCount: 0 }]);
    expect(seen.invoked).toEqual([[3]]);
  });

  it("keeps records that the destination does not take, until it does", async () => {
    const seen = await run(records(1), failing(1), { maximumRetryAttempts: 0 }, { refuseDiscards: 2 });
    expect(seen.discarded).toHaveLength(1);
    expect(seen.advanced).toEqual([1]);
    expect(seen.invoked).toHaveLength(3);
  });

  it("a stop leaves the checkpoint where it is", async () => {
    const seen = await run(records(4), failing(1), {}, { stopAfter: 3 });
    expect(seen.advanced).toEqual([]);
    expect(seen.invoked).toHaveLength(3);
  });

  it("whatever fails, each record is processed or given up once, in order, and nothing is skipped", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 20 })),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 0, max: 2 }),
        async (count, bad, bisects, reports, maximumRetryAttempts) => {
          const processed = new Set<number>();
          const seen = await run(
            records(count),
            (batch) => {
              const first = batch.find((number) => bad.includes(number));
              if (first !== undefined && !reports) return { kind: "failed" };
              for (const number of batch) if (first === undefined || number < first) processed.add(number);
              return first === undefined ? { kind: "processed" } : { kind: "partial", sequenceNumber: String(first) };
            },
            { bisectBatchOnFunctionError: bisects, maximumRetryAttempts },
          );
          const discarded = seen.discarded.flatMap((discard) => discard.records);
          expect(new Set([...processed, ...discarded]).size).toBe(count);
          expect(seen.advanced).toEqual(seen.advanced.toSorted((a, b) => a - b));
          expect(seen.advanced.at(-1)).toBe(count);
          if (bisects) expect(discarded.every((number) => bad.includes(number))).toBe(true);
        },
      ),
    );
  });
});

describe("a batch", () => {
  it("ends at its size or at 6 MB", () => {
    expect(cutBatch(records(5), 3)).toHaveLength(3);
    const large = records(10).map((record) => ({ ...record, eventID: "x".repeat(1_000_000) }));
    expect(cutBatch(large, 10)).toHaveLength(6);
    expect(cutBatch([{ ...recordOf(1), eventID: "x".repeat(7_000_000) }], 10)).toHaveLength(1);
  });
});

describe("the answer of a function", () => {
  const result = (payload: unknown, functionError?: "Unhandled") => ({
    requestId: "r",
    statusCode: 200 as const,
    payload: JSON.stringify(payload),
    ...(functionError === undefined ? {} : { functionError }),
  });

  it.each([
    [
      { batchItemFailures: [{ itemIdentifier: "12" }, { itemIdentifier: "9" }] },
      { kind: "partial", sequenceNumber: "9" },
    ],
    [{ batchItemFailures: [] }, { kind: "processed" }],
    [{ batchItemFailures: null }, { kind: "processed" }],
    [{}, { kind: "processed" }],
    [null, { kind: "processed" }],
    [{ batchItemFailures: [{ itemIdentifier: "" }] }, { kind: "failed" }],
    [{ batchItemFailures: [{ itemIdentifier: null }] }, { kind: "failed" }],
    [{ batchItemFailures: [{ wrong: "1" }] }, { kind: "failed" }],
    [{ batchItemFailures: "all" }, { kind: "failed" }],
  ])("%j means %j", (payload, outcome) => {
    expect(outcomeOf(result(payload), true)).toEqual(outcome);
  });

  it("is a failure when the function failed, and is not read where failures are not reported", () => {
    expect(outcomeOf(result({}, "Unhandled"), true)).toEqual({ kind: "failed" });
    expect(outcomeOf(result({ batchItemFailures: [{ itemIdentifier: "1" }] }), false)).toEqual({ kind: "processed" });
  });
});

describe("a mapping", () => {
  it.each([
    { batchSize: 0 },
    { batchSize: 10_001 },
    { maximumBatchingWindowSeconds: 301 },
    { maximumRetryAttempts: -2 },
    { maximumRecordAgeSeconds: 59 },
  ])("with %j is refused", (more) => {
    expect(() => checkMapping(mappingOf(more))).toThrow(/out of range/);
  });
  it("with Lambda's defaults is fine", () => {
    expect(() => checkMapping(mappingOf())).not.toThrow();
  });
});
