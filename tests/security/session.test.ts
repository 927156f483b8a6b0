import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actDigest } from "../../core/identity/step-up.ts";
import type { StandingPurpose } from "../../core/contract/index.ts";
import { createSessions, sessionDigest } from "../../core/identity/session.ts";
import type { UserId } from "../../core/kernel/ids.ts";
import { userKey } from "../../core/tenant/index.ts";
import { joining } from "../fixtures/registry.ts";
import { type Authenticator, createAuthenticator, type Mischief } from "../fixtures/authenticator.ts";
import { openScene, type Person, type Scene } from "./clinic/scene.ts";
import { amend, openRegistry } from "./http/members.ts";
import { eventsAbout } from "./http/state.ts";
import { type Answer, type Clinic, PASSWORD } from "./world.ts";

/** CLIN-15, UIX-5: everything between a person and her session, over HTTP. */
const MINUTE = 60_000;
let scene: Scene;
let origin: string;
/** Hired before time is moved: the operator's token and root's signatures know no other than the machine's. */
let [doc, admin, nurse, desk]: Person[] = [];
let registry: ReturnType<typeof openRegistry>;
beforeAll(async () => {
  scene = await openScene();
  origin = `http://localhost:${new URL(scene.world.stack.endpoint).port}`;
  registry = openRegistry(scene.world);
  const { a, b } = scene.world;
  [doc, admin, nurse, desk] = [
    await scene.hire(a, ["physician"]),
    await scene.hire(a, ["clinic-administrator"]),
    await scene.hire(a, ["nurse"]),
    await scene.hire(a, ["front-desk"]),
  ];
  // A member of a second clinic, which no route makes.
  await registry.store.write(joining(doc.userId, b.tenantId, ["billing"]));
});
afterAll(() => {
  registry.close();
  return scene.close();
});

const told = (clinic: Clinic, answer: Pick<Answer, "headers">): string[] =>
  eventsAbout(scene.world, clinic.tenantId, answer)
    .map(({ interaction, outcome, decision }) => `${interaction} ${outcome} ${decision.rules.join(" ")}`)
    .toSorted();
const cookieOf = (answer: Pick<Answer, "headers">): string =>
  /^__Host-sid=([\w-]{43});/.exec(answer.headers.getSetCookie()[0] ?? "")?.[1] ?? "";

