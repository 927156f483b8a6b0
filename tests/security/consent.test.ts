import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memberToken } from "../../scripts/cli/sign-in.ts";
import {
  consentOf,
  observation,
  ofClass,
  ofLabel,
  ofType,
  openScene,
  pathsTo,
  type Scene,
  shapeOf,
  unknownOf,
} from "./consent/scene.ts";
import type { Answer, Caller } from "./world.ts";

let scene: Scene;
let doc: Caller;
beforeAll(async () => {
  scene = await openScene();
  doc = scene.clinic.doc;
});
afterAll(() => scene.close());

const CANARY = "CANARYconsent";

describe("POL-3 purpose of use", () => {
  it("a request without one is refused where the session declared none, and leaves its event", async () => {
    const { world, clinic } = scene;
    const undeclared = world.caller(await memberToken(world.stack.endpoint, clinic.member("physician"), null));
    const refused = await undeclared.send("GET", "/fhir/Patient?family=x");
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("purpose-required");
    expect(refused.headers.get("x-audit-receipt")).toMatch(/^[0-9a-z]{26}\.[0-9a-f]{32}$/);
    const said = await undeclared.send("GET", "/fhir/Patient?family=x", { headers: { "x-purpose-of-use": "TREAT" } });
    expect(said.status).toBe(200);
  });

  it.each([
    ["none that exists", "FUN", 400],
    ["one that the role does not work for", "HPAYMT", 403],
    ["an emergency that nobody declared", "ETREAT", 403],
    ["research without any consent to it", "HRESCH", 403],
    ["the training of models without any consent to it", "MLTRAINING", 403],
  ])("a stated purpose that is %s is refused", async (_title, purpose, status) => {
    const patientId = await scene.patient();
    const path = `/fhir/Patient/${patientId}`;
    expect((await doc.send("GET", path)).status).toBe(200);
    expect((await doc.send("GET", path, { headers: { "x-purpose-of-use": purpose } })).status).toBe(status);
  });
});

