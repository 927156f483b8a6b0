import { clinicOf } from "../../../core/schedule/index.ts";
import type { Caller } from "../world.ts";
import type { Row } from "./rows.ts";
import type { Role, Scene } from "./scene.ts";

/** The clinic's profile, its day and its appointments. A visit is begun by whoever treats. */

const KEEPERS: readonly Role[] = ["physician", "nurse", "front-desk"];
const TREATING: readonly Role[] = ["physician", "nurse"];
const OFFICE: readonly Role[] = ["clinic-administrator"];

/** An appointment of the own patient that begins now, at version 1. */
async function booked({ world, own }: Scene): Promise<string> {
  const startMs = Math.floor(Date.now() / 60_000) * 60_000;
  const answer = await world.a.importer.send("POST", "/fhir/Appointment", {
    body: {
      resourceType: "Appointment",
      status: "booked",
      start: new Date(startMs).toISOString(),
      end: new Date(startMs + 60_000).toISOString(),
      participant: [{ actor: { reference: `Patient/${own}` }, status: "accepted" }],
    },
  });
  if (answer.status !== 201) throw new Error(`an appointment was refused: ${answer.text}`);
  return String(answer.body["id"]);
}

const ACCEPT = ["patient-busy", "outside-hours"];
const inAMonth = (): string => new Date(Date.now() + 30 * 864e5).toISOString().slice(0, 10);

/** One act on an appointment that nobody else touches. `before` brings it to where the act can be done. */
const act =
  (name: string, body?: object, before: readonly string[] = []) =>
  async (scene: Scene, by: Caller) => {
    const id = await booked(scene);
    let version = 1;
    for (const step of before) {
      const done = await scene.world.a.desk.send("POST", `/clinic/appointments/${id}/step`, {
        body: { step },
        headers: { "if-match": `W/"${String(version)}"` },
      });
      if (done.status !== 200) throw new Error(`a step was refused: ${done.text}`);
      version += 1;
    }
    return by.send("POST", `/clinic/appointments/${id}/${name}`, {
      ...(body === undefined ? {} : { body }),
      headers: { "if-match": `W/"${String(version)}"` },
    });
  };

