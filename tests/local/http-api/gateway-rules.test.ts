import { exportJWK, generateKeyPair, createLocalJWKSet, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Cors } from "../../../scripts/local/http-api/index.ts";
import { createAccessLog } from "../../../scripts/local/http-api/access-log.ts";
import type { Gateway } from "./gateway.ts";
import { gateway } from "./gateway.ts";

describe("throttling", () => {
  it("takes a burst, then the rate, by the cloud's clock; 429 without a call", async () => {
    let nowMs = 0;
    const at = await gateway(
      { $default: () => "ok" },
      { clock: { now: () => nowMs }, throttle: { ratePerSecond: 2, burst: 3 } },
    );
    const statuses = async (count: number): Promise<number[]> => {
      const found: number[] = [];
      for (let index = 0; index < count; index += 1) found.push((await at.fetch("/")).status);
      return found;
    };
    expect(await statuses(4)).toEqual([200, 200, 200, 429]);
    nowMs = 1_000;
    expect(await statuses(3)).toEqual([200, 200, 429]);
    expect(at.events).toHaveLength(5);
    await at.close();
  });

  it("a route may have limits of its own", async () => {
    const at = await gateway(
      { "GET /a": () => "a", "GET /b": () => "b" },
      {
        clock: { now: () => 0 },
        routes: [
          { routeKey: "GET /a", functionName: "GET /a", throttle: { ratePerSecond: 1, burst: 1 } },
          { routeKey: "GET /b", functionName: "GET /b" },
        ],
      },
    );
    expect([(await at.fetch("/a")).status, (await at.fetch("/a")).status, (await at.fetch("/b")).status]).toEqual([
      200, 429, 200,
    ]);
    await at.close();
  });
});

