import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { essence } from "./http/answers.ts";
import { eventsAbout, eventsOf } from "./http/state.ts";
import { openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { type Answer, canaryObservation, canaryPatient, type Json, newTestId } from "./world.ts";

/**
 * AT-34, POL-9: a chart is opened in an emergency by a clinician who says why and shows both factors again, for one
 * patient, for an hour at most, under a red marker, and is looked back at by somebody else. Everything else is refused,
 * and every refusal is in the clinic's trail.
 */
const MINUTE_MS = 60_000;
/** An hour of the stage: every schedule of every minute of it runs. */
const AN_HOUR_TIMEOUT_MS = 300_000;
const WORDS = "CANARYEMERGENCY found unresponsive in the waiting room";
const REASON = { code: "immediate-care", text: WORDS };

let scene: Scene;
let people: Readonly<Record<"doc" | "colleague" | "desk" | "admin" | "chief", Person>>;
let patients: readonly string[];
/** A record of a special category, which nobody reads by role. */
let segmented: string;
let foreign: string;

beforeAll(async () => {
  scene = await openScene();
  const { world } = scene;
  const { a, b } = world;
  people = {
    doc: await scene.hire(a, ["physician"]),
    colleague: await scene.hire(a, ["physician"]),
    desk: await scene.hire(a, ["front-desk"]),
    admin: await scene.hire(a, ["clinic-administrator"]),
    chief: await scene.hire(a, ["physician", "clinic-administrator"]),
  };
  const purpose = { "x-purpose-of-use": "TREAT" };
  const file = async (clinic: typeof a): Promise<string> =>
    String(
      (await clinic.doc.send("POST", "/fhir/Patient", { body: canaryPatient(clinic), headers: purpose })).body["id"],
    );
  patients = [await file(a), await file(a), await file(a), await file(a), await file(a), await file(a), await file(a)];
  foreign = await file(b);
  const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "ETH" }];
  const made = await a.doc.send("POST", "/fhir/Observation", {
    body: { ...canaryObservation(a, patients[0] ?? ""), meta: { security } },
    headers: purpose,
  });
  segmented = `/fhir/Observation/${String(made.body["id"])}`;
  expect(made.status).toBe(201);
});
afterAll(() => scene.close());

const patient = (index: number): string => patients[index] ?? "";
const begin = (by: Session, of: string, more: Record<string, unknown> = {}, headers = {}): Promise<Answer> =>
  by.send("POST", "/clinic/break-glass", { purpose: "TREAT", body: { patient: of, reason: REASON, ...more }, headers });
const chart = (by: Session, of: string, purpose = "ETREAT"): Promise<Answer> =>
  by.send("GET", `/fhir/Patient/${of}`, { purpose });
const told = (answer: Answer): unknown[] =>
  eventsAbout(scene.world, scene.world.a.tenantId, answer).map(
    ({ interaction, outcome }) => `${interaction} ${outcome}`,
  );
const queue = async (by: Session): Promise<readonly Json[]> =>
  (await by.send("GET", "/clinic/break-glass", { purpose: "HOPERAT" })).body["episodes"] ?? [];

