import { sha256Hex } from "../../audit/layout.ts";
import { coverageOf, Spreader } from "../allocation/split.ts";
import { pico, total } from "../money.ts";
import type { Day, Month } from "../period.ts";
import type { DailyUsage } from "../rating.ts";
import { reconcile } from "../reconcile.ts";
import { NOBODY, type ShareSum, sumsOfAll } from "../share-sums.ts";
import { ALLOCATION_POLICY } from "../allocation/policy.ts";
import type { BookWriter } from "./book-writer.ts";
import {
  type BookFile,
  type BookHeader,
  type Charges,
  type ClinicBook,
  headerBytes,
  linesOfTotals,
  type TenantSum,
} from "./books.ts";
import type { Corrections } from "./corrections.ts";
import type { DayBook } from "./days.ts";
import { packLines, toJson } from "./exact.ts";
import type { CostFiles } from "./files.ts";
import { MonthFold } from "./fold.ts";
import type { InputDigests } from "./inputs.ts";
import { keep, packJson, plainBytes, readPacked } from "./keep.ts";
import { BOOK, bookFolder, CHARGES, dayKey, partName, pastKey, statementKey, TENANTS, TOTALS } from "./keys.ts";
import {
  dayPart,
  daysWithLines,
  longSkus,
  type MonthFrame,
  type MonthSources,
  openMonth,
  otherParts,
  statementsOf,
  usageOf,
} from "./month.ts";
import { packPart, type MonthContext, type Part } from "./parts.ts";
import { leastFinal, packSums, revenueOf, sumsKey, sumsOf } from "./sums.ts";

/** Digests of a month's days, as the roll-up has them. */
export type DayDigests = Readonly<Record<Day, string>>;

/** Days that late facts still come to each day: those before them are added up once. */
const UNSETTLED_DAYS = 2;

/** What days add up to, and the files of their parts. */
interface Past {
  readonly fold: MonthFold;
  readonly parts: readonly BookFile[];
}

/** A part of a month in its order, with the day's own book where it is a day that was metered. */
interface Walked {
  readonly part: Part;
  readonly isDay: boolean;
}

/** The parts of a month from a day on: each is made, given, and added to the fold before the next is made. */
export async function* walkMonth(
  files: CostFiles,
  frame: MonthFrame,
  fold: MonthFold,
  days: { readonly metered: readonly Day[]; readonly left: readonly Day[] },
): AsyncGenerator<Walked> {
  const metered = new Set(days.metered);
  for (const day of days.left) {
    const book = metered.has(day) ? await readPacked<DayBook>(files, dayKey(day)) : undefined;
    const usage = book === undefined ? [] : usageOf(book, frame.operations);
    const part = dayPart(frame, day, usage, fold.before());
    if (book !== undefined) fold.addDay(book, usage);
    fold.addPart(part, frame.context);
    yield { part, isDay: true };
  }
  for (const part of otherParts(frame, await longUsage(files, frame, days.metered))) {
    fold.addPart(part, frame.context);
    yield { part, isDay: false };
  }
}

/** What all days used of the SKUs that AWS bills in lines longer than a day; asked for where there is such a line alone. */
async function longUsage(files: CostFiles, frame: MonthFrame, metered: readonly Day[]): Promise<readonly DailyUsage[]> {
  const skus = longSkus(frame);
  const usage: DailyUsage[] = [];
  for (const day of skus.size === 0 ? [] : metered) {
    const book = await readPacked<DayBook>(files, dayKey(day));
    if (book !== undefined) usage.push(...usageOf(book, frame.operations).filter(({ sku }) => skus.has(sku)));
  }
  return usage;
}

/** What a fold of all parts knows of its month. */
export const contextOfFold = ({ context }: MonthFrame, fold: MonthFold): MonthContext => ({
  ...context,
  monthly: fold.weights,
  coverage: coverageOf(fold.billed),
});

export interface MakeMonth {
  readonly sources: MonthSources;
  readonly metered: DayDigests;
  readonly today: Day;
  readonly madeOf: string;
  readonly corrections: Corrections;
  readonly inputs: InputDigests;
}

/**
 * Makes a month's book. Days that are over stand as they were added up; the ones that are not, and what they add up to with these,
 * are made again. Parts come before the header that names them, and all else follows from it.
 */