describe("CORS", () => {
  const cors: Cors = {
    allowOrigins: ["https://portal.example"],
    allowMethods: ["GET", "POST"],
    allowHeaders: ["authorization"],
    exposeHeaders: ["etag"],
    maxAgeSeconds: 60,
    allowsCredentials: true,
  };
  let at: Gateway;
  beforeAll(async () => {
    at = await gateway(
      { $default: () => ({ statusCode: 200, headers: { "access-control-allow-origin": "*" }, body: "x" }) },
      { cors },
    );
  });
  afterAll(() => at.close());

  it("answers a preflight itself", async () => {
    const before = at.events.length;
    const response = await at.fetch("/x", {
      method: "OPTIONS",
      headers: { origin: "https://portal.example", "access-control-request-method": "POST" },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://portal.example");
    expect(response.headers.get("access-control-allow-methods")).toBe("GET,POST");
    expect(response.headers.get("access-control-max-age")).toBe("60");
    expect(at.events.length).toBe(before);
  });

  it("gives another origin nothing, also when the function would", async () => {
    for (const origin of ["https://evil.example", "https://portal.example.evil.example", "null"]) {
      const response = await at.fetch("/x", { headers: { origin } });
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
    }
    const allowed = await at.fetch("/x", { headers: { origin: "https://portal.example" } });
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://portal.example");
    expect(allowed.headers.get("access-control-expose-headers")).toBe("etag");
  });

  it("adds nothing where an API has no CORS", async () => {
    const plain = await gateway({ $default: () => "x" });
    const response = await plain.fetch("/x", {
      method: "OPTIONS",
      headers: { origin: "https://portal.example", "access-control-request-method": "POST" },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    await plain.close();
  });
});

describe("JWT authorizers", () => {
  const issuer = "https://issuer.example";
  let at: Gateway;
  let sign: (
    claims: Record<string, unknown>,
    options?: { audience?: string; issuer?: string; exp?: string },
  ) => Promise<string>;
  let foreign: string;
  let symmetric: string;
  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256" };
    sign = (claims, { audience = "keyward", issuer: from = issuer, exp = "5m" } = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: "k1" })
        .setIssuer(from)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(exp)
        .sign(privateKey);
    const other = await generateKeyPair("RS256");
    foreign = await new SignJWT({})
      .setProtectedHeader({ alg: "RS256", kid: "k1" })
      .setIssuer(issuer)
      .setAudience("keyward")
      .setExpirationTime("5m")
      .sign(other.privateKey);
    symmetric = await new SignJWT({})
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .setIssuer(issuer)
      .setAudience("keyward")
      .setExpirationTime("5m")
      .sign(Buffer.from(JSON.stringify(jwk)));
    at = await gateway(
      { "GET /open": () => "open", "GET /any": () => "any", "GET /scoped": () => "scoped" },
      {
        authorizers: [{ name: "staff", issuer, audiences: ["keyward"], keys: createLocalJWKSet({ keys: [jwk] }) }],
        routes: [
          { routeKey: "GET /open", functionName: "GET /open" },
          { routeKey: "GET /any", functionName: "GET /any", authorizer: { name: "staff", scopes: [] } },
          {
            routeKey: "GET /scoped",
            functionName: "GET /scoped",
            authorizer: { name: "staff", scopes: ["patient.read"] },
          },
        ],
      },
    );
  });
  afterAll(() => at.close());
  const get = (path: string, token?: string): Promise<Response> =>
    at.fetch(path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

  it("AT-15, AT-16, AT-18 and AT-19: refuse what is not a valid token of this issuer for this audience", async () => {
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify({ iss: issuer, aud: "keyward", exp: 9e9 })).toString("base64url")}.`;
    const refused = [
      undefined,
      "not-a-token",
      unsigned,
      foreign,
      symmetric,
      await sign({}, { audience: "another" }),
      await sign({}, { issuer: "https://evil.example" }),
      await sign({}, { exp: "-1m" }),
      `${(await sign({})).slice(0, -4)}AAAA`,
    ];
    for (const token of refused) {
      const response = await get("/any", token);
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ message: "Unauthorized" });
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
    expect(at.events).toHaveLength(0);
  });

  it("pass a valid token on as claims, and ask for a scope where the route does", async () => {
    expect(await (await get("/any", await sign({ sub: "u1", groups: ["a", "b"] }))).text()).toBe("any");
    expect(at.events.at(-1)?.requestContext.authorizer?.jwt).toMatchObject({
      claims: { sub: "u1", groups: "[a b]", aud: "keyward" },
      scopes: null,
    });
    expect((await get("/scoped", await sign({ scope: "openid" }))).status).toBe(403);
    expect(await (await get("/scoped", await sign({ scope: "openid patient.read" }))).text()).toBe("scoped");
    expect(await (await get("/open")).text()).toBe("open");
  });

  it("refuse a route that names an authorizer which is not there", async () => {
    await expect(
      gateway(
        { $default: () => "x" },
        { routes: [{ routeKey: "$default", functionName: "$default", authorizer: { name: "nobody", scopes: [] } }] },
      ),
    ).rejects.toThrow(/no authorizer nobody/);
  });
});

describe("the access log", () => {
  it("AT-56 names the route and never the path, the query or a claim", async () => {
    const at = await gateway({ "GET /fhir/{type}/{id}": () => "x" });
    await at.fetch("/fhir/Patient/planted-id?name=planted-name", { headers: { "user-agent": 'probe "quoted"' } });
    await at.fetch("/nowhere/planted-id");
    await vi.waitFor(() => expect(at.accessLines).toHaveLength(2), { timeout: 30_000, interval: 5 });
    expect(at.accessLines.join("\n")).not.toContain("planted");
    expect(JSON.parse(at.accessLines[0] ?? "")).toMatchObject({
      routeKey: "GET /fhir/{type}/{id}",
      status: "200",
      httpMethod: "GET",
    });
    await at.close();
  });

  it.each(["$context.path", "$context.http.path", "$context.authorizer.claims.sub", "$context.nonsense"])(
    "refuses a format with %s",
    (variable) => {
      expect(() => createAccessLog(`{"x":"${variable}"}`, () => undefined)).toThrow(/not allowed or not known/);
    },
  );
});
