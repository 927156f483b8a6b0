import http from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TokenKey } from "../../../core/identity/token-key.ts";
import { attackerKey, type Decoded, decodeToken, encodeToken, hmacBy, openStageKey, unsigned } from "../http/tokens.ts";
import { refusalOf, type Use } from "./scene.ts";

interface Forge extends Decoded {
  /** The real token. */
  readonly token: string;
  readonly key: TokenKey;
  readonly attacker: ReturnType<typeof attackerKey>;
  /** The issuer. */
  readonly url: string;
  /** Where a verifier would go that follows what a token says. */
  readonly listener: string;
  readonly foreignTenant: string;
  readonly nowSeconds: number;
}
type Make = (forge: Forge) => Promise<string> | string;
type Row = readonly [title: string, make: Make];

/** The real claims with changes, under the stage's own good signature. */
const resigned =
  (change: (forge: Forge) => Record<string, unknown>): Make =>
  (forge) =>
    encodeToken(forge.header, { ...forge.claims, ...change(forge) }, (input) => forge.key.sign(Buffer.from(input)));
const reheaded =
  (change: (forge: Forge) => Record<string, unknown>): Make =>
  (forge) =>
    encodeToken({ ...forge.header, ...change(forge) }, forge.claims, (input) => forge.key.sign(Buffer.from(input)));
/** The claims as text, with one member more, under the stage's own good signature. */
const withMember =
  (member: (forge: Forge) => string): Make =>
  (forge) =>
    encodeToken(forge.header, `{${member(forge)},${JSON.stringify(forge.claims).slice(1)}`, (input) =>
      forge.key.sign(Buffer.from(input)),
    );
const without = (forge: Forge, name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(forge.claims).filter(([known]) => known !== name));
const lacking =
  (name: string): Make =>
  (forge) =>
    encodeToken(forge.header, without(forge, name), (input) => forge.key.sign(Buffer.from(input)));

const ALGORITHMS: readonly Row[] = [
  ...["none", "None", "nOnE", "NONE", ""].map((alg): Row => [
    `AT-15 alg ${JSON.stringify(alg)} without a signature`,
    ({ header, claims }) => encodeToken({ ...header, alg }, claims, unsigned),
  ]),
  [
    "AT-15 alg none with the real signature",
    ({ header, claims, token }) =>
      encodeToken({ ...header, alg: "none" }, claims, () => Buffer.from(token.split(".")[2] ?? "", "base64url")),
  ],
  ["AT-15 the signature left out", ({ token }) => `${token.split(".").slice(0, 2).join(".")}.`],
  [
    "AT-15 the signature of another token",
    ({ token }) => `${token.slice(0, -4)}${token.endsWith("AAAA") ? "BBBB" : "AAAA"}`,
  ],
  ["AT-15 a signature of zeros", ({ header, claims }) => encodeToken(header, claims, () => new Uint8Array(64))],
  [
    "AT-15 claims altered under the old signature",
    ({ token, claims }) => {
      const [header = "", , signature = ""] = token.split(".");
      const altered = Buffer.from(JSON.stringify({ ...claims, scope: "platform user/*.cruds" })).toString("base64url");
      return `${header}.${altered}.${signature}`;
    },
  ],
  ...["pem", "der", "jwk"].map((form): Row => [
    `AT-16 HS256 by the public key as ${form}`,
    ({ header, claims, key }) => {
      const secret =
        form === "jwk" ? JSON.stringify(key.publicJwk) : key.publicKey.export({ type: "spki", format: form as "pem" });
      return encodeToken({ ...header, alg: "HS256" }, claims, hmacBy(secret));
    },
  ]),
  [
    "AT-16 HS256 with an empty secret",
    ({ header, claims }) => encodeToken({ ...header, alg: "HS256" }, claims, hmacBy("")),
  ],
];

