import { createAuthorizationServer } from "../core/identity/authorization-server.ts";
import { createSessions, ABSOLUTE_TIMEOUT_MS } from "../core/identity/session.ts";
import { createSignIn } from "../core/identity/sign-in.ts";
import { IDLE_TIMEOUT_MS } from "../core/identity/standing.ts";
import type { SessionView, SignIn as SignInRequest, SignOut } from "../core/contract/index.ts";
import { systemClock, toInstant } from "../core/kernel/clock.ts";
import { invariant } from "../core/kernel/invariant.ts";
import { parseRow, SessionRow, sessionKey, UserRow, userKey } from "../core/tenant/index.ts";
import { SESSION_COOKIE } from "./http/authenticate.ts";
import { endpoint } from "./http/endpoint.ts";
import { json, type Exchange, type Handle } from "./http/exchange.ts";
import { fail } from "./http/failure.ts";
import { kms } from "./runtime/clients.ts";
import { readConfig } from "./runtime/config.ts";
import { createZoneIdentity } from "./runtime/identity.ts";
import { createStageSecrets } from "./runtime/stage-secrets.ts";
import { type OauthDeps, serveOauth } from "./session/oauth.ts";

const config = readConfig([
  "AWS_REGION",
  "PUBLIC_URL",
  "REGISTRY_TABLE",
  "TOKEN_KEY_ARN",
  "SESSION_KEY_ARN",
  "IDENTITY_ROLE_ARN",
]);
const zone = createZoneIdentity({
  ...config,
  roleArn: config.IDENTITY_ROLE_ARN,
  sessionName: "session",
  isSessionUse: true,
});
const macs = kms(config.AWS_REGION, () => zone.vend({ roleArn: config.IDENTITY_ROLE_ARN, sessionName: "session" }));
const secrets = createStageSecrets(macs, config.SESSION_KEY_ARN);
const sessions = createSessions(zone.registry, systemClock);
const signIn = createSignIn(zone.registry, secrets, systemClock);

let starting: Promise<OauthDeps> | undefined;

/** The authorization server is built on its first use: a health check does not pay for it. */
function oauthDeps(): Promise<OauthDeps> {
  if (starting === undefined) {
    const started = zone
      .tokenKey()
      .then((tokenKey) =>
        createAuthorizationServer({
          publicUrl: config.PUBLIC_URL,
          store: zone.registry,
          secrets,
          tokenKey,
          clock: systemClock,
        }),
      )
      .then((provider) => ({ publicUrl: config.PUBLIC_URL, provider, signIn, sessions }));
    started.catch(() => (starting = undefined));
    starting = started;
  }
  return starting;
}

const oauth: Handle = async (exchange) => serveOauth(exchange, await oauthDeps());

const cookie = (value: string, maxAgeSeconds: number): string =>
  `${SESSION_COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`;

/** The identity that the stack has confirmed: routes that ask for one always have it. */
function identityOf(exchange: Exchange) {
  invariant(exchange.identity !== undefined, "a route that asks for an identity has one");
  return exchange.identity;
}

async function beginSession(exchange: Exchange) {
  const request = exchange.body as SignInRequest;
  const signedIn = await signIn(request);
  if (!signedIn.ok) {
    if (signedIn.error.kind === "throttled")
      return fail({ kind: "throttled", retryAfterMs: signedIn.error.retryAfterMs });
    if (signedIn.error.kind === "tenant-required") return fail({ kind: "business-rule", rule: "tenant-required" });
    return fail({ kind: "unauthenticated" });
  }
  const { userId, tenantId, displayName, roles } = signedIn.value;
  const { secret, session } = await sessions.begin(userId, tenantId, "aal2", "cookie");
  const view: SessionView = {
    userId,
    tenantId,
    displayName,
    roles: [...roles],
    assurance: "aal2",
    idleExpiresAt: toInstant(session.lastSeenAtMs + IDLE_TIMEOUT_MS),
    expiresAt: toInstant(session.expiresAtMs),
  };
  return { ...json(200, view), cookies: [cookie(secret, ABSOLUTE_TIMEOUT_MS / 1000)] };
}

async function readSession(exchange: Exchange) {
  const { principal, sessionDigest = "" } = identityOf(exchange);
  const [user, session] = await Promise.all([
    zone.registry.get(userKey(principal.userId)),
    zone.registry.get(sessionKey(sessionDigest)),
  ]);
  if (user === undefined || session === undefined) return fail({ kind: "unauthenticated" });
  const { lastSeenAtMs, expiresAtMs } = parseRow(SessionRow, session);
  const view: SessionView = {
    userId: principal.userId,
    tenantId: principal.tenantId,
    displayName: parseRow(UserRow, user).displayName,
    roles: [...principal.roles],
    assurance: principal.assurance === "aal2" ? "aal2" : "aal1",
    idleExpiresAt: toInstant(lastSeenAtMs + IDLE_TIMEOUT_MS),
    expiresAt: toInstant(expiresAtMs),
  };
  return json(200, view);
}

async function endSession(exchange: Exchange) {
  const { principal, sessionDigest } = identityOf(exchange);
  const { everywhere } = exchange.body as SignOut;
  // Saying that it ended would not be true.
  if (principal.kind === "client") return fail({ kind: "business-rule", rule: "no-session" });
  if (everywhere) await sessions.endAll(principal.userId);
  else if (sessionDigest !== undefined) await sessions.end(sessionDigest);
  return { status: 204, headers: { "clear-site-data": '"cache", "cookies", "storage"' }, cookies: [cookie("", 0)] };
}

/** Sign-in, sessions and the authorization server. */
export const handler = endpoint(
  "session",
  {
    openidConfiguration: oauth,
    jwks: oauth,
    authorize: oauth,
    authorizeResume: oauth,
    token: oauth,
    revoke: oauth,
    introspect: oauth,
    interaction: oauth,
    interactionSignIn: oauth,
    signIn: beginSession,
    readSession,
    signOut: endSession,
  },
  { identity: zone.authentication },
);
