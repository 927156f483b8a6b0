import { describe, expect, it } from "vitest";
import { notWatched, type OpeningWeek, PrivacySettings } from "../../../core/contract/index.ts";
import { openingOf } from "../../../core/schedule/index.ts";
import { clinicWith } from "./clinic.ts";

const CLOSED = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };
const on = (timeZone: string, days: Partial<OpeningWeek>): ((instant: string) => boolean) => {
  const isOpen = openingOf(clinicWith({ week: { ...CLOSED, ...days } }, timeZone));
  return (instant) => isOpen(Date.parse(instant));
};

describe("AUD-6 a clinic's hours, as the watch goes by them", () => {
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
    const day = [{ opens: "08:00", closes: "17:00" }];
    expect(on(timeZone, { saturday: day, sunday: day })(instant)).toBe(isOpen);
  });

  it("the hour that comes twice is open from its first beginning to its second end; one that never comes shortens the day", () => {
    const twice = on("America/New_York", { sunday: [{ opens: "01:00", closes: "01:30" }] });
    expect(["04:59", "05:00", "05:29", "06:29", "06:30"].map((time) => twice(`2026-11-01T${time}:00Z`))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    const never = on("America/New_York", { sunday: [{ opens: "02:30", closes: "04:00" }] });
    expect(["06:59", "07:00", "07:59", "08:00"].map((time) => never(`2026-03-08T${time}:00Z`))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("a night is the end of one day and the beginning of the next; a pause at noon closes nobody out", () => {
    const night = on("UTC", {
      monday: [{ opens: "22:00", closes: "24:00" }],
      tuesday: [{ opens: "00:00", closes: "04:00" }],
    });
    const told = ["2026-11-23T21:59:00Z", "2026-11-23T22:00:00Z", "2026-11-24T03:59:59Z", "2026-11-24T04:00:00Z"];
    expect(told.map(night)).toEqual([false, true, true, false]);
    const paused = on("UTC", {
      monday: [
        { opens: "08:00", closes: "12:00" },
        { opens: "13:00", closes: "17:00" },
      ],
    });
    expect(["2026-11-23T07:59:00Z", "2026-11-23T12:30:00Z", "2026-11-23T17:00:00Z"].map(paused)).toEqual([
      false,
      true,
      false,
    ]);
  });

  it("a holiday has the hours that were said for it", () => {
    const thanksgiving = { from: "2026-11-26", to: "2026-11-26", name: "Thanksgiving", hours: [] };
    const isOpen = openingOf(clinicWith({ exceptions: [thanksgiving] }));
    expect(["2026-11-25T18:00:00Z", "2026-11-26T18:00:00Z"].map((at) => isOpen(Date.parse(at)))).toEqual([true, false]);
  });

  it("on a clock that nobody chose are said not to be watched, and have no second place", () => {
    expect(notWatched({ isTimeZoneSet: false })).toEqual(["off-hours"]);
    expect(notWatched({ isTimeZoneSet: true })).toEqual([]);
    const settings = { relationship: "open", privacyOfficers: [] };
    expect(PrivacySettings.safeParse(settings).success).toBe(true);
    expect(PrivacySettings.safeParse({ ...settings, hours: { timeZone: "UTC", week: CLOSED } }).success).toBe(false);
  });
});
