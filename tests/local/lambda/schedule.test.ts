import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { createVirtualClock } from "../../../scripts/local/front/clock.ts";
import type { VirtualClock } from "../../../scripts/local/front/clock.ts";
import { parseSchedule } from "../../../scripts/local/lambda/schedule/expression.ts";
import { createSchedules } from "../../../scripts/local/lambda/schedule/index.ts";
import type { Schedule, Schedules } from "../../../scripts/local/lambda/schedule/index.ts";

const at = (text: string): number => Date.parse(`${text}Z`);
const nextOf = (expression: string, after: string, created = after): string | undefined => {
  const dueMs = parseSchedule(expression).next(at(after), at(created));
  return dueMs === undefined ? undefined : new Date(dueMs).toISOString().slice(0, 16);
};

describe("schedule expressions", () => {
  it.each([
    ["rate(1 minute)", "2026-03-01T00:00", "2026-03-01T00:01"],
    ["rate(5 minutes)", "2026-03-01T00:07", "2026-03-01T00:12"],
    ["rate(2 hours)", "2026-03-01T00:00", "2026-03-01T02:00"],
    ["rate(1 day)", "2026-03-01T00:00", "2026-03-02T00:00"],
    ["at(2026-04-01T12:30:00)", "2026-03-01T00:00", "2026-04-01T12:30"],
    ["cron(0 12 * * ? *)", "2026-03-01T11:59", "2026-03-01T12:00"],
    ["cron(0 12 * * ? *)", "2026-03-01T12:00", "2026-03-02T12:00"],
    ["cron(0/15 8-10 ? * MON-FRI *)", "2026-02-27T10:45", "2026-03-02T08:00"],
    ["cron(30 6 ? * 1,7 *)", "2026-03-02T00:00", "2026-03-07T06:30"],
    ["cron(0 0 1 JAN ? 2027)", "2026-03-01T00:00", "2027-01-01T00:00"],
    ["cron(0 0 L * ? *)", "2026-02-01T00:00", "2026-02-28T00:00"],
    ["cron(0 0 29 2 ? *)", "2026-03-01T00:00", "2028-02-29T00:00"],
    ["cron(0 8 1W * ? *)", "2026-07-31T09:00", "2026-08-03T08:00"],
    ["cron(0 8 31W * ? *)", "2026-05-01T09:00", "2026-05-29T08:00"],
    ["cron(0 0 ? * 6L *)", "2026-03-01T00:00", "2026-03-27T00:00"],
    ["cron(0 0 ? * MON#2 *)", "2026-03-01T00:00", "2026-03-09T00:00"],
    ["cron(0 0 ? * L *)", "2026-03-01T00:00", "2026-03-07T00:00"],
  ])("%s after %s is due at %s", (expression, after, due) => {
    expect(nextOf(expression, after)).toBe(due);
  });

  it("a rate keeps its rhythm from its creation", () => {
    expect(nextOf("rate(7 minutes)", "2026-03-01T01:00", "2026-03-01T00:00")).toBe("2026-03-01T01:03");
  });

  it.each([
    ["at(2026-01-01T00:00:00)", "2026-03-01T00:00"],
    ["cron(0 0 1 1 ? 2020)", "2026-03-01T00:00"],
    ["cron(0 0 31 2 ? *)", "2026-03-01T00:00"],
  ])("%s is never due again after %s", (expression, after) => {
    expect(nextOf(expression, after)).toBeUndefined();
  });

  it.each([
    "rate(0 minutes)",
    "rate(1 second)",
    "rate(1.5 hours)",
    "cron(0 12 * * *)",
    "cron(0 12 * * * *)",
    "cron(0 12 ? * ? *)",
    "cron(60 0 * * ? *)",
    "cron(0 24 * * ? *)",
    "cron(0 0 0 * ? *)",
    "cron(5-1 0 * * ? *)",
    "cron(0/0 0 * * ? *)",
    "cron(0 0 ? * FOO *)",
    "at(2026-13-01T00:00:00)",
    "every minute",
  ])("%s is refused", (expression) => {
    expect(() => parseSchedule(expression)).toThrow(/is not valid/);
  });
});

