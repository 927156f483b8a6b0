import { describe, expect, it } from "vitest";
import { createFormat, dayIn } from "../../../web/src/i18n/format.ts";

const now = Date.parse("2026-11-22T15:00:00Z");
const chicago = createFormat("en", "America/Chicago", () => now);
const madrid = createFormat("es", "Europe/Madrid", () => now);
const plain = (text: string): string => text.replaceAll(/\s/g, " ");

describe("CLIN-2 days and times are the clinic's own", () => {
  it.each([
    ["1962-03-14", "Mar 14, 1962"],
    ["1962-03", "Mar 1962"],
    ["1962", "1962"],
  ])("a calendar day %s is never moved by a zone", (day, shown) => {
    expect(chicago.date(day)).toBe(shown);
    expect(createFormat("en", "Pacific/Kiritimati").date(day)).toBe(shown);
  });

  it("an instant is read in the zone of the clinic, on both sides of a change of the clock", () => {
    expect(plain(chicago.dateTime("2026-11-01T06:30:00Z"))).toBe("Nov 1, 2026, 1:30 AM");
    expect(plain(chicago.dateTime("2026-11-01T07:30:00Z"))).toBe("Nov 1, 2026, 1:30 AM");
    expect(plain(chicago.time("2026-03-08T08:00:00Z"))).toBe("3:00 AM");
    expect(dayIn("America/Chicago", Date.parse("2026-11-02T05:30:00Z"))).toBe("2026-11-01");
    expect(dayIn("Pacific/Kiritimati", now)).toBe("2026-11-23");
  });

  it("speaks Spanish", () => {
    expect(plain(madrid.date("1962-03-14"))).toMatch(/14 (de )?mar/);
    expect(madrid.age("1962-03-14")).toBe("64 años");
  });
});

describe("CLIN-1 ages and names", () => {
  it.each([
    ["1962-11-23", "63 years"],
    ["1962-11-22", "64 years"],
    ["2024-11-23", "23 months"],
    ["2026-10-22", "1 month"],
    ["2026-11-20", "2 days"],
    ["1962", "64 years"],
    ["2027-01-01", ""],
  ])("born %s is %s old", (born, age) => {
    expect(chicago.age(born)).toBe(age);
  });

  it.each([
    [{ family: "Example", given: ["Ada", "B."] }, "Example, Ada B."],
    [{ given: ["Ada"] }, "Ada"],
    [{ text: "Ada of the Lake" }, "Ada of the Lake"],
    ["Example, Ada", "Example, Ada"],
    [undefined, ""],
  ])("%j is listed as %s", (name, shown) => {
    expect(chicago.name(name)).toBe(shown);
  });

  it.each([
    [30, "30 min"],
    [60, "1 h"],
    [80, "1 h 20 min"],
    [0, "0 min"],
  ])("%i minutes are %s", (minutes, shown) => {
    expect(chicago.duration(minutes)).toBe(shown);
  });

  it.each([
    ["2026-11-22T14:57:00Z", "3 minutes ago"],
    ["2026-11-22T17:00:00Z", "in 2 hours"],
    ["2026-11-21T15:00:00Z", "yesterday"],
  ])("%s is %s", (instant, shown) => {
    expect(chicago.relative(instant)).toBe(shown);
  });
});
