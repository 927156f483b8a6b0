import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONSUMERS } from "../../core/view/index.ts";
import { openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { essence, unknownLike } from "./http/answers.ts";
import { signClient } from "./http/members.ts";
import { eventsAbout } from "./http/state.ts";
import { type Answer, canaryPatient, type Json } from "./world.ts";

/**
 * AT-24, POL-6, POL-7: what a role may not see of a chart is not in any byte that it is sent, the bytes say that it is
 * withheld, and no search finds by it.
 */
let scene: Scene;
let people: Readonly<Record<"doc" | "nurse" | "desk" | "bill" | "admin" | "auditor", Person>>;
let patientId: string;
let bareId: string;
let foreignId: string;
const secret = (what: string): string => `SECRET${what}`;

const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const note = (id: string, what: string, more: object = {}) => ({
  resourceType: "DocumentReference",
  status: "current",
  type: { text: "Progress note" },
  category: [{ coding: [{ code: "clinical-note" }] }],
  subject: { reference: `Patient/${id}` },
  content: [
    {
      attachment: {
        contentType: "text/plain",
        title: secret(`${what}title`),
        data: Buffer.from(secret(what)).toString("base64"),
      },
    },
  ],
  ...more,
});

async function chartOf(id: string): Promise<void> {
  const { doc, importer } = scene.world.a;
  const file = async (body: Record<string, unknown>, by = doc): Promise<string> => {
    const headers = { "x-purpose-of-use": by === doc ? "TREAT" : "HOPERAT" };
    const answer = await by.send("POST", `/fhir/${String(body["resourceType"])}`, { body, headers });
    if (answer.status !== 201) throw new Error(`${String(body["resourceType"])}: ${answer.text}`);
    return String(answer.body["id"]);
  };
  const subject = { reference: `Patient/${id}` };
  const encounter = await file({
    resourceType: "Encounter",
    status: "finished",
    class: { system: ACT_CODE, code: "AMB" },
    subject,
    period: { start: "2026-03-01T08:30:00Z", end: "2026-03-01T09:00:00Z" },
    reasonCode: [{ text: secret("reason") }],
  });
  const visit = { reference: `Encounter/${encounter}` };
  await file(note(id, "note", { context: { encounter: [visit] } }));
  await file(note(id, "therapy", { meta: { security: [{ system: ACT_CODE, code: "PSYTHPN" }] } }));
  await file({ resourceType: "Condition", subject, code: { text: secret("diagnosis") } });
  await file({
    resourceType: "Condition",
    subject,
    code: { text: secret("addiction") },
    meta: { security: [{ system: ACT_CODE, code: "ETHUD" }] },
  });
  await file(
    {
      resourceType: "Claim",
      status: "active",
      type: { text: "professional" },
      use: "claim",
      patient: subject,
      created: "2026-03-02",
      provider: { display: "clinic" },
      priority: { text: "normal" },
      insurance: [{ sequence: 1, focal: true, coverage: { display: "plan" } }],
      item: [
        { sequence: 1, productOrService: { text: "office visit" }, servicedDate: "2026-03-01", encounter: [visit] },
      ],
    },
    importer,
  );
  await file({
    resourceType: "Appointment",
    status: "booked",
    start: "2026-12-01T08:00:00Z",
    end: "2026-12-01T08:30:00Z",
    description: secret("complaint"),
    participant: [{ actor: subject, status: "accepted" }],
  });
}

beforeAll(async () => {
  scene = await openScene();
  const { a, b } = scene.world;
  people = {
    doc: await scene.hire(a, ["physician"]),
    nurse: await scene.hire(a, ["nurse"]),
    desk: await scene.hire(a, ["front-desk"]),
    bill: await scene.hire(a, ["billing"]),
    admin: await scene.hire(a, ["clinic-administrator"]),
    auditor: await scene.hire(a, ["auditor"]),
  };
  const headers = { "x-purpose-of-use": "TREAT" };
  const add = async (clinic: typeof a): Promise<string> =>
    String((await clinic.doc.send("POST", "/fhir/Patient", { body: canaryPatient(clinic), headers })).body["id"]);
  patientId = await add(a);
  bareId = await add(a);
  foreignId = await add(b);
  await chartOf(patientId);
});
afterAll(() => scene.close());

const view = (
  by: Session,
  purpose: string,
  id = patientId,
  more: { query?: string; headers?: Record<string, string> } = {},
) =>
  by.send("GET", `/clinic/patients/${id}/view${more.query ?? ""}`, {
    purpose,
    ...(more.headers && { headers: more.headers }),
  });
const section = (answer: Answer, name: string): Json => answer.body["sections"]?.[name] as Json;
const secretsIn = ({ text }: Answer): string[] => [...new Set(text.match(/SECRET[a-z]+/g))].toSorted();
/** What stands in a text in base64 is found as well. */
const encoded = (what: string): string => Buffer.from(secret(what)).toString("base64").slice(0, 12);

describe("AT-24 billing reads an encounter with a note", () => {
  it("AT-24 gets what the claim says of the visit, and that the rest is restricted", async () => {
    const bill = await scene.signIn(people.bill, "HPAYMT");
    const answer = await view(bill, "HPAYMT");
    expect([answer.status, answer.body["consumer"], answer.body["version"]]).toEqual([200, "billing", 1]);
    const [visit] = section(answer, "encounters")["value"] as unknown as readonly Json[];
    expect(visit).toMatchObject({
      ref: { state: "value" },
      period: { state: "value", value: { start: "2026-03-01", end: "2026-03-01" } },
      service: { state: "value", value: [{ text: "office visit" }] },
      reason: { state: "restricted", reason: "minimum-necessary" },
      note: { state: "restricted", reason: "minimum-necessary", howToAsk: "ask-the-clinician" },
    });
    expect(section(answer, "notes")).toMatchObject({ state: "restricted" });
    expect(secretsIn(answer)).toEqual([]);
  });

  it("AT-24 POL-7 psychotherapy notes are in none of its bytes, in no form", async () => {
    const bill = await scene.signIn(people.bill, "HPAYMT");
    const paths = [
      `/clinic/patients/${patientId}/view`,
      `/fhir/DocumentReference?patient=${patientId}`,
      `/fhir/Encounter?patient=${patientId}&_revinclude=DocumentReference:encounter`,
      `/fhir/Claim?patient=${patientId}&_include=Claim:encounter`,
      `/fhir/Patient/${patientId}/$everything`,
    ];
    for (const path of paths) {
      const { text } = await bill.send("GET", path, { purpose: "HPAYMT" });
      for (const what of ["therapy", "therapytitle", "note", "notetitle"]) {
        expect([path, text.includes(secret(what)), text.includes(encoded(what))]).toEqual([path, false, false]);
      }
    }
  });

  it("AT-24 what it may not see has the same bytes whether or not it is there", async () => {
    const bill = await scene.signIn(people.bill, "HPAYMT");
    const [rich, bare] = [await view(bill, "HPAYMT"), await view(bill, "HPAYMT", bareId)];
    for (const name of ["problems", "notes", "psychotherapyNotes", "substanceUse", "otherSegmented", "results"]) {
      expect([name, section(rich, name)]).toEqual([name, section(bare, name)]);
    }
  });
});

describe("AT-24 the front desk", () => {
  it("AT-24 a search by diagnosis is refused, and no other search finds by one", async () => {
    const desk = await scene.signIn(people.desk, "HOPERAT");
    const ask = (path: string) => desk.send("GET", path, { purpose: "HOPERAT" });
    const diagnosis = encodeURIComponent(secret("diagnosis"));
    const byDiagnosis = await ask(`/fhir/Condition?patient=${patientId}&code:text=${diagnosis}`);
    expect([byDiagnosis.status, secretsIn(byDiagnosis)]).toEqual([403, []]);
    // Whether it would have found anything is not told.
    const other = await ask(`/fhir/Condition?patient=${bareId}&code:text=nothing`);
    expect(essence(byDiagnosis, patientId, diagnosis)).toEqual(essence(other, bareId));
    for (const path of [
      `/fhir/Patient?_has:Condition:patient:code=${diagnosis}`,
      `/fhir/Patient?_id=${patientId}&_revinclude=Condition:patient`,
      `/fhir/Appointment?patient=${patientId}&reason-code=${diagnosis}`,
      `/fhir/Appointment?patient=${patientId}&reason-reference=Condition/x`,
    ]) {
      const answer = await ask(path);
      // The link of a search says the search again, and that is all of it that comes back.
      const entries = JSON.stringify(answer.body["entry"] ?? []);
      expect([path, entries.includes("SECRET")]).toEqual([path, false]);
      if (path.includes("reason-")) expect([path, answer.status, secretsIn(answer)]).toEqual([path, 403, []]);
    }
  });

  it("AT-24 over FHIR no byte says why somebody comes, and the appointment is moved all the same", async () => {
    const desk = await scene.signIn(people.desk, "HOPERAT");
    const doc = await scene.signIn(people.doc, "TREAT");
    const found = await desk.send("GET", `/fhir/Appointment?patient=${patientId}`, { purpose: "HOPERAT" });
    const seen = found.body["entry"]?.[0]?.["resource"] as unknown as Readonly<Record<string, unknown>>;
    const path = `/fhir/Appointment/${String(seen["id"])}`;
    const moved = { ...seen, start: "2026-12-02T08:00:00Z", end: "2026-12-02T08:30:00Z" };
    const put = (body: object, version: number) =>
      desk.send("PUT", path, { purpose: "HOPERAT", body, headers: { "if-match": `W/"${version}"` } });
    const refused = await put({ ...moved, description: "a cough" }, 1);
    expect([refused.status, refused.text.includes('"redacted"')]).toEqual([422, true]);
    const done = await put(moved, 1);
    expect(done.status).toBe(200);
    const answers = [
      found,
      done,
      await desk.send("GET", path, { purpose: "HOPERAT" }),
      await desk.send("GET", `/fhir/Patient?_id=${patientId}&_revinclude=Appointment:patient`, { purpose: "HOPERAT" }),
      await desk.send("POST", "/fhir", {
        purpose: "HOPERAT",
        body: {
          resourceType: "Bundle",
          type: "batch",
          entry: [{ request: { method: "GET", url: path.slice("/fhir/".length) } }],
        },
      }),
    ];
    for (const answer of answers)
      expect([answer.status, secretsIn(answer), answer.text.includes("SUBSETTED")]).toEqual([200, [], true]);
    const whole = await doc.send("GET", path, { purpose: "TREAT" });
    expect(whole.body).toMatchObject({ start: "2026-12-02T08:00:00Z", description: secret("complaint") });
    expect(whole.text).not.toContain("SUBSETTED");
    const bill = await scene.signIn(people.bill, "HPAYMT");
    const billed = await bill.send("GET", path, { purpose: "HPAYMT" });
    expect([billed.status, secretsIn(billed)]).toEqual([200, []]);
  });

  it("AT-24 sees who comes and when, and not why", async () => {
    const desk = await scene.signIn(people.desk, "HOPERAT");
    const answer = await view(desk, "HOPERAT");
    const [appointment] = section(answer, "appointments")["value"] as unknown as readonly Json[];
    expect(appointment).toMatchObject({ start: { state: "value" }, reason: { state: "restricted" } });
    expect([section(answer, "psychotherapyNotes"), secretsIn(answer)]).toEqual([{ state: "absent" }, []]);
  });
});

describe("POL-6 each role has its own view", () => {
  it("POL-6 a clinician sees the chart, and of what is segmented that it is withheld", async () => {
    const doc = await scene.signIn(people.doc, "TREAT");
    const answer = await view(doc, "TREAT");
    expect([answer.status, answer.body["consumer"]]).toEqual([200, "clinician"]);
    expect(secretsIn(answer)).toEqual([
      "SECRETcomplaint",
      "SECRETdiagnosis",
      "SECRETnote",
      "SECRETnotetitle",
      "SECRETreason",
    ]);
    for (const name of ["psychotherapyNotes", "substanceUse"]) {
      expect(section(answer, name)).toEqual({ state: "restricted", reason: "consent", howToAsk: "ask-the-patient" });
    }
  });

  it("POL-6 nothing that a request says chooses another view", async () => {
    const bill = await scene.signIn(people.bill, "HPAYMT");
    const plain = await view(bill, "HPAYMT");
    const headers = { "x-consumer": "clinician", "x-role": "physician" };
    for (const consumer of CONSUMERS) {
      const answer = await view(bill, "HPAYMT", patientId, { query: `?consumer=${consumer}&role=physician`, headers });
      expect(answer.body["consumer"]).toBe("billing");
      expect(answer.body["sections"]).toEqual(plain.body["sections"]);
    }
    // A purpose that is another role's is refused, and not answered with that role's view.
    expect((await view(bill, "TREAT")).status).toBe(403);
  });

  it.each(["admin", "auditor"] as const)("POL-6 POL-12 %s has no view of a chart", async (who) => {
    const session = await scene.signIn(people[who], "HOPERAT");
    const answer = await view(session, "HOPERAT");
    expect([answer.status, secretsIn(answer)]).toEqual([403, []]);
    expect(
      eventsAbout(scene.world, scene.world.a.tenantId, answer).map(({ interaction, outcome }) => [
        interaction,
        outcome,
      ]),
    ).toEqual([["view.read", "denied"]]);
  });

  it("POL-6 a patient sees her own chart, but for psychotherapy notes, and nobody else's", async () => {
    // A patient who is nothing else has her own portal, and asks here with an application's token.
    const self = await scene.signIn(await scene.hire(scene.world.a, ["nurse", "patient"], patientId), "PATRQT");
    const ask = (id: string) => self.send("GET", `/clinic/patients/${id}/view`);
    const own = await ask(patientId);
    expect([own.status, own.body["consumer"]]).toEqual([200, "patient"]);
    expect(secretsIn(own)).toContain("SECRETaddiction");
    expect(own.headers.get("x-redisclosure-notice")).toContain("42 CFR part 2");
    expect(section(own, "psychotherapyNotes")).toMatchObject({ state: "restricted", reason: "no-right-of-access" });
    expect(secretsIn(own).some((found) => found.includes("therapy"))).toBe(false);
    const other = await ask(bareId);
    expect([other.status, other.text.includes(scene.world.a.canary)]).toEqual([403, false]);
  });

  it("POL-6 an integration gets its own field set", async () => {
    const answer = await scene.world.a.importer.send("GET", `/clinic/patients/${patientId}/view`, {
      headers: { "x-purpose-of-use": "HOPERAT" },
    });
    expect([answer.status, answer.body["consumer"]]).toEqual([200, "integration"]);
    expect(section(answer, "notes")).toMatchObject({ state: "restricted" });
    expect(secretsIn(answer)).toEqual(["SECRETdiagnosis", "SECRETreason"]);
  });

  it("POL-6 another clinic sees a referred patient whose consent names it, in its own view and nowhere else", async () => {
    const { a } = scene.world;
    const partner = await signClient(scene.world, a.tenantId, ["referral-partner"], scene.clock);
    const other = await signClient(scene.world, a.tenantId, ["referral-partner"], scene.clock);
    const headers = { "x-purpose-of-use": "TREAT" };
    const ask = (by: typeof partner, id = patientId) =>
      by.caller.send("GET", `/clinic/patients/${id}/view`, { headers });
    const recipient = {
      coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", code: "IRCP" }],
    };
    const permit = (provision: object) =>
      a.doc.send("POST", "/fhir/Consent", {
        headers,
        body: {
          resourceType: "Consent",
          status: "active",
          scope: {
            coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }],
          },
          category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
          patient: { reference: `Patient/${patientId}` },
          dateTime: "2026-01-01T00:00:00Z",
          policyRule: {
            coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentpolicycodes", code: "hipaa-auth" }],
          },
          provision: { type: "permit", ...provision },
        },
      });
    expect((await ask(partner)).status).toBe(403);
    // To somebody is not yet to this one.
    const disclose = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentaction", code: "disclose" }] };
    expect((await permit({ action: [disclose] })).status).toBe(201);
    expect((await ask(partner)).status).toBe(403);
    const named = {
      role: recipient,
      reference: { identifier: { system: "urn:keyward:client", value: partner.client.clientId } },
    };
    expect((await permit({ actor: [named] })).status).toBe(201);
    const shown = await ask(partner);
    expect([shown.status, shown.body["consumer"]]).toEqual([200, "referral-partner"]);
    expect(secretsIn(shown)).toEqual(["SECRETdiagnosis", "SECRETreason"]);
    expect(eventsAbout(scene.world, a.tenantId, shown)).toEqual([
      expect.objectContaining({
        interaction: "view.read",
        outcome: "success",
        patient: patientId,
        recipient: partner.client.clientId,
        consent: expect.objectContaining({ state: "permit" }) as unknown,
      }),
    ]);
    const refused = [await ask(other), await ask(partner, bareId), await ask(partner, unknownLike(bareId))];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403]);
    for (const path of [
      `/fhir/Patient/${patientId}`,
      `/fhir/Condition?patient=${patientId}`,
      `/fhir/Patient/${patientId}/$everything`,
      "/fhir/Patient",
    ]) {
      const answer = await partner.caller.send("GET", path, { headers });
      expect([path, answer.status, secretsIn(answer)]).toEqual([path, 403, []]);
    }
    const otherPurpose = { headers: { "x-purpose-of-use": "HOPERAT" } };
    const elsewhere = await partner.caller.send("GET", `/clinic/patients/${patientId}/view`, otherPurpose);
    expect(elsewhere.status).toBe(403);
  });

  it("POL-3 without a purpose there is no view", async () => {
    const doc = await scene.signIn(people.doc);
    const answer = await doc.send("GET", `/clinic/patients/${patientId}/view`);
    expect([answer.status, answer.body["rule"]]).toEqual([400, "purpose-required"]);
  });
});

