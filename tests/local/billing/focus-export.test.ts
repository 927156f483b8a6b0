import { describe, expect, it } from "vitest";
import { readFocusBill } from "../../../core/cost/bill/focus.ts";
import { billTotal, providerLine } from "../../../core/cost/bill/provider-line.ts";
import { compare } from "../../../core/cost/decimal.ts";
import { nearestPico, total } from "../../../core/cost/money.ts";
import { pickPrices, skuOf } from "../../../core/cost/prices.ts";
import { tieredCost } from "../../../core/cost/rating.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import type { BilledRow } from "../../../scripts/local/billing/index.ts";
import { focusExport } from "../../../scripts/local/billing/focus-export.ts";

const found = pickPrices("us-east-1", "2026-11-01");
invariant(found !== undefined, "there is a list of us-east-1");
const prices = found;
const options = { month: "2026-11", prices, payerAccountId: "111122223333", tags: { "sst:stage": "dev" } };

const row = (more: Partial<BilledRow>): BilledRow => ({
  hour: "2026-11-22T08",
  accountId: "111122223333",
  sku: "dynamodb-wru",
  resourceId: "arn:aws:dynamodb:us-east-1:111122223333:table/keyward-dev-c01-data",
  detail: null,
  by: "keyward-dev-clinic",
  cause: "request",
  units: 1n,
  ...more,
});
function read(rows: readonly BilledRow[]) {
  const lines = readFocusBill(focusExport(rows, options));
  invariant(lines.ok, "the export can be read");
  return lines.value;
}

describe("COST-1 the bill as AWS exports it in FOCUS 1.2", () => {
  it("COST-1 names SKU, part and units so that the ledger finds them again", () => {
    const lines = read([
      row({ units: 12_000_000n }),
      row({ units: 8_000_000n, detail: "gsi1", hour: "2026-11-22T23" }),
    ]);
    const charges = lines.map((line) => providerLine(line, prices));
    expect(charges).toHaveLength(1);
    expect(charges[0]).toMatchObject({
      sku: "dynamodb-wru",
      resourceName: "table/keyward-dev-c01-data",
      billedCost: 6_250_000_000_000n,
      listCost: 6_250_000_000_000n,
      quantity: { unscaled: 10_000_000n * 10n ** 3n, scale: 3 },
      period: { start: "2026-11-22T00:00:00Z", end: "2026-11-23T00:00:00Z" },
      tags: { "sst:stage": "dev" },
    });
  });

  it("COST-1 gives a free tier once a month, to all accounts together, and what comes after costs", () => {
    const kms = { sku: "kms-requests", resourceId: null };
    const lines = read([
      row({ ...kms, units: 15_000n, hour: "2026-11-01T00" }),
      row({ ...kms, units: 15_000n, hour: "2026-11-02T00", accountId: "444455556666" }),
      row({ ...kms, units: 10_000n, hour: "2026-11-03T00" }),
    ]);
    expect(
      lines.map(({ usageAccountId, skuPriceId, billedCost }) => [usageAccountId, skuPriceId, nearestPico(billedCost)]),
    ).toEqual([
      ["111122223333", "kms-requests.free", 0n],
      ["444455556666", "kms-requests.free", 0n],
      ["444455556666", "kms-requests.tier-1", 30_000_000_000n],
      ["111122223333", "kms-requests.tier-1", 30_000_000_000n],
    ]);
  });

  it.each([
    ["lambda-arm-gb-seconds", 9_000_000_000n * 1_024_000n],
    ["http-api-requests", 390_000_000n],
    ["dynamodb-storage", (60n << 30n) * 720n],
  ])("COST-1 %s of a month costs what its tiers say, however it is spread over days", (sku, units) => {
    const days = Array.from({ length: 30 }, (_, day) =>
      row({ sku, units: units / 30n, hour: `2026-11-${String(day + 1).padStart(2, "0")}T00` }),
    );
    const lines = read(days);
    const billed = total(lines.map(({ billedCost }) => nearestPico(billedCost)));
    const wanted = tieredCost(skuOf(prices, sku), units, "2026-11");
    const difference = billed > wanted ? billed - wanted : wanted - billed;
    expect(difference).toBeLessThanOrEqual(BigInt(lines.length));
    expect(compare(billTotal(lines), { unscaled: 0n, scale: 0 })).toBe(1);
  });

  it("COST-1 leaves out other months, and what no list has a price for", () => {
    expect(
      read([row({}), row({ hour: "2026-12-01T00" }), row({ sku: "sts-requests", resourceId: null })]),
    ).toHaveLength(1);
  });
});
