import { describe, expect, it } from "vitest";
import { createSystemClock, createVirtualClock, withTimers } from "../../../scripts/local/front/clock.ts";

const START = Date.parse("2026-11-22T08:00:00Z");

describe("virtual clock", () => {
  it("stands still until it is advanced", async () => {
    const clock = createVirtualClock({ startMs: START });
    expect(clock.now()).toBe(START);
    await clock.advance(90_000);
    expect(clock.now()).toBe(START + 90_000);
    await clock.close();
  });

  it("fires timers in the order of their time, each at its time", async () => {
    const clock = createVirtualClock({ startMs: START });
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name}@${clock.now() - START}`);
    clock.at(START + 50, note("b"));
    clock.at(START + 20, note("a"));
    clock.every(30, note("tick"));
    clock.at(START + 500, note("never"));
    clock.at(START + 40, note("cancelled")).cancel();
    await clock.advance(100);
    expect(fired).toEqual(["a@20", "tick@30", "b@50", "tick@60", "tick@90"]);
    await clock.close();
  });

  it("waits for a task before time goes on, and fires what the task set up", async () => {
    const clock = createVirtualClock({ startMs: START });
    const seen: number[] = [];
    clock.at(START + 10, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      clock.at(clock.now() + 10, () => seen.push(clock.now() - START));
    });
    await clock.advance(1000);
    expect(seen).toEqual([20]);
    await clock.close();
  });

  it("tells of a failed task and goes on", async () => {
    const errors: unknown[] = [];
    const clock = createVirtualClock({ startMs: START, onError: (error) => errors.push(error) });
    let runs = 0;
    clock.every(10, () => {
      runs += 1;
      throw new Error("planted");
    });
    await clock.advance(30);
    expect([runs, errors.length]).toEqual([3, 3]);
    await clock.close();
  });

  it("spreads an interval over a long advance instead of running it a million times", async () => {
    const clock = createVirtualClock({ startMs: START });
    let runs = 0;
    clock.every(1000, () => (runs += 1));
    await clock.advance(90 * 86_400_000);
    expect(runs).toBeGreaterThan(2160);
    expect(runs).toBeLessThanOrEqual(5000);
    await clock.close();
  });

  it("fires nothing after close", async () => {
    const clock = createVirtualClock({ startMs: START });
    let runs = 0;
    clock.at(START + 1, () => (runs += 1));
    await clock.close();
    await clock.advance(10);
    expect(runs).toBe(0);
  });
});

describe("flowing clocks", () => {
  it("fire by themselves and still can be advanced", async () => {
    const clock = createSystemClock();
    await new Promise<void>((resolve) => void clock.at(clock.now() + 5, resolve));
    let fired = false;
    clock.at(clock.now() + 3_600_000, () => (fired = true));
    await clock.advance(3_600_000);
    expect(fired).toBe(true);
    await clock.close();
  });

  it("lend timers that end without the clock", async () => {
    const clock = createVirtualClock({ startMs: START });
    const lent = withTimers(clock);
    const fired: string[] = [];
    lent.at(START + 10, () => fired.push("lent once"));
    lent.every(10, () => fired.push("lent interval"));
    clock.at(START + 25, () => fired.push("own"));
    await clock.advance(10);
    await lent.close();
    await clock.advance(100);
    expect(fired).toEqual(["lent once", "lent interval", "own"]);
    await clock.close();
  });

  it("give a plain clock timers", async () => {
    const timed = withTimers({ now: () => START });
    expect(timed.now()).toBe(START);
    await new Promise<void>((resolve) => void timed.at(START + 5, resolve));
    await timed.close();
  });
});
