import { beforeAll, describe, expect, it } from "vitest";
import type { Scene, Session } from "../clinic/scene.ts";
import { essence, unknownLike } from "../http/answers.ts";
import { eventsAbout } from "../http/state.ts";
import { type Caller, canaryObservation, newTestId } from "../world.ts";
import { file, lab, type PortalScene, secret } from "./scene.ts";

/** What a patient reads of her record and adds to it, and what of it others then see. */
export function ownRecords(use: () => PortalScene): void {
  let scene: Scene;
  let ada: Session;
  let bob: Session;
  let doc: Session;
  let app: Caller;
  let adaId: string;
  let bobId: string;
  beforeAll(() => {
    ({ scene, ada, bob, doc, app, adaId, bobId } = use());
  });

  describe("CLIN-11 her record", () => {
    it("POL-7 what is not released, and what she has no right to, leaves no trace in page, list or download", async () => {
      const { a } = scene.world;
      const admin = await scene.signIn(await scene.hire(a, ["clinic-administrator"]), "HOPERAT");
      const before = await admin.send("GET", "/clinic/portal-settings");
      expect([before.status, before.body["version"]]).toEqual([200, 0]);
      const settings = before.body["settings"] as unknown as object;
      const rules = { ...settings, release: { notes: { when: "at-once" }, results: { when: "after-days", days: 2 } } };
      const set = await admin.send("PUT", "/clinic/portal-settings", { body: { version: 0, settings: rules } });
      expect([set.status, set.body["version"]]).toEqual([200, 1]);
      const label = (code: string) => ({
        meta: { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code }] },
      });
      await file(a, lab(scene, adaId, secret("tooNew")));
      await file(a, lab(scene, adaId, secret("preliminary"), { status: "preliminary" }));
      await file(a, lab(scene, adaId, "Cholesterol", { issued: "2026-11-01T08:00:00Z" }));
      await file(a, canaryObservation(a, adaId, { ...label("PSYTHPN"), valueString: secret("therapy") }));
      await file(a, {
        resourceType: "Condition",
        subject: { reference: `Patient/${adaId}` },
        code: { text: "Asthma" },
      });
      await file(a, lab(scene, bobId, secret("bobs")));
      const page = await ada.send("GET", "/patient/record");
      expect([page.status, page.text.slice(0, 300)]).toEqual([200, expect.any(String)]);
      expect(page.text).not.toContain("SECRET");
      expect(page.text).toContain("Cholesterol");
      expect(page.text).toContain("Asthma");
      const { results } = (await ada.send("GET", "/patient/home")).body as unknown as { results: { name: string }[] };
      expect(results.map(({ name }) => name)).toEqual(["Cholesterol"]);

      const refused = await ada.send("POST", "/patient/record/download", { body: { format: "fhir", language: "en" } });
      expect([refused.status, refused.text]).toEqual([403, expect.stringContaining("step-up")]);
      await ada.stepUp();
      for (const format of ["fhir", "readable", "fhir", "readable"]) {
        const file = await ada.send("POST", "/patient/record/download", { body: { format, language: "es" } });
        expect([file.status, file.text.slice(0, 200)]).toEqual([200, expect.any(String)]);
        expect(file.text).toContain("Cholesterol");
        expect(file.text).not.toContain("SECRET");
        const told = eventsAbout(scene.world, a.tenantId, file).map(({ interaction }) => interaction);
        expect(told.toSorted()).toEqual(["portal.download", "view.read"]);
      }
      const last = await Promise.all(
        [1, 2].map(() => ada.send("POST", "/patient/record/download", { body: { format: "fhir", language: "en" } })),
      );
      expect(last.map(({ status }) => status).toSorted((left, right) => left - right)[0]).toBe(200);
      expect(last.map(({ status }) => status).toSorted((left, right) => left - right)[1]).toBeGreaterThanOrEqual(409);
      const over = await ada.send("POST", "/patient/record/download", { body: { format: "fhir", language: "en" } });
      expect(over.status).toBe(429);
    });

    it("CLIN-11 an application of hers is held to the same rule at every door of FHIR, and staff is not", async () => {
      const { a } = scene.world;
      const ask = { headers: { "x-purpose-of-use": "PATRQT" } };
      const get = (path: string) => app.send("GET", `/fhir/${path}`, ask);
      const tooNew = await file(a, lab(scene, adaId, secret("fresh")));
      const shown = await file(a, lab(scene, adaId, "Cholesterol", { issued: "2026-11-01T08:00:00Z" }));
      const report = await file(a, {
        resourceType: "DiagnosticReport",
        status: "final",
        code: { text: "Panel" },
        subject: { reference: `Patient/${adaId}` },
        issued: "2026-11-01T08:00:00Z",
        result: [
          { reference: `Observation/${shown}` },
          { reference: `Observation/${tooNew}`, display: secret("name") },
        ],
      });
      for (const path of ["", "/_history", "/_history/1"]) {
        const hidden = await get(`Observation/${tooNew}${path}`);
        const unknown = `${adaId}.${unknownLike(tooNew.split(".")[1] ?? "")}`;
        expect([path, hidden.status]).toEqual([path, 404]);
        expect(essence(hidden, tooNew)).toEqual(essence(await get(`Observation/${unknown}${path}`), unknown));
      }
      const ownId = `lab-${newTestId()}`;
      const waiting = { ...lab(scene, adaId, secret("own"), { status: "preliminary" }), id: ownId };
      const put = await a.importer.send("PUT", `/fhir/Observation/${ownId}`, {
        body: waiting,
        headers: { "if-none-match": "*" },
      });
      expect(put.status).toBe(201);
      const none = `lab-${newTestId()}`;
      expect(essence(await get(`Observation/${ownId}`), ownId)).toEqual(
        essence(await get(`Observation/${none}`), none),
      );
      const doors = [
        `Observation?patient=${adaId}`,
        `Observation?patient=${adaId}&_sort=-_lastUpdated&_count=1`,
        `DiagnosticReport?patient=${adaId}&_include=DiagnosticReport:result`,
        `DiagnosticReport/${report}`,
        `Patient/${adaId}/$everything`,
      ];
      for (const path of doors) {
        const answer = await get(path);
        expect([path, answer.status, /SECRET/.test(answer.text), answer.text.includes(tooNew)]).toEqual([
          path,
          200,
          false,
          false,
        ]);
      }
      const count = await get(`Observation?patient=${adaId}&_summary=count`);
      const list = await get(`Observation?patient=${adaId}`);
      expect(count.body["total"]).toBe((list.body["entry"] as unknown as readonly unknown[]).length);
      expect((await get(`Observation?patient=${adaId}&_id=${tooNew},${shown}`)).body["total"]).toBe(1);
      expect((await get(`DiagnosticReport?patient=${adaId}&result=Observation/${tooNew}`)).body["total"]).toBe(0);
      const staff = await a.doc.send("GET", `/fhir/Observation/${tooNew}`, {
        headers: { "x-purpose-of-use": "TREAT" },
      });
      expect([staff.status, staff.text.includes(secret("fresh"))]).toEqual([200, true]);
      const admin = await scene.signIn(await scene.hire(a, ["clinic-administrator"]), "HOPERAT");
      const { settings, version } = (await admin.send("GET", "/clinic/portal-settings")).body as unknown as {
        settings: object;
        version: number;
      };
      const open = { ...settings, release: { notes: { when: "at-once" }, results: { when: "at-once" } } };
      const set = await admin.send("PUT", "/clinic/portal-settings", { body: { version, settings: open } });
      expect(set.status).toBe(200);
      const after = await get(`Observation/${tooNew}`);
      expect([after.status, after.text.includes(secret("fresh"))]).toEqual([200, true]);
      expect((await get(`DiagnosticReport/${report}`)).text).toContain(tooNew);
    });

    it("CLIN-11 a form is kept, sent once, and read by those who treat her", async () => {
      const form = await ada.send("GET", "/patient/forms/intake");
      expect([form.status, form.body["state"], form.body["draft"]]).toEqual([200, "to-fill", 0]);
      const answers = [{ id: "reason", values: ["My knee hurts"] }];
      const keep = (draft: number) =>
        ada.send("PUT", "/patient/forms/intake/draft", { body: { edition: 1, draft, answers } });
      expect((await keep(0)).body["draft"]).toBe(1);
      expect((await keep(0)).status).toBe(412);
      const begun = await ada.send("GET", "/patient/forms/intake");
      expect(begun.body).toMatchObject({ state: "begun", draft: 1, answers });
      const early = await ada.send("POST", "/patient/forms/intake/send", { body: { edition: 1, answers } });
      expect([early.status, early.text]).toEqual([422, expect.stringContaining("answers.has-allergies")]);
      const body = { edition: 1, answers: [...answers, { id: "has-allergies", values: ["no"] }] };
      const both = await Promise.all([1, 2].map(() => ada.send("POST", "/patient/forms/intake/send", { body })));
      expect(both.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([201, 422]);
      expect((await ada.send("GET", "/patient/forms/intake")).body).toMatchObject({ state: "sent", answers: [] });
      const path = `/clinic/patients/${adaId}/forms`;
      expect((await doc.send("GET", path)).text).toContain("My knee hurts");
      const desk = await scene.signIn(await scene.hire(scene.world.a, ["front-desk"]), "HOPERAT");
      const office = await desk.send("GET", path);
      expect([office.status, office.body["forms"]?.["state"], office.text.includes("knee")]).toEqual([
        200,
        "restricted",
        false,
      ]);
      expect((await bob.send("GET", "/patient/forms/intake")).body).toMatchObject({ state: "to-fill", answers: [] });
    });

    it("CLIN-11 she refuses a role, sees first what that does, and takes it back", async () => {
      const nurse = await scene.signIn(await scene.hire(scene.world.a, ["nurse"]), "TREAT");
      const reads = async (): Promise<number> => (await nurse.send("GET", `/fhir/Condition?patient=${adaId}`)).status;
      expect(await reads()).toBe(200);
      const give = { form: "restrict", recipients: [{ kind: "role", role: "nurse" }], part: "clinical" };
      const preview = await ada.send("POST", "/patient/consents/preview", { body: { give } });
      expect(preview.body).toMatchObject({ isChanged: true });
      expect(preview.body["effects"]).toContainEqual(
        expect.objectContaining({
          who: { role: "nurse" },
          purpose: "TREAT",
          loses: expect.arrayContaining(["clinical"]) as unknown,
        }),
      );
      await ada.stepUp();
      const given = await ada.send("POST", "/patient/consents", { body: give });
      expect([given.status, given.body["signature"]]).toEqual([
        201,
        expect.objectContaining({ kind: "electronic", by: "patient" }),
      ]);
      expect(await reads()).toBe(403);
      const id = String(given.body["id"]);
      const undo = await ada.send("POST", "/patient/consents/preview", { body: { revoke: id } });
      expect(undo.body).toMatchObject({ isChanged: true });
      const revoked = await ada.send("POST", `/patient/consents/${id}/revoke`, { body: { version: 1 } });
      expect([revoked.status, revoked.body["state"]]).toEqual([200, "revoked"]);
      expect(await reads()).toBe(200);
      const list = await ada.send("GET", "/patient/consents");
      expect([list.status, list.text.includes(bobId)]).toEqual([200, false]);
      const nobody = { ...give, recipients: [{ kind: "person", id: newTestId() }] };
      expect((await ada.send("POST", "/patient/consents", { body: nobody })).text).toContain("consent-party");
    });

    it("CLIN-11 she reads who opened her record, by name and role, and nothing of anybody else's", async () => {
      await doc.send("GET", `/clinic/patients/${adaId}/view`);
      await doc.send("GET", `/clinic/patients/${bobId}/view`);
      await scene.world.stack.drain();
      const answer = await ada.send("GET", "/patient/accesses?count=100");
      expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.any(String)]);
      const events = answer.body["events"] as unknown as {
        who: { kind: string; role?: string; name?: string };
        did: string;
      }[];
      expect(events).toContainEqual(
        expect.objectContaining({
          did: "looked",
          who: expect.objectContaining({ kind: "staff", role: "physician" }) as unknown,
        }),
      );
      expect(events.find(({ who }) => who.role === "physician")?.who.name).toMatch(/./);
      expect(events.some(({ who }) => who.kind === "you")).toBe(true);
      expect(answer.text).not.toContain(bobId);
      expect((await ada.send("GET", `/patient/accesses?patient=${bobId}`)).status).toBe(400);
    });

    it("CLIN-11 a wish is a message to the desk, in which she reads what was written to her", async () => {
      const wish = await ada.send("POST", "/patient/visits/wishes", { body: { reason: "A cough", times: "morning" } });
      expect([wish.status, wish.text.slice(0, 300)]).toEqual([201, expect.any(String)]);
      const change = await ada.send("POST", "/patient/contact/wishes", { body: { phone: "555 0100 22" } });
      expect(change.status).toBe(201);
      const list = await ada.send("GET", "/patient/threads");
      expect(list.body["threads"]).toMatchObject([
        { topic: "Change of contact details", category: "administrative", lastFrom: "you", isNew: false },
        { topic: "Visit request" },
      ]);
      const thread = await ada.send("GET", `/patient/threads/${String(wish.body["thread"])}`);
      expect(thread.body["messages"]).toMatchObject([{ from: "you", text: "Reason: A cough\nTime of day: morning" }]);
      expect((await ada.send("POST", `/patient/threads/${String(wish.body["thread"])}/receive`)).status).toBe(200);
    });
  });
}
