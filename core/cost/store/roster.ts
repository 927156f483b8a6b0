import * as z from "zod";
import { TierName } from "../../contract/platform.ts";
import { ID_PATTERN } from "../../kernel/ids.ts";
import { invariant } from "../../kernel/invariant.ts";
import type { RosterEntry, Stay } from "../allocation/weights.ts";
import { type Day, daysOf, type Month, msOf, type Period, periodOfDay, periodOfMonth, toSecond } from "../period.ts";
import type { CostFiles } from "./files.ts";
import { keep, plainBytes } from "./keep.ts";
import { rosterKey, ROSTERS } from "./keys.ts";

/** A clinic as the registry had it on a day: what a month's books name it by, and how long it was one in which tier. */
export const RosterTenant = z.strictObject({
  id: z.string().regex(ID_PATTERN),
  name: z.string(),
  tier: TierName,
  cell: z.string(),
  createdAtMs: z.int(),
  /** The platform's own: no clinic, and what it uses is the platform's. */
  isOperations: z.literal(true).optional(),
});
export type RosterTenant = z.infer<typeof RosterTenant>;
const Snapshot = z.strictObject({ schema: z.literal("keyward.roster/v1"), tenants: z.array(RosterTenant) });

/** Keeps who is a tenant today, where that is another than the day before. */
export async function keepRoster(files: CostFiles, day: Day, tenants: readonly RosterTenant[]): Promise<void> {
  const bytes = plainBytes({
    schema: "keyward.roster/v1",
    tenants: tenants.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  } satisfies z.infer<typeof Snapshot>);
  const newest = (await files.list(ROSTERS)).findLast((key) => key <= rosterKey(day));
  const standing = newest === undefined ? undefined : await files.read(newest);
  if (standing !== undefined && Buffer.compare(standing.bytes, bytes) === 0) return;
  await keep(files, rosterKey(day), bytes);
}

export interface MonthRoster {
  readonly entries: readonly RosterEntry[];
  /** By tenant: times in each tier. */
  readonly tiers: ReadonlyMap<string, readonly { readonly tier: string; readonly period: Period }[]>;
  /** Tenants that are the platform's own. */
  readonly operations: ReadonlySet<string>;
}

/**
 * Who was a tenant in a month up to `until` (a day, exclusive). A day without a snapshot, on which the meter did not run, is as the
 * last one before it; before the first snapshot, as the first, from each tenant's own beginning.
 */
export async function monthRoster(files: CostFiles, month: Month, until: Day, accountId: string): Promise<MonthRoster> {
  const known = (await files.list(ROSTERS)).map((key) => key.slice(ROSTERS.length).replace(/\.json$/, ""));
  const read = new Map<Day, readonly RosterTenant[]>();
  const snapshotOf = async (day: Day): Promise<readonly RosterTenant[]> => {
    const at = known.findLast((each) => each <= day) ?? known[0];
    if (at === undefined) return [];
    const held = read.get(at) ?? (await readSnapshot(files, at));
    read.set(at, held);
    return held;
  };
  const newest = new Map<string, RosterTenant>();
  const operations = new Set<string>();
  const days = new Map<string, { readonly tier: string; readonly period: Period }[]>();
  for (const day of daysOf(periodOfMonth(month)).filter((each) => each < until))
    for (const tenant of await snapshotOf(day)) {
      const period = within(periodOfDay(day), tenant.createdAtMs);
      if (tenant.isOperations === true) operations.add(tenant.id);
      if (period === undefined || tenant.isOperations === true) continue;
      newest.set(tenant.id, tenant);
      days.set(tenant.id, [...(days.get(tenant.id) ?? []), { tier: tenant.tier, period }]);
    }
  const ordered = [...newest.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    entries: ordered.map(({ id, name, tier, cell }) => ({
      tenant: { id, name, tier, cell },
      active: joined(days.get(id) ?? []).map(({ period }): Stay => ({ ...period, accountId })),
    })),
    operations,
    tiers: new Map(ordered.map(({ id }) => [id, joined(days.get(id) ?? [], ({ tier }) => tier)])),
  };
}

async function readSnapshot(files: CostFiles, day: Day): Promise<readonly RosterTenant[]> {
  const file = await files.read(rosterKey(day));
  invariant(file !== undefined, "a roster that is listed is there");
  return Snapshot.parse(JSON.parse(Buffer.from(file.bytes).toString("utf8"))).tenants;
}

function within({ start, end }: Period, createdAtMs: number): Period | undefined {
  if (createdAtMs >= msOf(end)) return undefined;
  return { start: toSecond(Math.max(msOf(start), createdAtMs)), end };
}

/** Days that follow each other, and say the same, as one time. */
function joined<T extends { readonly period: Period }>(days: readonly T[], sayOf: (day: T) => string = () => ""): T[] {
  const times: T[] = [];
  for (const day of days) {
    const last = times.at(-1);
    if (last !== undefined && last.period.end === day.period.start && sayOf(last) === sayOf(day))
      times[times.length - 1] = { ...last, period: { start: last.period.start, end: day.period.end } };
    else times.push(day);
  }
  return times;
}