describe("AT-34 an emergency that is none", () => {
  it.each<[string, Record<string, unknown>]>([
    ["without a reason", { reason: undefined }],
    ["without words of one's own", { reason: { code: "immediate-care" } }],
    ["with a word or two", { reason: { code: "immediate-care", text: "urgent" } }],
    ["with a reason that is none of ours", { reason: { code: "curiosity", text: WORDS } }],
    ["for more than an hour", { minutes: 61 }],
    ["without an end", { minutes: 0 }],
  ])("AT-34 %s: 400, and an event that says so", async (_title, more) => {
    const doc = await scene.signInSteppedUp(people.doc);
    const answer = await begin(doc, patient(0), more);
    expect([answer.status, told(answer)]).toEqual([400, ["break-glass.begin failure"]]);
    expect((await chart(doc, patient(0))).status).toBe(403);
  });

  it("AT-34 without a step-up: 403 with the way out, and an event", async () => {
    const doc = await scene.signIn(people.doc);
    const answer = await begin(doc, patient(0));
    expect([answer.status, answer.body["rule"], told(answer)]).toEqual([403, "step-up", ["break-glass.begin denied"]]);
    expect(answer.body["title"]).toContain("/session/step-up");
  });

  it("AT-34 with a step-up of five minutes ago, or of another session: 403", async () => {
    const doc = await scene.signInSteppedUp(people.doc);
    const other = await scene.signIn(people.doc);
    expect((await begin(other, patient(0))).body["rule"]).toBe("step-up");
    await scene.clock.advance(5 * MINUTE_MS);
    expect((await begin(doc, patient(0))).body["rule"]).toBe("step-up");
  });

  it.each(["desk", "admin"] as const)(
    "AT-34 by a role that meets no emergency (%s): 403, stepped up or not",
    async (who) => {
      const by = await scene.signIn(people[who]);
      const before = await begin(by, patient(0));
      expect([before.status, before.body["rule"]]).toEqual([403, undefined]);
      await by.stepUp();
      const after = await begin(by, patient(0));
      expect([after.status, after.body["rule"], told(after)]).toEqual([403, undefined, ["break-glass.begin denied"]]);
    },
  );

  it("AT-34 for a patient of another clinic: 404, as for nobody, and no row", async () => {
    const doc = await scene.signInSteppedUp(people.doc);
    const before = (await queue(await scene.signIn(people.admin))).length;
    const [theirs, nobody] = [await begin(doc, foreign), await begin(doc, newTestId())];
    expect(theirs.status).toBe(404);
    expect(essence(theirs)).toEqual(essence(nobody));
    expect([told(theirs), told(nobody)]).toEqual([["break-glass.begin denied"], ["break-glass.begin denied"]]);
    expect(eventsAbout(scene.world, scene.world.b.tenantId, theirs)).toEqual([]);
    expect(await queue(await scene.signIn(people.admin))).toHaveLength(before);
  });

  it("AT-34 an id of a caller's own, which could be a name, stands in no event", async () => {
    const doc = await scene.signInSteppedUp(people.doc);
    const answer = await begin(doc, "Jane-Canary-1980");
    expect(answer.status).toBe(404);
    expect(JSON.stringify(eventsAbout(scene.world, scene.world.a.tenantId, answer))).not.toContain("Canary");
  });

  it("AT-34 the purpose alone opens nothing", async () => {
    const doc = await scene.signInSteppedUp(people.doc);
    const answer = await chart(doc, patient(0));
    expect([answer.status, answer.headers.get("x-break-glass")]).toEqual([403, null]);
  });
});

