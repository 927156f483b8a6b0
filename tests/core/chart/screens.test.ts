import { describe, expect, it } from "vitest";
import { type BannerStanding, BANNER_SECTIONS, chartBanner } from "../../../core/chart/banner.ts";
import { chartLists, LISTS_SECTIONS } from "../../../core/chart/lists-view.ts";
import { vitalsSheet } from "../../../core/chart/sheet.ts";
import { TIMELINE_SECTIONS, timelineOf } from "../../../core/chart/timeline.ts";
import { lookAt } from "../../../core/chart/view-input.ts";
import { TIMELINE_KINDS } from "../../../core/contract/chart.ts";
import type { FhirResource } from "../../../core/fhir/index.ts";
import type { Consumer, SectionName, ViewInput } from "../../../core/view/index.ts";

const PATIENT = "0".repeat(26);
const NOW = Date.parse("2026-05-20T15:00:00Z");
const SECRET = "Xk-secret";
const subject = { reference: `Patient/${PATIENT}` };
const record = (more: object): FhirResource =>
  ({ meta: { versionId: "1" }, subject, ...more }) as unknown as FhirResource;

const RECORDS = [
  record({ resourceType: "Patient", id: PATIENT, name: [{ family: "Brightwater" }], birthDate: "2026-04-01" }),
  record({ resourceType: "Condition", id: "c1", code: { text: `${SECRET} gout` } }),
  record({
    resourceType: "MedicationStatement",
    id: "m1",
    status: "active",
    medicationCodeableConcept: { text: SECRET },
  }),
  record({ resourceType: "AllergyIntolerance", id: "a1", patient: subject, code: { text: `${SECRET} peanut` } }),
  record({
    resourceType: "Observation",
    id: "o1",
    status: "final",
    category: [{ coding: [{ code: "vital-signs" }] }],
    code: { coding: [{ system: "http://loinc.org", code: "8867-4" }] },
    effectiveDateTime: "2026-05-20T14:00:00Z",
    valueQuantity: { value: 150, code: "/min" },
  }),
];

const APPOINTMENTS = [undefined, "Dr. Kofi Pemberton"].map((display, index) =>
  record({
    resourceType: "Appointment",
    id: `v${String(index)}`,
    status: "booked",
    start: "2026-05-21T14:00:00Z",
    participant: [{ actor: { reference: `Practitioner/${PATIENT}`, ...(display !== undefined && { display }) } }],
  }),
);

const read = { state: "read", asOfMs: NOW } as const;
const permits = { permits: () => true, byClass: { C: "none", S: "none", B: "none", D: "none" } } as never;

function lookFor(
  consumer: Consumer,
  readings: ViewInput["readings"],
  sections: readonly SectionName[],
  asOfMs = NOW,
  records = RECORDS,
) {
  const input: ViewInput = { consumer, patientId: PATIENT, readings, ruling: permits, records, nowMs: asOfMs };
  const may = { record: true, change: true, reconcile: true };
  return lookAt(input, sections, { may, today: "2026-05-20", zone: "America/Chicago" });
}

const NOTHING: BannerStanding = { hold: "none", isWithheld: false };

describe("UIX-3 a class that is away is no empty list", () => {
  const readings = { D: read, C: { state: "failed" } } as const;

  it("UIX-3 lists, vitals and timeline say that they could not be read, and show nothing", () => {
    const lists = chartLists(lookFor("nurse", readings, LISTS_SECTIONS));
    for (const card of [lists.problems, lists.allergies, lists.medications, lists.immunizations])
      expect(card).toMatchObject({ items: { state: "unavailable" }, mayAdd: false, mayReconcile: false });
    const sheet = vitalsSheet(lookFor("nurse", readings, ["vitals"]));
    expect(sheet).toMatchObject({ columns: { state: "unavailable" }, mayRecord: false, isInfant: false });
    const timeline = timelineOf(lookFor("nurse", readings, TIMELINE_SECTIONS), TIMELINE_KINDS, { count: 50 });
    expect(timeline).toMatchObject({ entries: [], kinds: { problems: { state: "unavailable" } } });
    expect(JSON.stringify([lists, sheet, timeline])).not.toContain(SECRET);
  });

  it("UIX-3 the banner still says who it is, and that allergies could not be read", () => {
    const banner = chartBanner(lookFor("nurse", readings, BANNER_SECTIONS), NOTHING);
    expect(banner).toMatchObject({
      name: { state: "value", value: "Brightwater" },
      age: { state: "value", value: { count: 49, unit: "days" } },
      allergies: { state: "unavailable" },
    });
  });
});

describe("CLIN-4 the timeline speaks to people", () => {
  it("CLIN-4 who is known by an id alone is not named by it", () => {
    const look = lookFor("nurse", { D: read, C: read }, TIMELINE_SECTIONS, NOW, APPOINTMENTS);
    const { entries } = timelineOf(look, ["appointments"], { count: 50 });
    expect(entries.map(({ detail }) => detail)).toEqual([undefined, "Dr. Kofi Pemberton"]);
  });
});

describe("UIX-3 what is old says since when", () => {
  it("UIX-3 rows of a copy are stale, with its time", () => {
    const later = NOW + 3_600_000;
    const lists = chartLists(lookFor("nurse", { D: read, C: read }, LISTS_SECTIONS, later));
    expect(lists.problems.items).toMatchObject({ state: "stale", asOf: "2026-05-20T15:00:00.000Z" });
  });
});

describe("UIX-4 rows go to those who treat, and to the patient", () => {
  it.each(["front-desk", "billing", "auditor", "integration", "referral-partner"] as const)(
    "UIX-4 %s gets states and no row, whatever classes it reads",
    (consumer) => {
      const readings = { D: read, C: read, B: read };
      const answers = [
        chartLists(lookFor(consumer, readings, LISTS_SECTIONS)),
        vitalsSheet(lookFor(consumer, readings, ["vitals"])),
        chartBanner(lookFor(consumer, readings, BANNER_SECTIONS), NOTHING),
      ];
      expect(JSON.stringify(answers)).not.toContain(SECRET);
    },
  );

  it("UIX-4 the planted row is there for a nurse, so that the check above can find it", () => {
    const lists = chartLists(lookFor("nurse", { D: read, C: read }, LISTS_SECTIONS));
    expect(JSON.stringify(lists)).toContain(SECRET);
    const sheet = vitalsSheet(lookFor("nurse", { D: read, C: read }, ["vitals"]));
    expect(sheet).toMatchObject({ isInfant: true, columns: { value: [{ cells: [{ flag: "normal" }] }] } });
  });

  it("UIX-2 alerts are of the standing: a hold, an emergency, a consent", () => {
    const look = lookFor("nurse", { D: read, C: read }, BANNER_SECTIONS);
    const banner = chartBanner(look, { hold: "frozen", emergencyEndsAtMs: NOW + 60_000, isWithheld: true });
    expect(banner.alerts.map(({ kind }) => kind)).toEqual(["break-glass", "hold", "consent"]);
    const own = chartBanner(lookFor("patient", { D: read, C: read }, BANNER_SECTIONS), { ...NOTHING, hold: "frozen" });
    expect(own.alerts).toEqual([]);
  });
});