const KEYS: readonly Row[] = [
  [
    "AT-17 a key of the attacker's under our key id",
    ({ header, claims, attacker }) => encodeToken(header, claims, attacker.sign),
  ],
  ...["unknown", "../../../../dev/null", "' OR 1=1 --", "http://127.0.0.1/jwks", "", "__proto__"].map((kid): Row => [
    `AT-17 key id ${JSON.stringify(kid)}`,
    ({ header, claims, attacker }) => encodeToken({ ...header, kid }, claims, attacker.sign),
  ]),
  [
    "AT-17 the attacker's key in the header",
    ({ header, claims, attacker }) =>
      encodeToken({ ...header, jwk: attacker.publicKey.export({ format: "jwk" }) }, claims, attacker.sign),
  ],
  [
    "AT-17 the attacker's key behind jku and x5u",
    ({ header, claims, attacker, listener }) =>
      encodeToken({ ...header, jku: listener, x5u: listener }, claims, attacker.sign),
  ],
  ["AT-17 jku under our own good signature", reheaded(({ listener }) => ({ jku: listener }))],
  ["AT-17 a critical header that nobody knows", reheaded(() => ({ crit: ["exp"], exp: 1 }))],
];

const CLAIMS: readonly Row[] = [
  ["AT-18 another audience", resigned(({ url }) => ({ aud: `${url}/platform` }))],
  ["AT-18 the client as audience, as an id token has it", resigned(() => ({ aud: "keyward-cli" }))],
  ["AT-18 two audiences", resigned(({ claims }) => ({ aud: [claims["aud"], "other"] }))],
  ["AT-18 the issuer with a slash", resigned(({ url }) => ({ iss: `${url}/` }))],
  ["AT-18 another issuer", resigned(() => ({ iss: "https://login.example" }))],
  ["AT-18 an id token's type", reheaded(() => ({ typ: "JWT" }))],
  [
    "AT-18 no type",
    ({ header, claims, key }) => {
      const { typ: _typ, ...rest } = header;
      return encodeToken(rest, claims, (input) => key.sign(Buffer.from(input)));
    },
  ],
  [
    "AT-18 an id token, signed by us",
    ({ header, claims, key, url, nowSeconds }) =>
      encodeToken(
        { ...header, typ: "JWT" },
        { iss: url, aud: "keyward-cli", sub: claims["sub"], iat: nowSeconds, exp: nowSeconds + 600 },
        (input) => key.sign(Buffer.from(input)),
      ),
  ],
  ["AT-18 an opaque text, as refresh tokens and codes are", () => "x".repeat(43)],
  ["AT-18 the session inside of the token", ({ claims }) => String(claims["sid"])],
  ["AT-19 expired beyond the skew", resigned(({ nowSeconds }) => ({ iat: nowSeconds - 631, exp: nowSeconds - 31 }))],
  ["AT-19 not yet valid", resigned(({ nowSeconds }) => ({ nbf: nowSeconds + 120 }))],
  ["AT-19 issued in the future", resigned(({ nowSeconds }) => ({ iat: nowSeconds + 120, exp: nowSeconds + 720 }))],
  ["AT-19 no exp", lacking("exp")],
  ["AT-19 no iat", lacking("iat")],
  ["AT-19 a huge exp", resigned(() => ({ exp: 9_999_999_999 }))],
  ["AT-19 an exp beyond any number", withMember(() => '"exp":1e400')],
  ["AT-19 a longer life than we give", resigned(({ nowSeconds }) => ({ iat: nowSeconds, exp: nowSeconds + 601 }))],
  ["AT-19 exp as text", resigned(({ claims }) => ({ exp: String(claims["exp"]) }))],
  ["AT-19 exp with a fraction", resigned(({ claims }) => ({ exp: Number(claims["exp"]) - 0.5 }))],
  ["AT-19 exp null", resigned(() => ({ exp: null }))],
  ["AT-20 another tenant", resigned(({ foreignTenant }) => ({ tenant: foreignTenant }))],
  [
    "AT-20 another tenant, as a client",
    resigned(({ foreignTenant }) => ({ tenant: foreignTenant, kind: "client", aal: "client" })),
  ],
  ["AT-20 a tenant that is none", resigned(() => ({ tenant: "t" }))],
  ["AT-21 two tenants, ours first", withMember(({ claims }) => `"tenant":"${String(claims["tenant"])}"`)],
  ["AT-21 two tenants, the other first", withMember(({ foreignTenant }) => `"tenant":"${foreignTenant}"`)],
  ["AT-21 two tenants, one escaped", withMember(({ foreignTenant }) => `"\\u0074enant":"${foreignTenant}"`)],
  [
    "AT-21 tenants in an array",
    resigned(({ claims, foreignTenant }) => ({ tenant: [claims["tenant"], foreignTenant] })),
  ],
  [
    "AT-21 a tenant with Cyrillic letters beside ours",
    withMember(({ foreignTenant }) => `"tеnant":"${foreignTenant}"`),
  ],
  ["AT-21 a nested tenant", resigned(({ foreignTenant }) => ({ act: { tenant: foreignTenant } }))],
  ["AT-21 roles", resigned(() => ({ roles: ["platform-operator"] }))],
  ["AT-21 a user that is a list", resigned(({ claims }) => ({ sub: [claims["sub"]] }))],
];