export async function makeMonth(files: CostFiles, writer: BookWriter, make: MakeMonth): Promise<void> {
  const { sources, metered } = make;
  const frame = await openMonth(files, sources);
  const folder = bookFolder(sources.month);
  const known = Object.keys(metered).toSorted();
  const days = daysWithLines(frame, known);
  const froms = digestsOf(days, metered, frame, sources);
  const settled = days.findLastIndex((day) => day < dayBefore(make.today));
  const { fold, parts: held, index: next } = await readPast(files, sources.month, froms.slice(0, settled + 1));
  const parts = [...held];
  for (const part of held) writer.hold(folder, part);
  let at = next;
  for await (const { part, isDay } of walkMonth(files, frame, fold, { metered: known, left: days.slice(next) })) {
    parts.push(await writer.put(folder, partName(part.name), packPart(part), part.origins.length));
    if (isDay && at === settled) await keep(files, pastKey(sources.month), fold.pack(froms[at] ?? "", parts));
    if (isDay) at += 1;
  }
  await writeTotals(writer, frame, fold, { ...make, parts });
}

const dayBefore = (today: Day): Day =>
  new Date(Date.parse(`${today}T00:00:00Z`) - (UNSETTLED_DAYS - 1) * 86_400_000).toISOString().slice(0, 10);

/** Of what each day's sums were made, those of the days before it among it. */
function digestsOf(
  days: readonly Day[],
  metered: DayDigests,
  frame: MonthFrame,
  { month, of, roster }: MonthSources,
): string[] {
  const { bill, prices, operations } = frame;
  const ids = roster.entries.map(({ tenant }) => tenant.id);
  const common = [month, of, ids, [...operations].toSorted(), bill?.input ?? null, prices.id, ALLOCATION_POLICY.id];
  let from = sha256Hex(toJson(common));
  return days.map((day) => (from = sha256Hex(`${from}/${day}/${metered[day] ?? ""}`)));
}

/** The days that were added up and are still what they were. */
async function readPast(
  files: CostFiles,
  month: Month,
  froms: readonly string[],
): Promise<Past & { readonly index: number }> {
  const file = froms.length === 0 ? undefined : await files.read(pastKey(month));
  if (file !== undefined) {
    const { from, fold, parts } = MonthFold.unpack(file.bytes);
    const at = froms.indexOf(from);
    if (at >= 0) return { fold, parts, index: at + 1 };
  }
  return { fold: new MonthFold(month), parts: [], index: 0 };
}

type Totals = MakeMonth & { readonly parts: readonly BookFile[] };

async function writeTotals(writer: BookWriter, frame: MonthFrame, fold: MonthFold, make: Totals): Promise<void> {
  const { sources, corrections, madeOf, inputs } = make;
  const { month, of, roster, asOf } = sources;
  const folder = bookFolder(month);
  const context = contextOfFold(frame, fold);
  fold.spreadPools(new Spreader({ ...context, usage: context.monthly }));
  const own = [...fold.sums.entries(() => null)].flatMap(([, sums]) => sums);
  const reconciliation = reconcile({ lines: sumsOfAll(own), coverage: context.coverage });
  for (const sum of corrections.sums) fold.sums.addShare(sum);

  const named = new Map([
    ...corrections.clinic.map(({ tenant }) => [tenant.id, tenant] as const),
    ...corrections.sums.flatMap(({ tenant }) => (tenant === null ? [] : [[tenant.id, tenant] as const])),
    ...roster.entries.map(({ tenant }) => [tenant.id, tenant] as const),
  ]);
  const totals = [...fold.sums.entries((id) => named.get(id) ?? null)];
  const charges = statementsOf(sources, (id) => fold.activityOf(id)).map(
    ({ of: { plan: _plan, ...rest }, lines }): Charges => ({ id: rest.tenant.id, lines, of: rest }),
  );
  const tenants = tenantSums(totals, charges, { days: fold.days, roster, named });
  const header: BookHeader = {
    schema: "keyward.book/v2",
    month,
    asOf,
    madeOf,
    codeVersion: of.codeVersion,
    closedAt: null,
    stage: of.stage,
    accountId: of.accountId,
    region: of.region,
    priceListId: context.prices.id,
    allocationPolicyId: context.policy.id,
    bill: frame.bill === undefined ? null : { id: frame.bill.input.id, completeUntil: frame.bill.input.completeUntil },
    roster: roster.entries,
    weights: context.monthly,
    reconciliation,
    coverage: context.coverage,
    exceptions: fold.exceptions,
    metering: {
      unreported: fold.unreported,
      unclaimed: fold.unclaimed,
      exceptions: fold.unread,
      drifts: fold.drifts,
    },
    unbilled: fold.unbilled,
    skus: sumsOfAll(totals.flatMap(([, sums]) => sums)),
    revenueState: leastFinal(charges.flatMap(({ lines }) => lines.map(({ state }) => state))),
    mends: corrections.mends,
    parts: [...make.parts, ...corrections.parts],
    files: await writeTables(writer, folder, { totals, charges, tenants }),
    inputs,
  };
  for (const part of corrections.parts) writer.hold(folder, part);
  await writer.put(folder, BOOK, headerBytes(header), 1);
  await writer.put("", sumsKey(month), packSums(sumsOf(header, tenants)), 1);
  await writeStatements(writer, header, charges);
}

