import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openScene, type Scene, type Session } from "./clinic/scene.ts";
import { type Answer, canaryPatient, type Json, newTestId } from "./world.ts";

/** CLIN-6 and CLIN-9 over HTTP: who is told what, by any route, and what two people do at once. */
let scene: Scene;
let doc: Session;
let nurse: Session;
let desk: Session;
let patient = "";

const SECRET = "Haematochezia-Canary";
const must = (answer: Answer, status = 200): Json => {
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([status, expect.any(String)]);
  return answer.body;
};
const match = (version: unknown) => ({ headers: { "if-match": `W/"${String(version)}"` } });

beforeAll(async () => {
  scene = await openScene();
  const { a } = scene.world;
  doc = await scene.signIn(await scene.hire(a, ["physician"]), "TREAT");
  nurse = await scene.signIn(await scene.hire(a, ["nurse"]), "TREAT");
  desk = await scene.signIn(await scene.hire(a, ["front-desk"]), "HOPERAT");
  patient = String(must(await nurse.send("POST", "/fhir/Patient", { body: canaryPatient(a) }), 201)["id"]);
});
afterAll(() => scene.close());

const send = (by: Session, body: object) => by.send("POST", "/clinic/messages", { body });
const begin = (by: Session, category: string, to: unknown = { pool: "nurse" }) =>
  send(by, { patient, topic: SECRET, category, text: SECRET, to });
const inbox = async (by: Session, query = ""): Promise<readonly Json[]> =>
  must(await by.send("GET", `/clinic/inbox${query}`))["items"] as unknown as readonly Json[];

async function report(): Promise<string> {
  const body = {
    resourceType: "DiagnosticReport",
    status: "final",
    subject: { reference: `Patient/${patient}` },
    code: { text: SECRET },
    issued: new Date(scene.clock.now()).toISOString(),
  };
  return String(must(await doc.send("POST", "/fhir/DiagnosticReport", { body }), 201)["id"]);
}

