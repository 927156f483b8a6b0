import { describe, expect, it } from "vitest";
import { Assumptions } from "../../../core/cost/assumptions.ts";
import assumptions from "../../../core/cost/scenarios/assumptions.json" with { type: "json" };
import controls from "../../../core/cost/scenarios/controls.json" with { type: "json" };
import tenancy from "../../../core/cost/scenarios/tenancy.json" with { type: "json" };
import plan from "../../../core/cost/plans/clinic-standard.v1.json" with { type: "json" };
import { isId } from "../../../core/kernel/ids.ts";
import { problemOf } from "../../../web/src/api/problem.ts";
import { fieldOf, leversOf, listedOf, sizesOf, withLevers } from "../../../web/src/screens/finance/assumptions.ts";
import { DATA_WORDS } from "../../../web/src/screens/finance/data-words.ts";
import { newEntryId } from "../../../web/src/screens/finance/entry-id.ts";
import { readAmount } from "../../../web/src/screens/finance/words.ts";

describe("COST-4 the form of the scenarios", () => {
  it("offers labour, incidents, upgrade windows, exceptions and overhead, with what is kept", () => {
    const names = leversOf(assumptions).map(({ name }) => name);
    for (const name of [
      "labour.support.minutes",
      "labour.incidents.minutes",
      "labour.upgrade-windows.minutes",
      "labour.regulatory-exceptions.minutePriceUsd",
      "overhead.compliance-programme.usd",
      "single.exceptionPercent.value",
      "single.tenantsPerCell.value",
    ])
      expect(names).toContain(name);
    expect(leversOf(assumptions).every(({ value, because }) => readAmount(value) !== undefined && because !== "")).toBe(
      true,
    );
  });

  it("what is entered is what the model is asked with, and nothing else changes", () => {
    expect(withLevers(assumptions, {})).toEqual(assumptions);
    const changed = withLevers(assumptions, {
      [fieldOf("labour.support.minutes")]: "20,5",
      [fieldOf("single.exceptionPercent.value")]: "7",
      [fieldOf("overhead.agreements.usd")]: "free",
    });
    const parsed = Assumptions.parse(changed);
    const of = (id: string) => parsed.labour.find((row) => row.id === id);
    expect(of("support")?.minutes).toEqual({ unscaled: 205n, scale: 1 });
    expect(of("incidents")).toEqual(Assumptions.parse(assumptions).labour.find(({ id }) => id === "incidents"));
    expect(parsed.exceptionPercent.value).toEqual({ unscaled: 7n, scale: 0 });
    expect(parsed.overhead).toEqual(Assumptions.parse(assumptions).overhead);
  });

  it("lists every assumption that has a reason", () => {
    const reasons = JSON.stringify(assumptions).match(/"because":"[^"]*"/g) ?? [];
    const listed = listedOf(assumptions).filter(({ because }) => because !== "");
    // An item of labour has two numbers and one reason.
    expect(new Set(listed.map(({ because }) => because))).toEqual(new Set(reasons.map((text) => text.slice(11, -1))));
  });

  it.each([
    ["10, 100, 1000", [10, 100, 1000]],
    ["25", [25]],
    ["10;20 30", [10, 20, 30]],
    ["", undefined],
    ["0", undefined],
    ["10, many", undefined],
    ["1,2,3,4,5,6,7", undefined],
    ["1000000", undefined],
  ])("%j clinics are %j", (text, sizes) => {
    expect(sizesOf(text)).toEqual(sizes);
  });
});

describe("COST-5 sentences of the model's data", () => {
  const sentences = [
    ...controls.controls.flatMap(({ name, settings }) => [name, ...settings.flatMap((one) => [one.name, one.keeps])]),
    tenancy.decision,
    ...tenancy.options.flatMap(({ isolation, operations, migration, risk }) => [
      isolation,
      operations,
      migration,
      risk,
    ]),
    ...tenancy.profiles.flatMap(({ name, because }) => [name, because]),
    ...listedOf(assumptions).map(({ because }) => because),
    ...plan.meters.flatMap(({ name, included }) =>
      included === "0" ? [name] : [name, `${name}, beyond what is included`],
    ),
    "Rounding of the statement to whole cents",
  ].filter((text) => text !== "");

  it("each has its words in Spanish, and no words are left over", () => {
    expect(sentences.filter((text) => DATA_WORDS[text] === undefined)).toEqual([]);
    expect(Object.keys(DATA_WORDS).filter((text) => !sentences.includes(text))).toEqual([]);
  });
});

describe("COST-7 what finance enters", () => {
  it.each([
    ["120", "120"],
    [" 120.50 ", "120.50"],
    ["120,5", "120.5"],
    ["1,500", undefined],
    ["1.500.000", undefined],
    ["-1", undefined],
    ["1e3", undefined],
    ["0.1234567", undefined],
    ["", undefined],
  ])("%j is read as %j", (text, read) => {
    expect(readAmount(text)).toBe(read);
  });

  it("an entry has an id of the house's grammar, and no two have one", () => {
    const ids = Array.from({ length: 200 }, newEntryId);
    expect(ids.every(isId)).toBe(true);
    expect(new Set(ids).size).toBe(200);
  });

  it("a bill that cannot be read names line and column, and never what stands there", () => {
    const place = { line: 7, column: "BilledCost", what: "not-decimal" };
    const answer = (body: unknown) => problemOf(422, new Headers(), body).place;
    expect(answer({ rule: "bill", bill: { ...place, cell: "=cmd" } })).toEqual(place);
    expect(answer({ rule: "bill", bill: { ...place, column: null } })).toEqual({ ...place, column: null });
    expect(answer({ rule: "bill" })).toBeUndefined();
    expect(answer({ bill: { line: "7", what: "not-decimal" } })).toBeUndefined();
  });
});
