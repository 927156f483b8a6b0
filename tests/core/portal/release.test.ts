import { describe, expect, it } from "vitest";
import type { ReleaseRule } from "../../../core/contract/index.ts";
import type { FhirResource } from "../../../core/fhir/index.ts";
import { recordBundle } from "../../../core/portal/bundle.ts";
import { cancelUntilMs, mayCancelAt } from "../../../core/portal/notice.ts";
import { daysAfter, releasedOf } from "../../../core/portal/release.ts";
import { RESULT_REVIEW } from "../../../core/record/index.ts";

const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const ZONE = "America/Chicago";
const at = (text: string): number => Date.parse(text);
const ISSUED = "2026-11-02T15:00:00Z";

const record = (resource: Record<string, unknown>): FhirResource => resource as unknown as FhirResource;
const lab = (id: string, more: object = {}): FhirResource =>
  record({
    resourceType: "Observation",
    id,
    status: "final",
    category: [{ coding: [{ code: "laboratory" }] }],
    issued: ISSUED,
    ...more,
  });
const report = (id: string, results: readonly string[], more: object = {}): FhirResource =>
  record({
    resourceType: "DiagnosticReport",
    id,
    status: "final",
    issued: ISSUED,
    result: results.map((each) => ({ reference: `Observation/${each}` })),
    ...more,
  });
const note = (id: string, docStatus: string | undefined, more: object = {}): FhirResource =>
  record({
    resourceType: "DocumentReference",
    id,
    status: "current",
    ...(docStatus !== undefined && { docStatus }),
    meta: { lastUpdated: ISSUED },
    ...more,
  });
const REVIEWED = { extension: [{ url: RESULT_REVIEW, extension: [] }] };

const shownOf = (records: readonly FhirResource[], rule: ReleaseRule, now: string): readonly (string | undefined)[] =>
  releasedOf(records, { rules: { notes: rule, results: rule }, nowMs: at(now), zone: ZONE }).map(({ id }) => id);

