import { describe, expect, it } from "vitest";
import usEast1 from "../../../core/cost/prices/us-east-1.2026-11-23.json" with { type: "json" };
import { formatDecimal, multiply } from "../../../core/cost/decimal.ts";
import { layerOf, matchedBy, METERS, partOfResource } from "../../../core/cost/meters.ts";
import { formatUsd } from "../../../core/cost/money.ts";
import { priceDifference } from "../../../core/cost/price-difference.ts";
import {
  listPrice,
  pickPrices,
  PRICE_LISTS,
  PriceList,
  quantityScale,
  skuOf,
  unitsPer,
} from "../../../core/cost/prices.ts";
import { listCostOf, quantityOf, tieredCost } from "../../../core/cost/rating.ts";
import { prices } from "./clinics.ts";

const raw = (): Record<string, unknown> => structuredClone(usEast1);
const parse = (
  change: (
    list: { skus: { sources: string[]; tiers: { from: string; price: string }[] }[] } & Record<string, unknown>,
  ) => void,
): boolean => {
  const list = structuredClone(usEast1);
  change(list);
  return PriceList.safeParse(list).success;
};

describe("price lists", () => {
  it("COST-2 every meter has its price in every list, and is counted in the base unit of that price", () => {
    for (const list of PRICE_LISTS)
      for (const { sku, base } of Object.values(METERS)) if (sku !== null) expect(skuOf(list, sku).measure).toBe(base);
    expect(new Set(PRICE_LISTS.map(({ region }) => region))).toEqual(new Set(["us-east-1", "eu-central-1"]));
  });

  it("COST-2 each says what it stands on: two sources or more, one, or none that was opened", () => {
    for (const { skus, sources } of PRICE_LISTS) {
      for (const sku of skus) {
        expect(sku.confidence === "unverified", sku.sku).toBe(sku.sources.includes("recall"));
        if (sku.confidence === "agreed") expect(new Set(sku.sources).size, sku.sku).toBeGreaterThan(1);
      }
      expect(Object.keys(sources).toSorted()).toEqual([...new Set(skus.flatMap((sku) => sku.sources))].toSorted());
    }
    const standing = (region: string, confidence: string): number =>
      pickPrices(region, "2026-11-23")?.skus.filter((sku) => sku.confidence === confidence).length ?? 0;
    // What a clinic's usage is rated by stands on more than memory in us-east-1; eu-central-1 has numbers that do not.
    expect([standing("us-east-1", "to-verify"), standing("us-east-1", "unverified")]).toEqual([0, 0]);
    expect(standing("eu-central-1", "unverified")).toBeGreaterThan(0);
  });

  it("COST-2 are picked by date: the newest in force, and none before the first", () => {
    const later = PriceList.parse({
      ...raw(),
      id: "us-east-1.2027-01-15",
      retrievedOn: "2027-01-15",
      effectiveFrom: "2027-01-01",
    });
    const reread = PriceList.parse({ ...raw(), id: "us-east-1.2026-12-01", retrievedOn: "2026-12-01" });
    const lists = [later, ...PRICE_LISTS, reread];
    expect(pickPrices("us-east-1", "2026-11-22", lists)?.id).toBe("us-east-1.2026-12-01");
    expect(pickPrices("us-east-1", "2027-01-01", lists)?.id).toBe("us-east-1.2027-01-15");
    expect(pickPrices("us-east-1", "2024-10-31", lists)).toBeUndefined();
    expect(pickPrices("us-west-2", "2026-11-22", lists)).toBeUndefined();
  });

  it.each([
    ["an unknown field", parse((list) => (list["discount"] = "5"))],
    ["a price below zero", parse((list) => (list.skus[0]!.tiers[0]!.price = "-1"))],
    [
      "a price as a number",
      PriceList.safeParse({ ...raw(), skus: [{ ...usEast1.skus[0], tiers: [{ from: "0", price: 1 }] }] }).success,
    ],
    ["tiers that do not begin at zero", parse((list) => (list.skus[0]!.tiers[0]!.from = "5"))],
    ["tiers that do not rise", parse((list) => list.skus[0]!.tiers.push({ from: "0", price: "1" }))],
    ["a SKU twice", parse((list) => list.skus.push(list.skus[0]!))],
    ["a name of another day", parse((list) => (list["retrievedOn"] = "2026-09-21"))],
    ["a day that no calendar has", parse((list) => (list["effectiveFrom"] = "2026-02-30"))],
    ["a source that is not listed", parse((list) => (list["sources"] = {}))],
    ["an agreement of one", parse((list) => (list.skus[0]!.sources = ["sproutos"]))],
  ])("COST-2 %s is refused", (_, isAccepted) => expect(isAccepted).toBe(false));

  it("COST-2 the difference of two lists names what was added, removed and changed, with percent", () => {
    const newer = structuredClone(usEast1);
    const [requests, arm] = newer.skus;
    if (requests === undefined || arm === undefined) throw new Error("two SKUs");
    requests.sku = "lambda-calls";
    arm.tiers[0] = { from: "0", price: "0.00001" };
    newer.id = "us-east-1.2027-01-15";
    newer.retrievedOn = "2027-01-15";
    const { added, removed, changed } = priceDifference(prices, PriceList.parse(newer));
    expect({ added, removed }).toEqual({ added: ["lambda-calls"], removed: ["lambda-requests"] });
    expect(
      changed.map(({ sku, what, from, to, percent }) => [
        sku,
        what,
        from,
        to,
        percent === null ? "" : formatDecimal(percent),
      ]),
    ).toEqual([["lambda-arm-gb-seconds", "tier 1 price", "0.0000133334", "0.00001", "-25.00"]]);
    expect(priceDifference(prices, prices).changed).toEqual([]);
  });
});