export interface Tables {
  readonly totals: readonly (readonly [id: string, sums: readonly ShareSum[]])[];
  readonly charges: readonly Charges[];
  readonly tenants: readonly TenantSum[];
}

/** The tables of a book as its files. */
export const tableFiles = ({ totals, charges, tenants }: Tables) =>
  [
    { name: TENANTS, bytes: packJson(tenants), rows: tenants.length },
    { name: TOTALS, bytes: packLines(linesOfTotals(totals)), rows: totals.length },
    { name: CHARGES, bytes: packLines(linesOfCharges(charges)), rows: charges.length },
  ] as const;

function* linesOfCharges(charges: readonly Charges[]): Generator<string> {
  for (const each of charges) yield toJson(each);
}

async function writeTables(writer: BookWriter, folder: string, tables: Tables): Promise<BookHeader["files"]> {
  const [tenants, totals, charges] = tableFiles(tables);
  return {
    [TENANTS]: await writer.put(folder, tenants.name, tenants.bytes, tenants.rows),
    [TOTALS]: await writer.put(folder, totals.name, totals.bytes, totals.rows),
    [CHARGES]: await writer.put(folder, charges.name, charges.bytes, charges.rows),
  };
}

interface Named {
  readonly days: MonthFold["days"];
  readonly roster: { readonly entries: BookHeader["roster"] };
  readonly named: ReadonlyMap<string, NonNullable<TenantSum["tenant"]>>;
}

/** Every clinic of the roster, and whoever else has a share or a charge. */
function tenantSums(
  totals: Tables["totals"],
  charges: readonly Charges[],
  { days, roster, named }: Named,
): TenantSum[] {
  const costs = new Map(totals);
  const asked = new Map(charges.map(({ id, lines }) => [id, lines]));
  const ids = new Set([NOBODY, ...roster.entries.map(({ tenant }) => tenant.id), ...costs.keys(), ...asked.keys()]);
  return [...ids].toSorted().map((id): TenantSum => {
    const [sums, lines] = [costs.get(id) ?? [], asked.get(id) ?? []];
    return {
      id,
      tenant: named.get(id) ?? null,
      cost: total(sums.map(({ effectiveCost }) => effectiveCost)),
      revenue: revenueOf(lines),
      planId: lines.at(-1)?.planId ?? null,
      costState: leastFinal(sums.map(({ state }) => state)),
      days: [...(days.get(id) ?? [])]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([day, cost]) => [day, pico(cost)] as const),
    };
  });
}

/** A clinic's own file. */
export const statementOf = (
  { month }: Pick<BookHeader, "month">,
  { id, lines, of: { activity } }: Charges,
): ClinicBook => ({
  schema: "keyward.statement/v1",
  tenantId: id,
  month,
  lines,
  activity,
  invoiceId: lines[0]?.invoiceId ?? null,
});

async function writeStatements(writer: BookWriter, header: BookHeader, charges: readonly Charges[]): Promise<void> {
  for (const each of charges)
    if (each.lines.length > 0)
      await writer.putMany(statementKey(each.id, header.month), plainBytes(statementOf(header, each)));
  await writer.settle();
}
