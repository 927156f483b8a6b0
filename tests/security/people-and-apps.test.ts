import { generateKeyPairSync, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actDigest } from "../../core/identity/step-up.ts";
import { totpAt } from "../../core/identity/totp.ts";
import { clientToken } from "../../scripts/cli/sign-in.ts";
import { type Authenticator, createAuthenticator } from "../fixtures/authenticator.ts";
import { joining } from "../fixtures/registry.ts";
import { type Ask, openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { openRegistry } from "./http/members.ts";
import { eventsAbout, registryRows } from "./http/state.ts";
import { type Answer, type Json, newTestId, PASSWORD } from "./world.ts";

/** UIX-1, UIX-7, CLIN-15: who keeps a clinic's people and apps, and everybody who would like to. One stage for all of it. */
let scene: Scene;
let admin: Keeper;
let peer: Keeper;
let other: Person;
/** Hired before time is moved: the operator's token and root's signatures know no other than the machine's. */
let [boss, nurse, desk, doc, auditor, foreign, leaver, resetter, shared]: Person[] = [];

const REASON = { "x-reason": "staff-change" };
const HOPERAT = { purpose: "HOPERAT" } as const;

beforeAll(async () => {
  scene = await openScene();
  const { a, b } = scene.world;
  [boss, nurse, desk, doc, auditor, foreign, leaver, resetter, shared] = [
    await scene.hire(a, ["clinic-administrator"]),
    await scene.hire(a, ["nurse"]),
    await scene.hire(a, ["front-desk"]),
    await scene.hire(a, ["physician"]),
    await scene.hire(a, ["auditor"]),
    await scene.hire(b, ["nurse"]),
    await scene.hire(a, ["nurse"]),
    await scene.hire(a, ["nurse"]),
    await scene.hire(a, ["nurse"]),
  ];
  const registry = openRegistry(scene.world);
  await registry.store.write(joining(person(shared).userId, b.tenantId, ["nurse"]));
  registry.close();
  other = await scene.hire(a, ["clinic-administrator"]);
  admin = await keeper(person(boss));
  peer = await keeper(other);
});
afterAll(() => scene.close());

const person = (one: Person | undefined): Person => {
  if (one === undefined) throw new Error("somebody was hired");
  return one;
};

/** An administrator who shows her passkey where both factors are asked for. */
interface Keeper extends Session {
  readonly authenticator: Authenticator;
}

const cookieOf = (answer: Pick<Answer, "headers">): string =>
  /^__Host-sid=([\w-]{43});/.exec(answer.headers.getSetCookie()[0] ?? "")?.[1] ?? "";
const optionsOf = ({ body }: Answer) => (body as unknown as { options: { challenge: string } }).options;

async function keeper(one: Person): Promise<Keeper> {
  const by = await scene.signInSteppedUp(one, "HOPERAT");
  const authenticator = createAuthenticator(`http://localhost:${new URL(scene.world.stack.endpoint).port}`);
  const options = optionsOf(await by.send("POST", "/session/passkeys/options", { body: {} }));
  const body = { passkey: authenticator.attest(options), name: "Key" };
  const added = await by.send("POST", "/session/passkeys", { body });
  if (added.status !== 201) throw new Error(`the passkey was refused: ${added.status} ${added.text}`);
  return { ...by, authenticator };
}

/** Both factors for one request, and then the request. */
const proven = async (by: Keeper, method: string, path: string, ask: Ask = {}): Promise<Answer> =>
  (await prove(by, method, path, ask))();

async function prove(by: Keeper, method: string, path: string, ask: Ask): Promise<() => Promise<Answer>> {
  const act = actDigest(method, path, ask.body === undefined ? "" : JSON.stringify(ask.body));
  const options = optionsOf(await by.send("POST", "/session/step-up/options", { body: { act } }));
  const stepped = await by.send("POST", "/session/step-up", {
    body: { passkey: by.authenticator.assert(options), act },
  });
  if (stepped.status !== 200) throw new Error(`the step-up was refused: ${stepped.status} ${stepped.text}`);
  by.hold(cookieOf(stepped));
  return () => by.send(method, path, { ...HOPERAT, ...ask, headers: { ...REASON, ...ask.headers } });
}

const versionOf = async (id: string): Promise<number> =>
  Number((await admin.send("GET", `/admin/people/${id}`, HOPERAT)).body["version"]);
const seen = (version: number) => ({ "if-match": `W/"${String(version)}"` });
const told = (answer: Pick<Answer, "headers">, tenantId = scene.world.a.tenantId): string[] =>
  eventsAbout(scene.world, tenantId, answer).map(({ interaction, outcome, stage = "" }) =>
    `${interaction} ${outcome} ${stage}`.trim(),
  );
const THREE = (name: string): string[] => ["start", "approve", "finish"].map((stage) => `${name} success ${stage}`);

/** Rows of the registry that name somebody, as they are stored. */
const stored = (prefix: string, id: string): string[] =>
  registryRows(scene.world).filter((row) => row.includes(`"${prefix}#`) && row.includes(id));

/** The public page: no cookie, and nothing of the secret in an address. */
async function door(path: string, body: unknown): Promise<Answer> {
  const response = await fetch(`${scene.world.stack.endpoint}/session/enrolment${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Json };
}

const invitation = (login: string, roles: readonly string[] = ["nurse"]) => ({
  displayName: `Nadia ${login}`,
  login,
  roles,
});
const invite = (login: string, roles?: readonly string[]) =>
  proven(admin, "POST", "/admin/people", { body: invitation(login, roles) });
/** Rows of the registry in which a word can be read. */
const inClear = (word: string): string[] =>
  registryRows(scene.world).filter((row) =>
    [word, Buffer.from(word).toString("base64").replace(/=+$/, "").slice(0, -1)].some((form) => row.includes(form)),
  );

const codeIn = (answer: Answer): string => String(answer.body["enrolment"]?.["code"]);
const idIn = (answer: Answer): string => String(answer.body["person"]?.["id"]);

async function enrol(code: string, password = PASSWORD): Promise<Answer> {
  const look = await door("", { code });
  if (look.status !== 200) return look;
  const { ticket, totpSecret } = look.body as unknown as { ticket: string; totpSecret: string };
  return door("/password", { code, ticket, password, totp: totpAt(totpSecret, scene.clock.now()) });
}

describe("UIX-1 the administration of a clinic", () => {
  it("is the administrator's: front desk, nurse, physician and auditor are refused everywhere, and told", async () => {
    const victim = person(nurse).userId;
    const acts: readonly (readonly [string, string, unknown?])[] = [
      ["GET", "/admin/people"],
      ["GET", `/admin/people/${victim}`],
      ["POST", "/admin/people", invitation("x.y")],
      ["PUT", `/admin/people/${victim}/roles`, { roles: ["physician"] }],
      ["POST", `/admin/people/${victim}/end`, {}],
      ["POST", `/admin/people/${victim}/code`, {}],
      ["POST", "/admin/people/abilities", { roles: ["physician"] }],
      ["GET", "/admin/apps"],
    ];
    for (const [who, purpose] of [
      [desk, "HOPERAT"],
      [nurse, "TREAT"],
      [doc, "TREAT"],
      [auditor, "HOPERAT"],
    ] as const) {
      const by = await scene.signIn(person(who), purpose);
      for (const [method, path, body] of acts) {
        const ask = { purpose, headers: { ...REASON, ...seen(1) }, ...(body === undefined ? {} : { body }) };
        const answer = await by.send(method, path, ask);
        expect([method, path, answer.status]).toEqual([method, path, 403]);
        expect(told(answer)[0]).toMatch(/^(person|app)\.[a-z-]+ denied$/);
      }
    }
  });

  it("takes no token, and no request of another site", async () => {
    const { a, stack } = scene.world;
    const byToken = await a.doc.send("GET", "/admin/people");
    expect(byToken.status).toBe(401);
    const cross = await fetch(`${stack.endpoint}/admin/people`, {
      method: "POST",
      headers: { cookie: `__Host-sid=${admin.cookie()}`, "sec-fetch-site": "cross-site" },
    });
    expect(cross.status).toBe(403);
  });

  it("wants both factors for this request: none, and those for whatever comes, change nothing", async () => {
    const { userId } = person(desk);
    const path = `/admin/people/${userId}/roles`;
    const ask = { ...HOPERAT, body: { roles: ["billing"] }, headers: { ...REASON, ...seen(await versionOf(userId)) } };
    const bare = await admin.send("PUT", path, ask);
    expect([bare.status, bare.body["rule"], told(bare)]).toEqual([403, "step-up", ["person.change-roles denied"]]);
    expect((await admin.stepUp()).status).toBe(200);
    expect((await admin.send("PUT", path, ask)).body["rule"]).toBe("step-up");
    // For another request than the one that comes.
    await proven(admin, "POST", `/admin/people/${userId}/end`, { body: {}, headers: seen(99) });
    expect((await admin.send("PUT", path, ask)).body["rule"]).toBe("step-up");
    expect(await versionOf(userId)).toBe(1);
  });

  it("UIX-7 wants a reason, and the version that was seen", async () => {
    const path = `/admin/people/${person(desk).userId}/roles`;
    const body = { roles: ["billing"] };
    const bare = await proven(admin, "PUT", path, { body });
    expect([bare.status, bare.body["rule"]]).toEqual([428, "if-match"]);
    const reasonless = await proven(admin, "PUT", path, { body, headers: { ...seen(1), "x-reason": "" } });
    expect(reasonless.status).toBe(400);
    expect((await proven(admin, "PUT", path, { body, headers: seen(7) })).status).toBe(412);
  });

  it("ISO-1 knows nobody of another clinic: the same bytes as for an id that never was", async () => {
    const { userId } = person(foreign);
    const asks = [userId, newTestId()].map((id) => admin.send("GET", `/admin/people/${id}`, HOPERAT));
    const [theirs, nobodys] = await Promise.all(asks);
    expect([theirs?.status, theirs?.text]).toEqual([404, nobodys?.text]);
    for (const act of ["end", "code"]) {
      const [one, two] = [
        await proven(admin, "POST", `/admin/people/${userId}/${act}`, { body: {}, headers: seen(1) }),
        await proven(admin, "POST", `/admin/people/${newTestId()}/${act}`, { body: {}, headers: seen(1) }),
      ];
      expect([act, one.status, one.text]).toEqual([act, 404, two.text]);
    }
    const abilities = await admin.send("POST", "/admin/people/abilities", { ...HOPERAT, body: { person: userId } });
    expect(abilities.status).toBe(404);
  });
});

describe("UIX-7 roles and access", () => {
  it("nobody gives themselves more, nobody gives what is not theirs to give", async () => {
    const path = `/admin/people/${person(boss).userId}/roles`;
    const own = await proven(admin, "PUT", path, { body: { roles: ["physician"] }, headers: seen(1) });
    expect([own.status, own.body["rule"]]).toEqual([422, "own-access"]);
    for (const role of ["platform-operator", "patient", "integration", "assistant", "support", "owner"]) {
      const ask = { ...HOPERAT, body: { roles: [role] }, headers: { ...REASON, ...seen(1) } };
      const answer = await admin.send("PUT", `/admin/people/${person(desk).userId}/roles`, ask);
      expect([role, answer.status]).toEqual([role, 400]);
    }
  });

  it("a change holds at the next request, says what it was, and a stale one is refused", async () => {
    const { userId } = person(desk);
    const by = await scene.signIn(person(desk), "HOPERAT");
    const search = { purpose: "HOPERAT", body: { text: "nobody" } };
    expect((await by.send("POST", "/clinic/patients/search", search)).status).toBe(200);
    const path = `/admin/people/${userId}/roles`;
    const changed = await proven(admin, "PUT", path, { body: { roles: ["billing"] }, headers: seen(1) });
    expect([changed.status, changed.body["roles"], changed.headers.get("etag")]).toEqual([200, ["billing"], 'W/"2"']);
    expect(told(changed)).toEqual(THREE("person.change-roles"));
    expect((await by.send("POST", "/clinic/patients/search", search)).status).toBe(403);
    expect((await proven(admin, "PUT", path, { body: { roles: ["nurse"] }, headers: seen(1) })).status).toBe(412);
  });

  it("who is ended is out at the next request, stays out, and comes back only with a new sign-in", async () => {
    const one = person(leaver);
    const path = `/admin/people/${one.userId}`;
    const before = await admin.send("GET", path, HOPERAT);
    expect(before.body).toMatchObject({ state: "active", openSignIns: 0, factors: { password: true, passkeys: 0 } });
    const by = await scene.signIn(one, "TREAT");
    expect((await admin.send("GET", path, HOPERAT)).body).toMatchObject({ openSignIns: 1 });
    expect((await by.send("GET", "/session")).status).toBe(200);
    const ended = await proven(admin, "POST", `${path}/end`, { body: {}, headers: seen(1) });
    expect([ended.status, ended.body["state"], ended.body["openSignIns"]]).toEqual([200, "ended", 0]);
    expect((await by.send("GET", "/clinic/people", { purpose: "TREAT" })).status).toBe(401);
    await expect(scene.signIn(one, "TREAT")).rejects.toThrow("401");
    const restored = await proven(admin, "POST", `${path}/restore`, { body: {}, headers: seen(2) });
    expect(restored.body).toMatchObject({ state: "active", version: 3 });
    expect((await by.send("GET", "/clinic/people", { purpose: "TREAT" })).status).toBe(401);
    const again = await scene.signIn(one, "TREAT");
    expect((await again.send("GET", "/clinic/people", { purpose: "TREAT" })).status).toBe(200);
    const all = await proven(admin, "POST", `${path}/sign-ins/end`, { body: {}, headers: seen(3) });
    expect([all.status, all.body["openSignIns"], told(all)]).toEqual([200, 0, THREE("person.end-sign-ins")]);
    expect((await again.send("GET", "/clinic/people", { purpose: "TREAT" })).status).toBe(401);
  });

  it("of two administrators who end each other at once, one stays", async () => {
    const ask = { body: {}, headers: seen(1) };
    const endOther = await prove(admin, "POST", `/admin/people/${other.userId}/end`, ask);
    const endBoss = await prove(peer, "POST", `/admin/people/${person(boss).userId}/end`, ask);
    const [mine, theirs] = await Promise.all([endOther(), endBoss()]);
    const statuses = [mine.status, theirs.status].toSorted((left, right) => left - right);
    expect(statuses[0]).toBe(200);
    expect([401, 403, 422]).toContain(statuses[1]);
    const standing = [person(boss), other].map(({ userId }) => stored("PEOPLE", `M#${userId}`).join(""));
    expect(standing.filter((row) => row.includes('"active"'))).toHaveLength(1);
    if (mine.status !== 200) admin = peer;
  });
});

