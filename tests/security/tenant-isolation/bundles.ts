import { describe, expect, it } from "vitest";
import { entriesOf, essence, unknownLike } from "../http/answers.ts";
import { dataRowsOf } from "../http/state.ts";
import { canaryObservation, canaryPatient, type Answer } from "../world.ts";
import { expectEvents, expectSame, type Scene, type Use, whileBStays } from "./scene.ts";

interface Sent {
  readonly resource?: unknown;
  readonly request: Readonly<Record<string, string>>;
}

/** An entry that touches what is B's, or an unknown id or number in its place. */
type Touch = (scene: Scene, patientId: string, mrn: string) => Sent;

const observe = (scene: Scene, reference: string): unknown =>
  canaryObservation(scene.a.clinic, "x", { subject: { reference } });

type Row = readonly [title: string, touch: Touch, inTransaction: number, inBatch: string];

const TOUCHES: readonly Row[] = [
  ["reads it", (_scene, id) => ({ request: { method: "GET", url: `Patient/${id}` } }), 404, "404"],
  ["reads a version", (_scene, id) => ({ request: { method: "GET", url: `Patient/${id}/_history/1` } }), 404, "404"],
  ["deletes it", (_scene, id) => ({ request: { method: "DELETE", url: `Patient/${id}` } }), 404, "404"],
  [
    "changes it",
    ({ a }, id) => ({
      resource: { ...canaryPatient(a.clinic), id },
      request: { method: "PUT", url: `Patient/${id}`, ifMatch: 'W/"1"' },
    }),
    412,
    "404",
  ],
  [
    "refers to it",
    (scene, id) => ({ resource: observe(scene, `Patient/${id}`), request: { method: "POST", url: "Observation" } }),
    422,
    "422",
  ],
];

/** Conditions are answered by a search of A's, and find nothing. Batches take none. */
const CONDITIONS: readonly Row[] = [
  [
    "has a condition that matches it",
    (scene, _id, mrn) => ({
      resource: observe(scene, `Patient?identifier=urn:test:mrn|${mrn}`),
      request: { method: "POST", url: "Observation" },
    }),
    422,
    "400",
  ],
];

const ownEntry = ({ a }: Scene): Sent => ({
  resource: canaryObservation(a.clinic, a.patientId),
  request: { method: "POST", url: "Observation" },
});

const bundle = (type: string, entry: readonly Sent[]) => ({ body: { resourceType: "Bundle", type, entry } });

export function bundles(use: Use): void {
  const send = (scene: Scene, type: string, entry: readonly Sent[]): Promise<Answer> =>
    scene.a.clinic.importer.send("POST", "/fhir", bundle(type, entry));
  const sendByDoc = (scene: Scene, type: string, entry: readonly Sent[]): Promise<Answer> =>
    scene.a.clinic.doc.send("POST", "/fhir", bundle(type, entry));

  describe("AT-09 transactions that mix tenants", () => {
    it.each([...TOUCHES, ...CONDITIONS])(
      "AT-09 one good entry and one that %s: nothing is written, one event",
      async (_title, touch, status) => {
        const scene = use();
        const before = dataRowsOf(scene.world, scene.a.clinic.tenantId);
        await whileBStays(scene, async () => {
          const foreign = await sendByDoc(scene, "transaction", [
            ownEntry(scene),
            touch(scene, scene.b.patientId, scene.b.mrn),
          ]);
          const other = await sendByDoc(scene, "transaction", [
            ownEntry(scene),
            touch(scene, unknownLike(scene.b.patientId), "unknown-mrn"),
          ]);
          expect(foreign.status).toBe(status);
          expectSame(scene, [foreign], [other]);
          expectEvents(scene, [foreign, other], status === 404 ? "denied" : "failure");
        });
        expect(dataRowsOf(scene.world, scene.a.clinic.tenantId)).toEqual(before);
      },
    );
    it("AT-09 a conditional change that would match B's record makes one of A's own", async () => {
      const scene = use();
      await whileBStays(scene, async () => {
        const answer = await send(scene, "transaction", [
          {
            resource: { resourceType: "Patient", identifier: [{ system: "urn:test:mrn", value: scene.b.mrn }] },
            request: { method: "POST", url: "Patient", ifNoneExist: `identifier=urn:test:mrn|${scene.b.mrn}` },
          },
        ]);
        expect([answer.status, answer.body["entry"]?.[0]?.["response"]?.["status"]]).toEqual([200, "201 Created"]);
        const made = entriesOf(answer)[0]?.response?.location?.split("/")[1] ?? "";
        const gone = await scene.a.clinic.doc.send("DELETE", `/fhir/Patient/${made}`);
        expect(gone.status).toBe(204);
      });
    });
    it("AT-09 control: the good entry alone is written", async () => {
      const answer = await send(use(), "transaction", [ownEntry(use())]);
      expect([answer.status, answer.body["entry"]?.[0]?.["response"]?.["status"]]).toEqual([200, "201 Created"]);
    });
  });

  it("AT-10 a batch: B's entries answer as unknown ones, the others are done", async () => {
    const scene = use();
    const touches = TOUCHES.map(([, touch]) => touch);
    const entries = (id: string, mrn: string) => [ownEntry(scene), ...touches.map((touch) => touch(scene, id, mrn))];
    const responses = (answer: Answer) => entriesOf(answer).map(({ response }) => response);
    await whileBStays(scene, async () => {
      const foreign = await sendByDoc(scene, "batch", entries(scene.b.patientId, scene.b.mrn));
      const other = await sendByDoc(scene, "batch", entries(unknownLike(scene.b.patientId), "unknown-mrn"));
      expect([foreign.status, other.status]).toEqual([200, 200]);
      expect(responses(foreign).map((response) => response?.status)).toEqual([
        "201 Created",
        ...TOUCHES.map(([, , , status]) => status),
      ]);
      expect(responses(foreign).slice(1)).toEqual(responses(other).slice(1));
      expect(essence(foreign).headers).toEqual(essence(other).headers);
      for (const named of [scene.b.patientId, scene.b.mrn, scene.b.clinic.canary])
        expect(foreign.text).not.toContain(named);
    });
  });
}
