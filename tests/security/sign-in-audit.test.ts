import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { totpAt } from "../../core/identity/totp.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { joining } from "../fixtures/registry.ts";
import type { Member } from "../../scripts/cli/profile.ts";
import { clientToken, newClientKey } from "../../scripts/cli/sign-in.ts";
import { brokenChains } from "../functions/runtime/trails.ts";
import { itemsOf } from "./aws.ts";
import { addMember, openRegistry, signMember } from "./http/members.ts";
import { eventsAbout, eventsOf, registryRows } from "./http/state.ts";
import { type Attempt, DOORS } from "./sign-in-audit/doors.ts";
import { type Answer, type Clinic, newTestId, PASSWORD, startWorld, type World } from "./world.ts";

/**
 * Sign-in and administration leave their events in the trail of the clinic that they are about, through every door:
 * failed logins, denials, acts of operators (AUD-1, AUD-8). Without the event nothing is given and nothing is done.
 */
let world: World;
/** The trails as the set-up of the two clinics has left them. */
let begun: { readonly a: string[]; readonly b: string[] };
const WRONG = "a wrong password, and long";

/** An administrative act is begun, approved and finished: three events. */
const staged = (act: string, end: "success" | "failure" = "success"): string[] => [
  `${act} success`,
  `${act} success`,
  `${act} ${end}`,
];

const told = ({ tenantId }: Clinic): string[] =>
  eventsOf(world, tenantId).map(({ event }) => `${event.interaction} ${event.outcome}`);
/** The events that one request left in each clinic. */
const left = (answer: Pick<Answer, "headers">) => {
  const of = ({ tenantId }: Clinic): string[] =>
    eventsAbout(world, tenantId, answer).map(({ interaction, outcome }) => `${interaction} ${outcome}`);
  return { a: of(world.a), b: of(world.b) };
};
/** Sessions of the registry, as many as there are. */
const sessions = (): number => itemsOf(world, "registry").filter(({ pk }) => pk?.S?.startsWith("SESSION#")).length;
const sessionLog = (): readonly string[] => world.stack.logs().get("keyward-dev-session") ?? [];

const rightOf = ({ login, password, totpSecret }: Member, aheadMs = 0): Attempt => ({
  login,
  password,
  totp: totpAt(totpSecret, Date.now() + aheadMs),
});
let members = 0;
async function memberOf({ tenantId }: Clinic, roles = ["nurse"]) {
  members += 1;
  return addMember(world, { tenantId, login: `canary.member${members}`, roles });
}

beforeAll(async () => {
  world = await startWorld({ throttle: { ratePerSecond: 10_000, burst: 5_000 } });
  begun = { a: told(world.a), b: told(world.b) };
});
afterAll(() => world.close());

describe("AUD-8 what a clinic's trail holds when it begins", () => {
  it("is how it was made, who was added, and who has signed in, each once and in this order", () => {
    const member = [...staged("user.add"), "sign-in success"];
    const made = [...staged("tenant.create"), ...staged("client.add")];
    const expected = [...made, ...member, ...member, ...member, "token success"];
    expect(begun).toEqual({ a: expected, b: expected });
  });

  it("is told of the operator by the operator's own id, and of the roles that were given nothing in the clear", () => {
    const acts = eventsOf(world, world.a.tenantId).filter(({ event }) => event.interaction === "user.add");
    const operators = new Set(acts.map(({ event }) => event.actor.user));
    expect(operators.size).toBe(1);
    for (const { event, line } of acts) {
      expect(event.actor).toMatchObject({ kind: "client", roles: ["platform-operator"] });
      expect(event.decision.rules).toEqual(["operator-tenancy"]);
      expect(event.entities).toEqual([{ type: "User", id: expect.stringMatching(/^[0-9a-z]{26}$/) as string }]);
      expect(line).not.toContain("physician");
    }
  });
});