describe("CLIN-15 an invitation", () => {
  it("shows its code once, keeps its hash, and opens one account once", async () => {
    const invited = await invite("nadia.once");
    expect([invited.status, told(invited)]).toEqual([201, THREE("person.invite")]);
    const code = codeIn(invited);
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/);
    const id = idIn(invited);
    expect(stored("ACCOUNT", id)).toHaveLength(1);
    // Neither her words nor the code, in any row: the answer that is kept for a repeat is among them.
    for (const word of ["nadia.once", "Nadia nadia", code.replaceAll("-", "")]) expect(inClear(word), word).toEqual([]);
    expect((await admin.send("GET", `/admin/people/${id}`, HOPERAT)).body).toMatchObject({
      state: "invited",
      code: { for: "invite" },
    });
    const look = await door("", { code: code.toLowerCase() });
    expect(look.body).toMatchObject({ login: "nadia.once", for: "invite", clinic: "Clinic a" });
    const wrong = await door("/password", {
      code,
      ticket: String(look.body["ticket"]),
      password: PASSWORD,
      totp: "000000",
    });
    expect([wrong.status, wrong.body["rule"]]).toEqual([422, "enrolment-totp"]);
    const done = await enrol(code);
    expect([done.status, done.body["roles"]]).toEqual([200, ["nurse"]]);
    expect(done.headers.getSetCookie()[0]).toMatch(/^__Host-sid=/);
    expect(told(done).toSorted()).toEqual(["person.enrol success", "sign-in success"]);
    const again = await enrol(code);
    expect([again.status, again.body["rule"]]).toEqual([422, "enrolment-code"]);
    const after = await admin.send("GET", `/admin/people/${id}`, HOPERAT);
    expect(after.body).toMatchObject({ state: "active", openSignIns: 1, factors: { password: true, passkeys: 0 } });
    expect(after.body["code"]).toBeUndefined();
  });

  it("refuses a code that was taken back, was guessed, or whose person was ended: the same bytes for each", async () => {
    const [ended, replaced] = [await invite("n.ended"), await invite("n.replaced")];
    await proven(admin, "POST", `/admin/people/${idIn(ended)}/end`, { body: {}, headers: seen(1) });
    const next = await proven(admin, "POST", `/admin/people/${idIn(replaced)}/code`, { body: {} });
    expect([next.status, next.body["person"]?.["code"]?.["for"]]).toEqual([200, "invite"]);
    const guessed = "0".repeat(25);
    const refusals = [await door("", { code: codeIn(ended) }), await door("", { code: codeIn(replaced) })];
    refusals.push(await door("", { code: guessed }));
    expect((await door("", { code: codeIn(next) })).status).toBe(200);
    expect(new Set(refusals.map(({ status, text }) => `${String(status)} ${text}`)).size).toBe(1);
    expect(refusals[0]?.body["rule"]).toBe("enrolment-code");
  });

  it("nobody signs in by an invitation alone, and two who use one code at once are one", async () => {
    const invited = await invite("n.race");
    const looks = await Promise.all([1, 2].map(() => door("", { code: codeIn(invited) })));
    const tries = await Promise.all(
      looks.map(({ body }) =>
        door("/password", {
          code: codeIn(invited),
          ticket: String(body["ticket"]),
          password: PASSWORD,
          totp: totpAt(String(body["totpSecret"]), scene.clock.now()),
        }),
      ),
    );
    expect(tries.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 422]);
  });

  it("a repeat under the same key makes nobody twice, and shows no code again", async () => {
    const headers = { "idempotency-key": randomBytes(16).toString("hex") };
    const body = invitation("n.repeat");
    const first = await proven(admin, "POST", "/admin/people", { body, headers });
    const second = await admin.send("POST", "/admin/people", { ...HOPERAT, body, headers: { ...REASON, ...headers } });
    expect([first.status, second.status, idIn(second)]).toEqual([201, 201, idIn(first)]);
    expect(second.body["enrolment"]).toBeUndefined();
    expect(second.body["person"]).toEqual(first.body["person"]);
    expect(inClear("n.repeat")).toEqual([]);
  });

  it("takes no login that is somebody's, and says so only to whom holds the code", async () => {
    const taken = await enrol(codeIn(await invite(person(nurse).member.login)));
    expect([taken.status, taken.body["rule"]]).toEqual([412, "login-taken"]);
  });
});

