import { describe, expect, it } from "vitest";
import { showUsd, total } from "../../../core/cost/money.ts";
import { daysOf, periodOfMonth } from "../../../core/cost/period.ts";
import { dailyUsage, estimate } from "../../../core/cost/rating.ts";
import { costStack } from "../../../core/cost/reconcile.ts";
import type { UsageRow } from "../../../core/cost/roll-up.ts";
import { account, MONTH, prices, splitOf } from "./clinics.ts";
import { LAKESIDE } from "./usage-facts.ts";

/**
 * A small clinic's month: 160,000 requests of 70 ms at 512 MB, 304,000 write and 480,000 read units, 25 GB of documents, 0.6 GB of
 * rows with recovery, 3 GB out, a key of its own. Usage is spread over the month's 30 days and hours; the arithmetic is done anew
 * below, from the numbers of this comment and the published prices, without the ledger's code.
 */
const DAYS = 30n;
const GB = 1n << 30n;
const HOURS = 720n;

const daily: readonly Omit<UsageRow, "tenant" | "stage" | "cell" | "hour">[] = [
  { meter: "invocations", part: "clinic", units: 160_000n },
  { meter: "lambda-mb-ms", part: "clinic", units: 160_000n * 70n * 512n },
  { meter: "api-requests", part: null, units: 160_000n },
  { meter: "write-half-units", part: "data", units: 2n * 144_000n },
  { meter: "write-half-units", part: "outbox", units: 2n * 160_000n },
  { meter: "read-half-units", part: "data", units: 2n * 480_000n },
  { meter: "document-byte-hours", part: "att", units: 25n * GB * HOURS },
  { meter: "data-byte-hours", part: "data", units: (6n * GB * HOURS) / 10n },
  { meter: "backup-byte-hours", part: "data", units: (6n * GB * HOURS) / 10n },
  { meter: "bytes-out", part: null, units: 3n * GB },
  { meter: "log-bytes", part: "clinic", units: 160_000n * 1_000n },
  { meter: "kms-requests", part: null, units: 6_000n },
  { meter: "key-hours", part: null, units: HOURS },
];

const rows: UsageRow[] = daysOf(periodOfMonth(MONTH)).flatMap((day, index) =>
  daily.map((row) => {
    // Whole units only: the last day has what division leaves.
    const each = row.units / DAYS;
    const units = index === 29 ? row.units - each * 29n : each;
    return { ...row, tenant: LAKESIDE, stage: "dev", cell: "c01", hour: `${day}T10`, units };
  }),
);

describe("a small clinic's month", () => {
  const usage = dailyUsage(rows);
  // Free tiers are the account's; a clinic among many is past them.
  const paid = { ...prices, skus: prices.skus.map(({ freeTier: _free, ...sku }) => sku) };
  const lines = splitOf(estimate(usage, paid, account), usage, { prices: paid }).lines;

  it("COST-1 shows the layers, recomputed here in nano-dollars", () => {
    // In nano-dollars, from the published prices alone.
    const expected = {
      runtime: 160_000n * 200n + (160_000n * 70n * 512n * 13_333_400n) / 1_024_000n / 1_000n + 160_000n * 1_000n,
      data: 144_000n * 625n + 480_000n * 125n + 25n * 23_000_000n + (6n * 250_000_000n) / 10n,
      audit: 160_000n * 625n,
      keys: 1_000_000_000n + 6_000n * 3_000n,
      backup: (6n * 200_000_000n) / 10n,
      egress: 3n * 85_000_000n,
      logs: (160_000_000n * 500_000_000n) / GB,
    };
    const stack = costStack(lines, LAKESIDE);
    const nano = (amount: bigint) => (amount + 500n) / 1_000n;
    const found = Object.fromEntries([...stack].map(([layer, cost]) => [layer, nano(cost)]));
    for (const [layer, cost] of Object.entries(expected)) {
      const off = (found[layer] ?? 0n) - cost;
      // A quantity is cut to the places that keep price x quantity exact: half a place on each of thirty days.
      expect(off < 0n ? -off : off, layer).toBeLessThan(2_000n);
    }
    expect(Object.keys(found).toSorted()).toEqual(Object.keys(expected).toSorted());
    expect([...stack].map(([layer, cost]) => `${layer} ${showUsd(cost)}`).toSorted()).toEqual([
      "audit 0.10",
      "backup 0.12",
      "data 0.88",
      "egress 0.26",
      "keys 1.02",
      "logs 0.07",
      "runtime 0.27",
    ]);
  });

  it("COST-1 is 2.71 USD, of which its own key is more than a third, and the sum is the bill's", () => {
    const sum = total(lines.map(({ billedCost }) => billedCost));
    expect(showUsd(sum)).toBe("2.71");
    expect(showUsd(total(estimate(usage, paid, account).map(({ billedCost }) => billedCost)))).toBe("2.71");
    expect(lines.every(({ tenant }) => tenant?.id === LAKESIDE)).toBe(true);
    expect((costStack(lines, LAKESIDE).get("keys") ?? 0n) * 3n).toBeGreaterThan(sum);
  });
});
