import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFocusBill } from "../../../core/cost/bill/focus.ts";
import { providerLine } from "../../../core/cost/bill/provider-line.ts";
import { formatDecimal, multiply } from "../../../core/cost/decimal.ts";
import { InternalEntry, internalCharge } from "../../../core/cost/internal.ts";
import type { ProviderCharge, SplitCharge } from "../../../core/cost/ledger.ts";
import { exactPico, formatUsd, total } from "../../../core/cost/money.ts";
import { periodOfMonth } from "../../../core/cost/period.ts";
import { estimate } from "../../../core/cost/rating.ts";
import { costStack, reconcile, supersede } from "../../../core/cost/reconcile.ts";
import { account, billed, csvOf, lakeside, MONTH, north, prices, roster, splitOf, stay, used } from "./clinics.ts";
import { LAKESIDE, NORTH } from "./usage-facts.ts";

function bill(...rows: Parameters<typeof csvOf>[0]): ProviderCharge[] {
  const read = readFocusBill(csvOf(rows));
  if (!read.ok) throw new Error(read.error.what);
  return read.value.map((line) => providerLine(line, prices));
}
const WAF = {
  x_ServiceCode: "awswaf",
  x_UsageType: "USE1-WebACLV2",
  ServiceName: "AWS WAF",
  ServiceCategory: "Networking",
  ResourceId: "",
  PricingQuantity: "0.033333333333",
  BilledCost: "0.1666666667",
};
const inData = { part: "data" };
const writes = (lakesideUnits: bigint, northUnits: bigint) => [
  used(LAKESIDE, "dynamodb-wru", 2n * lakesideUnits, inData),
  used(NORTH, "dynamodb-wru", 2n * northUnits, inData),
];

/** What FOCUS asks of shares: sums to the origin, ratios to 1, price times quantity. */
function expectWhole(lines: readonly SplitCharge[]): void {
  for (const [origin, of] of Map.groupBy(lines, (line) => line.origin)) {
    expect(total(of.map(({ billedCost }) => billedCost))).toBe(origin.billedCost);
    expect(total(of.map(({ effectiveCost }) => effectiveCost))).toBe(origin.effectiveCost);
    expect(total(of.map(({ listCost }) => listCost))).toBe(origin.listCost);
    expect(of.reduce((sum, { elements }) => sum + (elements[0]?.ratio.unscaled ?? 0n), 0n)).toBe(10n ** 12n);
    expect(new Set(of.map(({ id }) => id)).size).toBe(of.length);
    for (const { quantity, listCost } of of)
      if (quantity !== null && origin.listUnitPrice !== null)
        expect(exactPico(multiply(origin.listUnitPrice, quantity))).toBe(listCost);
    if (origin.quantity !== null)
      expect(of.reduce((sum, { quantity }) => sum + (quantity?.unscaled ?? 0n), 0n)).toBe(origin.quantity.unscaled);
  }
}

