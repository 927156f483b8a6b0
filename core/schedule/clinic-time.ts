import { Temporal } from "temporal-polyfill";
import { invariant } from "../kernel/invariant.ts";
import { err, ok, type Result } from "../kernel/result.ts";

/**
 * Days and wall-clock times of a clinic. Records hold instants in UTC; whoever says "today" or "nine o'clock" asks here,
 * with the one IANA time zone of the clinic. Days are `yyyy-mm-dd`, times `HH:MM`, instants milliseconds since the epoch.
 */

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const WALL_CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The text where it names a day of the calendar, `2026-02-29` does not; undefined otherwise. */
export function parseDay(text: string): string | undefined {
  if (!DAY.test(text)) return undefined;
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" }).toString();
  } catch {
    return undefined;
  }
}

const zoned = (zone: string, ms: number): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);

/** The day that it is in the zone at an instant. */
export const clinicDay = (zone: string, ms: number): string => zoned(zone, ms).toPlainDate().toString();

/** Half open: `startMs` belongs to the day, `endMs` to the next. */
export interface DayBounds {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * When a day begins and ends in the zone: 23 or 25 hours apart where its clocks change, and beginning after midnight
 * where they change at midnight. A day that the zone left out is 0 long.
 */
export function dayBounds(zone: string, day: string): DayBounds {
  const date = Temporal.PlainDate.from(day);
  const startOf = (each: Temporal.PlainDate): number => each.toZonedDateTime({ timeZone: zone }).epochMilliseconds;
  return { startMs: startOf(date), endMs: startOf(date.add({ days: 1 })) };
}

/** The instant of a wall-clock time; `laterMs` where the clock shows it twice that day, and then `ms` is the first. */
export interface WallInstant {
  readonly ms: number;
  readonly laterMs?: number;
}

/** The clock jumps over that time; `nextMs` is the instant of the jump. */
export interface Skipped {
  readonly kind: "skipped";
  readonly nextMs: number;
}

/**
 * The instant at which clocks of the zone show `time` on `day`.
 * @param time `HH:MM`; `24:00` is the end of the day.
 */
export function atWallClock(zone: string, day: string, time: string): Result<WallInstant, Skipped> {
  if (time === "24:00") return ok({ ms: dayBounds(zone, day).endMs });
  invariant(WALL_CLOCK.test(time), "a wall-clock time is HH:MM");
  const local = Temporal.PlainDate.from(day).toPlainDateTime(Temporal.PlainTime.from(time));
  const earlier = local.toZonedDateTime(zone, { disambiguation: "earlier" });
  const later = local.toZonedDateTime(zone, { disambiguation: "later" });
  if (earlier.epochMilliseconds === later.epochMilliseconds) return ok({ ms: earlier.epochMilliseconds });
  if (earlier.toPlainDateTime().equals(local)) {
    return ok({ ms: earlier.epochMilliseconds, laterMs: later.epochMilliseconds });
  }
  const jump = earlier.getTimeZoneTransition("next");
  invariant(jump !== null, "a skipped time lies in a change of the clock");
  return err({ kind: "skipped", nextMs: jump.epochMilliseconds });
}

/** What clocks of the zone show at an instant. */
export interface WallClock {
  readonly day: string;
  /** `HH:MM` */
  readonly time: string;
  /** Such as `-05:00`. */
  readonly offset: string;
  /** Where the clock shows this time twice that day: which of the two it is. */
  readonly occurrence?: "first" | "second";
}

export function wallClock(zone: string, ms: number): WallClock {
  const at = zoned(zone, ms);
  const local = at.toPlainDateTime();
  const time = local.toPlainTime().toString({ smallestUnit: "minute" });
  const firstMs = local.toZonedDateTime(zone, { disambiguation: "earlier" }).epochMilliseconds;
  const secondMs = local.toZonedDateTime(zone, { disambiguation: "later" }).epochMilliseconds;
  const shown = { day: local.toPlainDate().toString(), time, offset: at.offset };
  return firstMs === secondMs ? shown : { ...shown, occurrence: ms === firstMs ? "first" : "second" };
}

/** The day that is `days` after (negative: before) `day` in the calendar. */
export const addDays = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();

export const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export function weekdayOf(day: string): Weekday {
  const name = WEEKDAYS[Temporal.PlainDate.from(day).dayOfWeek - 1];
  invariant(name !== undefined, "a day has a name");
  return name;
}

/** The seven days of the week that holds `day`, from `first` on. */
export function weekOf(day: string, first: Weekday = "monday"): readonly string[] {
  const date = Temporal.PlainDate.from(day);
  const back = (date.dayOfWeek - 1 - WEEKDAYS.indexOf(first) + 7) % 7;
  return Array.from({ length: 7 }, (_day, index) => date.add({ days: index - back }).toString());
}

/** The UTC days that a span of time touches: what was written under a UTC day is found by these. */
export function utcDaysOf({ startMs, endMs }: DayBounds): readonly string[] {
  const days: string[] = [];
  for (let ms = Math.floor(startMs / DAY_MS) * DAY_MS; ms < Math.max(endMs, startMs + 1); ms += DAY_MS) {
    days.push(new Date(ms).toISOString().slice(0, 10));
  }
  return days;
}

/** A change of the clock within a day: `byMinutes` is positive where it is put forward. */
export interface ClockChange {
  readonly atMs: number;
  readonly byMinutes: number;
}

/** The change of the clock on a day of the zone; undefined on all but two days of a year. */
export function clockChangeOn(zone: string, day: string): ClockChange | undefined {
  const { startMs, endMs } = dayBounds(zone, day);
  // A zone that changes at midnight does so in the first instant of the day.
  const next = zoned(zone, startMs - 1).getTimeZoneTransition("next");
  if (next === null || next.epochMilliseconds >= endMs) return undefined;
  const before = zoned(zone, next.epochMilliseconds - 1);
  const byMinutes = (next.offsetNanoseconds - before.offsetNanoseconds) / 1e6 / MINUTE_MS;
  // A zone may change its name or its rules and not its clock.
  return byMinutes === 0 ? undefined : { atMs: next.epochMilliseconds, byMinutes };
}
