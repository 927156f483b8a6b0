import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { dataRowsOf, eventsAbout } from "./http/state.ts";
import { type Answer, canaryObservation, canaryPatient, newTestId } from "./world.ts";

/**
 * RET-3: a legal hold stops every change of a chart from its commit on, is placed by one person and lifted by two, and
 * each step is in the trail. And what a consent would change is shown without storing it.
 */
let scene: Scene;
let people: Readonly<Record<"one" | "two" | "doc", Person>>;
const WORDS = "CANARYMATTER case 2026/117, county court";

beforeAll(async () => {
  scene = await openScene();
  const { a } = scene.world;
  people = {
    one: await scene.hire(a, ["clinic-administrator"]),
    two: await scene.hire(a, ["clinic-administrator"]),
    doc: await scene.hire(a, ["physician"]),
  };
});
afterAll(() => scene.close());

const headers = { "x-purpose-of-use": "TREAT" };
async function file(): Promise<string> {
  const { a } = scene.world;
  const made = await a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(a), headers });
  expect(made.status).toBe(201);
  return String(made.body["id"]);
}
const told = (answer: Answer): unknown[] =>
  eventsAbout(scene.world, scene.world.a.tenantId, answer).map(({ interaction, outcome, stage }) =>
    [interaction, stage, outcome].filter(Boolean).join(" "),
  );
const place = (by: Session, patient: string, mode = "frozen"): Promise<Answer> =>
  by.send("POST", "/clinic/holds", {
    purpose: "HOPERAT",
    body: { patient, mode, reason: { code: "litigation", text: WORDS } },
  });
const release = (by: Session, patient: string, approval?: string): Promise<Answer> =>
  by.send("POST", `/clinic/holds/${patient}/release`, {
    purpose: "HOPERAT",
    body: {
      reason: { code: "matter-closed", text: "the court closed the matter" },
      ...(approval === undefined ? {} : { approval }),
    },
  });
const write = (patient: string): Promise<Answer> =>
  scene.world.a.doc.send("POST", "/fhir/Observation", { body: canaryObservation(scene.world.a, patient), headers });

