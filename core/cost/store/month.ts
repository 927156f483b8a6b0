import { invariant } from "../../kernel/invariant.ts";
import { sha256Hex } from "../../audit/layout.ts";
import { ALLOCATION_POLICY } from "../allocation/policy.ts";
import { split } from "../allocation/split.ts";
import type { Roster } from "../allocation/weights.ts";
import { readCurBill } from "../bill/cur.ts";
import { readFocusBill } from "../bill/focus.ts";
import { providerLine } from "../bill/provider-line.ts";
import { internalCharge } from "../internal.ts";
import type { ClinicCharge, InternalCharge, OriginCharge, ProviderCharge } from "../ledger.ts";
import { PLATFORM } from "../meters.ts";
import { type Day, daysOf, type Month, periodOfMonth } from "../period.ts";
import { planOn, PRICE_PLANS, type PricePlan } from "../plan.ts";
import { pickPrices, PRICE_LISTS, type PriceList } from "../prices.ts";
import { type DailyUsage, estimate, type EstimateOf } from "../rating.ts";
import { reconcile, supersede } from "../reconcile.ts";
import { type ActivityRow, statement } from "../statement.ts";
import type { Book, Metering } from "./books.ts";
import type { DayBook } from "./days.ts";
import type { CostFiles } from "./files.ts";
import { type BillInput, type BudgetInput, type Input, type PlanInput, readInputs, standing } from "./inputs.ts";
import { billFileKey, dayKey } from "./keys.ts";
import { readPacked } from "./keep.ts";
import type { MonthRoster } from "./roster.ts";
import type { InternalEntry } from "../internal.ts";

/** Whose books these are. */
export interface BookOf {
  readonly stage: string;
  readonly accountId: string;
  readonly region: string;
  readonly codeVersion: string;
}

/** FOCUS InvoiceIssuerName of what is ours. */
export const ISSUER = "Keyward";

/** All that people put in, read once for all months. */
export interface Inputs {
  readonly entries: readonly Input<InternalEntry>[];
  readonly budgets: readonly Input<BudgetInput>[];
  readonly plans: readonly Input<PlanInput>[];
  readonly bills: readonly Input<BillInput>[];
}

export async function readAllInputs(files: CostFiles): Promise<Inputs> {
  const [entries, budgets, plans, bills] = await Promise.all([
    readInputs(files, "entries"),
    readInputs(files, "budgets"),
    readInputs(files, "plans"),
    readInputs(files, "bills"),
  ]);
  return { entries: standing(entries), budgets: standing(budgets), plans: standing(plans), bills: standing(bills) };
}

/** The month's days, as far as there are any. */
export async function readDays(files: CostFiles, month: Month): Promise<DayBook[]> {
  const read = await Promise.all(daysOf(periodOfMonth(month)).map((day) => readPacked<DayBook>(files, dayKey(day))));
  return read.filter((book) => book !== undefined);
}

/** The list in force when the month begins; where there is none yet, the oldest of the region. A closed month keeps its own. */
function pricesOf(region: string, month: Month, priceListId: string | undefined): PriceList {
  const found =
    priceListId === undefined
      ? (pickPrices(region, `${month}-01`) ?? PRICE_LISTS.find((list) => list.region === region))
      : PRICE_LISTS.find(({ id }) => id === priceListId);
  invariant(found !== undefined, "a stage's region has a price list");
  return found;
}

/** The newest bill of a month, and its lines. Throws for one that cannot be read: a bill in part is no bill. */
async function billOf(
  files: CostFiles,
  month: Month,
  inputs: Inputs,
  prices: PriceList,
): Promise<{ readonly input: BillInput; readonly lines: readonly ProviderCharge[] } | undefined> {
  const newest = inputs.bills
    .filter(({ value }) => value.month === month)
    .toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.value.id < b.value.id ? 1 : -1))[0]?.value;
  if (newest === undefined) return undefined;
  const file = await files.read(billFileKey(month, newest.sha256));
  invariant(file !== undefined && sha256Hex(file.bytes) === newest.sha256, "a bill is the file that was put");
  const text = Buffer.from(file.bytes).toString("utf8");
  const isFocus = /\bBilledCost\b/.test(text.slice(0, text.indexOf("\n")));
  const read = isFocus ? readFocusBill(text) : readCurBill(text);
  invariant(read.ok, "a bill that was put can be read");
  return { input: newest, lines: read.value.map((line) => providerLine(line, prices)) };
}

function entriesOf(month: Month, inputs: Inputs, roster: Roster): InternalCharge[] {
  const tenants = new Map(roster.map(({ tenant }) => [tenant.id, tenant]));
  return inputs.entries
    .filter(({ value }) => value.day.startsWith(month))
    .toSorted((a, b) => (a.value.id < b.value.id ? -1 : 1))
    .flatMap(({ value, by }) => {
      const tenant = value.tenantId === null ? null : tenants.get(value.tenantId);
      // For a clinic that was none in that month: nobody's by its tenant, and so everybody's.
      const of = tenant === undefined ? { ...value, tenantId: null } : value;
      return [internalCharge(of, { tenant: tenant ?? null, issuer: ISSUER, enteredBy: by })];
    });
}

