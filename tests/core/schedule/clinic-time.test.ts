import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTimeZone } from "../../../core/contract/index.ts";
import {
  addDays,
  atWallClock,
  clinicDay,
  clockChangeOn,
  dayBounds,
  parseDay,
  utcDaysOf,
  wallClock,
  weekdayOf,
  weekOf,
} from "../../../core/schedule/clinic-time.ts";

const HOUR = 3_600_000;
const CHICAGO = "America/Chicago";
const ZONES = [
  "UTC",
  CHICAGO,
  "America/New_York",
  "America/Los_Angeles",
  "America/Phoenix",
  "America/Anchorage",
  "Pacific/Honolulu",
  "America/Puerto_Rico",
  "America/St_Johns",
  "America/Asuncion",
  "Europe/Berlin",
  "Africa/Cairo",
  "Asia/Beirut",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Adelaide",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "Pacific/Apia",
  "Pacific/Kiritimati",
];

const zone = fc.constantFrom(...ZONES);
const day = fc
  .integer({ min: Date.UTC(2024, 0, 1) / 864e5, max: Date.UTC(2030, 11, 31) / 864e5 })
  .map((number) => new Date(number * 864e5).toISOString().slice(0, 10));
const minute = fc
  .integer({ min: 0, max: 1439 })
  .map((at) => `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`);

