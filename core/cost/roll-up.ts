import { apportion } from "./money.ts";
import { type MeterName, PLATFORM } from "./meters.ts";
import { hourOfMs } from "./period.ts";
import {
  digestOf,
  formatFact,
  type MeterException,
  type MeteredFact,
  parseFact,
  type PlatformReport,
  type TenantUse,
  type UsageRecord,
} from "./usage.ts";

/** Base units of one meter, of one tenant, in one hour. */
export interface UsageRow {
  readonly tenant: string;
  readonly stage: string;
  readonly cell: string;
  /** `2026-11-22T08`, UTC */
  readonly hour: string;
  readonly meter: MeterName;
  /** The table and index, or function; null where there is only one. */
  readonly part: string | null;
  /** In the meter's base unit. */
  readonly units: bigint;
}

export interface RollUp {
  /** In the order of their keys: the same facts give the same rows, byte for byte. */
  readonly rows: readonly UsageRow[];
  readonly exceptions: readonly MeterException[];
  /** Invocations that have a usage record and no report yet: their time is the handler's own. */
  readonly unreported: number;
  /** Invocations that have a report and left no usage record (a crash, a timeout): the platform's. */
  readonly unclaimed: number;
}

export type Hourly = Omit<UsageRow, "units">;

/** Rows added up by what they are of. */
export class UsageTotals {
  readonly #rows = new Map<string, UsageRow>();