const FORMS: readonly Row[] = [
  ["AT-15 five parts", ({ token }) => `${token}.x.y`],
  ["AT-15 two parts", ({ token }) => token.split(".").slice(0, 2).join(".")],
  ["AT-15 padding", ({ token }) => `${token}=`],
  ["AT-15 five thousand characters", ({ token }) => `${token}${"A".repeat(5000 - token.length)}`],
  ["AT-15 no JSON", () => "eyJ.eyJ.sig"],
  [
    "AT-15 claims that are no object",
    ({ header, key }) => encodeToken(header, "[]", (input) => key.sign(Buffer.from(input))),
  ],
];

export function tokens(use: Use): void {
  describe("tokens that are not ours, or not so", () => {
    const asked: string[] = [];
    let listener: http.Server;
    let stage: Awaited<ReturnType<typeof openStageKey>>;
    beforeAll(async () => {
      listener = http.createServer((request, response) => {
        asked.push(request.url ?? "");
        response.end("{}");
      });
      listener.listen(0, "127.0.0.1");
      await once(listener, "listening");
      stage = await openStageKey(use().world);
    });
    afterAll(() => {
      stage.close();
      listener.close();
    });

    const forgeOf = (token: string, foreignTenant: string): Forge => ({
      ...decodeToken(token),
      token,
      key: stage.key,
      attacker: attackerKey(),
      url: use().world.stack.endpoint,
      listener: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/jwks`,
      foreignTenant,
      nowSeconds: Math.floor(use().clock.now() / 1000),
    });

    it.each([...ALGORITHMS, ...KEYS, ...CLAIMS, ...FORMS])("%s", async (_title, make) => {
      const { world, path } = use();
      const doc = world.caller(await make(forgeOf(world.a.doc.token, world.b.tenantId)));
      const operator = world.caller(await make(forgeOf(world.operator.token, world.b.tenantId)));
      const nobody = world.caller("");
      const tries = [
        [doc, "GET", path, undefined],
        [doc, "POST", "/session/sign-out", { everywhere: true }],
        [operator, "GET", "/platform/tenants", undefined],
      ] as const;
      for (const [by, method, at, body] of tries) {
        const answer = await by.send(method, at, { body });
        const unknown = await nobody.send(method, at, { body });
        expect([at, answer.status]).toEqual([at, 401]);
        expect(refusalOf(answer, world.a.canary)).toEqual(refusalOf(unknown, world.a.canary));
      }
    });
    it("AT-17 no verifier went where a token told it to go", () => {
      expect(asked).toEqual([]);
    });
    it("AT-15 to AT-21 control: the real tokens work, and so does one that the stage's key signs anew", async () => {
      const { world, path } = use();
      const again = await resigned(() => ({}))(forgeOf(world.a.doc.token, world.b.tenantId));
      expect((await world.a.doc.send("GET", path)).status).toBe(200);
      expect((await world.caller(again).send("GET", path)).status).toBe(200);
      expect((await world.operator.send("GET", "/platform/tenants")).status).toBe(200);
    });
    it("AT-18 a clinic's token is no operator's, and an operator's is no clinic's", async () => {
      const { world, path } = use();
      expect((await world.a.doc.send("GET", "/platform/tenants")).status).toBe(403);
      expect((await world.operator.send("GET", path, { headers: { "x-purpose-of-use": "HOPERAT" } })).status).toBe(403);
    });
    it("AT-18 no refresh token is ever given or taken", async () => {
      const { world } = use();
      const form = { grant_type: "refresh_token", refresh_token: "x".repeat(43), client_id: "keyward-cli" };
      const answer = await fetch(`${world.stack.endpoint}/oauth2/token`, {
        method: "POST",
        body: new URLSearchParams(form),
      });
      expect([answer.status, await answer.json()]).toEqual([400, { error: "unsupported_grant_type" }]);
    });
  });
}