describe("POL-6 the event of a view", () => {
  it("POL-6 one event names the view, its sections and the patient, and nothing of what stood there", async () => {
    const nurse = await scene.signIn(people.nurse, "TREAT");
    const answer = await view(nurse, "TREAT", patientId, { query: "?section=banner,problems" });
    expect(Object.keys(answer.body["sections"] ?? {})).toEqual(["banner", "problems"]);
    const events = eventsAbout(scene.world, scene.world.a.tenantId, answer);
    expect(
      events.map(({ interaction, outcome, patient, sections, action }) => [
        interaction,
        outcome,
        patient,
        sections,
        action,
      ]),
    ).toEqual([["view.read", "success", patientId, ["banner", "problems"], "R"]]);
    expect(events[0]?.entities).toContainEqual({ type: "View", id: "nurse.1" });
    expect(JSON.stringify(events)).not.toMatch(/SECRET|CANARY/);
  });

  it("AT-12 another clinic's patient, an unknown one and one that is no id are one answer, each with its event", async () => {
    const doc = await scene.signIn(people.doc, "TREAT");
    const [foreign, unknown] = [foreignId, unknownLike(foreignId)];
    const answers = [await view(doc, "TREAT", foreign), await view(doc, "TREAT", unknown)];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(essence(answers[0] as Answer, foreign)).toEqual(essence(answers[1] as Answer, unknown));
    for (const answer of answers) {
      expect(eventsAbout(scene.world, scene.world.a.tenantId, answer).map(({ outcome }) => outcome)).toEqual([
        "denied",
      ]);
    }
    expect(answers.some(({ text }) => text.includes(scene.world.b.canary))).toBe(false);
    expect((await view(doc, "TREAT", patientId, { query: "?section=everything" })).status).toBe(400);
  });

  it("PROOF-15 while the outbox is down no view leaves", async () => {
    const doc = await scene.signIn(people.doc, "TREAT");
    scene.world.stack.cloud.faults.setPlan({
      seed: 1,
      rules: [
        { kind: "server-error", service: "dynamodb", operations: ["PutItem", "TransactWriteItems"], probability: 1 },
      ],
    });
    const answer = await view(doc, "TREAT");
    scene.world.stack.cloud.faults.setPlan();
    expect([answer.status, secretsIn(answer)]).toEqual([503, []]);
  });
});
