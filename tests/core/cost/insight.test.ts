import { describe, expect, it } from "vitest";
import { anomalyOn } from "../../../core/cost/anomaly.ts";
import { budgetAlerts } from "../../../core/cost/budget.ts";
import { formatDecimal } from "../../../core/cost/decimal.ts";
import { forecast } from "../../../core/cost/forecast.ts";
import { margin } from "../../../core/cost/margin.ts";
import { formatUsd, parseUsd, type PicoUsd, pico, showUsd } from "../../../core/cost/money.ts";
import { dayAfter, daysOf, periodOfMonth, weekdayOf } from "../../../core/cost/period.ts";
import { PRICE_PLANS } from "../../../core/cost/plan.ts";
import { estimate } from "../../../core/cost/rating.ts";
import { statement } from "../../../core/cost/statement.ts";
import { medianDeviation, median, percentile, squareRoot } from "../../../core/cost/statistics.ts";
import { account, clinic, lakeside, MONTH, north, prices, splitOf, used } from "./clinics.ts";
import { LAKESIDE, NORTH } from "./usage-facts.ts";

const usd = (text: string): PicoUsd => parseUsd(text) ?? pico(0n);

describe("statistics in integers", () => {
  it("COST-3 median, deviation, percentile and square root", () => {
    expect(median([5n, 1n, 9n])).toBe(5n);
    expect(median([1n, 2n, 4n, 9n])).toBe(3n);
    expect(medianDeviation([1n, 1n, 2n, 2n, 4n, 6n, 9n])).toBe(1n);
    expect(percentile([10n, 20n, 30n, 40n, 50n], 80n)).toBe(40n);
    expect(percentile([7n], 80n)).toBe(7n);
    expect([0n, 1n, 2n, 3n, 4n, 99n, 10n ** 30n].map(squareRoot)).toEqual([0n, 1n, 1n, 1n, 2n, 9n, 10n ** 15n]);
  });
});

describe("budgets", () => {
  const budget = { id: "b1", tenantId: LAKESIDE, amount: usd("10") };
  const kinds = (actual: string, expected: string | null, sent: readonly ("50" | "80" | "100" | "forecast")[] = []) =>
    budgetAlerts(
      budget,
      MONTH,
      { actual: usd(actual), forecast: expected === null ? null : usd(expected) },
      new Set(sent),
    ).map(({ kind }) => kind);

  it("COST-3 tells 50, 80 and 100 percent and a forecast above the budget, each once", () => {
    expect(kinds("4.999999999999", "9")).toEqual([]);
    expect(kinds("5", null)).toEqual(["50"]);
    expect(kinds("8.1", "10.01", ["50"])).toEqual(["80", "forecast"]);
    expect(kinds("10", "11", ["50", "80"])).toEqual(["100"]);
    expect(kinds("12", "14", ["50", "80", "100"])).toEqual([]);
    expect(kinds("3", "10")).toEqual([]);
    expect(kinds("9", null, ["50", "80"])).toEqual([]);
  });

  it("COST-3 a budget of nothing is passed by any cost, and by none is not", () => {
    const none = { ...budget, amount: usd("0") };
    expect(budgetAlerts(none, MONTH, { actual: usd("0"), forecast: null }, new Set())).toEqual([]);
    expect(
      budgetAlerts(none, MONTH, { actual: usd("0.01"), forecast: null }, new Set()).map(({ kind }) => kind),
    ).toEqual(["50", "80", "100"]);
  });
});

describe("the forecast", () => {
  const weekly = (from: string, days: number): Map<string, PicoUsd> =>
    new Map(
      Array.from({ length: days }, (_, index) => {
        const day = dayAfter(from, index);
        return [day, [0, 6].includes(weekdayOf(day)) ? usd("1") : usd("5")] as const;
      }),
    );

  it("COST-3 knows weekends by four weeks before, with a band of nothing where every week was alike", () => {
    const made = forecast(weekly("2026-09-01", 82), MONTH, "2026-11-22", false);
    if (!made.ok) throw new Error(made.error.kind);
    const { value } = made;
    const days = daysOf(periodOfMonth(MONTH));
    const truth = days.reduce((sum, day) => sum + ([0, 6].includes(weekdayOf(day)) ? 1n : 5n), 0n);
    expect(showUsd(value.expected, 0)).toBe(String(truth));
    expect(value).toMatchObject({ method: "weekdays", days: 9, low: value.expected, high: value.expected });
  });

  it("COST-3 has a run-rate and a band while it is young, and is never below what was spent", () => {
    const young = new Map([
      ["2026-11-18", usd("2")],
      ["2026-11-19", usd("4")],
      ["2026-11-21", usd("6")],
    ]);
    const made = forecast(young, MONTH, "2026-11-22", false);
    if (!made.ok) throw new Error(made.error.kind);
    expect(made.value).toMatchObject({ method: "run-rate", days: 9, actual: usd("12"), expected: usd("39") });
    // Off by 1, 1, 3 and 3 on the four days that are known: 3 dollars, times the root of nine days.
    expect([showUsd(made.value.low), showUsd(made.value.high)]).toEqual(["30.00", "48.00"]);
    const wild = forecast(
      new Map([
        ["2026-11-25", usd("20")],
        ["2026-11-28", usd("0")],
      ]),
      MONTH,
      "2026-11-29",
      false,
    );
    expect(wild).toMatchObject({ ok: true, value: { actual: usd("20"), expected: usd("30"), low: usd("20") } });
  });

  it("COST-3 is refused for a closed month and without a known day, and at the month's end is the actual", () => {
    expect(forecast(weekly("2026-09-01", 82), "2026-10", "2026-11-22", true)).toMatchObject({
      ok: false,
      error: { rule: "closed" },
    });
    expect(forecast(new Map(), MONTH, "2026-11-22", false)).toMatchObject({ ok: false, error: { kind: "not-found" } });
    const over = forecast(weekly("2026-09-01", 91), MONTH, "2026-12-01", false);
    if (!over.ok) throw new Error(over.error.kind);
    expect(over.value).toMatchObject({
      days: 0,
      expected: over.value.actual,
      low: over.value.actual,
      high: over.value.actual,
    });
  });
});

