import { describe, expect, it } from "vitest";
import type { Attempt } from "../../../core/table/retry.ts";
import { RETRY_LIMITS, withRetries } from "../../../core/table/retry.ts";

function harness(random = 1 - Number.EPSILON) {
  const pauses: number[] = [];
  let nowMs = 0;
  const deps = {
    clock: { now: () => nowMs },
    sleep: (ms: number) => {
      pauses.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
    random: () => random,
    limits: RETRY_LIMITS,
  };
  return { deps, pauses, pass: (ms: number) => (nowMs += ms) };
}
const again = { kind: "again", value: "failed" } as const;

describe("retries", () => {
  it("stop at the first answer, with growing pauses before it", async () => {
    const { deps, pauses } = harness();
    const outcomes: Attempt<string>[] = [again, again, { kind: "done", value: "answer" }];
    expect(await withRetries(deps, () => Promise.resolve(outcomes.shift() ?? again))).toBe("answer");
    expect(pauses.map(Math.round)).toEqual([25, 50]);
  });

  it("are bounded in number, and give the last failure", async () => {
    const { deps, pauses } = harness();
    let attempts = 0;
    const run = () => Promise.resolve({ kind: "again", value: String((attempts += 1)) } as const);
    expect(await withRetries(deps, run)).toBe("5");
    expect(pauses).toHaveLength(4);
  });

  it("never start after the deadline, and tell each attempt what is left", async () => {
    const { deps, pauses, pass } = harness();
    const left: number[] = [];
    const run = (remainingMs: number) => {
      left.push(remainingMs);
      pass(5_000);
      return Promise.resolve(again);
    };
    expect(await withRetries(deps, run)).toBe("failed");
    expect(left.map(Math.round)).toEqual([8_000, 2_975]);
    expect(pauses).toHaveLength(1);
  });

  it("are spread from zero to the bound", async () => {
    const { deps, pauses } = harness(0);
    await withRetries(deps, () => Promise.resolve(again));
    expect(pauses).toEqual([0, 0, 0, 0]);
  });
});
