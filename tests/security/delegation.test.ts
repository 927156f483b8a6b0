import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientKey, membershipKey, userKey } from "../../core/tenant/index.ts";
import { openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { amend, openRegistry, signClient } from "./http/members.ts";
import { eventsAbout } from "./http/state.ts";
import { type Answer, canaryObservation, canaryPatient, type Caller, newTestId } from "./world.ts";

/**
 * POL-15: an assistant acts under its own identity for a member who let it, with no more than that member may do at that
 * moment, for one patient at a time, and for no purpose of others without the patient's consent.
 */
let scene: Scene;
let doc: Session;
let person: Person;
let assistant: Caller;
let client: string;
/** A second assistant, to which nobody delegated. */
let stranger: Caller;
let patient: string;
let delegation: string;

const delegate = (by: Session, more: Record<string, unknown> = {}): Promise<Answer> =>
  by.send("POST", "/clinic/delegations", { purpose: "TREAT", body: { client, purposes: ["TREAT"], ...more } });
const ask = (
  by: Caller,
  path: string,
  { purpose = "TREAT", onBehalfOf = person.userId as string | null, method = "GET", body = undefined as unknown } = {},
): Promise<Answer> =>
  by.send(method, path, {
    headers: {
      "x-purpose-of-use": purpose,
      ...(onBehalfOf === null ? {} : { "x-on-behalf-of": onBehalfOf }),
    },
    ...(body === undefined ? {} : { body }),
  });
const chart = (): string => `/fhir/Patient/${patient}`;
const view = (): string => `/clinic/patients/${patient}/view`;

beforeAll(async () => {
  scene = await openScene();
  const { world } = scene;
  const { a } = world;
  const signed = await signClient(world, a.tenantId, ["assistant"]);
  client = signed.client.clientId;
  assistant = signed.caller;
  stranger = (await signClient(world, a.tenantId, ["assistant"])).caller;
  person = await scene.hire(a, ["physician"]);
  const headers = { "x-purpose-of-use": "TREAT" };
  const made = await a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(a), headers });
  patient = String(made.body["id"]);
  await a.doc.send("POST", "/fhir/Observation", { body: canaryObservation(a, patient), headers });
  doc = await scene.signInSteppedUp(person);
  const granted = await delegate(doc);
  expect(granted.status).toBe(201);
  delegation = String(granted.body["id"]);
});
afterAll(() => scene.close());

describe("POL-15 what an assistant may", () => {
  it("POL-15 reads a chart, its view, and searches in it, in its own name and under the delegation", async () => {
    for (const path of [chart(), view(), `/fhir/Observation?patient=${patient}`]) {
      const answer = await ask(assistant, path);
      expect([path, answer.status]).toEqual([path, 200]);
      const [event] = eventsAbout(scene.world, scene.world.a.tenantId, answer);
      expect(event).toMatchObject({
        actor: { user: client, kind: "client", roles: ["assistant"] },
        delegation: { id: delegation, user: person.userId },
        purpose: "TREAT",
        patient,
      });
    }
  });

  it.each<[string, string, Record<string, unknown>?]>([
    ["all patients", "/fhir/Patient"],
    ["patients by name", "/fhir/Patient?name=x"],
    ["records of no one patient", "/fhir/Observation"],
    ["a whole chart in one piece", "everything"],
    ["the history of a record", "history"],
    [
      "a bundle of patients",
      "/fhir",
      { resourceType: "Bundle", type: "batch", entry: [{ request: { method: "GET", url: "Patient" } }] },
    ],
  ])("POL-15 does not read %s", async (_title, path, body) => {
    const at = path === "everything" ? `${chart()}/$everything` : path === "history" ? `${chart()}/_history` : path;
    const answer = await ask(assistant, at, body === undefined ? {} : { method: "POST", body });
    const { status } = answer;
    if (body === undefined) expect(status).toBe(403);
    else expect(answer.text).toContain("403");
    expect(answer.text).not.toContain(scene.world.a.canary);
  });

  it("POL-15 writes nothing", async () => {
    const body = canaryObservation(scene.world.a, patient);
    expect((await ask(assistant, "/fhir/Observation", { method: "POST", body })).status).toBe(403);
    expect((await ask(assistant, chart(), { method: "DELETE" })).status).toBe(403);
  });

  it.each(["HRESCH", "MLTRAINING", "HPAYMT", "HOPERAT", "PATRQT", "ETREAT"])(
    "POL-15 works for no purpose that was not delegated: %s",
    async (purpose) => {
      for (const path of [chart(), view(), `/fhir/Observation?patient=${patient}`]) {
        const answer = await ask(assistant, path, { purpose });
        expect([path, answer.status]).toEqual([path, 403]);
        expect(answer.text).not.toContain(scene.world.a.canary);
      }
    },
  );

  it("POL-15 training and research stay refused without the patient's consent, though they were delegated", async () => {
    const other = await scene.signInSteppedUp(await scene.hire(scene.world.a, ["physician"]));
    expect((await delegate(other, { purposes: ["HRESCH", "MLTRAINING"] })).status).toBe(201);
    for (const purpose of ["HRESCH", "MLTRAINING"]) {
      const answer = await ask(assistant, chart(), { purpose, onBehalfOf: other.userId });
      expect([purpose, answer.status]).toEqual([purpose, 403]);
    }
  });
});

