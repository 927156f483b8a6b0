import type { Json, Person } from "../harness/people.ts";
import type { Clinic, Portal } from "../portal.ts";

/** A clinic with two providers, two rooms and two visit types, where it is the middle of the day. */
export interface Practice {
  readonly clinic: Clinic;
  readonly timeZone: string;
  readonly provider: string;
  readonly other: string;
  readonly room: string;
  readonly otherRoom: string;
  readonly checkup: string;
  /** Today on the clinic's own calendar. */
  readonly today: string;
  /** Settles that a provider works from midnight until then on each day. */
  worksUntil(provider: string, closes: string): Promise<void>;
  /** Books at an instant, as another system would, and gives the id. */
  booked(
    patient: string,
    startMs: number,
    more?: { readonly minutes?: number; readonly reason?: string },
  ): Promise<string>;
}

/** Somewhere on earth it is between nine and two: tests of a working day run at any hour. */
const PLACES = [
  "Pacific/Honolulu",
  "America/Los_Angeles",
  "America/New_York",
  "Atlantic/South_Georgia",
  "Europe/Berlin",
  "Asia/Karachi",
  "Asia/Tokyo",
  "Pacific/Auckland",
];
const hourIn = (timeZone: string, ms: number): number =>
  Number(new Intl.DateTimeFormat("en-US", { timeZone, hour: "2-digit", hourCycle: "h23" }).format(ms));
const dayIn = (timeZone: string, ms: number): string => new Intl.DateTimeFormat("en-CA", { timeZone }).format(ms);

export function noonPlace(nowMs: number): string {
  const place = PLACES.find((zone) => Math.abs(hourIn(zone, nowMs) - 11.5) <= 2.5);
  if (place === undefined) throw new Error("it is noon somewhere");
  return place;
}

const OPEN = [{ opens: "00:00", closes: "24:00" }];
const WEEK = {
  monday: OPEN,
  tuesday: OPEN,
  wednesday: OPEN,
  thursday: OPEN,
  friday: OPEN,
  saturday: OPEN,
  sunday: OPEN,
};

async function made(
  answer: Promise<{ readonly status: number; readonly body: Json; readonly text: string }>,
): Promise<Json> {
  const { status, body, text } = await answer;
  if (status >= 300) throw new Error(`the clinic was refused something: ${String(status)} ${text}`);
  return body;
}

/** The time zone wants both factors again: what they open is a session's, so that the change goes with its cookie. */
async function changeTimeZone(portal: Portal, person: Person, timeZone: string): Promise<void> {
  const own = { "sec-fetch-site": "same-origin", origin: portal.origin, "content-type": "application/json" };
  const send = (method: string, path: string, cookie: string, body: unknown, headers = {}): Promise<Response> =>
    fetch(`${portal.stage.stack.endpoint}${path}`, {
      method,
      headers: { ...own, cookie: `__Host-sid=${cookie}`, ...headers },
      body: JSON.stringify(body),
    });
  const session = await portal.cookieOf(person);
  const factors = { password: person.password, totp: await portal.freshCode(person) };
  const stepped = await send("POST", "/session/step-up", session, factors);
  const cookie = /__Host-sid=([\w-]+)/.exec(stepped.headers.getSetCookie().join("\n"))?.[1] ?? "";
  const headers = { "if-match": 'W/"0"', "x-purpose-of-use": "HOPERAT" };
  const done = await send("PUT", "/clinic/profile/time-zone", cookie, { timeZone }, headers);
  if (!done.ok) throw new Error(`the time zone was refused: ${String(done.status)} ${await done.text()}`);
}

export async function openPractice(portal: Portal, name: string, zone?: string): Promise<Practice> {
  const clinic = await portal.clinic(name);
  const nowMs = portal.stage.clock.now();
  const timeZone = zone ?? noonPlace(nowMs);
  const office = clinic.as("clinic-administrator");
  const [purpose, headers] = ["HOPERAT", { "if-match": 'W/"1"' }];
  await changeTimeZone(portal, await clinic.person("clinic-administrator"), timeZone);
  const profile = await made(office.send("GET", "/clinic/profile", { purpose }));
  const {
    version: _version,
    timeZone: _zone,
    isTimeZoneSet: _isSet,
    ...rest
  } = profile as Readonly<Record<string, unknown>>;
  await made(office.send("PUT", "/clinic/profile", { purpose, headers, body: { ...rest, name, week: WEEK } }));
  const filed = async (path: string, body: object): Promise<string> =>
    String((await made(office.send("POST", path, { purpose, body })))["id"]);
  const practitioner = (given: string, family: string): Promise<string> =>
    filed("/fhir/Practitioner", { resourceType: "Practitioner", active: true, name: [{ given: [given], family }] });
  const provider = await practitioner("Daniel", "Reyes");
  return {
    clinic,
    timeZone,
    provider,
    other: await practitioner("Maya", "Okafor"),
    room: await filed("/clinic/schedule/places", { name: "Room 1", kind: "room" }),
    otherRoom: await filed("/clinic/schedule/places", { name: "Room 2", kind: "room" }),
    checkup: await filed("/clinic/schedule/visit-types", { name: "Checkup", minutes: 30, tone: "blue" }),
    today: dayIn(timeZone, nowMs),
    async worksUntil(id, closes) {
      const availableTime = Object.fromEntries(Object.keys(WEEK).map((day) => [day, [{ opens: "00:00", closes }]]));
      const body = { availableTime, notAvailable: [] };
      const first = { "if-match": 'W/"0"' };
      await made(office.send("PUT", `/clinic/schedule/providers/${id}/hours`, { purpose, headers: first, body }));
    },
    async booked(patient, startMs, { minutes = 20, reason } = {}) {
      const body = {
        resourceType: "Appointment",
        status: "booked",
        start: new Date(startMs).toISOString(),
        end: new Date(startMs + minutes * 60_000).toISOString(),
        ...(reason !== undefined && { reasonCode: [{ text: reason }] }),
        participant: [`Patient/${patient}`, `Practitioner/${provider}`].map((reference) => ({
          actor: { reference },
          status: "accepted",
        })),
      };
      return String(
        (await made(clinic.as("physician").send("POST", "/fhir/Appointment", { purpose: "TREAT", body })))["id"],
      );
    },
  };
}
