import type { ClinicHours } from "../../contract/clinic.ts";

export type { ClinicHours } from "../../contract/clinic.ts";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const SHORT_NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const minuteOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
};

/**
 * Tells of an instant (milliseconds since the epoch) whether the clinic is open then, by its own wall clock: on the days
 * of a change to or from daylight saving time the clock, and not the hours gone by, says when it opens and closes. The
 * hour that comes twice counts as itself both times. A day that closes no later than it opens runs into the next.
 */
export function openingOf({ timeZone, week }: ClinicHours): (at: number) => boolean {
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  });
  const days = DAYS.map((day) => {
    const hours = week[day];
    return hours === "closed" ? undefined : { opens: minuteOf(hours.opens), closes: minuteOf(hours.closes) };
  });

  return (at) => {
    const told = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
    const minute = Number(told["hour"]) * 60 + Number(told["minute"]);
    const weekday = SHORT_NAMES.indexOf(told["weekday"] ?? "");
    const [today, yesterday] = [days[weekday], days[(weekday + 6) % 7]];
    const isSinceToday =
      today !== undefined && minute >= today.opens && (minute < today.closes || today.closes < today.opens);
    return isSinceToday || (yesterday !== undefined && yesterday.closes < yesterday.opens && minute < yesterday.closes);
  };
}
