import { invariant } from "../../kernel/invariant.ts";
import { sha256Hex } from "../../audit/layout.ts";
import { isMetered } from "../allocation/claims.ts";
import { ALLOCATION_POLICY } from "../allocation/policy.ts";
import type { Roster, RosterEntry } from "../allocation/weights.ts";
import { readCurBill } from "../bill/cur.ts";
import { readFocusBill } from "../bill/focus.ts";
import { providerLine } from "../bill/provider-line.ts";
import { internalCharge, type InternalEntry } from "../internal.ts";
import type { ClinicCharge, InternalCharge, OriginCharge, ProviderCharge } from "../ledger.ts";
import { PLATFORM } from "../meters.ts";
import { type Day, dayOf, type Month } from "../period.ts";
import { planOn, PRICE_PLANS, type PricePlan } from "../plan.ts";
import { pickPrices, PRICE_LISTS, type PriceList } from "../prices.ts";
import { type DailyUsage, estimate, type EstimateOf } from "../rating.ts";
import { lastsLongerThanADay, supersede } from "../reconcile.ts";
import { type ActivityRow, statement, type StatementInput } from "../statement.ts";
import type { DayBook } from "./days.ts";
import type { CostFiles } from "./files.ts";
import { type BillInput, type BudgetInput, type Input, type PlanInput, readInputs, standing } from "./inputs.ts";
import { billFileKey } from "./keys.ts";
import { ENTRIES, LONG, type MonthContext, type Part } from "./parts.ts";
import type { MonthRoster } from "./roster.ts";

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

export function entriesOf(month: Month, inputs: Pick<Inputs, "entries">, roster: Roster): InternalCharge[] {
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

/** The plan that a clinic is on in a month: the newest assigned until then, else the newest in force. */
export function planOf(tenantId: string, month: Month, inputs: Pick<Inputs, "plans">): PricePlan | undefined {
  const assigned = inputs.plans
    .filter(({ value }) => value.tenantId === tenantId && value.from <= month)
    .toSorted((a, b) => (a.value.from < b.value.from ? 1 : -1))[0];
  return assigned === undefined ? planOn(`${month}-01`) : PRICE_PLANS.find(({ id }) => id === assigned.value.planId);
}

/** Clinics of the roster, and those that have left and have something to be mended. */
function askedOf({ roster: { entries }, corrections }: MonthSources): readonly RosterEntry[] {
  const present = new Set(entries.map(({ tenant }) => tenant.id));
  const left = new Map(corrections.map(({ tenant }) => [tenant.id, tenant]));
  return [
    ...entries,
    ...[...left.values()].filter(({ id }) => !present.has(id)).map((tenant) => ({ tenant, active: [] })),
  ];
}

/** What a clinic is asked for, and what that is made of. */
export interface Statements {
  readonly of: StatementInput;
  readonly lines: readonly ClinicCharge[];
}

/** Of each clinic that is on a plan, in the order of the roster. */
export function statementsOf(
  sources: MonthSources,
  activityOf: (tenantId: string) => readonly ActivityRow[],
): Statements[] {
  const { month, roster, inputs, corrections } = sources;
  const mended = Map.groupBy(corrections, ({ tenant }) => tenant.id);
  return askedOf(sources).flatMap(({ tenant, active }) => {
    const plan = planOf(tenant.id, month, inputs);
    if (plan === undefined) return [];
    const tiers = roster.tiers.get(tenant.id) ?? [];
    const of = { tenant, month, plan, activity: activityOf(tenant.id), tiers, active };
    const asked: StatementInput = { ...of, corrections: mended.get(tenant.id) ?? [] };
    return [{ of: asked, lines: statement(asked).lines }];
  });
}

/** What operators did is the platform's. */
export function usageOf({ usage }: DayBook, operations: ReadonlySet<string>): DailyUsage[] {
  const sums = new Map<string, DailyUsage>();
  for (const row of usage) {
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
  readonly inputs: Inputs;
  /** Lines of clinics that mend closed months. */
  readonly corrections: readonly ClinicCharge[];
  readonly asOf: string;
  /** Of a closed month that is made again. */
  readonly priceListId?: string;
}

/** What the parts of a month have in common, read once. */
export interface MonthFrame {
  readonly month: Month;
  readonly prices: PriceList;
  readonly context: Omit<MonthContext, "monthly" | "coverage">;
  readonly operations: ReadonlySet<string>;
  readonly bill: { readonly input: BillInput; readonly lines: readonly ProviderCharge[] } | undefined;
  readonly entries: readonly InternalCharge[];
  readonly account: EstimateOf;
}

export async function openMonth(files: CostFiles, sources: MonthSources): Promise<MonthFrame> {
  const { month, of, roster, inputs } = sources;
  const prices = pricesOf(of.region, month, sources.priceListId);
  return {
    month,
    prices,
    context: {
      roster: roster.entries,
      policy: ALLOCATION_POLICY,
      prices,
      stagesOf: new Map([[of.accountId, [of.stage]]]),
    },
    operations: roster.operations,
    bill: await billOf(files, month, inputs, prices),
    entries: entriesOf(month, inputs, roster.entries),
    account: {
      payerAccountId: of.accountId,
      payerAccountName: null,
      usageAccountId: of.accountId,
      usageAccountName: null,
      tags: {},
    },
  };
}

/** Days that have lines: metered, or billed. */
export const daysWithLines = ({ bill }: MonthFrame, metered: readonly Day[]): readonly Day[] =>
  [
    ...new Set([...metered, ...(bill?.lines ?? []).filter((line) => !lastsLongerThanADay(line)).map(startOf)]),
  ].toSorted();

const startOf = ({ period }: ProviderCharge): Day => dayOf(period.start);

/** A day's part. `before` is units by SKU of the month's earlier days. */
export function dayPart(
  frame: MonthFrame,
  day: Day,
  usage: readonly DailyUsage[],
  before: ReadonlyMap<string, bigint>,
): Part {
  const { bill, prices, account } = frame;
  const estimated = estimate(usage, prices, account, before);
  if (bill === undefined) return { name: day, origins: estimated, usage, unbilled: [] };
  // A line that lasts longer has no estimate beside it on any of its days.
  const lines = bill.lines.filter((line) => lastsLongerThanADay(line) || startOf(line) === day);
  const { origins, unbilled } = supersede(estimated, lines, bill.input.completeUntil);
  return { name: day, origins: origins.filter((line) => !lastsLongerThanADay(line)), usage, unbilled };
}

/** The SKUs of lines that last longer than a day and are split by what a meter counts. */
export const longSkus = ({ bill }: MonthFrame): ReadonlySet<string> =>
  new Set((bill?.lines ?? []).filter((line) => lastsLongerThanADay(line) && isMetered(line)).map(({ sku }) => sku));

/** Lines that last longer than a day, and our own, whose days nobody meters. `usage` is that of `longSkus`. */
export function otherParts(frame: MonthFrame, usage: readonly DailyUsage[]): Part[] {
  const { bill, entries } = frame;
  const long: readonly OriginCharge[] =
    bill === undefined ? [] : supersede([], bill.lines, bill.input.completeUntil).origins.filter(lastsLongerThanADay);
  return [
    { name: LONG, origins: long, usage, unbilled: [] },
    { name: ENTRIES, origins: entries, usage: [], unbilled: [] },
  ].filter(({ origins }) => origins.length > 0);
}
