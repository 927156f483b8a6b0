import { invariant } from "../../kernel/invariant.ts";
import { sha256Hex } from "../../audit/layout.ts";
import { type Day, HOUR_MS, hourOfMs, type Month, msOf } from "../period.ts";
import { dayBook } from "./days.ts";
import { toJson } from "./exact.ts";
import { FactNames, FactReader } from "./facts.ts";
import type { CostFiles } from "./files.ts";
import { type HourBook, HourMaker, type Level } from "./hours.ts";
import { keep, keepNew, packJson, plainBytes, readPacked, readPlain } from "./keep.ts";
import { dayKey, hourKey, parseFactsKey, stateKey } from "./keys.ts";

/** Of what an hour was made, by digest: while these stay, it stays. */
interface HourState {
  /** Names of the facts of the hour and of its neighbours. */
  readonly facts: string;
  /** What was stored when it began, and when it ended. */
  readonly opening: string;
  readonly levels: string;
  /** The book itself. */
  readonly book: string;
}

export interface MonthState {
  readonly hours: Record<string, HourState>;
  /** The digest of the hours that a day was made of. */
  readonly days: Record<Day, string>;
}

export const hourMs = (hour: string): number => msOf(`${hour}:00:00Z`);
const hourAfter = (hour: string, hours = 1): string => hourOfMs(hourMs(hour) + hours * HOUR_MS);
const monthOfHour = (hour: string): Month => hour.slice(0, 7);
const digest = (value: unknown): string => sha256Hex(toJson(value));
const NONE = digest([]);

/** States of months, read once and written where they changed. */
export class States {
  readonly #files: CostFiles;
  readonly #states = new Map<Month, MonthState>();

  constructor(files: CostFiles) {
    this.#files = files;
  }

  async of(month: Month): Promise<MonthState> {
    const known = this.#states.get(month);
    if (known !== undefined) return known;
    const read = (await readPlain<MonthState>(this.#files, stateKey(month))) ?? { hours: {}, days: {} };
    this.#states.set(month, read);
    return read;
  }

  async write(): Promise<void> {
    for (const [month, { hours, days }] of this.#states) {
      const inOrder = { hours: byName(hours), days: byName(days) };
      if (Object.keys(hours).length > 0) await keep(this.#files, stateKey(month), plainBytes(inOrder));
    }
  }
}

const byName = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));

export interface Rolled {
  /** The newest hour that is done. */
  readonly until: string;
  /** False where time ran out: the hour after `until` is where to go on. */
  readonly isDone: boolean;
}

/**
 * Rolls up every hour from `from` to `until` whose facts are others than those that it was made of, or that opens with other
 * levels; then the days of these hours. Each hour is made from its facts and from the levels of the hour before: the same facts
 * give the same files, whatever happened between.
 */
export async function rollHours(
  files: CostFiles,
  { from, until, isTimeUp }: { readonly from: string; readonly until: string; readonly isTimeUp: () => boolean },
): Promise<Rolled> {
  const states = new States(files);
  const [names, reader] = [new FactNames(files), new FactReader(files)];
  let closing: readonly Level[] | undefined;
  let hour = from;
  let isDone = true;
  let made = 0;
  for (; hour <= until; hour = hourAfter(hour)) {
    // Each run makes one hour at least: one that only reads would never get further.
    if (made > 0 && isTimeUp()) {
      isDone = false;
      break;
    }
    const state = await states.of(monthOfHour(hour));
    const earlier = hourAfter(hour, -1);
    const opening = (await states.of(monthOfHour(earlier))).hours[earlier]?.levels ?? NONE;
    const facts = digest(await namesAround(names, hour));
    const known = state.hours[hour];
    if (known?.facts === facts && known.opening === opening) {
      closing = undefined;
      continue;
    }
    closing ??= (await readPacked<HourBook>(files, hourKey(earlier)))?.levels ?? [];
    const book = await makeHour({ names, reader, hour, opening: closing });
    closing = book.levels;
    await (known === undefined ? keepNew : keep)(files, hourKey(hour), packJson(book));
    state.hours[hour] = { facts, opening, levels: digest(book.levels), book: digest(book) };
    made += 1;
  }
  // What is left undone begins a day that may be made half: it is made again when it goes on.
  await rollDays(files, states, from, hour);
  await states.write();
  return { until: hourAfter(hour, -1), isDone };
}

/** Names of the facts of an hour and of its neighbours. */
async function namesAround(names: FactNames, hour: string): Promise<readonly string[]> {
  const hours = [hourAfter(hour, -1), hour, hourAfter(hour)];
  return [...new Set((await Promise.all(hours.map((each) => names.of(each)))).flat())];
}

interface MakeHour {
  readonly names: FactNames;
  readonly reader: FactReader;
  readonly hour: string;
  readonly opening: readonly Level[];
}

async function makeHour({ names, reader, hour, opening }: MakeHour): Promise<HourBook> {
  const sources = new Set((await namesAround(names, hour)).map((key) => parseFactsKey(key)?.source).filter(isText));
  const maker = new HourMaker(hour);
  for (const source of [...sources].toSorted()) {
    const [before, within, after] = await Promise.all(
      [hourAfter(hour, -1), hour, hourAfter(hour)].map(async (each) => reader.read(await names.of(each, source), each)),
    );
    invariant(before !== undefined && within !== undefined && after !== undefined, "three hours were read");
    maker.add({ before: before.facts, within: within.facts, after: after.facts, exceptions: within.exceptions });
  }
  return maker.book(opening);
}

const isText = (value: string | undefined): value is string => value !== undefined;

/** Days whose hours are others than those that they were made of. */
async function rollDays(files: CostFiles, states: States, from: string, end: string): Promise<void> {
  for (let day = from.slice(0, 10); `${day}T00` < end; day = hourAfter(`${day}T00`, 24).slice(0, 10)) {
    const state = await states.of(day.slice(0, 7));
    const hours = Array.from({ length: 24 }, (_, index) => hourAfter(`${day}T00`, index));
    const made = hours.filter((hour) => state.hours[hour] !== undefined);
    const from = digest(made.map((hour) => state.hours[hour]?.book));
    if (made.length === 0 || state.days[day] === from) continue;
    const books = await Promise.all(made.map((hour) => readPacked<HourBook>(files, hourKey(hour))));
    const whole = books.map((book) => {
      invariant(book !== undefined, "an hour that was rolled up has its book");
      return book;
    });
    await keep(files, dayKey(day), packJson(dayBook(day, whole)));
    state.days[day] = from;
  }
}
