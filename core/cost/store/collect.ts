import { DAY_MS, dayOfMs, HOUR_MS, hourOfMs, toSecond } from "../period.ts";
import type { Alert } from "./alerts.ts";
import { FactKeeper, type FoundLine, isPlatforms } from "./facts.ts";
import type { CostFiles } from "./files.ts";
import { factLine, type Place } from "./log-lines.ts";
import { makeBooks } from "./make-books.ts";
import { type Mark, readMark, writeMark } from "./mark.ts";
import type { BookOf } from "./month.ts";
import { type StorageCounter, recount } from "./recount.ts";
import { hourMs, rollHours } from "./roll.ts";
import { keepRoster, type RosterTenant } from "./roster.ts";
import { watchCosts } from "./watch.ts";

/** The logs of the functions: what the meter's lines stand in. */
export interface FactLogs {
  /** Lines of facts of one function's log, from `fromMs` to `toMs` inclusive, a page at a time. */
  pages(source: string, fromMs: number, toMs: number): AsyncIterable<readonly FoundLine[]>;
}

export interface CollectDeps {
  readonly files: CostFiles;
  readonly logs: FactLogs;
  /** The functions whose logs are read, the meter's own among them. */
  readonly sources: readonly string[];
  readonly of: BookOf & { readonly cell: string };
  /** Every tenant of the stage. */
  readonly tenants: () => Promise<readonly RosterTenant[]>;
  readonly counter: StorageCounter;
  /** What could not be read is told, and read by the next run. */
  readonly onFailure: (what: string, error: unknown) => void;
}

export interface Collected {
  /** Lines that were new. */
  readonly lines: number;
  /** Months whose books were made anew. */
  readonly months: readonly string[];
  readonly alerts: readonly Alert[];
  /** False where time ran out or a log was not read: the next run goes on. */
  readonly isDone: boolean;
}

/** A line is in its log seconds after it was written; what takes longer is found when a new day looks back on the one before. */
const OVERLAP_MS = 2 * HOUR_MS;
const DAILY_OVERLAP_MS = 26 * HOUR_MS;
/** What a stage's first run looks back on. */
const FIRST_LOOK_MS = 35 * DAY_MS;

/**
 * One run of the meter: logs to facts, facts to hours and days, days to the books of open months, statements and alerts. Facts are
 * a set and all else is made of them, so that a run may die at any point and the next one ends with the same files. What was
 * seen is noted before it is rolled up, and forgotten only afterwards.
 */
export async function collect(deps: CollectDeps, nowMs: number, isTimeUp: () => boolean): Promise<Collected> {
  const { files, of, onFailure } = deps;
  const before = await readMark(files);
  if (await isQuiet(deps, before, nowMs)) return { lines: 0, months: [], alerts: [], isDone: true };
  await tryTo("roster", onFailure, async () => keepRoster(files, dayOfMs(nowMs), await deps.tenants()));
  const seen = new Set<string>(before.pending);
  const read: Record<string, number> = { ...before.read };
  let lines = 0;
  let isRead = true;
  for (const source of deps.sources) {
    const isWhole = await tryTo(`log-${source}`, onFailure, async () => {
      lines += await readLog(deps, source, { read, seen, nowMs, isTimeUp });
    });
    isRead &&= isWhole && (read[source] ?? 0) >= nowMs;
  }
  const noted: Mark = { ...before, read, pending: [...seen].toSorted() };
  await writeMark(files, noted);

  const rolled = await roll(files, noted, nowMs, isTimeUp);
  // A count is held against what all changes add up to: with a log unread it would find what is not there.
  const counted = rolled.isDone && isRead ? await recountWeekly(deps, rolled.mark, nowMs, isTimeUp) : rolled.mark;
  await writeMark(files, counted);
  if (!rolled.isDone) return { lines, months: [], alerts: [], isDone: false };

  const asOf = toSecond(Math.min(nowMs, ...deps.sources.map((source) => read[source] ?? nowMs)));
  const months = await makeBooks(files, { of, nowMs, asOf, isTimeUp });
  const alerts = await watchCosts(files, nowMs);
  return { lines, months, alerts, isDone: isRead && !isTimeUp() };
}

async function tryTo(what: string, onFailure: CollectDeps["onFailure"], work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    onFailure(what, error);
    return false;
  }
}

/** What a quiet stage's functions write of themselves in a day, and no more: a run that meets more reads it in earnest. */
const MOST_QUIET_LINES = 2_000;

/**
 * Whether nothing has come but what the platform's own schedules left. It is read, and nothing is written of it: the first run
 * after it that finds a clinic's line, or a new day, reads it again and keeps it. A day without work costs one run's writes.
 */
async function isQuiet({ logs, sources, of, onFailure }: CollectDeps, mark: Mark, nowMs: number): Promise<boolean> {
  const counted = mark.recount?.week === mondayOf(nowMs) && mark.recount.isDone;
  if (mark.pending.length > 0 || mark.rolled === null || !counted) return false;
  let lines = 0;
  for (const source of sources) {
    const from = mark.read[source];
    if (from === undefined || dayOfMs(from) !== dayOfMs(nowMs)) return false;
    const place = { stage: of.stage, cell: of.cell, fn: source };
    let isOwn = true;
    const isRead = await tryTo(`log-${source}`, onFailure, async () => {
      for await (const page of logs.pages(source, from + 1, nowMs)) {
        lines += page.length;
        isOwn = lines <= MOST_QUIET_LINES && page.every((line) => isPlatforms(factLine(line, place).text));
        if (!isOwn) return;
      }
    });
    if (!isRead || !isOwn) return false;
  }
  return true;
}

