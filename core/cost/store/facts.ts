import { sha256Hex } from "../../audit/layout.ts";
import { DAY_MS, hourOfMs } from "../period.ts";
import { formatFact, type MeterException, type MeteredFact, parseFact } from "../usage.ts";
import { packLines, unpackLines } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { factsKey, factsPrefix } from "./keys.ts";

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

/**
 * Keeps lines of one function's log, by hour, without those that are known: the same line is kept once, however often it is read.
 * Gives how many were new, and every hour that a line was of. Each file is one write, and what it holds is its name: a run that dies leaves whole files.
 */
export class FactKeeper {
  readonly #files: CostFiles;
  readonly #source: string;
  readonly #known = new Map<string, Set<string>>();

  constructor(files: CostFiles, source: string) {
    this.#files = files;
    this.#source = source;
  }

  async keep(found: readonly FoundLine[]): Promise<{ readonly kept: number; readonly hours: readonly string[] }> {
    let kept = 0;
    const hours: string[] = [];
    for (const [hour, lines] of [...Map.groupBy(found.map(read), (each) => each.hour)].toSorted(byHour)) {
      hours.push(hour);
      const known = await this.#linesOf(hour);
      const fresh = [...new Set(lines.map(({ line }) => line))]
        .filter((line) => !known.has(sha256Hex(line)))
        .toSorted();
      if (fresh.length === 0) continue;
      const name = sha256Hex(fresh.join("\n"));
      await this.#files.create(factsKey(hour, this.#source, name), packLines(fresh));
      for (const line of fresh) known.add(sha256Hex(line));
      kept += fresh.length;
    }
    return { kept, hours };
  }

  async #linesOf(hour: string): Promise<Set<string>> {
    const known = this.#known.get(hour);
    if (known !== undefined) return known;
    const held = new Set<string>();
    for await (const line of linesOfHour(this.#files, hour, this.#source)) held.add(sha256Hex(line));
    // A page's lines are of one hour or two: what lies further back is not asked for again.
    if (this.#known.size >= KNOWN_HOURS) this.#known.clear();
    this.#known.set(hour, held);
    return held;
  }
}

const KNOWN_HOURS = 4;
const byHour = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

async function* linesOfHour(files: CostFiles, hour: string, source: string): AsyncGenerator<string> {
  for (const key of await files.list(factsPrefix(hour.slice(0, 7), hour, source))) {
    const file = await files.read(key);
    if (file !== undefined) yield* unpackLines(file.bytes);
  }
}

export interface KeptFacts {
  readonly facts: readonly MeteredFact[];
  readonly exceptions: readonly MeterException[];
}

/** What was kept of an hour from one function's log. */
export async function readKept(files: CostFiles, hour: string, source: string): Promise<KeptFacts> {
  const facts: MeteredFact[] = [];
  const exceptions: MeterException[] = [];
  for await (const line of linesOfHour(files, hour, source)) {
    const parsed = line.startsWith('{"exception"') ? undefined : parseFact(line);
    if (parsed?.ok === true) facts.push(parsed.value);
    else exceptions.push((JSON.parse(line) as KeptException).exception);
  }
  return { facts, exceptions };
}