describe("CLIN-11 what is released", () => {
  const once: ReleaseRule = { when: "at-once" };

  it.each([
    ["a final result", lab("x"), true],
    ["a preliminary result", lab("x", { status: "preliminary" }), false],
    ["a registered result", lab("x", { status: "registered" }), false],
    ["a result that was entered in error", lab("x", { status: "entered-in-error" }), false],
    ["a cancelled report", report("x", [], { status: "cancelled" }), false],
    ["an amended report", report("x", [], { status: "amended" }), true],
    ["a signed note", note("x", "final"), true],
    ["a note that nobody has signed", note("x", "preliminary"), false],
    ["a note that was entered in error", note("x", "final", { status: "entered-in-error" }), false],
    ["a document that another system sent", note("x", undefined), true],
    ["a vital sign", lab("x", { category: [{ coding: [{ code: "vital-signs" }] }] }), true],
    [
      "an observation that does not say what it is, and is not finished",
      lab("x", { category: [], status: "partial" }),
      false,
    ],
    [
      "a psychotherapy note",
      note("x", "final", { meta: { security: [{ system: ACT_CODE, code: "PSYTHPN" }] } }),
      false,
    ],
    ["an allergy", record({ resourceType: "AllergyIntolerance", id: "x" }), true],
  ])("CLIN-11 at once: %s", (_title, one, isShown) => {
    expect(shownOf([one], once, "2026-11-02T15:00:00Z")).toEqual(isShown ? ["x"] : []);
  });

  it.each([
    ["the moment before", "2026-11-05T14:59:59Z", false],
    ["three days of the clinic's calendar later", "2026-11-05T15:00:00Z", true],
  ])("CLIN-11 after three days: %s", (_title, now, isShown) => {
    expect(shownOf([lab("x")], { when: "after-days", days: 3 }, now)).toEqual(isShown ? ["x"] : []);
  });

  it("CLIN-11 days are the clinic's where its clock changes: the same time of day, 23 or 25 hours later", () => {
    // The clocks of Chicago go back on 1 November 2026 and forward on 8 March 2026.
    expect(daysAfter(ZONE, at("2026-10-31T15:00:00Z"), 1)).toBe(at("2026-11-01T16:00:00Z"));
    expect(daysAfter(ZONE, at("2026-03-07T16:00:00Z"), 1)).toBe(at("2026-03-08T15:00:00Z"));
    // 02:30 is not there on 8 March: it goes on at three.
    expect(daysAfter(ZONE, at("2026-03-07T08:30:00Z"), 1)).toBe(at("2026-03-08T08:00:00Z"));
  });

  it("CLIN-11 signed off by a review of the report, with all that stands in it, or at the latest after days", () => {
    const rule: ReleaseRule = { when: "after-sign-off", atLatestDays: 5 };
    const now = "2026-11-02T16:00:00Z";
    const waiting = [report("r", ["a"]), lab("a"), lab("alone")];
    expect(shownOf(waiting, rule, now)).toEqual([]);
    expect(shownOf([report("r", ["a"], REVIEWED), lab("a"), lab("alone")], rule, now)).toEqual(["r", "a"]);
    expect(shownOf(waiting, rule, "2026-11-07T15:00:00Z")).toEqual(["r", "a", "alone"]);
    expect(shownOf([note("n", "final"), note("d", "preliminary")], rule, now)).toEqual(["n"]);
  });

  it("CLIN-11 a result waits with the report that it stands in, however old it is itself", () => {
    const old = { issued: "2026-01-01T00:00:00Z" };
    const records = [report("r", ["a"], { status: "preliminary" }), lab("a", old)];
    expect(shownOf(records, once, "2026-11-02T15:00:00Z")).toEqual([]);
    expect(
      shownOf([report("r", ["a"]), lab("a", old)], { when: "after-days", days: 2 }, "2026-11-03T15:00:00Z"),
    ).toEqual([]);
  });

  it("CLIN-11 pictures and studies wait with the report that they stand in", () => {
    const parts = { media: [{ link: { reference: "Media/m" } }], imagingStudy: [{ reference: "ImagingStudy/s" }] };
    const pictures = [record({ resourceType: "Media", id: "m" }), record({ resourceType: "ImagingStudy", id: "s" })];
    const now = "2026-11-02T15:00:00Z";
    expect(shownOf([report("r", [], { ...parts, status: "partial" }), ...pictures], once, now)).toEqual([]);
    expect(shownOf([report("r", [], parts), ...pictures], once, now)).toEqual(["r", "m", "s"]);
  });

  it("CLIN-11 what is taken along names nothing that is left", () => {
    const task = record({ resourceType: "Task", id: "t" });
    const visit = record({
      resourceType: "Appointment",
      id: "v",
      supportingInformation: [{ reference: "Task/t" }, { reference: "Observation/a" }],
    });
    const bundle = JSON.stringify(recordBundle([lab("a"), task, visit], at(ISSUED)));
    expect(bundle).toContain("Observation/a");
    expect(bundle).not.toContain("Task");
  });
});

describe("CLIN-11 the notice rule", () => {
  const start = at("2026-11-02T15:00:00Z");

  it.each([
    ["24 hours", { unit: "hours", count: 24 }, "2026-11-01T15:00:00Z"],
    ["no notice", { unit: "hours", count: 0 }, "2026-11-02T15:00:00Z"],
    ["a day of the calendar, which had 25 hours", { unit: "days", count: 1 }, "2026-11-01T15:00:00Z"],
    ["two days, over the change of the clock", { unit: "days", count: 2 }, "2026-10-31T14:00:00Z"],
    ["48 hours, over the change of the clock", { unit: "hours", count: 48 }, "2026-10-31T15:00:00Z"],
  ] as const)("CLIN-11 %s: up to and at that moment, and not after it", (_title, rule, until) => {
    const untilMs = at(until);
    expect(new Date(cancelUntilMs(rule, start, ZONE)).toISOString()).toBe(new Date(untilMs).toISOString());
    const isBeforeStart = untilMs < start;
    expect(mayCancelAt(rule, start, ZONE, untilMs)).toBe(isBeforeStart);
    expect(mayCancelAt(rule, start, ZONE, untilMs - 1)).toBe(true);
    expect(mayCancelAt(rule, start, ZONE, untilMs + 1)).toBe(false);
  });

  it("CLIN-11 a time of day that the clock skips or shows twice", () => {
    const visit = at("2026-03-09T07:30:00Z");
    expect(cancelUntilMs({ unit: "days", count: 1 }, visit, ZONE)).toBe(at("2026-03-08T08:00:00Z"));
    const twice = at("2026-11-02T07:30:00Z");
    expect(cancelUntilMs({ unit: "days", count: 1 }, twice, ZONE)).toBe(at("2026-11-01T06:30:00Z"));
  });
});
