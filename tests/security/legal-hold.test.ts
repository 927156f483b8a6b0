import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { dataRowsOf, eventsAbout } from "./http/state.ts";
import { type Answer, canaryObservation, canaryPatient, newTestId } from "./world.ts";

/**
 * RET-3: a legal hold keeps a chart as it is from its commit on and stops no care, is placed by one person and lifted by
 * two, and each step is in the trail. And what a consent would change is shown without storing it.
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
const add = (patient: string): Promise<Answer> =>
  scene.world.a.doc.send("POST", "/fhir/Observation", { body: canaryObservation(scene.world.a, patient), headers });
/** Changes the Patient itself. */
async function change(patient: string): Promise<Answer> {
  const { a } = scene.world;
  const path = `/fhir/Patient/${patient}`;
  const now = await a.doc.send("GET", path, { headers });
  return a.doc.send("PUT", path, {
    body: { ...canaryPatient(a), id: patient, active: true },
    headers: { ...headers, "if-match": now.headers.get("etag") ?? 'W/"1"' },
  });
}

const consent = (patient: string) => ({
  resourceType: "Consent",
  status: "active",
  scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
  category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
  patient: { reference: `Patient/${patient}` },
  dateTime: "2026-11-01",
  policyRule: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "OPTOUT" }] },
});

describe("RET-3 a hold", () => {
  it("RET-3 stops every change of the chart, and no other chart, and is told with its reason sealed", async () => {
    const [patient, other] = [await file(), await file()];
    expect((await change(patient)).status).toBe(200);
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
    const refused = await change(patient);
    expect([refused.status, refused.text.includes("legal-hold")]).toEqual([423, true]);
    expect((await change(other)).status).toBe(200);
    const { body } = await one.send("GET", "/clinic/holds", { purpose: "HOPERAT" });
    expect(body["holds"]).toContainEqual(
      expect.objectContaining({ patient, mode: "frozen", reason: { code: "litigation", text: WORDS } }),
    );
    expect(dataRowsOf(scene.world, scene.world.a.tenantId).filter((row) => row.includes("CANARYMATTER"))).toEqual([]);
  });

  it("RET-3 keeps what is there and stops no care: new records are added, a refusal of the patient too", async () => {
    const { a } = scene.world;
    const patient = await file();
    const made = await add(patient);
    await place(await scene.signInSteppedUp(people.one), patient);
    const path = `/fhir/Observation/${String(made.body["id"])}`;
    const match = { ...headers, "if-match": 'W/"1"' };
    const body = { ...canaryObservation(a, patient), id: made.body["id"], status: "amended" };
    const put = { resource: body, request: { method: "PUT", url: path.slice("/fhir/".length), ifMatch: 'W/"1"' } };
    const post = { resource: canaryObservation(a, patient), request: { method: "POST", url: "Observation" } };
    const bundle = (entry: readonly object[]) => ({ resourceType: "Bundle", type: "transaction", entry });
    const refused = [
      await a.doc.send("PUT", path, { body, headers: match }),
      await a.doc.send("DELETE", path, { headers: match }),
      await a.doc.send("POST", "/fhir", { body: bundle([post, put]), headers }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([423, 423, 423]);
    expect((await add(patient)).status).toBe(201);
    expect((await a.doc.send("POST", "/fhir", { body: bundle([post]), headers })).status).toBe(200);
    const optOut = await a.doc.send("POST", "/fhir/Consent", { body: consent(patient), headers });
    expect(optOut.status).toBe(201);
    expect((await a.doc.send("GET", path, { headers })).status).toBe(403);
    const now = await a.doc.send("GET", `/fhir/Consent/${String(optOut.body["id"])}`, {
      headers: { "x-purpose-of-use": "TREAT" },
    });
    expect(now.status).not.toBe(200);
  });

  it("RET-3 45 CFR 164.512(e) a restricting one opens to nobody but to who breaks the glass, and to her it adds", async () => {
    const { a } = scene.world;
    const patient = await file();
    const made = await add(patient);
    await place(await scene.signInSteppedUp(people.one), patient, "restricted");
    const path = `/fhir/Observation/${String(made.body["id"])}`;
    expect([(await a.doc.send("GET", path, { headers })).status, (await add(patient)).status]).toEqual([423, 423]);
    const doc = await scene.signInSteppedUp(people.doc);
    const inEmergency = (method: string, to: string, body?: unknown) =>
      doc.send(method, to, { purpose: "ETREAT", ...(body !== undefined && { body }) });
    expect((await inEmergency("GET", path)).status).toBe(403);
    const begun = await doc.send("POST", "/clinic/break-glass", {
      purpose: "TREAT",
      body: { patient, reason: { code: "immediate-care", text: "found unconscious in the waiting room" } },
    });
    expect([begun.status, begun.text]).toEqual([201, expect.any(String)]);
    const read = await inEmergency("GET", path);
    expect([read.status, read.text.includes(a.canary)]).toEqual([200, true]);
    expect((await inEmergency("POST", "/fhir/Observation", canaryObservation(a, patient))).status).toBe(201);
    const amended = { ...canaryObservation(a, patient), id: made.body["id"], status: "amended" };
    const changed = await doc.send("PUT", path, {
      purpose: "ETREAT",
      body: amended,
      headers: { "if-match": 'W/"1"' },
    });
    expect(changed.status).toBe(403);
    expect((await a.doc.send("GET", path, { headers })).status).toBe(423);
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
    expect((await change(patient)).status).toBe(423);
    const lifted = await release(two, patient, approval);
    expect([lifted.status, told(lifted)]).toEqual([
      200,
      ["hold.release approve success", "hold.release finish success"],
    ]);
    expect((await change(patient)).status).toBe(200);
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
    expect((await change(patient)).status).toBe(423);
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