describe.each(DOORS)("AUD-8 $door", ({ client, enter, refusal, entry }) => {
  it("a sign-in leaves one event, in the clinic that is signed in to", async () => {
    const { member, userId } = await memberOf(world.a);
    const answer = await enter(world, rightOf(member));
    expect([answer.status, answer.isIn, left(answer)]).toEqual([entry, true, { a: ["sign-in success"], b: [] }]);
    expect(eventsAbout(world, world.a.tenantId, answer)[0]).toMatchObject({
      actor: { user: userId, kind: "user", roles: ["nurse"], client },
      decision: { id: "sign-in", rules: ["two-factors"] },
    });
  });

  it.each<[string, (member: Member) => Attempt]>([
    ["a wrong password", (member) => ({ ...rightOf(member), password: WRONG })],
    ["a wrong code", (member) => ({ ...rightOf(member), totp: "000000" })],
    ["a clinic of others", (member) => ({ ...rightOf(member), tenant: world.b.tenantId })],
  ])("%s of a known login leaves one failure in the clinic that knows it", async (_title, attempt) => {
    const { member, userId } = await memberOf(world.a);
    const answer = await enter(world, attempt(member));
    expect([answer.status, answer.isIn, left(answer)]).toEqual([refusal, false, { a: ["sign-in failure"], b: [] }]);
    expect(eventsAbout(world, world.a.tenantId, answer)[0]?.actor).toEqual({
      user: userId,
      kind: "user",
      roles: [],
      client,
      session: "none",
    });
    expect(answer.text).not.toContain(userId);
    expect(answer.text).not.toContain(world.a.tenantId);
  });

  it("an unknown login leaves no event anywhere, and a line in the log that does not name it", async () => {
    const before = [itemsOf(world, "outbox").length, sessionLog().length] as const;
    const login = `canary.unknown${newTestId()}`;
    const answer = await enter(world, { login, password: PASSWORD, totp: "123456" });
    expect([answer.status, answer.isIn, itemsOf(world, "outbox").length]).toEqual([refusal, false, before[0]]);
    const lines = sessionLog().slice(before[1]).join("\n");
    expect(lines).toMatch(/"message":"sign-in".*"failure":"unauthenticated"/);
    expect(lines).not.toContain(login);
  });

  it("a user of two clinics is told in both of a failure, and of a sign-in in the one that was named", async () => {
    const { member, userId } = await memberOf(world.a);
    await joinClinic(userId, world.b.tenantId);
    const failed = await enter(world, { ...rightOf(member), password: WRONG });
    const unnamed = await enter(world, rightOf(member));
    const named = await enter(world, { ...rightOf(member, 30_000), tenant: world.b.tenantId });
    const both = { a: ["sign-in failure"], b: ["sign-in failure"] };
    expect([left(failed), left(unnamed), left(named)]).toEqual([both, both, { a: [], b: ["sign-in success"] }]);
    const [event] = eventsAbout(world, world.a.tenantId, unnamed);
    expect(event?.decision.rules).toEqual(["tenant-not-named"]);
    expect([failed.isIn, unnamed.isIn, named.isIn]).toEqual([false, false, true]);
  });
});

async function joinClinic(userId: string, tenantId: TenantId): Promise<void> {
  const registry = openRegistry(world);
  await registry.store.write(joining(userId, tenantId, ["nurse"]));
  registry.close();
}

describe("AUD-8 a sign-out", () => {
  it("leaves one event in the clinic of the session", async () => {
    const { caller } = await signMember(world, {
      tenantId: world.a.tenantId,
      login: "canary.leaver",
      roles: ["nurse"],
    });
    const answer = await caller.send("POST", "/session/sign-out", { body: {} });
    expect([answer.status, left(answer)]).toEqual([204, { a: ["sign-out success"], b: [] }]);
    const [event] = eventsAbout(world, world.a.tenantId, answer);
    expect(event?.entities).toEqual([{ type: "Session", id: event?.actor.session }]);
  });

  it("everywhere leaves one in each clinic where it ends a session, without what the user is in the other", async () => {
    const { member, userId } = await memberOf(world.a, ["physician"]);
    const [{ enter }] = DOORS;
    const own = await enter(world, rightOf(member));
    await joinClinic(userId, world.b.tenantId);
    await enter(world, { ...rightOf(member, 30_000), tenant: world.b.tenantId });
    const [cookie = ""] = own.headers.getSetCookie();
    const answer = await fetch(`${world.stack.endpoint}/session/sign-out`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        cookie: cookie.split(";")[0] ?? "",
        "sec-fetch-site": "same-origin",
      },
      body: JSON.stringify({ everywhere: true }),
    });
    expect([answer.status, left(answer)]).toEqual([204, { a: ["sign-out success"], b: ["sign-out success"] }]);
    const roles = [world.a, world.b].map(({ tenantId }) => eventsAbout(world, tenantId, answer)[0]?.actor.roles);
    expect(roles).toEqual([["physician"], []]);
  });
});

