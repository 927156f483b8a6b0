import { describe, expect, it } from "vitest";
import { createVirtualClock } from "../../../scripts/local/front/clock.ts";
import { createFaults, type FaultPlan } from "../../../scripts/local/front/faults.ts";

const clock = createVirtualClock({ startMs: 0 });
const draws = (plan: FaultPlan, count: number, service = "dynamodb", operation = "PutItem"): string =>
  drawsOf(createFaults(clock, plan), count, service, operation);
const drawsOf = (
  faults: ReturnType<typeof createFaults>,
  count: number,
  service = "dynamodb",
  operation = "PutItem",
): string => Array.from({ length: count }, () => (faults.draw(service, operation) === undefined ? "." : "x")).join("");

describe("seeded faults", () => {
  const plan: FaultPlan = { seed: 1, rules: [{ kind: "throttle", service: "dynamodb", probability: 0.3 }] };

  it("are the same for the same seed and others for another", () => {
    expect(draws(plan, 200)).toBe(draws(plan, 200));
    expect(draws(plan, 200)).not.toBe(draws({ ...plan, seed: 2 }, 200));
  });

  it("come about as often as asked", () => {
    const struck = draws(plan, 2000).replaceAll(".", "").length;
    expect(struck).toBeGreaterThan(500);
    expect(struck).toBeLessThan(700);
  });

  it("of one operation do not depend on calls of another", () => {
    const faults = createFaults(clock, plan);
    let mixed = "";
    for (let index = 0; index < 100; index += 1) {
      if (index % 3 === 0) faults.draw("dynamodb", "GetItem");
      mixed += drawsOf(faults, 1);
    }
    expect(mixed).toBe(draws(plan, 100));
  });

  it("leave other services and operations alone", () => {
    const narrow: FaultPlan = {
      seed: 1,
      rules: [{ kind: "throttle", service: "kms", operations: ["Decrypt"], probability: 1 }],
    };
    expect(draws(narrow, 3)).toBe("...");
    expect(draws(narrow, 3, "kms", "Encrypt")).toBe("...");
    expect(draws(narrow, 3, "kms", "Decrypt")).toBe("xxx");
  });

  it("stop with the plan and count what struck", () => {
    const faults = createFaults(clock, { seed: 1, rules: [{ kind: "timeout-after", probability: 1 }] });
    drawsOf(faults, 4);
    expect(faults.struck()).toEqual({ "timeout-after": 4 });
    faults.setPlan();
    expect(drawsOf(faults, 4)).toBe("....");
    expect(faults.struck()).toEqual({});
  });
});

describe("outage windows", () => {
  const longest = (text: string): number => Math.max(...text.split(".").map((run) => run.length));

  it("of calls strike many in a row, which single faults of the same frequency do not", () => {
    const windows: FaultPlan = {
      seed: 7,
      rules: [{ kind: "server-error", probability: 1, outages: { unit: "calls", length: 12, probability: 0.1 } }],
    };
    const single: FaultPlan = { seed: 7, rules: [{ kind: "server-error", probability: 0.1 }] };
    expect(longest(draws(windows, 1000))).toBeGreaterThanOrEqual(12);
    expect(longest(draws(single, 1000))).toBeLessThan(12);
  });

  it("of time begin and end by the clock", async () => {
    const timed = createVirtualClock({ startMs: 5000 });
    const faults = createFaults(timed, {
      seed: 3,
      rules: [{ kind: "throttle", probability: 1, outages: { unit: "ms", length: 60_000, probability: 0.5 } }],
    });
    const minutes: string[] = [];
    for (let minute = 0; minute < 40; minute += 1) {
      minutes.push(drawsOf(faults, 5));
      await timed.advance(60_000);
    }
    expect(new Set(minutes)).toEqual(new Set([".....", "xxxxx"]));
    await timed.close();
  });
});
