import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { importJWK, SignJWT } from "jose";
import { CLI_CLIENT_ID } from "../../core/identity/authorization-server.ts";
import { totpAt } from "../../core/identity/totp.ts";
import { CliFailure, EXIT } from "./failure.ts";
import type { Client, Member } from "./profile.ts";

const REDIRECT_URI = "http://127.0.0.1/callback";

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) });
  } catch {
    throw new CliFailure(`${new URL(url).origin} does not answer: is \`npm start\` running?`, EXIT.unreachable);
  }
}

async function readToken(response: Response): Promise<string> {
  const body = (await response.json().catch(() => ({}))) as { access_token?: string; error?: string };
  if (response.ok && body.access_token !== undefined) return body.access_token;
  throw new CliFailure(`the sign-in was refused (${body.error ?? `status ${response.status}`})`, EXIT.refused);
}

/** A new P-256 key pair for a `private_key_jwt` client. */
export function newClientKey(): {
  readonly privateJwk: Client["privateJwk"];
  readonly publicJwk: { kty: "EC"; crv: "P-256"; x: string; y: string; kid: string };
} {
  const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  const { x = "", y = "", d = "" } = jwk;
  const kid = createHash("sha256").update(x).digest("base64url").slice(0, 16);
  const common = { kty: "EC", crv: "P-256", x, y } as const;
  return { privateJwk: { ...common, d, kid }, publicJwk: { ...common, kid } };
}

/** Client credentials by `private_key_jwt`: RFC 7523 2.2. `nowMs` is the time at the stage, where that is not this machine's. */
export async function clientToken(
  publicUrl: string,
  client: Client,
  scope: string,
  nowMs: number = Date.now(),
): Promise<string> {
  const nowS = Math.floor(nowMs / 1000);
  const key = await importJWK(client.privateJwk, "ES256");
  const assertion = await new SignJWT({ jti: randomBytes(16).toString("hex") })
    .setProtectedHeader({ alg: "ES256", kid: String(client.privateJwk["kid"]) })
    .setIssuer(client.clientId)
    .setSubject(client.clientId)
    .setAudience(publicUrl)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + 60)
    .sign(key);
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    scope,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
  });
  return readToken(await reach(`${publicUrl}/oauth2/token`, { method: "POST", body: form }));
}

/** What a member of a role works for by default; a request may say something else. Nobody's emergency is a default. */
const PURPOSES: Readonly<Record<string, string>> = {
  physician: "TREAT",
  nurse: "TREAT",
  billing: "HPAYMT",
  patient: "PATRQT",
};
export const purposeOfRole = (role: string): string => PURPOSES[role] ?? "HOPERAT";

/**
 * A member's token by the code flow with PKCE, its sign-in page filled in by the CLI: what a browser does, without one.
 * TOTP codes work once, so a second sign-in within the same half minute waits for the next code.
 * @param purpose What the session is declared to be for; `null` leaves it undeclared, and each request has to say it.
 */
export async function memberToken(
  publicUrl: string,
  member: Member,
  purpose: string | null = purposeOfRole(member.role),
): Promise<string> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const token = await tryMemberToken(publicUrl, member, purpose);
    if (token !== undefined) return token;
    await nextCode();
  }
  throw new CliFailure("the sign-in was refused: check the member's password and authenticator", EXIT.refused);
}

/** Shows both factors again in the token's session, which some acts ask for; waits for a code that was not used yet. */
export async function stepUp(publicUrl: string, member: Member, token: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const totp = totpAt(member.totpSecret, Date.now());
    const answer = await reach(`${publicUrl}/session/step-up`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ password: member.password, totp }),
    });
    if (answer.ok) return;
    await nextCode();
  }
  throw new CliFailure("the step-up was refused: check the member's password and authenticator", EXIT.refused);
}

const nextCode = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 30_500 - (Date.now() % 30_000)));

async function tryMemberToken(publicUrl: string, member: Member, purpose: string | null): Promise<string | undefined> {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: CLI_CLIENT_ID,
    response_type: "code",
    redirect_uri: REDIRECT_URI,
    scope: "user/*.cruds",
    state: randomBytes(8).toString("hex"),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const cookies = new Map<string, string>();
  let url = `${publicUrl}/oauth2/authorize?${query.toString()}`;
  let init: RequestInit = {};
  for (let hop = 0; hop < 8; hop += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await reach(url, { ...init, redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const location = response.headers.get("location");
    if (location === null) {
      if (init.method === "POST") return undefined;
      init = {
        method: "POST",
        body: new URLSearchParams({
          login: member.login,
          password: member.password,
          totp: totpAt(member.totpSecret, Date.now()),
          ...(purpose === null ? {} : { purpose }),
        }),
      };
      continue;
    }
    url = new URL(location, url).href;
    init = {};
    if (!url.startsWith(REDIRECT_URI)) continue;
    const form = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: CLI_CLIENT_ID,
      code: new URL(url).searchParams.get("code") ?? "",
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
    });
    return readToken(await reach(`${publicUrl}/oauth2/token`, { method: "POST", body: form }));
  }
  return undefined;
}
