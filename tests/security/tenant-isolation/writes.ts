import { describe, expect, it } from "vitest";
import type { ResourceType } from "../../../core/fhir/index.ts";
import { entriesOf, rulesOf, unknownLike } from "../http/answers.ts";
import { eventsAbout } from "../http/state.ts";
import { canaryObservation, type Caller } from "../world.ts";
import { expectEvents, expectSame, expectUniform, type Scene, type Use, whileBStays } from "./scene.ts";

interface Target {
  readonly type: ResourceType;
  /** Somebody of A whose role may change records of the type. */
  readonly by: Caller;
  readonly foreign: string;
  readonly unknown: string;
  readonly etag: string;
  /** A valid body for either id: the record as B has it, about the patient that the id names. */
  readonly body: (id: string) => unknown;
}

const patientOf = (id: string): string => id.split(".")[0] ?? id;

/** Records of B, one of each kind of home, with what a valid change of each would be. */
async function targets({ a, b }: Scene): Promise<Target[]> {
  const made: Target[] = [];
  for (const type of ["Patient", "Observation", "Practitioner", "Claim"] as const) {
    const { id: foreign, etag } = b.record(type);
    const { text } = await b.clinic.doc.send("GET", `/fhir/${type}/${foreign}`);
    const body = (id: string): unknown =>
      JSON.parse(text.replaceAll(foreign, id).replaceAll(patientOf(foreign), patientOf(id)));
    const by = type === "Claim" ? a.clinic.bill : a.clinic.doc;
    made.push({ type, by, foreign, unknown: unknownLike(foreign), etag, body });
  }
  return made;
}

