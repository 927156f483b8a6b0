import { type DailyUsage, dailyUsage } from "../../core/cost/rating.ts";
import type { MeterName } from "../../core/cost/meters.ts";
import {
  type Day,
  dayOfMs,
  daysOf,
  type Month,
  monthAfter,
  monthOfMs,
  periodOfMonth,
  toSecond,
  weekdayOf,
} from "../../core/cost/period.ts";
import type { DayBook } from "../../core/cost/store/days.ts";
import type { CostFiles } from "../../core/cost/store/files.ts";
import { putInput } from "../../core/cost/store/inputs.ts";
import { keep, packJson } from "../../core/cost/store/keep.ts";
import { dayKey } from "../../core/cost/store/keys.ts";
import { makeBooks } from "../../core/cost/store/make-books.ts";
import type { BookOf } from "../../core/cost/store/month.ts";
import { keepRoster, type RosterTenant } from "../../core/cost/store/roster.ts";
import { encodeId } from "../../core/kernel/ids.ts";
import { Random } from "../seed/random.ts";

/**
 * Months that nobody lived: what a meter would have counted, of clinics whose names say that they are made up. From the days on
 * everything is the product's own: prices, shares, statements and books are made as those of real days.
 */
export interface SyntheticClinic {
  readonly id: string;
  readonly name: string;
  readonly tier: RosterTenant["tier"];
  /** Encounters of a full day. */
  readonly encounters: number;
  readonly clinicians: number;
  readonly documentGb: number;
  /** How much work the platform has with one encounter, against what is usual. */
  readonly heaviness: number;
}

const idOf = (number: number): string => encodeId(Uint8Array.from({ length: 16 }, (_, at) => (at === 15 ? number : 1)));

export const SYNTHETIC_CLINICS: readonly SyntheticClinic[] = [
  {
    id: idOf(1),
    name: "Bayview Family Practice (synthetic)",
    tier: "pooled",
    encounters: 24,
    clinicians: 3,
    documentGb: 12,
    heaviness: 1,
  },
  {
    id: idOf(2),
    name: "Granite Peak Pediatrics (synthetic)",
    tier: "own-keys",
    encounters: 60,
    clinicians: 8,
    documentGb: 40,
    heaviness: 1,
  },
  // Hardly a visit, and an interface that asks all day: what it costs is not what it is asked for.
  {
    id: idOf(3),
    name: "Old Mill Radiology (synthetic)",
    tier: "pooled",
    encounters: 3,
    clinicians: 1,
    documentGb: 60,
    heaviness: 2_000,
  },
];

const GB = 1_073_741_824;

/** What the platform does for one encounter, in meters' base units. */
const PER_ENCOUNTER: readonly (readonly [MeterName, string | null, number])[] = [
  ["api-requests", null, 400],
  ["invocations", "clinic", 500],
  ["lambda-mb-ms", "clinic", 500 * 70 * 512],
  ["read-half-units", "data", 6_000],
  ["write-half-units", "data", 1_200],
  ["write-half-units", "outbox", 800],
  ["kms-requests", null, 15],
  ["s3-puts", "archive", 40],
  ["bytes-out", null, 7_500_000],
  ["log-bytes", "clinic", 400_000],
];

/** On weekdays full, on Saturdays a little, on Sundays closed. */
const FULLNESS = [0, 1, 1.1, 1, 1.05, 0.9, 0.2];

function usageOn(clinic: SyntheticClinic, stage: string, day: Day, encounters: number): DailyUsage[] {
  const worked = encounters * clinic.heaviness;
  const rows = [
    ...PER_ENCOUNTER.map(([meter, part, each]) => [meter, part, Math.round(each * worked)] as const),
    ["document-byte-hours", "att", Math.round(clinic.documentGb * GB * 24)] as const,
    ["data-byte-hours", "data", Math.round(clinic.documentGb * GB * 0.6)] as const,
    ...(clinic.tier === "own-keys" ? [["key-hours", null, 24] as const] : []),
  ];
  return dailyUsage(
    rows.map(([meter, part, units]) => ({
      tenant: clinic.id,
      stage,
      cell: "c01",
      hour: `${day}T10`,
      meter,
      part,
      units: BigInt(units),
    })),
  );
}

/** One day of all clinics. The same day is the same whenever it is made. */
export function syntheticDay(clinics: readonly SyntheticClinic[], stage: string, day: Day): DayBook {
  const usage: DailyUsage[] = [];
  const encounters: Record<string, number> = {};
  const clinicians: Record<string, readonly string[]> = {};
  for (const clinic of clinics) {
    const random = new Random(`${clinic.id}.${day}`);
    const fullness = FULLNESS[weekdayOf(day)] ?? 0;
    const count = Math.round(clinic.encounters * fullness * (0.9 + random.next() * 0.2));
    usage.push(...usageOn(clinic, stage, day, count));
    if (count === 0) continue;
    encounters[clinic.id] = count;
    clinicians[clinic.id] = Array.from({ length: clinic.clinicians }, (_, who) => `synthetic-${String(who)}`);
  }
  return { day, usage, encounters, clinicians, drifts: [], unreported: 0, unclaimed: 0, exceptions: [] };
}

export interface CostHistory {
  readonly of: BookOf;
  readonly nowMs: number;
  /** Months before the current one, of which the days until yesterday are made too. */
  readonly months: number;
  readonly clinics?: readonly SyntheticClinic[];
}

const PLAN = "clinic-standard/v1";
const BY = "synthetic-history";

/** Writes days, who was a tenant on them, plans, and the books that are made of them. Days that are there are left as they are. */
export async function writeCostHistory(
  files: CostFiles,
  { of, nowMs, months, clinics = SYNTHETIC_CLINICS }: CostHistory,
): Promise<void> {
  const [first, today] = [monthAfter(monthOfMs(nowMs), -months), dayOfMs(nowMs)];
  const days = daysOf({ start: periodOfMonth(first).start, end: `${today}T00:00:00Z` });
  const createdAtMs = Date.parse(periodOfMonth(first).start);
  const roster = clinics.map(({ id, name, tier }): RosterTenant => ({ id, name, tier, cell: "c01", createdAtMs }));
  for (const day of days) {
    if ((await files.read(dayKey(day))) !== undefined) continue;
    await keep(files, dayKey(day), packJson(syntheticDay(clinics, of.stage, day)));
  }
  if (days[0] !== undefined) await keepRoster(files, days[0], roster);
  for (const { id } of clinics)
    await putInput(files, {
      kind: "plans",
      value: { tenantId: id, from: first satisfies Month, planId: PLAN },
      by: BY,
      at: toSecond(nowMs),
      after: 0,
    });
  await makeBooks(files, { of, nowMs, asOf: `${today}T00:00:00Z`, isTimeUp: () => false });
}