describe("CLIN-15 factors set anew", () => {
  it("close what there was at once, and open with the code alone", async () => {
    const one = person(resetter);
    const by = await scene.signIn(one, "TREAT");
    const reset = await proven(admin, "POST", `/admin/people/${one.userId}/code`, { body: {} });
    expect([reset.status, told(reset)]).toEqual([200, THREE("person.reset")]);
    expect((await by.send("GET", "/clinic/people", { purpose: "TREAT" })).status).toBe(401);
    await expect(scene.signIn(one, "TREAT")).rejects.toThrow("401");
    const look = await door("", { code: codeIn(reset) });
    expect(look.body["for"]).toBe("reset");
    const newPassword = "another long password entirely";
    expect((await enrol(codeIn(reset), newPassword)).status).toBe(200);
    // What she had before opens nothing any more.
    await expect(scene.signIn(one, "TREAT")).rejects.toThrow("401");
  });

  it("are no clinic's to set where the account opens another one, and not one's own", async () => {
    const refused = await proven(admin, "POST", `/admin/people/${person(shared).userId}/code`, { body: {} });
    expect([refused.status, refused.body["rule"]]).toEqual([422, "factors-elsewhere"]);
    const own = await proven(admin, "POST", `/admin/people/${admin.userId}/code`, { body: {} });
    expect(own.body["rule"]).toBe("own-access");
  });
});