const seal: Schedule = {
  name: "seal",
  arn: "arn:aws:scheduler:us-east-1:111122223333:schedule/default/seal",
  expression: "rate(1 minute)",
  functionName: "seal",
  source: "aws.scheduler",
};

describe("schedules", () => {
  const opened: { schedules: Schedules; clock: VirtualClock }[] = [];
  const folders: string[] = [];
  afterEach(async () => {
    for (const { schedules, clock } of opened.splice(0)) {
      await schedules.close();
      await clock.close();
    }
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function open(startMs: number, database = new DatabaseSync(":memory:")) {
    const clock = createVirtualClock({ startMs });
    const events: Record<string, unknown>[] = [];
    const errors: unknown[] = [];
    const schedules = createSchedules({
      database,
      clock,
      accountId: "111122223333",
      region: "us-east-1",
      invoke: (_schedule, event) => {
        events.push(event as Record<string, unknown>);
        if ((event as { fail?: boolean }).fail === true) return Promise.reject(new Error("planted"));
        return Promise.resolve();
      },
      onError: (_schedule, error) => errors.push(error),
    });
    opened.push({ schedules, clock });
    return { schedules, clock, events, errors };
  }

  it("fire on a virtual clock, each once, with Scheduler's event", async () => {
    const { schedules, clock, events } = open(at("2026-03-01T00:00:00"));
    schedules.put(seal);
    expect(events).toHaveLength(0);
    await clock.advance(59_999);
    expect(events).toHaveLength(0);
    await clock.advance(1);
    expect(events).toEqual([
      expect.objectContaining({
        source: "aws.scheduler",
        "detail-type": "Scheduled Event",
        time: "2026-03-01T00:01:00Z",
        resources: [seal.arn],
        detail: "{}",
      }),
    ]);
    await clock.advance(9 * 60_000);
    expect(events.map((event) => event["time"])).toHaveLength(10);
    expect(new Set(events.map((event) => event["time"])).size).toBe(10);
  });

  it("hand over their own input, with Scheduler's placeholders filled in", async () => {
    const { schedules, clock, events } = open(at("2026-03-01T00:00:00"));
    schedules.put({ ...seal, input: '{"schedule":"seal","at":"<aws.scheduler.scheduled-time>"}' });
    await clock.advance(60_000);
    expect(events).toEqual([{ schedule: "seal", at: "2026-03-01T00:01:00Z" }]);
  });

  it("go on after a fire that fails", async () => {
    const { schedules, clock, events, errors } = open(at("2026-03-01T00:00:00"));
    schedules.put({ ...seal, input: '{"fail":true}' });
    await clock.advance(120_000);
    expect(events).toHaveLength(2);
    expect(errors).toHaveLength(2);
  });

  it("never fire twice over a restart, and make up for the latest missed fire only", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "keyward-schedule-"));
    folders.push(folder);
    const file = path.join(folder, "schedules.db");
    const first = open(at("2026-03-01T00:00:00"), new DatabaseSync(file));
    first.schedules.put(seal);
    await first.clock.advance(60_000);
    expect(first.events).toHaveLength(1);
    await first.schedules.close();

    const second = open(at("2026-03-01T00:01:30"), new DatabaseSync(file));
    second.schedules.put(seal);
    await second.clock.advance(29_999);
    expect(second.events).toHaveLength(0);
    await second.clock.advance(1);
    expect(second.events.map((event) => event["time"])).toEqual(["2026-03-01T00:02:00Z"]);
    await second.schedules.close();

    const third = open(at("2026-03-01T05:00:10"), new DatabaseSync(file));
    third.schedules.put(seal);
    await third.clock.advance(1);
    expect(third.events.map((event) => event["time"])).toEqual(["2026-03-01T05:00:00Z"]);
  });

  it("start anew when their expression changes", async () => {
    const { schedules, clock, events } = open(at("2026-03-01T00:00:00"));
    schedules.put(seal);
    await clock.advance(30_000);
    schedules.put({ ...seal, expression: "rate(1 hour)" });
    await clock.advance(60_000);
    expect(events).toHaveLength(0);
    expect(schedules.due().get("seal")).toBe(at("2026-03-01T01:00:30"));
  });
});
