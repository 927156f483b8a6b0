import { describe, expect, it } from "vitest";
import { newClientKey } from "../../../scripts/cli/sign-in.ts";
import { canaryObservation, canaryPatient, PASSWORD } from "../world.ts";
import { expectRefused, type Scene, type Use, whileNothingChanges } from "./scene.ts";

const NAMES = ["tenant", "tenantId", "pk", "sk", "_ver", "_aud", "_h", "_m", "_tx", "roles", "isAdmin", "createdBy"];

/** Requests of ours that are right, and what may be put beside or in the place of their members. */
const OWN = (scene: Scene): Readonly<Record<string, Readonly<Record<string, unknown>>>> => {
  const tenant = `/platform/tenants/${scene.world.a.tenantId}`;
  return {
    "/platform/tenants": { name: "x" },
    [`${tenant}/users`]: { login: "x.y", displayName: "x", roles: ["nurse"], password: PASSWORD },
    [`${tenant}/clients`]: { name: "x", roles: ["integration"], jwks: { keys: [newClientKey().publicJwk] } },
    "/session/sign-in": { login: "x.y", password: "x", totp: "000000" },
    "/session/sign-out": { everywhere: false },
    "/session/step-up": { password: "x", totp: "000000" },
    "/clinic/break-glass": { patient: "x", reason: { code: "other", text: "ten letters" } },
    "/clinic/holds": { patient: "x", mode: "frozen", reason: { code: "dispute", text: "ten letters" } },
    "/clinic/holds/x/release": { reason: { code: "matter-closed", text: "ten letters" } },
    "/clinic/delegations": { client: scene.world.a.tenantId, purposes: ["TREAT"] },
    "/clinic/consents/preview": { patient: "x", consent: { resourceType: "Consent" } },
  };
};

const WRONG: readonly unknown[] = [null, [], {}, { $gt: "" }, ["x"], 1e9, "", " ", "\u0000", "x".repeat(5000), -1];

