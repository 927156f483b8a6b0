import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closedLines, closeMonth, type CloseInput, CloseTally, monthStatus } from "../../../core/cost/close.ts";
import { correctShares, correctStatement, inForce } from "../../../core/cost/correction.ts";
import type { ClinicCharge, SplitCharge } from "../../../core/cost/ledger.ts";
import { type PicoUsd, pico, total } from "../../../core/cost/money.ts";
import { periodOfMonth } from "../../../core/cost/period.ts";
import { PRICE_PLANS } from "../../../core/cost/plan.ts";
import { estimate } from "../../../core/cost/rating.ts";
import { type ActivityRow, statement } from "../../../core/cost/statement.ts";
import { account, billed, lakeside, MONTH, prices, splitOf, used } from "./clinics.ts";
import { LAKESIDE, NORTH } from "./usage-facts.ts";

const AFTER_GRACE = Date.UTC(2026, 11, 4);

/** Shares of a bill: estimates with the state that AWS's own lines have. */
function shares(lakesideUnits: bigint, northUnits: bigint, billedUnits = lakesideUnits + northUnits): SplitCharge[] {
  const data = { part: "data" };
  const origins = estimate([used(LAKESIDE, "dynamodb-wru", billedUnits, data)], prices, account);
  const metered = [used(LAKESIDE, "dynamodb-wru", lakesideUnits, data), used(NORTH, "dynamodb-wru", northUnits, data)];
  return splitOf(
    origins.map((charge) => ({ ...charge, state: "reconciled" as const })),
    metered,
  ).lines.slice();
}

const activity = (units: bigint): ActivityRow[] => [
  { tenantId: LAKESIDE, location: null, day: "2026-11-22", meter: "encounters", units },
];
const plan = PRICE_PLANS[0];
if (plan === undefined) throw new Error("a plan is shipped");
const statementOf = (units: bigint): readonly ClinicCharge[] =>
  statement({
    tenant: lakeside,
    month: MONTH,
    plan,
    activity: activity(units),
    tiers: [{ tier: "pooled", period: periodOfMonth(MONTH) }],
    active: [periodOfMonth(MONTH)],
  }).lines;

const provider = shares(600n, 300n, 1_000n);
const tally = (lines: readonly SplitCharge[], clinic = statementOf(100n)): CloseTally =>
  new CloseTally(MONTH).addShares(lines).addCharges(clinic);
const input: CloseInput = {
  month: MONTH,
  nowMs: AFTER_GRACE,
  manifest: undefined,
  tally: tally(provider),
  bill: billed(provider),
  files: [
    { name: "provider-cost.csv", sha256: "b".repeat(64), sizeBytes: 10, rows: provider.length },
    { name: "clinic-charges.csv", sha256: "a".repeat(64), sizeBytes: 10, rows: 3 },
  ],
  allocationPolicyId: "keyward-allocation/v1",
  codeVersion: "0123abc",
  previous: null,
};

