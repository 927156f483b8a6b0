import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AuditEvent, CHAIN_START, chainHash } from "../../core/audit/event.ts";
import { type RouteName, routeNames, routes } from "../../core/contract/index.ts";
import { ROWS } from "./audit-completeness/rows.ts";
import { openScene, type Row, type Scene, type Told } from "./audit-completeness/scene.ts";
import { dataRowsOf, eventsAbout, eventsOf } from "./http/state.ts";
import type { Answer } from "./world.ts";

/**
 * AT-37: every FHIR route and every way for it to end leaves exactly one event in the clinic's outbox, in an unbroken
 * chain. AT-38: without the event there is no answer.
 */
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const OUTCOMES: readonly Told[] = ["success", "denied", "failure"];
/** Routes of the zone, with the outcomes that no row of them shows. */
const missing = (rows: readonly Row[]): string[] =>
  routeNames
    .filter((name: RouteName) => routes[name].zone === "fhir")
    .flatMap((name) =>
      OUTCOMES.filter((told) => !rows.some((row) => row.route === name && row.told === told)).map(
        (told) => `${name} ${told}`,
      ),
    );
const eventsOfA = (answer: Answer): AuditEvent[] => eventsAbout(scene.world, scene.world.a.tenantId, answer);

describe("AT-37 every route and every outcome", () => {
  it("AT-37 there is a row for each; a version that is there and cannot be had is all that a vread can fail by", () => {
    expect(missing(ROWS)).toEqual(["fhirVread failure"]);
    expect(missing(ROWS.filter(({ route }) => route !== "fhirDelete"))).toContain("fhirDelete denied");
  });
  it.each(ROWS.map((row) => [`${row.route}, ${row.title}: ${row.status}, ${row.told}`, row] as const))(
    "AT-37 %s",
    async (_title, { route, status, told, isReplay = false, ask }) => {
      const answer = await ask(scene);
      expect([answer.status, answer.text.slice(0, 200)]).toEqual([status, expect.any(String)]);
      const events = eventsOfA(answer);
      expect(events.map(({ outcome, replay = false }) => [outcome, replay])).toEqual([[told, isReplay]]);
      const [event] = events;
      expect(event?.purpose).toBe(told === "denied" && status === 403 ? "HOPERAT" : "TREAT");
      expect(event?.detail).toMatch(/^[\w+/]+={0,2}$/);
      expect(event?.actor.client).toBe("keyward-cli");
      // What a PUT under a new id makes is a creation, and a batch speaks of its entries.
      const named =
        route === "fhirUpdate" ? /^(?:update|create)$/ : new RegExp(`^${route.slice(4).replace("Post", "")}$`, "i");
      if (route !== "fhirBundle") expect(event?.interaction).toMatch(named);
    },
  );
  it("AT-37 a batch leaves one event for each entry, a transaction one for itself and one for each reading", async () => {
    const { doc } = scene.world.a;
    const post = { resource: scene.resource(), request: { method: "POST", url: "Observation" } };
    const read = { request: { method: "GET", url: `Patient/${scene.patientId}` } };
    const nothing = { request: { method: "GET", url: "Patient/x" } };
    const send = (type: string, entry: readonly unknown[]) =>
      doc.send("POST", "/fhir", { body: { resourceType: "Bundle", type, entry } });
    const told = (answer: Answer) =>
      eventsOfA(answer)
        .map(({ interaction, outcome }) => `${interaction} ${outcome}`)
        .toSorted();
    expect(told(await send("batch", [post, read, nothing, {}]))).toEqual(
      ["create success", "read success", "read denied", "transaction failure"].toSorted(),
    );
    expect(told(await send("transaction", [post, post, read]))).toEqual(["read success", "transaction success"]);
  });
  it("AT-37 a chart and a search name the patient, and what they held", async () => {
    const { doc } = scene.world.a;
    const chart = eventsOfA(await doc.send("GET", `/fhir/Patient/${scene.patientId}/$everything`));
    const search = eventsOfA(await doc.send("GET", `/fhir/Observation?patient=${scene.patientId}`));
    for (const event of [...chart, ...search]) {
      expect(event.patient).toBe(scene.patientId);
      expect(event.count).toBeGreaterThan(1);
    }
    expect([chart.length, search.length]).toEqual([1, 1]);
  });
  it("AT-37 nothing of a record, a query or a caller stands in an event", () => {
    const lines = eventsOf(scene.world, scene.world.a.tenantId).map(({ line }) => line);
    for (const text of [scene.world.a.canary, "nobody-of-that-name", "127.0.0.1", "node", "/fhir/"])
      expect(lines.filter((line) => line.includes(text))).toEqual([]);
  });
});