describe("POL-1 AT-33 a denial is complete", () => {
  const DENIALS: readonly [string, object][] = [
    ["everything", { type: "deny" }],
    ["clinical records", { type: "deny", class: [ofClass("C")] }],
    ["the type", { type: "deny", class: [ofType("Observation")] }],
    ["the physicians", { type: "deny", actor: [recipient("urn:keyward:role", "physician")] }],
    [
      "treatment",
      { type: "deny", purpose: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", code: "TREAT" }] },
    ],
  ];

  it.each(DENIALS)(
    "of %s: read, version, history, search, count, include and chart give nothing",
    async (_title, provision) => {
      const patientId = await scene.patient();
      const note = await scene.file(observation(patientId, CANARY));
      for (const path of pathsTo(patientId, note)) expect((await doc.send("GET", path)).status).toBe(200);
      await scene.consent(patientId, provision);
      for (const path of pathsTo(patientId, note)) {
        const answer = await doc.send("GET", path);
        expect([path, answer.text.includes(CANARY), answer.text.includes(note.id.slice(27))]).toEqual([
          path,
          false,
          linksTo(path),
        ]);
        if (answer.status === 200) expect([path, countIn(answer.body as never)]).toEqual([path, 0]);
        else expect([path, [403, 404].includes(answer.status)]).toEqual([path, true]);
      }
    },
  );

  it("hidden and unknown are one answer, byte for byte", async () => {
    const patientId = await scene.patient();
    const note = await scene.file(observation(patientId, CANARY));
    await scene.consent(patientId, { type: "deny", class: [ofType("Observation")] });
    for (const suffix of ["", "/_history/1", "/_history"]) {
      const hidden = await doc.send("GET", `/fhir/Observation/${note.id}${suffix}`);
      const unknown = await doc.send("GET", `/fhir/Observation/${unknownOf(patientId)}${suffix}`);
      expect(hidden.status).toBe(404);
      expect(shapeOf(hidden)).toEqual(shapeOf(unknown));
    }
    const change = (id: string) =>
      doc.send("PUT", `/fhir/Observation/${id}`, {
        body: { ...observation(patientId, "x"), id },
        headers: { "if-match": 'W/"1"' },
      });
    expect(shapeOf(await change(note.id))).toEqual(shapeOf(await change(unknownOf(patientId))));
    const remove = (id: string) => doc.send("DELETE", `/fhir/Observation/${id}`);
    expect(shapeOf(await remove(note.id))).toEqual(shapeOf(await remove(unknownOf(patientId))));
    const refer = (id: string) =>
      doc.send("POST", "/fhir/Observation", {
        body: observation(patientId, "x", { derivedFrom: [{ reference: `Observation/${id}` }] }),
      });
    expect(shapeOf(await refer(note.id))).toEqual(shapeOf(await refer(unknownOf(patientId))));
  });

  it("a batch and a transaction read no more than a request alone", async () => {
    const patientId = await scene.patient();
    const note = await scene.file(observation(patientId, CANARY));
    await scene.consent(patientId, { type: "deny", class: [ofType("Observation")] });
    const entry = [
      { request: { method: "GET", url: `Observation/${note.id}` } },
      { request: { method: "GET", url: `Observation?patient=${patientId}` } },
    ];
    const batch = await doc.send("POST", "/fhir", { body: { resourceType: "Bundle", type: "batch", entry } });
    expect(statusesOf(batch)).toEqual(["404", "200"]);
    expect(batch.text).not.toContain(CANARY);
    const whole = await doc.send("POST", "/fhir", { body: { resourceType: "Bundle", type: "transaction", entry } });
    expect(whole.status).toBe(404);
  });

  it("a record under an id of a client's own is as hidden as one that nobody knows", async () => {
    const patientId = await scene.patient();
    const put = (id: string) =>
      doc.send("PUT", `/fhir/Observation/${id}`, {
        body: { ...observation(patientId, CANARY), id },
        headers: { "if-none-match": "*" },
      });
    expect((await put("own-id-1")).status).toBe(201);
    expect((await doc.send("GET", "/fhir/Observation/own-id-1")).status).toBe(200);
    await scene.consent(patientId, { type: "deny" });
    const hidden = await doc.send("GET", "/fhir/Observation/own-id-1");
    expect(hidden.status).toBe(404);
    expect(shapeOf(hidden)).toEqual(shapeOf(await doc.send("GET", "/fhir/Observation/own-id-2")));
  });

  it("who denies everything is in no list of patients, and in no count of them", async () => {
    const family = "Zaphodsdottir";
    const { id } = await scene.file({ resourceType: "Patient", name: [{ family }] });
    const total = async () => (await doc.send("GET", `/fhir/Patient?family=${family}`)).body["total"];
    expect(await total()).toBe(1);
    await scene.consent(id, { type: "deny" });
    expect(await total()).toBe(0);
    expect((await doc.send("GET", `/fhir/Patient?_id=${id},${id}&_summary=count`)).text).not.toContain('"total":1');
  });

  it("POL-1: gates what is written, too", async () => {
    const patientId = await scene.patient();
    const note = await scene.file(observation(patientId, "x"));
    await scene.consent(patientId, { type: "deny" });
    expect((await doc.send("POST", "/fhir/Observation", { body: observation(patientId, "y") })).status).toBe(403);
    const changed = await doc.send("PUT", `/fhir/Observation/${note.id}`, {
      body: { ...observation(patientId, "y"), id: note.id },
      headers: { "if-match": 'W/"1"' },
    });
    expect([403, 404]).toContain(changed.status);
  });

  it("POL-14: withdrawn, expired, or entered in error: from the next request on", async () => {
    const patientId = await scene.patient();
    const note = await scene.file(observation(patientId, CANARY));
    const denial = await scene.consent(patientId, { type: "deny", class: [ofType("Observation")] });
    const status = async () => (await doc.send("GET", `/fhir/Observation/${note.id}`)).status;
    expect(await status()).toBe(404);
    await scene.withdraw(denial);
    expect(await status()).toBe(200);
    const past = { start: "2020-01-01", end: "2020-12-31" };
    await scene.consent(patientId, { type: "deny", period: past });
    expect(await status()).toBe(200);
    await scene.consent(patientId, { type: "deny" }, { status: "entered-in-error" });
    expect(await status()).toBe(200);
  });

  it("a Consent that would not be enforced is not stored, and its element is named", async () => {
    const patientId = await scene.patient();
    const code = [{ coding: [{ system: "http://loinc.org", code: "1-8" }] }];
    const refused = await scene.clinic.desk.send("POST", "/fhir/Consent", {
      body: consentOf(patientId, { type: "deny", code }),
    });
    expect(refused.status).toBe(422);
    expect(refused.body["issue"][0]["expression"]).toEqual(["Consent.provision.code"]);
  });
});

describe("POL-5 consent at the next request, for each class of records", () => {
  it("a permit opens class S to whom it names, and to nobody else", async () => {
    const patientId = await scene.patient();
    const note = await scene.file(observation(patientId, CANARY, labelled("PSY")));
    const paths = pathsTo(patientId, note);
    for (const path of paths) expect((await doc.send("GET", path)).text).not.toContain(CANARY);
    const given = await scene.consent(patientId, {
      type: "permit",
      securityLabel: [ofLabel("PSY")],
      actor: [recipient("urn:keyward:role", "physician")],
    });
    expect((await doc.send("GET", `/fhir/Observation/${note.id}`)).text).toContain(CANARY);
    for (const other of [scene.clinic.desk, scene.clinic.bill, scene.clinic.importer])
      for (const path of paths) expect((await other.send("GET", path)).text).not.toContain(CANARY);
    await scene.withdraw(given);
    for (const path of paths) expect((await doc.send("GET", path)).text).not.toContain(CANARY);
  });
});

const statusesOf = ({ text }: Answer): readonly string[] =>
  (JSON.parse(text) as { entry: { response: { status: string } }[] }).entry.map(({ response }) =>
    response.status.slice(0, 3),
  );

const labelled = (code: string) => ({ meta: { security: [ofLabel(code)] } });

function recipient(system: string, value: string) {
  const role = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", code: "IRCP" }] };
  return { role, reference: { identifier: { system, value } } };
}

/** A searchset's own link repeats the id that was asked for. */
const linksTo = (path: string): boolean => path.includes("_id=") && !path.startsWith("/fhir/Patient");

/** The records in an answer, without the Patient and the Consents. */
function countIn(body: {
  readonly total?: number;
  readonly entry?: readonly { readonly resource?: { readonly resourceType: string } }[];
}): number {
  const entries = (body.entry ?? []).filter(({ resource }) => resource?.resourceType === "Observation");
  const isOfObservations = body.entry === undefined || entries.length > 0;
  return isOfObservations ? Math.max(entries.length, body.total ?? 0) : 0;
}
