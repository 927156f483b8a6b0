import { type ClinicPlan, clinicStaff, coding, DAY_MS, dateOf, type Resource, TEST_META } from "./clinic.ts";
import { Random, seededId } from "./random.ts";
import { SYSTEMS } from "./vocabulary.ts";
import { type DayPlan, FIRST, MINUTE_MS, namesOf, patientIdOf, visitResources, wallClockMs } from "./week.ts";

/** Weeks before its last day at which the first patient's history has a visit, and why she or he came. */
const LATELY = [
  { weeks: 19, reason: "Diabetes follow-up" },
  { weeks: 11, reason: "Annual physical" },
  { weeks: 3, reason: "Shortness of breath when climbing stairs" },
] as const;

/** The day of the newest of them. */
export const lastVisitDay = ({ today }: ClinicPlan): string =>
  dateOf(Date.parse(today) - Math.min(...LATELY.map(({ weeks }) => weeks)) * 7 * DAY_MS);

/**
 * The first patient's visits of the last months with the first practitioner, each with its appointment and what was
 * measured, and what came of the newest: a vaccine and a medicine.
 */
export function latelyResources(plan: ClinicPlan & Pick<DayPlan, "timeZone">): Resource[] {
  const { seed, today, timeZone } = plan;
  const [staff, names] = [clinicStaff(plan), namesOf(plan)];
  const [providerId, roomId] = [staff.practitioners[0]?.id ?? "", staff.locationIds[0] ?? ""];
  const past = { ...plan, nowMs: Date.parse(today), patients: 1 };
  const visits = LATELY.flatMap(({ weeks, reason }, index) => {
    const day = dateOf(Date.parse(today) - weeks * 7 * DAY_MS);
    const startMs = wallClockMs(timeZone, day, "10:20");
    const random = new Random(`${seed}/lately/${String(weeks)}`);
    const planned = { names, patient: FIRST, providerId, roomId, typeIndex: index === 1 ? 2 : 0, reason, isKept: true };
    return visitResources(past, day, random, {
      ...planned,
      startMs,
      endMs: startMs + 20 * MINUTE_MS,
      number: `lately-${String(weeks)}`,
    });
  });
  const newest = visits.findLast(({ resourceType }) => resourceType === "Encounter");
  const patientId = patientIdOf(seed, FIRST);
  const ownId = (kind: string): string => `${patientId}.${seededId(seed, "lately", kind)}`;
  const [subject, day] = [{ reference: `Patient/${patientId}` }, lastVisitDay(plan)];
  const encounter = { reference: `Encounter/${newest?.id ?? ""}` };
  return [
    ...visits,
    {
      resourceType: "MedicationRequest",
      id: ownId("medication"),
      meta: TEST_META,
      status: "active",
      intent: "order",
      medicationCodeableConcept: coding(SYSTEMS.rxnorm, { code: "197361", display: "amlodipine 5 MG Oral Tablet" }),
      subject,
      encounter,
      authoredOn: day,
      requester: { reference: `Practitioner/${providerId}` },
      dosageInstruction: [{ text: "1 tablet in the morning" }],
    },
    {
      resourceType: "Immunization",
      id: ownId("vaccine"),
      meta: TEST_META,
      status: "completed",
      vaccineCode: coding(SYSTEMS.cvx, { code: "216", display: "Pneumococcal conjugate vaccine, 20 valent" }),
      patient: subject,
      encounter,
      occurrenceDateTime: day,
      primarySource: true,
      lotNumber: "L4471",
    },
  ];
}
