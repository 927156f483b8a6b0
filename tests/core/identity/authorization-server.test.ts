import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, SignJWT } from "jose";
import type Provider from "oidc-provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyAccessToken } from "../../../core/identity/access-token.ts";
import { accountIdOf, createAuthorizationServer } from "../../../core/identity/authorization-server.ts";
import { hashPassword } from "../../../core/identity/password.ts";
import { createSessions } from "../../../core/identity/session.ts";
import { createSignIn, loginDigest } from "../../../core/identity/sign-in.ts";
import { StageSecrets } from "../../../core/identity/stage-secret.ts";
import { createStandings, IDLE_TIMEOUT_MS, STANDING_TTL_MS } from "../../../core/identity/standing.ts";
import { thumbprint, type TokenKey } from "../../../core/identity/token-key.ts";
import { newTotpSecret, totpAt } from "../../../core/identity/totp.ts";
import { sessionDigest, sessionIdOf } from "../../../core/identity/session.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { createOidcAdapter } from "../../../core/identity/oidc-adapter.ts";
import { belongingKey, createMembers, membershipKey } from "../../../core/tenant/index.ts";
import { memoryNames } from "../../fixtures/people-names.ts";
import { memoryRegistry } from "../../fixtures/registry.ts";

const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = pair.publicKey.export({ format: "jwk" });
const tokenKey: TokenKey = {
  kid: thumbprint(jwk),
  publicKey: pair.publicKey,
  publicJwk: jwk,
  sign: (bytes) => Promise.resolve(sign("sha256", bytes, { key: pair.privateKey, dsaEncoding: "ieee-p1363" })),
};

const store = memoryRegistry();
let now = Date.now();
const clock = { now: () => now };
const secrets = new StageSecrets({
  generateMac: (message) => Promise.resolve(createHmac("sha256", "test").update(message).digest()),
});
const members = createMembers(store, clock);
const sessions = createSessions(store, clock);
const signIn = createSignIn(store, secrets, clock);
const PASSWORD = "correct horse battery staple";
const totpSecret = newTotpSecret();

let server: http.Server;
let provider: Provider;
let origin: string;
let tenantId: TenantId;
let userId: UserId;

