import { createHmac } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { hashPassword } from "../../../core/identity/password.ts";
import { createSessions, sessionDigest } from "../../../core/identity/session.ts";
import { createSignIn, loginDigest } from "../../../core/identity/sign-in.ts";
import { StageSecrets } from "../../../core/identity/stage-secret.ts";
import { createStandings } from "../../../core/identity/standing.ts";
import { createStepUp, isSteppedUp, STEP_UP_TTL_MS } from "../../../core/identity/step-up.ts";
import { newTotpSecret, totpAt } from "../../../core/identity/totp.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { createMembers, sessionKey, tenantKey, userKey } from "../../../core/tenant/index.ts";
import { memoryNames } from "../../fixtures/people-names.ts";
import { memoryRegistry } from "../../fixtures/registry.ts";

const TENANT = "01hxyzabcd0123456789abcdef" as TenantId;
const PASSWORD = "correct horse battery staple";
const LOGIN = "jane.doe";

/** One member of one clinic over a registry in memory, with a clock that the test moves. */
async function open() {
  let nowMs = Date.UTC(2026, 10, 22, 8);
  const clock = { now: () => nowMs };
  const store = memoryRegistry();
  const secrets = new StageSecrets({
    generateMac: (message: Uint8Array) => Promise.resolve(createHmac("sha256", "kms").update(message).digest()),
  });
  const totpSecret = newTotpSecret();
  const tenant = { tenantId: TENANT, name: "Clinic", tier: "pooled", region: "us-east-1", cell: "c01" };
  const row = { ...tenantKey(TENANT), rev: 1, ...tenant, status: "active", epoch: 0, createdAtMs: nowMs };
  await store.write([{ kind: "create", row }]);
  const added = await createMembers(store, clock).addUser(
    TENANT,
    { login: LOGIN, displayName: "Jane", roles: ["physician"], password: PASSWORD, practitionerId: "prac-1" },
    async (userId) => ({
      loginDigest: await loginDigest(secrets, LOGIN),
      passwordHash: await hashPassword(PASSWORD),
      totpSealed: await secrets.seal("totp", userId, totpSecret),
    }),
    memoryNames().seal,
  );
  if (!added.ok) throw new Error("the member is new");
  const sessions = createSessions(store, clock);
  return {
    clock,
    store,
    sessions,
    userId: added.value,
    signIn: createSignIn(store, secrets, clock),
    stepUp: createStepUp(store, secrets, clock),
    standings: createStandings(store, clock, 0),
    code: (aheadMs = 0) => totpAt(totpSecret, nowMs + aheadMs),
    pass: (ms: number) => (nowMs += ms),
    async begin(kind: "cookie" | "oauth") {
      const opened = sessions.prepare(added.value, TENANT, "aal2", kind, { purpose: "TREAT" });
      await sessions.begin(opened.session);
      return { secret: opened.secret, digest: sessionDigest(opened.secret) };
    },
  };
}
let scene: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  scene = await open();
});
const shown = (totp = scene.code(), password = PASSWORD) => ({ password, totp });

