import type { OpeningException, OpenSpan } from "../contract/index.ts";
import { atWallClock, type DayBounds, weekdayOf } from "./clinic-time.ts";
import type { Clinic } from "./profile.ts";

/** The exception that rules a day; the first of several, as the clinic ordered them. */
export const exceptionOn = ({ profile }: Clinic, day: string): OpeningException | undefined =>
  profile.exceptions.find(({ from, to }) => from <= day && day <= to);

/** The clinic's hours on a day, on its own clock. Empty where it is closed. */
export const hoursOn = (clinic: Clinic, day: string): readonly OpenSpan[] =>
  exceptionOn(clinic, day)?.hours ?? clinic.profile.week[weekdayOf(day)];

/**
 * When the clinic is open on a day, as instants. Who opens at a time that the clock leaves out opens with the jump; who
 * opens at one that it shows twice opens with the first and closes with the second.
 */
export function openOn(clinic: Clinic, day: string): readonly DayBounds[] {
  return hoursOn(clinic, day).flatMap(({ opens, closes }) => {
    const from = atWallClock(clinic.timeZone, day, opens);
    const to = atWallClock(clinic.timeZone, day, closes);
    const startMs = from.ok ? from.value.ms : from.error.nextMs;
    const endMs = to.ok ? (to.value.laterMs ?? to.value.ms) : to.error.nextMs;
    return startMs < endMs ? [{ startMs, endMs }] : [];
  });
}

/** Whether a span lies within one of the day's open spans. */
export const isOpen = (clinic: Clinic, day: string, { startMs, endMs }: DayBounds): boolean =>
  openOn(clinic, day).some((span) => span.startMs <= startMs && endMs <= span.endMs);
