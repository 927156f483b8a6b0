import { sha256Hex } from "../../audit/layout.ts";
import { correctShares, correctStatement, inForce } from "../correction.ts";
import type { ClinicCharge, SplitCharge } from "../ledger.ts";
import { type Day, dayOf, type Month, monthOf } from "../period.ts";
import { type ShareSum, ShareSums } from "../share-sums.ts";
import { type BookAt, type BookFile, closedFolder, openBook, readCharges, readManifest, sharesIn } from "./books.ts";
import { toJson } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { MonthFold } from "./fold.ts";
import { keep, packJson, readPacked, readPlain } from "./keep.ts";
import { bookFolder, correctionName, CORRECTIONS, MADE, partName } from "./keys.ts";
import { contextOfFold, walkMonth } from "./make-month.ts";
import { daysWithLines, type MonthSources, openMonth, statementsOf } from "./month.ts";
import { packShares, sharesOfPart } from "./parts.ts";

/** Of what a closed month was made, and which months it mends. */
export interface ClosedMade {
  readonly madeOf: string;
  readonly mends: readonly Month[];
}

/** What is booked in the oldest open month of closed ones. Its lines lie in parts beside that month's own. */
export interface Corrections {
  /** Digest of what it was made of. */
  readonly from: string;
  readonly parts: readonly BookFile[];
  readonly mends: readonly Month[];
  readonly sums: readonly ShareSum[];
  readonly clinic: readonly ClinicCharge[];
}

export const NO_CORRECTIONS: Corrections = { from: "none", parts: [], mends: [], sums: [], clinic: [] };

/** A month with the digest of all that its own lines are made of. */
export interface DigestedSources {
  readonly sources: MonthSources;
  readonly metered: Readonly<Record<Day, string>>;
  readonly madeOf: string;
}

export interface Correcting {
  readonly closed: readonly Month[];
  /** In which they are booked. */
  readonly month: Month;
  readonly sourcesOf: (month: Month) => Promise<DigestedSources>;
}

/** What is known of closed months, against what was closed. Made again only where one of the two is another than last time. */
export async function correctionsOf(files: CostFiles, { closed, month, sourcesOf }: Correcting): Promise<Corrections> {
  const now = await Promise.all(
    closed.map(async (each) => {
      const manifest = await readManifest(files, each);
      const made =
        manifest === undefined
          ? undefined
          : await readPlain<ClosedMade>(files, `${closedFolder(manifest.manifest)}${MADE}`);
      const digested = await sourcesOf(each);
      return { month: each, ...digested, made, isChanged: made?.madeOf !== digested.madeOf };
    }),
  );
  const mended = new Set(now.flatMap(({ made }) => made?.mends ?? []));
  const asked = now.filter((each) => each.isChanged || mended.has(each.month));
  if (asked.length === 0) return NO_CORRECTIONS;
  const from = sha256Hex(toJson([month, now.map(({ month: each, madeOf, made }) => [each, madeOf, made ?? null])]));
  const known = await readPacked<Corrections>(files, CORRECTIONS);
  if (known?.from === from) return known;
  const [sums, parts, clinic]: [ShareSums, BookFile[], ClinicCharge[]] = [new ShareSums(), [], []];
  const mends = new Set<Month>();
  const books = await openBooks(files, closed);
  for (const { month: each, sources, metered } of asked) {
    const found = await correctMonth(files, { mended: each, sources, metered, books, month });
    for await (const { name, lines } of found.parts) {
      const bytes = packShares(lines);
      await keep(files, `${bookFolder(month)}${name}`, bytes);
      parts.push({ name, sha256: sha256Hex(bytes), rows: lines.length });
      for (const line of lines) sums.addShare(line);
      mends.add(each);
    }
    clinic.push(...(await found.clinic()));
    if (clinic.length > 0) for (const line of clinic) mends.add(monthOf(dayOf(line.period.start)));
  }
  const tenants = new Map(
    now.flatMap(({ sources }) => sources.roster.entries.map(({ tenant }) => [tenant.id, tenant])),
  );
  const all = [...sums.entries((id) => tenants.get(id) ?? null)].flatMap(([, of]) => of);
  const made = { from, parts, mends: [...mends].toSorted(), sums: all, clinic } satisfies Corrections;
  await keep(files, CORRECTIONS, packJson(made));
  return made;
}