describe("AUD-8 a token of a system", () => {
  it("refused leaves one failure with its client, and granted one success", async () => {
    const before = { a: told(world.a), b: told(world.b) };
    const key = newClientKey();
    const { body } = await world.operator.send("POST", `/platform/tenants/${world.b.tenantId}/clients`, {
      body: { name: "importer", roles: ["integration"], jwks: { keys: [key.publicJwk] } },
    });
    const client = { clientId: String(body["clientId"]), privateJwk: key.privateJwk };
    const stolen = { ...client, privateJwk: { ...newClientKey().privateJwk, kid: key.privateJwk["kid"] } };
    await expect(clientToken(world.stack.endpoint, stolen, "system/*.cruds")).rejects.toThrow("refused");
    await clientToken(world.stack.endpoint, client, "system/*.cruds");
    const added = told(world.b).slice(before.b.length);
    expect(added.toSorted()).toEqual([...staged("client.add"), "token failure", "token success"]);
    expect(told(world.a)).toEqual(before.a);
  });
});

describe("AUD-8 administration", () => {
  const usersOf = (tenantId: string): string => `/platform/tenants/${tenantId}/users`;
  const newUser = (login: string) => ({ login, displayName: "N", roles: ["nurse"], password: PASSWORD });

  it("leaves its three events in the tenant that it is done to, and a reading one", async () => {
    const path = `/platform/tenants/${world.a.tenantId}`;
    const jwks = { keys: [newClientKey().publicJwk] };
    const user = await world.operator.send("POST", `${path}/users`, { body: newUser("canary.added") });
    const client = await world.operator.send("POST", `${path}/clients`, {
      body: { name: "c", roles: ["integration"], jwks },
    });
    const keys = await world.operator.send("GET", `${path}/keys`);
    expect([user, client, keys].map((answer) => [answer.status, left(answer)])).toEqual([
      [201, { a: staged("user.add"), b: [] }],
      [201, { a: staged("client.add"), b: [] }],
      [200, { a: ["key.list success"], b: [] }],
    ]);
    const [event] = eventsAbout(world, world.a.tenantId, user);
    expect(event?.entities).toEqual([{ type: "User", id: user.body["userId"] }]);
  });

  it("leaves no second event for a repeat that is answered from memory", async () => {
    const headers = { "idempotency-key": newTestId() };
    const ask = () =>
      world.operator.send("POST", usersOf(world.a.tenantId), { body: newUser("canary.repeat"), headers });
    const [first, second] = [await ask(), await ask()];
    expect([left(first).a, left(second).a]).toEqual([staged("user.add"), []]);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
  });

  it("that fails says so in its last event", async () => {
    const { member } = await memberOf(world.b);
    const answer = await world.operator.send("POST", usersOf(world.a.tenantId), { body: newUser(member.login) });
    expect([answer.status, left(answer)]).toEqual([412, { a: staged("user.add", "failure"), b: [] }]);
  });

  it("AUD-1 that is denied leaves one event in the tenant that the path names, and none of one that is not there", async () => {
    const body = newUser("canary.intruder");
    const answer = await world.a.doc.send("POST", usersOf(world.b.tenantId), { body });
    const unknown = await world.a.doc.send("POST", usersOf(newTestId()), { body });
    expect([left(answer), left(unknown)]).toEqual([
      { a: [], b: ["user.add denied"] },
      { a: [], b: [] },
    ]);
    expect([answer.status, answer.text]).toEqual([unknown.status, unknown.text]);
    expect(answer.status).toBe(403);
    const keys = await world.a.desk.send("GET", `/platform/tenants/${world.a.tenantId}/keys`);
    expect([keys.status, left(keys)]).toEqual([403, { a: ["key.list denied"], b: [] }]);
  });

  it("that an operator cannot have understood leaves a failure", async () => {
    const answer = await world.operator.send("POST", usersOf(world.a.tenantId), { body: { login: "x" } });
    expect([answer.status, left(answer)]).toEqual([400, { a: ["user.add failure"], b: [] }]);
  });
});

