import {
  DAY_MS,
  dayAfter,
  dayOfMs,
  HOUR_MS,
  monthAfter,
  monthOfMs,
  msOf,
  periodOfDay,
  periodOfMonth,
} from "../../core/cost/period.ts";
import { type BenchStage, openStage } from "../bench/stage.ts";
import { createVirtualClock, type VirtualClock } from "../local/front/clock.ts";
import { readPlan } from "../local/provision/index.ts";
import type { Plan } from "../plan/shape.ts";

export interface ReplayStage extends BenchStage {
  readonly clock: VirtualClock;
  /** Midnight of the first day; all days lie in one month. */
  readonly startMs: number;
  /** Moves the clock on, an hour at a time: what an hour's schedules began is over before the next. */
  passUntil(ms: number): Promise<void>;
}

const OFTEN = new Set(["rate(1 minute)", "rate(1 hour)"]);

/**
 * The plan with what runs every minute or hour run every so many hours: of a month's 43,200 runs each is as the one before,
 * and a clock that is moved by a day would make them all. What is read and what is proved is the same, later.
 */
const slowed = (plan: Plan, hours: number): Plan => ({
  ...plan,
  resources: plan.resources.map((resource) =>
    resource.type === "aws:scheduler/schedule:Schedule" && OFTEN.has(String(resource.inputs["scheduleExpression"]))
      ? { ...resource, inputs: { ...resource.inputs, scheduleExpression: `rate(${hours} hours)` } }
      : resource,
  ),
});

export interface ReplayStageOptions {
  readonly clinics: number;
  readonly days: number;
  readonly schedulesEveryHours: number;
}

/** The next midnight from which so many days lie in one month. */
function firstMidnight(nowMs: number, days: number): number {
  const startMs = msOf(periodOfDay(dayAfter(dayOfMs(nowMs))).start);
  const month = monthOfMs(startMs);
  return monthOfMs(startMs + (days - 1) * DAY_MS) === month ? startMs : msOf(periodOfMonth(monthAfter(month)).start);
}

/** A stage with so many clinics, at the first midnight of its own clock. It stands still but for what it is told. */
export async function openReplay({ clinics, days, schedulesEveryHours }: ReplayStageOptions): Promise<ReplayStage> {
  const clock = createVirtualClock();
  // Codes and tokens of those who set it up are of the machine's time.
  const beforeSignIn = (): Promise<void> => clock.advance(Date.now() - clock.now());
  const plan = slowed(readPlan("dev"), schedulesEveryHours);
  const stage = await openStage(clinics, { clock, plan, beforeSignIn });
  const { lambda } = stage.stack;
  const passUntil = async (ms: number): Promise<void> => {
    while (clock.now() < ms) {
      await clock.advance(Math.min(HOUR_MS, ms - clock.now()));
      await lambda.idle();
    }
  };
  await stage.stack.drain();
  const startMs = firstMidnight(clock.now(), days);
  await passUntil(startMs);
  return {
    ...stage,
    clock,
    startMs,
    passUntil,
    async close() {
      await stage.close();
      await clock.close();
    },
  };
}
