import type { ClinicMoment, DueView } from "../contract/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { ok, type Result } from "../kernel/result.ts";
import { atWallClock, clinicDay, dayBounds, parseDay } from "../schedule/clinic-time.ts";
import { broken, type MessageFailure } from "./failure.ts";

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * A day of the clinic or a time on its clock, as a record holds it: `yyyy-mm-dd`, or an instant in UTC. A time that the
 * clock skips is refused, and one that it shows twice has to be named.
 */
export function readMoment(timeZone: string, { day, time, occurrence }: ClinicMoment): Result<string, MessageFailure> {
  if (parseDay(day) === undefined) return broken("day-unknown");
  if (time === undefined) return ok(day);
  const at = atWallClock(timeZone, day, time);
  if (!at.ok) return broken("time-skipped");
  const { ms, laterMs } = at.value;
  if (laterMs === undefined) return ok(toInstant(ms));
  if (occurrence === undefined) return broken("time-doubled");
  return ok(toInstant(occurrence === "second" ? laterMs : ms));
}

/** When a moment is over: the end of the clinic's day, however long that is, or the instant itself. */
export const dueMs = (timeZone: string, at: string): number =>
  DAY.test(at) ? dayBounds(timeZone, at).endMs : Date.parse(at);

/** When a moment begins: what is put aside until a day comes back with it. */
export const startMs = (timeZone: string, at: string): number =>
  DAY.test(at) ? dayBounds(timeZone, at).startMs : Date.parse(at);

export function dueView(timeZone: string, at: string, nowMs: number): DueView {
  const isDay = DAY.test(at);
  const isOverdue = isDay ? clinicDay(timeZone, nowMs) > at : nowMs > Date.parse(at);
  return { at, isDay, isOverdue };
}