describe("CLIN-9 the inbox over HTTP", () => {
  it("CLIN-9 the front desk reads no clinical message, task or result, by whatever route it asks", async () => {
    const { thread } = must(await begin(nurse, "clinical"), 201);
    const task = (await inbox(nurse)).find((item) => item["id"] === thread)?.["task"]?.["id"];
    const result = await report();
    const roads = [
      `/clinic/messages/${String(thread)}`,
      `/clinic/tasks/${String(task)}`,
      `/clinic/results/${result}`,
      `/clinic/patients/${patient}/messages`,
      "/clinic/inbox?scope=everyone",
      `/clinic/inbox?scope=everyone&patient=${patient}`,
      "/clinic/inbox?scope=everyone&state=snoozed",
      `/fhir/Communication/${String(thread)}`,
      `/fhir/Communication/${String(thread)}/_history`,
      `/fhir/Communication/${String(thread)}/_history/1`,
      `/fhir/Communication?patient=${patient}`,
      `/fhir/Communication?_id=${String(thread)}`,
      `/fhir/Task/${String(task)}`,
      `/fhir/Task?patient=${patient}`,
      "/fhir/Task?owner=Practitioner/x&status=requested",
      `/fhir/Patient?_id=${patient}&_revinclude=Communication:subject&_revinclude=Task:patient`,
      `/fhir/Patient/${patient}/$everything`,
      `/fhir/DiagnosticReport/${result}`,
    ];
    for (const road of roads) {
      const answer = await desk.send("GET", road);
      expect([road, answer.text.includes(SECRET), answer.status < 500]).toEqual([road, false, true]);
    }
    const withheld = must(await desk.send("GET", `/clinic/patients/${patient}/messages`));
    expect(withheld).toEqual({
      threads: [],
      tasks: [],
      withheld: ["clinical", "prescription", "results", "billing"],
    });
    expect(must(await desk.send("GET", "/clinic/inbox?scope=everyone"))["withheld"]).toEqual(["result", "note"]);
    for (const [path, body] of [
      [`/clinic/messages/${String(thread)}/read`, undefined],
      [`/clinic/tasks/${String(task)}/moves`, { move: "accept" }],
      ["/clinic/messages", { thread, text: "Hello", to: "patient" }],
    ] as const) {
      const answer = await desk.send("POST", path, { ...match(1), ...(body && { body }) });
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });

  it("CLIN-9 no door of FHIR writes a message, a task of the inbox or a review", async () => {
    const { thread } = must(await begin(nurse, "clinical"), 201);
    const stored = must(await doc.send("GET", `/fhir/Communication/${String(thread)}`));
    const raised = [{ coding: [{ system: "urn:keyward:message-category", code: "administrative" }] }];
    const copy = { ...(stored as object), category: raised };
    const put = await doc.send("PUT", `/fhir/Communication/${String(thread)}`, { body: copy, ...match(1) });
    expect([put.status, put.text.includes("inbox-door")]).toEqual([422, true]);
    const mail = { resourceType: "Communication", status: "completed", subject: { reference: `Patient/${patient}` } };
    const forged = await desk.send("POST", "/fhir/Communication", { body: { ...mail, category: raised } });
    expect(forged.text).toContain("inbox-door");
    const plain = await desk.send("POST", "/fhir/Communication", { body: mail });
    expect(plain.status).toBe(403);
    const id = await report();
    const kept = must(await doc.send("GET", `/fhir/DiagnosticReport/${id}`));
    const review = {
      url: "urn:keyward:result-review",
      extension: [{ url: "at", valueInstant: "2026-01-01T00:00:00Z" }],
    };
    const signed = { ...(kept as object), extension: [review] };
    const door = await doc.send("PUT", `/fhir/DiagnosticReport/${id}`, { body: signed, ...match(1) });
    expect(door.text).toContain("inbox-door");
    expect((await doc.send("DELETE", `/fhir/Communication/${String(thread)}`, match(1))).text).toContain("inbox-door");
  });

  it("CLIN-9 of two who take a task at once one is told; the loser's word changes nothing", async () => {
    const { thread } = must(await begin(nurse, "clinical"), 201);
    const { id, version } = (await inbox(nurse)).find((item) => item["id"] === thread)?.["task"] ?? ({} as Json);
    const path = `/clinic/tasks/${String(id)}/moves`;
    const [one, two] = await Promise.all([
      nurse.send("POST", path, { body: { move: "accept" }, ...match(version) }),
      doc.send("POST", path, { body: { move: "assign", owner: { user: doc.userId } }, ...match(version) }),
    ]);
    expect(new Set([one.status, two.status])).toEqual(new Set([200, 412]));
    const winner = one.status === 200 ? nurse : doc;
    const [mine] = (await inbox(winner, "?scope=mine")).filter((item) => item["id"] === thread);
    expect(mine).toMatchObject({ owner: { kind: "person", isMe: true } });
    expect((await nurse.send("POST", path, { body: { move: "accept" } })).status).toBe(428);
    const stranger = { move: "assign", owner: { user: newTestId() } };
    const refused = await winner.send("POST", path, { body: stranger, ...match(Number(version) + 1) });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining("assignee-unknown")]);
  });

  it("CLIN-6 two sign a result at once: one signature, with follow-up and message or with neither", async () => {
    const second = await scene.signIn(await scene.hire(scene.world.a, ["physician"]), "TREAT");
    const id = await report();
    const body = {
      comment: "Seen",
      followUp: { title: "Repeat", owner: { pool: "nurse" } },
      message: { topic: "Your test", text: "All is well." },
    };
    const path = `/clinic/results/${id}/review`;
    const signings = await Promise.all([doc, second].map((by) => by.send("POST", path, { body, ...match(1) })));
    const won = signings.filter(({ status }) => status === 200);
    expect([
      won.length,
      signings.map(({ status }) => status).every((status) => [200, 409, 412, 422].includes(status)),
    ]).toEqual([1, true]);
    const { tasks, threads } = must(await doc.send("GET", `/clinic/patients/${patient}/messages`));
    const follow = (tasks as unknown as readonly Json[]).filter((task) => task["title"] === "Repeat");
    const told = (threads as unknown as readonly Json[]).filter((each) => each["topic"] === "Your test");
    expect([follow.length, told.length]).toEqual([1, 1]);
    expect((await nurse.send("POST", path, { body: {}, ...match(2) })).status).toBe(403);
    expect((await inbox(doc, "?scope=everyone&kind=result")).some((item) => item["id"] === id)).toBe(false);
  });

  it("CLIN-9 another clinic finds none of it, and neither an address nor a log has a word of it", async () => {
    const { thread } = must(await begin(nurse, "clinical"), 201);
    const { b } = scene.world;
    const foreign = await scene.signIn(await scene.hire(b, ["physician"]), "TREAT");
    const unknown = `${newTestId()}.${newTestId()}`;
    const answers = await Promise.all(
      [String(thread), unknown].map((id) => foreign.send("GET", `/clinic/messages/${id}`)),
    );
    const told = answers.map(({ status, body }) => [status, body["kind"] ?? body["type"]]);
    expect(told[0]).toEqual(told[1]);
    expect(await inbox(foreign, "?scope=everyone")).toEqual([]);
    const sent = await Promise.all(
      [patient, newTestId()].map((id) =>
        send(foreign, { patient: id, topic: "Hi", category: "clinical", text: "Hi", to: { pool: "nurse" } }),
      ),
    );
    const said = sent.map(({ status, body }) => [status, body["type"], body["rule"]]);
    expect([said[0], (said[0]?.[0] ?? 0) >= 400]).toEqual([said[1], true]);
    for (const query of ["?scope=x'y", "?kind=letter", "?patient=a b", "?cursor=%7e"])
      expect([query, (await nurse.send("GET", `/clinic/inbox${query}`)).status]).toEqual([query, 400]);
    const logs = [...scene.world.stack.logs().values()].flat().join("\n");
    expect(logs).not.toContain(SECRET);
  });
});
