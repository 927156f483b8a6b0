import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { entriesOf, essence } from "../http/answers.ts";
import { eventsAbout } from "../http/state.ts";
import { type Answer, canaryPatient, type Caller, PASSWORD } from "../world.ts";
import { expectRefused, type Scene, type Use, whileNothingChanges } from "./scene.ts";

const newKey = (): string => randomBytes(12).toString("hex");
const isReplay = ({ headers }: Answer): boolean => headers.get("idempotency-replayed") === "true";
const create = (by: Caller, key: string, body: unknown, path = "/fhir/Patient"): Promise<Answer> =>
  by.send("POST", path, { body, headers: { "idempotency-key": key } });

/** How many patients of A's have the number. */
async function countOf({ world }: Scene, mrn: string): Promise<number> {
  const found = await world.a.doc.send("GET", `/fhir/Patient?identifier=${mrn}`);
  return Number(found.body["total"]);
}
const patientOf = ({ world }: Scene, mrn: string) => ({
  ...canaryPatient(world.a),
  identifier: [{ system: "urn:test:mrn", value: mrn }],
});

export function idempotency(use: Use): void {
  describe("AT-29 the same request again", () => {
    it("AT-29 fifty at once: one effect, one answer, one event of effect and the rest replays", async () => {
      const scene = use();
      const { doc, tenantId } = scene.world.a;
      const [key, mrn] = [newKey(), newKey()];
      const answers = await Promise.all(Array.from({ length: 50 }, () => create(doc, key, patientOf(scene, mrn))));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(new Set(answers.map(({ headers }) => headers.get("location"))).size).toBe(1);
      expect(answers.filter(isReplay).length).toBe(49);
      expect(await countOf(scene, mrn)).toBe(1);
      for (const answer of answers) {
        const events = eventsAbout(scene.world, tenantId, answer);
        expect(events.map(({ outcome, replay = false }) => [outcome, replay])).toEqual([["success", isReplay(answer)]]);
      }
    });
    it("AT-29 after an answer that was lost: the effect is there once, and is told again", async () => {
      const scene = use();
      const { faults } = scene.world.stack.cloud;
      const [key, mrn] = [newKey(), newKey()];
      const rule = {
        kind: "timeout-after",
        service: "dynamodb",
        operations: ["TransactWriteItems"],
        probability: 1,
      } as const;
      faults.setPlan({ seed: 1, rules: [rule] });
      const lost = await create(scene.world.a.doc, key, patientOf(scene, mrn));
      faults.setPlan();
      const again = await create(scene.world.a.doc, key, patientOf(scene, mrn));
      expect([201, 503]).toContain(lost.status);
      expect([again.status, isReplay(again), await countOf(scene, mrn)]).toEqual([201, true, 1]);
    });
    it("AT-29 an update, a deletion and a bundle", async () => {
      const scene = use();
      const { doc } = scene.world.a;
      const mrn = newKey();
      const made = await doc.send("POST", "/fhir/Patient", { body: patientOf(scene, mrn) });
      const path = `/fhir/Patient/${String(made.body["id"])}`;
      const entry = [{ resource: patientOf(scene, mrn), request: { method: "POST", url: "Patient" } }];
      const requests = [
        ["PUT", path, { ...(made.body as object), active: true }, { "if-match": 'W/"1"' }],
        ["POST", "/fhir", { resourceType: "Bundle", type: "transaction", entry }, {}],
      ] as const;
      for (const [method, at, body, headers] of requests) {
        const sent = { body, headers: { ...headers, "idempotency-key": newKey() } };
        const [first, second] = [await doc.send(method, at, sent), await doc.send(method, at, sent)];
        expect([first.status, isReplay(first), isReplay(second)]).toEqual([200, false, true]);
        if (method === "PUT") expect(second.text).toBe(first.text);
        const locations = (answer: Answer) => entriesOf(answer).map(({ response }) => response?.location);
        expect(locations(second)).toEqual(locations(first));
      }
      expect(await countOf(scene, mrn)).toBe(2);
      const gone = { headers: { "idempotency-key": newKey() } };
      expect([(await doc.send("DELETE", path, gone)).status, (await doc.send("DELETE", path, gone)).status]).toEqual([
        204, 204,
      ]);
    });
  });

  describe("AT-30 AT-31 the same key for something else, or from somebody else", () => {
    it("AT-30 another body, address, condition or method: 422, and no effect", async () => {
      const scene = use();
      const { doc } = scene.world.a;
      const key = newKey();
      const body = patientOf(scene, newKey());
      const made = await create(doc, key, body);
      expect(made.status).toBe(201);
      const path = `/fhir/Patient/${String(made.body["id"])}`;
      const own = { ...(made.body as object) };
      await whileNothingChanges(scene, async () => {
        const headers = { "idempotency-key": key };
        const answers = [
          await create(doc, key, { ...body, active: false }),
          await create(doc, key, { resourceType: "Practitioner" }, "/fhir/Practitioner"),
          await doc.send("PUT", path, { body: own, headers: { ...headers, "if-match": 'W/"1"' } }),
          await doc.send("DELETE", path, { headers }),
          await create(
            doc,
            key,
            {
              resourceType: "Bundle",
              type: "transaction",
              entry: [{ resource: body, request: { method: "POST", url: "Patient" } }],
            },
            "/fhir",
          ),
        ];
        for (const answer of answers) {
          expectRefused(scene, answer, 422);
          expect(answer.text).toContain("duplicate");
        }
      });
    });
    it("AT-31 the same key of another user and of another clinic is another key", async () => {
      const scene = use();
      const { a, b } = scene.world;
      const key = newKey();
      const body = patientOf(scene, newKey());
      const answers = [];
      for (const by of [a.doc, a.desk, a.importer, b.doc]) answers.push(await create(by, key, body));
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
      expect(answers.filter(isReplay)).toEqual([]);
      expect(new Set(answers.map((answer) => answer.body["id"])).size).toBe(4);
    });
    it("AT-30 a key that is none: 400", async () => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        for (const key of ["x", "a b c d e", "x".repeat(129), `${scene.canary}/..`, "[object Object]"])
          expectRefused(scene, await create(scene.world.a.doc, key, patientOf(scene, "x")), 400);
      });
    });
  });

  describe("AT-29 AT-30 AT-31 the platform zone", () => {
    it("AT-29 one tenant for one key, told again", async () => {
      const { operator } = use().world;
      const key = newKey();
      const first = await create(operator, key, { name: "Once" }, "/platform/tenants");
      const again = await create(operator, key, { name: "Once" }, "/platform/tenants");
      expect([first.status, again.status, isReplay(again), again.text]).toEqual([201, 201, true, first.text]);
    });
    it("AT-30 the same key for another tenant: 422, and none is made", async () => {
      const scene = use();
      const { operator } = scene.world;
      const key = newKey();
      expect((await create(operator, key, { name: "First" }, "/platform/tenants")).status).toBe(201);
      await whileNothingChanges(scene, async () => {
        expectRefused(scene, await create(operator, key, { name: "Second" }, "/platform/tenants"), 422);
      });
    });
    it("AT-29 the secret of a new member is told once, and never again", async () => {
      const { operator, a } = use().world;
      const key = newKey();
      const body = { login: `a.${newKey()}`, displayName: "x", roles: ["nurse"], password: PASSWORD };
      const path = `/platform/tenants/${a.tenantId}/users`;
      const [first, again] = [await create(operator, key, body, path), await create(operator, key, body, path)];
      expect([first.status, String(first.body["totpSecret"]).length]).toEqual([201, 32]);
      expect([again.status, again.body]).toEqual([201, { userId: first.body["userId"] }]);
    });
    it("AT-29 what was refused is refused again in the same words, without an effect", async () => {
      const scene = use();
      const { operator, a } = scene.world;
      const key = newKey();
      const body = { login: "a.physician", displayName: "x", roles: ["nurse"], password: PASSWORD };
      const path = `/platform/tenants/${a.tenantId}/users`;
      await whileNothingChanges(scene, async () => {
        const [first, again] = [await create(operator, key, body, path), await create(operator, key, body, path)];
        expectRefused(scene, first, 412);
        expect(essence(again)).toEqual(essence(first));
      });
    });
    it("AT-30 a change without a key: 428", async () => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        const headers = {
          authorization: `Bearer ${scene.world.operator.token}`,
          "content-type": "application/json",
          "x-reason": "onboarding",
        };
        const sent = { method: "POST", headers, body: JSON.stringify({ name: "x" }) };
        const answer = await fetch(`${scene.world.stack.endpoint}/platform/tenants`, sent);
        expectRefused(scene, { status: answer.status, headers: answer.headers, text: await answer.text() }, 428);
      });
    });
  });
}
