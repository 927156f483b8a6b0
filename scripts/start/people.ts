import { clinicResources, type ClinicPlan, clinicStaff } from "../seed/clinic.ts";
import { patientResources } from "../seed/patient.ts";
import { Random, seededId } from "../seed/random.ts";
import type { Resource } from "../seed/clinic.ts";
import { FAMILY_NAMES, GIVEN_NAMES } from "../seed/vocabulary.ts";

/** Somebody who can sign in to a synthetic clinic. */
export interface DemoPerson {
  /** `doc`; the login is `a.doc` in the first clinic. */
  readonly suffix: string;
  readonly role: string;
  readonly displayName: string;
  /** The Practitioner that she is. */
  readonly practitionerId?: string;
  /** The Patient that she is. */
  readonly patientId?: string;
}

const STAFF = [
  { suffix: "doc", role: "physician", practitioner: 0 },
  { suffix: "nurse", role: "nurse", practitioner: 2 },
  { suffix: "desk", role: "front-desk" },
  { suffix: "bill", role: "billing" },
  { suffix: "admin", role: "clinic-administrator" },
  { suffix: "audit", role: "auditor" },
  { suffix: "patient", role: "patient" },
] as const;

export const firstPatientId = (seed: string): string => seededId(seed, "patient", "0");

interface HumanName {
  readonly family: string;
  readonly given: readonly string[];
  readonly prefix?: readonly string[];
}

function nameOf(resources: readonly Resource[], type: string, id: string): string {
  const found = resources.find((one) => one.resourceType === type && one.id === id);
  const [name] = (found?.["name"] ?? []) as readonly HumanName[];
  if (name === undefined) throw new Error(`the synthetic clinic has no ${type} that a member could be`);
  return [...(name.prefix ?? []), ...name.given, name.family].join(" ");
}

/** The people of a synthetic clinic: clinicians are its Practitioners, the patient is its first. */
export function demoPeople(plan: ClinicPlan): readonly DemoPerson[] {
  const clinic = clinicResources(plan);
  const { practitioners } = clinicStaff(plan);
  const random = new Random(`${plan.seed}/people`);
  return STAFF.map(({ suffix, role, ...more }): DemoPerson => {
    if ("practitioner" in more) {
      const practitionerId = practitioners[more.practitioner]?.id ?? "";
      return { suffix, role, practitionerId, displayName: nameOf(clinic, "Practitioner", practitionerId) };
    }
    if (role === "patient") {
      const patientId = firstPatientId(plan.seed);
      return { suffix, role, patientId, displayName: nameOf(patientResources(plan, 0), "Patient", patientId) };
    }
    const given = random.pick(random.chance(0.5) ? GIVEN_NAMES.female : GIVEN_NAMES.male);
    return { suffix, role, displayName: `${given} ${random.pick(FAMILY_NAMES)}` };
  });
}
