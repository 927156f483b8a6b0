import type { NoticeRule } from "../contract/patient-portal.ts";
import { addDays, atWallClock, wallClock } from "../schedule/clinic-time.ts";

const HOUR_MS = 3_600_000;

/**
 * The last instant at which a visit may still be cancelled in the portal. Hours are counted as they pass, on a day of 23 or
 * 25 of them too; days are those of the clinic's calendar, until the same time on its clock. Where the clock skips that
 * time, the moment at which it goes on; where it shows it twice, the first.
 */
export function cancelUntilMs(rule: NoticeRule, startMs: number, zone: string): number {
  if (rule.unit === "hours") return startMs - rule.count * HOUR_MS;
  if (rule.count === 0) return startMs;
  const { day, time } = wallClock(zone, startMs);
  const at = atWallClock(zone, addDays(day, -rule.count), time);
  return at.ok ? at.value.ms : at.error.nextMs;
}

/** Whether it may be cancelled at `nowMs`: up to and at that instant, and never once it has begun. */
export const mayCancelAt = (rule: NoticeRule, startMs: number, zone: string, nowMs: number): boolean =>
  nowMs <= cancelUntilMs(rule, startMs, zone) && nowMs < startMs;
