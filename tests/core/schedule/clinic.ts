import type { BookAppointment, ClinicProfile } from "../../../core/contract/index.ts";
import type { Grant } from "../../../core/policy/grant.ts";
import { type Clinic, clinicOf, type ScheduleDesk } from "../../../core/schedule/index.ts";
import { valueOf } from "../crypto/fixtures.ts";
import { createWorld, grantOf, patient, resource, type World } from "../record/world.ts";

/** A small clinic in Chicago with two providers, two rooms and two patients, on Monday, 2 March 2026, at 8 in the morning. */
export interface Practice {
  readonly world: World;
  readonly clinic: Clinic;
  readonly desk: ScheduleDesk;
  readonly ada: string;
  readonly bea: string;
  readonly provider: string;
  readonly other: string;
  readonly room: string;
  readonly otherRoom: string;
  /** A request for half past nine with the first provider. */
  booking(more?: Partial<BookAppointment>): BookAppointment;
  deskOf(grant: Grant): ScheduleDesk;
}

export const clinicWith = (
  more: Partial<ClinicProfile> = {},
  timeZone = "America/Chicago",
  providers: Clinic["hours"]["providers"] = {},
): Clinic => {
  const { profile } = clinicOf(undefined, "Lakeside");
  return {
    profile: { ...profile, ...more },
    timeZone,
    isTimeZoneSet: true,
    version: 1,
    hours: { version: 1, providers },
  };
};

export async function openPractice(clinic = clinicWith()): Promise<Practice> {
  const world = await createWorld();
  world.clock.nowMs = Date.parse("2026-03-02T14:00:00Z");
  const grant = grantOf();
  const records = world.for(grant);
  const filed = async (value: object): Promise<string> =>
    valueOf(await records.create(grant, resource(value))).version.id;
  const person = async (family: string): Promise<string> =>
    valueOf(await records.create(grant, patient(family))).version.id;
  const practice = {
    ada: await person("Lovelace"),
    bea: await person("Arthur"),
    provider: await filed({ resourceType: "Practitioner", name: [{ family: "Reyes" }] }),
    other: await filed({ resourceType: "Practitioner", name: [{ family: "Okafor" }] }),
    room: await filed({ resourceType: "Location", name: "Room 1" }),
    otherRoom: await filed({ resourceType: "Location", name: "Room 2" }),
  };
  const deskOf = (own: Grant): ScheduleDesk => ({ records: world.for(own), grant: own, clinic, clock: world.clock });
  return {
    ...practice,
    world,
    clinic,
    desk: deskOf(grant),
    deskOf,
    booking: (more = {}) => ({
      patient: practice.ada,
      day: "2026-03-02",
      time: "09:30",
      minutes: 20,
      provider: practice.provider,
      accept: [],
      ...more,
    }),
  };
}
