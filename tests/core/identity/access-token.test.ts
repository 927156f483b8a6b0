import { createSecretKey, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { base64url, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { type TokenTrust, verifyAccessToken } from "../../../core/identity/access-token.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
const NOW = Date.UTC(2026, 10, 22, 12);
const seconds = NOW / 1000;
const trust: TokenTrust = {
  issuer: "https://kw.example",
  audience: "https://kw.example/fhir",
  keys: new Map([["k1", publicKey]]),
};

const claims = {
  iss: trust.issuer,
  aud: trust.audience,
  sub: "01hxyzabcd0123456789abcdeg",
  tenant: "01hxyzabcd0123456789abcdef",
  client_id: "portal",
  jti: "jti-0123456789abcdef",
  sid: "sid-0123456789abcdef",
  iat: seconds - 10,
  exp: seconds + 500,
  kind: "user",
  aal: "aal2",
};
const header = { alg: "ES256", kid: "k1", typ: "at+jwt" };

const make = (
  body: Record<string, unknown> = claims,
  head: Record<string, unknown> = header,
  key = privateKey,
): Promise<string> => new SignJWT(body).setProtectedHeader(head as { alg: string }).sign(key);

/** Signs text as it is, for tokens that a library would not make. */
function makeRaw(head: string, body: string): string {
  const input = `${base64url.encode(head)}.${base64url.encode(body)}`;
  return `${input}.${base64url.encode(signBytes("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }))}`;
}

const verify = (token: string) => verifyAccessToken(token, trust, NOW);
const refused = { ok: false, error: { kind: "unauthenticated" } };

describe("verifyAccessToken", () => {
  it("gives the claims of a token that is ours", async () => {
    expect(await verify(await make())).toMatchObject({
      ok: true,
      value: { userId: claims.sub, tenantId: claims.tenant, assurance: "aal2" },
    });
    expect(await verify(makeRaw(JSON.stringify(header), JSON.stringify(claims)))).toMatchObject({ ok: true });
  });

  it.each(["none", "None", "nOnE", "NONE", ""])("AT-15 alg %j is refused, signed or not", async (alg) => {
    const [, body = "", signature = ""] = (await make()).split(".");
    const head = base64url.encode(JSON.stringify({ ...header, alg }));
    for (const token of [`${head}.${body}.`, `${head}.${body}.${signature}`, `${head}.${body}`]) {
      expect(await verify(token)).toMatchObject(refused);
    }
  });

  it("AT-16 an HS256 token keyed with our public key is refused", async () => {
    const forms = [
      publicKey.export({ format: "pem", type: "spki" }).toString(),
      JSON.stringify(publicKey.export({ format: "jwk" })),
    ];
    for (const form of forms) {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ ...header, alg: "HS256" })
        .sign(createSecretKey(Buffer.from(form)));
      expect(await verify(token)).toMatchObject(refused);
    }
  });

  it.each([
    ["unknown kid", { ...header, kid: "k2" }],
    ["no kid", { alg: "ES256", typ: "at+jwt" }],
    ["path as kid", { ...header, kid: "../../dev/null" }],
    ["SQL as kid", { ...header, kid: "k1' OR '1'='1" }],
    ["prototype as kid", { ...header, kid: "__proto__" }],
    ["jku", { ...header, jku: "http://127.0.0.1:9/jwks" }],
    ["x5u", { ...header, x5u: "http://127.0.0.1:9/cert" }],
    ["embedded jwk", { ...header, jwk: other.publicKey.export({ format: "jwk" }) }],
    ["crit", { ...header, crit: ["exp"] }],
  ])("AT-17 %s in the header is refused and followed nowhere", async (_title, head) => {
    expect(await verify(makeRaw(JSON.stringify(head), JSON.stringify(claims)))).toMatchObject(refused);
    expect(await verify(await make(claims, header, other.privateKey))).toMatchObject(refused);
  });

  it.each([
    ["another audience", { aud: "https://kw.example/other" }],
    ["a list of audiences", { aud: [trust.audience, "x"] }],
    ["issuer with a slash", { iss: `${trust.issuer}/` }],
    ["another issuer", { iss: "https://kw.example.evil" }],
  ])("AT-18 %s is refused", async (_title, change) => {
    expect(await verify(await make({ ...claims, ...change }))).toMatchObject(refused);
  });

  it.each(["JWT", "id+jwt", "rt+jwt", undefined])("AT-18 a token of type %s is no access token", async (typ) => {
    expect(await verify(makeRaw(JSON.stringify({ ...header, typ }), JSON.stringify(claims)))).toMatchObject(refused);
  });

  it.each([
    ["expired beyond the skew", { iat: seconds - 600, exp: seconds - 31 }],
    ["not yet valid", { nbf: seconds + 31 }],
    ["issued in the future", { iat: seconds + 31, exp: seconds + 500 }],
    ["without exp", { exp: undefined }],
    ["a huge exp", { exp: seconds + 10 ** 9 }],
    ["a longer life than we give", { iat: seconds - 10, exp: seconds + 700 }],
    ["text as exp", { exp: String(seconds + 100) }],
    ["a fraction as exp", { exp: seconds + 0.5 }],
    ["Infinity as exp", { exp: Number.POSITIVE_INFINITY }],
  ])("AT-19 %s is refused", async (_title, change) => {
    expect(await verify(makeRaw(JSON.stringify(header), JSON.stringify({ ...claims, ...change })))).toMatchObject(
      refused,
    );
  });

  it("AT-20 a token of another tenant's issuer is refused though its claim names ours", async () => {
    expect(
      await verify(await make({ ...claims, iss: "https://idp.other-clinic.example" }, header, other.privateKey)),
    ).toMatchObject(refused);
    expect(await verify(await make(claims, { ...header, kid: "their-key" }, other.privateKey))).toMatchObject(refused);
  });

  it("AT-21 doubled, listed, nested or look-alike claims are refused", async () => {
    const text = JSON.stringify(claims);
    const doubled = [
      text.replace(/^\{/, `{"tenant":"01hxyzabcd0123456789abcdee",`),
      text.replace(/\}$/, `,"ten\\u0061nt":"01hxyzabcd0123456789abcdee"}`),
    ];
    for (const body of doubled) expect(await verify(makeRaw(JSON.stringify(header), body))).toMatchObject(refused);
    const changes = [
      { tenant: [claims.tenant] },
      { tenant: { id: claims.tenant } },
      { tenant: `${claims.tenant} ` },
      { tenant: claims.tenant.toUpperCase() },
      { tеnant: claims.tenant },
      { custom: { tenant: claims.tenant } },
      { tenant: undefined },
    ];
    for (const change of changes) expect(await verify(await make({ ...claims, ...change }))).toMatchObject(refused);
  });

  it("refuses every single-character change of a token", async () => {
    const token = await make();
    for (let index = 0; index < token.length - 1; index += 3) {
      const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
      const result = await verify(changed);
      expect(result.ok).toBe(false);
    }
  });

  it.each(["", ".", "..", "a.b", "a.b.c.d", `${"a".repeat(5000)}.b.c`, "é.é.é", "{}.{}.{}"])(
    "refuses %j without throwing",
    async (token) => {
      expect(await verify(token)).toMatchObject(refused);
    },
  );
});
