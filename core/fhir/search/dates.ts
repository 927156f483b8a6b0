import { isJsonObject } from "../json.ts";
import type { Selected } from "./select.ts";
import type { Range } from "./range.ts";

const DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

const MINUTE = 60_000;

const zoneOffset = (zone: string | undefined): number => {
  if (zone === undefined || zone === "Z") return 0;
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(4, 6)].map(Number);
  return (zone.startsWith("-") ? -1 : 1) * ((hours ?? 0) * 60 + (minutes ?? 0)) * MINUTE;
};

const utc = (year: number, month: number, day: number, ms = 0): number => {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getTime() + ms;
};

/** What the last part that was written spans. */
function end(low: number, year: number, month: number, parts: readonly (string | undefined)[]): number {
  const [, monthText, dayText, hourText, , secondText, fraction] = parts;
  if (monthText === undefined) return utc(year + 1, 0, 1);
  if (dayText === undefined) return utc(year, month + 1, 1);
  if (hourText === undefined) return low + 24 * 60 * MINUTE;
  if (secondText === undefined) return low + MINUTE;
  return fraction === undefined ? low + 1000 : low + Math.max(1, 10 ** (3 - fraction.length));
}

/**
 * The instants that a FHIR date, dateTime or instant stands for, by its precision; a time without a zone, and a date, are
 * read as UTC. A search may stop at minutes, a record may not. Undefined where the text is no date.
 */
export function dateRange(text: string): Range | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const parts = match.slice(1);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(0, 6)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const fraction = parts[6] === undefined ? 0 : Number(`0.${parts[6]}`) * 1000;
  const isPossible = month >= 1 && month <= 12 && day >= 1 && hour < 24 && minute < 60 && second <= 60;
  if (!isPossible || new Date(utc(year, month - 1, day)).getUTCDate() !== day) return undefined;
  const local = utc(year, month - 1, day, hour * 60 * MINUTE + minute * MINUTE + second * 1000 + Math.floor(fraction));
  const low = local - zoneOffset(parts[7]);
  return { low, high: end(local, year, month - 1, parts) - zoneOffset(parts[7]) };
}

const ALWAYS: Range = { low: -Infinity, high: Infinity };

const rangeOfText = (value: unknown): Range | undefined => (typeof value === "string" ? dateRange(value) : undefined);

/** A missing end of a Period is open: "greater than any actual date" (FHIR R4 search.html#date). */
function periodRange(value: unknown): Range | undefined {
  if (!isJsonObject(value)) return undefined;
  const [start, finish] = [rangeOfText(value["start"]), rangeOfText(value["end"])];
  if (!start && !finish) return undefined;
  return { low: start?.low ?? ALWAYS.low, high: finish?.high ?? ALWAYS.high };
}

/** A Timing spans its events, or the bounds of its repeat. */
function timingRange(value: unknown): Range | undefined {
  if (!isJsonObject(value)) return undefined;
  const { event, repeat } = value;
  const events = (Array.isArray(event) ? event : []).flatMap((text: unknown) => rangeOfText(text) ?? []);
  if (events.length > 0) {
    return { low: Math.min(...events.map(({ low }) => low)), high: Math.max(...events.map(({ high }) => high)) };
  }
  return isJsonObject(repeat) ? periodRange(repeat["boundsPeriod"]) : undefined;
}

/** The span of a stored value of a date parameter; undefined where it has none. */
export function storedDateRange({ type, value }: Selected): Range | undefined {
  if (type === "Period") return periodRange(value);
  return type === "Timing" ? timingRange(value) : rangeOfText(value);
}