describe("AT-38 while the outbox cannot be written", () => {
  afterEach(() => world.stack.cloud.faults.setPlan());
  // The outbox is the one table that is written by single puts.
  const breakOutbox = (): void =>
    world.stack.cloud.faults.setPlan({
      seed: 1,
      rules: [{ kind: "server-error", service: "dynamodb", operations: ["PutItem"], probability: 1 }],
    });

  it.each(DOORS)("$door answers 503, gives nothing and begins no session", async ({ enter, entry }) => {
    const { member } = await memberOf(world.a);
    const before = [sessions(), itemsOf(world, "outbox").length];
    breakOutbox();
    const answer = await enter(world, rightOf(member));
    expect([answer.status, answer.isIn, answer.headers.getSetCookie()]).toEqual([503, false, []]);
    expect([sessions(), itemsOf(world, "outbox").length]).toEqual(before);
    world.stack.cloud.faults.setPlan();
    expect((await enter(world, rightOf(member, 30_000))).status).toBe(entry);
  });

  it.each(DOORS)("$door still refuses a known login as it refuses an unknown one", async ({ enter, refusal }) => {
    const { member } = await memberOf(world.a);
    breakOutbox();
    const known = await enter(world, { ...rightOf(member), password: WRONG });
    const unknown = await enter(world, { ...rightOf(member), login: `canary.unknown${newTestId()}` });
    expect([known.status, unknown.status]).toEqual([refusal, refusal]);
    const plain = ({ text }: typeof known): string => text.replaceAll(/interaction\/[\w-]+/g, "");
    expect(plain(known)).toBe(plain(unknown));
    expect(sessionLog().join("\n")).toContain('"failure":"audit-event-lost"');
  });

  it("no system gets a token", async () => {
    const before = told(world.a);
    const key = newClientKey();
    const { body } = await world.operator.send("POST", `/platform/tenants/${world.a.tenantId}/clients`, {
      body: { name: "late", roles: ["integration"], jwks: { keys: [key.publicJwk] } },
    });
    breakOutbox();
    const client = { clientId: String(body["clientId"]), privateJwk: key.privateJwk };
    await expect(clientToken(world.stack.endpoint, client, "system/*.cruds")).rejects.toThrow("503");
    expect(told(world.a)).toEqual([...before, ...staged("client.add")]);
  });

  it("no administrative act is done", async () => {
    const path = `/platform/tenants/${world.a.tenantId}`;
    const jwks = { keys: [newClientKey().publicJwk] };
    const before = registryRows(world);
    breakOutbox();
    const answers = [
      await world.operator.send("POST", `${path}/users`, {
        body: { login: "canary.never", displayName: "N", roles: ["nurse"], password: PASSWORD },
      }),
      await world.operator.send("POST", `${path}/clients`, { body: { name: "c", roles: ["integration"], jwks } }),
      await world.operator.send("GET", `${path}/keys`),
      await world.a.doc.send("GET", `${path}/keys`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(registryRows(world)).toEqual(before);
  });

  it("a new tenant stays closed: nobody can work in it", async () => {
    breakOutbox();
    const answer = await world.operator.send("POST", "/platform/tenants", { body: { name: "Never" } });
    expect(answer.status).toBe(503);
    const { body } = await world.operator.send("GET", "/platform/tenants");
    const made = (body["tenants"] as unknown as { name: string; status: string }[]).find(
      ({ name }) => name === "Never",
    );
    expect(made?.status).toBe("provisioning");
  });
});

describe("AUD-4 AUD-7 the trails, after all of this", () => {
  it("hold together: every event follows the one before it", () => {
    for (const { tenantId } of [world.a, world.b]) expect(brokenChains(eventsOf(world, tenantId))).toEqual([]);
    const [first, ...rest] = eventsOf(world, world.a.tenantId);
    expect(first).toBeDefined();
    expect(brokenChains(rest).length).toBeGreaterThan(0);
  });

  /** Where a row of the outbox, or a line of a log, holds something that was typed in. */
  const leaks = (texts: readonly string[]): string[] =>
    texts.filter((text) =>
      ["canary.", PASSWORD, WRONG, "a.physician", "127.0.0.1"].some((typed) => text.includes(typed)),
    );

  it("hold no login, no password and no address in the clear", () => {
    const rows = itemsOf(world, "outbox").map((row) => JSON.stringify(row));
    expect(rows.length).toBeGreaterThan(40);
    expect(leaks(rows)).toEqual([]);
    expect(leaks([...rows, JSON.stringify({ login: "canary.planted" })]).length).toBe(1);
  });

  it("are archived like every other event, with no alarm", async () => {
    await world.stack.drain();
    const log = world.stack.logs().get("keyward-dev-archive") ?? [];
    expect(log.length).toBeGreaterThan(0);
    expect(log.filter((line) => line.includes("outbox-tampering"))).toEqual([]);
  });
});