export const SCHEDULE: readonly Row[] = [
  {
    route: "readClinicProfile",
    on: "the clinic",
    status: 200,
    roles: [...KEEPERS, "billing", "clinic-administrator", "auditor", "patient"],
    ask: (_scene, by) => by.send("GET", "/clinic/profile"),
  },
  {
    route: "changeClinicProfile",
    on: "the clinic",
    status: 200,
    roles: OFFICE,
    ask: (_scene, by) =>
      by.send("PUT", "/clinic/profile", {
        body: clinicOf(undefined, "Lakeside").profile,
        headers: { "if-match": 'W/"0"' },
      }),
  },
  {
    // Nobody here has shown both factors again.
    route: "changeTimeZone",
    on: "the clinic",
    status: 200,
    roles: [],
    ask: (_scene, by) =>
      by.send("PUT", "/clinic/profile/time-zone", {
        body: { timeZone: "America/Chicago" },
        headers: { "if-match": 'W/"0"' },
      }),
  },
  {
    route: "readScheduleSetup",
    on: "the clinic",
    status: 200,
    roles: [...KEEPERS, ...OFFICE],
    ask: (_scene, by) => by.send("GET", "/clinic/schedule"),
  },
  {
    route: "addPlace",
    on: "the clinic",
    status: 201,
    roles: OFFICE,
    ask: (_scene, by) => by.send("POST", "/clinic/schedule/places", { body: { name: "Room 1", kind: "room" } }),
  },
  {
    route: "changePlace",
    on: "a room",
    status: 200,
    roles: OFFICE,
    ask: async ({ callers }, by) => {
      const office = callers.get("clinic-administrator");
      const body = { name: "Room 2", kind: "room" };
      const made = await office?.send("POST", "/clinic/schedule/places", { body });
      const headers = { "if-match": 'W/"1"' };
      return by.send("PUT", `/clinic/schedule/places/${String(made?.body["id"])}`, { body, headers });
    },
  },
  {
    route: "addVisitType",
    on: "the clinic",
    status: 201,
    roles: OFFICE,
    ask: (_scene, by) =>
      by.send("POST", "/clinic/schedule/visit-types", { body: { name: "Checkup", minutes: 20, tone: "blue" } }),
  },
  {
    route: "changeVisitType",
    on: "a visit type",
    status: 200,
    roles: OFFICE,
    ask: async ({ callers }, by) => {
      const office = callers.get("clinic-administrator");
      const body = { name: "Checkup", minutes: 20, tone: "blue" };
      const made = await office?.send("POST", "/clinic/schedule/visit-types", { body });
      const headers = { "if-match": 'W/"1"' };
      return by.send("PUT", `/clinic/schedule/visit-types/${String(made?.body["id"])}`, { body, headers });
    },
  },
  {
    route: "changeProviderHours",
    on: "a provider",
    status: 200,
    roles: OFFICE,
    ask: async ({ callers, filed }, by) => {
      const provider = await filed("Practitioner");
      const setup = await callers.get("clinic-administrator")?.send("GET", "/clinic/schedule");
      const { version = 0 } = (setup?.body["hours"] ?? {}) as { readonly version?: number };
      return by.send("PUT", `/clinic/schedule/providers/${provider}/hours`, {
        body: { availableTime: null, notAvailable: [] },
        headers: { "if-match": `W/"${String(version)}"` },
      });
    },
  },
  {
    route: "readDay",
    on: "the clinic",
    status: 200,
    roles: KEEPERS,
    ask: (_scene, by) => by.send("GET", `/clinic/day/${inAMonth()}`),
  },
  {
    route: "findFreeTimes",
    on: "a provider",
    status: 200,
    roles: KEEPERS,
    ask: async ({ filed }, by) =>
      by.send("GET", `/clinic/free-times?minutes=20&provider=${await filed("Practitioner")}`),
  },
  {
    route: "findMoves",
    on: "the own patient",
    status: 200,
    roles: KEEPERS,
    ask: async (scene, by) =>
      by.send("GET", `/clinic/appointments/${await booked(scene)}/moves/${inAMonth()}?by=provider&lane=`),
  },
  {
    route: "bookAppointment",
    on: "another patient",
    status: 201,
    roles: KEEPERS,
    ask: ({ other }, by) =>
      by.send("POST", "/clinic/appointments", {
        body: { patient: other, day: inAMonth(), time: "10:00", minutes: 20, accept: ACCEPT },
      }),
  },
  {
    route: "walkIn",
    on: "another patient",
    status: 201,
    roles: KEEPERS,
    ask: ({ other }, by) =>
      by.send("POST", "/clinic/appointments/walk-in", { body: { patient: other, minutes: 20, accept: ACCEPT } }),
  },
  {
    route: "moveAppointment",
    on: "the own patient",
    status: 200,
    roles: KEEPERS,
    ask: act("move", { day: inAMonth(), time: "11:00", accept: ACCEPT }),
  },
  {
    route: "cancelAppointment",
    on: "the own patient",
    status: 200,
    roles: KEEPERS,
    ask: act("cancel", { reason: "pat" }),
  },
  {
    route: "stepAppointment",
    on: "the own patient",
    status: 200,
    roles: KEEPERS,
    ask: act("step", { step: "arrive" }),
  },
  {
    route: "roomAppointment",
    on: "the own patient",
    status: 200,
    roles: KEEPERS,
    ask: act("room", {}, ["arrive"]),
  },
  {
    route: "startVisit",
    on: "the own patient",
    status: 200,
    roles: TREATING,
    ask: act("start", undefined, ["arrive"]),
  },
];