export function writes(use: Use): void {
  describe("AT-02 foreign write", () => {
    const ways = [
      ["PUT with B's real ETag", "PUT", true, 404],
      ["PUT without one", "PUT", false, 428],
      ["DELETE with B's real ETag", "DELETE", true, 404],
      ["DELETE without one", "DELETE", false, 404],
    ] as const;
    it.each(ways)("AT-02 %s", async (_title, method, hasEtag, status) => {
      const scene = use();
      const found = await targets(scene);
      await whileBStays(scene, async () => {
        for (const { type, by, foreign, unknown, etag, body } of found) {
          // No role of a clinic's office deletes a claim.
          const isRefused = method === "DELETE" && type === "Claim";
          const send = (id: string) =>
            by.send(method, `/fhir/${type}/${id}`, {
              ...(method === "PUT" ? { body: body(id) } : {}),
              ...(hasEtag ? { headers: { "if-match": etag } } : {}),
            });
          const [one, other] = [await send(foreign), await send(unknown)];
          if (status === 404 && !isRefused) expectUniform(scene, [one, foreign], [other, unknown]);
          else {
            expectSame(scene, [one, foreign], [other, unknown]);
            expect(one.status).toBe(isRefused ? 403 : status);
            expectEvents(scene, [one, other], isRefused ? "denied" : "failure");
          }
        }
      });
    });
    it("AT-02 PATCH has no route: the same answer for B's id, an unknown one and A's own", async () => {
      const scene = use();
      await whileBStays(scene, async () => {
        const answers = [];
        for (const id of [scene.b.patientId, unknownLike(scene.b.patientId), scene.a.patientId])
          answers.push(await scene.a.clinic.doc.send("PATCH", `/fhir/Patient/${id}`, { body: [] }));
        expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      });
    });
    it("AT-02 control: A changes and deletes a record of its own", async () => {
      const { clinic, patientId } = use().a;
      const made = await clinic.doc.send("POST", "/fhir/Observation", { body: canaryObservation(clinic, patientId) });
      const path = `/fhir/Observation/${String(made.body["id"])}`;
      const changed = await clinic.doc.send("PUT", path, {
        body: { ...(made.body as object), status: "amended" },
        headers: { "if-match": 'W/"1"' },
      });
      expect([changed.status, changed.headers.get("etag")]).toEqual([200, 'W/"2"']);
      const gone = await clinic.doc.send("DELETE", path, { headers: { "if-match": 'W/"2"' } });
      expect([gone.status, (await clinic.doc.send("GET", path)).status]).toEqual([204, 410]);
    });
  });

  describe("AT-04 AT-05 references to what is B's", () => {
    const forms: readonly (readonly [string, (scene: Scene, id: string, mrn: string) => object, string])[] = [
      ["relative", (_scene, id) => ({ reference: `Patient/${id}` }), "reference-unresolved"],
      ["a version of it", (_scene, id) => ({ reference: `Patient/${id}/_history/1` }), "reference-unresolved"],
      [
        "absolute, under our own base",
        ({ world }, id) => ({ reference: `${world.stack.endpoint}/fhir/Patient/${id}` }),
        "reference-external",
      ],
      [
        "absolute, elsewhere",
        (_scene, id) => ({ reference: `https://x.example/fhir/Patient/${id}` }),
        "reference-external",
      ],
      ["urn", () => ({ reference: "urn:uuid:6a1b3d0e-7d6f-4a55-9a2b-0f1c2d3e4f50" }), "reference-external"],
      [
        "conditional, outside of a transaction",
        (_scene, _id, mrn) => ({ reference: `Patient?identifier=urn:test:mrn|${mrn}` }),
        "reference-external",
      ],
    ];
    it.each(forms)("AT-04 AT-05 %s", async (_title, subject, rule) => {
      const scene = use();
      const { doc } = scene.a.clinic;
      const send = (id: string, mrn: string) =>
        doc.send("POST", "/fhir/Observation", {
          body: canaryObservation(scene.a.clinic, "x", { subject: subject(scene, id, mrn) }),
        });
      await whileBStays(scene, async () => {
        const foreign = await send(scene.b.patientId, scene.b.mrn);
        const other = await send(unknownLike(scene.b.patientId), "unknown-mrn");
        expect([foreign.status, rulesOf(foreign)]).toEqual([422, [rule]]);
        expectSame(scene, [foreign], [other]);
        expectEvents(scene, [foreign, other], "failure");
      });
    });
    it("AT-04 every kind of B's records, referred to as what it is", async () => {
      const scene = use();
      const { doc, canary } = scene.a.clinic;
      const task = (reference: string) => ({
        resourceType: "Task",
        status: "requested",
        intent: "order",
        description: canary,
        for: { reference: `Patient/${scene.a.patientId}` },
        focus: { reference },
      });
      await whileBStays(scene, async () => {
        for (const { type, id } of scene.b.records.values()) {
          if (type === "Patient") continue;
          const send = (name: string) => doc.send("POST", "/fhir/Task", { body: task(`${type}/${name}`) });
          const [foreign, other] = [await send(id), await send(unknownLike(id))];
          expect([type, foreign.status, rulesOf(foreign)]).toEqual([type, 422, ["reference-unresolved"]]);
          expectSame(scene, [foreign], [other]);
        }
      });
    });
    it("AT-05 a contained resource with B's id and a logical identifier of B's lead nowhere", async () => {
      const scene = use();
      const { clinic } = scene.a;
      await whileBStays(scene, async () => {
        const answer = await clinic.doc.send("POST", "/fhir/Observation", {
          body: canaryObservation(clinic, "x", {
            contained: [{ resourceType: "Practitioner", id: scene.b.patientId }],
            subject: { identifier: { system: "urn:test:mrn", value: scene.b.mrn } },
            performer: [{ reference: `#${scene.b.patientId}` }],
          }),
        });
        expect(answer.status).toBe(201);
        const path = `/fhir/Observation?_id=${String(answer.body["id"])}&_include=Observation:subject&_include=Observation:performer`;
        const found = await clinic.doc.send("GET", path);
        expect([found.status, entriesOf(found).length]).toEqual([200, 1]);
        const [event] = eventsAbout(scene.world, clinic.tenantId, answer);
        expect(event?.patient).toBeUndefined();
      });
    });
    it("AT-04 control: a reference to A's own patient is taken", async () => {
      const { clinic, patientId } = use().a;
      const answer = await clinic.doc.send("POST", "/fhir/Observation", { body: canaryObservation(clinic, patientId) });
      expect(answer.status).toBe(201);
    });
  });
}

/** After all else, because A has a record of its own with B's patient's id from then on. */
export function createByUpdate(use: Use): void {
  it("AT-03 create by update with B's id makes a record of A's own, as with any other id", async () => {
    const scene = use();
    const { doc, canary } = scene.a.clinic;
    const body = (id: string) => ({ resourceType: "Patient", id, name: [{ family: canary }] });
    const create = (id: string) =>
      doc.send("PUT", `/fhir/Patient/${id}`, { body: body(id), headers: { "if-none-match": "*" } });
    const unknown = unknownLike(scene.b.patientId);
    await whileBStays(scene, async () => {
      const [foreign, other] = [await create(scene.b.patientId), await create(unknown)];
      expect([foreign.status, other.status]).toEqual([201, 201]);
      const timeless = (answer: typeof foreign) => ({
        ...answer,
        text: answer.text.replace(/"lastUpdated":"[^"]*"/, ""),
        headers: new Headers([...answer.headers].filter(([name]) => name !== "last-modified")),
      });
      expectSame(scene, [timeless(foreign), scene.b.patientId], [timeless(other), unknown]);
      expectEvents(scene, [foreign, other], "success");
      const own = await doc.send("GET", `/fhir/Patient/${scene.b.patientId}`);
      expect([own.body["name"]?.[0]?.["family"], own.body["identifier"]]).toEqual([canary, undefined]);
    });
  });
}