  add(of: Hourly, units: bigint): void {
    if (units === 0n) return;
    const key = [of.stage, of.cell, of.hour, of.tenant, of.meter, of.part ?? ""].join("\u0000");
    const { stage, cell, hour, tenant, meter, part } = of;
    this.#rows.set(key, {
      tenant,
      stage,
      cell,
      hour,
      meter,
      part,
      units: units + (this.#rows.get(key)?.units ?? 0n),
    });
  }

  rows(): UsageRow[] {
    return [...this.#rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }
}

/** The counts that are one meter each. */
const COUNTED: readonly (readonly [MeterName, (use: TenantUse) => number])[] = [
  ["api-requests", ({ api }) => api],
  ["kms-requests", ({ kms }) => kms],
  ["kms-asymmetric-requests", ({ kmsAsymmetric }) => kmsAsymmetric],
  ["kms-key-pairs", ({ kmsPairs }) => kmsPairs],
  ["sts-calls", ({ sts }) => sts],
  ["bytes-out", ({ bytesOut }) => bytesOut],
  ["log-bytes", ({ logBytes }) => logBytes],
];

/** The counts by table and index, or by bucket. */
const COUNTED_BY_PART: readonly (readonly [MeterName, (use: TenantUse) => Readonly<Record<string, number>>])[] = [
  ["read-half-units", ({ reads }) => reads],
  ["write-half-units", ({ writes }) => writes],
  ["s3-puts", ({ s3Put }) => s3Put],
  ["s3-gets", ({ s3Get }) => s3Get],
];

/**
 * Who had how much of an invocation's time, by the handler's microseconds for each. What the handler did for nobody in
 * particular is in the tenant `_platform`'s; where nothing was measured at all, everything is.
 */
function byWeight(units: bigint, uses: readonly TenantUse[]): ReadonlyMap<string, bigint> {
  const { parts, unallocated } = apportion(
    units,
    uses.map(({ tenant, us }) => ({ id: tenant, weight: BigInt(us) })),
  );
  if (unallocated === 0n) return parts;
  const [only, ...others] = uses;
  return new Map([[only !== undefined && others.length === 0 ? only.tenant : PLATFORM, unallocated]]);
}

const invocationOf = ({ id, stage, fn }: UsageRecord | PlatformReport): string => `${stage}/${fn}/${id}`;

/** Facts without their repetitions; of two that share a name and differ, the one whose line sorts first, and an exception. */
function distinct<T extends UsageRecord | PlatformReport>(
  facts: readonly T[],
  exceptions: Map<string, MeterException>,
): Map<string, T[]> {
  const named = new Map<string, Map<string, T>>();
  for (const fact of facts) {
    const name = `${invocationOf(fact)}@${fact.at}`;
    named.set(name, (named.get(name) ?? new Map<string, T>()).set(formatFact(fact), fact));
  }
  const byInvocation = new Map<string, T[]>();
  for (const lines of named.values()) {
    const [first, ...others] = [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [line] of others) {
      const digest = digestOf(line);
      exceptions.set(digest, { reason: "conflict", digest, issues: [] });
    }
    if (first === undefined) continue;
    const key = invocationOf(first[1]);
    byInvocation.set(key, [...(byInvocation.get(key) ?? []), first[1]]);
  }
  return byInvocation;
}

/** What Lambda bills for an invocation and what it writes about it, both by who had its time. */
function addReport(totals: UsageTotals, report: PlatformReport, uses: readonly TenantUse[], hour: string): void {
  const { stage, cell, fn, billedMs, initMs, memoryMb, logBytes } = report;
  const memory = BigInt(memoryMb);
  const init = BigInt(Math.min(initMs, billedMs));
  const of = { stage, cell, hour, part: fn };
  totals.add({ ...of, tenant: PLATFORM, meter: "init-mb-ms" }, init * memory);
  for (const [tenant, units] of byWeight((BigInt(billedMs) - init) * memory, uses))
    totals.add({ ...of, tenant, meter: "lambda-mb-ms" }, units);
  for (const [tenant, units] of byWeight(BigInt(logBytes), uses))
    totals.add({ ...of, tenant, meter: "log-bytes" }, units);
}

/** Of tenants in a batch, one has the invocation: it is counted once, and goes to the greatest weight. */
function addInvocation(totals: UsageTotals, of: Omit<Hourly, "tenant" | "meter">, uses: readonly TenantUse[]): void {
  for (const [tenant, units] of byWeight(1n, uses)) totals.add({ ...of, tenant, meter: "invocations" }, units);
}

function addUses(totals: UsageTotals, { stage, cell, fn, at, uses }: UsageRecord): void {
  const of = { stage, cell, hour: hourOfMs(at) };
  for (const use of uses) {
    const { tenant } = use;
    for (const [meter, countOf] of COUNTED)
      totals.add({ ...of, tenant, meter, part: meter === "log-bytes" ? fn : null }, BigInt(countOf(use)));
    for (const [meter, countsOf] of COUNTED_BY_PART)
      for (const [part, units] of Object.entries(countsOf(use)))
        totals.add({ ...of, tenant, meter, part }, BigInt(units));
  }
}

/**
 * Hourly rows of all usage records and reports among `facts`. Invariant: any order and any repetition of the same facts give
 * the same rows. So a late fact is no special case: the hours that it speaks of are rolled up again from all their facts.
 * With `hour` it gives that hour's alone, for which the facts of the hours beside it must be there too: a report is written
 * up to fifteen minutes after its record.
 */
export function rollUp(facts: readonly MeteredFact[], hour?: string): RollUp {
  const isAsked = (at: number): boolean => hour === undefined || hourOfMs(at) === hour;
  const exceptions = new Map<string, MeterException>();
  const usage = distinct(
    facts.filter((fact) => fact.kind === "usage.v1"),
    exceptions,
  );
  const reports = distinct(
    facts.filter((fact) => fact.kind === "report.v1"),
    exceptions,
  );
  const totals = new UsageTotals();
  let [unreported, unclaimed] = [0, 0];

  for (const [invocation, records] of usage) {
    const said = (reports.get(invocation) ?? []).toSorted((a, b) => a.at - b.at);
    // Attempts of one request id happen one after the other: the n-th report is the n-th record's.
    for (const [index, record] of records.toSorted((a, b) => a.at - b.at).entries()) {
      if (!isAsked(record.at)) continue;
      addUses(totals, record);
      addInvocation(totals, { ...record, hour: hourOfMs(record.at), part: record.fn }, record.uses);
      const { id, at, stage, cell, fn, ms, memoryMb } = record;
      const report = said[index];
      if (report === undefined) unreported += 1;
      addReport(
        totals,
        report ?? { kind: "report.v1", id, at, stage, cell, fn, billedMs: ms, memoryMb, initMs: 0, logBytes: 0 },
        record.uses,
        hourOfMs(at),
      );
    }
  }
  for (const [invocation, said] of reports) {
    const claimed = usage.get(invocation)?.length ?? 0;
    for (const report of said.toSorted((a, b) => a.at - b.at).slice(claimed)) {
      if (!isAsked(report.at)) continue;
      unclaimed += 1;
      const nobody: readonly TenantUse[] = [];
      addInvocation(totals, { ...report, hour: hourOfMs(report.at), part: report.fn }, nobody);
      addReport(totals, report, nobody, hourOfMs(report.at));
    }
  }
  return { rows: totals.rows(), exceptions: byDigest(exceptions), unreported, unclaimed };
}

const byDigest = (exceptions: ReadonlyMap<string, MeterException>): MeterException[] =>
  [...exceptions.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));

export interface ReadLines {
  readonly facts: readonly MeteredFact[];
  readonly exceptions: readonly MeterException[];
}

/** Every line is a fact or an exception: none is dropped. The same unreadable line is one exception however often it comes. */
export function readFacts(lines: Iterable<string>): ReadLines {
  const facts: MeteredFact[] = [];
  const exceptions = new Map<string, MeterException>();
  for (const line of lines) {
    const parsed = parseFact(line);
    if (parsed.ok) facts.push(parsed.value);
    else exceptions.set(parsed.error.digest, parsed.error);
  }
  return { facts, exceptions: byDigest(exceptions) };
}
