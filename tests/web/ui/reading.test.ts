import { describe, expect, it } from "vitest";
import { addDays, isDay, readDate, readTime, typedDate } from "../../../web/src/ui/read-date.ts";
import { readNumber } from "../../../web/src/ui/read-number.ts";
import { scaleOf, ticksOf } from "../../../web/src/ui/trend-scale.ts";

const TODAY = "2026-11-22";

describe("CLIN-1 what is typed is read in one way or not at all", () => {
  it.each([
    ["3/14/1962", "1962-03-14"],
    ["03-14-1962", "1962-03-14"],
    ["03141962", "1962-03-14"],
    ["1962-03-14", "1962-03-14"],
    ["2/29/2024", "2024-02-29"],
    ["t", TODAY],
    ["T + 7", "2026-11-29"],
    ["t-30", "2026-10-23"],
    ["h", TODAY],
    ["  ", undefined],
    ["3/14/62", null],
    ["2/29/2026", null],
    ["14/3/1962", null],
    ["tomorrow", null],
    ["31/31/1962", null],
  ])("the day %j is %j", (typed, day) => {
    expect(readDate(typed, TODAY)).toBe(day);
  });

  it.each([
    ["9", "09:00"],
    ["930", "09:30"],
    ["9:30", "09:30"],
    ["9:30 p.m.", "21:30"],
    ["2p", "14:00"],
    ["12am", "00:00"],
    ["12 pm", "12:00"],
    ["14:05", "14:05"],
    ["", undefined],
    ["24:00", null],
    ["13 pm", null],
    ["9:75", null],
    ["noon", null],
  ])("the time %j is %j", (typed, time) => {
    expect(readTime(typed)).toBe(time);
  });

  it.each([
    ["36.6", 36.6],
    ["36,6", 36.6],
    [".5", 0.5],
    ["-2", -2],
    ["", undefined],
    ["1,500", null],
    ["1.500,2", null],
    ["12mg", null],
    ["1e3", null],
    ["Infinity", null],
  ])("the number %j is %j", (typed, value) => {
    expect(readNumber(typed)).toBe(value);
  });

  it("writes a day as it is typed, and knows the days that the calendar has", () => {
    expect(typedDate("1962-03-14")).toBe("03/14/1962");
    expect(typedDate("")).toBe("");
    expect(isDay("2026-02-30")).toBe(false);
    expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
  });
});

describe("CLIN-5 the scale of a trend", () => {
  it.each([[[128, 146, 90, 140]], [[36.6]], [[0]], [[]], [[0.01, 0.02]], [[-5, 5]]])(
    "of %j has a few round figures that span it",
    (values) => {
      const ticks = ticksOf(values);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(7);
      for (const value of values) {
        expect(ticks[0]).toBeLessThanOrEqual(value);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(value);
      }
    },
  );

  it("puts the ends at the ends, and a single value in the middle", () => {
    const scale = scaleOf([10, 20], [100, 0]);
    expect([scale(10), scale(15), scale(20)]).toEqual([100, 50, 0]);
    expect(scaleOf([7], [0, 10])(7)).toBe(5);
  });
});