async function openBooks(files: CostFiles, closed: readonly Month[]): Promise<ReadonlyMap<Month, BookAt>> {
  const books = new Map<Month, BookAt>();
  for (const month of closed) {
    const book = await openBook(files, month);
    if (book !== undefined) books.set(month, book);
  }
  return books;
}

interface CorrectMonth {
  readonly mended: Month;
  readonly sources: MonthSources;
  readonly metered: Readonly<Record<Day, string>>;
  readonly books: ReadonlyMap<Month, BookAt>;
  readonly month: Month;
}

interface Found {
  readonly parts: AsyncIterable<{ readonly name: string; readonly lines: readonly SplitCharge[] }>;
  readonly clinic: () => Promise<readonly ClinicCharge[]>;
}

/** A closed month made again, part by part, against what stands of it. */
async function correctMonth(files: CostFiles, of: CorrectMonth): Promise<Found> {
  const { mended, metered, books, month } = of;
  const own = books.get(mended);
  if (own === undefined) return { parts: nothing(), clinic: () => Promise.resolve([]) };
  const sources = { ...of.sources, priceListId: own.header.priceListId };
  const frame = await openMonth(files, sources);
  const days = { metered: Object.keys(metered).toSorted(), left: daysWithLines(frame, Object.keys(metered)) };
  // Once for what the whole month used, and once more for the shares that follow from it.
  const whole = new MonthFold(mended);
  for await (const _walked of walkMonth(files, frame, whole, days));
  const context = contextOfFold(frame, whole);
  const later = [...books].filter(([each]) => each >= mended).map(([, book]) => book);

  async function* parts(book: BookAt): Found["parts"] {
    const left = new Set(namesOf(book, later, mended));
    const correct = async (name: string, fresh: readonly SplitCharge[]) => {
      const standing = inForce(await standingIn(files, { name, mended, book, later }));
      return { name: correctionName(mended, name), lines: correctShares(standing, fresh, month) };
    };
    for await (const { part } of walkMonth(files, frame, new MonthFold(mended), days)) {
      left.delete(part.name);
      yield correct(part.name, sharesOfPart(part, context));
    }
    for (const name of left) yield correct(name, []);
  }
  async function clinic(book: BookAt): Promise<readonly ClinicCharge[]> {
    const standing: ClinicCharge[] = [];
    for (const each of later)
      for await (const { lines } of readCharges(files, each))
        standing.push(...lines.filter((line) => mends(line, mended) || (each === book && line.correctionOf === null)));
    const fresh = statementsOf({ ...sources, corrections: [] }, (id) => whole.activityOf(id)).flatMap(
      ({ lines }) => lines,
    );
    return correctStatement(standing, fresh, month);
  }
  return { parts: withLines(parts(own)), clinic: () => clinic(own) };
}

async function* nothing(): Found["parts"] {}

async function* withLines(parts: Found["parts"]): Found["parts"] {
  for await (const part of parts) if (part.lines.length > 0) yield part;
}

const mends = ({ correctionOf, period }: ClinicCharge, month: Month): boolean =>
  correctionOf !== null && monthOf(dayOf(period.start)) === month;

/** Names of parts that something stands in: of the month itself, and of what was mended of it. */
function namesOf(book: BookAt, later: readonly BookAt[], mended: Month): string[] {
  const [days, corrections] = [partName(""), correctionName(mended, "")].map((name) =>
    name.replace(/\.jsonl\.gz$/, ""),
  );
  const named = (of: BookAt, prefix: string): string[] =>
    of.header.parts.flatMap(({ name }) =>
      name.startsWith(prefix) ? [name.slice(prefix.length).replace(/\.jsonl\.gz$/, "")] : [],
    );
  return [...named(book, days ?? ""), ...later.flatMap((each) => named(each, corrections ?? ""))];
}

interface Standing {
  readonly name: string;
  readonly mended: Month;
  readonly book: BookAt;
  readonly later: readonly BookAt[];
}

/** A part's own lines, and what closed months after it have mended of them. */
async function standingIn(files: CostFiles, { name, mended, book, later }: Standing): Promise<readonly SplitCharge[]> {
  const wanted: (readonly [BookAt, string])[] = [
    [book, partName(name)],
    ...later.map((each) => [each, correctionName(mended, name)] as const),
  ];
  const lines: SplitCharge[] = [];
  for (const [of, wantedName] of wanted) {
    const part = of.header.parts.find((each) => each.name === wantedName);
    if (part !== undefined) lines.push(...(await sharesIn(files, of, part)));
  }
  return lines;
}
