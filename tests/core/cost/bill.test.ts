import { describe, expect, it } from "vitest";
import { readCsv } from "../../../core/cost/bill/csv.ts";
import { readCurBill } from "../../../core/cost/bill/cur.ts";
import { readFocusBill } from "../../../core/cost/bill/focus.ts";
import { billTotal, providerLine } from "../../../core/cost/bill/provider-line.ts";
import { formatDecimal, multiply } from "../../../core/cost/decimal.ts";
import { exactPico, formatUsd } from "../../../core/cost/money.ts";
import { csvOf, prices } from "./clinics.ts";

function focus(...rows: Parameters<typeof csvOf>[0]) {
  const read = readFocusBill(csvOf(rows));
  if (!read.ok) throw new Error(`${read.error.row} ${read.error.column ?? ""} ${read.error.what}`);
  return read.value;
}

describe("CSV", () => {
  it("COST-7 reads quotes, line ends within cells and a byte order mark", () => {
    expect(readCsv('\uFEFFa,b\r\n"x ""y"", z","1\n2"\n')).toEqual({
      ok: true,
      value: [
        new Map([
          ["a", 'x "y", z'],
          ["b", "1\n2"],
        ]),
      ],
    });
  });
  it.each([
    ["a row that is short", "a,b\n1\n", 2],
    ["a quote without an end", 'a,b\n"1,2\n', 2],
    ["a quote in the middle", 'a,b\nx"y,2\n', 2],
    ["a column twice", "a,a\n1,2\n", 1],
    ["nothing", "", 1],
  ])("COST-7 %s is a fault of the file, and no row is left out", (_, text, row) => {
    expect(readCsv(text)).toMatchObject({ ok: false, error: { row } });
  });
});

describe("AWS's FOCUS 1.2", () => {
  it("COST-1 a line becomes the ledger's, with our SKU, its layer and its exact list cost", () => {
    const [line] = focus({});
    expect(line).toBeDefined();
    if (line === undefined) return;
    const charge = providerLine(line, prices);
    expect(charge).toMatchObject({
      sku: "dynamodb-wru",
      layer: "data",
      unit: "Requests",
      state: "reconciled",
      billedCost: 6_250_000_000_000n,
      listCost: 6_250_000_000_000n,
      period: { start: "2026-11-22T00:00:00Z", end: "2026-11-23T00:00:00Z" },
      billingMonth: "2026-11",
      tags: { "sst:app": "keyward" },
    });
  });

  it("COST-1 the outbox and the archive's function are the audit layer, a foreign service waits to be named", () => {
    const [outbox, archive, foreign] = focus(
      { ResourceId: "arn:aws:dynamodb:us-east-1:111122223333:table/keyward-dev-c01-outbox" },
      {
        x_ServiceCode: "AWSLambda",
        x_UsageType: "Request-ARM",
        ServiceName: "AWS Lambda",
        ServiceCategory: "Compute",
        ResourceId: "arn:aws:lambda:us-east-1:111122223333:function:keyward-dev-archive",
      },
      {
        x_ServiceCode: "AmazonGuardDuty",
        x_UsageType: "USE1-PaidEventsAnalyzed",
        ServiceName: "Amazon GuardDuty",
        ServiceCategory: "Security",
      },
    ).map((line) => providerLine(line, prices));
    expect(outbox).toMatchObject({ sku: "dynamodb-wru", layer: "audit" });
    expect(archive).toMatchObject({ sku: "lambda-requests", layer: "audit" });
    expect(foreign).toMatchObject({ sku: "aws-amazonguardduty-use1-paideventsanalyzed", layer: "compliance" });
  });

  it("COST-1 price times quantity is list cost exactly, whatever digits AWS writes", () => {
    const [line] = focus({
      x_ServiceCode: "AWSLambda",
      x_UsageType: "Lambda-GB-Second-ARM",
      PricingQuantity: "1234.56789012345",
      BilledCost: "0.0164609876543210987",
    });
    if (line === undefined) throw new Error("a line is read");
    const { listUnitPrice, quantity, listCost, billedCost } = providerLine(line, prices);
    if (listUnitPrice === null || quantity === null) throw new Error("usage has a price and a quantity");
    expect(formatDecimal(quantity)).toBe("1234.57");
    expect(exactPico(multiply(listUnitPrice, quantity))).toBe(listCost);
    expect(formatUsd(billedCost)).toBe("0.016460987654");
  });

  it("COST-1 a free tier shows as list cost without a billed one", () => {
    const [line] = focus({ BilledCost: "0", EffectiveCost: "0", ListCost: "0", ListUnitPrice: "0" });
    if (line === undefined) throw new Error("a line is read");
    expect(providerLine(line, prices)).toMatchObject({ billedCost: 0n, listCost: 6_250_000_000_000n });
  });

  it("COST-1 tax has neither price nor quantity, and the file's own digits are its total", () => {
    const lines = focus(
      {},
      {
        ChargeCategory: "Tax",
        PricingQuantity: "",
        ListUnitPrice: "",
        PricingUnit: "",
        BilledCost: "0.1234567890123456",
        x_UsageType: "",
      },
    );
    const tax = lines.map((line) => providerLine(line, prices)).find(({ category }) => category === "Tax");
    expect(tax).toMatchObject({ quantity: null, listUnitPrice: null, unit: null });
    expect(formatDecimal(billTotal(lines))).toBe("6.3734567890123456");
  });

  it("COST-1 the same lines have the same ids in any order of the file", () => {
    const rows = [{ BilledCost: "1" }, { BilledCost: "2" }, { x_Operation: "Other" }];
    const ids = focus(...rows).map(({ id, billedCost }) => `${id} ${billedCost.unscaled}`);
    expect(new Set(ids).size).toBe(3);
    expect(
      focus(...rows.toReversed())
        .map(({ id, billedCost }) => `${id} ${billedCost.unscaled}`)
        .toSorted(),
    ).toEqual(ids.toSorted());
  });

  it.each([
    ["another currency", { BillingCurrency: "EUR" }, "BillingCurrency"],
    ["an amount with a comma", { BilledCost: "1,000.00" }, "BilledCost"],
    ["no amount", { EffectiveCost: "" }, "EffectiveCost"],
    ["a time of another zone", { ChargePeriodStart: "2026-11-22T00:00:00+01:00" }, "ChargePeriodStart"],
    ["a category of nobody's", { ChargeCategory: "Fun" }, "ChargeCategory"],
    ["tags that are none", { Tags: "[1]" }, "Tags"],
  ])("COST-7 %s is a fault that names row and column", (_, row, column) => {
    expect(readFocusBill(csvOf([{}, row]))).toMatchObject({ ok: false, error: { row: 3, column } });
  });
});

