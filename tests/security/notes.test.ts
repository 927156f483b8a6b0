import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, canaryPatient, type Json } from "./world.ts";
import { openScene, type Scene, type Session } from "./clinic/scene.ts";
import { eventsAbout } from "./http/state.ts";

/** CLIN-3 over HTTP: a locked note, a signature's name, an unlocking, as somebody would try to get round them. */
let scene: Scene;
let doc: Session;
let other: Session;
let nurse: Session;
let patient = "";
beforeAll(async () => {
  scene = await openScene();
  const { a } = scene.world;
  doc = await scene.signIn(await scene.hire(a, ["physician"]), "TREAT");
  other = await scene.signIn(await scene.hire(a, ["physician"]), "TREAT");
  nurse = await scene.signIn(await scene.hire(a, ["nurse"]), "TREAT");
  patient = String((await doc.send("POST", "/fhir/Patient", { body: canaryPatient(a) })).body["id"]);
});
afterAll(() => scene.close());

const must = (answer: Answer, status = 200): Json => {
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([status, expect.any(String)]);
  return answer.body;
};
const CANARY = "canary-of-the-call";
const sections = [
  { key: "call", title: "Call", text: CANARY },
  { key: "advice", title: "Advice", text: "Rest." },
];

async function begin(by: Session): Promise<string> {
  const visit = must(await by.send("POST", "/clinic/visits", { body: { patient } }), 201);
  const body = { encounter: String(visit["id"]), template: "telephone" };
  return String(must(await by.send("POST", "/clinic/notes", { body }), 201)["id"]);
}
async function sign(by: Session, id: string, isLocking: boolean): Promise<Json> {
  must(await by.send("PUT", `/clinic/notes/${id}`, { body: { version: 1, draft: 0, sections } }));
  return must(await by.send("POST", `/clinic/notes/${id}/sign`, { body: { version: 1, draft: 1, isLocking } }));
}