describe("a metered line", () => {
  it("COST-1 goes by metered units, and what nobody metered is visible", () => {
    const result = splitOf(bill({}), writes(6_100_000n, 3_700_000n));
    expectWhole(result.lines);
    expect(
      result.lines.map(({ tenant, allocation, billedCost, elements }) => [
        tenant?.name ?? null,
        allocation,
        formatUsd(billedCost),
        formatDecimal(elements[0]?.ratio ?? { unscaled: 0n, scale: 0 }),
      ]),
    ).toEqual([
      ["Lakeside Family Clinic", "Direct", "3.812500000000", "0.610000000000"],
      ["North Pediatrics", "Direct", "2.312500000000", "0.370000000000"],
      [null, "Unallocated", "0.125000000000", "0.020000000000"],
    ]);
    const { rows, unallocatedRatio } = reconcile(result);
    expect(rows[0]).toMatchObject({ sku: "dynamodb-wru", coverage: { unscaled: 980_000n, scale: 6 }, verdict: "met" });
    expect(formatDecimal(unallocatedRatio ?? { unscaled: 0n, scale: 0 })).toBe("0.020000");
  });

  it("COST-1 a tier or free tier of AWS's is everybody's: the effective rate is the group's", () => {
    const result = splitOf(
      bill(
        { PricingQuantity: "4000000", BilledCost: "0", EffectiveCost: "0" },
        { PricingQuantity: "6000000", BilledCost: "3.75", EffectiveCost: "3.75" },
      ),
      writes(6_100_000n, 3_900_000n),
    );
    expectWhole(result.lines);
    expect(result.exceptions).toEqual([]);
    expect(formatUsd(billed(result.lines, LAKESIDE))).toBe("2.287500000000");
    expect(formatDecimal(reconcile(result).rows[0]?.effectiveRate ?? { unscaled: 0n, scale: 0 })).toBe(
      "0.0000003750000000",
    );
  });

  it("COST-1 over-metering is an exception, and its ratios are capped to the bill", () => {
    const result = splitOf(bill({}), writes(8_000_000n, 4_000_000n));
    expectWhole(result.lines);
    expect(result.exceptions).toMatchObject([
      { kind: "over-metered", billedUnits: 20_000_000n, meteredUnits: 24_000_000n },
    ]);
    expect(billed(result.lines, null)).toBe(0n);
    expect(reconcile(result).rows[0]).toMatchObject({ verdict: "over" });
  });

  it("COST-2 the platform's own work is spread by requests, and is nobody's where there were none", () => {
    const own = used("_platform", "dynamodb-wru", 2_000_000n, inData);
    const requests = [used(LAKESIDE, "http-api-requests", 300n), used(NORTH, "http-api-requests", 100n)];
    const spread = splitOf(bill({}), [...writes(5_000_000n, 4_000_000n), own, ...requests]);
    expectWhole(spread.lines);
    expect(
      spread.lines
        .filter(({ allocation }) => allocation === "Shared")
        .map(({ tenant, billedCost, method }) => [tenant?.id, formatUsd(billedCost), method]),
    ).toEqual([
      [LAKESIDE, "0.468750000000", "shared-by-requests/v1"],
      [NORTH, "0.156250000000", "shared-by-requests/v1"],
    ]);
    const quiet = splitOf(bill({}), [...writes(5_000_000n, 4_000_000n), own]);
    expectWhole(quiet.lines);
    expect(formatUsd(billed(quiet.lines, null))).toBe("0.625000000000");
  });

  it("COST-2 usage of one table, stage or day claims nothing of another's", () => {
    const elsewhere = [
      used(LAKESIDE, "dynamodb-wru", 20_000_000n, { part: "outbox" }),
      used(LAKESIDE, "dynamodb-wru", 20_000_000n, { part: "data", stage: "staging" }),
      used(LAKESIDE, "dynamodb-wru", 20_000_000n, { part: "data", day: "2026-11-21" }),
    ];
    const result = splitOf(bill({}), elsewhere);
    expect(billed(result.lines, null)).toBe(6_250_000_000_000n);
    const { exceptions } = splitOf(bill({}), [used("01hzzzzzzzzzzzzzzzzzzzzzz9", "dynamodb-wru", 2n, inData)]);
    expect(exceptions).toMatchObject([{ kind: "unknown-tenant" }]);
  });

  it("COST-1 what no meter speaks of goes by its layer's rule: by name, and all of an account without a stage", () => {
    const requests = [used(LAKESIDE, "http-api-requests", 300n), used(NORTH, "http-api-requests", 100n)];
    const LOG = { x_ServiceCode: "AmazonCloudWatch", x_UsageType: "USE1-DataProcessing-Bytes" };
    const logOf = (group: string) => ({ ...LOG, ResourceId: `arn:aws:logs:us-east-1:111122223333:log-group:${group}` });
    const WITNESS = { SubAccountId: "444455556666", ResourceId: "keyward-dev-c01-witness-444455556666" };
    const result = splitOf(
      bill(
        logOf("/aws/apigateway/keyward-dev:*"),
        { ...WITNESS, x_ServiceCode: "AmazonS3", x_UsageType: "USE1-Requests-Tier1" },
        logOf("/aws/lambda/somebody-elses:*"),
      ),
      requests,
    );
    expectWhole(result.lines);
    expect(
      result.lines.map(({ tenant, allocation, billedCost }) => [tenant?.id, allocation, formatUsd(billedCost)]),
    ).toEqual([
      [LAKESIDE, "Shared", "4.687500000000"],
      [NORTH, "Shared", "1.562500000000"],
      [LAKESIDE, "Shared", "4.687500000000"],
      [NORTH, "Shared", "1.562500000000"],
      [undefined, "Unallocated", "6.250000000000"],
    ]);
    // A log of a function that nobody knows is the meter's to explain, and it does not.
    expect(result.coverage).toMatchObject([{ sku: "logs-ingest", meteredUnits: 0n }]);
  });

  it("COST-1 a level that is told a moment before its row lies there is no over-metering, and one that is more is", () => {
    const STORED = { x_UsageType: "USE1-TimedStorage-ByteHrs", PricingUnit: "GB-Mo", PricingQuantity: "1" };
    const byteHours = 720n << 30n;
    const level = (units: bigint) => splitOf(bill(STORED), [used(LAKESIDE, "dynamodb-storage", units, inData)]);
    const [early, more] = [level(byteHours + byteHours / 250n), level(byteHours + byteHours / 100n)];
    expect(early.exceptions).toEqual([]);
    expect(reconcile(early).rows[0]).toMatchObject({ verdict: "met", coverage: { unscaled: 1_000_000n, scale: 6 } });
    expect(more.exceptions).toMatchObject([{ kind: "over-metered" }]);
    expect(billed(more.lines, LAKESIDE)).toBe(total(more.lines.map(({ billedCost }) => billedCost)));
  });

  it("COST-2 hourly lines of a day are held against the day", () => {
    const hours = bill(
      {
        ChargePeriodStart: "2026-11-22T08:00:00Z",
        ChargePeriodEnd: "2026-11-22T09:00:00Z",
        PricingQuantity: "6000000",
      },
      {
        ChargePeriodStart: "2026-11-22T23:00:00Z",
        ChargePeriodEnd: "2026-11-23T00:00:00Z",
        PricingQuantity: "4000000",
      },
    );
    const result = splitOf(hours, writes(7_000_000n, 3_000_000n));
    expect(result.exceptions).toEqual([]);
    expectWhole(result.lines);
    expect(billed(result.lines, null)).toBe(0n);
  });
});

