import { describe, expect, it } from "vitest";
import { eventsAbout, eventsOf } from "../http/state.ts";
import { expectRefused, type Scene, sendAsDoc, type Use, whileNothingChanges } from "./scene.ts";

/** What stands where an id should. Each is sent as it is: nothing on the way may tidy it up. */
const IDS: readonly string[] = [
  "..",
  "../Patient",
  "..%2f..%2fPatient",
  "%2e%2e%2f%2e%2e",
  "%2e%2e",
  "%252e%252e%252f",
  "..%5c..",
  "a%5cb",
  "a\\b",
  "a%00b",
  "a%0d%0aset-cookie:%20CANARY=1",
  "a;b=CANARY",
  "a%3bb",
  "a%23b",
  "a%3fb",
  "a%7cb",
  "a%22b",
  "%27%20OR%201=1--CANARY",
  "T%23x%23D%23P",
  "*",
  "%25",
  "%",
  "%zz",
  "%c0%ae%c0%ae",
  "%e0%80%af",
  "%ff",
  "%ed%a0%80",
  "%e2%80%ae",
  "%f0%9f%98%80",
  "%1b[31mCANARY",
  "__proto__",
  "constructor",
  "$everything",
  "_search",
  "a".repeat(65),
  "a".repeat(5_000),
  "%20",
  "a%20CANARY",
];

/** Search parameters with values that no parser of theirs should take long over, or take at all. */
const EVIL: readonly (readonly [type: string, name: string, value: string])[] = [
  ...["a", "(", "\\", "%", "*", "[", "^", "$", "|", ",", "\\,", "a|"].flatMap((unit) =>
    ["name", "name:contains", "name:exact", "identifier", "telecom", "address"].map(
      (name) => ["Patient", name, unit.repeat(Math.floor(2_000 / unit.length))] as const,
    ),
  ),
  ...["0", "9", "-", ":", "2020-01-01T", "ge", "eb", "2020-01-01T00:00:00.", "1".repeat(60)].flatMap((unit) => [
    ["Patient", "birthdate", unit.repeat(50)] as const,
    ["Patient", "_lastUpdated", unit.repeat(50)] as const,
  ]),
  ...["1", "1e", "-", ".", "1.", "e", "0", "9".repeat(400), "1e999", "1e-999", "NaN"].flatMap((unit) => [
    ["Observation", "value-quantity", unit.repeat(20)] as const,
    ["RiskAssessment", "probability", unit] as const,
  ]),
  ...["Patient/", "http://", "urn:uuid:", "Patient/x/_history/", "#", "a/", "Type/"].map(
    (unit) => ["Observation", "subject", unit.repeat(100)] as const,
  ),
  ["Observation", "component-code-value-quantity", "a$".repeat(500)],
  ["Observation", "code:of-type", "a|b|c|".repeat(100)],
  ["Patient", "identifier:of-type", "|".repeat(1_000)],
  ["Patient", "_sort", "-name,".repeat(200)],
  ["Patient", "_sort", "-".repeat(1_000)],
  ["Patient", "_include", "Patient:link:".repeat(100)],
  ["Patient", "_revinclude", ":".repeat(1_000)],
  ["Patient", "_elements", "name,".repeat(300)],
  ["Patient", "_summary", "CANARY"],
  ["Patient", "_count", "9".repeat(100)],
  ["Patient", "_count", "-1"],
  ["Patient", "_id", `${"a,".repeat(99)}a`],
  ["Patient", "_id", "a,".repeat(200)],
  ["Patient", "gender:not:not:not", "CANARY"],
  ["Patient", `${"a".repeat(500)}`, "CANARY"],
  ["Patient", ":contains", "CANARY"],
  ["Patient", "_cursor", "A".repeat(4_000)],
];

const POLLUTING = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "__proto__[x]",
  "constructor.prototype.x",
];

