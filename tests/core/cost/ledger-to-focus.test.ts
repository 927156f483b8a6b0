import { describe, expect, it } from "vitest";
import { readFocusBill } from "../../../core/cost/bill/focus.ts";
import { providerLine } from "../../../core/cost/bill/provider-line.ts";
import { closedLines } from "../../../core/cost/close.ts";
import { correctShares, correctStatement, inForce } from "../../../core/cost/correction.ts";
import { checkTable } from "../../../core/cost/focus/check/checker.ts";
import { customerCharges } from "../../../core/cost/focus/customer-charges.ts";
import { providerCost } from "../../../core/cost/focus/provider-cost.ts";
import { InternalEntry, internalCharge } from "../../../core/cost/internal.ts";
import type { SplitCharge } from "../../../core/cost/ledger.ts";
import { periodOfMonth } from "../../../core/cost/period.ts";
import { planOn } from "../../../core/cost/plan.ts";
import { dailyUsage, estimate } from "../../../core/cost/rating.ts";
import { rollUp } from "../../../core/cost/roll-up.ts";
import { type ActivityRow, invoice, statement } from "../../../core/cost/statement.ts";
import { account, csvOf, lakeside, MONTH, prices, splitOf, used } from "./clinics.ts";
import { LAKESIDE, NORTH, report, usage, use } from "./usage-facts.ts";

/** A month of everything: metered requests, a bill of AWS's with tax and a foreign service, our own rows, a key of one's own. */
function month(late: boolean): SplitCharge[] {
  const facts = [
    usage("r1", {
      uses: [use(LAKESIDE, { api: 1, reads: { data: 3 }, writes: { outbox: 2 }, kms: 25_000, bytesOut: 10 ** 12 })],
    }),
    report("r1", { billedMs: 800_000_000, initMs: 200 }),
    usage("r2", { uses: [use(NORTH, { api: 2, writes: { data: late ? 24 : 20 }, s3Put: { att: 3 } })] }),
    report("r2"),
  ];
  const metered = [...dailyUsage(rollUp(facts).rows), used(NORTH, "kms-keys", 24n), used("_platform", "kms-keys", 24n)];
  const bill = readFocusBill(
    csvOf([
      { PricingQuantity: "11", BilledCost: "0.000006875", EffectiveCost: "0.000006875" },
      {
        ChargeCategory: "Tax",
        PricingQuantity: "",
        ListUnitPrice: "",
        PricingUnit: "",
        BilledCost: "0.07",
        EffectiveCost: "0.07",
        ListCost: "0.07",
        x_UsageType: "",
        SkuPriceId: "",
      },
      {
        ChargeCategory: "Credit",
        PricingQuantity: "",
        ListUnitPrice: "",
        PricingUnit: "",
        BilledCost: "-0.05",
        EffectiveCost: "-0.05",
        ListCost: "-0.05",
        x_UsageType: "",
        SkuPriceId: "",
        ChargeFrequency: "One-Time",
      },
    ]),
  );
  if (!bill.ok) throw new Error(bill.error.what);
  const entry = InternalEntry.parse({
    id: "01hzzzzzzzzzzzzzzzzzzzzzz7",
    layer: "support",
    tenantId: null,
    day: "2026-11-22",
    quantity: "30",
    unitPrice: "0.75",
    description: "On call",
  });
  const estimated = estimate(metered, prices, account).filter(({ sku }) => sku !== "dynamodb-wru");
  const origins = [
    ...estimated.map((charge) => ({ ...charge, state: "reconciled" as const })),
    ...bill.value.map((line) => providerLine(line, prices)),
    internalCharge(entry, { tenant: null, issuer: "Keyward", enteredBy: "finance" }),
  ];
  return splitOf(origins, metered).lines.slice();
}

const findings = (table: Parameters<typeof checkTable>[0]): string[] =>
  checkTable(table).findings.map((finding) => JSON.stringify(finding));

describe("the ledger in FOCUS", () => {
  it("PROOF-11 a month with tax, credit, free tiers, platform work and our own rows has no finding", () => {
    const lines = month(false);
    expect(new Set(lines.map(({ allocation }) => allocation))).toEqual(new Set(["Direct", "Shared", "Unallocated"]));
    expect(findings(providerCost(lines))).toEqual([]);
  });

  it("PROOF-11 nor have its corrections", () => {
    const corrections = correctShares(inForce(closedLines(month(false))), month(true), "2026-12");
    expect(corrections.length).toBeGreaterThan(0);
    expect(findings(providerCost(corrections))).toEqual([]);
  });

  it("COST-6 nor has a clinic's invoice, nor what mends it", () => {
    const plan = planOn("2026-11-22");
    if (plan === undefined) throw new Error("a plan is in force");
    const rows = (units: bigint): ActivityRow[] => [
      { tenantId: LAKESIDE, location: null, day: "2026-11-22", meter: "encounters", units },
      {
        tenantId: LAKESIDE,
        location: null,
        day: "2026-11-22",
        meter: "document-storage",
        units: (1n << 30n) * 12_345n,
      },
    ];
    const whole = periodOfMonth(MONTH);
    const of = (units: bigint) =>
      statement({
        tenant: lakeside,
        month: MONTH,
        plan,
        activity: rows(units),
        tiers: [{ tier: "own-keys", period: whole }],
        active: [whole],
      }).lines;
    const issued = invoice(of(40n), {
      invoiceId: "KW-2026-11-0001",
      issuer: "Keyward",
      issuedAt: "2026-12-04T00:00:00Z",
    });
    expect(findings(customerCharges(closedLines(issued.lines), "Keyward"))).toEqual([]);
    expect(
      findings(customerCharges(correctStatement(closedLines(issued.lines), of(44n), "2026-12"), "Keyward")),
    ).toEqual([]);
  });
});
