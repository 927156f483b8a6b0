import { type Locale, LOCALE_TAGS } from "./locale.ts";
import { type Amount, decimalText, moneyText, percentText, roundText } from "./money.ts";

/** FHIR R4 datatypes.html#HumanName, as far as a name is shown. */
export interface PersonName {
  readonly text?: string | undefined;
  readonly family?: string | undefined;
  readonly given?: readonly string[] | undefined;
  readonly prefix?: readonly string[] | undefined;
  readonly suffix?: readonly string[] | undefined;
}

export interface Format {
  /** A calendar day `YYYY-MM-DD`, or as much of one as is known (`YYYY`, `YYYY-MM`): never moved by a time zone. */
  date(day: string): string;
  /** The same with its weekday. */
  weekday(day: string): string;
  /** The wall-clock time of an instant in the clinic's zone. */
  time(instant: string | number): string;
  /** Day and wall-clock time of an instant in the clinic's zone. */
  dateTime(instant: string | number): string;
  /** The clinic's calendar day of an instant, as `date` shows it. */
  day(instant: string | number): string;
  /** `HH:MM` on a wall clock, as people say it. */
  clock(time: string): string;
  /** How old somebody is today in the clinic's zone: days, months under two years, years after. */
  age(birthDate: string): string;
  /** `Family, Given Middle`, as charts list people. */
  name(name: PersonName | string | undefined): string;
  number(value: number, digits?: number): string;
  /** An amount to the cent, or to as many places as are asked for (`least`: that it has in any case): exact, from its text. */
  money(amount: Amount, digits?: number, least?: number): string;
  /** A quantity that travels as a text, exact. */
  decimal(text: string, digits?: number): string;
  /** The same as people say it: `3.2 million`. */
  round(text: string): string;
  /** `0.25` as 25%. */
  percent(ratio: string, digits?: number, least?: number): string;
  /** `YYYY-MM` as people name a month: "Oct 2026". */
  month(month: string): string;
  /** How far an instant is from now: "3 minutes ago". */
  relative(instant: string | number): string;
  /** Minutes as "1 h 20 min". */
  duration(minutes: number): string;
  bytes(size: number): string;
}

const DAY_MS = 86_400_000;

/** The calendar day of an instant in a zone, `YYYY-MM-DD`. */
export function dayIn(timeZone: string, instantMs: number): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    calendar: "iso8601",
    numberingSystem: "latn",
  }).formatToParts(instantMs);
  const part = (type: string): string => parts.find((known) => known.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
}

const [PARTS, UNITS] = [/^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/, ["B", "kB", "MB", "GB"] as const];

/** Noon UTC of a calendar day: no zone that `Intl` is told of here moves it to another. */
const noonOf = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day, 12);

function dateText(tag: string, day: string, withWeekday: boolean): string {
  const [, year, month, date] = PARTS.exec(day) ?? [];
  if (year === undefined) return day;
  const options: Intl.DateTimeFormatOptions = {
    timeZone: "UTC",
    year: "numeric",
    ...(month !== undefined && { month: "short" }),
    ...(date !== undefined && { day: "numeric", ...(withWeekday && { weekday: "short" }) }),
  };
  return new Intl.DateTimeFormat(tag, options).format(noonOf(Number(year), Number(month ?? 1), Number(date ?? 1)));
}

/** Whole months between two days, the later second. */
function monthsBetween(from: string, to: string): number {
  const [year = 0, month = 1, day = 1] = from.split("-").map(Number);
  const [toYear = 0, toMonth = 1, toDay = 1] = to.split("-").map(Number);
  return (toYear - year) * 12 + (toMonth - month) - (toDay < day ? 1 : 0);
}

function ageText(tag: string, birthDate: string, today: string): string {
  const unit = (value: number, name: "year" | "month" | "day"): string =>
    new Intl.NumberFormat(tag, { style: "unit", unit: name, unitDisplay: "long" }).format(value);
  if (birthDate > today) return "";
  if (birthDate.length < 10) return unit(Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4)), "year");
  const months = monthsBetween(birthDate, today);
  if (months >= 24) return unit(Math.floor(months / 12), "year");
  if (months >= 1) return unit(months, "month");
  return unit(Math.round((Date.parse(today) - Date.parse(birthDate)) / DAY_MS), "day");
}

