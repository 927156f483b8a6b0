import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDecimal } from "../../../core/cost/decimal.ts";
import { formatCents, formatUsd, fromCents, total } from "../../../core/cost/money.ts";
import { type Period, periodOfMonth } from "../../../core/cost/period.ts";
import { planOn, PricePlan, PRICE_PLANS } from "../../../core/cost/plan.ts";
import {
  type ActivityRow,
  explain,
  includedOf,
  invoice,
  statement,
  type StatementInput,
} from "../../../core/cost/statement.ts";
import { lakeside, MONTH } from "./clinics.ts";
import { LAKESIDE, NORTH } from "./usage-facts.ts";

const plan = planOn("2026-11-22");
if (plan === undefined) throw new Error("a plan is in force");
const GB_HOURS = (1n << 30n) * 720n;
const main = { id: "loc-1", name: "Main Street" };
const row = (of: Partial<ActivityRow>): ActivityRow => ({
  tenantId: LAKESIDE,
  location: null,
  day: "2026-11-22",
  meter: "encounters",
  units: 1n,
  ...of,
});
const activity: ActivityRow[] = [
  row({ units: 7n, location: main }),
  row({ units: 5n, location: main, day: "2026-11-23" }),
  row({ units: 30n }),
  row({ units: 99n, day: "2026-12-01" }),
  row({ units: 99n, tenantId: NORTH }),
  row({ meter: "active-clinicians", units: 3n }),
  row({ meter: "document-storage", units: 25n * GB_HOURS + 12_345n }),
];
const month = periodOfMonth(MONTH);
const input: StatementInput = {
  tenant: lakeside,
  month: MONTH,
  plan,
  activity,
  tiers: [{ tier: "own-keys", period: month }],
  active: [month],
};
const lineOf = (of: StatementInput, meter: string, location: string | null = null) =>
  statement(of).lines.find((line) => line.meter === meter && (line.location?.id ?? null) === location);

describe("a clinic's statement", () => {
  it("COST-6 asks for what was used beyond what is included, by location, with the tier", () => {
    const said = statement(input).lines.map(({ meter, location, quantity, amount }) =>
      [meter, location?.name ?? "", quantity === null ? "" : formatDecimal(quantity), formatUsd(amount)].join(" "),
    );
    expect(said).toEqual([
      "platform-fee  1.000000 19.000000000000",
      "active-clinicians  2.000000 18.000000000000",
      "encounters  30.000000 2.400000000000",
      "encounters Main Street 12.000000 0.960000000000",
      "document-storage  20.000000 2.000000000000",
      "tier-own-keys  1.000000 29.000000000000",
    ]);
    expect(formatCents(statement(input).totalCents)).toBe("71.36");
  });

  it("COST-6 says what was used and is included: with what is charged it is all that was counted", () => {
    const included = Object.fromEntries(
      statement(input).lines.map((line) => {
        const free = includedOf(line, activity);
        return [`${line.meter} ${line.location?.name ?? ""}`, free === null ? null : formatDecimal(free)];
      }),
    );
    expect(included).toEqual({
      "platform-fee ": null,
      "active-clinicians ": "1.000000",
      "encounters ": null,
      "encounters Main Street": null,
      "document-storage ": "5.000000",
      "tier-own-keys ": null,
    });
  });

  it("COST-6 each line is the sum of roll-ups that are shown with it, and of no other clinic's or month's", () => {
    const encounters = lineOf(input, "encounters", main.id);
    if (encounters === undefined) throw new Error("a line");
    const rows = explain(encounters, activity);
    expect(rows.map(({ day, units }) => [day, units])).toEqual([
      ["2026-11-22", 7n],
      ["2026-11-23", 5n],
    ]);
    expect(rows.reduce((sum, { units }) => sum + units, 0n)).toBe(12n);
    expect(JSON.stringify(Object.keys(rows[0] ?? {}))).not.toMatch(/patient|encounterId|practitioner/i);
  });

  it("COST-6 a clinic that came in the middle of the month pays for its time", () => {
    const half: Period = { start: "2026-11-16T00:00:00Z", end: month.end };
    const of = { ...input, active: [half], tiers: [{ tier: "own-keys", period: half }] };
    expect(formatUsd(lineOf(of, "platform-fee")?.amount ?? total([]))).toBe("9.500000000000");
    expect(formatUsd(lineOf(of, "tier-own-keys")?.amount ?? total([]))).toBe("14.500000000000");
  });

  it("COST-6 Invariant: lines and rounding sum to whole cents, rounding is at most half a cent, shown cents add up", () => {
    const units = fc.bigInt({ min: 0n, max: 50n * GB_HOURS });
    fc.assert(
      fc.property(units, fc.bigInt({ min: 0n, max: 5_000n }), fc.nat({ max: 2_591_999 }), (bytes, encounters, gone) => {
        const end = new Date(Date.parse(month.end) - gone * 1_000).toISOString().replace(".000Z", "Z");
        const period = { start: month.start, end };
        const made = statement({
          ...input,
          activity: [row({ meter: "document-storage", units: bytes }), row({ units: encounters })],
          active: [period],
          tiers: [{ tier: "own-cell", period }],
        });
        expect(total(made.lines.map(({ amount }) => amount))).toBe(fromCents(made.totalCents));
        const rounding = made.lines.find(({ meter }) => meter === "rounding")?.amount ?? 0n;
        expect(rounding).toBeLessThanOrEqual(5_000_000_000n);
        expect(rounding).toBeGreaterThanOrEqual(-5_000_000_000n);
        expect([...made.shownCents.values()].reduce((sum, each) => sum + each, 0n)).toBe(made.totalCents);
        expect(made.lines.filter(({ category }) => category === "Adjustment").length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  it("COST-6 an invoice's lines carry its ids and sum to it; lines that were never rounded are none", () => {
    const of = { invoiceId: "KW-2026-11-0001", issuer: "Keyward", issuedAt: "2026-12-04T00:00:00Z" };
    const { lines, details } = invoice(statement(input).lines, of);
    expect(
      lines.every(
        ({ invoiceId, invoiceDetailId }) => invoiceId === of.invoiceId && invoiceDetailId === `${of.invoiceId}-1`,
      ),
    ).toBe(true);
    expect(details.map(({ amount }) => formatCents(amount))).toEqual(["71.36"]);
    const odd = statement({
      ...input,
      activity: [row({ meter: "document-storage", units: (1n << 30n) * 12_345n })],
    }).lines;
    expect(() =>
      invoice(
        odd.filter(({ meter }) => meter !== "rounding"),
        of,
      ),
    ).toThrow("whole cents");
  });

  it("COST-6 a plan is dated data: one before its day, a price below zero or finer than its places is refused", () => {
    expect(planOn("2026-10-31")).toBeUndefined();
    const [shipped] = PRICE_PLANS;
    const broken = {
      ...structuredClone(shipped),
      meters: [
        { meter: "encounters", name: "x", unit: "Count", unitPrice: "-1", included: "0", frequency: "Recurring" },
      ],
      tiers: [],
    };
    expect(PricePlan.safeParse(broken).success).toBe(false);
  });
});
