import { invariant } from "../kernel/invariant.ts";

/**
 * Time as the ledger has it: UTC alone, start inclusive, end exclusive, spelled as FOCUS does (FOCUS 1.2 DateTimeFormat:
 * `YYYY-MM-DDTHH:mm:ssZ`). Nothing here asks what zone the host is in.
 */
export interface Period {
  readonly start: string;
  readonly end: string;
}

/** `2026-11` */
export type Month = string;
/** `2026-11-22`, from 00:00:00Z on */
export type Day = string;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const DAY = /^\d{4}-(0[1-9]|1[0-2])-\d{2}$/;

export const isMonth = (text: string): boolean => MONTH.test(text);
/** True for a day that the calendar has: `2026-02-30` is none. */
export const isDay = (text: string): boolean => {
  const ms = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && dayOfMs(ms) === text;
};

/** `2026-11-22T08:00:00Z`; parts of a second are cut off. */
export const toSecond = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export function msOf(instant: string): number {
  const ms = Date.parse(instant);
  invariant(instant.endsWith("Z") && !Number.isNaN(ms), "an instant of the ledger is in UTC");
  return ms;
}

export const dayOfMs = (ms: number): Day => new Date(ms).toISOString().slice(0, 10);
export const monthOfMs = (ms: number): Month => new Date(ms).toISOString().slice(0, 7);
/** `2026-11-22T08`: the grain of the roll-up. */
export const hourOfMs = (ms: number): string => new Date(ms).toISOString().slice(0, 13);
export const dayOf = (instant: string): Day => instant.slice(0, 10);
export const monthOf = (day: Day): Month => day.slice(0, 7);

const startOfDayMs = (day: Day): number => msOf(`${day}T00:00:00Z`);

export const periodOfDay = (day: Day): Period => ({
  start: `${day}T00:00:00Z`,
  end: toSecond(startOfDayMs(day) + DAY_MS),
});

export const monthAfter = (month: Month, months = 1): Month => {
  invariant(isMonth(month), "a month is spelled 2026-11");
  const [year, index] = [Number(month.slice(0, 4)), Number(month.slice(5)) - 1 + months];
  return monthOfMs(Date.UTC(year, index, 1));
};

export const periodOfMonth = (month: Month): Period => ({
  start: `${month}-01T00:00:00Z`,
  end: `${monthAfter(month)}-01T00:00:00Z`,
});

export const dayAfter = (day: Day, days = 1): Day => dayOfMs(startOfDayMs(day) + days * DAY_MS);

/** Every day that begins in the period, in order. */
export function daysOf({ start, end }: Period): Day[] {
  const days: Day[] = [];
  for (let ms = msOf(start); ms < msOf(end); ms += DAY_MS) days.push(dayOfMs(ms));
  return days;
}

/** 0 Sunday to 6 Saturday. */
export const weekdayOf = (day: Day): number => new Date(startOfDayMs(day)).getUTCDay();

export const isWithin = (instant: string, { start, end }: Period): boolean =>
  msOf(instant) >= msOf(start) && msOf(instant) < msOf(end);

export const secondsIn = ({ start, end }: Period): number => Math.floor((msOf(end) - msOf(start)) / 1_000);

/** Whole seconds that two periods share; what a tenant that came or went in the month is prorated by. */
export function secondsShared(a: Period, b: Period): number {
  const start = Math.max(msOf(a.start), msOf(b.start));
  const end = Math.min(msOf(a.end), msOf(b.end));
  return Math.max(0, Math.floor((end - start) / 1_000));
}