export function addresses(use: Use): void {
  const at = (scene: Scene, text: string): string => text.replaceAll("CANARY", scene.canary);

  describe("AT-49 ids that lead elsewhere", () => {
    it.each(IDS.map((id) => [id.length > 80 ? `${id.length} characters` : id, id] as const))(
      "AT-49 %s",
      async (_title, id) => {
        const scene = use();
        await whileNothingChanges(scene, async () => {
          const sent = at(scene, id);
          const paths = [
            `/fhir/Patient/${sent}`,
            `/fhir/Patient/${sent}/_history/1`,
            `/fhir/${sent}/x`,
            `/fhir/Patient/x/_history/${sent}`,
          ];
          for (const path of paths) {
            const answer = await sendAsDoc(scene, { path });
            expectRefused(scene, answer, 400, 403, 404, 405);
          }
          expectRefused(
            scene,
            await sendAsDoc(scene, { method: "DELETE", path: `/fhir/Patient/${sent}` }),
            400,
            404,
            405,
          );
        });
      },
    );
    it("AT-49 ids in bodies and bundles", async () => {
      const scene = use();
      const { doc } = scene.world.a;
      const ids = ["../x", "a/b", "a#b", "a b", "a\u0000", "é", "", "a".repeat(65), `${scene.canary}|`, "a\nb"];
      await whileNothingChanges(scene, async () => {
        for (const id of ids) {
          const body = { resourceType: "Patient", id };
          expectRefused(
            scene,
            await doc.send("PUT", "/fhir/Patient/x", { body, headers: { "if-none-match": "*" } }),
            422,
          );
          for (const url of [
            `Patient/${id}`,
            `/Patient/${id}`,
            `../Patient/${id}`,
            `${scene.world.stack.endpoint}/Patient/${id}`,
          ]) {
            const entry = [{ resource: body, request: { method: "PUT", url, ifMatch: 'W/"1"' } }];
            const answer = await doc.send("POST", "/fhir", {
              body: { resourceType: "Bundle", type: "transaction", entry },
            });
            expectRefused(scene, answer, 422);
          }
        }
      });
    });
    it("AT-49 control: an id of the widest grammar is taken, and read back", async () => {
      const { doc } = use().world.a;
      for (const id of ["A-z.0-9", "a".repeat(64), "..-", "-"]) {
        const body = { resourceType: "Patient", id };
        const made = await doc.send("PUT", `/fhir/Patient/${id}`, { body, headers: { "if-none-match": "*" } });
        expect([id, made.status]).toEqual([id, 201]);
        expect((await doc.send("GET", `/fhir/Patient/${id}`)).body["id"]).toBe(id);
      }
    });
    it("AT-49 requests that are none", async () => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        for (const path of [
          "//fhir/Patient",
          "/fhir//Patient",
          "/fhir/Patient/",
          "/FHIR/Patient",
          "/fhir/patient",
          "/fhir/./Patient",
          "/fhir/../fhir/Patient/x",
          "fhir",
          "*",
          "http://evil.example/fhir/Patient",
          "/fhir/Patient?%zz",
          "/fhir/Patient#x",
        ]) {
          const answer = await sendAsDoc(scene, { path });
          expectRefused(scene, answer, 400, 404);
        }
        for (const method of ["HEAD", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "MKCOL"])
          expectRefused(scene, await sendAsDoc(scene, { method, path: scene.path }), 404, 405);
      });
    });
  });

  describe("AT-53 AT-26 search parameters", () => {
    it("AT-53 values that a careless expression would never finish with", async () => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        for (const [type, name, value] of EVIL) {
          const query = new URLSearchParams([[name, at(scene, value)]]).toString();
          const byGet = await sendAsDoc(scene, { path: `/fhir/${type}?${query}` });
          const byPost = await sendAsDoc(scene, {
            method: "POST",
            path: `/fhir/${type}/_search`,
            headers: ["content-type", "application/x-www-form-urlencoded"],
            body: query,
          });
          for (const answer of [byGet, byPost]) {
            // A search that is odd and right finds nothing, and says again what was searched for.
            if (answer.status !== 200) expectRefused(scene, answer, 400, 404, 413, 422, 431);
            else
              expect([name, (JSON.parse(answer.text) as { total: number }).total]).toEqual([name, expect.any(Number)]);
          }
        }
      });
    });
    it("AT-53 headers that a careless expression would never finish with", async () => {
      const scene = use();
      const names = [
        "accept",
        "prefer",
        "if-none-match",
        "x-purpose-of-use",
        "idempotency-key",
        "cookie",
        "content-type",
        "range",
        "if-modified-since",
      ];
      for (const name of names) {
        for (const unit of ["a", "=", ";", '"', "W/", ",", "return=minimal ", "a=b;"]) {
          const headers = [name, at(scene, `${unit.repeat(Math.floor(4_000 / unit.length))}CANARY`)];
          const answer = await sendAsDoc(scene, { path: scene.path, headers });
          if (![200, 304].includes(answer.status)) expectRefused(scene, answer, 400, 401, 406);
        }
      }
    });
    it.each(POLLUTING)("AT-26 a parameter called %s", async (name) => {
      const scene = use();
      const query = `${encodeURIComponent(name)}=${scene.canary}`;
      expectRefused(scene, await sendAsDoc(scene, { path: `/fhir/Patient?${query}` }), 400);
      expectRefused(scene, await sendAsDoc(scene, { path: `/fhir/Patient?name:${query}` }), 400);
      expectRefused(scene, await sendAsDoc(scene, { path: `/fhir/Patient?_sort=${encodeURIComponent(name)}` }), 400);
      expectRefused(
        scene,
        await sendAsDoc(scene, { path: `/fhir/Patient?_elements=${encodeURIComponent(name)}` }),
        400,
      );
      const headers = ["content-type", "application/x-www-form-urlencoded"];
      const answer = await sendAsDoc(scene, { method: "POST", path: "/fhir/Patient/_search", headers, body: query });
      expectRefused(scene, answer, 400);
      const lenient = await sendAsDoc(scene, {
        path: `/fhir/Patient?${query}`,
        headers: ["prefer", "handling=lenient"],
      });
      // A name with a dot is a chain, which is refused whoever asks how.
      expect(lenient.status).toBe(name.includes(".") ? 400 : 200);
    });
    it("AT-26 an extension with a polluting url is kept as text, and nothing is polluted", async () => {
      const { world } = use();
      const extension = POLLUTING.map((url) => ({ url, valueString: "polluted" }));
      const made = await world.a.doc.send("POST", "/fhir/Patient", { body: { resourceType: "Patient", extension } });
      expect(made.status).toBe(201);
      const next = await world.a.doc.send("POST", "/fhir/Patient", { body: { resourceType: "Patient", active: true } });
      expect(Object.keys(next.body).toSorted()).toEqual(["active", "id", "meta", "resourceType"]);
    });
  });

  describe("AT-36 text that would forge a log", () => {
    const agents = [
      'x","level":"ERROR","message":"CANARY',
      "x\u001b[31mCANARY\u001b[0m".replaceAll("\u001b", "\u009b"),
      "x\u0085CANARY",
      "x%0d%0aCANARY",
      "${jndi:ldap://CANARY}",
      "<script>CANARY</script>",
      "=cmd|'CANARY'!A1",
      "x".repeat(8_000) + "CANARY",
    ];
    it.each(agents.map((agent) => [agent.slice(0, 40), agent] as const))(
      "AT-36 user agent %s",
      async (_title, agent) => {
        const scene = use();
        const headers = ["user-agent", at(scene, agent), "x-request-id", scene.canary, "x-amzn-trace-id", scene.canary];
        const answer = await sendAsDoc(scene, { path: scene.path, headers });
        expect(answer.status).toBe(200);
        const { tenantId } = scene.world.a;
        expect(eventsAbout(scene.world, tenantId, answer).map(({ outcome }) => outcome)).toEqual(["success"]);
      },
    );
    it("AT-36 headers longer than the gateway takes", async () => {
      const scene = use();
      const answer = await sendAsDoc(scene, { path: scene.path, headers: ["user-agent", "x".repeat(10_300)] });
      expectRefused(scene, answer, 431);
    });
    it("AT-36 every event is one well-formed line", () => {
      const { world } = use();
      const events = eventsOf(world, world.a.tenantId);
      expect(events.length).toBeGreaterThan(100);
      for (const { line } of events) expect(line).not.toMatch(/[^\u0020-\u007e]/);
    });
  });
}
