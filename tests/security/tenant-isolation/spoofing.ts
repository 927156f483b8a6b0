import { describe, expect, it } from "vitest";
import { unknownLike } from "../http/answers.ts";
import { type RawAnswer, sendRaw } from "../http/raw.ts";
import { totpAt } from "../../../core/identity/totp.ts";
import { PASSWORD } from "../world.ts";
import { expectSame, type Scene, type Use, whileBStays } from "./scene.ts";

/** Headers by which somebody might think that a tenant is chosen; values are B's. */
function spoofs({ b, world }: Scene): readonly (readonly string[])[] {
  const { tenantId } = b.clinic;
  const names = [
    "X-Tenant-Id",
    "x-tenant-id",
    "X-TENANT-ID",
    "Tenant",
    "X-Amz-Tenant-Id",
    "X-Keyward-Tenant",
    "X-Amzn-Oidc-Data",
    "X-Original-User",
    "X-Forwarded-User",
  ];
  return [
    ...names.map((name) => [name, tenantId]),
    ["x-tenant-id", tenantId, "X-Tenant-Id", tenantId],
    ["X-Forwarded-Host", `${tenantId}.app.example`, "x-forwarded-host", "b.app.example"],
    ["Forwarded", `host=b.app.example;proto=https`],
    ["X-Forwarded-Prefix", `/t/${tenantId}`],
    ["X-Original-URL", `/fhir/Patient/${b.patientId}`, "X-Rewrite-URL", `/fhir/Patient/${b.patientId}`],
    ["X-HTTP-Method-Override", "DELETE"],
    ["Origin", world.stack.endpoint, "Referer", `${world.stack.endpoint}/t/${tenantId}`],
  ];
}