describe("what no meter claims", () => {
  it("COST-1 a key with its tenant's tag is the tenant's own, and no split", () => {
    const key = {
      x_ServiceCode: "awskms",
      x_UsageType: "us-east-1-KMS-Keys",
      ServiceName: "AWS Key Management Service",
      ServiceCategory: "Security",
      ResourceId: "arn:aws:kms:us-east-1:111122223333:key/1",
      PricingQuantity: "1",
      BilledCost: "1",
      EffectiveCost: "1",
      Tags: JSON.stringify({ "user:tenant": NORTH }),
    };
    const { lines } = splitOf(bill(key), []);
    expect(lines).toMatchObject([
      { tenant: { id: NORTH }, method: null, allocation: "Direct", billedCost: 1_000_000_000_000n },
    ]);
    expect(lines[0]?.origin.layer).toBe("keys");
  });

  it("COST-1 even goes by the seconds that a clinic was one", () => {
    const half = { start: "2026-11-16T00:00:00Z", end: "2026-12-01T00:00:00Z" };
    const entry = InternalEntry.parse({
      id: "01hzzzzzzzzzzzzzzzzzzzzzz7",
      layer: "compliance",
      tenantId: null,
      day: "2026-11-22",
      quantity: "1",
      unitPrice: "90",
      description: "Penetration test",
    });
    const charge = internalCharge(entry, { tenant: null, issuer: "Keyward", enteredBy: "finance" });
    const monthly = { ...charge, period: periodOfMonth(MONTH) };
    const result = splitOf([monthly], [], {
      roster: [
        { tenant: lakeside, active: [stay()] },
        { tenant: north, active: [stay(half)] },
      ],
    });
    expectWhole(result.lines);
    expect(formatUsd(billed(result.lines, LAKESIDE))).toBe("60.000000000000");
    expect(formatUsd(billed(result.lines, NORTH))).toBe("30.000000000000");
  });

  it("COST-1 minutes of support are the clinic's that asked, the firewall goes by requests, tax is nobody's", () => {
    const entry = InternalEntry.parse({
      id: "01hzzzzzzzzzzzzzzzzzzzzzz8",
      layer: "support",
      tenantId: NORTH,
      day: "2026-11-22",
      quantity: "25",
      unitPrice: "0.75",
      description: "Import of old records",
    });
    const support = internalCharge(entry, { tenant: north, issuer: "Keyward", enteredBy: "finance" });
    const origins = [
      support,
      ...bill(WAF, {
        ChargeCategory: "Tax",
        PricingQuantity: "",
        ListUnitPrice: "",
        BilledCost: "0.50",
        EffectiveCost: "0.50",
        x_UsageType: "",
      }),
    ];
    const result = splitOf(origins, [used(LAKESIDE, "http-api-requests", 1n), used(NORTH, "http-api-requests", 3n)]);
    expectWhole(result.lines);
    expect(costStack(result.lines, NORTH)).toEqual(
      new Map([
        ["support", 18_750_000_000_000n],
        ["edge", 125_000_000_025n],
      ]),
    );
    expect(formatUsd(billed(result.lines, null))).toBe("0.500000000000");
  });

  it("COST-1 an account's shared cost is shared by its own clinics, the payer's by all, the cell's keys by each alike", () => {
    const there = { accountId: "555566667777" };
    const of = {
      roster: [
        { tenant: lakeside, active: [stay()] },
        { tenant: north, active: [stay(there)] },
      ],
      stagesOf: new Map([
        ["111122223333", ["dev"]],
        [there.accountId, ["staging"]],
      ]),
    };
    const requests = [
      used(LAKESIDE, "http-api-requests", 1n),
      used(NORTH, "http-api-requests", 9n, { stage: "staging" }),
    ];
    const here = splitOf(bill(WAF), requests, of);
    expect(billed(here.lines, LAKESIDE)).toBe(billed(here.lines));
    const payers = splitOf(bill({ ...WAF, SubAccountId: "999900001111" }), requests, of);
    expect(billed(payers.lines, NORTH)).toBe((billed(payers.lines) * 9n) / 10n);
    const keys = estimate([used("_platform", "kms-keys", 24n * 8n)], prices, account);
    expect(splitOf(keys, [], of)).toMatchObject({
      exceptions: [],
      lines: [{ tenant: { id: LAKESIDE }, method: "shared-even/v1" }],
    });
  });

  it.each(["=HYPERLINK(1)", "+1", "-1", "@x", "two\nlines", ""])(
    "COST-7 a description of %j is refused",
    (description) => {
      expect(
        InternalEntry.safeParse({
          id: "01hzzzzzzzzzzzzzzzzzzzzzz8",
          layer: "support",
          tenantId: null,
          day: "2026-11-22",
          quantity: "1",
          unitPrice: "1",
          description,
        }).success,
      ).toBe(false);
    },
  );
});

