import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { addMember } from "./http/members.ts";
import { type Answer, canaryPatient, type Json } from "./world.ts";

/**
 * AUD-6: members who open a colleague's chart or their own, and charts that are opened while the clinic is closed, are
 * told to the clinic once, with their events. Who works as everybody does is not.
 */
const MINUTE_MS = 60_000;
/** As long as the watch may remember what a clinic has set. */
const FELT_AFTER_MS = 6 * MINUTE_MS;
const TIMEOUT_MS = 300_000;
const KINDS = ["off-hours", "colleague-record", "own-record"];
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

let scene: Scene;
let charts: readonly string[];
let curious: Session;
let nurse: Session;
let nurseAsPatient: Session;
let jane: Session;
let desk: Session;
let auditor: Session;
/** Who signs in later: an operator's own session does not last that long. */
let later: Readonly<Record<"admin" | "auditor" | "night" | "day", Person>>;

const chart = (index: number): string => charts[index] ?? "";
const open = (by: Session, index: number, purpose = "TREAT"): Promise<Answer> =>
  by.send("GET", `/fhir/Patient/${chart(index)}`, { purpose });
const eventOf = (answer: Answer): string => (answer.headers.get("x-audit-receipt") ?? "").split(".")[0] ?? "";

async function pass(ms: number): Promise<void> {
  await scene.world.stack.drain();
  for (let left = ms; left > 0; left -= MINUTE_MS) {
    await scene.clock.advance(Math.min(left, MINUTE_MS));
    await scene.world.stack.drain();
  }
}

async function alerts(query = ""): Promise<{ readonly answer: Answer; readonly unusual: readonly Json[] }> {
  const answer = await auditor.send("GET", `/clinic/alerts${query}`, { purpose: "HOPERAT" });
  expect(answer.status).toBe(200);
  const all = Array.isArray(answer.body["alerts"]) ? answer.body["alerts"] : [];
  return { answer, unusual: all.filter(({ kind }) => KINDS.includes(kind ?? "")) };
}

/** The hours of the clinic's profile, alike on every day, over the version that it has. */
async function setHours(admin: Session, spans: readonly object[]): Promise<Answer> {
  const {
    timeZone: _zone,
    isTimeZoneSet: _set,
    version,
    ...profile
  } = (await readProfile(admin)).body as { readonly [name: string]: Json };
  return admin.send("PUT", "/clinic/profile", {
    purpose: "HOPERAT",
    body: { ...profile, week: Object.fromEntries(DAYS.map((name) => [name, spans])) } as Json,
    headers: { "if-match": `W/"${String(version)}"` },
  });
}
const readProfile = (by: Session): Promise<Answer> => by.send("GET", "/clinic/profile", { purpose: "HOPERAT" });

