const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** True for a day that the calendar has. */
export function isDay(text: string): boolean {
  const [, year, month, day] = DAY.exec(text) ?? [];
  if (year === undefined) return false;
  const made = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return made.toISOString().slice(0, 10) === text;
}

/** A day so many days after another. */
export function addDays(day: string, count: number): string {
  const made = new Date(`${day}T00:00:00Z`);
  made.setUTCDate(made.getUTCDate() + count);
  return made.toISOString().slice(0, 10);
}

const two = (text: string): string => text.padStart(2, "0");

/**
 * The day that somebody typed, `YYYY-MM-DD`; undefined where nothing was, null where it cannot be told. Takes
 * `3/14/1962`, `03-14-1962`, `03141962`, `1962-03-14`, and `t`, `t+7`, `t-1` from today. A year has four figures:
 * nobody's birth date is guessed.
 * @param today The clinic's own day.
 */
export function readDate(text: string, today: string): string | undefined | null {
  const typed = text.trim().toLowerCase();
  if (typed === "") return undefined;
  const relative = /^[th](?:\s*([+-]\s*\d{1,4}))?$/.exec(typed);
  if (relative) return addDays(today, Number((relative[1] ?? "0").replaceAll(" ", "")));
  const [, month, day, year] =
    /^(\d{1,2})[/.\-\s](\d{1,2})[/.\-\s](\d{4})$/.exec(typed) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(typed) ?? [];
  const iso = year === undefined ? typed : `${year}-${two(month ?? "")}-${two(day ?? "")}`;
  return isDay(iso) ? iso : null;
}

/** A day as it is typed: `03/14/1962`. */
export const typedDate = (day: string): string => {
  const [, year, month, date] = DAY.exec(day) ?? [];
  return year === undefined ? day : `${month}/${date}/${year}`;
};

/**
 * The time that somebody typed, `HH:MM`; undefined where nothing was, null where it cannot be told. Takes `9`, `930`,
 * `9:30`, `9:30 pm`, `2p`, `14:05`.
 */
export function readTime(text: string): string | undefined | null {
  const typed = text.trim().toLowerCase().replaceAll(".", "");
  if (typed === "") return undefined;
  const [, hours, minutes = "00", half] = /^(\d{1,2})(?::?(\d{2}))?\s*([ap])?\s*m?$/.exec(typed) ?? [];
  if (hours === undefined) return null;
  const [hour, minute] = [Number(hours), Number(minutes)];
  if (minute > 59) return null;
  if (half === undefined) return hour > 23 ? null : `${two(hours)}:${minutes}`;
  if (hour < 1 || hour > 12) return null;
  return `${two(String((hour % 12) + (half === "p" ? 12 : 0)))}:${minutes}`;
}
