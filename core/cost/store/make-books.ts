import { sha256Hex } from "../../audit/layout.ts";
import { ALLOCATION_POLICY } from "../allocation/policy.ts";
import { correctShares, correctStatement, inForce } from "../correction.ts";
import type { ClinicCharge, SplitCharge } from "../ledger.ts";
import { NOTHING, type PicoUsd, pico } from "../money.ts";
import { type Day, dayAfter, dayOf, dayOfMs, isMonth, type Month, monthOf, periodOfMonth } from "../period.ts";
import { type Book, type ClinicBook, packBook, readBook, readManifest } from "./books.ts";
import { toJson } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { bookKey, closedMadeKey, CORRECTIONS, dailyKey, madeKey, statementKey } from "./keys.ts";
import { keep, packJson, plainBytes, readPacked, readPlain } from "./keep.ts";
import { type BookOf, type Inputs, makeMonth, type MonthSources, readAllInputs, readDays } from "./month.ts";
import { monthRoster } from "./roster.ts";
import { States } from "./roll.ts";
import { costByDay, packSums, sumsKey, sumsOf } from "./sums.ts";

/** Closed months that are still looked at for what came to light of them: AWS's credits and our own entries come months later. */
const MENDED_MONTHS = 13;

/** Of what a month's book was made; the book is made again where this is another. */
interface Made {
  readonly madeOf: string;
}

/** The same of a closed month, and which months its corrections mend. */
export interface ClosedMade {
  readonly madeOf: string;
  readonly mends: readonly Month[];
}

export interface MakeBooks {
  readonly of: BookOf;
  readonly nowMs: number;
  /** Until when all logs were read; an instant. */
  readonly asOf: string;
  readonly isTimeUp: () => boolean;
}

/**
 * The books of every open month, from its days and from what people put in. What came to light of closed months is booked in the
 * oldest open one. Gives the months whose books are made anew.
 */
export async function makeBooks(files: CostFiles, { of, nowMs, asOf, isTimeUp }: MakeBooks): Promise<Month[]> {
  const months = (await files.list("v1/days/")).map((key) => key.split("/")[2] ?? "").filter(isMonth);
  const known = [...new Set([...months, monthOf(dayOfMs(nowMs))])].toSorted().slice(-MENDED_MONTHS);
  const closed: Month[] = [];
  for (const month of known) if ((await readManifest(files, month)) !== undefined) closed.push(month);
  const open = known.filter((month) => !closed.includes(month));
  const inputs = await readAllInputs(files);
  const states = new States(files);

  const sourcesOf = async (month: Month): Promise<MonthSources & { readonly madeOf: string }> => {
    const end = dayOf(periodOfMonth(month).end);
    const today = dayAfter(dayOfMs(nowMs));
    const roster = await monthRoster(files, month, today < end ? today : end, of.accountId);
    const { days: made } = await states.of(month);
    const { codeVersion: _version, ...place } = of;
    const said = [made, inputsOf(inputs, month), roster.entries, [...roster.tiers], [...roster.operations].toSorted()];
    return {
      month,
      of,
      roster,
      days: [],
      inputs,
      asOf,
      corrections: [],
      madeOf: sha256Hex(toJson([...said, place, ALLOCATION_POLICY.id])),
    };
  };

  const [mending, ...others] = open;
  const remade: Month[] = [];
  if (mending === undefined) return remade;
  const mended = await correctionsOf(files, { closed, month: mending, sourcesOf });
  for (const month of [mending, ...others]) {
    if (remade.length > 0 && isTimeUp()) break;
    const { madeOf: own, ...sources } = await sourcesOf(month);
    const corrections = month === mending ? mended : { lines: [], clinic: [] };
    const madeOf = sha256Hex(toJson([own, of.codeVersion, corrections]));
    if ((await readPlain<Made>(files, madeKey(month)))?.madeOf === madeOf) continue;
    const days = await readDays(files, month);
    const made = await makeMonth(files, { ...sources, days, corrections: corrections.clinic });
    // `madeOf` is what a closed month is held against later: what is corrected in it is no part of its own.
    await writeBook(files, { ...made, madeOf: own, lines: [...made.lines, ...corrections.lines] });
    await keep(files, madeKey(month), plainBytes({ madeOf } satisfies Made));
    remade.push(month);
  }
  return remade;
}

const inputsOf = ({ entries, plans, bills }: Inputs, month: Month): unknown => [
  entries.filter(({ value }) => value.day.startsWith(month)),
  plans.filter(({ value }) => value.from <= month),
  bills.filter(({ value }) => value.month === month),
];

interface Corrections {
  readonly lines: readonly SplitCharge[];
  readonly clinic: readonly ClinicCharge[];
}

interface Correcting {
  readonly closed: readonly Month[];
  /** In which they are booked. */
  readonly month: Month;
  readonly sourcesOf: (month: Month) => Promise<MonthSources & { readonly madeOf: string }>;
}

