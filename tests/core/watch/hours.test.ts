import { describe, expect, it } from "vitest";
import { ClinicHours, notWatched, PrivacySettings } from "../../../core/contract/index.ts";
import { openingOf } from "../../../core/watch/signals/hours.ts";

const closed = "closed" as const;
const CLOSED = {
  monday: closed,
  tuesday: closed,
  wednesday: closed,
  thursday: closed,
  friday: closed,
  saturday: closed,
  sunday: closed,
};
const on = (timeZone: string, days: Partial<ClinicHours["week"]>): ((instant: string) => boolean) => {
  const isOpen = openingOf(ClinicHours.parse({ timeZone, week: { ...CLOSED, ...days } }));
  return (instant) => isOpen(Date.parse(instant));
};

describe("AUD-6 a clinic's hours", () => {
  it.each([
    // New York, 8 March 2026: at 02:00 EST (07:00Z) the clock goes to 03:00 EDT.
    ["the day before, before it opens", "America/New_York", "2026-03-07T12:59:00Z", false],
    ["the day before, as it opens", "America/New_York", "2026-03-07T13:00:00Z", true],
    ["spring forward, before it opens", "America/New_York", "2026-03-08T11:59:00Z", false],
    ["spring forward, as it opens, an hour earlier in UTC", "America/New_York", "2026-03-08T12:00:00Z", true],
    ["spring forward, its last minute", "America/New_York", "2026-03-08T20:59:00Z", true],
    ["spring forward, as it closes", "America/New_York", "2026-03-08T21:00:00Z", false],
    // New York, 1 November 2026: at 02:00 EDT (06:00Z) the clock goes back to 01:00 EST.
    ["fall back, before it opens", "America/New_York", "2026-11-01T12:59:00Z", false],
    ["fall back, as it opens", "America/New_York", "2026-11-01T13:00:00Z", true],
    ["fall back, its last minute", "America/New_York", "2026-11-01T21:59:00Z", true],
    ["fall back, as it closes", "America/New_York", "2026-11-01T22:00:00Z", false],
    // Phoenix keeps its clock: the same UTC hours on all these days.
    ["without a change, in March, before it opens", "America/Phoenix", "2026-03-08T14:59:00Z", false],
    ["without a change, in March, as it opens", "America/Phoenix", "2026-03-08T15:00:00Z", true],
    ["without a change, in November, before it opens", "America/Phoenix", "2026-11-01T14:59:00Z", false],
    ["without a change, in November, as it opens", "America/Phoenix", "2026-11-01T15:00:00Z", true],
    ["without a change, in November, as it closes", "America/Phoenix", "2026-11-02T00:00:00Z", false],
  ])("%s (%s, %s): %s", (_title, timeZone, instant, isOpen) => {
    const day = { opens: "08:00", closes: "17:00" };
    expect(on(timeZone, { saturday: day, sunday: day })(instant)).toBe(isOpen);
  });

  it("the hour that comes twice counts both times, and one that never comes shortens the day", () => {
    const twice = on("America/New_York", { sunday: { opens: "01:00", closes: "01:30" } });
    expect(
      ["05:00", "05:29", "05:30", "06:00", "06:29", "06:30"].map((time) => twice(`2026-11-01T${time}:00Z`)),
    ).toEqual([true, true, false, true, true, false]);
    const never = on("America/New_York", { sunday: { opens: "02:30", closes: "04:00" } });
    expect(["06:59", "07:00", "07:59", "08:00"].map((time) => never(`2026-03-08T${time}:00Z`))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("a night runs into the next day, over the change too", () => {
    const night = on("America/New_York", { saturday: { opens: "22:00", closes: "04:00" } });
    const told = ["2026-10-31T12:00:00Z", "2026-11-01T02:00:00Z", "2026-11-01T08:59:00Z", "2026-11-01T09:00:00Z"];
    expect(told.map((instant) => night(instant))).toEqual([false, true, true, false]);
    expect(night("2026-11-02T04:00:00Z")).toBe(false);
    const whole = on("UTC", { monday: { opens: "00:00", closes: "24:00" } });
    expect(
      ["2026-11-22T23:59:00Z", "2026-11-23T00:00:00Z", "2026-11-23T23:59:59Z", "2026-11-24T00:00:00Z"].map(whole),
    ).toEqual([false, true, true, false]);
  });

  it.each([
    ["an unknown zone", { timeZone: "America/Springfield", week: CLOSED }],
    ["an offset, which knows no change", { timeZone: "+05:00", week: CLOSED }],
    ["no zone", { timeZone: "", week: CLOSED }],
    ["words of its own", { timeZone: "UTC", week: CLOSED, note: "ask Jane" }],
    ["a day missing", { timeZone: "UTC", week: { ...CLOSED, sunday: undefined } }],
    ["an hour that is none", { timeZone: "UTC", week: { ...CLOSED, monday: { opens: "24:00", closes: "25:00" } } }],
    ["no time between", { timeZone: "UTC", week: { ...CLOSED, monday: { opens: "08:00", closes: "08:00" } } }],
  ])("with %s are refused", (_title, hours) => {
    expect(ClinicHours.safeParse(hours).success).toBe(false);
    expect(PrivacySettings.safeParse({ relationship: "open", privacyOfficers: [], hours }).success).toBe(false);
  });

  it("that are not set are said not to be watched", () => {
    const settings = { relationship: "open", privacyOfficers: [] } as const;
    expect(notWatched(PrivacySettings.parse(settings))).toEqual(["off-hours"]);
    expect(notWatched(PrivacySettings.parse({ ...settings, hours: { timeZone: "UTC", week: CLOSED } }))).toEqual([]);
  });
});