describe("AUD-6 unusual views", () => {
  beforeAll(async () => {
    scene = await openScene({ runs: ["Seal", "Reconcile", "Witness", "Export"] });
    const { a } = scene.world;
    const { tenantId } = a;
    const file = async (): Promise<string> => {
      const headers = { "x-purpose-of-use": "TREAT" };
      const made = await a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(a), headers });
      expect(made.status).toBe(201);
      return String(made.body["id"]);
    };
    charts = [await file(), await file(), await file(), await file()];
    const hired = async (login: string, roles: readonly string[], patientId: string): Promise<Person> =>
      addMember(scene.world, { tenantId, login: `${login}.${roles[0]}`, roles, patientId });
    const colleague = await hired("both", ["nurse", "patient"], chart(0));
    nurse = await scene.signIn(colleague, "TREAT");
    nurseAsPatient = await scene.signIn(colleague, "PATRQT");
    jane = await scene.signIn(await hired("jane", ["patient"], chart(1)), "PATRQT");
    curious = await scene.signIn(await scene.hire(a, ["physician"]), "TREAT");
    desk = await scene.signIn(await scene.hire(a, ["front-desk"]), "HOPERAT");
    later = {
      admin: await scene.hire(a, ["clinic-administrator"]),
      auditor: await scene.hire(a, ["auditor"]),
      night: await scene.hire(a, ["physician"]),
      day: await scene.hire(a, ["physician"]),
    };
    auditor = await scene.signIn(later.auditor, "HOPERAT");
  }, TIMEOUT_MS);
  afterAll(() => scene.close());

  it(
    "AUD-6 a colleague's chart and one's own are told once, with their events; honest work and a clinic without hours are not",
    async () => {
      const seen = [await open(curious, 0), await open(curious, 0)];
      const own = await open(nurse, 0);
      const honest = [
        await open(curious, 1),
        await open(curious, 2),
        await open(curious, 3),
        await open(nurseAsPatient, 0, "PATRQT"),
        await jane.send("GET", "/patient/record"),
        await desk.send("GET", "/fhir/Patient?_count=10", { purpose: "HOPERAT" }),
      ];
      expect([...seen, own, ...honest].map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 200));
      await pass(2 * MINUTE_MS);
      const { answer, unusual } = await alerts();
      expect(
        unusual.toSorted((left, right) => String(left["kind"]).localeCompare(String(right["kind"]))),
      ).toMatchObject([
        { kind: "colleague-record", severity: "notice", user: curious.userId, patient: chart(0) },
        { kind: "own-record", severity: "notice", user: nurse.userId, patient: chart(0), evidence: [eventOf(own)] },
      ]);
      const told = unusual.find(({ kind }) => kind === "colleague-record")?.["evidence"];
      expect(told).toEqual(seen.map(eventOf).toReversed());
      expect(answer.body["notWatched"]).toEqual(["off-hours"]);
      expect(answer.text).not.toContain(scene.world.a.canary);
      await open(curious, 0);
      await pass(MINUTE_MS);
      expect((await alerts()).unusual).toEqual(unusual);
      // Told of a day, and found by who asks for the last minutes of it.
      const since = new Date(scene.clock.now() - 30 * MINUTE_MS).toISOString();
      expect((await alerts(`?from=${since}`)).unusual).toEqual(unusual);
    },
    TIMEOUT_MS,
  );

  it(
    "AUD-6 charts that are opened while the clinic is closed are told once; while it is open they are not",
    async () => {
      const admin = await scene.signInSteppedUp(later.admin, "HOPERAT");
      const before = await admin.send("GET", "/clinic/settings/privacy", { purpose: "HOPERAT" });
      expect(before.body["notWatched"]).toEqual(["off-hours"]);
      // Hours of their own in the privacy settings would be a second answer to one question.
      const second = { relationship: "open", privacyOfficers: [], hours: { timeZone: "UTC", week: {} } };
      const refused = await admin.send("PUT", "/clinic/settings/privacy", {
        purpose: "HOPERAT",
        body: second,
        headers: { "x-reason": "maintenance" },
      });
      expect(refused.status).toBe(400);
      expect((await setHours(admin, [])).status).toBe(200);
      expect((await alerts()).answer.body["notWatched"]).toEqual(["off-hours"]);
      const zoned = await admin.send("PUT", "/clinic/profile/time-zone", {
        purpose: "HOPERAT",
        body: { timeZone: "America/New_York" },
        headers: { "if-match": `W/"${String((await readProfile(admin)).body["version"])}"` },
      });
      expect(zoned.status).toBe(200);
      const after = await admin.send("GET", "/clinic/settings/privacy", { purpose: "HOPERAT" });
      expect(after.body["notWatched"]).toEqual([]);
      await pass(FELT_AFTER_MS);
      const night = await scene.signIn(later.night, "TREAT");
      const seen = [await open(night, 1), await open(night, 2), await open(night, 3)];
      await pass(2 * MINUTE_MS);
      const ofNight = async () => (await alerts()).unusual.filter(({ user }) => user === night.userId);
      const told = await ofNight();
      expect(told).toMatchObject([{ kind: "off-hours", count: 3, evidence: seen.map(eventOf).toReversed() }]);
      expect((await alerts()).answer.body["notWatched"]).toEqual([]);

      const again = await scene.signInSteppedUp(later.admin, "HOPERAT");
      expect((await setHours(again, [{ opens: "00:00", closes: "24:00" }])).status).toBe(200);
      await pass(FELT_AFTER_MS);
      const day = await scene.signIn(later.day, "TREAT");
      for (const index of [1, 2, 3]) expect((await open(day, index)).status).toBe(200);
      await pass(2 * MINUTE_MS);
      auditor = await scene.signIn(later.auditor, "HOPERAT");
      expect((await alerts()).unusual.filter(({ user }) => user === day.userId)).toEqual([]);
      expect(await ofNight()).toEqual(told);
    },
    TIMEOUT_MS,
  );
});