describe("CLIN-2 a clinic's day", () => {
  it("CLIN-2 is 23 hours long on 8 March 2026 and 25 on 1 November in every US zone that changes its clocks", () => {
    for (const place of [CHICAGO, "America/New_York", "America/Denver", "America/Los_Angeles", "America/Anchorage"]) {
      const lengthOf = (date: string): number => {
        const { startMs, endMs } = dayBounds(place, date);
        return (endMs - startMs) / HOUR;
      };
      expect([place, lengthOf("2026-03-08"), lengthOf("2026-11-01"), lengthOf("2026-06-01")]).toEqual([
        place,
        23,
        25,
        24,
      ]);
    }
  });

  it("CLIN-2 is 24 hours long all year where clocks do not change", () => {
    for (const place of ["America/Phoenix", "Pacific/Honolulu", "America/Puerto_Rico"])
      for (const date of ["2026-03-08", "2026-11-01"]) expect(clockChangeOn(place, date)).toBeUndefined();
  });

  it("CLIN-2 skips an hour that is not there, and says when the clock jumps", () => {
    const jump = Date.parse("2026-03-08T08:00:00Z");
    expect(atWallClock(CHICAGO, "2026-03-08", "01:59")).toEqual({ ok: true, value: { ms: jump - 60_000 } });
    expect(atWallClock(CHICAGO, "2026-03-08", "02:00")).toEqual({
      ok: false,
      error: { kind: "skipped", nextMs: jump },
    });
    expect(atWallClock(CHICAGO, "2026-03-08", "02:59")).toMatchObject({ ok: false });
    expect(atWallClock(CHICAGO, "2026-03-08", "03:00")).toEqual({ ok: true, value: { ms: jump } });
    expect(clockChangeOn(CHICAGO, "2026-03-08")).toEqual({ atMs: jump, byMinutes: 60 });
  });

  it("CLIN-2 names both of an hour that comes twice", () => {
    const first = Date.parse("2026-11-01T06:30:00Z");
    expect(atWallClock(CHICAGO, "2026-11-01", "01:30")).toEqual({
      ok: true,
      value: { ms: first, laterMs: first + HOUR },
    });
    expect(wallClock(CHICAGO, first)).toEqual({
      day: "2026-11-01",
      time: "01:30",
      offset: "-05:00",
      occurrence: "first",
    });
    expect(wallClock(CHICAGO, first + HOUR)).toMatchObject({ time: "01:30", offset: "-06:00", occurrence: "second" });
    expect(wallClock(CHICAGO, first + 2 * HOUR)).not.toHaveProperty("occurrence");
    expect(clockChangeOn(CHICAGO, "2026-11-01")).toEqual({ atMs: first + HOUR / 2, byMinutes: -60 });
  });

  it("CLIN-2 begins after midnight where clocks change at midnight", () => {
    const { startMs } = dayBounds("Africa/Cairo", "2026-04-24");
    expect(wallClock("Africa/Cairo", startMs)).toMatchObject({ day: "2026-04-24", time: "01:00" });
    expect(atWallClock("Africa/Cairo", "2026-04-24", "00:30")).toEqual({
      ok: false,
      error: { kind: "skipped", nextMs: startMs },
    });
    expect(clockChangeOn("Africa/Cairo", "2026-04-24")).toEqual({ atMs: startMs, byMinutes: 60 });
  });

  it("CLIN-2 changes by half an hour on Lord Howe Island", () => {
    const { startMs, endMs } = dayBounds("Australia/Lord_Howe", "2026-04-05");
    expect((endMs - startMs) / HOUR).toBe(24.5);
  });

  it("CLIN-2 ends where the next begins, and holds every instant of its own", () => {
    fc.assert(
      fc.property(zone, day, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (place, date, at) => {
        const { startMs, endMs } = dayBounds(place, date);
        expect(endMs).toBe(dayBounds(place, addDays(date, 1)).startMs);
        expect(Math.abs((endMs - startMs) / HOUR - 24)).toBeLessThanOrEqual(1);
        expect(clinicDay(place, startMs + Math.floor(at * (endMs - startMs)))).toBe(date);
        expect(clinicDay(place, startMs - 1)).toBe(addDays(date, -1));
        const change = clockChangeOn(place, date);
        expect((endMs - startMs) / 60_000).toBe(1440 - (change?.byMinutes ?? 0));
      }),
      { numRuns: 400 },
    );
  });

  it("CLIN-2 reads back every wall-clock time that it gives an instant for", () => {
    fc.assert(
      fc.property(zone, day, minute, (place, date, time) => {
        const at = atWallClock(place, date, time);
        if (!at.ok) {
          expect(clockChangeOn(place, date)?.atMs).toBe(at.error.nextMs);
          return;
        }
        const { ms, laterMs } = at.value;
        expect(wallClock(place, ms)).toMatchObject({ day: date, time });
        expect(wallClock(place, ms).occurrence).toBe(laterMs === undefined ? undefined : "first");
        if (laterMs !== undefined) expect(wallClock(place, laterMs)).toMatchObject({ time, occurrence: "second" });
      }),
      { numRuns: 400 },
    );
  });

  it("CLIN-2 is found by the UTC days that it touches", () => {
    expect(utcDaysOf(dayBounds(CHICAGO, "2026-11-01"))).toEqual(["2026-11-01", "2026-11-02"]);
    expect(utcDaysOf(dayBounds("UTC", "2026-11-01"))).toEqual(["2026-11-01"]);
    fc.assert(
      fc.property(zone, day, (place, date) => {
        const bounds = dayBounds(place, date);
        const days = utcDaysOf(bounds);
        for (const ms of [bounds.startMs, bounds.endMs - 1])
          expect(days).toContain(new Date(ms).toISOString().slice(0, 10));
      }),
    );
  });
});

describe("CLIN-2 days and weeks", () => {
  it.each(["2026-02-29", "2026-13-01", "2026-1-1", "today", "2026-03-08T00:00", ""])("CLIN-2 %j is no day", (text) => {
    expect(parseDay(text)).toBeUndefined();
  });
  it("CLIN-2 a leap day is one", () => expect(parseDay("2028-02-29")).toBe("2028-02-29"));
  it.each(["+05:00", "Nowhere/City", "", "05:00"])("CLIN-2 %j is no time zone", (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
  it("CLIN-2 the zones of this test are", () => expect(ZONES.filter((name) => !isTimeZone(name))).toEqual([]));
  it("CLIN-2 a week begins where it is told to", () => {
    expect(weekdayOf("2026-03-08")).toBe("sunday");
    expect(weekOf("2026-03-08")[0]).toBe("2026-03-02");
    expect(weekOf("2026-03-08", "sunday")).toEqual([
      "2026-03-08",
      "2026-03-09",
      "2026-03-10",
      "2026-03-11",
      "2026-03-12",
      "2026-03-13",
      "2026-03-14",
    ]);
  });
});
