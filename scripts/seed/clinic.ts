import { Random, seededId } from "./random.ts";
import { FAMILY_NAMES, GIVEN_NAMES, ROOMS, STAFF, SYSTEMS } from "./vocabulary.ts";

export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [member: string]: unknown;
}

export interface ClinicPlan {
  readonly seed: string;
  /** `2026-11-22`: histories end here, appointments begin here. */
  readonly today: string;
}

/** Marks every synthetic resource as what it is: HL7 v3 ActReason HTEST. */
export const TEST_META = {
  tag: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", code: "HTEST" }],
} as const;

export const DAY_MS = 86_400_000;
export const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const instantOf = (ms: number): string => new Date(ms).toISOString();

export const coding = (system: string, { code, display }: { readonly code: string; readonly display: string }) => ({
  coding: [{ system, code, display }],
  text: display,
});

export interface ClinicStaff {
  readonly organizationId: string;
  readonly practitioners: readonly { readonly id: string; readonly role: string; readonly scheduleId: string }[];
  readonly locationIds: readonly string[];
}

export const clinicStaff = ({ seed }: ClinicPlan): ClinicStaff => ({
  organizationId: seededId(seed, "organization"),
  practitioners: STAFF.map(({ role }, index) => ({
    id: seededId(seed, "practitioner", String(index)),
    role,
    scheduleId: seededId(seed, "schedule", String(index)),
  })),
  locationIds: ROOMS.map((_, index) => seededId(seed, "location", String(index))),
});

/** NPIs end with a Luhn digit over 80840 and the first nine: CMS, National Provider Identifier standard. */
function npiOf(nine: string): string {
  const digits = Array.from(`80840${nine}`, Number).toReversed();
  const sum = digits.reduce(
    (total, digit, index) => total + (index % 2 === 0 ? ([0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] ?? 0) : digit),
    0,
  );
  return `${nine}${(10 - (sum % 10)) % 10}`;
}

/** Everything of the clinic that is nobody's record: organization, rooms, staff, their schedules and the slots of a fortnight. */
export function clinicResources(plan: ClinicPlan): Resource[] {
  const random = new Random(`${plan.seed}/clinic`);
  const staff = clinicStaff(plan);
  const resources: Resource[] = [
    {
      resourceType: "Organization",
      id: staff.organizationId,
      meta: TEST_META,
      active: true,
      name: `${random.pick(FAMILY_NAMES)} Family Practice`,
      telecom: [{ system: "phone", value: "555-0100", use: "work" }],
    },
  ];
  for (const [index, name] of ROOMS.entries()) {
    resources.push({
      resourceType: "Location",
      id: staff.locationIds[index] ?? "",
      meta: TEST_META,
      status: "active",
      name,
      mode: "instance",
      physicalType: {
        coding: [
          { system: "http://terminology.hl7.org/CodeSystem/location-physical-type", code: "ro", display: "Room" },
        ],
      },
      managingOrganization: { reference: `Organization/${staff.organizationId}` },
    });
  }
  const midnight = Date.parse(`${plan.today}T00:00:00Z`);
  for (const [index, member] of staff.practitioners.entries()) {
    const kind = STAFF[index] ?? STAFF[0];
    const gender = random.chance(0.5) ? "female" : "male";
    const reference = `Practitioner/${member.id}`;
    resources.push({
      resourceType: "Practitioner",
      id: member.id,
      meta: TEST_META,
      active: true,
      identifier: [{ system: SYSTEMS.npi, value: npiOf(`1${String(random.integer(0, 99_999_999)).padStart(8, "0")}`) }],
      name: [
        {
          family: random.pick(FAMILY_NAMES),
          given: [random.pick(GIVEN_NAMES[gender])],
          ...(kind.prefix === "" ? {} : { prefix: [kind.prefix] }),
        },
      ],
      gender,
    });
    resources.push({
      resourceType: "PractitionerRole",
      id: seededId(plan.seed, "practitioner-role", String(index)),
      meta: TEST_META,
      active: true,
      practitioner: { reference },
      organization: { reference: `Organization/${staff.organizationId}` },
      code: [coding(SYSTEMS.snomed, kind)],
    });
    resources.push({
      resourceType: "Schedule",
      id: member.scheduleId,
      meta: TEST_META,
      active: true,
      actor: [{ reference }, { reference: `Location/${staff.locationIds[index % staff.locationIds.length] ?? ""}` }],
      planningHorizon: { start: dateOf(midnight), end: dateOf(midnight + 14 * DAY_MS) },
    });
    for (let day = 0; day < 14; day += 1) {
      const start = midnight + day * DAY_MS;
      if ([0, 6].includes(new Date(start).getUTCDay())) continue;
      for (let half = 0; half < 6; half += 1) {
        const at = start + 14 * 3_600_000 + half * 1_800_000;
        resources.push({
          resourceType: "Slot",
          id: seededId(plan.seed, "slot", String(index), String(day), String(half)),
          meta: TEST_META,
          schedule: { reference: `Schedule/${member.scheduleId}` },
          status: random.chance(0.4) ? "busy" : "free",
          start: instantOf(at),
          end: instantOf(at + 1_800_000),
        });
      }
    }
  }
  return resources;
}
