import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { totpAt } from "../../../core/identity/totp.ts";
import { addMember } from "../http/members.ts";
import { sendRaw, type RawAnswer } from "../http/raw.ts";
import { dataRowsOf } from "../http/state.ts";
import type { Member } from "../../../scripts/cli/profile.ts";
import { canaryPatient, PASSWORD } from "../world.ts";
import type { Scene, Use } from "./scene.ts";

export interface Signed {
  readonly cookie: string;
  readonly line: string;
}

/** Signs in as the portal does, and takes the cookie. `planted` is sent along, as a sibling site would have set it. */
export async function signInByCookie({ world, clock }: Scene, member: Member, planted?: string): Promise<Signed> {
  const answer = await sendRaw(world.stack.endpoint, {
    method: "POST",
    path: "/session/sign-in",
    headers: [
      "content-type",
      "application/json",
      ...(planted === undefined ? [] : ["cookie", `__Host-sid=${planted}`]),
    ],
    body: JSON.stringify({
      login: member.login,
      password: PASSWORD,
      totp: totpAt(member.totpSecret, clock.now()),
      purpose: "TREAT",
    }),
  });
  const [line = ""] = answer.headers.getSetCookie();
  const cookie = /^__Host-sid=([\w-]{43});/.exec(line)?.[1];
  if (answer.status !== 200 || cookie === undefined) throw new Error(`the sign-in was refused: ${answer.status}`);
  return { cookie, line };
}

/** A request of a browser that holds the cookie. */
export const browse = (
  { world }: Scene,
  method: string,
  path: string,
  headers: readonly string[],
  body?: unknown,
): Promise<RawAnswer> =>
  sendRaw(world.stack.endpoint, {
    method,
    path,
    headers: [
      ...headers,
      ...(body === undefined || headers.includes("content-type")
        ? []
        : ["content-type", path.startsWith("/fhir") ? "application/fhir+json" : "application/json"]),
    ],
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });

const held = (cookie: string): string[] => ["cookie", `__Host-sid=${cookie}`];

