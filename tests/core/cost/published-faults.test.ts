import { describe, expect, it } from "vitest";
import { correctShares, inForce } from "../../../core/cost/correction.ts";
import { closedLines } from "../../../core/cost/close.ts";
import type { SplitCharge } from "../../../core/cost/ledger.ts";
import { apportion, formatUsd, type PicoUsd, pico, total } from "../../../core/cost/money.ts";
import { dailyUsage, estimate } from "../../../core/cost/rating.ts";
import { rollUp } from "../../../core/cost/roll-up.ts";
import type { MeteredFact } from "../../../core/cost/usage.ts";
import { account, billed, prices, splitOf, used } from "./clinics.ts";
import { AT, LAKESIDE, NORTH, report, usage, use } from "./usage-facts.ts";

/**
 * What a published sample of cost per tenant gets wrong, each as it does it, held against the rule that catches it. The rules are
 * those that the ledger's own tests use.
 */

/** Rule: what a tenant pays of a metered SKU is its units at the price that AWS asked. */
const isByPrice = (paid: PicoUsd, units: bigint, picoUsd: bigint): boolean => paid === units * picoUsd;
/** Rule: tenants and unallocated sum to the bill. */
const isWhole = (parts: Iterable<PicoUsd>, bill: PicoUsd): boolean => total(parts) === bill;

const shareOf = (bill: PicoUsd, weights: Readonly<Record<string, bigint>>) =>
  apportion(
    bill,
    Object.entries(weights).map(([id, weight]) => ({ id, weight })),
  ).parts;

const priced = (facts: readonly MeteredFact[]): readonly SplitCharge[] => {
  const metered = dailyUsage(rollUp(facts).rows);
  return splitOf(estimate(metered, prices, account), metered).lines;
};