describe("AT-38 the outbox cannot be written", () => {
  afterEach(() => scene.world.stack.cloud.faults.setPlan());
  const whileDown = (operations: readonly string[], kind: "server-error" | "timeout-before" | "throttle") =>
    scene.world.stack.cloud.faults.setPlan({
      seed: 1,
      rules: [{ kind, service: "dynamodb", operations, probability: 1 }],
    });
  /** 503 and no word of a record; and nothing in the trail, which could not be written. */
  function expectSilence(answer: Answer): void {
    expect([answer.status, answer.text.includes('"code":"transient"')]).toEqual([503, true]);
    expect(answer.text).not.toContain(scene.world.a.canary);
    expect(answer.headers.get("etag")).toBeNull();
    expect(eventsOfA(answer)).toEqual([]);
  }

  it.each(["server-error", "timeout-before", "throttle"] as const)(
    "AT-38 by %s: no reading is answered",
    async (kind) => {
      const { world, patientId, auditor } = scene;
      const path = `/fhir/Patient/${patientId}`;
      whileDown(["PutItem"], kind);
      const paths = [
        path,
        `${path}/_history`,
        `${path}/_history/1`,
        `${path}/$everything`,
        `/fhir/Observation?patient=${patientId}`,
      ];
      // Also what would be refused: a refusal that nobody can see in the trail is not given.
      const refused = ["/fhir/Patient/unknown", "/fhir/Patient?nothing=x", "/fhir/Nothing/x"];
      for (const at of [...paths, ...refused]) expectSilence(await world.a.doc.send("GET", at));
      expectSilence(await auditor.send("GET", path));
    },
  );
  it.each(["server-error", "timeout-before"] as const)("AT-38 by %s: nothing is written", async (kind) => {
    const { world } = scene;
    const { doc, tenantId } = world.a;
    const id = await scene.file();
    const body = { ...scene.resource(), id };
    const entry = [{ resource: scene.resource(), request: { method: "POST", url: "Observation" } }];
    const before = dataRowsOf(world, tenantId);
    whileDown(["PutItem", "TransactWriteItems"], kind);
    expectSilence(await doc.send("POST", "/fhir/Observation", { body: scene.resource() }));
    expectSilence(await doc.send("PUT", `/fhir/Observation/${id}`, { body, headers: { "if-match": 'W/"1"' } }));
    expectSilence(await doc.send("DELETE", `/fhir/Observation/${id}`));
    for (const type of ["transaction", "batch"]) {
      const answer = await doc.send("POST", "/fhir", { body: { resourceType: "Bundle", type, entry } });
      expectSilence(answer);
    }
    expectSilence(await doc.send("POST", "/fhir/Observation", { body: "{" }));
    expect(dataRowsOf(world, tenantId)).toEqual(before);
  });
  it("AT-38 an event that was written although the answer was lost is written once, and the reading is answered", async () => {
    whileDown(["PutItem"], "server-error");
    scene.world.stack.cloud.faults.setPlan({
      seed: 1,
      rules: [{ kind: "server-error-after", service: "dynamodb", operations: ["PutItem"], probability: 1 }],
    });
    const answer = await scene.world.a.doc.send("GET", `/fhir/Patient/${scene.patientId}`);
    expect([answer.status, eventsOfA(answer).length]).toEqual([200, 1]);
  });
  it("AT-38 control: when the outbox is back, so are we", async () => {
    const { world, patientId } = scene;
    const read = await world.a.doc.send("GET", `/fhir/Patient/${patientId}`);
    expect([read.status, eventsOfA(read).length]).toEqual([200, 1]);
    const write = await world.a.doc.send("POST", "/fhir/Observation", { body: scene.resource() });
    expect([write.status, eventsOfA(write).length]).toEqual([201, 1]);
  });
});

/** The numbers of each writer that are missing or stand twice, and the links that do not hold. */
function breaks(events: readonly { readonly event: AuditEvent; readonly line: string }[]): string[] {
  const chains = Map.groupBy(events, ({ event }) => event.writer.id);
  return [...chains].flatMap(([writer, links]) => {
    let prev = CHAIN_START;
    return links
      .toSorted((left, right) => left.event.writer.seq - right.event.writer.seq)
      .flatMap(({ event, line }, index) => {
        const isNext = event.writer.seq === index + 1 && event.writer.prev === prev;
        prev = chainHash(line);
        return isNext ? [] : [`${writer} ${event.writer.seq}`];
      });
  });
}

describe("AT-37 AT-38 the chain, after all of this", () => {
  it("AT-37 every writer's numbers follow each other, each naming the one before", () => {
    const events = eventsOf(scene.world, scene.world.a.tenantId);
    expect(events.length).toBeGreaterThan(ROWS.length);
    expect(breaks(events)).toEqual([]);
  });
  it("AT-37 an event that is taken out, or altered, is found", () => {
    const events = eventsOf(scene.world, scene.world.a.tenantId);
    const at = events.findIndex(({ event }) => event.writer.seq === 2);
    expect(breaks(events.toSpliced(at, 1)).length).toBeGreaterThan(0);
    const altered = events.with(at, { ...(events[at] ?? never()), line: "altered" });
    expect(breaks(altered).length).toBe(1);
  });
});

function never(): never {
  throw new Error("there is a second event");
}