describe("POL-9 AT-34 an emergency", () => {
  it("POL-9 opens one chart with its special categories, under the red marker, and no other", async () => {
    const doc = await scene.signInSteppedUp(people.doc);
    expect((await doc.send("GET", segmented, { purpose: "TREAT" })).status).toBe(404);
    const begun = await begin(doc, patient(0));
    const { id, expiresAt } = begun.body as unknown as { id: string; expiresAt: string };
    expect([begun.status, told(begun)]).toEqual([201, ["break-glass.begin success"]]);
    expect(Date.parse(expiresAt) - scene.clock.now()).toBeLessThanOrEqual(60 * MINUTE_MS);
    const marker = `${id}; expires=${expiresAt}`;
    expect(begun.headers.get("x-break-glass")).toBe(marker);

    const read = await doc.send("GET", segmented, { purpose: "ETREAT" });
    expect([read.status, read.headers.get("x-break-glass")]).toEqual([200, marker]);
    expect((await chart(doc, patient(0))).headers.get("x-break-glass")).toBe(marker);
    const view = await doc.send("GET", `/clinic/patients/${patient(0)}/view`, { purpose: "ETREAT" });
    expect([view.status, view.headers.get("x-break-glass")]).toEqual([200, marker]);
    expect((await chart(doc, patient(1))).status).toBe(403);
    expect((await chart(doc, foreign)).status).toBe(403);
    expect((await chart(await scene.signIn(people.colleague), patient(0))).status).toBe(403);
    // What is read for another purpose is not read under the emergency.
    expect((await doc.send("GET", segmented, { purpose: "TREAT" })).status).toBe(404);
  });

  it("POL-9 is told to the trail with who, whom, why and until when, and its words are sealed", async () => {
    const doc = await scene.signInSteppedUp(people.doc);
    const begun = await begin(doc, patient(1));
    const id = String(begun.body["id"]);
    const [event] = eventsAbout(scene.world, scene.world.a.tenantId, begun);
    expect(event).toMatchObject({
      interaction: "break-glass.begin",
      actor: { user: people.doc.userId },
      patient: patient(1),
      reason: { code: "immediate-care" },
      emergency: id,
      entities: [
        { type: "BreakGlass", id },
        { type: "Patient", id: patient(1) },
      ],
    });
    const [read] = eventsAbout(scene.world, scene.world.a.tenantId, await chart(doc, patient(1)));
    expect(read).toMatchObject({ interaction: "read", purpose: "ETREAT", emergency: id });
    const lines = eventsOf(scene.world, scene.world.a.tenantId).map(({ line }) => line);
    expect(lines.filter((line) => line.includes("CANARYEMERGENCY"))).toEqual([]);
  });

  it("POL-9 waits in the review queue, which no clinician sees", async () => {
    const doc = await scene.signInSteppedUp(people.doc);
    const id = String((await begin(doc, patient(2))).body["id"]);
    const admin = await scene.signIn(people.admin);
    expect(await queue(admin)).toContainEqual(
      expect.objectContaining({ id, user: people.doc.userId, patient: patient(2), reason: REASON, state: "active" }),
    );
    const refused = await doc.send("GET", "/clinic/break-glass", { purpose: "TREAT" });
    expect([refused.status, told(refused)]).toEqual([403, ["break-glass.list denied"]]);
  });

  it(
    "AT-34 ends by itself after sixty minutes, in the chart and in the queue",
    async () => {
      const begun = await begin(await scene.signInSteppedUp(people.doc), patient(3));
      const id = String(begun.body["id"]);
      await scene.clock.advance(Date.parse(String(begun.body["expiresAt"])) - scene.clock.now() - 30 * 1000);
      const early = await chart(await scene.signIn(people.doc), patient(3));
      await scene.clock.advance(31 * 1000);
      const late = await chart(await scene.signIn(people.doc), patient(3));
      expect([early.status, late.status, late.headers.get("x-break-glass")]).toEqual([200, 403, null]);
      const admin = await scene.signIn(people.admin);
      expect(await queue(admin)).toContainEqual(expect.objectContaining({ id, state: "ended" }));
    },
    AN_HOUR_TIMEOUT_MS,
  );

  it("AT-34 ends by hand, of who began it or who keeps the queue, and not of a colleague", async () => {
    const doc = await scene.signInSteppedUp(people.doc);
    const id = String((await begin(doc, patient(4))).body["id"]);
    const end = (by: Session, purpose: string) => by.send("POST", `/clinic/break-glass/${id}/end`, { purpose });
    const colleague = await scene.signIn(people.colleague);
    expect((await end(colleague, "TREAT")).status).toBe(404);
    expect((await chart(doc, patient(4))).status).toBe(200);
    const ended = await end(await scene.signIn(people.admin), "HOPERAT");
    expect([ended.status, ended.body["state"]]).toEqual([200, "ended"]);
    expect((await chart(doc, patient(4))).status).toBe(403);
    expect((await end(doc, "TREAT")).status).toBe(422);
  });

  it("AT-34 is reviewed when it is over, by somebody else, once", async () => {
    const chief = await scene.signInSteppedUp(people.chief);
    const id = String((await begin(chief, patient(5))).body["id"]);
    const body = { outcome: "justified", text: "seen by two nurses, chart agrees" };
    const review = (by: Session) => by.send("POST", `/clinic/break-glass/${id}/review`, { purpose: "HOPERAT", body });
    const admin = await scene.signIn(people.admin);
    expect((await review(admin)).body["rule"]).toBe("break-glass-not-ended");
    await chief.send("POST", `/clinic/break-glass/${id}/end`, { purpose: "TREAT" });
    const own = await review(chief);
    expect([own.status, own.body["rule"], told(own)]).toEqual([403, "second-person", ["break-glass.review denied"]]);
    const reviewed = await review(admin);
    expect([reviewed.status, reviewed.body["state"], told(reviewed)]).toEqual([
      200,
      "reviewed",
      ["break-glass.review success"],
    ]);
    expect((await review(admin)).body["rule"]).toBe("reviewed");
    expect((await queue(admin)).filter((episode) => episode["id"] === id)).toEqual([]);
  });

  it("AT-34 is one effect however often it is sent, and one at a time", async () => {
    const doc = await scene.signInSteppedUp(people.doc);
    const key = { "idempotency-key": "emergency-0001" };
    const [first, again] = [await begin(doc, patient(6), {}, key), await begin(doc, patient(6), {}, key)];
    expect([first.status, again.status, again.headers.get("idempotency-replayed")]).toEqual([201, 201, "true"]);
    expect(again.body["id"]).toBe(first.body["id"]);
    expect((await begin(doc, patient(6), { minutes: 5 }, key)).status).toBe(422);
    expect((await begin(doc, patient(6))).body["rule"]).toBe("break-glass-open");
    await doc.send("POST", `/clinic/break-glass/${String(first.body["id"])}/end`, { purpose: "TREAT" });
    const both = await Promise.all([begin(doc, patient(6)), begin(doc, patient(6))]);
    expect(both.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(both.every(({ status }) => [201, 409, 422].includes(status))).toBe(true);
  });
});