describe("a published sample's faults", () => {
  const data = { part: "data" };
  const metered = [
    used(LAKESIDE, "dynamodb-rru", 2n * 10_000_000n, data),
    used(NORTH, "dynamodb-wru", 2n * 2_000_000n, data),
  ];

  it("COST-2 weights the wrong way round, five times the reads, are caught: a write costs five reads", () => {
    const { lines } = splitOf(estimate(metered, prices, account), metered);
    expect(isByPrice(billed(lines, LAKESIDE), 10_000_000n, 125_000n)).toBe(true);
    expect(isByPrice(billed(lines, NORTH), 2_000_000n, 625_000n)).toBe(true);

    const inverted = shareOf(billed(lines), { [LAKESIDE]: 10_000_000n * 5n, [NORTH]: 2_000_000n });
    expect(isByPrice(inverted.get(LAKESIDE) ?? pico(0n), 10_000_000n, 125_000n)).toBe(false);
    expect(formatUsd(inverted.get(LAKESIDE) ?? pico(0n)).slice(0, 4)).toBe("2.40");
  });

  it("COST-2 Lambda split by the count of invocations instead of GB-seconds is caught", () => {
    const slow = usage("slow", { memoryMb: 2_048, uses: [use(LAKESIDE)] });
    const quick = usage("quick", { memoryMb: 512, uses: [use(NORTH)] });
    const rows = rollUp([
      slow,
      quick,
      report("slow", { memoryMb: 2_048, billedMs: 900 }),
      report("quick", { billedMs: 20 }),
    ]).rows;
    const time = (tenant: string) =>
      rows.find((row) => row.meter === "lambda-mb-ms" && row.tenant === tenant)?.units ?? 0n;
    expect([time(LAKESIDE), time(NORTH)]).toEqual([2_048n * 900n, 512n * 20n]);

    const bill = pico(1_000_000n);
    const byTime = shareOf(bill, { [LAKESIDE]: time(LAKESIDE), [NORTH]: time(NORTH) });
    const byCount = shareOf(bill, { [LAKESIDE]: 1n, [NORTH]: 1n });
    expect(byTime.get(NORTH)).toBe(5_525n);
    expect(byCount.get(NORTH)).not.toBe(byTime.get(NORTH));
  });

  it("COST-1 a missing remainder row is caught: what nobody metered stays in the sum", () => {
    const origins = estimate([used(LAKESIDE, "dynamodb-wru", 2n * 10_000_000n, data)], prices, account);
    const { lines } = splitOf(origins, [used(LAKESIDE, "dynamodb-wru", 2n * 9_000_000n, data)]);
    const bill = total(origins.map(({ billedCost }) => billedCost));
    expect(
      isWhole(
        lines.map(({ billedCost }) => billedCost),
        bill,
      ),
    ).toBe(true);
    expect(formatUsd(billed(lines, null))).toBe("0.625000000000");

    const withoutRemainder = lines.filter(({ tenant }) => tenant !== null).map(({ billedCost }) => billedCost);
    expect(isWhole(withoutRemainder, bill)).toBe(false);
  });

  it("COST-2 the host's time zone is not asked: a day is UTC's, and another month's usage claims nothing", () => {
    const zone = process.env["TZ"];
    const facts = [
      usage("late", { at: Date.UTC(2026, 10, 30, 23, 59) }),
      usage("next", { at: Date.UTC(2026, 11, 1, 0, 1) }),
    ];
    const days = () => [...new Set(dailyUsage(rollUp(facts).rows).map(({ day }) => day))];
    const hosts = new Set<string>();
    try {
      for (const host of ["America/Los_Angeles", "Asia/Tokyo", "UTC"]) {
        process.env["TZ"] = host;
        expect(days()).toEqual(["2026-11-30", "2026-12-01"]);
        hosts.add(facts.map(({ at }) => new Date(at).getDate()).join());
      }
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
    // The host's own days are three different ones.
    expect(hosts.size).toBe(3);
    // No date filter: a bill of the 22nd split by everything that was ever metered.
    const origins = estimate([used(LAKESIDE, "dynamodb-wru", 100n, data)], prices, account);
    const old = used(NORTH, "dynamodb-wru", 900n, { ...data, day: "2026-10-22" });
    const { lines } = splitOf(origins, [used(LAKESIDE, "dynamodb-wru", 100n, data), old]);
    expect(billed(lines, NORTH)).toBe(0n);
    expect(shareOf(pico(31_250_000n), { [LAKESIDE]: 100n, [NORTH]: 900n }).get(NORTH)).not.toBe(0n);
  });

  it("COST-2 a second run adds nothing and overwrites nothing: the same facts give the same lines with the same ids", () => {
    const facts = [usage("r1"), report("r1"), usage("r2"), report("r2")];
    const say = (lines: readonly SplitCharge[]) => lines.map(({ id, billedCost }) => `${id} ${billedCost}`);
    const first = say(priced(facts));
    expect(say(priced([...facts, ...facts]))).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
    // A run that adds up what it finds has every unit twice.
    const counted = (of: readonly MeteredFact[]) => of.filter(({ kind }) => kind === "usage.v1").length;
    expect(counted([...facts, ...facts])).toBe(2 * counted(facts));
  });

  it("COST-2 an event that comes after the close is not lost and changes no closed row: it is a correction", () => {
    const early = [usage("r1"), report("r1")];
    const late = [usage("r2", { at: AT, uses: [use(NORTH, { writes: { outbox: 2_000_000 } })] }), report("r2")];
    const closed = closedLines(priced(early));
    const before = JSON.stringify(closed, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
    const truth = priced([...early, ...late]);

    const corrections = correctShares(inForce(closed), truth, "2026-12");
    expect(JSON.stringify(closed, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value))).toBe(
      before,
    );
    expect(corrections.length).toBeGreaterThan(0);
    expect(
      corrections.every(({ origin }) => origin.chargeClass === "Correction" && origin.billingMonth === "2026-12"),
    ).toBe(true);
    const all = [...closed, ...corrections];
    expect(billed(all, NORTH)).toBe(billed(truth, NORTH));
    expect(billed(all)).toBe(billed(truth));
    // Dropped, as a run that only looks at its own window drops it, the sum is another.
    expect(billed(closed)).not.toBe(billed(truth));
  });
});
