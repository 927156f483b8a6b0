import type { OpeningException, OpeningWeek, OpenSpan } from "../contract/index.ts";
import { atWallClock, clinicDay, type DayBounds, weekdayOf } from "./clinic-time.ts";
import type { Clinic } from "./profile.ts";

type Exception = Pick<OpeningException, "from" | "to" | "hours">;

/** Hours, and the clock that they are on: a clinic's, or those of one who works in it. */
interface Clock extends Pick<Clinic, "timeZone"> {
  readonly profile: { readonly week: OpeningWeek; readonly exceptions: readonly Exception[] };
}

/** The exception that rules a day; the first of several, as the clinic ordered them. */
export const exceptionOn = <E extends Exception>(
  { profile }: { readonly profile: { readonly exceptions: readonly E[] } },
  day: string,
): E | undefined => profile.exceptions.find(({ from, to }) => from <= day && day <= to);

/** The clinic's hours on a day, on its own clock. Empty where it is closed. */
export const hoursOn = (clinic: Clock, day: string): readonly OpenSpan[] =>
  exceptionOn(clinic, day)?.hours ?? clinic.profile.week[weekdayOf(day)];

/**
 * When the clinic is open on a day, as instants. Who opens at a time that the clock leaves out opens with the jump; who
 * opens at one that it shows twice opens with the first and closes with the second.
 */
export function openOn(clinic: Clock, day: string): readonly DayBounds[] {
  return hoursOn(clinic, day).flatMap(({ opens, closes }) => {
    const from = atWallClock(clinic.timeZone, day, opens);
    const to = atWallClock(clinic.timeZone, day, closes);
    const startMs = from.ok ? from.value.ms : from.error.nextMs;
    const endMs = to.ok ? (to.value.laterMs ?? to.value.ms) : to.error.nextMs;
    return startMs < endMs ? [{ startMs, endMs }] : [];
  });
}

/**
 * Tells of an instant (milliseconds since the epoch) whether the clinic's day has begun and is not over: between its first
 * opening and its last closing. A pause at noon is a part of the day, because people work on while the door is closed.
 */
export function openingOf(clinic: Clock): (atMs: number) => boolean {
  const days = new Map<string, DayBounds | undefined>();
  const dayOf = (day: string): DayBounds | undefined => {
    const known = days.get(day);
    if (known !== undefined || days.has(day)) return known;
    const spans = openOn(clinic, day);
    const [first, last] = [spans[0], spans.at(-1)];
    const bounds = first && last && { startMs: first.startMs, endMs: last.endMs };
    days.set(day, bounds);
    return bounds;
  };
  return (atMs) => {
    const open = dayOf(clinicDay(clinic.timeZone, atMs));
    return open !== undefined && open.startMs <= atMs && atMs < open.endMs;
  };
}

/** Whether one of the spans holds all of a span. */
export const isWithin = (spans: readonly DayBounds[], { startMs, endMs }: DayBounds): boolean =>
  spans.some((span) => span.startMs <= startMs && endMs <= span.endMs);
