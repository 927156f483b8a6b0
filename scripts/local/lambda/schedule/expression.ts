/** When a schedule is due. Times are milliseconds since the epoch, in UTC. */
export interface ScheduleExpression {
  /** The first due time after `afterMs`, given when the schedule was made; undefined: never again. */
  next(afterMs: number, createdAtMs: number): number | undefined;
}

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/** 29 February on a given weekday comes back within 40 years, also across 2100. */
const SEARCH_DAYS = 41 * 366;

/**
 * Parses `rate(5 minutes)`, `cron(0 12 * * ? *)` or `at(2026-11-22T08:00:00)`.
 * Source: EventBridge Scheduler User Guide, "Schedule types".
 * @throws Error that quotes the expression when Scheduler would refuse it.
 */
export function parseSchedule(expression: string): ScheduleExpression {
  const [, kind, body = ""] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  try {
    if (kind === "rate") return parseRate(body);
    if (kind === "cron") return parseCron(body);
    if (kind === "at") return parseAt(body);
  } catch (error) {
    throw new Error(`schedule expression ${expression} is not valid`, { cause: error });
  }
  throw new Error(`schedule expression ${expression} is not valid`);
}

function parseRate(body: string): ScheduleExpression {
  const [, value, unit] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(body) ?? [];
  if (value === undefined) throw new Error("a rate is a positive number and minutes, hours or days");
  const periodMs = Number(value) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return {
    next: (afterMs, createdAtMs) =>
      createdAtMs + Math.max(1, Math.floor((afterMs - createdAtMs) / periodMs) + 1) * periodMs,
  };
}

function parseAt(body: string): ScheduleExpression {
  const dueMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(body) ? Date.parse(`${body}Z`) : Number.NaN;
  if (Number.isNaN(dueMs)) throw new Error("a time is yyyy-mm-ddThh:mm:ss");
  return { next: (afterMs) => (dueMs > afterMs ? dueMs : undefined) };
}

interface Field {
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

/** The numbers that a field such as `1-5`, `0/15`, `MON,WED` or `*` stands for. */
function numbersOf(text: string, { low, high, names }: Field): ReadonlySet<number> {
  const numberOf = (part: string): number => {
    const name = names?.indexOf(part.toUpperCase()) ?? -1;
    const number = name >= 0 ? name + low : /^\d+$/.test(part) ? Number(part) : Number.NaN;
    if (!(number >= low && number <= high)) throw new Error("a cron field is out of range");
    return number;
  };
  const numbers = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", step] = part.split("/");
    const [from = "", to] = range.split("-");
    const start = range === "*" ? low : numberOf(from);
    const end = to !== undefined ? numberOf(to) : range === "*" || step !== undefined ? high : start;
    const by = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(by) || by < 1 || end < start) throw new Error("a cron range is empty");
    for (let number = start; number <= end; number += by) numbers.add(number);
  }
  return numbers;
}

type DayTest = (date: Date) => boolean;

const daysInMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

function dayOfMonthTest(text: string): DayTest {
  if (text === "L") return (date) => date.getUTCDate() === daysInMonth(date);
  const nearest = /^(\d+)W$/.exec(text)?.[1];
  if (nearest !== undefined) return (date) => date.getUTCDate() === nearestWeekday(date, Number(nearest));
  const days = numbersOf(text, { low: 1, high: 31 });
  return (date) => days.has(date.getUTCDate());
}

/** The Monday to Friday that is nearest to a day of the month, within that month. */
function nearestWeekday(date: Date, day: number): number {
  const last = daysInMonth(date);
  const wanted = Math.min(day, last);
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), wanted)).getUTCDay();
  if (weekday === 6) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 0) return wanted === last ? wanted - 2 : wanted + 1;
  return wanted;
}

function dayOfWeekTest(text: string): DayTest {
  const weekday: Field = { low: 1, high: 7, names: WEEKDAYS };
  const only = (part: string): number => [...numbersOf(part, weekday)][0] ?? 0;
  const [, nthDay, nth] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (nthDay !== undefined) {
    const day = only(nthDay);
    return (date) => date.getUTCDay() + 1 === day && Math.ceil(date.getUTCDate() / 7) === Number(nth);
  }
  const lastDay = /^(\w+)L$/.exec(text)?.[1];
  if (lastDay !== undefined) {
    const day = only(lastDay);
    return (date) => date.getUTCDay() + 1 === day && date.getUTCDate() > daysInMonth(date) - 7;
  }
  const days = text === "L" ? new Set([7]) : numbersOf(text, weekday);
  return (date) => days.has(date.getUTCDay() + 1);
}

function parseCron(body: string): ScheduleExpression {
  const [minute, hour, dayOfMonth, month, dayOfWeek, year, ...rest] = body.trim().split(/\s+/);
  if (year === undefined || dayOfWeek === undefined || rest.length > 0) throw new Error("a cron has six fields");
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) throw new Error("one of day-of-month and day-of-week is ?");
  const minutes = [...numbersOf(minute ?? "", { low: 0, high: 59 })].toSorted((a, b) => a - b);
  const hours = [...numbersOf(hour ?? "", { low: 0, high: 23 })].toSorted((a, b) => a - b);
  const months = numbersOf(month ?? "", { low: 1, high: 12, names: MONTHS });
  const years = numbersOf(year, { low: 1970, high: 2199 });
  const isDay = dayOfWeek === "?" ? dayOfMonthTest(dayOfMonth ?? "") : dayOfWeekTest(dayOfWeek);

  return {
    next(afterMs) {
      const midnight = afterMs - (((afterMs % UNIT_MS.day) + UNIT_MS.day) % UNIT_MS.day);
      for (let day = 0; day < SEARCH_DAYS; day += 1) {
        const dayMs = midnight + day * UNIT_MS.day;
        const date = new Date(dayMs);
        if (!years.has(date.getUTCFullYear()) || !months.has(date.getUTCMonth() + 1) || !isDay(date)) continue;
        for (const atHour of hours) {
          for (const atMinute of minutes) {
            const dueMs = dayMs + atHour * UNIT_MS.hour + atMinute * UNIT_MS.minute;
            if (dueMs > afterMs) return dueMs;
          }
        }
      }
      return undefined;
    },
  };
}
