import { describe, expect, it } from "vitest";
import { validateResource } from "../../../core/fhir/index.ts";
import { clinicDay } from "../../../core/schedule/clinic-time.ts";
import { visitOf } from "../../../core/schedule/visit.ts";
import { generateClinic, type Resource } from "../../../scripts/seed/index.ts";
import { latelyResources } from "../../../scripts/seed/lately.ts";
import { dayResources, daysAround, visitTypeResources } from "../../../scripts/seed/week.ts";

const timeZone = "America/Chicago";
/** A Tuesday, a quarter to eleven in Chicago. */
const nowMs = Date.parse("2026-11-24T16:45:00Z");
const plan = { seed: "lakeside", today: "2026-11-24", timeZone, nowMs, patients: 20 };
const visits = (day: string, at = nowMs) =>
  dayResources({ ...plan, nowMs: at }, day).flatMap((resource) =>
    resource.resourceType === "Appointment" ? (visitOf(resource as never, 1) ?? []) : [],
  );
const all = (): Resource[] => [
  ...visitTypeResources(plan),
  ...latelyResources(plan),
  ...daysAround(timeZone, nowMs).flatMap((day) => dayResources(plan, day)),
];

describe("CLIN-19 the days of a synthetic clinic", () => {
  it("the same plan, day and moment give the same bytes", () => {
    expect(JSON.stringify(all())).toBe(JSON.stringify(all()));
  });

  it("every resource is valid, marked synthetic, and refers only to what exists", () => {
    const resources = [...all(), ...[...generateClinic(plan, plan.patients)].flat()];
    const known = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
    expect(known.size).toBe(resources.length);
    for (const resource of resources) {
      const result = validateResource(resource);
      expect(result.ok ? [] : result.error.issues, resource.resourceType).toEqual([]);
      expect(JSON.stringify(resource["meta"])).toContain("HTEST");
      for (const match of JSON.stringify(resource).matchAll(/"reference":"([^"]+)"/g))
        expect(known).toContain(match[1]);
    }
  });

  it("statuses are spread over the day that it is, and nothing of tomorrow has happened", () => {
    const [, , today = "", tomorrow = ""] = daysAround(timeZone, nowMs);
    expect(today).toBe("2026-11-24");
    const stages = new Set(visits(today).map(({ stage }) => stage));
    for (const stage of ["booked", "completed"]) expect(stages).toContain(stage);
    expect([...stages].some((stage) => ["arrived", "roomed", "in-visit", "ready"].includes(stage))).toBe(true);
    expect(new Set(visits(tomorrow).map(({ stage }) => stage))).toEqual(new Set(["booked"]));
    for (const { stage, path } of visits(today)) expect(path.at(-1)?.stage).toBe(stage);
  });

  it("CLIN-2 on every day of the week somebody comes, on the clinic's own day, and once at most", () => {
    for (const day of daysAround(timeZone, nowMs)) {
      const booked = visits(day);
      expect(booked.length).toBeGreaterThan(4);
      expect(new Set(booked.map(({ patientId }) => patientId)).size).toBe(booked.length);
      expect(new Set(booked.map(({ startMs }) => clinicDay(timeZone, startMs)))).toEqual(new Set([day]));
    }
  });

  it.each(["America/Chicago", "Pacific/Kiritimati", "Pacific/Honolulu", "Asia/Kolkata"])(
    "the first patient comes weeks apart, today and once more, in a clinic of any size in %s",
    (zone) => {
      const [own = ""] = Object.keys(Object.groupBy(latelyResources(plan), ({ id }) => id.split(".")[0] ?? ""));
      for (const patients of [1, 20]) {
        const here = { ...plan, timeZone: zone, patients, today: clinicDay(zone, nowMs) };
        const week = daysAround(zone, nowMs).flatMap((day) => dayResources(here, day));
        const visits = [...latelyResources(here), ...week].flatMap((resource) =>
          resource.resourceType === "Appointment" ? (visitOf(resource as never, 1) ?? []) : [],
        );
        const comes = visits.filter(({ patientId }) => patientId === own);
        const days = comes.map(({ startMs }) => clinicDay(zone, startMs)).toSorted();
        expect(days.filter((day) => day === here.today)).toHaveLength(1);
        expect(days.filter((day) => day > here.today)).toHaveLength(1);
        const past = days.filter((day) => day < here.today);
        expect(past.length).toBeGreaterThan(2);
        const gaps = past.slice(1).map((day, index) => Date.parse(day) - Date.parse(past[index] ?? ""));
        for (const gapMs of gaps) expect(gapMs).toBeGreaterThan(13 * 86_400_000);
        for (const { stage, startMs } of comes)
          if (startMs < nowMs) expect(stage).not.toMatch(/cancelled|no-show|booked/);
      }
    },
  );

  it("CLIN-2 nobody sees two at a time, also on the day with 25 hours", () => {
    for (const day of ["2026-11-01", "2026-11-24"]) {
      const byProvider = Object.groupBy(visits(day), ({ provider = "" }) => provider);
      for (const own of Object.values(byProvider)) {
        const sorted = (own ?? []).toSorted((a, b) => a.startMs - b.startMs);
        expect(sorted.every((one, index) => (sorted[index - 1]?.endMs ?? 0) <= one.startMs)).toBe(true);
      }
    }
  });
});
