import { describe, expect, it } from "vitest";
import { readFocusBill } from "../../../../core/cost/bill/focus.ts";
import { providerLine } from "../../../../core/cost/bill/provider-line.ts";
import { correctShares, correctStatement } from "../../../../core/cost/correction.ts";
import { decimalOf } from "../../../../core/cost/decimal.ts";
import { invoiceDetails } from "../../../../core/cost/focus/billing.ts";
import { invoicesOfCsv } from "../../../../core/cost/focus/check/check-csv.ts";
import { checkTable } from "../../../../core/cost/focus/check/checker.ts";
import { customerCharges } from "../../../../core/cost/focus/customer-charges.ts";
import { toVersion12 } from "../../../../core/cost/focus/projection.ts";
import { providerCost } from "../../../../core/cost/focus/provider-cost.ts";
import { internalCharge } from "../../../../core/cost/internal.ts";
import type { SplitCharge } from "../../../../core/cost/ledger.ts";
import { formatUsd, total } from "../../../../core/cost/money.ts";
import { periodOfMonth } from "../../../../core/cost/period.ts";
import { PRICE_PLANS } from "../../../../core/cost/plan.ts";
import { estimate } from "../../../../core/cost/rating.ts";
import { invoice, statement } from "../../../../core/cost/statement.ts";
import { csvFile } from "../../../../core/cost/report/csv.ts";
import { focusReport } from "../../../../core/cost/report/reports.ts";
import { newId } from "../../../../core/kernel/ids.ts";
import { account, csvOf, lakeside, MONTH, prices, splitOf, used } from "../clinics.ts";
import { about } from "../report/reports.ts";
import { LAKESIDE, NORTH } from "../usage-facts.ts";

const usage = (lakesideUnits: bigint, northUnits: bigint) => [
  used(LAKESIDE, "dynamodb-wru", lakesideUnits, { part: "data" }),
  used(NORTH, "dynamodb-wru", northUnits, { part: "data" }),
  used(LAKESIDE, "lambda-arm-gb-seconds", 51_200_017n),
];

/** A month's bill of AWS with metered, shared and tagged lines, and an hour of support, as the arithmetic splits them. */
function shares(northUnits: bigint): SplitCharge[] {
  const bill = readFocusBill(
    csvOf([
      {},
      {
        x_ServiceCode: "awswaf",
        x_UsageType: "USE1-WebACLV2",
        ServiceName: "AWS WAF",
        ServiceCategory: "Networking",
        ServiceSubcategory: "Network Security",
        ResourceId: "",
        SkuPriceId: "WAF.1",
        PricingUnit: "Months",
        PricingQuantity: "0.033333333333",
        BilledCost: "0.1666666667",
        EffectiveCost: "0.1666666667",
      },
    ]),
  );
  if (!bill.ok) throw new Error(bill.error.what);
  const support = internalCharge(
    {
      id: newId(Date.UTC(2026, 10, 22)),
      layer: "support",
      tenantId: LAKESIDE,
      day: "2026-11-22",
      quantity: decimalOf("60"),
      unitPrice: decimalOf("1.25"),
      description: "Scanner",
    },
    { tenant: lakeside, issuer: "Keyward", enteredBy: "time-sheet" },
  );
  const origins = [...bill.value.map((line) => providerLine(line, prices)), support];
  return [...splitOf(origins, usage(12_200_000n, northUnits)).lines];
}

describe("what the arithmetic makes is what FOCUS asks for", () => {
  it("COST-1 PROOF-11 a bill, split: no finding in 1.4 and 1.2, and the sum is the bill", () => {
    const lines = shares(7_400_000n);
    const table = providerCost(lines);
    expect(checkTable(table).findings).toEqual([]);
    expect(checkTable(toVersion12(table)).findings).toEqual([]);
    expect(formatUsd(total(lines.map(({ billedCost }) => billedCost)))).toBe("81.416666666700");
  });

  it("COST-1 estimates of this day have no finding", () => {
    const origins = estimate(usage(12_200_001n, 7_399_999n), prices, account);
    const { lines } = splitOf(origins, usage(12_200_001n, 7_399_999n));
    expect(lines.length).toBeGreaterThan(2);
    expect(checkTable(providerCost(lines)).findings).toEqual([]);
  });

  it("COST-1 a late event of a closed month is a Correction of the next, and no finding", () => {
    const closed = shares(7_400_000n).map((line) => ({ ...line, state: "closed" as const }));
    const corrections = correctShares(closed, shares(7_600_000n), "2026-12");
    expect(corrections.length).toBeGreaterThan(0);
    expect(checkTable(providerCost(corrections)).findings).toEqual([]);
  });

  it("COST-6 a statement, its invoice and its later correction have no finding, and agree", async () => {
    const [plan] = PRICE_PLANS;
    if (plan === undefined) throw new Error("a plan is shipped");
    const linesOf = (units: bigint) =>
      statement({
        tenant: lakeside,
        month: MONTH,
        plan,
        activity: [{ tenantId: LAKESIDE, location: null, day: "2026-11-22", meter: "encounters", units }],
        tiers: [{ tier: "pooled", period: periodOfMonth(MONTH) }],
        active: [periodOfMonth(MONTH)],
      }).lines;
    const issued = invoice(linesOf(120n), {
      invoiceId: "K-2026-11-7",
      issuer: "Keyward",
      issuedAt: "2026-12-04T00:00:00Z",
    });
    const details = invoiceDetails(issued.details, { words: "Net 30", days: 30 });
    expect(checkTable(details).findings).toEqual([]);
    const report = focusReport(details, {
      ...about(),
      kind: "invoice-detail",
      title: "Invoices",
      period: periodOfMonth(MONTH),
    });
    const invoices = await invoicesOfCsv([csvFile(report, "focus")]);
    expect(checkTable(customerCharges(issued.lines, "Keyward"), { invoices }).findings).toEqual([]);
    const corrections = correctStatement(issued.lines, linesOf(150n), "2026-12");
    expect(corrections.length).toBeGreaterThan(0);
    expect(checkTable(customerCharges(corrections, "Keyward")).findings).toEqual([]);
  });
});
