import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RegistryStore } from "../../../core/tenant/registry-store.ts";
import { clientKey, membershipKey, userKey } from "../../../core/tenant/index.ts";
import { STANDING_TTL_MS } from "../../../core/identity/standing.ts";
import type { Member } from "../../../scripts/cli/profile.ts";
import { addMember, amend, openRegistry, signClient, signMember } from "../http/members.ts";
import type { Caller } from "../world.ts";
import { browse, signInByCookie } from "./cookies.ts";
import { type Scene, statusOf, type Use } from "./scene.ts";

/** What a member holds: a token, a cookie, and her row in the registry. */
interface Holder {
  readonly userId: string;
  readonly member: Member;
  readonly token: Caller;
  readonly cookie: string;
}

export function revocation(use: Use): void {
  describe("AT-22 what was revoked is refused within five seconds", () => {
    let registry: { readonly store: RegistryStore; close(): void };
    let system: Awaited<ReturnType<typeof signClient>>;
    const holders = new Map<string, Holder>();
    const NAMES = ["token", "cookie", "everywhere", "disabled", "role", "member"] as const;
    const holder = (name: (typeof NAMES)[number]): Holder => {
      const found = holders.get(name);
      if (found === undefined) throw new Error(`no ${name}`);
      return found;
    };

    /** A member with two sign-ins: one by the code flow and, with the authenticator's next code, one by the portal. */
    async function makeHolder(scene: Scene, name: string): Promise<Holder> {
      const { world, clock } = scene;
      const wanted = { tenantId: world.a.tenantId, login: `a.revoked-${name}`, roles: ["physician"] };
      const { member, userId, caller } = await signMember(world, wanted);
      const later = { ...scene, clock: { ...clock, now: () => clock.now() + 30_000 } };
      return { userId, member, token: caller, cookie: (await signInByCookie(later, member)).cookie };
    }

    /** The answers to both of a member's sign-ins, now. */
    async function statuses({ token, cookie }: Holder): Promise<readonly number[]> {
      const { path } = use();
      const byCookie = await browse(use(), "GET", path, ["cookie", `__Host-sid=${cookie}`]);
      return [await statusOf(token, path), byCookie.status];
    }
    const fiveSeconds = (): Promise<void> => use().clock.advance(STANDING_TTL_MS);

    beforeAll(async () => {
      registry = openRegistry(use().world);
      for (const name of NAMES) holders.set(name, await makeHolder(use(), name));
      system = await signClient(use().world, use().world.a.tenantId, ["integration"], use().clock);
    });
    afterAll(() => registry.close());

    it("AT-22 control: everybody is let in, and remembered", async () => {
      expect(STANDING_TTL_MS).toBeLessThanOrEqual(5_000);
      for (const name of NAMES) expect([name, await statuses(holder(name))]).toEqual([name, [200, 200]]);
    });
    it("AT-22 sign-out by token ends the token, and not the cookie", async () => {
      const { token } = holder("token");
      expect((await token.send("POST", "/session/sign-out", { body: {} })).status).toBe(204);
      await fiveSeconds();
      expect(await statuses(holder("token"))).toEqual([401, 200]);
    });
    it("AT-22 sign-out by cookie ends the cookie, and not the token", async () => {
      const { cookie } = holder("cookie");
      const sent = ["cookie", `__Host-sid=${cookie}`, "sec-fetch-site", "same-origin"];
      const answer = await browse(use(), "POST", "/session/sign-out", sent, {});
      expect(answer.status).toBe(204);
      expect(answer.headers.get("clear-site-data")).toContain('"cookies"');
      expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-sid=; .*Max-Age=0$/);
      await fiveSeconds();
      expect(await statuses(holder("cookie"))).toEqual([200, 401]);
    });
    it("AT-22 sign-out everywhere ends both", async () => {
      const { token } = holder("everywhere");
      expect((await token.send("POST", "/session/sign-out", { body: { everywhere: true } })).status).toBe(204);
      await fiveSeconds();
      expect(await statuses(holder("everywhere"))).toEqual([401, 401]);
    });
    it("AT-22 a disabled user", async () => {
      const { userId } = holder("disabled");
      expect(await statuses(holder("disabled"))).toEqual([200, 200]);
      await amend(registry.store, userKey(userId), { status: "disabled" });
      await fiveSeconds();
      expect(await statuses(holder("disabled"))).toEqual([401, 401]);
      const { member } = holder("disabled");
      await use().clock.advance(60_000);
      await expect(signInByCookie(use(), member)).rejects.toThrow("401");
    });
    it("AT-22 a role that was taken away", async () => {
      const { userId } = holder("role");
      expect(await statuses(holder("role"))).toEqual([200, 200]);
      await amend(registry.store, membershipKey(userId, use().world.a.tenantId), { roles: ["auditor"] });
      await fiveSeconds();
      expect(await statuses(holder("role"))).toEqual([403, 403]);
    });
    it("AT-22 a member who was let go", async () => {
      const { userId } = holder("member");
      expect(await statuses(holder("member"))).toEqual([200, 200]);
      await amend(registry.store, membershipKey(userId, use().world.a.tenantId), { status: "disabled" });
      await fiveSeconds();
      expect(await statuses(holder("member"))).toEqual([401, 401]);
    });
    it("AT-22 a client that was disabled; a client's token has no session to sign out of, and is told so", async () => {
      const { path } = use();
      const { client, caller } = system;
      const headers = { "x-purpose-of-use": "HOPERAT" };
      expect((await caller.send("GET", path, { headers })).status).toBe(200);
      const signOut = await caller.send("POST", "/session/sign-out", { body: {} });
      expect([signOut.status, signOut.body["rule"]]).toEqual([422, "no-session"]);
      await amend(registry.store, clientKey(client.clientId, use().world.a.tenantId), { status: "disabled" });
      await fiveSeconds();
      expect((await caller.send("GET", path, { headers })).status).toBe(401);
    });
    it("AT-22 a suspended tenant: people and systems, and the other clinic goes on", async () => {
      const { world, path } = use();
      const { a, b } = world;
      const early = await addMember(world, { tenantId: a.tenantId, login: "a.early", roles: ["physician"] });
      const { cookie } = await signInByCookie(use(), early.member);
      await world.setTenantStatus(a.tenantId, "suspended");
      await fiveSeconds();
      for (const by of [a.doc, a.desk, a.bill, a.importer]) expect(await statusOf(by, path)).toBe(403);
      const { member } = await addMember(world, { tenantId: a.tenantId, login: "a.late", roles: ["physician"] });
      expect((await browse(use(), "GET", path, ["cookie", `__Host-sid=${cookie}`])).status).toBe(403);
      await expect(signInByCookie(use(), member)).rejects.toThrow("401");
      expect(await statusOf(b.doc, "/fhir/Patient?name=x")).toBe(200);
      await world.setTenantStatus(a.tenantId, "active");
      await fiveSeconds();
      expect(await statusOf(a.doc, path)).toBe(200);
      // The clinic was why: with the next code of her authenticator she is in.
      const { clock } = use();
      const later = { ...use(), clock: { ...clock, now: () => clock.now() + 30_000 } };
      expect((await signInByCookie(later, member)).cookie).toMatch(/^[\w-]{43}$/);
    });
  });
}
