import { describe, expect, it } from "vitest";
import { entriesOf, essence, expectOutcome, linkOf } from "../http/answers.ts";
import { canaryPatient, type Answer, type Caller } from "../world.ts";
import { type Charts, expectEvents, type Use, whileBStays } from "./scene.ts";

const SEARCH = "/fhir/Patient?_count=1";
const turn = (by: Caller, cursor: string, search = SEARCH): Promise<Answer> =>
  by.send("GET", `${search}${search.includes("?") ? "&" : "?"}_cursor=${encodeURIComponent(cursor)}`);

/** The cursor of a first page. A clinic has two patients by then. */
async function cursorOf({ clinic }: Charts, by = clinic.doc, search = SEARCH): Promise<string> {
  const page = await by.send("GET", search);
  const cursor = new URL(linkOf(page, "next") ?? "http://none.example").searchParams.get("_cursor");
  if (cursor === null) throw new Error(`there is no second page: ${page.status}`);
  return cursor;
}

export function cursors(use: Use): void {
  describe("AT-11 cursors", () => {
    it("AT-11 every byte flipped, cut and grown: always one answer, and never a page", async () => {
      const scene = use();
      const cursor = await cursorOf(scene.a);
      const bytes = Buffer.from(cursor, "base64url");
      const spoilt = Array.from(bytes, (_byte, at) => {
        const copy = Buffer.from(bytes);
        copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
        return copy.toString("base64url");
      });
      const odd = ["", "x", "AAAA", cursor.slice(0, -1), cursor.slice(1), `${cursor}A`, `${cursor}=`, "A".repeat(4000)];
      const answers: Answer[] = [];
      for (const text of [...spoilt, ...odd]) answers.push(await turn(scene.a.clinic.doc, text));
      expect(bytes.length).toBeGreaterThan(60);
      for (const answer of answers) expectOutcome(answer, 400, "cursor");
      expect(new Set(answers.map((answer) => JSON.stringify(essence(answer)))).size).toBe(1);
      expectEvents(scene, answers, "failure");
    });
    it("AT-11 B's cursor in A's hands", async () => {
      const scene = use();
      const cursor = await cursorOf(scene.b);
      await whileBStays(scene, async () => {
        const answer = await turn(scene.a.clinic.doc, cursor);
        expectOutcome(answer, 400, "cursor");
        expectEvents(scene, [answer], "failure");
      });
    });
    it("AT-11 the own cursor with another filter, route, purpose or user", async () => {
      const scene = use();
      const { doc, desk } = scene.a.clinic;
      const cursor = await cursorOf(scene.a);
      const answers = [
        await turn(doc, cursor, "/fhir/Patient?_count=1&gender=female"),
        await turn(doc, cursor, "/fhir/Patient?_count=1&_sort=birthdate"),
        await turn(doc, cursor, "/fhir/Practitioner"),
        await turn(doc, cursor, `/fhir/Patient/${scene.a.patientId}/$everything`),
        await turn(doc, cursor, `/fhir/Patient/${scene.a.patientId}/_history`),
        await turn(desk, cursor),
      ];
      for (const answer of answers) expectOutcome(answer, 400, "cursor");
      expectEvents(scene, answers, "failure");
    });
    it("AT-11 control: the own cursor turns the page", async () => {
      const { a } = use();
      const page = await turn(a.clinic.doc, await cursorOf(a));
      expect([page.status, entriesOf(page).length]).toEqual([200, 1]);
    });
    it("AT-11 control: clinical and financial searches have second pages too, for each role that may search", async () => {
      const { a } = use();
      const subject = { reference: `Patient/${a.patientId}` };
      for (const status of ["active", "entered-in-error"]) {
        const body = { resourceType: "Account", status, subject: [subject] };
        await a.clinic.bill.send("POST", "/fhir/Account", { body });
      }
      await a.clinic.doc.send("POST", "/fhir/Patient", { body: canaryPatient(a.clinic) });
      const pages = [
        [a.clinic.doc, `/fhir/Condition?patient=${a.patientId}&_count=1`],
        [a.clinic.bill, `/fhir/Account?patient=${a.patientId}&_count=1`],
        [a.clinic.desk, SEARCH],
      ] as const;
      for (const code of ["a", "b"]) {
        const body = { resourceType: "Condition", subject, code: { text: code } };
        await a.clinic.doc.send("POST", "/fhir/Condition", { body });
      }
      for (const [by, search] of pages) {
        const cursor = await cursorOf(a, by, search);
        const second = await turn(by, cursor, search);
        expect([search.split("?")[0], second.status, entriesOf(second).length]).toEqual([search.split("?")[0], 200, 1]);
        for (const [other, elsewhere] of pages) {
          if (elsewhere !== search) expectOutcome(await turn(other, cursor, elsewhere), 400, "cursor");
        }
      }
    });
  });
}