describe("CLIN-15 the factors of a step-up", () => {
  it.each([
    ["a wrong password", () => shown(scene.code(), "a wrong password")],
    ["a wrong code", () => shown("000000")],
    ["a code of two steps ago", () => shown(scene.code(-61_000))],
  ])("refuses %s", async (_title, wrong) => {
    expect(await scene.stepUp(scene.userId, wrong())).toMatchObject({ ok: false, error: { kind: "unauthenticated" } });
  });

  it("takes a code once: not again, and not the one that signed in", async () => {
    const code = scene.code();
    expect((await scene.signIn({ login: LOGIN, password: PASSWORD, totp: code })).ok).toBe(true);
    expect((await scene.stepUp(scene.userId, shown(code))).ok).toBe(false);
    scene.pass(30_000);
    const next = scene.code();
    expect((await scene.stepUp(scene.userId, shown(next))).ok).toBe(true);
    expect((await scene.stepUp(scene.userId, shown(next))).ok).toBe(false);
    expect((await scene.signIn({ login: LOGIN, password: PASSWORD, totp: next })).ok).toBe(false);
  });

  it("of two that show one code at once lets one in", async () => {
    const both = await Promise.all([scene.stepUp(scene.userId, shown()), scene.stepUp(scene.userId, shown())]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it("after five failures waits, though the factors are right then, and longer after the next", async () => {
    for (let tries = 0; tries < 5; tries += 1) await scene.stepUp(scene.userId, shown("000000"));
    expect(await scene.stepUp(scene.userId, shown())).toMatchObject({
      ok: false,
      error: { kind: "throttled", retryAfterMs: 30_000 },
    });
    scene.pass(30_000);
    await scene.stepUp(scene.userId, shown("000000"));
    expect(await scene.stepUp(scene.userId, shown())).toMatchObject({ error: { retryAfterMs: 60_000 } });
    scene.pass(60_000);
    expect((await scene.stepUp(scene.userId, shown())).ok).toBe(true);
    for (let tries = 0; tries < 4; tries += 1) await scene.stepUp(scene.userId, shown("000000"));
    scene.pass(30_000);
    expect((await scene.stepUp(scene.userId, shown())).ok).toBe(true);
  });

  it.each([
    ["step-ups", (code: string) => scene.stepUp(scene.userId, shown(code))],
    ["sign-ins", (code: string) => scene.signIn({ login: LOGIN, password: PASSWORD, totp: code })],
    ["sign-ins with a login that nobody has", (totp: string) => scene.signIn({ login: "nobody", password: "x", totp })],
  ])("looks at five of many wrong %s at once, as if they had come one by one", async (_title, guess) => {
    const guesses = Array.from({ length: 40 }, () => guess("000000"));
    const kinds = (await Promise.all(guesses)).map((answer) => (answer.ok ? "in" : answer.error.kind));
    const looked = kinds.filter((kind) => kind === "unauthenticated").length;
    expect(looked).toBeGreaterThan(0);
    expect(looked).toBeLessThanOrEqual(5);
    expect(kinds.filter((kind) => kind === "throttled")).toHaveLength(40 - looked);
  });

  it("has a brake of its own: who guesses here does not close the login", async () => {
    for (let tries = 0; tries < 9; tries += 1) await scene.stepUp(scene.userId, shown("000000"));
    expect((await scene.signIn({ login: LOGIN, password: PASSWORD, totp: scene.code() })).ok).toBe(true);
  });

  it("refuses a user who was disabled meanwhile", async () => {
    const key = userKey(scene.userId);
    const user = await scene.store.get(key);
    if (user === undefined) throw new Error("the user is there");
    await scene.store.write([{ kind: "put", row: { ...user, status: "disabled" } }]);
    expect((await scene.stepUp(scene.userId, shown())).ok).toBe(false);
  });
});

describe("POL-9 a session after a step-up", () => {
  const standing = async (kind: "cookie" | "oauth", digest: string) =>
    scene.standings.of({
      kind: "user",
      userId: scene.userId as UserId,
      tenantId: TENANT,
      clientId: "portal",
      assurance: "aal2",
      sessionId: "s",
      sessionDigest: digest,
      shown: kind,
    });
  const steppedUpAt = async (kind: "cookie" | "oauth", digest: string): Promise<number | undefined> => {
    const found = await standing(kind, digest);
    return found.ok ? found.value.principal.steppedUpAtMs : undefined;
  };

  it("of a cookie goes on under a new secret, and the old one is worth nothing", async () => {
    const { secret, digest } = await scene.begin("cookie");
    const { expiresAtMs } = (await scene.sessions.find(secret, false)) ?? {};
    scene.pass(60_000);
    const next = await scene.sessions.prepareStepUp(digest);
    if (next?.secret === undefined) throw new Error("a cookie session gets a new secret");
    expect(await scene.sessions.find(next.secret, false)).toBeUndefined();
    expect(await scene.sessions.move(next)).toBe(true);
    expect(await scene.sessions.find(secret, false)).toBeUndefined();
    expect((await standing("cookie", digest)).ok).toBe(false);
    const fresh = await scene.sessions.find(next.secret, false);
    expect(fresh).toMatchObject({ userId: scene.userId, tenantId: TENANT, purpose: "TREAT", expiresAtMs });
    expect(await steppedUpAt("cookie", sessionDigest(next.secret))).toBe(scene.clock.now());
  });

  it("of a token keeps its secret, and another session of the same user is not stepped up", async () => {
    const mine = await scene.begin("oauth");
    const other = await scene.begin("oauth");
    const next = await scene.sessions.prepareStepUp(mine.digest);
    if (next === undefined) throw new Error("the session lives");
    expect(next.secret).toBeUndefined();
    expect(await scene.sessions.move(next)).toBe(true);
    expect(await steppedUpAt("oauth", mine.digest)).toBe(scene.clock.now());
    expect(await steppedUpAt("oauth", other.digest)).toBeUndefined();
  });

  it.each(["cookie", "oauth"] as const)("of a %s that ended meanwhile is not brought back", async (kind) => {
    const { digest } = await scene.begin(kind);
    const next = await scene.sessions.prepareStepUp(digest);
    if (next === undefined) throw new Error("the session lives");
    await scene.sessions.end(digest);
    expect(await scene.sessions.move(next)).toBe(false);
    expect(await scene.sessions.prepareStepUp(digest)).toBeUndefined();
    expect(await scene.store.get(sessionKey(sessionDigest(next.secret ?? "none")))).toBeUndefined();
  });

  it.each([
    [undefined, false],
    [0, true],
    [STEP_UP_TTL_MS - 1, true],
    [STEP_UP_TTL_MS, false],
    [-1, false],
  ])("that was stepped up %s ms ago counts: %s", (ageMs, expected) => {
    const principal = ageMs === undefined ? {} : { steppedUpAtMs: scene.clock.now() - ageMs };
    expect(isSteppedUp(principal, scene.clock.now())).toBe(expected);
  });

  it("POL-3 carries the purpose that was declared at sign-in, and the Practitioner that the member is", async () => {
    const { digest } = await scene.begin("cookie");
    expect(await standing("cookie", digest)).toMatchObject({
      ok: true,
      value: { principal: { purpose: "TREAT", practitionerId: "prac-1" }, privacy: { relationship: "open" } },
    });
  });
});