describe("tiers", () => {
  const cost = (sku: string, quantity: bigint) => {
    const of = skuOf(prices, sku);
    return formatUsd(tieredCost(of, quantity * unitsPer(of.measure, "2026-11"), "2026-11"));
  };
  it.each([
    ["kms-requests", 20_000n, "0.000000000000"],
    ["kms-requests", 20_001n, "0.000003000000"],
    // The free million of HTTP API is of twelve months, and not counted on.
    ["http-api-requests", 1_000_000n, "1.000000000000"],
    ["http-api-requests", 300_000_001n, "300.000000900000"],
    ["lambda-arm-gb-seconds", 400_000n, "0.000000000000"],
    ["lambda-arm-gb-seconds", 7_500_000_001n, "99995.166652000100"],
    ["dynamodb-storage", 26n, "0.250000000000"],
  ])("COST-1 %s: %s cost %s a month", (sku, quantity, expected) => expect(cost(sku, quantity)).toBe(expected));

  it("COST-1 list price times quantity is exact for every SKU, of any quantity and month", () => {
    for (const sku of prices.skus)
      for (const units of [1n, 7n, 1_024_001n, 10n ** 15n + 1n])
        for (const month of ["2026-11", "2026-12", "2027-02"]) {
          const quantity = quantityOf(sku, units, month);
          expect(quantity.scale).toBe(quantityScale(sku));
          expect(listCostOf(sku, quantity)).toBe(multiply(listPrice(sku), quantity).unscaled);
        }
  });
});

describe("parts", () => {
  it.each([
    ["arn:aws:dynamodb:us-east-1:111122223333:table/keyward-dev-c01-data", "data"],
    ["arn:aws:dynamodb:us-east-1:111122223333:table/keyward-dev-c01-data/index/gsi1", "data"],
    ["arn:aws:lambda:us-east-1:111122223333:function:keyward-dev-cross-check", "cross-check"],
    ["arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/keyward-dev-clinic:*", "clinic"],
    ["keyward-production-c01-archive-111122223333", "archive"],
    ["keyward-production-registry", "registry"],
    ["arn:aws:s3:::sst-state-abc", "other"],
    ["arn:aws:logs:us-east-1:111122223333:log-group:/aws/apigateway/keyward-dev:*", "access-log"],
    ["arn:aws:logs:us-east-1:111122223333:log-group:/aws/apigateway/somebody-elses:*", "other"],
  ])("COST-2 %s is %s", (resource, part) => expect(partOfResource(resource)).toBe(part));

  it("COST-1 what keeps the trail is audit, and a backup is a backup, of whatever table", () => {
    expect([layerOf("data", "trail"), layerOf("data", "data"), layerOf("backup", "trail")]).toEqual([
      "audit",
      "data",
      "backup",
    ]);
  });

  it("COST-2 a key of one's own is matched by its tag, requests by the SKU alone, tables by name", () => {
    expect(["kms-keys", "http-api-requests", "dynamodb-wru", "waf-web-acl"].map(matchedBy)).toEqual([
      "tag",
      "whole",
      "part",
      undefined,
    ]);
  });
});
