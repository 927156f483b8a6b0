import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { createVirtualClock } from "../../../scripts/local/front/clock.ts";
import { harness } from "./harness.ts";

describe("an Event invocation", () => {
  it("is accepted at once and retried after one and two minutes, then dropped with a log line", async () => {
    const clock = createVirtualClock({ startMs: Date.parse("2026-03-01T00:00:00Z") });
    const at = harness({ clock });
    await at.add("fails", "misbehave.handler");
    const accepted = await at.lambda.invoke("fails", { do: "throw" }, { type: "Event" });
    expect(accepted).toMatchObject({ statusCode: 202, payload: "" });
    await at.lambda.idle();
    const tries = (): number => at.lambda.usage().length;
    expect(tries()).toBe(1);
    await clock.advance(59_000);
    expect(tries()).toBe(1);
    await clock.advance(1_000);
    expect(tries()).toBe(2);
    await clock.advance(120_000);
    expect(tries()).toBe(3);
    await clock.advance(3_600_000);
    expect(tries()).toBe(3);
    expect(new Set(at.lambda.usage().map((record) => record.requestId))).toEqual(new Set([accepted.requestId]));
    expect(at.lambda.logs("fails").at(-1)).toContain("discarded");
    await at.lambda.close();
    await clock.close();
  });

  it("waits for a slot when the function is throttled, without using up a retry", async () => {
    const clock = createVirtualClock({ startMs: 0 });
    const at = harness({ clock });
    await at.add("one", "misbehave.handler", { reservedConcurrency: 1 });
    const busy = at.call("one", { do: "sleep", ms: 60 });
    await at.lambda.invoke("one", { do: "log" }, { type: "Event" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await busy;
    expect(at.lambda.logs("one")).not.toContain("to stdout");
    await clock.advance(1_000);
    expect(at.lambda.logs("one")).toContain("to stdout");
    await at.lambda.close();
    await clock.close();
  });

  it("survives the end of the process that accepted it", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "keyward-events-"));
    const database = (): DatabaseSync => new DatabaseSync(path.join(folder, "events.db"));
    const before = harness({ database });
    await before.add("later", "misbehave.handler");
    const { requestId } = await before.lambda.invoke("later", { do: "log" }, { type: "Event" });
    await before.lambda.close();
    const after = harness({ database });
    await after.add("later", "misbehave.handler");
    await after.lambda.idle();
    const delivered = [...before.lambda.usage(), ...after.lambda.usage()].filter(
      (record) => record.outcome === "returned",
    );
    expect(delivered.map((record) => record.requestId)).toEqual([requestId]);
    await after.lambda.close();
    rmSync(folder, { recursive: true });
  });
});