export function ownRequests(use: Use): void {
  describe("AT-25 members that nobody may set", () => {
    it.each(NAMES)("AT-25 %s in a resource, at its top and inside", async (name) => {
      const scene = use();
      const { a } = scene.world;
      await whileNothingChanges(scene, async () => {
        for (const body of [
          { ...canaryPatient(a), [name]: scene.canary },
          { ...canaryPatient(a), name: [{ family: "x", [name]: scene.canary }] },
          { ...canaryPatient(a), meta: { [name]: scene.canary } },
        ])
          expectRefused(scene, await a.doc.send("POST", "/fhir/Patient", { body }), 422);
      });
    });
    it.each(NAMES)("AT-25 %s in a request of our own", async (name) => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        for (const [path, body] of Object.entries(OWN(scene))) {
          // A user and a client do have roles, and somebody of several clinics says which one.
          if (Object.hasOwn(body, name) || (path.endsWith("sign-in") && name === "tenant")) continue;
          const answer = await scene.world.operator.send("POST", path, { body: { ...body, [name]: scene.canary } });
          // The operator is a client, and a client has no session to end: its body is looked at first.
          expectRefused(scene, answer, 400);
          expect(answer.text).toContain("unrecognized_keys");
        }
      });
    });
    it("AT-25 version and time are the server's, whatever comes in", async () => {
      const { world } = use();
      const meta = { versionId: "77", lastUpdated: "1999-01-01T00:00:00Z" };
      const made = await world.a.doc.send("POST", "/fhir/Patient", {
        body: { ...canaryPatient(world.a), id: "mine", meta },
      });
      expect([made.status, made.body["meta"]?.["versionId"]]).toEqual([201, "1"]);
      expect(made.body["meta"]?.["lastUpdated"]).not.toContain("1999");
      expect(made.body["id"]).not.toBe("mine");
    });
    it("AT-25 a label does not take a record to a class that the role may not write", async () => {
      const scene = use();
      const { a } = scene.world;
      const made = await a.doc.send("POST", "/fhir/Observation", { body: canaryObservation(a, scene.patientId) });
      const id = String(made.body["id"]);
      const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSY" }];
      const body = { ...canaryObservation(a, scene.patientId), id, meta: { security } };
      await whileNothingChanges(scene, async () => {
        const options = { body, headers: { "if-match": 'W/"1"' } };
        const answer = await a.importer.send("PUT", `/fhir/Observation/${id}`, options);
        expectRefused(scene, answer, 403);
      });
    });
  });

  describe("requests of our own that do not fit their contract", () => {
    it("AT-57 every member of every request, with every wrong value: 400 with the member's name", async () => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        for (const [path, body] of Object.entries(OWN(scene))) {
          for (const member of Object.keys(body)) {
            for (const value of [...WRONG, scene.canary]) {
              const isText = ["name", "displayName", "password", "login"].includes(member) && typeof value === "string";
              // Any text of a fair length is a name, a login to try, or a password.
              if (isText && value.trim() !== "" && value.length < 200) continue;
              const answer = await scene.world.operator.send("POST", path, { body: { ...body, [member]: value } });
              if (path.endsWith("sign-in") && answer.status === 401) continue;
              // A text that could be a patient's id fits; what is refused then is a request without a purpose.
              if (member === "patient" && answer.text.includes('"purpose-required"')) continue;
              // The operator is a system, which has nothing to step up; a resource inside a request is judged as one.
              const isJudged = path.endsWith("step-up") || member === "consent";
              expectRefused(scene, answer, 400, 413, ...(isJudged ? [422] : []));
              // A sign-in is never longer than four kilobytes.
              if (answer.status === 400) expect(answer.text).toContain(`"path":"${member}`);
            }
          }
        }
      });
    });
    it("AT-57 a member left out", async () => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        for (const [path, body] of Object.entries(OWN(scene))) {
          if (path.endsWith("sign-out")) continue;
          for (const member of Object.keys(body)) {
            const rest = Object.fromEntries(Object.entries(body).filter(([name]) => name !== member));
            expectRefused(scene, await scene.world.operator.send("POST", path, { body: rest }), 400);
          }
        }
      });
    });
    it("AT-57 a tenant that is none, unknown, or spelled otherwise", async () => {
      const scene = use();
      const { tenantId } = scene.world.a;
      const body = OWN(scene)[`/platform/tenants/${tenantId}/users`];
      await whileNothingChanges(scene, async () => {
        for (const id of [
          "x",
          scene.canary,
          tenantId.toUpperCase(),
          `${tenantId}0`,
          "0".repeat(26),
          "__proto__",
          "..",
          "%2e%2e",
        ]) {
          const path = `/platform/tenants/${id}`;
          expectRefused(scene, await scene.world.operator.send("POST", `${path}/users`, { body }), 404);
          expectRefused(scene, await scene.world.operator.send("GET", `${path}/keys`), 404);
        }
      });
    });
    it("AT-57 what the authorization server refuses is its code alone", async () => {
      const scene = use();
      const { endpoint } = scene.world.stack;
      const forms: Readonly<Record<string, string>>[] = [
        { grant_type: scene.canary },
        { grant_type: "authorization_code", client_id: "keyward-cli", code: scene.canary },
        { grant_type: "client_credentials", client_id: scene.canary, scope: scene.canary },
        { grant_type: "client_credentials", client_assertion: scene.canary, client_assertion_type: scene.canary },
        { token: scene.canary, client_id: scene.canary },
      ];
      for (const path of ["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect"]) {
        for (const form of forms) {
          const answer = await fetch(`${endpoint}${path}`, { method: "POST", body: new URLSearchParams(form) });
          expectRefused(scene, { status: answer.status, headers: answer.headers, text: await answer.text() });
        }
      }
      const query = new URLSearchParams({ client_id: scene.canary, scope: scene.canary, redirect_uri: scene.canary });
      const answer = await fetch(`${endpoint}/oauth2/authorize?${query.toString()}`, { redirect: "manual" });
      expectRefused(scene, { status: answer.status, headers: answer.headers, text: await answer.text() });
      for (const method of ["GET", "POST"]) {
        const page = await fetch(`${endpoint}/session/interaction/${scene.canary}`, {
          method,
          ...(method === "POST" ? { body: new URLSearchParams({ login: scene.canary }) } : {}),
        });
        expectRefused(scene, { status: page.status, headers: page.headers, text: await page.text() });
      }
    });
  });

  describe("AT-50 names that look like others", () => {
    it("AT-50 a login that is spelled with other letters is refused, and signs nobody in", async () => {
      const scene = use();
      const { a, operator } = scene.world;
      const forms = [
        "а.physician",
        "a\u200b.physician",
        "\u202ea.physician",
        "a.physic\u0131an",
        "á.physician",
        "a.physician\u0301",
      ];
      await whileNothingChanges(scene, async () => {
        for (const login of forms) {
          const body = { login, displayName: "x", roles: ["nurse"], password: PASSWORD };
          const added = await operator.send("POST", `/platform/tenants/${a.tenantId}/users`, { body });
          expectRefused(scene, added, 400);
          const signIn = { login, password: PASSWORD, totp: "000000" };
          expectRefused(scene, await a.doc.send("POST", "/session/sign-in", { body: signIn }), 401);
        }
        // One account, however it is typed: capitals and full width are the same login, and it is taken.
        for (const login of ["A.PHYSICIAN", " a.physician "]) {
          const body = { login, displayName: "x", roles: ["nurse"], password: PASSWORD };
          const added = await operator.send("POST", `/platform/tenants/${a.tenantId}/users`, { body });
          expectRefused(scene, added, 412);
        }
      });
    });
    it("AT-50 an id in other letters is another id", async () => {
      const scene = use();
      const { patientId, world } = scene;
      const wide = patientId.replace(/[a-z]/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
      for (const id of [patientId.toUpperCase(), encodeURIComponent(wide), `${patientId}%E2%80%8B`, `%20${patientId}`])
        expectRefused(scene, await world.a.doc.send("GET", `/fhir/Patient/${id}`), 404);
    });
  });
}