describe("CUR 2.0", () => {
  const base = {
    identity_line_item_id: "abc123",
    bill_payer_account_id: "999900001111",
    bill_billing_period_start_date: "2026-11-01 00:00:00.000",
    bill_invoice_id: "",
    line_item_usage_account_id: "111122223333",
    line_item_line_item_type: "Usage",
    line_item_product_code: "AWSLambda",
    line_item_usage_type: "Lambda-GB-Second-ARM",
    line_item_usage_start_date: "2026-11-22 00:00:00.000",
    line_item_usage_end_date: "2026-11-23 00:00:00.000",
    line_item_usage_amount: "1000.0000000000",
    line_item_unblended_cost: "0.0133334000",
    line_item_blended_cost: "0.0099999",
    line_item_line_item_description: "AWS Lambda - Total Compute (arm)",
    line_item_currency_code: "USD",
    line_item_resource_id: "arn:aws:lambda:us-east-1:111122223333:function:keyward-dev-clinic",
    pricing_public_on_demand_rate: "0.0000133334",
    resource_tags: '{"user_tenant":"x"}',
  };

  it("COST-1 is read to the same line, by unblended cost", () => {
    const read = readCurBill(csvOf([{}, { line_item_line_item_type: "Tax", identity_line_item_id: "t" }], base));
    if (!read.ok) throw new Error(read.error.what);
    const [usage, tax] = read.value.map((line) => providerLine(line, prices));
    expect(usage).toMatchObject({
      sku: "lambda-arm-gb-seconds",
      layer: "runtime",
      billedCost: 13_333_400_000n,
      listCost: 13_333_400_000n,
    });
    expect(tax).toMatchObject({ category: "Tax", quantity: null });
  });

  it("COST-1 a savings plan is refused by name, not misread", () => {
    expect(readCurBill(csvOf([{ line_item_line_item_type: "SavingsPlanCoveredUsage" }], base))).toMatchObject({
      ok: false,
      error: { column: "line_item_line_item_type" },
    });
  });
});