describe("POL-1 what a person can see", () => {
  it("is what policy says, and tells what a change gives and takes", async () => {
    const body = { person: person(nurse).userId, roles: ["billing"] };
    const { status, body: answer } = await admin.send("POST", "/admin/people/abilities", { ...HOPERAT, body });
    expect(status).toBe(200);
    const { gains, loses } = answer as unknown as Record<"gains" | "loses", { reach: { area: string; act: string }[] }>;
    expect(gains.reach.map(({ area, act }) => `${area} ${act}`)).toContain("billing write");
    expect(loses.reach.map(({ area, act }) => `${area} ${act}`)).toContain("clinical see");
    expect(loses.reach.map(({ area }) => area)).not.toContain("billing");
    const { body: fresh } = await admin.send("POST", "/admin/people/abilities", {
      ...HOPERAT,
      body: { roles: ["nurse"] },
    });
    const { wanted, now } = fresh as unknown as { wanted: { reach: object[] }; now?: object };
    expect([now, wanted.reach.length > 0]).toEqual([undefined, true]);
  });
});

const newKey = (kid: string) => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const { d = "" } = privateKey.export({ format: "jwk" });
  const jwk = { kty: "EC", crv: "P-256", x, y, kid } as const;
  return { privateJwk: { ...jwk, d }, jwk };
};