export function cookies(use: Use): void {
  let cookie: string;
  beforeAll(async () => {
    const { world } = use();
    const { member } = await addMember(world, {
      tenantId: world.a.tenantId,
      login: "a.browser",
      roles: ["physician"],
    });
    ({ cookie } = await signInByCookie(use(), member));
  });

  it("AT-40 a planted session id is replaced at sign-in, and is dead", async () => {
    const scene = use();
    const { world, path } = scene;
    const { member } = await addMember(world, { tenantId: world.a.tenantId, login: "a.fixed", roles: ["physician"] });
    const planted = randomBytes(32).toString("base64url");
    const { cookie: fresh, line } = await signInByCookie(scene, member, planted);
    expect(fresh).not.toBe(planted);
    expect(line).toMatch(/; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    expect((await browse(scene, "GET", path, held(planted))).status).toBe(401);
    expect((await browse(scene, "GET", path, held(fresh))).status).toBe(200);
  });

  describe("AT-41 requests that other sites make with our cookie", () => {
    const FOREIGN: readonly (readonly [string, readonly string[]])[] = [
      ["cross-site", ["sec-fetch-site", "cross-site"]],
      ["same-site", ["sec-fetch-site", "same-site"]],
      ["typed in by hand", ["sec-fetch-site", "none"]],
      ["two sites", ["sec-fetch-site", "same-origin", "sec-fetch-site", "cross-site"]],
      ["a site in capitals", ["sec-fetch-site", "SAME-ORIGIN"]],
      ["neither site nor origin", []],
      ["a foreign origin", ["origin", "https://evil.example"]],
      ["a null origin", ["origin", "null"]],
      ["cross-site with our origin", ["sec-fetch-site", "cross-site", "origin", "OURS"]],
      ["our origin with more behind it", ["origin", "OURS.evil.example"]],
      ["our origin with a slash", ["origin", "OURS/"]],
      ["our origin on another port", ["origin", "http://127.0.0.1:1"]],
      ["two origins", ["origin", "OURS", "origin", "https://evil.example"]],
    ];
    const WRITES = (scene: Scene) =>
      [
        ["POST", "/fhir/Patient", canaryPatient(scene.world.a)],
        ["POST", "/fhir", { resourceType: "Bundle", type: "batch" }],
        ["POST", "/fhir/Patient/_search", "name=x"],
        ["PUT", scene.path, canaryPatient(scene.world.a)],
        ["DELETE", scene.path, undefined],
        ["POST", "/session/sign-out", { everywhere: true }],
      ] as const;

    it.each(FOREIGN)("AT-41 %s: 403, and nothing happens", async (_title, headers) => {
      const scene = use();
      const { world } = scene;
      const sent = headers.map((text) => text.replace("OURS", world.stack.endpoint));
      const before = dataRowsOf(world, world.a.tenantId);
      for (const [method, path, body] of WRITES(scene)) {
        const type = path.endsWith("_search") ? ["content-type", "application/x-www-form-urlencoded"] : [];
        const answer = await browse(scene, method, path, [...held(cookie), ...sent, ...type], body);
        expect([method, path, answer.status]).toEqual([method, path, 403]);
        expect(answer.text).toContain("origin");
      }
      expect(dataRowsOf(world, world.a.tenantId)).toEqual(before);
      expect((await browse(scene, "GET", scene.path, held(cookie))).status).toBe(200);
    });
    it.each([
      ["a page of ours", ["sec-fetch-site", "same-origin"]],
      ["a page of ours in a browser that sends no site", ["origin", "OURS"]],
    ])("AT-41 control: %s writes", async (_title, headers) => {
      const scene = use();
      const sent = headers.map((text) => text.replace("OURS", scene.world.stack.endpoint));
      const body = canaryPatient(scene.world.a);
      const answer = await browse(scene, "POST", "/fhir/Patient", [...held(cookie), ...sent], body);
      expect(answer.status).toBe(201);
    });
    it("AT-41 a form or a text that is JSON is no request of ours", async () => {
      const scene = use();
      const { world } = scene;
      const before = dataRowsOf(world, world.a.tenantId);
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
        const sent = [...held(cookie), "sec-fetch-site", "same-origin", "content-type", type];
        const answer = await browse(scene, "POST", "/fhir/Patient", sent, canaryPatient(world.a));
        expect([type, answer.status]).toEqual([type, 415]);
        const signOut = await browse(scene, "POST", "/session/sign-out", sent, { everywhere: true });
        expect([type, signOut.status]).toEqual([type, 415]);
        const signIn = await browse(scene, "POST", "/session/sign-in", ["content-type", type], { login: "x" });
        expect([type, signIn.status]).toEqual([type, 415]);
      }
      expect(dataRowsOf(world, world.a.tenantId)).toEqual(before);
    });
    it("AT-41 what another site reads by an image or a script, no page of it may see", async () => {
      const scene = use();
      const sent = [...held(cookie), "sec-fetch-site", "cross-site", "origin", "https://evil.example"];
      const answer = await browse(scene, "GET", scene.path, sent);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      const asked = [...sent, "access-control-request-method", "PUT", "access-control-request-headers", "if-match"];
      const preflight = await browse(scene, "OPTIONS", scene.path, asked);
      expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    });
  });

  describe("AT-40 AT-41 cookies that cannot be believed", () => {
    const spoilt: readonly (readonly [string, (cookie: string, token: string) => readonly string[]])[] = [
      ["two of one name", (own) => ["cookie", `__Host-sid=${own}; __Host-sid=${own}`]],
      ["a planted one before ours", (own) => ["cookie", `__Host-sid=${"x".repeat(43)}; __Host-sid=${own}`]],
      ["a planted one after ours", (own) => ["cookie", `__Host-sid=${own}; __Host-sid=${"x".repeat(43)}`]],
      ["two headers", (own) => ["cookie", `__Host-sid=${own}`, "cookie", `__Host-sid=${"x".repeat(43)}`]],
      ["another case", (own) => ["cookie", `__host-sid=${own}`]],
      ["no prefix", (own) => ["cookie", `sid=${own}`]],
      ["quotes", (own) => ["cookie", `__Host-sid="${own}"`]],
      ["one character less", (own) => ["cookie", `__Host-sid=${own.slice(1)}`]],
      ["one character more", (own) => ["cookie", `__Host-sid=${own}A`]],
      ["empty", () => ["cookie", "__Host-sid="]],
      ["a token's session", (_own, token) => ["cookie", `__Host-sid=${sessionIn(token)}`]],
      ["with a token", (own, token) => ["cookie", `__Host-sid=${own}`, "authorization", `Bearer ${token}`]],
      ["with another scheme", (own) => ["cookie", `__Host-sid=${own}`, "authorization", "Basic eDp5"]],
    ];
    it.each(spoilt)("AT-40 %s: 401", async (_title, headers) => {
      const scene = use();
      const { world, path } = scene;
      const answer = await browse(scene, "GET", path, headers(cookie, world.a.doc.token));
      expect([answer.status, answer.text.includes(world.a.canary)]).toEqual([401, false]);
    });
    it("AT-40 a cookie is no token, and opens no zone that asks for one", async () => {
      const scene = use();
      expect((await browse(scene, "GET", scene.path, ["authorization", `Bearer ${cookie}`])).status).toBe(401);
      expect((await browse(scene, "GET", "/platform/tenants", held(cookie))).status).toBe(401);
    });
    it("AT-40 control: the cookie alone", async () => {
      const scene = use();
      expect((await browse(scene, "GET", scene.path, [...held(cookie), "cookie", "other=1"])).status).toBe(200);
      expect((await browse(scene, "GET", "/session", held(cookie))).status).toBe(200);
    });
  });
}

const sessionIn = (token: string): string => {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as { sid: string };
  return claims.sid;
};