describe("CLIN-3 a locked note over HTTP", () => {
  it("CLIN-3 refuses FHIR's PUT, DELETE, and bundles, and says why", async () => {
    const id = await begin(doc);
    await sign(doc, id, true);
    const read = await doc.send("GET", `/fhir/DocumentReference/${id}`);
    const resource = { ...(JSON.parse(read.text) as object), description: "changed" };
    const match = { "if-match": 'W/"2"' };
    const url = `DocumentReference/${id}`;
    const bundle = (type: string, request: object, more: object = {}) =>
      doc.send("POST", "/fhir", { body: { resourceType: "Bundle", type, entry: [{ request, ...more }] } });
    const put = { method: "PUT", url, ifMatch: 'W/"2"' };
    const answers = [
      await doc.send("PUT", `/fhir/${url}`, { body: resource, headers: match }),
      await doc.send("DELETE", `/fhir/${url}`),
      await bundle("transaction", put, { resource }),
      await bundle("transaction", { method: "DELETE", url }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(422);
      expect(answer.text).toContain("note-locked");
      expect(answer.text).not.toContain(CANARY);
    }
    const batch = await bundle("batch", put, { resource });
    expect(batch.text).toContain("note-locked");
    expect((await doc.send("PUT", `/clinic/notes/${id}`, { body: { version: 2, draft: 1, sections } })).status).toBe(
      422,
    );
    expect(must(await doc.send("GET", `/clinic/notes/${id}`))).toMatchObject({ version: 2, state: "locked" });
  });

  it("CLIN-3 the signature names who is signed in, whatever the request says", async () => {
    const id = await begin(nurse);
    const forged = { version: 1, draft: 0, isLocking: false, by: other.userId, signingAs: other.userId };
    expect((await nurse.send("POST", `/clinic/notes/${id}/sign`, { body: forged })).status).toBe(400);
    must(await nurse.send("PUT", `/clinic/notes/${id}`, { body: { version: 1, draft: 0, sections } }));
    // A physician continues what the nurse began, and signs under her own name.
    must(await nurse.send("POST", `/clinic/notes/${id}/versions`, { body: { version: 1, draft: 1 } }));
    const signed = must(
      await doc.send("POST", `/clinic/notes/${id}/sign`, { body: { version: 2, draft: 0, isLocking: false } }),
    );
    expect(signed["signatures"]).toMatchObject([{ by: { user: doc.userId, isMe: true }, check: "matches" }]);
    expect((await nurse.send("POST", `/clinic/notes/${id}/co-sign`, { body: { version: 3 } })).status).toBe(403);
    const provenance = await doc.send("GET", `/fhir/Provenance?patient=${patient}`);
    expect(provenance.status).toBe(200);
    const fhir = {
      resourceType: "Provenance",
      target: [{ reference: `DocumentReference/${id}` }],
      recorded: "2026-11-22T09:00:00Z",
      agent: [{ who: { display: "Somebody else" } }],
      signature: [
        {
          type: [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1" }],
          when: "2026-11-22T09:00:00Z",
          who: { identifier: { system: "urn:keyward:user", value: other.userId } },
          sigFormat: "application/vnd.keyward.note-signature+json",
          data: "e30=",
        },
      ],
    };
    expect((await doc.send("POST", "/fhir/Provenance", { body: fhir })).text).toContain("note-door");
  });

  it("CLIN-3 an unlocking wants both factors again, and leaves its reason in the trail, the words sealed", async () => {
    const id = await begin(nurse);
    await sign(nurse, id, true);
    const reason = { code: "correction", text: "The dose of another drug was written down." };
    const unlock = { body: { version: 2, reason } };
    const refused = await other.send("POST", `/clinic/notes/${id}/unlock`, unlock);
    expect([refused.status, refused.body["rule"]]).toEqual([403, "step-up"]);
    const steppedUp = await scene.signInSteppedUp(await scene.hire(scene.world.a, ["physician"]), "TREAT");
    const done = await steppedUp.send("POST", `/clinic/notes/${id}/unlock`, unlock);
    expect(must(done)).toMatchObject({ state: "reopened" });
    const [event] = eventsAbout(scene.world, scene.world.a.tenantId, done).filter(
      (each) => each.interaction === "note.unlock",
    );
    expect(event).toMatchObject({ outcome: "success", reason: { code: "correction" }, patient });
    expect(JSON.stringify(event)).not.toContain("another drug");
    expect(event?.detail).toMatch(/^[\w+/]+={0,2}$/);
  });

  it("CLIN-3 nobody of the office reads a note; its templates are the administrator's", async () => {
    const id = await begin(doc);
    const { a } = scene.world;
    const admin = await scene.signIn(await scene.hire(a, ["clinic-administrator"]), "HOPERAT");
    const desk = await scene.signIn(await scene.hire(a, ["front-desk"]), "HOPERAT");
    for (const by of [admin, desk]) {
      for (const path of [`/clinic/notes/${id}`, `/clinic/notes/${id}/versions`, `/clinic/patients/${patient}/visits`])
        expect([path, (await by.send("GET", path)).status]).toEqual([path, 403]);
    }
    const { version, ...templates } = must(await admin.send("GET", "/clinic/note-templates")) as unknown as {
      version: number;
      templates: { name: string }[];
      snippets: object[];
    };
    expect(version).toBe(0);
    const named = {
      ...templates,
      templates: templates.templates.map((each) => ({ ...each, name: `Our ${each.name}` })),
    };
    const changed = must(await admin.send("PUT", "/clinic/note-templates", { body: { ...named, version } }));
    expect(changed["version"]).toBe(1);
    const stale = await admin.send("PUT", "/clinic/note-templates", { body: { ...named, version } });
    expect(stale.status).toBe(409);
    expect((await doc.send("PUT", "/clinic/note-templates", { body: { ...named, version: 1 } })).status).toBe(403);
    expect(must(await doc.send("GET", "/clinic/note-templates"))["templates"]).toHaveLength(templates.templates.length);
  });

  it("CLIN-3 a label is chosen by who may write there; without the patient's consent nobody does", async () => {
    const visit = must(await doc.send("POST", "/clinic/visits", { body: { patient } }), 201);
    const body = { encounter: String(visit["id"]), template: "telephone", label: "PSYTHPN" };
    expect((await doc.send("POST", "/clinic/notes", { body })).status).toBe(403);
  });

  it("CLIN-3 unsigned notes are those of who asks, over all patients", async () => {
    const id = await begin(other);
    const notes = (answer: Answer) => (must(answer)["notes"] as unknown as { id: string }[]).map((each) => each.id);
    expect(notes(await other.send("GET", "/clinic/unsigned-notes"))).toContain(id);
    expect(notes(await doc.send("GET", "/clinic/unsigned-notes"))).not.toContain(id);
  });
});