describe("the whole bill", () => {
  const units = fc.bigInt({ min: 0n, max: 10n ** 9n });
  const anyBill = fc.array(
    fc.record({
      quantity: units,
      cost: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 12n }),
      kind: fc.constantFrom("wru", "rru", "waf", "tax", "foreign"),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const rowOf = ({ quantity, cost, kind }: { quantity: bigint; cost: bigint; kind: string }) => {
    const sign = cost < 0n ? "-" : "";
    const amount = `${sign}0.${(cost < 0n ? -cost : cost).toString().padStart(12, "0")}`;
    const common = { PricingQuantity: quantity.toString(), BilledCost: amount, EffectiveCost: amount };
    if (kind === "rru") return { ...common, x_UsageType: "ReadRequestUnits" };
    if (kind === "waf") return { ...WAF, ...common };
    if (kind === "tax") return { ...common, ChargeCategory: "Tax", PricingQuantity: "", ListUnitPrice: "" };
    return kind === "foreign" ? { ...common, x_UsageType: "USE1-Something" } : common;
  };

  it("PROOF-11 Invariant: the shares of each origin sum to it, so that tenants and unallocated sum to the bill", () => {
    fc.assert(
      fc.property(anyBill, fc.array(units, { minLength: 6, maxLength: 6 }), (lines, metered) => {
        const charges = bill(...lines.map(rowOf));
        const usage = ["dynamodb-wru", "dynamodb-rru", "http-api-requests"].flatMap((sku, index) =>
          [LAKESIDE, NORTH].map((tenant, second) =>
            used(tenant, sku, metered[index * 2 + second] ?? 0n, sku.startsWith("dynamodb") ? inData : {}),
          ),
        );
        const result = splitOf(charges, usage);
        expectWhole(result.lines);
        const { bill: sum, tenants, unallocated } = reconcile(result);
        expect(tenants + unallocated).toBe(sum);
        expect(sum).toBe(charges.reduce((all, { billedCost }) => all + billedCost, 0n));
        const shuffled = splitOf(charges.toReversed(), usage.toReversed(), { roster: roster.toReversed() });
        const say = (of: readonly SplitCharge[]) =>
          of.map(({ id, billedCost, quantity }) => `${id} ${billedCost} ${quantity?.unscaled ?? ""}`).toSorted();
        expect(say(shuffled.lines)).toEqual(say(result.lines));
      }),
      { numRuns: 40 },
    );
  });
});

describe("estimate and bill", () => {
  const usage = [
    ...writes(6_100_000n, 3_700_000n),
    used(LAKESIDE, "dynamodb-wru", 2_000n, { part: "data", day: "2026-11-23" }),
    used(LAKESIDE, "kms-requests", 15_000n, { day: "2026-11-21" }),
    used(LAKESIDE, "kms-requests", 15_000n),
  ];

  it("COST-1 days add up to the month with its free tier, whole and exact", () => {
    const lines = estimate(usage, prices, account);
    const kms = lines.filter(({ sku }) => sku === "kms-requests");
    expect(kms.map(({ billedCost }) => formatUsd(billedCost))).toEqual(["0.000000000000", "0.030000000000"]);
    expect(kms.map(({ listCost }) => formatUsd(listCost))).toEqual(["0.045000000000", "0.045000000000"]);
    const result = splitOf(lines, usage);
    expectWhole(result.lines);
    expect(result.exceptions).toEqual([]);
    expect(billed(result.lines, null)).toBe(0n);
    expect(result.lines.every(({ state, coverage }) => state === "estimated" && coverage === null)).toBe(true);
  });

  it("COST-1 a bill takes the place of the estimate for the days that it tells in full, and what it omits is shown", () => {
    const estimated = estimate(usage, prices, account);
    const merged = supersede(estimated, bill({}), "2026-11-23T00:00:00Z");
    expect(merged.origins.map(({ state, sku, period }) => `${state} ${sku} ${period.start.slice(0, 10)}`)).toEqual([
      "reconciled dynamodb-wru 2026-11-22",
      "estimated dynamodb-wru 2026-11-23",
    ]);
    expect(merged.unbilled.map(({ sku, period }) => `${sku} ${period.start.slice(0, 10)}`)).toEqual([
      "kms-requests 2026-11-21",
      "kms-requests 2026-11-22",
    ]);
  });
});