/** What is known of closed months, against what was closed. Made again only where one of the two is another than last time. */
async function correctionsOf(files: CostFiles, { closed, month, sourcesOf }: Correcting): Promise<Corrections> {
  const now = await Promise.all(
    closed.map(async (each) => {
      const made = await readPlain<ClosedMade>(files, closedMadeKey(each));
      const sources = await sourcesOf(each);
      return { month: each, sources, made, isChanged: made?.madeOf !== sources.madeOf };
    }),
  );
  const mended = new Set(now.flatMap(({ made }) => made?.mends ?? []));
  const asked = now.filter((each) => each.isChanged || mended.has(each.month));
  if (asked.length === 0) return { lines: [], clinic: [] };
  const from = sha256Hex(
    toJson([month, now.map(({ sources, made }) => [sources.month, sources.madeOf, made ?? null])]),
  );
  const known = await readPacked<Corrections & { readonly from: string }>(files, CORRECTIONS);
  if (known?.from === from) return known;
  const lines: SplitCharge[] = [];
  const clinic: ClinicCharge[] = [];
  for (const { month: each, sources } of asked) {
    const book = await readBook(files, each);
    if (book === undefined) continue;
    const { madeOf: _made, ...rest } = sources;
    const days = await readDays(files, each);
    const fresh = await makeMonth(files, { ...rest, days, priceListId: book.priceListId });
    const standing = await standingOf(files, each, closed);
    lines.push(...correctShares(inForce(standing.lines), fresh.lines, month));
    clinic.push(...correctStatement(standing.clinic, fresh.clinic, month));
  }
  await keep(files, CORRECTIONS, packJson({ from, lines, clinic }));
  return { lines, clinic };
}

const mendsLine = ({ origin }: SplitCharge, month: Month): boolean =>
  origin.correctionOf !== null && monthOf(dayOf(origin.period.start)) === month;
const mendsClinic = ({ correctionOf, period }: ClinicCharge, month: Month): boolean =>
  correctionOf !== null && monthOf(dayOf(period.start)) === month;

/** A month's own lines, and what closed months after it have mended of it. */
async function standingOf(files: CostFiles, month: Month, closed: readonly Month[]): Promise<Corrections> {
  const lines: SplitCharge[] = [];
  const clinic: ClinicCharge[] = [];
  for (const each of closed.filter((other) => other >= month)) {
    const book = await readBook(files, each);
    if (book === undefined) continue;
    const isOwn = each === month;
    lines.push(...book.lines.filter((line) => mendsLine(line, month) || (isOwn && line.origin.correctionOf === null)));
    clinic.push(...book.clinic.filter((line) => mendsClinic(line, month) || (isOwn && line.correctionOf === null)));
  }
  return { lines, clinic };
}

/** The months that a book's corrections mend. */
export const mendedBy = ({ lines, clinic }: Pick<Book, "lines" | "clinic">): Month[] =>
  [
    ...new Set([
      ...lines.flatMap(({ origin }) => (origin.correctionOf === null ? [] : [monthOf(dayOf(origin.period.start))])),
      ...clinic.flatMap(({ correctionOf, period }) => (correctionOf === null ? [] : [monthOf(dayOf(period.start))])),
    ]),
  ].toSorted();

async function writeBook(files: CostFiles, book: Book): Promise<void> {
  await keep(files, bookKey(book.month), packBook(book));
  await keep(files, dailyKey(book.month), packJson(dailyOf(book.lines, book.month)));
  await keep(files, sumsKey(book.month), packSums(sumsOf(book)));
  for (const statement of clinicBooks(book))
    await keep(files, statementKey(statement.tenantId, book.month), plainBytes(statement));
}

/** A month's statements, one for each clinic that has one. */
export const clinicBooks = ({ month, asOf, clinic, activity }: Book): ClinicBook[] =>
  [...Map.groupBy(clinic, ({ tenant }) => tenant.id)].map(([tenantId, lines]) => ({
    schema: "keyward.statement/v1",
    tenantId,
    month,
    asOf,
    lines,
    activity: activity.filter((row) => row.tenantId === tenantId),
    invoiceId: lines[0]?.invoiceId ?? null,
  }));

/** Effective cost by day and SKU: of each tenant by its id, of nobody as `~nobody`, of all as `~platform`. */
export type Daily = Readonly<Record<string, Readonly<Record<Day, Readonly<Record<string, PicoUsd>>>>>>;
export const WHOLE = "~platform";
const NOBODY = "~nobody";

function dailyOf(lines: readonly SplitCharge[], month: Month): Daily {
  const sums: Record<string, Record<Day, Record<string, PicoUsd>>> = {};
  for (const line of lines) {
    // What mends another month is no day's of this one.
    if (line.origin.correctionOf !== null) continue;
    for (const [day, cost] of costByDay(line, month))
      for (const subject of [line.tenant?.id ?? NOBODY, WHOLE]) {
        const skus = ((sums[subject] ??= {})[day] ??= {});
        skus[line.origin.sku] = pico((skus[line.origin.sku] ?? NOTHING) + cost);
      }
  }
  return sums;
}