describe("anomalies", () => {
  const DAY = "2026-11-22";
  const history = (amounts: readonly string[], today: Readonly<Record<string, string>>) =>
    new Map([
      ...amounts.map(
        (amount, week) =>
          [
            dayAfter(DAY, -7 * (week + 1)),
            new Map([
              ["dynamodb-wru", usd(amount)],
              ["kms-requests", usd("0.10")],
            ]),
          ] as const,
      ),
      [DAY, new Map(Object.entries(today).map(([sku, amount]) => [sku, usd(amount)]))] as const,
    ]);
  const usual = ["1.00", "1.10", "0.90", "1.00", "1.05", "0.95", "1.00", "1.10"];

  it("COST-3 finds a day unlike eight same weekdays, and names the three SKUs that moved most", () => {
    const found = anomalyOn(
      history(usual, {
        "dynamodb-wru": "4.00",
        "kms-requests": "0.60",
        "logs-ingest": "0.80",
        "s3-put-requests": "0.01",
      }),
      DAY,
    );
    expect(found?.explainedBy.map(({ sku, difference }) => [sku, showUsd(difference)])).toEqual([
      ["dynamodb-wru", "3.00"],
      ["logs-ingest", "0.80"],
      ["kms-requests", "0.50"],
    ]);
    expect(
      found === undefined
        ? ""
        : `${showUsd(found.usual)} ${showUsd(found.difference)} ${formatDecimal(found.z ?? { unscaled: 0n, scale: 0 })}`,
    ).toBe("1.10 4.31 58.14");
  });

  it("COST-3 a fall is one too, explained by what fell", () => {
    const found = anomalyOn(history(usual, { "kms-requests": "0.30" }), DAY);
    expect(found?.difference).toBeLessThan(0n);
    expect(found?.explainedBy.map(({ sku }) => sku)).toEqual(["dynamodb-wru"]);
  });

  it.each([
    [
      "few cents, however unlike",
      usual.map((each) => `0.0${each.replace(".", "")}`),
      { "dynamodb-wru": "0.09", "kms-requests": "0.10" },
    ],
    ["few percent, however many dollars", usual.map((each) => `10${each.slice(1)}`), { "dynamodb-wru": "11.50" }],
    ["what swings anyway", ["1", "5", "2", "6", "1", "5", "2", "6"], { "dynamodb-wru": "8" }],
    ["a clinic of seven weeks", usual.slice(1), { "dynamodb-wru": "9" }],
  ])("COST-3 says nothing of %s", (_, amounts, today) => {
    expect(anomalyOn(history(amounts, today), DAY)).toBeUndefined();
  });

  it("COST-3 where every week was the same to the cent, any difference beyond the gates is told without a z", () => {
    expect(
      anomalyOn(
        history(
          Array.from({ length: 8 }, () => "1"),
          { "dynamodb-wru": "2" },
        ),
        DAY,
      ),
    ).toMatchObject({ z: null });
  });
});

describe("margin", () => {
  it("COST-3 puts loss-makers first, counts who had neither, and keeps nobody's cost apart", () => {
    const [plan] = PRICE_PLANS;
    if (plan === undefined) throw new Error("a plan");
    const data = { part: "data" };
    const usage = [
      used(LAKESIDE, "dynamodb-wru", 2n * 10_000_000n, data),
      used(NORTH, "dynamodb-wru", 2n * 90_000_000n, data),
    ];
    const { lines } = splitOf(estimate([...usage, used("_platform", "dynamodb-wru", 2n, data)], prices, account), [
      ...usage,
    ]);
    const month = periodOfMonth(MONTH);
    const charges = [lakeside, north].flatMap(
      (tenant) => statement({ tenant, month: MONTH, plan, activity: [], tiers: [], active: [month] }).lines,
    );
    const tax = charges.map((line) => ({ ...line, category: "Tax" as const, amount: usd("99") }));
    const idle = clinic("01hzzzzzzzzzzzzzzzzzzzzzz3", "Idle");
    const { rows, unallocated } = margin([lakeside, idle, north], lines, [...charges, ...tax]);
    expect(
      rows.map(({ tenant, margin: left, ratio, isLoss }) => [
        tenant.name,
        showUsd(left),
        ratio === null ? null : formatDecimal(ratio),
        isLoss,
      ]),
    ).toEqual([
      ["North Pediatrics", "-37.25", "-1.9605", true],
      ["Idle", "0.00", null, false],
      ["Lakeside Family Clinic", "12.75", "0.6711", false],
    ]);
    expect(formatUsd(unallocated)).toBe("0.000000625000");
  });
});