export function spoofing(use: Use): void {
  const read = (scene: Scene, id: string, headers: readonly string[] = [], suffix = ""): Promise<RawAnswer> =>
    sendRaw(scene.world.stack.endpoint, {
      path: `/fhir/Patient/${id}${suffix}`,
      headers: ["authorization", `Bearer ${scene.a.clinic.doc.token}`, ...headers],
    });

  describe("AT-13 tenant spoofing", () => {
    it("AT-13 headers that name B change no answer: A's record is A's, and B's is unknown", async () => {
      const scene = use();
      const plain = await read(scene, scene.a.patientId);
      expect([plain.status, plain.text.includes(scene.a.clinic.canary)]).toEqual([200, true]);
      const unknown = await read(scene, unknownLike(scene.b.patientId));
      await whileBStays(scene, async () => {
        for (const headers of spoofs(scene)) {
          const own = await read(scene, scene.a.patientId, headers);
          expect([headers[0], own.status, own.text]).toEqual([headers[0], 200, plain.text]);
          const foreign = await read(scene, scene.b.patientId, headers);
          expect([headers[0], foreign.status, foreign.text]).toEqual([headers[0], 404, unknown.text]);
        }
      });
    });
    it("AT-13 a query that names B is ignored by a read and refused by a search", async () => {
      const scene = use();
      const { tenantId } = scene.b.clinic;
      await whileBStays(scene, async () => {
        for (const name of ["tenant", "TENANT", "tenantId", "_tenant", "tenant[]", "tenant%00"]) {
          const own = await read(scene, scene.a.patientId, [], `?${name}=${tenantId}&${name}=${tenantId}`);
          expect([name, own.status, own.text.includes(scene.a.clinic.canary)]).toEqual([name, 200, true]);
          expect((await read(scene, scene.b.patientId, [], `?${name}=${tenantId}`)).status).toBe(404);
          const search = await scene.a.clinic.doc.send("GET", `/fhir/Patient?${name}=${tenantId}`);
          expect([name, search.status]).toEqual([name, 400]);
        }
      });
    });
    it("AT-13 a body that names B is refused", async () => {
      const scene = use();
      const { doc } = scene.a.clinic;
      const { tenantId } = scene.b.clinic;
      await whileBStays(scene, async () => {
        for (const more of [
          { tenant: tenantId },
          { tenantId },
          { pk: `T#${tenantId}#D#P#x` },
          { meta: { tenant: tenantId } },
        ]) {
          const answer = await doc.send("POST", "/fhir/Patient", { body: { resourceType: "Patient", ...more } });
          expect([Object.keys(more), answer.status]).toEqual([Object.keys(more), 422]);
        }
        const signOut = await doc.send("POST", "/session/sign-out", { body: { everywhere: false, tenant: tenantId } });
        expect(signOut.status).toBe(400);
      });
    });
    it("AT-13 signing in for a tenant that one is no member of fails like a wrong password", async () => {
      const scene = use();
      const { member } = scene.a.clinic;
      const signIn = (tenant: string, password = PASSWORD) =>
        scene.a.clinic.doc.send("POST", "/session/sign-in", {
          body: {
            login: member("billing").login,
            password,
            totp: totpAt(member("billing").totpSecret, Date.now() + 30_000),
            tenant,
          },
        });
      const foreign = await signIn(scene.b.clinic.tenantId);
      const wrong = await signIn(scene.a.clinic.tenantId, "not the password at all");
      expect(foreign.status).toBe(401);
      expectSame(scene, [foreign], [wrong]);
    });
    it("AT-13 repeated and mangled credentials are refused, not chosen from", async () => {
      const scene = use();
      const [own, foreign] = [scene.a.clinic.doc.token, scene.b.clinic.doc.token];
      const tries: readonly (readonly string[])[] = [
        ["authorization", `Bearer ${own}`, "Authorization", `Bearer ${foreign}`],
        ["authorization", `Bearer ${own}, Bearer ${foreign}`],
        ["authorization", `Bearer ${own} ${foreign}`],
        ["authorization", `bearer  ${own}`],
        ["authorization", own],
        ["x-authorization", `Bearer ${own}`],
      ];
      for (const headers of tries) {
        const path = `/fhir/Patient/${scene.b.patientId}`;
        const answer = await sendRaw(scene.world.stack.endpoint, { path, headers });
        expect([headers[0], answer.status]).toEqual([headers[0], headers.length > 2 ? 400 : 401]);
      }
    });
  });

  describe("AT-14 a tenant in the path or host", () => {
    it("AT-14 no path and no host leads to B", async () => {
      const scene = use();
      const { tenantId } = scene.b.clinic;
      const token = ["authorization", `Bearer ${scene.a.clinic.doc.token}`];
      const id = scene.b.patientId;
      await whileBStays(scene, async () => {
        for (const path of [
          `/t/${tenantId}/fhir/Patient/${id}`,
          `/${tenantId}/fhir/Patient/${id}`,
          `/fhir/${tenantId}/Patient/${id}`,
          `/fhir/Patient/${tenantId}/${id}`,
          `/fhir/Patient/${tenantId}.${id}`,
          `/fhir/T%23${tenantId}%23D/${id}`,
          `//fhir/Patient/${id}`,
          `/fhir/Patient/${id}/`,
        ]) {
          const answer = await sendRaw(scene.world.stack.endpoint, { path, headers: token });
          expect([path, answer.status]).toEqual([path, 404]);
        }
        for (const host of [`${tenantId}.app.example`, "b.app.example", `127.0.0.1.${tenantId}.example`]) {
          const answer = await sendRaw(scene.world.stack.endpoint, {
            path: `/fhir/Patient/${scene.a.patientId}`,
            headers: [...token, "host", host],
          });
          expect([host, answer.status, answer.text]).toEqual([host, 403, '{"message":"Forbidden"}']);
        }
      });
    });
    it("AT-14 A's cookie on another tenant's path is on no path at all", async () => {
      const scene = use();
      const answer = await sendRaw(scene.world.stack.endpoint, {
        path: `/t/${scene.b.clinic.tenantId}/fhir/Patient/${scene.b.patientId}`,
        headers: ["cookie", `__Host-sid=${"x".repeat(43)}`],
      });
      expect(answer.status).toBe(404);
    });
  });
}
