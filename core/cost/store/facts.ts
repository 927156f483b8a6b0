import { sha256Hex } from "../../audit/layout.ts";
import { PLATFORM } from "../meters.ts";
import { type Day, DAY_MS, hourOfMs } from "../period.ts";
import { formatFact, type MeterException, type MeteredFact, parseFact } from "../usage.ts";
import { packLines, unpackLines } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { factsKey, factsOfDayPrefix, parseFactsKey } from "./keys.ts";

/** A line as it was found: the time is the log's own. */
export interface FoundLine {
  readonly atMs: number;
  readonly text: string;
}

/** Lines that are no facts are kept as what they are: a digest and where it broke. */
interface KeptException {
  readonly exception: MeterException;
}

/** A fact lies where its time says, and a time that its log line contradicts would have the books made back to 1970. */
const OLDEST_MS = DAY_MS;
const AHEAD_MS = 10 * 60_000;

function read({ atMs, text }: FoundLine): { readonly hour: string; readonly line: string } {
  const parsed = parseFact(text);
  const except = (exception: MeterException) => ({
    hour: hourOfMs(atMs),
    line: JSON.stringify({ exception } satisfies KeptException),
  });
  if (!parsed.ok) return except(parsed.error);
  const { at } = parsed.value;
  if (at < atMs - OLDEST_MS || at > atMs + AHEAD_MS)
    return except({ reason: "unknown-shape", digest: sha256Hex(text), issues: ["at out_of_range"] });
  return { hour: hourOfMs(at), line: formatFact(parsed.value) };
}

/** Names of facts by hour, listed a day at a time. A day's own files are of each of its hours. */
export class FactNames {
  readonly #files: CostFiles;
  readonly #days = new Map<Day, Promise<readonly string[]>>();

  constructor(files: CostFiles) {
    this.#files = files;
  }

  async of(hour: string, source?: string): Promise<readonly string[]> {
    const day = hour.slice(0, 10);
    const listed = this.#days.get(day) ?? this.#files.list(factsOfDayPrefix(day));
    this.#days.set(day, listed);
    // A roll-up asks for a day, the one before it and the one after it.
    if (this.#days.size > KNOWN_DAYS) this.#days.delete([...this.#days.keys()][0] ?? "");
    return (await listed).filter((key) => {
      const of = parseFactsKey(key);
      return (
        of !== undefined && (of.hour === hour || of.hour === day) && (source === undefined || of.source === source)
      );
    });
  }
}

const KNOWN_DAYS = 3;

/**
 * Keeps lines of one function's log, by hour, without those that are known: the same line is kept once, however often it is read.
 * What is the platform's own alone and of many hours is one file of their day. Gives how many were new, and every hour that a line
 * was of. Each file is one write, and what it holds is its name: a run that dies leaves whole files.
 */
export class FactKeeper {
  readonly #files: CostFiles;
  readonly #source: string;
  readonly #names: FactNames;
  readonly #bundles: FactReader;
  readonly #known = new Map<string, Set<string>>();

  constructor(files: CostFiles, source: string, names = new FactNames(files)) {
    this.#files = files;
    this.#source = source;
    this.#names = names;
    this.#bundles = new FactReader(files);
  }

  async keep(found: readonly FoundLine[]): Promise<{ readonly kept: number; readonly hours: readonly string[] }> {
    const fresh = new Map<string, readonly string[]>();
    const byHours = [...Map.groupBy(found.map(read), (each) => each.hour)].toSorted(byHour);
    for (const [hour, lines] of byHours) {
      const known = await this.#linesOf(hour);
      const own = [...new Set(lines.map(({ line }) => line))].filter((line) => !known.has(sha256Hex(line))).toSorted();
      for (const line of own) known.add(sha256Hex(line));
      if (own.length > 0) fresh.set(hour, own);
    }
    const isQuiet = fresh.size >= QUIET_HOURS && [...fresh.values()].every((lines) => lines.every(isPlatforms));
    const files = isQuiet ? Map.groupBy(fresh, ([hour]) => hour.slice(0, 10)) : Map.groupBy(fresh, ([hour]) => hour);
    for (const [when, of] of files) {
      const lines = of.flatMap(([, own]) => own).toSorted();
      await this.#files.create(factsKey(when, this.#source, sha256Hex(lines.join("\n"))), packLines(lines));
    }
    const kept = [...fresh.values()].reduce((sum, lines) => sum + lines.length, 0);
    return { kept, hours: byHours.map(([hour]) => hour) };
  }

  async #linesOf(hour: string): Promise<Set<string>> {
    const known = this.#known.get(hour);
    if (known !== undefined) return known;
    const held = new Set<string>();
    for await (const line of this.#bundles.linesOf(await this.#names.of(hour, this.#source), hour))
      held.add(sha256Hex(line));
    // A page's lines are of one hour or two, or of a quiet day: what lies further back is not asked for again.
    if (this.#known.size >= KNOWN_HOURS) this.#known.delete([...this.#known.keys()][0] ?? "");
    this.#known.set(hour, held);
    return held;
  }
}

const KNOWN_HOURS = 27;
/** Fewer hours than these are files of their own, which no later line of the day makes anybody read again. */
const QUIET_HOURS = 3;
const byHour = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** Whether a line says what the platform did for nobody: its schedules, the meter itself. */
export function isPlatforms(line: string): boolean {
  const parsed = parseFact(line);
  if (!parsed.ok) return false;
  const { value } = parsed;
  if (value.kind === "usage.v1") return value.uses.every(({ tenant }) => tenant === PLATFORM);
  return value.kind === "report.v1";
}

const atOf = (line: string): string | undefined => {
  const parsed = parseFact(line);
  return parsed.ok ? hourOfMs(parsed.value.at) : undefined;
};

/** Reads facts; a day's own files, small as they are, once. */
export class FactReader {
  readonly #files: CostFiles;
  readonly #bundles = new Map<string, ReadonlyMap<string | undefined, readonly string[]>>();

  constructor(files: CostFiles) {
    this.#files = files;
  }

  async *linesOf(names: readonly string[], hour: string): AsyncGenerator<string> {
    for (const key of names) {
      const bundle = this.#bundles.get(key);
      if (bundle !== undefined) yield* bundle.get(hour) ?? [];
      else {
        const file = await this.#files.read(key);
        if (file === undefined) continue;
        if (parseFactsKey(key)?.hour === hour) yield* unpackLines(file.bytes);
        else {
          const byHours = Map.groupBy(unpackLines(file.bytes), atOf);
          this.#bundles.set(key, byHours);
          yield* byHours.get(hour) ?? [];
        }
      }
    }
  }

  /** What was kept of an hour, under these names. */
  async read(names: readonly string[], hour: string): Promise<KeptFacts> {
    const facts: MeteredFact[] = [];
    const exceptions: MeterException[] = [];
    for await (const line of this.linesOf(names, hour)) {
      const parsed = line.startsWith('{"exception"') ? undefined : parseFact(line);
      if (parsed?.ok === true) facts.push(parsed.value);
      else exceptions.push((JSON.parse(line) as KeptException).exception);
    }
    return { facts, exceptions };
  }
}

export interface KeptFacts {
  readonly facts: readonly MeteredFact[];
  readonly exceptions: readonly MeterException[];
}