/** A request of no session, or of the cookie that is given. */
async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${scene.world.stack.endpoint}${path}`, {
    method,
    redirect: "manual",
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const read = isJson ? (JSON.parse(text) as unknown) : "";
  return { status: response.status, headers: response.headers, text, body: read } as Answer;
}
const withCookie = (cookie: string, more: Record<string, string> = {}) => ({
  cookie: `__Host-sid=${cookie}`,
  "sec-fetch-site": "same-origin",
  ...more,
});
interface Seat {
  cookie: string;
  readonly userId: string;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/**
 * A session of somebody, written as a sign-in would write it: two factors cost half a second of both processors, and what
 * is looked at here comes after them.
 */
async function seat(person: Person | undefined, purpose: StandingPurpose, isSteppedUp = false): Promise<Seat> {
  const userId = person?.userId ?? "";
  const sessions = createSessions(registry.store, scene.clock);
  const { a } = scene.world;
  const opened = sessions.prepare(userId as UserId, a.tenantId, "aal2", "cookie", { purpose });
  const stepped = isSteppedUp ? { steppedUpAtMs: scene.clock.now() } : {};
  await sessions.begin({ ...opened.session, ...stepped });
  const held: Seat = {
    cookie: opened.secret,
    userId,
    async send(method, path, body, headers = {}) {
      const key = method === "GET" ? {} : { "idempotency-key": randomBytes(16).toString("hex") };
      const answer = await send(method, path, body, withCookie(held.cookie, { ...key, ...headers }));
      const fresh = cookieOf(answer);
      if (fresh !== "" && path === "/session/step-up") held.cookie = fresh;
      return answer;
    },
  };
  return held;
}

type Options = { readonly options: Parameters<Authenticator["assert"]>[0] };
const optionsOf = (answer: Answer): Options["options"] => (answer.body as unknown as Options).options;

/** Registers a passkey in a session that is stepped up. */
async function register(by: Seat, authenticator: Authenticator, name = "Laptop"): Promise<Answer> {
  const options = await by.send("POST", "/session/passkeys/options", {});
  if (options.status !== 200) return options;
  return by.send("POST", "/session/passkeys", { passkey: authenticator.attest(optionsOf(options)), name });
}
async function withPasskey(person: Person | undefined, purpose: StandingPurpose) {
  const [by, authenticator] = [await seat(person, purpose, true), createAuthenticator(origin)];
  const added = await register(by, authenticator);
  if (added.status !== 201) throw new Error(`the passkey was refused: ${added.status}`);
  return { by, authenticator };
}
const challenge = async (): Promise<Options["options"]> =>
  optionsOf(await send("POST", "/session/sign-in/passkey/options", {}));
const signInBy = async (authenticator: Authenticator, more = {}, mischief: Mischief = {}): Promise<Answer> =>
  send("POST", "/session/sign-in/passkey", { passkey: authenticator.assert(await challenge(), mischief), ...more });

describe("CLIN-15 passkeys over HTTP", () => {
  let session: Seat;
  let authenticator: Authenticator;
  const listed = async (by: Seat): Promise<{ id: string }[]> =>
    (await by.send("GET", "/session/passkeys")).body["passkeys"] as unknown as { id: string }[];

  it("CLIN-15 are registered after a step-up only, and each clinic hears of it", async () => {
    authenticator = createAuthenticator(origin);
    const early = await register(await seat(doc, "TREAT"), authenticator);
    expect([early.status, early.body["rule"], told(scene.world.a, early)]).toEqual([
      403,
      "step-up",
      ["passkey.add failure step-up"],
    ]);
    session = await seat(doc, "TREAT", true);
    const added = await register(session, authenticator, "  Work laptop ");
    expect(added.body).toMatchObject({ name: "Work laptop", isSynced: false });
    expect(told(scene.world.a, added)).toEqual(["passkey.add success step-up"]);
    const [there] = eventsAbout(scene.world, scene.world.b.tenantId, added);
    expect(there?.actor).toMatchObject({ user: doc?.userId, roles: [], session: "none" });
    expect(JSON.stringify(there)).not.toContain("laptop");
  });

  it("CLIN-15 sign in whoever holds them, with two factors, into the clinic of choice", async () => {
    const asked = await signInBy(authenticator);
    const { choice } = asked.body as unknown as { choice: { ticket: string; clinics: { id: string; name: string }[] } };
    expect([asked.status, asked.headers.getSetCookie(), choice.clinics.map(({ name }) => name)]).toEqual([
      200,
      [],
      ["Clinic a", "Clinic b"],
    ]);
    const { a, b } = scene.world;
    const wanted = { ticket: choice.ticket, tenant: b.tenantId, purpose: "HPAYMT" };
    const entered = await send("POST", "/session/sign-in/choose", wanted);
    expect(entered.body).toMatchObject({
      user: { id: doc?.userId },
      tenant: { id: b.tenantId, name: "Clinic b" },
      roles: ["billing"],
      assurance: "aal2",
      purpose: "HPAYMT",
      clinics: 2,
    });
    expect(told(b, entered)).toEqual(["sign-in success passkey"]);
    expect((await send("POST", "/session/sign-in/choose", wanted)).status).toBe(401);
    const named = await signInBy(authenticator, { tenant: a.tenantId, purpose: "TREAT" });
    expect([named.status, named.body["roles"]]).toEqual([200, ["physician"]]);
  });

  it("CLIN-15 are the user's own to list and to rename", async () => {
    const [own] = await listed(session);
    const path = `/session/passkeys/${own?.id}`;
    const renamed = await session.send("PUT", path, { name: "Old laptop" });
    expect([renamed.body["name"], told(scene.world.a, renamed)]).toEqual([
      "Old laptop",
      ["passkey.rename success own"],
    ]);
    const other = await seat(nurse, "TREAT", true);
    expect((await other.send("PUT", path, { name: "Mine" })).status).toBe(404);
    expect((await other.send("DELETE", path)).status).toBe(404);
    expect(await listed(other)).toEqual([]);
  });

  it("CLIN-15 that are removed sign nobody in, and what they signed in is over", async () => {
    const cookie = cookieOf(await signInBy(authenticator, { tenant: scene.world.a.tenantId }));
    expect((await send("GET", "/session", undefined, withCookie(cookie))).status).toBe(200);
    const [own] = await listed(session);
    const path = `/session/passkeys/${own?.id}`;
    expect((await (await seat(doc, "TREAT")).send("DELETE", path)).body["rule"]).toBe("step-up");
    const removed = await session.send("DELETE", path);
    expect([removed.status, told(scene.world.a, removed)]).toEqual([204, ["passkey.remove success step-up"]]);
    expect((await send("GET", "/session", undefined, withCookie(cookie))).status).toBe(401);
    expect((await signInBy(authenticator)).status).toBe(401);
    expect((await session.send("GET", "/session")).status).toBe(200);
  });
});

describe("AT-48 a passkey that is misused", () => {
  let authenticator: Authenticator;
  let session: Seat;
  beforeAll(async () => {
    ({ by: session, authenticator } = await withPasskey(nurse, "TREAT"));
  });
  it.each<readonly [string, Mischief]>([
    ["without user verification", { isUserVerified: false }],
    ["from another origin", { origin: "https://evil.example" }],
    ["from the address in the place of the name", { origin: "http://127.0.0.1:4000" }],
    ["for another relying party", { rpId: "evil.example" }],
    ["with another user's handle", { userHandle: randomBytes(32).toString("base64url") }],
  ])("AT-48 %s: 401, the same as for a passkey of nobody", async (_title, mischief) => {
    const answer = await signInBy(authenticator, {}, mischief);
    const nobody = await signInBy(createAuthenticator(origin), {}, { userHandle: "AAAA" });
    expect([answer.status, answer.text, answer.headers.getSetCookie()]).toEqual([401, nobody.text, []]);
    expect(told(scene.world.a, answer)).toEqual(["sign-in failure passkey"]);
    expect(told(scene.world.a, nobody)).toEqual([]);
  });
  it("AT-48 a replayed challenge, and one for another action: 401", async () => {
    const passkey = authenticator.assert(await challenge());
    expect((await send("POST", "/session/sign-in/passkey", { passkey })).status).toBe(200);
    expect((await send("POST", "/session/sign-in/passkey", { passkey })).status).toBe(401);
    const forSignIn = authenticator.assert(await challenge());
    expect((await session.send("POST", "/session/step-up", { passkey: forSignIn })).status).toBe(401);
    const stepUp = optionsOf(await session.send("POST", "/session/step-up/options", {}));
    const signedIn = await send("POST", "/session/sign-in/passkey", { passkey: authenticator.assert(stepUp) });
    expect(signedIn.status).toBe(401);
  });
  it("AT-48 another user's passkey steps nobody up, and a challenge of another session neither", async () => {
    const thief = await seat(desk, "TREAT");
    expect((await thief.send("POST", "/session/step-up/options", {})).body["rule"]).toBe("no-passkey");
    const options = optionsOf(await session.send("POST", "/session/step-up/options", {}));
    const stolen = await thief.send("POST", "/session/step-up", { passkey: authenticator.assert(options) });
    expect([stolen.status, told(scene.world.a, stolen)]).toEqual([401, ["step-up failure passkey"]]);
    const other = cookieOf(await signInBy(authenticator));
    const fresh = optionsOf(await session.send("POST", "/session/step-up/options", {}));
    const shown = { passkey: authenticator.assert(fresh) };
    expect((await send("POST", "/session/step-up", shown, withCookie(other))).status).toBe(401);
  });
  it("AT-48 a disabled user's passkey: 401", async () => {
    await amend(registry.store, userKey(session.userId), { status: "disabled" });
    expect((await signInBy(authenticator)).status).toBe(401);
    await amend(registry.store, userKey(session.userId), { status: "active" });
    expect((await signInBy(authenticator)).status).toBe(200);
  });
});

describe("CLIN-15 a step-up for one request", () => {
  const body = { relationship: "open", privacyOfficers: [] };
  const path = "/clinic/settings/privacy";
  const act = actDigest("PUT", path, JSON.stringify(body));
  const headers = { "x-reason": "maintenance", "x-purpose-of-use": "HOPERAT" };
  const stepUp = async (by: Seat, authenticator: Authenticator, wanted: string, shown = wanted) => {
    const options = optionsOf(await by.send("POST", "/session/step-up/options", { act: wanted }));
    expect(Buffer.from(options.challenge, "base64url").subarray(32).toString("hex")).toBe(wanted);
    return by.send("POST", "/session/step-up", { passkey: authenticator.assert(options), act: shown });
  };

  it("CLIN-15 by password and code opens that request, and no other", async () => {
    const by = await seat(admin, "HOPERAT");
    if (admin === undefined) throw new Error("there is an administrator");
    const shown = { password: PASSWORD, totp: await scene.freshCode(admin.member), act };
    expect((await by.send("POST", "/session/step-up", shown)).status).toBe(200);
    const other = { ...body, privacyOfficers: [by.userId] };
    expect((await by.send("PUT", path, other, headers)).body["rule"]).toBe("step-up");
    expect((await by.send("PUT", `${path}?x=1`, body, headers)).body["rule"]).toBe("step-up");
    expect((await by.send("POST", "/session/passkeys/options", {})).body["rule"]).toBe("step-up");
    expect((await by.send("PUT", path, body, headers)).status).toBe(200);
  });

  it("CLIN-15 by passkey too: its challenge holds the hash of the request", async () => {
    const { by, authenticator } = await withPasskey(admin, "HOPERAT");
    const old = by.cookie;
    expect((await stepUp(by, authenticator, act, "0".repeat(64))).status).toBe(401);
    const done = await stepUp(by, authenticator, act);
    expect([done.status, told(scene.world.a, done)]).toEqual([200, ["step-up success passkey"]]);
    expect((await by.send("PUT", path, { ...body, relationship: "required" }, headers)).body["rule"]).toBe("step-up");
    expect((await by.send("PUT", path, body, headers)).status).toBe(200);
    // The cookie before it is dead, whatever it had been stepped up for.
    expect((await send("GET", path, undefined, withCookie(old, headers))).status).toBe(401);
  });
});

describe("AT-40 AT-41 ways around the cookie", () => {
  const credentials = async ({ member }: Person) => ({
    login: member.login,
    password: PASSWORD,
    totp: await scene.freshCode(member),
  });

  it("AT-40 a sign-in ends the session of the cookie that came along, and a planted one is dead", async () => {
    if (desk === undefined) throw new Error("there is somebody at the desk");
    const { cookie: old } = await seat(desk, "HOPERAT");
    const again = await send("POST", "/session/sign-in", await credentials(desk), withCookie(old));
    expect(told(scene.world.a, again)).toEqual(["sign-in success two-factors", "sign-out success signed-in-anew"]);
    expect((await send("GET", "/session", undefined, withCookie(old))).status).toBe(401);
    const planted = randomBytes(32).toString("base64url");
    const fresh = cookieOf(again);
    expect((await send("GET", "/session", undefined, withCookie(planted))).status).toBe(401);
    // Two cookies are a planted one and ours: neither is believed, and neither is ended.
    const two = { ...withCookie(planted), cookie: `__Host-sid=${planted}; __Host-sid=${fresh}` };
    expect((await send("GET", "/session", undefined, two)).status).toBe(401);
    const third = await send("POST", "/session/sign-in", await credentials(desk), two);
    expect([third.status, [planted, fresh].includes(cookieOf(third))]).toEqual([200, false]);
    expect((await send("GET", "/session", undefined, withCookie(fresh))).status).toBe(200);
  });

  it.each<readonly [string, Record<string, string>]>([
    ["cross-site", { "sec-fetch-site": "cross-site" }],
    ["a sibling site", { "sec-fetch-site": "same-site" }],
    ["a foreign origin in an old browser", { origin: "https://evil.example" }],
  ])("AT-41 no site signs its visitor in as somebody else: %s", async (_title, headers) => {
    for (const [path, sent] of [
      ["/session/sign-in", { login: "somebody", password: PASSWORD, totp: "000000" }],
      ["/session/sign-in/passkey/options", {}],
      ["/session/sign-in/choose", { ticket: "x".repeat(43), tenant: scene.world.a.tenantId }],
    ] as const) {
      const answer = await send("POST", path, sent, headers);
      expect([path, answer.status, answer.headers.getSetCookie()]).toEqual([path, 403, []]);
    }
    const own = await send("POST", "/session/sign-in/passkey/options", {}, { "sec-fetch-site": "same-origin" });
    expect(own.status).toBe(200);
  });

  it("AT-41 a page of another sign-in: 409, an event, and nothing done", async () => {
    const [first, second] = [await seat(doc, "TREAT"), await seat(doc, "TREAT")];
    const stale = { "x-session-tag": String((await first.send("GET", "/session")).body["tag"]) };
    for (const [method, path, body] of [
      ["POST", "/fhir/Patient", { resourceType: "Patient", gender: "female" }],
      ["POST", "/session/sign-out", {}],
      ["GET", "/session", undefined],
    ] as const) {
      const answer = await second.send(method, path, body, stale);
      expect([path, answer.status, answer.text.includes("session-changed")]).toEqual([path, 409, true]);
      const own = eventsAbout(scene.world, scene.world.a.tenantId, answer);
      expect(own.map(({ outcome }) => outcome)).toEqual(path.startsWith("/fhir") ? ["failure"] : []);
    }
    expect((await second.send("GET", "/session")).status).toBe(200);
    expect((await first.send("GET", "/session", undefined, stale)).status).toBe(200);
  });
});

describe("AT-45 a switch of clinics", () => {
  it("AT-45 is a new session with a new id; the old one is dead, and its pages are told", async () => {
    const { a, b } = scene.world;
    const session = await seat(doc, "TREAT", true);
    const before = await session.send("GET", "/session");
    const { clinics } = (await session.send("GET", "/session/clinics")).body as unknown as { clinics: object[] };
    expect(clinics).toEqual([
      { id: a.tenantId, name: "Clinic a", isCurrent: true },
      { id: b.tenantId, name: "Clinic b", isCurrent: false },
    ]);
    const to = (purpose: string) => session.send("POST", "/session/switch", { tenant: b.tenantId, purpose });
    const refused = await to("TREAT");
    expect([refused.status, refused.body["rule"]]).toEqual([422, "purpose-role"]);
    const switched = await to("HPAYMT");
    expect(switched.headers.get("clear-site-data")).toBe('"cache", "storage"');
    expect(switched.body).toMatchObject({ tenant: { id: b.tenantId }, roles: ["billing"], purpose: "HPAYMT" });
    expect(switched.body["expiresAt"]).toBe(before.body["expiresAt"]);
    expect([before.body["steppedUpUntil"] === undefined, switched.body["steppedUpUntil"]]).toEqual([false, undefined]);
    expect([told(a, switched), told(b, switched)]).toEqual([["sign-out success switch"], ["sign-in success switch"]]);
    const [there] = eventsAbout(scene.world, b.tenantId, switched);
    expect(there?.actor).toMatchObject({ user: session.userId, roles: ["billing"] });
    expect((await session.send("GET", "/session")).status).toBe(401);
    const newPage = withCookie(cookieOf(switched), { "x-purpose-of-use": "HPAYMT" });
    const oldPage = { ...newPage, "x-session-tag": String(before.body["tag"]) };
    const late = await send("GET", "/fhir/Patient?name=x", undefined, oldPage);
    expect([late.status, late.text.includes("session-changed")]).toEqual([409, true]);
    expect((await send("GET", "/fhir/Patient?name=x", undefined, newPage)).status).toBe(200);
  });

  it("AT-45 into a clinic of others is refused as unknown, and told at home", async () => {
    const { a, b } = scene.world;
    const session = await seat(nurse, "TREAT");
    const foreign = await session.send("POST", "/session/switch", { tenant: b.tenantId });
    const nowhere = await session.send("POST", "/session/switch", { tenant: "0".repeat(26) });
    expect([foreign.status, foreign.text]).toEqual([404, nowhere.text]);
    expect([told(a, foreign), told(b, foreign)]).toEqual([["sign-in failure not-a-member"], []]);
    expect((await session.send("GET", "/session")).status).toBe(200);
  });

  it("POL-3 changes what a session is for by a new session, and only to what the roles work for", async () => {
    const { a } = scene.world;
    const session = await seat(desk, "HOPERAT");
    const before = (await session.send("GET", "/session")).body as unknown as Record<string, unknown>;
    expect(before["purposes"]).toEqual(["TREAT", "HOPERAT"]);
    expect(before["can"]).toEqual(expect.arrayContaining(["view.read", "Patient.create"]));
    expect(before["can"]).not.toContain("Observation.read");
    const to = (purpose: string) => session.send("POST", "/session/switch", { tenant: a.tenantId, purpose });
    expect((await to("HRESCH")).body["rule"]).toBe("purpose-role");
    const changed = await to("TREAT");
    expect([changed.body["purpose"], told(a, changed)]).toEqual(["TREAT", ["sign-in success purpose"]]);
    expect(changed.body["tag"]).not.toBe(before["tag"]);
    expect((await session.send("GET", "/session")).status).toBe(401);
  });

  it("AT-60 into a suspended clinic opens nothing", async () => {
    const { b } = scene.world;
    const session = await seat(doc, "TREAT");
    await scene.world.setTenantStatus(b.tenantId, "suspended");
    const body = { tenant: b.tenantId, purpose: "HPAYMT" };
    const switched = await session.send("POST", "/session/switch", body);
    expect([switched.status, switched.headers.getSetCookie()]).toEqual([404, []]);
    expect((await session.send("GET", "/session")).body["tenant"]).toMatchObject({ id: scene.world.a.tenantId });
    await scene.world.setTenantStatus(b.tenantId, "active");
  });
});

describe("UIX-5 a sign-out that is overtaken", () => {
  /** The session goes on under a new cookie while a request with the old one is on its way. */
  async function overtake(by: Seat, where: "step-up" | "switch"): Promise<string> {
    const sessions = createSessions(registry.store, scene.clock);
    const digest = sessionDigest(by.cookie);
    const moved =
      where === "step-up"
        ? await sessions.prepareStepUp(digest)
        : await sessions.prepareSwitch(digest, scene.world.b.tenantId, "HPAYMT");
    if (moved?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    await sessions.move(moved);
    return moved.secret;
  }

  it.each(["step-up", "switch"] as const)("by a %s ends what the session has become, and is told", async (where) => {
    const session = await seat(doc, "TREAT");
    const fresh = await overtake(session, where);
    // The old cookie opens nothing, not even for that moment: it only ends.
    for (const [method, path, body] of [
      ["GET", "/session", undefined],
      ["GET", "/session/sign-ins", undefined],
      ["POST", "/session/switch", { tenant: scene.world.a.tenantId, purpose: "TREAT" }],
      ["POST", "/session/step-up", { password: PASSWORD, totp: "000000" }],
    ] as const)
      expect([path, (await session.send(method, path, body)).status]).toEqual([path, 401]);
    expect((await send("GET", "/session", undefined, withCookie(fresh))).status).toBe(200);
    const out = await session.send("POST", "/session/sign-out", {});
    expect([out.status, out.headers.getSetCookie(), out.headers.get("clear-site-data")]).toEqual([
      204,
      ["__Host-sid=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"],
      '"cache", "cookies", "storage"',
    ]);
    expect((await send("GET", "/session", undefined, withCookie(fresh))).status).toBe(401);
    const { a, b } = scene.world;
    expect(told(where === "switch" ? b : a, out)).toEqual(["sign-out success this-session"]);
    expect((await session.send("POST", "/session/sign-out", {})).status).toBe(401);
  });

  it("AT-41 not by another site's page, which ends nothing", async () => {
    const session = await seat(doc, "TREAT");
    const fresh = await overtake(session, "step-up");
    const foreign = await session.send("POST", "/session/sign-out", {}, { "sec-fetch-site": "cross-site" });
    expect([foreign.status, foreign.headers.getSetCookie()]).toEqual([403, []]);
    expect((await send("GET", "/session", undefined, withCookie(fresh))).status).toBe(200);
  });

  it("a step-up that comes after it opens nothing", async () => {
    const session = await seat(doc, "TREAT");
    const sessions = createSessions(registry.store, scene.clock);
    const late = await sessions.prepareStepUp(sessionDigest(session.cookie));
    if (late?.secret === undefined) throw new Error("a cookie's session gets a new secret");
    expect((await session.send("POST", "/session/sign-out", {})).status).toBe(204);
    expect(await sessions.move(late)).toBe(false);
    expect((await send("GET", "/session", undefined, withCookie(late.secret))).status).toBe(401);
  });
});

describe("CLIN-15 the list of open sign-ins", () => {
  it("CLIN-15 shows where somebody is signed in, ends one of them, and all", async () => {
    const { by: here, authenticator } = await withPasskey(admin, "HOPERAT");
    const agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
    const passkey = authenticator.assert(await challenge());
    const phone = cookieOf(await send("POST", "/session/sign-in/passkey", { passkey }, { "user-agent": agent }));
    type Listed = { signIns: { id: string; isThis: boolean; system: string; by: string; clinic: string }[] };
    const { signIns } = (await here.send("GET", "/session/sign-ins")).body as unknown as Listed;
    const shown = signIns.map(({ isThis, system, by, clinic }) => [isThis, system, by, clinic]);
    expect(shown).toContainEqual([true, "other", "password", "Clinic a"]);
    expect(shown).toContainEqual([false, "iOS", "passkey", "Clinic a"]);
    const path = `/session/sign-ins/${signIns.find(({ system }) => system === "iOS")?.id}`;
    expect((await (await seat(nurse, "TREAT")).send("DELETE", path)).status).toBe(404);
    expect((await send("GET", "/session", undefined, withCookie(phone))).status).toBe(200);
    const ended = await here.send("DELETE", path);
    expect([ended.status, told(scene.world.a, ended)]).toEqual([204, ["sign-out success another-session"]]);
    expect((await send("GET", "/session", undefined, withCookie(phone))).status).toBe(401);
    const other = await seat(admin, "HOPERAT");
    expect((await here.send("POST", "/session/sign-out", { everywhere: true })).status).toBe(204);
    expect([(await here.send("GET", "/session")).status, (await other.send("GET", "/session")).status]).toEqual([
      401, 401,
    ]);
  });
});

/** Last: root's signatures are refused once the stage's time has left the machine's. */
describe("AT-47 a session that nobody uses", () => {
  const left = (answer: Answer): number => Number(answer.body["idleLeftMs"]);

  it("AT-47 idles out after fifteen minutes, however often its page asks by itself; who is there goes on", async () => {
    const [idle, used] = [await seat(nurse, "TREAT"), await seat(desk, "TREAT")];
    const poll = () => idle.send("GET", "/session", undefined, { "x-background": "1" });
    const before = left(await idle.send("GET", "/session"));
    const ends = String((await used.send("GET", "/session")).body["expiresAt"]);
    for (const minutes of [5, 10, 14]) {
      const start = minutes === 5 ? 0 : minutes === 10 ? 5 : 10;
      await scene.clock.advance((minutes - start) * MINUTE);
      const polled = await poll();
      expect([minutes, polled.status]).toEqual([minutes, 200]);
      expect(left(polled)).toBeLessThanOrEqual(before - minutes * MINUTE);
      // Nothing outside the session zone keeps a session alive.
      expect((await idle.send("GET", "/fhir/Patient?name=x")).status).toBe(200);
      const there = await used.send("GET", "/session");
      expect([left(there) > 14 * MINUTE, String(there.body["expiresAt"])]).toEqual([true, ends]);
    }
    await scene.clock.advance(MINUTE);
    expect((await poll()).status).toBe(401);
    expect((await idle.send("GET", "/fhir/Patient?name=x")).status).toBe(401);
    expect((await used.send("GET", "/session")).status).toBe(200);
  });
});
