import { generateKeyPairSync } from "node:crypto";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { SignJWT } from "jose";
import { describe, expect, it, vi } from "vitest";
import { clientIndex, clientKey, membershipKey, tenantKey } from "../../../core/tenant/index.ts";
import type { Answer } from "../../../functions/http/exchange.ts";
import { tellClientGrant } from "../../../functions/session/client-grant.ts";
import { memoryRegistry } from "../../fixtures/registry.ts";
import { A, NOW, openTrails } from "../runtime/trails.ts";

vi.mock("../../../functions/runtime/log.ts", async (original) => ({
  ...(await original<typeof import("../../../functions/runtime/log.ts")>()),
  log: vi.fn(),
}));

const CLIENT = "01hxyzabcd0123456789abcdey";
const STRANGER = "01hxyzabcd0123456789abcdex";
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwt = (claims: Record<string, string>): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: "ES256" }).sign(privateKey);

async function endpointOfTokens() {
  const trails = await openTrails();
  const registry = memoryRegistry();
  const rows = [
    { ...tenantKey(A), tenantId: A, name: "Clinic", tier: "pooled", region: "us-east-1", cell: "c01" },
    {
      ...clientKey(CLIENT, A),
      gpk: clientIndex(CLIENT),
      gsk: A,
      clientId: CLIENT,
      name: "importer",
      tenantId: A,
      jwks: "{}",
    },
    { ...membershipKey(CLIENT, A), userId: CLIENT, tenantId: A, roles: ["integration"] },
  ];
  await registry.write(
    rows.map((row) => ({
      kind: "create",
      row: { ...row, rev: 1, status: "active", epoch: 0, createdAtMs: NOW },
    })),
  );
  const tell = (answer: Answer, form: Record<string, string>) => {
    const event = {
      headers: {},
      rawPath: "/oauth2/token",
      rawQueryString: "",
      requestContext: { requestId: "request-1", http: { sourceIp: "203.0.113.7", method: "POST" } },
    } as unknown as APIGatewayProxyEventV2;
    const exchange = { route: "token", rawBody: new URLSearchParams(form).toString(), event } as const;
    return tellClientGrant(exchange, answer, { registry, audit: trails.audit });
  };
  return { trails, tell };
}

const granted = async (): Promise<Answer> => {
  const token = await jwt({ sub: CLIENT, tenant: A, sid: "0123456789abcdef0123456789abcdef" });
  return { status: 200, body: JSON.stringify({ access_token: token }) };
};
const REFUSED: Answer = { status: 401, body: '{"error":"invalid_client"}' };
const formOf = async (sub: string): Promise<Record<string, string>> => ({
  grant_type: "client_credentials",
  client_assertion: await jwt({ sub }),
});

describe("AUD-8 a token of a system", () => {
  it("leaves with its event, which names the session that the token names", async () => {
    const { trails, tell } = await endpointOfTokens();
    const answer = await granted();
    expect(await tell(answer, await formOf(CLIENT))).toBe(answer);
    expect(trails.outcomes(A)).toEqual(["token success"]);
    expect(trails.events(A)[0]?.event).toMatchObject({
      actor: {
        user: CLIENT,
        kind: "client",
        roles: ["integration"],
        client: CLIENT,
        session: "0123456789abcdef0123456789abcdef",
      },
      decision: { id: "sign-in", rules: ["private-key"] },
    });
  });

  it("does not leave where the event cannot be written", async () => {
    const { trails, tell } = await endpointOfTokens();
    trails.tableOf(A, CLIENT).failNext("PutItem", { kind: "unavailable" });
    await expect(tell(await granted(), await formOf(CLIENT))).rejects.toMatchObject({
      failure: { kind: "unavailable" },
    });
  });

  it("that is refused to a known client is told to its clinic, and answered as before", async () => {
    const { trails, tell } = await endpointOfTokens();
    expect(await tell(REFUSED, await formOf(CLIENT))).toBe(REFUSED);
    expect(trails.outcomes(A)).toEqual(["token failure"]);
    expect(trails.events(A)[0]?.event.actor).toMatchObject({ user: CLIENT, roles: [], session: "none" });
  });

  it.each<[string, () => Promise<Record<string, string>>]>([
    ["to an unknown client", () => formOf(STRANGER)],
    ["to what is no client id", () => formOf("*")],
    ["without an assertion", () => Promise.resolve({ grant_type: "client_credentials" })],
    ["for nonsense", () => Promise.resolve({ grant_type: "client_credentials", client_assertion: "a.b.c" })],
  ])("that is refused %s leaves no event", async (_title, form) => {
    const { trails, tell } = await endpointOfTokens();
    expect(await tell(REFUSED, await form())).toBe(REFUSED);
    expect(trails.rows()).toEqual([]);
  });

  it("for a code is not told again: the sign-in was", async () => {
    const { trails, tell } = await endpointOfTokens();
    const answer = await granted();
    expect(await tell(answer, { grant_type: "authorization_code" })).toBe(answer);
    expect(trails.rows()).toEqual([]);
  });
});