interface Reading {
  /** Until when each log was read: moved on as pages are done. */
  readonly read: Record<string, number>;
  readonly seen: Set<string>;
  readonly nowMs: number;
  readonly isTimeUp: () => boolean;
}

async function readLog({ files, logs, of }: CollectDeps, source: string, reading: Reading): Promise<number> {
  const { read, seen, nowMs, isTimeUp } = reading;
  const keeper = new FactKeeper(files, source);
  const place = { stage: of.stage, cell: of.cell, fn: source };
  const known = read[source];
  const isNewDay = known !== undefined && dayOfMs(known) !== dayOfMs(nowMs);
  const from = known === undefined ? nowMs - FIRST_LOOK_MS : known - (isNewDay ? DAILY_OVERLAP_MS : OVERLAP_MS);
  let lines = 0;
  for await (const page of longerPages(logs.pages(source, from, nowMs), place)) {
    const { kept, hours } = await keeper.keep(page);
    lines += kept;
    for (const hour of hours) seen.add(hour);
    // A log's pages come in the order of time: a run that must stop has come as far as its last page.
    read[source] = page.reduce((newest, { atMs }) => Math.max(newest, Math.min(atMs, nowMs)), read[source] ?? 0);
    if (isTimeUp()) return lines;
  }
  read[source] = nowMs;
  return lines;
}

/** Lines of facts as they are found, those of a quiet time together: CloudWatch gives pages of any length, empty ones too. */
async function* longerPages(
  pages: AsyncIterable<readonly FoundLine[]>,
  place: Place,
): AsyncGenerator<readonly FoundLine[]> {
  let quiet: FoundLine[] = [];
  for await (const page of pages) {
    const lines = page.map((line) => factLine(line, place));
    if (quiet.length + lines.length <= MOST_QUIET_LINES && lines.every(({ text }) => isPlatforms(text))) {
      quiet = [...quiet, ...lines];
      continue;
    }
    if (quiet.length > 0) yield quiet;
    quiet = [];
    yield lines;
  }
  if (quiet.length > 0) yield quiet;
}

/** Hours that were seen, with the one before (an invocation's report comes later than its record), and all since the last roll-up. */
async function roll(
  files: CostFiles,
  mark: Mark,
  nowMs: number,
  isTimeUp: () => boolean,
): Promise<{ readonly mark: Mark; readonly isDone: boolean }> {
  const [first] = mark.pending;
  const starts = [
    ...(first === undefined ? [] : [hourOfMs(hourMs(first) - HOUR_MS)]),
    ...(mark.rolled === null ? [] : [hourOfMs(hourMs(mark.rolled) + HOUR_MS)]),
  ].toSorted();
  const [from] = starts;
  const until = hourOfMs(nowMs);
  if (from === undefined || from > until) return { mark: { ...mark, pending: [] }, isDone: true };
  const { until: done, isDone } = await rollHours(files, { from, until, isTimeUp });
  const rest = isDone ? [] : [...new Set([hourOfMs(hourMs(done) + 2 * HOUR_MS), ...mark.pending])].toSorted();
  const rolled = mark.rolled === null || done > mark.rolled ? done : mark.rolled;
  return { mark: { ...mark, pending: rest.filter((hour) => hour > done), rolled }, isDone };
}

/** Once a week storage is counted; what is found are facts of now, for the next run to roll up. */
async function recountWeekly(
  { files, counter, of, tenants, onFailure }: CollectDeps,
  mark: Mark,
  nowMs: number,
  isTimeUp: () => boolean,
): Promise<Mark> {
  const week = mondayOf(nowMs);
  if (mark.rolled === null || (mark.recount?.week === week && mark.recount.isDone)) return mark;
  const done = mark.recount?.week === week ? mark.recount.done : [];
  let result = { done, isDone: false, hours: new Set<string>() as ReadonlySet<string> };
  await tryTo("recount", onFailure, async () => {
    const place = { stage: of.stage, cell: of.cell };
    const onOver = (kind: string): void => onFailure(`storage-over-${kind}`, undefined);
    const ids = (await tenants()).map(({ id }) => id);
    result = await recount(files, counter, {
      week,
      done,
      tenants: ids,
      place,
      nowMs,
      rolled: mark.rolled ?? "",
      isTimeUp,
      onOver,
    });
  });
  const pending = [...new Set([...mark.pending, ...result.hours])].toSorted();
  return { ...mark, pending, recount: { week, done: result.done, isDone: result.isDone } };
}

/** 1970-01-05 was a Monday. */
const MONDAY_MS = 4 * DAY_MS;
const mondayOf = (ms: number): string => dayOfMs(Math.floor((ms - MONDAY_MS) / (7 * DAY_MS)) * 7 * DAY_MS + MONDAY_MS);