/** How charts list people; a name that only has its text stays as it was written. */
export function nameText(name: PersonName | string | undefined): string {
  if (name === undefined || typeof name === "string") return name ?? "";
  const given = (name.given ?? []).join(" ");
  const listed = [name.family ?? "", [given, ...(name.suffix ?? [])].filter((part) => part !== "").join(" ")];
  return listed.filter((part) => part !== "").join(", ") || (name.text ?? "");
}

function relativeText(tag: string, fromNowMs: number): string {
  const format = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  const size = Math.abs(fromNowMs);
  if (size < 45_000) return format.format(0, "second");
  if (size < 45 * 60_000) return format.format(Math.round(fromNowMs / 60_000), "minute");
  if (size < 22 * 3_600_000) return format.format(Math.round(fromNowMs / 3_600_000), "hour");
  if (size < 26 * DAY_MS) return format.format(Math.round(fromNowMs / DAY_MS), "day");
  if (size < 320 * DAY_MS) return format.format(Math.round(fromNowMs / (30.44 * DAY_MS)), "month");
  return format.format(Math.round(fromNowMs / (365.25 * DAY_MS)), "year");
}

/** A step of ten under a thousand, and one decimal where it says something. */
function bytesText(tag: string, size: number): string {
  const step = size < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(size) / 3));
  const value = size / 1000 ** step;
  return `${new Intl.NumberFormat(tag, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)} ${UNITS[step]}`;
}

/** Everything that the portal shows of days, times, people and numbers, in one language and one clinic's zone. */
export function createFormat(locale: Locale, timeZone: string, now: () => number = Date.now): Format {
  const tag = LOCALE_TAGS[locale];
  const zoned = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, { timeZone, ...options });
  const times = zoned({ hour: "numeric", minute: "2-digit" });
  const both = zoned({ year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
  const days = zoned({ year: "numeric", month: "short", day: "numeric" });
  const clocks = new Intl.DateTimeFormat(tag, { timeZone: "UTC", hour: "numeric", minute: "2-digit" });
  const instantOf = (instant: string | number): number => (typeof instant === "number" ? instant : Date.parse(instant));
  const shown = (format: Intl.DateTimeFormat, instant: string | number): string => {
    const ms = instantOf(instant);
    return Number.isNaN(ms) ? String(instant) : format.format(ms);
  };
  const number = (value: number, digits = 2): string =>
    new Intl.NumberFormat(tag, { maximumFractionDigits: digits }).format(value);
  return {
    date: (day) => dateText(tag, day, false),
    weekday: (day) => dateText(tag, day, true),
    time: (instant) => shown(times, instant),
    dateTime: (instant) => shown(both, instant),
    day: (instant) => shown(days, instant),
    clock: (time) => {
      const [hour = 0, minute = 0] = time.split(":").map(Number);
      return clocks.format(Date.UTC(2000, 0, 1, hour, minute));
    },
    age: (birthDate) => ageText(tag, birthDate, dayIn(timeZone, now())),
    name: nameText,
    number,
    money: (amount, digits, least) => moneyText(tag, amount, digits, least),
    decimal: (text, digits) => decimalText(tag, text, digits),
    round: (text) => roundText(tag, text),
    percent: (ratio, digits, least) => percentText(tag, ratio, digits, least),
    month: (month) => dateText(tag, month, false),
    relative: (instant) => relativeText(tag, instantOf(instant) - now()),
    duration: (minutes) => {
      const [hours, rest] = [Math.floor(minutes / 60), Math.round(minutes % 60)];
      return [hours > 0 ? `${number(hours)} h` : "", rest > 0 || hours === 0 ? `${rest} min` : ""]
        .filter((part) => part !== "")
        .join(" ");
    },
    bytes: (size) => bytesText(tag, size),
  };
}