describe("POL-15 who lets it", () => {
  it.each<[string, () => { readonly by: Caller; readonly onBehalfOf: string | null }]>([
    ["for nobody", () => ({ by: assistant, onBehalfOf: null })],
    ["for itself", () => ({ by: assistant, onBehalfOf: client })],
    ["for a member who did not delegate", () => ({ by: assistant, onBehalfOf: newTestId() })],
    ["for what is no id", () => ({ by: assistant, onBehalfOf: "everybody" })],
    ["under another assistant's delegation", () => ({ by: stranger, onBehalfOf: person.userId })],
  ])("POL-15 an assistant does not act %s", async (_title, of) => {
    const { by, onBehalfOf } = of();
    for (const path of [chart(), view()]) expect((await ask(by, path, { onBehalfOf })).status).toBe(403);
  });

  it("POL-15 the header opens nothing to who is no assistant", async () => {
    const desk = await scene.signIn(await scene.hire(scene.world.a, ["front-desk"]));
    const headers = { "x-on-behalf-of": person.userId };
    const path = `/fhir/Observation?patient=${patient}`;
    expect((await desk.send("GET", path, { purpose: "TREAT", headers })).status).toBe(403);
  });

  it("POL-15 it has what the member may do at that moment: roles, standing, delegation", async () => {
    const registry = openRegistry(scene.world);
    const { store } = registry;
    const { tenantId } = scene.world.a;
    const membership = membershipKey(person.userId, tenantId);
    try {
      await amend(store, membership, { roles: ["front-desk"] });
      expect((await ask(assistant, chart())).status).toBe(200);
      expect((await ask(assistant, `/fhir/Observation?patient=${patient}`)).status).toBe(403);
      await amend(store, membership, { roles: ["physician"], status: "disabled" });
      expect((await ask(assistant, chart())).status).toBe(403);
      await amend(store, membership, { status: "active" });
      await amend(store, userKey(person.userId), { status: "disabled" });
      expect((await ask(assistant, chart())).status).toBe(403);
      await amend(store, userKey(person.userId), { status: "active" });
      expect((await ask(assistant, chart())).status).toBe(200);
    } finally {
      registry.close();
    }
  });

  it("POL-15 it reaches the patients whom the member named, and no others", async () => {
    const other = await scene.signInSteppedUp(await scene.hire(scene.world.a, ["physician"]));
    expect((await delegate(other, { patients: [newTestId()] })).status).toBe(201);
    expect((await ask(assistant, chart(), { onBehalfOf: other.userId })).status).toBe(403);
    expect((await delegate(other, { patients: [patient] })).status).toBe(201);
    expect((await ask(assistant, chart(), { onBehalfOf: other.userId })).status).toBe(200);
  });

  it("POL-15 a delegation that is revoked is dead at the next request", async () => {
    const other = await scene.signInSteppedUp(await scene.hire(scene.world.a, ["physician"]));
    const id = String((await delegate(other)).body["id"]);
    const path = `/clinic/delegations/${id}`;
    expect((await ask(assistant, chart(), { onBehalfOf: other.userId })).status).toBe(200);
    // A colleague cannot.
    const colleague = await scene.signIn(await scene.hire(scene.world.a, ["nurse"]));
    expect((await colleague.send("DELETE", path, { purpose: "TREAT" })).status).toBe(404);
    const revoked = await other.send("DELETE", path, { purpose: "TREAT" });
    expect(revoked.status).toBe(200);
    expect((await ask(assistant, chart(), { onBehalfOf: other.userId })).status).toBe(403);
    const { body } = await other.send("GET", "/clinic/delegations", { purpose: "TREAT" });
    expect(body["delegations"]).toEqual([]);
    expect(eventsAbout(scene.world, scene.world.a.tenantId, revoked)).toMatchObject([
      { interaction: "delegation.revoke", outcome: "success", entities: [{ type: "Delegation", id }, { id: client }] },
    ]);
  });

  it("POL-15 is given by a clinician who showed both factors again, to an assistant of the clinic", async () => {
    const fresh = await scene.signIn(await scene.hire(scene.world.a, ["physician"]));
    expect((await delegate(fresh)).body["rule"]).toBe("step-up");
    const bill = await scene.signInSteppedUp(await scene.hire(scene.world.a, ["billing"]));
    expect((await delegate(bill)).status).toBe(403);
    expect((await delegate(doc, { client: newTestId() })).body["rule"]).toBe("not-an-assistant");
    expect((await delegate(doc, { client: person.userId })).body["rule"]).toBe("not-an-assistant");
    expect((await delegate(doc, { purposes: ["ETREAT"] })).status).toBe(400);
    expect((await delegate(doc, { days: 91 })).status).toBe(400);
  });

  it("POL-15 an assistant that was disabled acts for nobody", async () => {
    const { world } = scene;
    const registry = openRegistry(world);
    const { store } = registry;
    try {
      const signed = await signClient(world, world.a.tenantId, ["assistant"]);
      await amend(store, clientKey(signed.client.clientId, world.a.tenantId), { status: "disabled" });
      expect((await ask(signed.caller, chart())).status).toBe(401);
      expect((await delegate(doc, { client: signed.client.clientId })).body["rule"]).toBe("not-an-assistant");
    } finally {
      registry.close();
    }
  });

  it("POL-15 no person is made an assistant", async () => {
    const { world } = scene;
    await expect(scene.hire(world.a, ["assistant"])).rejects.toThrow("400");
  });
});
