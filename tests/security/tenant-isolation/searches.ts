import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { expectOutcome, idsIn, linkOf, unknownLike } from "../http/answers.ts";
import { type Answer, type Caller } from "../world.ts";
import { expectEvents, expectSame, type Scene, type Use, whileBStays } from "./scene.ts";

const get = (by: Caller, type: string, query: string): Promise<Answer> => by.send("GET", `/fhir/${type}?${query}`);
const post = (by: Caller, type: string, query: string): Promise<Answer> =>
  by.send("POST", `/fhir/${type}/_search`, {
    body: query,
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });

/** Searches that name something of B's, given as the part of the query that names it; `?` stands for it. */
const SEARCHES: readonly (readonly [string, type: string, query: string, named: (scene: Scene) => string])[] = [
  ["a patient by id", "Patient", "_id=?", ({ b }) => b.patientId],
  ["a record by id", "Observation", "_id=?", ({ b }) => b.record("Observation").id],
  ["a patient's records", "Observation", "patient=?", ({ b }) => b.patientId],
  ["a patient's records by subject", "Condition", "subject=Patient/?", ({ b }) => b.patientId],
  ["a number", "Patient", "identifier=urn:test:mrn%7C?", ({ b }) => b.mrn],
  ["a number without its system", "Patient", "identifier=?", ({ b }) => b.mrn],
  ["a name", "Patient", "name=?", ({ b }) => `${b.clinic.canary}-family`],
  ["a part of a name", "Patient", "family:contains=?", ({ b }) => b.clinic.canary],
  ["an address", "Patient", "address=?", ({ b }) => `${b.clinic.canary}-city`],
  ["an e-mail", "Patient", "telecom=?", ({ b }) => `${b.clinic.canary}@example.org`],
  ["a schedule", "Slot", "schedule=Schedule/?", ({ b }) => b.record("Schedule").id],
];

export function searches(use: Use): void {
  describe("AT-07 searches that name what is B's", () => {
    it.each(SEARCHES)(
      "AT-07 %s finds nothing, and says what it says of an unknown one",
      async (_t, type, query, named) => {
        const scene = use();
        const foreign = named(scene);
        const unknown = foreign.includes(scene.b.clinic.canary)
          ? foreign.replace(scene.b.clinic.canary, `UNKNOWN${randomBytes(6).toString("hex")}`)
          : unknownLike(foreign);
        expect(unknown).not.toBe(foreign);
        await whileBStays(scene, async () => {
          for (const send of [get, post]) {
            const one = await send(scene.a.clinic.doc, type, query.replace("?", foreign));
            const other = await send(scene.a.clinic.doc, type, query.replace("?", unknown));
            expect([one.status, one.body["total"], one.body["entry"]]).toEqual([200, 0, undefined]);
            expectSame(scene, [one, foreign, ...partsOf(foreign)], [other, unknown, ...partsOf(unknown)]);
            expectEvents(scene, [one, other], "success");
          }
        });
      },
    );
    it.each(SEARCHES)("AT-07 control: B finds %s", async (_title, type, query, named) => {
      const { b, ...rest } = use();
      const answer = await get(b.clinic.doc, type, query.replace("?", named({ b, ...rest })));
      expect([answer.status, Number(answer.body["total"]) > 0]).toEqual([200, true]);
    });
    it("AT-07 A's id and B's together find A's alone, by GET and by POST", async () => {
      const scene = use();
      const { doc } = scene.a.clinic;
      await whileBStays(scene, async () => {
        for (const send of [get, post]) {
          const answer = await send(doc, "Patient", `_id=${scene.a.patientId},${scene.b.patientId}`);
          expect([answer.body["total"], idsIn(answer)]).toEqual([1, [scene.a.patientId]]);
          expect(linkOf(answer, "next")).toBeUndefined();
          expect(answer.text).not.toContain(scene.b.clinic.canary);
        }
      });
    });
  });

  describe("AT-08 includes, chains and _has", () => {
    const included = [
      "_id=?&_revinclude=Observation:subject",
      "_id=?&_revinclude=Observation:patient&_revinclude=Provenance:target",
      "_id=?&_include=Patient:general-practitioner&_include:iterate=PractitionerRole:practitioner",
    ];
    it.each(included)("AT-08 Patient?%s", async (query) => {
      const scene = use();
      await whileBStays(scene, async () => {
        const both = `${scene.a.patientId},${scene.b.patientId}`;
        const answer = await get(scene.a.clinic.doc, "Patient", query.replace("?", both));
        expect([answer.status, answer.body["total"]]).toEqual([200, 1]);
        const foreign = new Set(Array.from(scene.b.records.values(), ({ id }) => id));
        expect(idsIn(answer).filter((id) => foreign.has(id))).toEqual([]);
        expect(answer.text).not.toContain(scene.b.clinic.canary);
      });
    });
    it("AT-08 control: A's own records are included", async () => {
      const { a } = use();
      const answer = await get(a.clinic.doc, "Patient", `_id=${a.patientId}&_revinclude=RelatedPerson:patient`);
      expect(idsIn(answer)).toContain(a.record("RelatedPerson").id);
    });
    const chains: readonly (readonly [string, string])[] = [
      ["Observation", "subject:Patient.identifier=?"],
      ["Observation", "patient.name=?"],
      ["Patient", "_has:Observation:subject:code=?"],
      ["Observation", "patient=x&subject.family=?"],
    ];
    it.each(chains)("AT-08 %s?%s is refused, whatever it names", async (type, query) => {
      const scene = use();
      await whileBStays(scene, async () => {
        const foreign = await get(scene.a.clinic.doc, type, query.replace("?", scene.b.mrn));
        const other = await get(scene.a.clinic.doc, type, query.replace("?", "unknown"));
        expectOutcome(foreign, 400, "search-chain");
        expectSame(scene, [foreign], [other]);
        expectEvents(scene, [foreign, other], "failure");
      });
    });
  });
}

/** Ids of one patient's records begin with hers. */
const partsOf = (named: string): string[] => named.split(".");
