import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { totpAt } from "../../core/identity/totp.ts";
import { newClientKey } from "../../scripts/cli/sign-in.ts";
import { openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { eventsAbout, eventsOf } from "./http/state.ts";
import { type Answer, canaryPatient, PASSWORD } from "./world.ts";

/**
 * CLIN-15: both factors again, for what lets somebody see more: bound to one session, for five minutes, with a code that
 * opens nothing else. POL-3: what a session is for is said at sign-in or with each request, and never assumed.
 */
let scene: Scene;
let patient: string;
/** Of a token's session, at the moment at which it signed in: the CLI knows no other time than the machine's. */
let byToken: Answer;
beforeAll(async () => {
  scene = await openScene();
  const { a } = scene.world;
  const { totpSecret } = a.member("physician");
  byToken = await a.doc.send("POST", "/session/step-up", {
    body: { password: PASSWORD, totp: totpAt(totpSecret, scene.clock.now() + 30_000) },
  });
  const made = await a.doc.send("POST", "/fhir/Patient", {
    body: canaryPatient(a),
    headers: { "x-purpose-of-use": "TREAT" },
  });
  patient = String(made.body["id"]);
});
afterAll(() => scene.close());

const told = (answer: Pick<Answer, "headers">): string[] =>
  eventsAbout(scene.world, scene.world.a.tenantId, answer).map(
    ({ interaction, outcome }) => `${interaction} ${outcome}`,
  );
/** What only a session that is stepped up may do, and may do again. */
const settings = (by: Session) =>
  by.send("PUT", "/clinic/settings/privacy", {
    purpose: "HOPERAT",
    headers: { "x-reason": "maintenance" },
    body: { relationship: "open", privacyOfficers: [] },
  });
const administrator = (): Promise<Person> => scene.hire(scene.world.a, ["clinic-administrator"]);

describe("CLIN-15 a step-up over HTTP", () => {
  it("works for a token's session too, which keeps its token", async () => {
    expect([byToken.status, byToken.headers.getSetCookie(), told(byToken)]).toEqual([200, [], ["step-up success"]]);
    const { doc } = scene.world.a;
    const answer = await doc.send("POST", "/clinic/break-glass", {
      body: { patient, reason: { code: "immediate-care", text: "found unresponsive in the waiting room" } },
      headers: { "x-purpose-of-use": "TREAT" },
    });
    expect(answer.status).toBe(201);
  });

  it("opens what asks for it, for five minutes and to the millisecond", async () => {
    const admin = await scene.signIn(await administrator());
    expect((await settings(admin)).body["rule"]).toBe("step-up");
    const stepped = await admin.stepUp();
    expect([stepped.status, told(stepped)]).toEqual([200, ["step-up success"]]);
    const { steppedUpAt, expiresAt } = stepped.body as unknown as { steppedUpAt: string; expiresAt: string };
    expect(Date.parse(expiresAt) - Date.parse(steppedUpAt)).toBe(5 * 60_000);
    expect((await settings(admin)).status).toBe(200);
    await scene.clock.advance(5 * 60_000);
    expect((await settings(admin)).body["rule"]).toBe("step-up");
  });

  it("gives the session a new cookie, and the old one is dead at once", async () => {
    const person = await administrator();
    const admin = await scene.signIn(person, "HOPERAT");
    const before = await admin.send("GET", "/session");
    const old = admin.cookie();
    const answer = await admin.stepUp();
    const [line = ""] = answer.headers.getSetCookie();
    expect(line).toMatch(/^__Host-sid=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    expect(admin.cookie()).not.toBe(old);
    const { userId } = person;
    const after = await admin.send("GET", "/session");
    expect(after.body).toMatchObject({ user: { id: userId }, purpose: "HOPERAT", expiresAt: before.body["expiresAt"] });
    for (const path of ["/session", "/clinic/settings/privacy", `/fhir/Patient/${patient}`]) {
      const replayed = await fetch(`${scene.world.stack.endpoint}${path}`, {
        headers: { cookie: `__Host-sid=${old}` },
      });
      expect([path, replayed.status]).toEqual([path, 401]);
    }
  });

  it("is worth nothing to another session of the same member", async () => {
    const person = await administrator();
    const one = await scene.signInSteppedUp(person);
    const other = await scene.signIn(person);
    expect([(await settings(one)).status, (await settings(other)).status]).toEqual([200, 403]);
  });

  it("takes no code twice: not the sign-in's, and not its own", async () => {
    const person = await administrator();
    const code = await scene.freshCode(person.member);
    const first = await scene.signIn(person);
    expect((await first.stepUp({ totp: code })).status).toBe(401);
    const fresh = await scene.freshCode(person.member);
    expect((await first.stepUp({ totp: fresh })).status).toBe(200);
    const replayed = await first.stepUp({ totp: fresh });
    expect([replayed.status, told(replayed)]).toEqual([401, ["step-up failure"]]);
  });

  it("after five wrong tries waits, and tells of none that it did not look at", async () => {
    const person = await administrator();
    const admin = await scene.signIn(person);
    const code = await scene.freshCode(person.member);
    for (let tries = 0; tries < 5; tries += 1) {
      const wrong = await admin.stepUp({ password: "a wrong password, and long", totp: code });
      expect([wrong.status, told(wrong)]).toEqual([401, ["step-up failure"]]);
    }
    const braked = await admin.stepUp({ totp: code });
    expect([braked.status, told(braked)]).toEqual([429, []]);
    expect(Number(braked.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await admin.send("GET", "/session")).status).toBe(200);
    await scene.clock.advance(31_000);
    expect((await admin.stepUp()).status).toBe(200);
  });

  it("is nothing for a system", async () => {
    const answer = await scene.world.a.importer.send("POST", "/session/step-up", {
      body: { password: PASSWORD, totp: "123456" },
    });
    expect([answer.status, answer.body["rule"]]).toEqual([422, "no-step-up"]);
  });

  it.each([
    ["a login", { login: "a.doc", password: PASSWORD, totp: "123456" }],
    ["no code", { password: PASSWORD }],
    ["a code of letters", { password: PASSWORD, totp: "abcdef" }],
  ])("takes no body with %s", async (_title, body) => {
    const admin = await scene.signIn(await administrator());
    expect((await admin.send("POST", "/session/step-up", { body })).status).toBe(400);
  });

  it("leaves neither factor in an event", () => {
    const lines = eventsOf(scene.world, scene.world.a.tenantId).map(({ line }) => line);
    expect(lines.filter((line) => line.includes(PASSWORD) || line.includes("wrong password"))).toEqual([]);
  });
});

describe("POL-3 what a request is for", () => {
  const read = (by: Session, purpose?: string) =>
    by.send("GET", `/fhir/Patient/${patient}`, purpose === undefined ? {} : { purpose });
  const list = (by: Session, purpose?: string) =>
    by.send("GET", "/clinic/delegations", purpose === undefined ? {} : { purpose });

  it("POL-3 is said, or the request is refused, in every zone with records, and leaves an event", async () => {
    const doc = await scene.signIn(await scene.hire(scene.world.a, ["physician"]));
    for (const answer of [await read(doc), await list(doc)]) {
      expect(answer.status).toBe(400);
      expect(answer.text).toContain("purpose-required");
      expect(eventsAbout(scene.world, scene.world.a.tenantId, answer)).toMatchObject([{ outcome: "denied" }]);
    }
    for (const answer of [await read(doc, "CURIOSITY"), await list(doc, "CURIOSITY")]) expect(answer.status).toBe(400);
  });

  it("POL-3 may be declared at sign-in, and is recorded with each request", async () => {
    const doc = await scene.signIn(await scene.hire(scene.world.a, ["physician"]), "TREAT");
    for (const answer of [await read(doc), await list(doc)]) {
      expect(answer.status).toBe(200);
      expect(eventsAbout(scene.world, scene.world.a.tenantId, answer)).toMatchObject([{ purpose: "TREAT" }]);
    }
  });

  it("POL-3 a header says another for one request, and only one that the roles work for", async () => {
    const doc = await scene.signIn(await scene.hire(scene.world.a, ["physician"]), "TREAT");
    expect((await read(doc, "HPAYMT")).status).toBe(403);
    const bill = await scene.signIn(await scene.hire(scene.world.a, ["billing"]), "TREAT");
    expect([(await read(bill)).status, (await read(bill, "HPAYMT")).status]).toEqual([403, 200]);
  });

  it("POL-3 a session cannot be declared for an emergency", async () => {
    const person = await scene.hire(scene.world.a, ["physician"]);
    await expect(scene.signIn(person, "ETREAT")).rejects.toThrow("400");
  });

  it.each(["ETREAT", "CURIOSITY"])("POL-3 a system is not registered for %s", async (purpose) => {
    const { world } = scene;
    const { status } = await world.operator.send("POST", `/platform/tenants/${world.a.tenantId}/clients`, {
      body: { name: "exchange", roles: ["integration"], jwks: { keys: [newClientKey().publicJwk] }, purpose },
    });
    expect(status).toBe(400);
  });
});
