import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { privacyKey, tenantKey } from "../../core/tenant/index.ts";
import { newClientKey } from "../../scripts/cli/sign-in.ts";
import { openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { openRegistry } from "./http/members.ts";
import { eventsAbout, eventsOf, registryRows } from "./http/state.ts";
import { type Answer, canaryObservation, canaryPatient, newTestId, PASSWORD } from "./world.ts";

/**
 * AUD-8: every administrative act says why, and leaves three events: that it begins, who approves it, how it ended.
 * Without a reason nothing is done.
 */
let scene: Scene;
let people: Readonly<Record<"admin" | "nurse" | "doc", Person>>;
beforeAll(async () => {
  scene = await openScene();
  const { a } = scene.world;
  people = {
    admin: await scene.hire(a, ["clinic-administrator"]),
    nurse: await scene.hire(a, ["nurse"]),
    doc: await scene.hire(a, ["physician"]),
  };
});
afterAll(() => scene.close());

const eventsIn = (tenantId: string, answer: Pick<Answer, "headers">) =>
  eventsAbout(scene.world, tenantId as typeof scene.world.a.tenantId, answer);
const stages = (tenantId: string, answer: Pick<Answer, "headers">) =>
  eventsIn(tenantId, answer).map(({ stage, outcome, reason, approver, actor }) => [
    stage,
    outcome,
    reason?.code,
    approver === undefined ? undefined : approver === actor.user ? "herself" : "another",
  ]);
const THREE = (code: string, end: "success" | "failure" = "success") => [
  ["start", "success", code, undefined],
  ["approve", "success", code, "herself"],
  ["finish", end, code, "herself"],
];
const own = (): string => scene.world.a.tenantId;
const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  scene.world.operator.send("POST", path, { body, headers });
const user = (login: string) => ({ login, displayName: "X", roles: ["nurse"], password: PASSWORD });
const client = () => ({ name: "x", roles: ["integration"], jwks: { keys: [newClientKey().publicJwk] } });

describe("AUD-8 an operator's act", () => {
  it("AUD-8 tenant.create, user.add and client.add leave their three events in the tenant that they are about", async () => {
    const made = await post("/platform/tenants", { name: "Third" }, { "x-reason": "clinic-request" });
    const tenantId = String(made.body["id"]);
    expect([made.status, stages(tenantId, made)]).toEqual([201, THREE("clinic-request")]);
    const below = `/platform/tenants/${tenantId}`;
    const added = await post(`${below}/users`, user("third.nurse"), { "x-reason": "staff-change" });
    expect([added.status, stages(tenantId, added)]).toEqual([201, THREE("staff-change")]);
    const registered = await post(`${below}/clients`, client(), { "x-reason": "onboarding" });
    expect([registered.status, stages(tenantId, registered)]).toEqual([201, THREE("onboarding")]);
    expect(stages(own(), made)).toEqual([]);
  });

  it("AUD-8 that fails says so in its last event", async () => {
    const path = `/platform/tenants/${own()}/users`;
    await post(path, user("taken.login"), { "x-reason": "staff-change" });
    const again = await post(path, user("taken.login"), { "x-reason": "staff-change" });
    expect([again.status, stages(own(), again)]).toEqual([412, THREE("staff-change", "failure")]);
  });

  it.each([
    ["no reason", "", "reason"],
    ["a reason that is none of ours", "because", "reason"],
    ["words alone", "; text*=UTF-8''words", "reason"],
  ])("AUD-8 with %s is refused, changes nothing and is told", async (_title, header, rule) => {
    const before = registryRows(scene.world);
    const refused = await post(`/platform/tenants/${own()}/users`, user("never.added"), { "x-reason": header });
    expect([refused.status, refused.body["rule"]]).toEqual([400, rule]);
    expect(registryRows(scene.world)).toEqual(before);
    expect(eventsIn(own(), refused)).toMatchObject([{ interaction: "user.add", outcome: "failure" }]);
  });

  it("AUD-8 keeps the words of its reason sealed, and out of the registry", async () => {
    const words = "onboarding; text*=UTF-8''Dr.%20Canarysmith%20joins";
    expect((await post(`/platform/tenants/${own()}/clients`, client(), { "x-reason": words })).status).toBe(201);
    const lines = [
      ...eventsOf(scene.world, scene.world.a.tenantId).map(({ line }) => line),
      ...registryRows(scene.world),
    ];
    expect(lines.filter((line) => line.includes("Canarysmith"))).toEqual([]);
  });

  it("AUD-8 sent twice is done once, and another reason under the key is another request", async () => {
    const headers = { "x-reason": "onboarding", "idempotency-key": "administration-1" };
    const body = client();
    const path = `/platform/tenants/${own()}/clients`;
    const [first, again] = [await post(path, body, headers), await post(path, body, headers)];
    expect([first.status, again.status, again.body["clientId"]]).toEqual([201, 201, first.body["clientId"]]);
    expect(stages(own(), again)).toEqual([]);
    expect((await post(path, body, { ...headers, "x-reason": "correction" })).status).toBe(422);
  });
});

interface Settings {
  readonly relationship?: "open" | "required";
  readonly privacyOfficers?: readonly string[];
}
const change = (by: Session, { relationship = "open", privacyOfficers = [] }: Settings = {}, reason = "maintenance") =>
  by.send("PUT", "/clinic/settings/privacy", {
    purpose: "HOPERAT",
    body: { relationship, privacyOfficers },
    headers: reason === "" ? {} : { "x-reason": reason },
  });
const read = (by: Session) => by.send("GET", "/clinic/settings/privacy", { purpose: "HOPERAT" });

describe("AUD-8 a clinic's privacy settings", () => {
  it("AUD-8 are the default until somebody chooses, and then what she chose, with three events", async () => {
    const admin = await scene.signInSteppedUp(people.admin);
    expect((await read(admin)).body).toEqual({
      relationship: "open",
      privacyOfficers: [],
      notWatched: ["off-hours"],
      people: {},
    });
    const changed = await change(admin, { privacyOfficers: [people.nurse.userId] }, "clinic-request");
    expect([changed.status, stages(own(), changed)]).toEqual([200, THREE("clinic-request")]);
    expect((await read(admin)).body).toMatchObject({ relationship: "open", privacyOfficers: [people.nurse.userId] });
    for (const event of eventsIn(own(), changed))
      expect(event.entities).toEqual([{ type: "PrivacySettings", id: own() }]);
  });

  it("AUD-8 make a privacy officer at once, and unmake one at once", async () => {
    const admin = await scene.signInSteppedUp(people.admin);
    const nurse = await scene.signIn(people.nurse);
    const queue = () => nurse.send("GET", "/clinic/break-glass", { purpose: "HOPERAT" });
    await change(admin);
    expect((await queue()).status).toBe(403);
    await change(admin, { privacyOfficers: [people.nurse.userId] });
    expect((await queue()).status).toBe(200);
    await change(admin);
    expect((await queue()).status).toBe(403);
  });

  it.each([
    ["without a reason", {}, "", 400, "reason-required"],
    ["with an officer who is no member", { privacyOfficers: [newTestId()] }, "maintenance", 422, "not-a-member"],
  ] as const)("AUD-8 %s stay as they are", async (_title, settings, reason, status, rule) => {
    const admin = await scene.signInSteppedUp(people.admin);
    const before = registryRows(scene.world);
    const refused = await change(admin, settings, reason);
    expect([refused.status, refused.body["rule"]]).toEqual([status, rule]);
    expect(registryRows(scene.world)).toEqual(before);
    expect(eventsIn(own(), refused)).toMatchObject([{ interaction: "settings.change", outcome: "failure" }]);
  });

  it("AUD-8 take a step-up and an administrator", async () => {
    expect((await change(await scene.signIn(people.admin))).body["rule"]).toBe("step-up");
    for (const person of [people.nurse, people.doc]) {
      const by = await scene.signInSteppedUp(person);
      expect([(await change(by)).status, (await read(by)).status]).toEqual([403, 403]);
    }
  });

  it("AUD-8 of two changes at once end as one of them, with every event in the chain", async () => {
    const admin = await scene.signInSteppedUp(people.admin);
    const both = await Promise.all([
      change(admin, { privacyOfficers: [people.nurse.userId] }),
      change(admin, { privacyOfficers: [people.doc.userId] }),
    ]);
    expect(both.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(both.every(({ status }) => [200, 409].includes(status))).toBe(true);
    const officers = (await read(admin)).body["privacyOfficers"] as readonly string[];
    expect([[people.nurse.userId], [people.doc.userId]]).toContainEqual(officers);
    for (const answer of both)
      expect(stages(own(), answer)).toEqual(THREE("maintenance", answer.status === 200 ? "success" : "failure"));
  });

  it("AUD-8 change nothing else of the registry, and nothing of another clinic", async () => {
    const registry = openRegistry(scene.world);
    const { store } = registry;
    try {
      const [tenant, theirs] = [await store.get(tenantKey(own())), await store.get(privacyKey(scene.world.b.tenantId))];
      await change(await scene.signInSteppedUp(people.admin));
      expect(await store.get(tenantKey(own()))).toEqual(tenant);
      expect(await store.get(privacyKey(scene.world.b.tenantId))).toEqual(theirs);
    } finally {
      registry.close();
    }
  });

  it("POL-2 a clinic that asks for a treatment relationship hides charts from who has none, from the next request on", async () => {
    const { a } = scene.world;
    const headers = { "x-purpose-of-use": "TREAT" };
    const patient = await a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(a), headers });
    const body = canaryObservation(a, String(patient.body["id"]));
    const made = await a.doc.send("POST", "/fhir/Observation", { body, headers });
    expect(made.status).toBe(201);
    const admin = await scene.signInSteppedUp(people.admin);
    const doc = await scene.signIn(people.doc, "TREAT");
    const statusOf = async () => (await doc.send("GET", `/fhir/Observation/${String(made.body["id"])}`)).status;
    expect(await statusOf()).toBe(200);
    await change(admin, { relationship: "required" });
    await scene.clock.advance(5_000);
    expect([403, 404]).toContain(await statusOf());
    await change(admin);
    await scene.clock.advance(5_000);
    expect(await statusOf()).toBe(200);
  });
});
