import { describe, expect, it } from "vitest";
import { entriesOf, rulesOf } from "../http/answers.ts";
import { eventsAbout } from "../http/state.ts";
import { canaryObservation, type Answer } from "../world.ts";
import { expectRefused, type Scene, type Use, whileNothingChanges } from "./scene.ts";

const WRITERS = 100;

/** An observation of its own for each test. */
async function makeTarget({ world, patientId }: Scene) {
  const { a } = world;
  const resource = canaryObservation(a, patientId);
  const made = await a.doc.send("POST", "/fhir/Observation", { body: resource });
  const id = String(made.body["id"]);
  const path = `/fhir/Observation/${id}`;
  const put = (version: number | string, text: string): Promise<Answer> =>
    a.doc.send("PUT", path, {
      body: { ...resource, id, valueString: text },
      headers: { "if-match": typeof version === "number" ? `W/"${version}"` : version },
    });
  return { path, id, resource, put };
}

const tally = (answers: readonly Answer[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

export function concurrency(use: Use): void {
  describe("AT-27 preconditions", () => {
    it("AT-27 a change without If-Match: 428", async () => {
      const scene = use();
      const { path, id, resource } = await makeTarget(scene);
      const { doc } = scene.world.a;
      await whileNothingChanges(scene, async () => {
        for (const headers of [{}, { "if-none-match": "*", "if-match": 'W/"1"' }, { "if-none-match": 'W/"1"' }]) {
          const answer = await doc.send("PUT", path, { body: { ...resource, id }, headers });
          expectRefused(scene, answer, 428);
          expect(rulesOf(answer)).toEqual(["if-match"]);
        }
      });
    });
    it("AT-27 an If-Match that is no version: 400; one that is another's: 412", async () => {
      const scene = use();
      const { put } = await makeTarget(scene);
      await whileNothingChanges(scene, async () => {
        for (const tag of [
          "*",
          "1",
          '""',
          'W/"x"',
          'W/"0"',
          'W/"-1"',
          'W/"1e0"',
          'W/"1", W/"2"',
          `W/"${scene.canary}"`,
          `"${"9".repeat(40)}"`,
        ])
          expectRefused(scene, await put(tag, "x"), 400);
        for (const tag of ['W/"2"', '"7"', 'W/"9999999999"']) expectRefused(scene, await put(tag, "x"), 412);
      });
    });
    it("AT-27 an entry of a bundle that names another version changes and deletes nothing", async () => {
      const scene = use();
      const { path, id, resource } = await makeTarget(scene);
      const url = path.replace("/fhir/", "");
      const send = (type: string, request: Record<string, string>) =>
        scene.world.a.doc.send("POST", "/fhir", {
          body: {
            resourceType: "Bundle",
            type,
            entry: [{ ...(request["method"] === "PUT" ? { resource: { ...resource, id } } : {}), request }],
          },
        });
      await whileNothingChanges(scene, async () => {
        for (const method of ["PUT", "DELETE"]) {
          for (const ifMatch of ['W/"9"', 'W/"1e0"', 'W/"01"', 'W/"x"']) {
            const inBatch = await send("batch", { method, url, ifMatch });
            expect([inBatch.status, entriesOf(inBatch)[0]?.response?.status]).toEqual([200, "412"]);
            expectRefused(scene, await send("transaction", { method, url, ifMatch }), 412);
          }
        }
        // Without a version nobody says what they believe to be there.
        const bare = await send("batch", { method: "PUT", url });
        expect(entriesOf(bare)[0]?.response?.status).toBe("428");
        expectRefused(scene, await send("transaction", { method: "PUT", url }), 428);
      });
      for (const type of ["batch", "transaction"]) {
        const version = type === "batch" ? 1 : 2;
        const done = await send(type, { method: "PUT", url, ifMatch: `W/"${version}"` });
        expect([done.status, entriesOf(done)[0]?.response?.status]).toEqual([200, "200 OK"]);
      }
      const gone = await send("batch", { method: "DELETE", url, ifMatch: 'W/"3"' });
      expect(entriesOf(gone)[0]?.response?.status).toBe("204 No Content");
    });
    it("AT-27 control: the version that is there, in both spellings", async () => {
      const { put } = await makeTarget(use());
      expect((await put('W/"1"', "one")).status).toBe(200);
      expect((await put(' "2" ', "two")).status).toBe(200);
    });
  });

  describe("AT-28 a hundred writers at once", () => {
    it("AT-28 one success for each version, the rest 412, history without a gap", async () => {
      const scene = use();
      const { path, put } = await makeTarget(scene);
      for (const version of [1, 2]) {
        const answers = await Promise.all(Array.from({ length: WRITERS }, (_, n) => put(version, `w${version}-${n}`)));
        expect(tally(answers)).toEqual({ 200: 1, 412: WRITERS - 1 });
        for (const answer of answers) expect(eventsAbout(scene.world, scene.world.a.tenantId, answer).length).toBe(1);
        const won = answers.find(({ status }) => status === 200);
        expect(won?.headers.get("etag")).toBe(`W/"${version + 1}"`);
        const now = await scene.world.a.doc.send("GET", path);
        expect([now.headers.get("etag"), now.body["valueString"]]).toEqual([
          `W/"${version + 1}"`,
          won?.body["valueString"],
        ]);
      }
      const history = await scene.world.a.doc.send("GET", `${path}/_history`);
      const versions = entriesOf(history).map(({ response }) => response?.etag);
      expect(versions).toEqual(['W/"3"', 'W/"2"', 'W/"1"']);
    });
    it("AT-28 no update is lost: each of ten writers adds its own word in the end", async () => {
      const scene = use();
      const { path, put } = await makeTarget(scene);
      const words = Array.from({ length: 10 }, (_, n) => `word${n}`);
      await Promise.all(
        words.map(async (word) => {
          for (let attempt = 0; attempt < 200; attempt += 1) {
            const now = await scene.world.a.doc.send("GET", path);
            const version = Number(now.body["meta"]?.["versionId"]);
            const answer = await put(version, `${String(now.body["valueString"])} ${word}`);
            if (answer.status === 200) return;
            expect(answer.status).toBe(412);
          }
          throw new Error("a writer never got through");
        }),
      );
      const end = await scene.world.a.doc.send("GET", path);
      expect([end.headers.get("etag"), words.filter((word) => !end.text.includes(word))]).toEqual(['W/"11"', []]);
    });
    it("AT-28 a hundred creations under one id: one record", async () => {
      const scene = use();
      const { resource } = await makeTarget(scene);
      const id = `race-${scene.canary.slice(-8)}`;
      const answers = await Promise.all(
        Array.from({ length: WRITERS }, () =>
          scene.world.a.doc.send("PUT", `/fhir/Observation/${id}`, {
            body: { ...resource, id },
            headers: { "if-none-match": "*" },
          }),
        ),
      );
      expect(tally(answers)).toEqual({ 201: 1, 412: WRITERS - 1 });
    });
  });
}
