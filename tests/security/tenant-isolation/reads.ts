import { describe, expect, it } from "vitest";
import { RESOURCE_TYPES } from "../../../core/fhir/index.ts";
import { unknownLike } from "../http/answers.ts";
import { newTestId } from "../world.ts";
import { expectEvents, expectUniform, type Use, whileBStays } from "./scene.ts";

const READS = {
  read: (type: string, id: string) => `/fhir/${type}/${id}`,
  vread: (type: string, id: string) => `/fhir/${type}/${id}/_history/1`,
  history: (type: string, id: string) => `/fhir/${type}/${id}/_history`,
};
type Read = keyof typeof READS;

export function reads(use: Use): void {
  describe("AT-01 foreign read", () => {
    it.each(Object.keys(READS) as Read[])("AT-01 %s of every type", async (read) => {
      const scene = use();
      const { doc } = scene.a.clinic;
      await whileBStays(scene, async () => {
        for (const { type, id } of scene.b.records.values()) {
          const unknown = unknownLike(id);
          const foreign = await doc.send("GET", READS[read](type, id));
          expectUniform(scene, [foreign, id], [await doc.send("GET", READS[read](type, unknown)), unknown]);
        }
      });
    });
    it.each(Object.keys(READS) as Read[])("AT-01 control: A's own records of every type, by %s", async (read) => {
      const scene = use();
      for (const { type, id } of scene.a.records.values()) {
        const answer = await scene.a.clinic.doc.send("GET", READS[read](type, id));
        expect([type, answer.status]).toEqual([type, 200]);
        expectEvents(scene, [answer], "success");
      }
      expect(scene.a.records.size).toBe(RESOURCE_TYPES.length);
    });
    it.each(Object.keys(READS) as Read[])("AT-01 %s of a record whose id the clinic chose itself", async (read) => {
      const scene = use();
      const { doc } = scene.a.clinic;
      const unknown = `chosen-${newTestId()}`;
      await whileBStays(scene, async () => {
        const foreign = await doc.send("GET", READS[read]("Observation", scene.b.chosenId));
        const other = await doc.send("GET", READS[read]("Observation", unknown));
        expectUniform(scene, [foreign, scene.b.chosenId], [other, unknown]);
      });
      expect((await doc.send("GET", READS[read]("Observation", scene.a.chosenId))).status).toBe(200);
    });
    it("AT-01 the whole chart of B's patient", async () => {
      const scene = use();
      const { doc } = scene.a.clinic;
      const unknown = unknownLike(scene.b.patientId);
      await whileBStays(scene, async () => {
        const foreign = await doc.send("GET", `/fhir/Patient/${scene.b.patientId}/$everything`);
        const other = await doc.send("GET", `/fhir/Patient/${unknown}/$everything`);
        expectUniform(scene, [foreign, scene.b.patientId], [other, unknown]);
      });
      const own = await doc.send("GET", `/fhir/Patient/${scene.a.patientId}/$everything`);
      expect([own.status, own.text.includes(scene.a.clinic.canary)]).toEqual([200, true]);
    });
  });

  describe("AT-06 history and versions", () => {
    it("AT-06 any version of B's record, there or not", async () => {
      const scene = use();
      const { doc } = scene.a.clinic;
      const { id } = scene.b.record("Observation");
      await whileBStays(scene, async () => {
        for (const version of ["1", "2", "0", "00", "-1", "1e3", "99999999999", "latest"]) {
          const unknown = unknownLike(id);
          const foreign = await doc.send("GET", `/fhir/Observation/${id}/_history/${version}`);
          const other = await doc.send("GET", `/fhir/Observation/${unknown}/_history/${version}`);
          expectUniform(scene, [foreign, id], [other, unknown]);
        }
      });
    });
    it("AT-06 there is no history of a type or of the system, and so none of B", async () => {
      const scene = use();
      await whileBStays(scene, async () => {
        for (const path of ["/fhir/_history", "/fhir/Patient/_history"]) {
          const answer = await scene.a.clinic.doc.send("GET", path);
          expect([path, answer.status]).toEqual([path, 404]);
          expectEvents(scene, [answer], "denied");
        }
      });
    });
  });
}

/** Last of all: what B had at first, B has still, and B's own people see it. */
export function stillThere(use: Use): void {
  it("AT-01 to AT-14 control: B reads every one of its records, as it was", async () => {
    const scene = use();
    for (const { type, id, etag } of scene.b.records.values()) {
      const answer = await scene.b.clinic.doc.send("GET", READS.read(type, id));
      const hasCanary = type === "Binary" || answer.text.includes(scene.b.clinic.canary);
      expect([type, answer.status, answer.headers.get("etag"), hasCanary]).toEqual([type, 200, etag, true]);
    }
  });
}
