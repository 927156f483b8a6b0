import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { timeOfId } from "../../core/kernel/ids.ts";
import { MINUTE_MS, type Scene, startScene } from "./silent-reads/scene.ts";
import { type Answer, type Caller, canaryObservation, canaryPatient, type Clinic, type Json } from "./world.ts";

/** A clinic's own trail, over HTTP: who sees it, what it answers, and what it never says. */

let scene: Scene;
let clinic: Clinic;
let auditor: Caller;
let officer: Caller;
let jane: Caller;
let mary: Caller;
let chart = "";
let other = "";
let doctor = "";
const eventOf = (answer: Answer): string => (answer.headers.get("x-audit-receipt") ?? "").split(".")[0] ?? "";
const search = (caller: Caller, query: string): Promise<Answer> => caller.send("GET", `/clinic/audit/events${query}`);
const listOf = (answer: Answer, name: string): Json[] =>
  Array.isArray(answer.body[name]) ? [...answer.body[name]] : [];
const ids = (answer: Answer): string[] => listOf(answer, "events").map((event) => String(event["id"]));

describe("the trail", () => {
  beforeAll(async () => {
    scene = await startScene();
    clinic = scene.world.a;
    const { doc, desk } = clinic;
    const make = async (): Promise<string> =>
      String((await doc.send("POST", "/fhir/Patient", { body: canaryPatient(clinic) })).body["id"]);
    chart = await make();
    other = await make();
    await doc.send("POST", "/fhir/Observation", { body: canaryObservation(clinic, chart) });
    await doc.send("GET", `/fhir/Patient/${chart}`);
    await desk.send("GET", `/fhir/Observation?subject=Patient/${chart}`);
    auditor = await scene.member(clinic, "auditor");
    officer = await scene.member(clinic, "clinic-administrator");
    jane = await scene.member(clinic, "patient", { patientId: chart });
    mary = await scene.member(clinic, "patient", { patientId: other }, "mary");
    await scene.world.stack.drain();
    const all = await search(auditor, `?patient=${chart}&action=C`);
    doctor = String(listOf(all, "events")[0]?.["user"]);
  }, 200_000);
  afterAll(() => scene.close());

  it("AUD-6 did X view chart Y: answered from ids alone, without opening the chart, and the question is an event", async () => {
    const yes = await search(auditor, `?patient=${chart}&actor=${doctor}&action=R&outcome=success`);
    const no = await search(auditor, `?patient=${other}&actor=${doctor}&action=R`);
    expect([yes.status, no.status]).toEqual([200, 200]);
    expect(ids(yes)).toHaveLength(1);
    expect(ids(no)).toEqual([]);
    const log = (scene.world.stack.logs().get("keyward-dev-clinic") ?? []).filter((line) => line.includes('"key-use"'));
    expect(log.filter((line) => line.includes("/Patient/"))).toEqual([]);
    await scene.world.stack.drain();
    const asked = await search(auditor, `?action=E&count=10`);
    expect(ids(asked)).toContain(eventOf(yes));
  });

  it("AUD-6 a record number leads to the chart's id, exactly and to nothing else, for who may search the trail", async () => {
    const numbered = `${clinic.canary}-twin`;
    const twin = async (): Promise<string> => {
      const body = { ...canaryPatient(clinic), identifier: [{ system: "urn:test:mrn", value: numbered }] };
      return String((await clinic.doc.send("POST", "/fhir/Patient", { body })).body["id"]);
    };
    const twins = [await twin(), await twin()];
    const find = (by: Caller, recordNumber: string): Promise<Answer> =>
      by.send("POST", "/clinic/audit/charts", { body: { recordNumber } });
    const found = await find(auditor, numbered);
    expect(found.status).toBe(200);
    expect(found.body["charts"]).toEqual(twins.toSorted());
    expect(found.text).not.toContain(clinic.canary);
    const opened = (scene.world.stack.logs().get("keyward-dev-clinic") ?? []).filter((line) =>
      line.includes('"key-use"'),
    );
    expect(opened.filter((line) => line.includes("/Patient/"))).toEqual([]);
    for (const near of [numbered.slice(0, -1), `${clinic.canary}-family`, "1980-02-29"])
      expect((await find(auditor, near)).body["charts"]).toEqual([]);
    for (const caller of [clinic.doc, clinic.desk, clinic.bill, officer, jane])
      expect((await find(caller, numbered)).status).toBe(403);
    expect((await find(auditor, "")).status).toBe(400);
    await scene.world.stack.drain();
    const asked = await auditor.send("GET", `/clinic/audit/events/${eventOf(found)}`);
    expect(asked.body["event"]).toMatchObject({ interaction: "audit.search", count: 2 });
    expect(JSON.stringify(asked.body["event"])).not.toContain(clinic.canary);
    expect(asked.text).toContain(numbered);
  });

  it("AUD-6 no answer of a search holds a word of a record: PHI scan is 0", async () => {
    for (const query of ["", `?patient=${chart}`, "?outcome=denied", "?count=100"]) {
      const found = await search(auditor, query);
      expect(found.status).toBe(200);
      expect(found.text).not.toContain(clinic.canary);
      expect(found.text).not.toMatch(/[?&](name|family|birthdate)=/);
    }
  });

  it("AUD-6 pages by cursor, newest first, within a period", async () => {
    const found: string[] = [];
    let next = "";
    do {
      const page: Answer = await search(auditor, `?patient=${chart}&count=2${next === "" ? "" : `&cursor=${next}`}`);
      found.push(...ids(page));
      next = String(page.body["next"] ?? "");
    } while (next !== "");
    expect(found).toEqual(found.toSorted().toReversed());
    expect(new Set(found).size).toBe(found.length);
    expect(found.length).toBeGreaterThanOrEqual(4);
    const oldest = new Date(timeOfId(found.at(-1) ?? "") + 1).toISOString();
    expect(ids(await search(auditor, `?patient=${chart}&from=${oldest}&count=100`))).toEqual(found.slice(0, -1));
  });

  it.each([
    "?patient=a%20b",
    "?actor=me",
    "?action=X",
    "?outcome=maybe",
    "?from=yesterday",
    "?count=0",
    "?count=1&count=2",
    "?name=Jane",
  ])("AT-39 a query of another form, %s, is refused and leaves its event", async (query) => {
    const refused = await search(auditor, query);
    expect([refused.status, eventOf(refused)]).toEqual([400, expect.stringMatching(/^[0-9a-z]{26}$/)]);
  });

  it("AT-39 an ordinary member, an administrator who is no privacy officer, a patient and another clinic see nothing of it", async () => {
    for (const caller of [clinic.doc, clinic.desk, clinic.bill, officer, jane]) {
      for (const path of ["/clinic/audit/events", `/clinic/audit/events?patient=${chart}`]) {
        const refused = await caller.send("GET", path);
        expect(refused.status).toBe(403);
        expect(refused.text).not.toContain(chart);
      }
    }
    const foreign = await scene.world.b.doc.send("GET", `/clinic/audit/events?patient=${chart}`);
    expect(foreign.status).toBe(403);
  });

  it("AT-39 a patient sees the accesses to her own chart, and nobody else's, whatever she sends", async () => {
    const own = await jane.send("GET", "/clinic/audit/own");
    expect(own.status).toBe(200);
    expect(ids(own).length).toBeGreaterThanOrEqual(3);
    expect(own.text).not.toContain("session");
    const others = await mary.send("GET", "/clinic/audit/own");
    expect(ids(others).some((id) => ids(own).includes(id))).toBe(false);
    const tried = await jane.send("GET", `/clinic/audit/own?patient=${other}`);
    expect(tried.status).toBe(400);
    expect((await clinic.doc.send("GET", "/clinic/audit/own")).status).toBe(403);
    expect((await jane.send("GET", `/clinic/audit/disclosures/${other}`)).status).toBe(403);
    expect((await jane.send("GET", `/clinic/audit/disclosures/${chart}`)).status).toBe(200);
  });

  it("AUD-6 one event opens from its archived line, with its sealed detail, for who may read the trail", async () => {
    const read = await clinic.doc.send("GET", `/fhir/Patient/${chart}`);
    await scene.world.stack.drain();
    const id = eventOf(read);
    const event = await auditor.send("GET", `/clinic/audit/events/${id}`);
    expect(event.status).toBe(200);
    expect(event.body["receipt"]).toBe(read.headers.get("x-audit-receipt"));
    expect(event.body["detail"]).toMatchObject({
      method: "GET",
      path: `/fhir/Patient/${chart}`,
      sourceIp: "127.0.0.1",
    });
    const fhir = await auditor.send("GET", `/clinic/audit/events/${id}`, {
      headers: { accept: "application/fhir+json" },
    });
    expect(fhir.body["resourceType"]).toBe("AuditEvent");
    expect(String(event.body["archived"])).toContain(`v1/events/t/${clinic.tenantId}/`);
    expect((await clinic.doc.send("GET", `/clinic/audit/events/${id}`)).status).toBe(403);
    const unknown = await auditor.send("GET", `/clinic/audit/events/${clinic.tenantId}`);
    expect(unknown.status).toBe(404);
    const bStaff = await scene.member(scene.world.b, "auditor");
    expect((await bStaff.send("GET", `/clinic/audit/events/${id}`)).status).toBe(404);
  });

  it("AT-34 refusals again and again are an alert with its events, and who saw it is told", async () => {
    for (let index = 0; index < 11; index += 1) await clinic.desk.send("GET", `/fhir/Observation/${chart}.${other}`);
    await scene.pass(2 * MINUTE_MS);
    const alerts = await auditor.send("GET", "/clinic/alerts");
    expect(alerts.status).toBe(200);
    const denial = listOf(alerts, "alerts").find((alert) => String(alert["kind"]) === "repeated-denials");
    expect(denial?.["evidence"]).toHaveLength(10);
    expect(alerts.text).not.toContain(clinic.canary);
    const id = String(denial?.["id"]);
    expect((await officer.send("POST", `/clinic/alerts/${id}/acknowledge`)).status).toBe(200);
    expect((await clinic.doc.send("POST", `/clinic/alerts/${id}/acknowledge`)).status).toBe(403);
    expect((await officer.send("POST", `/clinic/alerts/${other}/acknowledge`)).status).toBe(404);
    await scene.world.stack.drain();
    const seen = await auditor.send("GET", "/clinic/alerts");
    const one = listOf(seen, "alerts").find((alert) => String(alert["id"]) === id);
    expect(one?.["acknowledged"]?.["user"]).toMatch(/^[0-9a-z]{26}$/);
  });

  it("AUD-9 the feed of signals is apart from the zones' logs, and PHI scan of it is 0", () => {
    const feed = ["reconcile", "index"].flatMap((name) => scene.world.stack.logs().get(`keyward-dev-${name}`) ?? []);
    const signals = feed.filter((line) => line.includes('"message":"signal"'));
    expect(signals.length).toBeGreaterThanOrEqual(1);
    expect(signals.join("\n")).not.toContain(clinic.canary);
    const zones = ["fhir", "clinic", "session", "platform"].flatMap(
      (name) => scene.world.stack.logs().get(`keyward-dev-${name}`) ?? [],
    );
    expect(zones.filter((line) => line.includes('"message":"signal"'))).toEqual([]);
  });

  it("AUD-4 the newest checkpoint is there for the clinic to keep, with the keys to check it", async () => {
    const kept = await auditor.send("GET", "/clinic/audit/checkpoint");
    expect(kept.status).toBe(200);
    expect(String(kept.body["checkpoint"])).toContain(`/${clinic.tenantId}\n`);
    expect(String(kept.body["logKey"])).toMatch(/^keyward-dev-c01\+/);
    expect(String(kept.body["witnessed"])).toContain(`/${clinic.tenantId}\n`);
  });
});