describe("RET-3 a hold", () => {
  it("RET-3 stops every change of the chart, and no other chart, and is told with its reason sealed", async () => {
    const [patient, other] = [await file(), await file()];
    expect((await write(patient)).status).toBe(201);
    const one = await scene.signInSteppedUp(people.one);
    const placed = await place(one, patient);
    expect([placed.status, told(placed)]).toEqual([201, ["hold.place success"]]);
    expect(eventsAbout(scene.world, scene.world.a.tenantId, placed)[0]).toMatchObject({
      patient,
      reason: { code: "litigation" },
      entities: [
        { type: "Hold", id: String(placed.body["id"]) },
        { type: "Patient", id: patient },
      ],
    });
    const refused = await write(patient);
    expect([refused.status, refused.text.includes("legal-hold")]).toEqual([423, true]);
    expect((await write(other)).status).toBe(201);
    const { body } = await one.send("GET", "/clinic/holds", { purpose: "HOPERAT" });
    expect(body["holds"]).toContainEqual(
      expect.objectContaining({ patient, mode: "frozen", reason: { code: "litigation", text: WORDS } }),
    );
    expect(dataRowsOf(scene.world, scene.world.a.tenantId).filter((row) => row.includes("CANARYMATTER"))).toEqual([]);
  });

  it("RET-3 is one at a time, and of a patient of this clinic", async () => {
    const patient = await file();
    const one = await scene.signInSteppedUp(people.one);
    expect((await place(one, patient)).status).toBe(201);
    expect((await place(one, patient, "restricted")).body["rule"]).toBe("hold-exists");
    const nobody = await place(one, newTestId());
    expect([nobody.status, told(nobody)]).toEqual([404, ["hold.place denied"]]);
  });

  it("RET-3 is lifted by two: one asks, another approves, and neither alone", async () => {
    const patient = await file();
    const [one, two] = [await scene.signInSteppedUp(people.one), await scene.signInSteppedUp(people.two)];
    await place(one, patient);
    const asked = await release(one, patient);
    const approval = String(asked.body["approval"]);
    expect([asked.status, told(asked)]).toEqual([202, ["hold.release start success"]]);
    const alone = await release(one, patient, approval);
    expect([alone.status, alone.body["rule"], told(alone)]).toEqual([
      403,
      "second-person",
      ["hold.release approve denied"],
    ]);
    expect((await write(patient)).status).toBe(423);
    const lifted = await release(two, patient, approval);
    expect([lifted.status, told(lifted)]).toEqual([
      200,
      ["hold.release approve success", "hold.release finish success"],
    ]);
    expect((await write(patient)).status).toBe(201);
  });

  it("RET-3 what was approved for one hold lifts no later one and no other patient's", async () => {
    const [patient, other] = [await file(), await file()];
    const [one, two] = [await scene.signInSteppedUp(people.one), await scene.signInSteppedUp(people.two)];
    await place(one, patient);
    await place(one, other);
    const approval = String((await release(one, patient)).body["approval"]);
    const spare = String((await release(one, patient)).body["approval"]);
    expect((await release(two, other, approval)).body["rule"]).toBe("approval-other");
    expect((await release(two, patient, approval)).status).toBe(200);
    await place(one, patient);
    expect((await release(two, patient, spare)).body["rule"]).toBe("approval-other");
    expect((await release(two, patient, approval)).status).toBe(422);
    expect((await release(two, patient, newTestId())).status).toBe(404);
    expect((await write(patient)).status).toBe(423);
  });

  it("RET-3 takes a step-up and who keeps holds", async () => {
    const patient = await file();
    expect((await place(await scene.signIn(people.one), patient)).body["rule"]).toBe("step-up");
    const doc = await scene.signInSteppedUp(people.doc);
    const refused = await place(doc, patient);
    expect([refused.status, told(refused)]).toEqual([403, ["hold.place denied"]]);
    expect((await release(doc, patient)).status).toBe(403);
  });
});

describe("POL-1 a consent before it is signed", () => {
  const consent = (patient: string) => ({
    resourceType: "Consent",
    status: "active",
    scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
    category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
    patient: { reference: `Patient/${patient}` },
    dateTime: "2026-11-01",
    policyRule: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "OPTOUT" }] },
  });
  const preview = (by: Session, patient: string, body: unknown): Promise<Answer> =>
    by.send("POST", "/clinic/consents/preview", { purpose: "TREAT", body: { patient, consent: body } });

  it("POL-1 shows by role what it would open and close, and stores nothing", async () => {
    const patient = await file();
    const doc = await scene.signIn(people.doc);
    const before = dataRowsOf(scene.world, scene.world.a.tenantId);
    const shown = await preview(doc, patient, consent(patient));
    expect([shown.status, told(shown)]).toEqual([200, ["consent.preview success"]]);
    const effects = shown.body["effects"] as unknown as Record<string, unknown>[];
    const of = (role: string, purpose: string) =>
      effects.find((effect) => effect["role"] === role && effect["purpose"] === purpose);
    expect(of("physician", "TREAT")).toMatchObject({
      before: { C: true, S: false, D: true },
      after: { C: false, S: false },
      isChanged: true,
    });
    expect(of("patient", "PATRQT")).toMatchObject({ isChanged: false });
    expect(dataRowsOf(scene.world, scene.world.a.tenantId)).toEqual(before);
  });

  it("POL-1 refuses what would not be enforced, a patient of nobody, and another patient's", async () => {
    const [patient, other] = [await file(), await file()];
    const doc = await scene.signIn(people.doc);
    const unknown = { ...consent(patient), policyRule: { coding: [{ system: "urn:x", code: "y" }] } };
    expect((await preview(doc, patient, unknown)).status).toBe(422);
    expect((await preview(doc, patient, { resourceType: "Consent" })).status).toBe(422);
    expect((await preview(doc, patient, consent(other))).body["rule"]).toBe("one-patient");
    expect((await preview(doc, newTestId(), consent(patient))).status).toBe(404);
  });
});