describe("UIX-7 apps", () => {
  const first = newKey("first");
  const next = newKey("next");
  const app = (more: Record<string, unknown> = {}) => ({
    name: "Laboratory",
    kind: "backend",
    role: "integration",
    scopes: ["system/*.cruds"],
    purposes: ["HOPERAT"],
    keys: [first.jwk],
    ...more,
  });
  const register = (more?: Record<string, unknown>) =>
    proven(admin, "POST", "/admin/apps", { body: app(more), headers: { "x-reason": "clinic-request" } });
  const ask = async (clientId: string, privateJwk: typeof first.privateJwk, scope = "system/*.cruds") => {
    const { stack } = scene.world;
    const token = await clientToken(stack.endpoint, { clientId, privateJwk }, scope, scene.clock.now());
    return scene.world.caller(token);
  };
  const read = async (clientId: string, key = first.privateJwk) =>
    (await ask(clientId, key)).send("GET", "/fhir/Patient?name=x");

  it("are refused where a scope, an address, a key or a role is not of their kind", async () => {
    const code = { kind: "public", role: undefined, keys: [], scopes: ["user/*.rs"] };
    const wrong: readonly Record<string, unknown>[] = [
      { role: "physician" },
      { scopes: ["platform"] },
      { scopes: ["user/*.cruds"] },
      { keys: [] },
      { redirectUris: ["https://lab.example.org/cb"] },
      { purposes: [] },
      { ...code, redirectUris: ["http://lab.example.org/cb"] },
      { ...code, redirectUris: ["http://localhost/cb"] },
      { ...code, redirectUris: ["https://user:pass@lab.example.org/cb"] },
      { ...code, redirectUris: ["https://lab.example.org/cb#x"] },
      { ...code, redirectUris: ["https://*.example.org/cb"] },
      { ...code, redirectUris: ["javascript:alert(1)"] },
      { ...code, redirectUris: ["http://127.0.0.1/cb", "https://lab.example.org/cb"] },
      { ...code, redirectUris: [] },
    ];
    for (const more of wrong) {
      const answer = await admin.send("POST", "/admin/apps", { ...HOPERAT, body: app(more), headers: REASON });
      expect([more, answer.status]).toEqual([more, 400]);
    }
    const good = await register({ ...code, redirectUris: ["https://lab.example.org/cb"] });
    expect([good.status, good.body["kind"], good.body["state"]]).toEqual([201, "public", "active"]);
  });

  it("work with their key, for what they were registered for, and stop at the next request", async () => {
    const made = await register();
    expect([made.status, told(made)]).toEqual([201, THREE("app.register")]);
    const id = String(made.body["id"]);
    const path = `/admin/apps/${id}`;
    const by = await ask(id, first.privateJwk);
    expect((await by.send("GET", "/fhir/Patient?name=x")).status).toBe(200);
    // Not registered for it.
    const research = { headers: { "x-purpose-of-use": "HRESCH" } };
    expect((await by.send("GET", "/fhir/Patient?name=x", research)).status).toBe(400);

    const reading = { name: "Laboratory", scopes: ["system/*.rs"], purposes: ["HOPERAT"], redirectUris: [] };
    expect((await proven(admin, "PUT", path, { body: reading, headers: seen(1) })).status).toBe(200);
    await scene.clock.advance(6_000);
    const patient = { resourceType: "Patient", name: [{ family: "Row" }] };
    expect((await by.send("POST", "/fhir/Patient", { body: patient })).status).toBe(403);
    const readOnly = await ask(id, first.privateJwk, "system/*.rs");
    expect((await readOnly.send("GET", "/fhir/Patient?name=x")).status).toBe(200);
    expect((await readOnly.send("POST", "/fhir/Patient", { body: patient })).status).toBe(403);

    const suspended = await proven(admin, "POST", `${path}/suspend`, { body: {}, headers: seen(2) });
    expect(suspended.body["state"]).toBe("suspended");
    expect((await readOnly.send("GET", "/clinic/people")).status).toBe(401);
    await expect(read(id)).rejects.toThrow();
    expect((await proven(admin, "POST", `${path}/resume`, { body: {}, headers: seen(2) })).status).toBe(412);
    expect((await proven(admin, "POST", `${path}/resume`, { body: {}, headers: seen(3) })).status).toBe(200);
  });

  it("change their keys without a gap: the new one first, the old one out, and the last one stays", async () => {
    const id = String((await register()).body["id"]);
    const path = `/admin/apps/${id}`;
    expect(
      (await proven(admin, "POST", `${path}/keys/first/revoke`, { body: {}, headers: seen(1) })).body["rule"],
    ).toBe("key-last");
    const body = { key: next.jwk };
    expect((await proven(admin, "POST", `${path}/keys`, { body, headers: seen(1) })).status).toBe(200);
    expect((await proven(admin, "POST", `${path}/keys`, { body, headers: seen(2) })).body["rule"]).toBe("key-known");
    expect((await read(id, next.privateJwk)).status).toBe(200);
    const out = await proven(admin, "POST", `${path}/keys/first/revoke`, { body: {}, headers: seen(2) });
    expect(out.body["keys"]).toMatchObject([{ kid: "next" }]);
    await expect(read(id)).rejects.toThrow();
    expect((await read(id, next.privateJwk)).status).toBe(200);
  });
});