beforeAll(async () => {
  server = http.createServer((request, response) => {
    if (!request.url?.startsWith("/session/interaction/")) return void provider.callback()(request, response);
    void (async () => {
      const opened = sessions.prepare(userId, tenantId, "aal2", "oauth");
      await sessions.begin(opened.session);
      const accountId = accountIdOf(userId, tenantId, opened.secret);
      const details = await provider.interactionDetails(request, response);
      const grant = new provider.Grant({ accountId, clientId: String(details.params["client_id"]) });
      grant.addResourceScope(`${origin}/fhir`, "user/*.cruds");
      await provider.interactionFinished(request, response, {
        login: { accountId, remember: false },
        consent: { grantId: await grant.save() },
      });
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = await createAuthorizationServer({ publicUrl: origin, store, secrets, tokenKey, clock });
  const tenant = await members.beginTenant(
    { name: "Clinic", tier: "pooled", region: "us-east-1" },
    { cell: "c01", region: "us-east-1" },
  );
  if (!tenant.ok) throw new Error("no tenant");
  tenantId = tenant.value;
  await members.activateTenant(tenantId);
  const user = await members.addUser(
    tenantId,
    { login: "a.doc", displayName: "A. Doc", roles: ["physician"], password: PASSWORD },
    async (id) => ({
      loginDigest: await loginDigest(secrets, "a.doc"),
      passwordHash: await hashPassword(PASSWORD),
      totpSealed: await secrets.seal("totp", id, totpSecret),
    }),
    memoryNames().seal,
  );
  if (!user.ok) throw new Error("no user");
  userId = user.value;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

/** A browser's part: follows redirects by hand and keeps cookies. */
async function authorizeWithPkce(change: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: "keyward-cli",
    response_type: "code",
    redirect_uri: "http://127.0.0.1:4567/callback",
    scope: "user/*.cruds",
    state: "s1",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...change,
  });
  const cookies = new Map<string, string>();
  let url = `${origin}/oauth2/authorize?${query.toString()}`;
  for (let hop = 0; hop < 6; hop += 1) {
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join("; ") },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pairText = ""] = cookie.split(";");
      cookies.set(pairText.slice(0, pairText.indexOf("=")), pairText.slice(pairText.indexOf("=") + 1));
    }
    const location = response.headers.get("location");
    if (location === null) return { status: response.status, verifier, body: await response.text() };
    url = new URL(location, origin).href;
    if (url.startsWith("http://127.0.0.1:4567/")) return { status: 303, verifier, redirect: new URL(url) };
  }
  throw new Error("too many redirects");
}

const exchange = (form: Record<string, string>) =>
  fetch(`${origin}/oauth2/token`, { method: "POST", body: new URLSearchParams(form) });

const trust = () => ({
  issuer: origin,
  audience: `${origin}/fhir`,
  keys: new Map([[tokenKey.kid, tokenKey.publicKey]]),
});

async function userToken(): Promise<string> {
  const { redirect, verifier } = await authorizeWithPkce();
  const response = await exchange({
    grant_type: "authorization_code",
    client_id: "keyward-cli",
    code: redirect?.searchParams.get("code") ?? "",
    redirect_uri: "http://127.0.0.1:4567/callback",
    code_verifier: verifier,
  });
  const body = (await response.json()) as { access_token?: string };
  expect(response.status).toBe(200);
  return body.access_token ?? "";
}

describe("authorization server", () => {
  it("gives a person a token by code with PKCE, which verifies and names no role", async () => {
    const token = await userToken();
    const verified = await verifyAccessToken(token, trust(), now);
    expect(verified).toMatchObject({
      ok: true,
      value: { userId, tenantId, kind: "user", assurance: "aal2", clientId: "keyward-cli" },
    });
    expect(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).not.toContain("physician");
  });

  it("refuses a code without its verifier, a second use of a code, and a request without a challenge", async () => {
    const { redirect } = await authorizeWithPkce();
    const form = {
      grant_type: "authorization_code",
      client_id: "keyward-cli",
      code: redirect?.searchParams.get("code") ?? "",
      redirect_uri: "http://127.0.0.1:4567/callback",
    };
    expect((await exchange({ ...form, code_verifier: randomBytes(32).toString("base64url") })).status).toBe(400);
    const second = await authorizeWithPkce();
    const good = { ...form, code: second.redirect?.searchParams.get("code") ?? "", code_verifier: second.verifier };
    expect((await exchange(good)).status).toBe(200);
    expect((await exchange(good)).status).toBe(400);
    const plain = await authorizeWithPkce({ code_challenge: "", code_challenge_method: "" });
    expect(plain.redirect?.searchParams.get("error")).toBe("invalid_request");
  });

  it("sends nobody to an address that is not registered", async () => {
    const result = await authorizeWithPkce({ redirect_uri: "https://evil.example/callback" });
    expect(result.status).toBe(400);
    expect(result.body).not.toContain("evil");
  });

  it("gives a system a token by private_key_jwt, once per assertion", async () => {
    const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const publicJwk = await exportJWK(own.publicKey);
    const added = await members.addClient(tenantId, {
      name: "Importer",
      roles: ["integration"],
      jwks: { keys: [{ kty: "EC", crv: "P-256", x: publicJwk.x ?? "", y: publicJwk.y ?? "", kid: "c1" }] },
    });
    if (!added.ok) throw new Error("no client");
    const assertion = (key: typeof own.privateKey, audience = origin) =>
      new SignJWT({ jti: randomBytes(16).toString("hex") })
        .setProtectedHeader({ alg: "ES256", kid: "c1" })
        .setIssuer(added.value)
        .setSubject(added.value)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime("1m")
        .sign(key);
    const form = (client_assertion: string) => ({
      grant_type: "client_credentials",
      scope: "system/*.cruds",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion,
    });
    const once = await assertion(own.privateKey);
    const response = await exchange(form(once));
    expect(response.status).toBe(200);
    const { access_token: token } = (await response.json()) as { access_token: string };
    expect(await verifyAccessToken(token, trust(), now)).toMatchObject({
      ok: true,
      value: { userId: added.value, tenantId, kind: "client", scope: ["system/*.cruds"] },
    });
    expect((await exchange(form(once))).status).toBe(401);
    expect((await exchange(form(await assertion(pair.privateKey)))).status).toBe(401);
    expect((await exchange(form(await assertion(own.privateKey, "https://elsewhere.example")))).status).toBe(401);
  });

  it("publishes one ES256 key and nothing private", async () => {
    const { keys } = (await (await fetch(`${origin}/oauth2/jwks`)).json()) as { keys: Record<string, unknown>[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: "EC", crv: "P-256", kid: tokenKey.kid });
    expect(keys[0]).not.toHaveProperty("d");
  });

  it("AT-22 ending a session, disabling a user or taking a membership ends tokens within five seconds", async () => {
    const standings = createStandings(store, clock);
    const claim = async () => {
      const verified = await verifyAccessToken(await userToken(), trust(), now);
      if (!verified.ok) throw new Error("token");
      const digest = sessionDigest(verified.value.sessionId);
      return { ...verified.value, sessionId: sessionIdOf(digest), sessionDigest: digest, shown: "oauth" as const };
    };
    const first = await claim();
    expect(await standings.of(first)).toMatchObject({ ok: true, value: { principal: { roles: ["physician"] } } });
    expect(await standings.of({ ...first, shown: "cookie" })).toMatchObject({ ok: false });
    await sessions.end(first.sessionDigest);
    now += STANDING_TTL_MS;
    expect(await standings.of(first)).toMatchObject({ ok: false, error: { kind: "unauthenticated" } });

    const second = await claim();
    const memberKey = `PEOPLE#${tenantId}\nM#${userId}`;
    const member = store.rows.get(memberKey);
    if (member === undefined) throw new Error("no member");
    store.rows.set(memberKey, { ...member, roles: ["billing"] });
    expect(await standings.of(second)).toMatchObject({ ok: true, value: { principal: { roles: ["billing"] } } });
    store.rows.set(memberKey, { ...member, status: "disabled" });
    now += STANDING_TTL_MS;
    expect(await standings.of(second)).toMatchObject({ ok: false, error: { kind: "unauthenticated" } });
    store.rows.set(memberKey, member);

    const third = await claim();
    expect(await sessions.endAll(userId)).toBeGreaterThan(0);
    now += STANDING_TTL_MS;
    expect(await standings.of(third)).toMatchObject({ ok: false });
  });
});

describe("sign-in", () => {
  const attempt = (more: Partial<Parameters<typeof signIn>[0]> = {}) =>
    signIn({ login: "A.Doc ", password: PASSWORD, totp: totpAt(totpSecret, now), ...more });

  it("CLIN-15 takes both factors, and one code once", async () => {
    now += 60_000;
    expect(await attempt()).toMatchObject({ ok: true, value: { userId, tenantId, roles: ["physician"] } });
    expect(await attempt()).toMatchObject({ ok: false, error: { kind: "unauthenticated" } });
  });

  it("has one answer for every way to be wrong, and slows guessing down", async () => {
    now += 3_600_000;
    // What the clinics' trails are told is beside the answer and not in it.
    const told = { userId, tenantIds: [tenantId], reason: "factors" };
    const wrong = { ok: false, error: { kind: "unauthenticated", known: told } };
    expect(await attempt({ login: "nobody" })).toEqual({ ok: false, error: { kind: "unauthenticated" } });
    expect(await attempt({ password: "wrong password wrong" })).toEqual(wrong);
    for (let count = 0; count < 3; count += 1) expect(await attempt({ totp: "000000" })).toEqual(wrong);
    expect(await attempt()).toMatchObject({ ok: false, error: { kind: "throttled" } });
    now += 31_000;
    expect(await attempt()).toMatchObject({ ok: true });
  });

  it("AUD-8 names the clinics that know a login which is refused behind both factors", async () => {
    const another = "01hxyzabcd0123456789abcdef";
    const former = "01hxyzabcd0123456789abcdeg";
    const memberOf = (id: string, status: string) => ({
      ...membershipKey(userId, id),
      rev: 1,
      userId,
      tenantId: id,
      roles: ["nurse"],
      status,
    });
    const known = (reason: string) => ({ userId, tenantIds: [former, tenantId].toSorted(), reason });
    const belong = (id: string, status: string): void => {
      store.rows.set(`PEOPLE#${id}\nM#${userId}`, memberOf(id, status));
      store.rows.set(`USER#${userId}\nM#${id}`, { ...belongingKey(userId, id), rev: 1, userId, tenantId: id });
    };
    belong(former, "disabled");
    now += 60_000;
    expect(await attempt({ tenant: former })).toEqual({
      ok: false,
      error: { kind: "unauthenticated", known: known("not-a-member") },
    });
    belong(another, "active");
    now += 60_000;
    expect(await attempt()).toEqual({
      ok: false,
      error: {
        kind: "tenant-required",
        known: { userId, tenantIds: [former, tenantId, another].toSorted(), reason: "tenant-not-named" },
        tenantIds: [tenantId, another].toSorted(),
        shown: { by: "password" },
      },
    });
    for (const id of [former, another]) store.rows.delete(`USER#${userId}\nM#${id}`);
  });

  it("AUD-8 knows in which clinics a user's sessions live", async () => {
    await sessions.endAll(userId);
    expect(await sessions.tenantsOf(userId)).toEqual([]);
    for (let count = 0; count < 2; count += 1)
      await sessions.begin(sessions.prepare(userId, tenantId, "aal2", "cookie").session);
    expect(await sessions.tenantsOf(userId)).toEqual([tenantId]);
  });

  it("AT-47 a session ends after 15 idle minutes and after 12 hours, whatever is done", async () => {
    const { secret, session } = sessions.prepare(userId, tenantId, "aal2", "cookie");
    expect(await sessions.find(secret, false)).toBeUndefined();
    await sessions.begin(session);
    now += IDLE_TIMEOUT_MS - 1;
    expect(await sessions.find(secret, true)).toBeDefined();
    now += IDLE_TIMEOUT_MS;
    expect(await sessions.find(secret, true)).toBeUndefined();
    const long = sessions.prepare(userId, tenantId, "aal2", "cookie");
    await sessions.begin(long.session);
    for (let passed = 0; passed < 12 * 3_600_000 - 600_000; passed += 600_000) {
      now += 600_000;
      expect(await sessions.find(long.secret, true)).toBeDefined();
    }
    now += 600_000;
    expect(await sessions.find(long.secret, true)).toBeUndefined();
  });

  it("TEN-4 an app's hint at who may sign in is a login, and is not kept", async () => {
    const kept = memoryRegistry();
    const Interaction = createOidcAdapter(kept, clock);
    const params = { client_id: "app", state: "s", login_hint: "jane@example.org" };
    await new Interaction("Interaction").upsert("id", { params } as never, 60);
    expect(await new Interaction("Interaction").find("id")).toEqual({ params: { client_id: "app", state: "s" } });
    expect(JSON.stringify([...kept.rows.values()])).not.toContain("jane");
  });

  it("UIX-5 the registry holds no session secret, password, code or login", () => {
    const dump = JSON.stringify([...store.rows.values()].map((row) => ({ ...row, totpSealed: undefined })));
    for (const secret of [PASSWORD, totpSecret]) expect(dump).not.toContain(secret);
    const naming = [...store.rows.values()].flatMap((row) => Object.values(row));
    const texts = naming.map((value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value),
    );
    for (const word of ["a.doc", "A. Doc"]) expect(texts.join(" ")).not.toContain(word);
  });
});