describe("the month", () => {
  it.each([
    ["2026-11-30T23:59:59Z", "open"],
    ["2026-12-01T00:00:00Z", "grace"],
    ["2026-12-03T23:59:59Z", "grace"],
    ["2026-12-04T00:00:00Z", "due"],
  ])("COST-7 at %s it is %s, and closes from 72 hours after its end", (at, status) => {
    expect(monthStatus(MONTH, Date.parse(at), undefined)).toEqual({
      month: MONTH,
      status,
      closesAt: "2026-12-04T00:00:00Z",
    });
  });

  it("COST-7 closes into a manifest that says what it is of, the same bytes for the same facts", () => {
    const closed = closeMonth(input);
    if (!closed.ok) throw new Error(closed.error.rule);
    const { manifest, text, sha256 } = closed.value;
    expect(manifest).toMatchObject({
      month: MONTH,
      closedAt: "2026-12-04T00:00:00Z",
      totals: {
        bill: "0.000312500000",
        tenants: "0.000281250000",
        unallocated: "0.000031250000",
        charged: "27.000000000000",
      },
      providerRows: 3,
      priceListIds: [prices.id],
      methodIds: ["metered-usage/v1"],
      planIds: ["clinic-standard/v1"],
      allocationPolicyId: "keyward-allocation/v1",
    });
    expect(manifest.files.map(({ name }) => name)).toEqual(["clinic-charges.csv", "provider-cost.csv"]);
    expect(createHash("sha256").update(text).digest("hex")).toBe(sha256);
    const again = closeMonth({ ...input, tally: tally(provider.toReversed()), files: input.files.toReversed() });
    expect(again.ok && again.value.text).toBe(text);
  });

  it("COST-7 refuses before its grace is over, twice, with estimates, with another month's lines, and off the bill", () => {
    const closed = closeMonth(input);
    if (!closed.ok) throw new Error(closed.error.rule);
    const ruleOf = (of: Partial<CloseInput>) => {
      const result = closeMonth({ ...input, ...of });
      return result.ok ? "closed" : result.error;
    };
    expect(ruleOf({ nowMs: AFTER_GRACE - 1 })).toEqual({
      kind: "business-rule",
      rule: "in-grace",
      closesAt: "2026-12-04T00:00:00Z",
    });
    expect(ruleOf({ manifest: closed.value.manifest })).toEqual({ kind: "conflict", rule: "closed" });
    expect(ruleOf({ tally: tally(provider.map((line) => ({ ...line, state: "estimated" as const }))) })).toMatchObject({
      rule: "unreconciled",
      lines: 3,
    });
    const strays = statementOf(1n).map((line) => ({ ...line, billingMonth: "2026-10" }));
    expect(ruleOf({ tally: tally(provider, strays) })).toMatchObject({ rule: "another-month" });
    expect(ruleOf({ bill: pico(input.bill + 1n) })).toMatchObject({ rule: "sum", difference: -1n });
  });
});

describe("what comes after", () => {
  const equal = (a: readonly SplitCharge[], b: readonly SplitCharge[]) => {
    for (const tenant of [LAKESIDE, NORTH, null]) expect(billed(a, tenant)).toBe(billed(b, tenant));
  };

  it("COST-7 is taken back and booked anew in the current month, and closed rows stay as they are", () => {
    const closed = closedLines(provider);
    const truth = shares(600n, 390n, 1_000n);
    const corrections = correctShares(inForce(closed), truth, "2026-12");
    equal([...closed, ...corrections], truth);
    for (const [origin, of] of Map.groupBy(corrections, (line) => line.origin)) {
      expect(origin).toMatchObject({
        chargeClass: "Correction",
        billingMonth: "2026-12",
        correctionOf: provider[0]?.origin.id,
      });
      expect(origin.period).toEqual(provider[0]?.origin.period);
      expect(total(of.map(({ billedCost }) => billedCost))).toBe(origin.billedCost);
      expect(of.reduce((sum, { elements }) => sum + (elements[0]?.ratio.unscaled ?? 0n), 0n)).toBe(10n ** 12n);
    }
  });

  it("COST-7 says nothing where nothing changed, and corrects corrections", () => {
    const closed = closedLines(provider);
    expect(correctShares(inForce(closed), provider, "2026-12")).toEqual([]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 500n }), fc.bigInt({ min: 0n, max: 500n })), { maxLength: 4 }),
        (truths) => {
          let lines: SplitCharge[] = closed;
          for (const [index, [one, other]] of truths.entries()) {
            const truth = shares(one, other, 1_000n);
            const month = `2027-0${index + 1}`;
            lines = [...lines, ...closedLines(correctShares(inForce(lines), truth, month))];
            equal(lines, truth);
          }
          expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("COST-6 a clinic's statement is mended by the difference, up and down", () => {
    const closed = closedLines(statementOf(100n));
    const amountOf = (lines: readonly ClinicCharge[]): PicoUsd =>
      total(lines.filter(({ meter }) => meter === "encounters").map(({ amount }) => amount));
    const more = correctStatement(closed, statementOf(103n), "2026-12");
    expect(more).toMatchObject([
      {
        chargeClass: "Correction",
        billingMonth: "2026-12",
        amount: 240_000_000_000n,
        description: "Correction of 2026-11: Encounters",
      },
    ]);
    const less = correctStatement([...closed, ...more], statementOf(99n), "2027-01");
    expect(amountOf([...closed, ...more, ...less])).toBe(amountOf(statementOf(99n)));
    expect(less[0]?.amount).toBe(-320_000_000_000n);
    expect(less[0]?.correctionOf).toBe(closed.find(({ meter }) => meter === "encounters")?.id);
    expect(correctStatement(closed, statementOf(100n), "2026-12")).toEqual([]);
  });
});