/** What a statement counts, by day. A clinician counts on the first day of the month on which she was active. */
export function activityOf(days: readonly DayBook[], usage: readonly DailyUsage[]): ActivityRow[] {
  const rows: ActivityRow[] = [];
  const row = (tenantId: string, day: Day, meter: ActivityRow["meter"], units: bigint): void => {
    if (units > 0n) rows.push({ tenantId, location: null, day, meter, units });
  };
  const seen = new Set<string>();
  for (const { day, encounters, clinicians } of days.toSorted((a, b) => (a.day < b.day ? -1 : 1))) {
    for (const [tenant, count] of Object.entries(encounters)) row(tenant, day, "encounters", BigInt(count));
    for (const [tenant, who] of Object.entries(clinicians)) {
      const fresh = who.filter((each) => !seen.has(`${tenant}/${each}`));
      for (const each of fresh) seen.add(`${tenant}/${each}`);
      row(tenant, day, "active-clinicians", BigInt(fresh.length));
    }
  }
  for (const { tenant, day, sku, part, units } of usage)
    if (sku === "s3-standard" && part === "att") row(tenant, day, "document-storage", units);
  return rows;
}

/** The plan that a clinic is on in a month: the newest assigned until then, else the newest in force. */
export function planOf(tenantId: string, month: Month, inputs: Pick<Inputs, "plans">): PricePlan | undefined {
  const assigned = inputs.plans
    .filter(({ value }) => value.tenantId === tenantId && value.from <= month)
    .toSorted((a, b) => (a.value.from < b.value.from ? 1 : -1))[0];
  return assigned === undefined ? planOn(`${month}-01`) : PRICE_PLANS.find(({ id }) => id === assigned.value.planId);
}

/** Of every clinic of the roster, and of one that has left and has something to be mended. */
function statementsOf(
  { month, roster: { entries, tiers }, inputs, corrections }: MonthSources,
  activity: readonly ActivityRow[],
): ClinicCharge[] {
  const mended = Map.groupBy(corrections, ({ tenant }) => tenant.id);
  const present = new Set(entries.map(({ tenant }) => tenant.id));
  const left = [...mended.values()].flatMap(([first]) =>
    first === undefined || present.has(first.tenant.id) ? [] : [{ tenant: first.tenant, active: [] }],
  );
  return [...entries, ...left].flatMap(({ tenant, active }) => {
    const plan = planOf(tenant.id, month, inputs);
    if (plan === undefined) return [];
    const of = { tenant, month, plan, activity, tiers: tiers.get(tenant.id) ?? [], active };
    return statement({ ...of, corrections: mended.get(tenant.id) ?? [] }).lines;
  });
}

/** What operators did is the platform's. */
function usageOf(days: readonly DayBook[], operations: ReadonlySet<string>): DailyUsage[] {
  const sums = new Map<string, DailyUsage>();
  for (const row of days.flatMap(({ usage }) => usage)) {
    const tenant = operations.has(row.tenant) ? PLATFORM : row.tenant;
    const key = [row.day, row.stage, row.cell, row.sku, row.part ?? "", tenant].join("\u0000");
    sums.set(key, { ...row, tenant, units: row.units + (sums.get(key)?.units ?? 0n) });
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** What a month is made of, besides its days. */
export interface MonthSources {
  readonly month: Month;
  readonly of: BookOf;
  readonly roster: MonthRoster;
  readonly days: readonly DayBook[];
  readonly inputs: Inputs;
  /** Lines of clinics that mend closed months. */
  readonly corrections: readonly ClinicCharge[];
  readonly asOf: string;
  /** Of a closed month that is made again. */
  readonly priceListId?: string;
}

/** The month from its days, without what mends other months. `madeOf` is the caller's to know. */
export async function makeMonth(files: CostFiles, sources: MonthSources): Promise<Omit<Book, "madeOf">> {
  const { month, of, roster, days, inputs, asOf } = sources;
  const prices = pricesOf(of.region, month, sources.priceListId);
  const usage = usageOf(days, roster.operations);
  const account: EstimateOf = {
    payerAccountId: of.accountId,
    payerAccountName: null,
    usageAccountId: of.accountId,
    usageAccountName: null,
    tags: {},
  };
  const estimated = estimate(usage, prices, account);
  const bill = await billOf(files, month, inputs, prices);
  const merged =
    bill === undefined
      ? { origins: estimated, unbilled: [] }
      : supersede(estimated, bill.lines, bill.input.completeUntil);
  const origins: readonly OriginCharge[] = [...merged.origins, ...entriesOf(month, inputs, roster.entries)];
  const result = split({
    origins,
    usage,
    roster: roster.entries,
    policy: ALLOCATION_POLICY,
    prices,
    stagesOf: new Map([[of.accountId, [of.stage]]]),
  });
  const activity = activityOf(days, usage);
  return {
    schema: "keyward.book/v1",
    month,
    asOf,
    codeVersion: of.codeVersion,
    closedAt: null,
    region: of.region,
    priceListId: prices.id,
    allocationPolicyId: ALLOCATION_POLICY.id,
    bill: bill === undefined ? null : { id: bill.input.id, completeUntil: bill.input.completeUntil },
    roster: roster.entries,
    reconciliation: reconcile(result),
    coverage: result.coverage,
    exceptions: result.exceptions,
    metering: meteringOf(days),
    lines: result.lines,
    unbilled: merged.unbilled,
    clinic: statementsOf(sources, activity),
    usage,
    activity,
  };
}

function meteringOf(days: readonly DayBook[]): Metering {
  const exceptions = new Map(days.flatMap((day) => day.exceptions.map((each) => [each.digest, each] as const)));
  return {
    unreported: days.reduce((sum, day) => sum + day.unreported, 0),
    unclaimed: days.reduce((sum, day) => sum + day.unclaimed, 0),
    exceptions: [...exceptions.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1)),
    drifts: days.flatMap((day) => day.drifts),
  };
}
