import { setTimeout } from "node:timers/promises";
import { createAuthorizationServer } from "../core/identity/authorization-server.ts";
import { createSessions, ABSOLUTE_TIMEOUT_MS } from "../core/identity/session.ts";
import { createSignIn } from "../core/identity/sign-in.ts";
import { createStepUp } from "../core/identity/step-up.ts";
import { IDLE_TIMEOUT_MS } from "../core/identity/standing.ts";
import type { SessionView, SignIn as SignInRequest, SignOut, StepUp } from "../core/contract/index.ts";
import { systemClock, toInstant } from "../core/kernel/clock.ts";
import { invariant } from "../core/kernel/invariant.ts";
import { notAsked } from "../core/policy/grant.ts";
import { parseRow, SessionRow, sessionKey, UserRow, userKey } from "../core/tenant/index.ts";
import { SESSION_COOKIE } from "./http/authenticate.ts";
import { endpoint } from "./http/endpoint.ts";
import { json, type Exchange, type Handle, type Identity } from "./http/exchange.ts";
import { fail } from "./http/failure.ts";
import { originOf } from "./http/origin.ts";
import { createAppendTables } from "./runtime/append-tables.ts";
import { kms } from "./runtime/clients.ts";
import { readConfig } from "./runtime/config.ts";
import { createZoneIdentity } from "./runtime/identity.ts";
import { actorOf, createOperationAudit, type Operation, type Telling } from "./runtime/operation-audit.ts";
import { createStageSecrets } from "./runtime/stage-secrets.ts";
import { createBeginSession, type EntryFailure, trailsOf } from "./session/begin-session.ts";
import { type OauthDeps, serveOauth } from "./session/oauth.ts";
import { createBeginStepUp } from "./session/step-up.ts";

const config = readConfig([
  "AWS_REGION",
  "CELL",
  "PUBLIC_URL",
  "OUTBOX_TABLE",
  "KEYS_TABLE",
  "REGISTRY_TABLE",
  "TOKEN_KEY_ARN",
  "SESSION_KEY_ARN",
  "IDENTITY_ROLE_ARN",
  "AUDIT_APPEND_ROLE_ARN",
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
const audit = createOperationAudit({
  cell: config.CELL,
  clock: systemClock,
  openTable: createAppendTables(config, zone.vend, systemClock),
});
const pause = (ms: number): Promise<void> => setTimeout(ms);
const beginSession = createBeginSession({
  signIn: createSignIn(zone.registry, secrets, systemClock),
  sessions,
  registry: zone.registry,
  audit,
  pause,
});
const beginStepUp = createBeginStepUp({
  stepUp: createStepUp(zone.registry, secrets, systemClock),
  sessions,
  audit,
  pause,
});

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
      .then((provider) => ({
        publicUrl: config.PUBLIC_URL,
        provider,
        beginSession,
        registry: zone.registry,
        audit,
      }));
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

/** Only the kind of a failure leaves: whose login it was is for the trail alone. */
function failEntry(failure: EntryFailure): never {
  switch (failure.kind) {
    case "unauthenticated":
    case "unavailable":
      return fail({ kind: failure.kind });
    case "throttled":
      return fail({ kind: "throttled", retryAfterMs: failure.retryAfterMs });
    case "tenant-required":
      return fail({ kind: "business-rule", rule: "tenant-required" });
  }
}

async function signIn(exchange: Exchange) {
  const door = { kind: "cookie", clientId: "portal" } as const;
  const begun = await beginSession(exchange.body as SignInRequest, door, originOf(exchange.event));
  if (!begun.ok) return failEntry(begun.error);
  const { userId, tenantId, displayName, roles, secret, session } = begun.value;
  const view: SessionView = {
    userId,
    tenantId,
    displayName,
    roles: [...roles],
    assurance: "aal2",
    ...(session.purpose === undefined ? {} : { purpose: session.purpose }),
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
  const { lastSeenAtMs, expiresAtMs, purpose } = parseRow(SessionRow, session);
  const view: SessionView = {
    userId: principal.userId,
    tenantId: principal.tenantId,
    displayName: parseRow(UserRow, user).displayName,
    roles: [...principal.roles],
    assurance: principal.assurance === "aal2" ? "aal2" : "aal1",
    ...(purpose === undefined ? {} : { purpose }),
    idleExpiresAt: toInstant(lastSeenAtMs + IDLE_TIMEOUT_MS),
    expiresAt: toInstant(expiresAtMs),
  };
  return json(200, view);
}

/** Both factors again. What they open is the session's, and the cookie that held it before is worth nothing after. */
async function stepUp(exchange: Exchange) {
  const done = await beginStepUp(identityOf(exchange), exchange.body as StepUp, originOf(exchange.event));
  if (done.ok) {
    const { view, secret } = done.value;
    if (secret === undefined) return json(200, view);
    const seconds = Math.floor((done.value.sessionExpiresAtMs - systemClock.now()) / 1000);
    return { ...json(200, view), cookies: [cookie(secret, seconds)] };
  }
  switch (done.error.kind) {
    case "no-session":
      return fail({ kind: "business-rule", rule: "no-step-up" });
    case "throttled":
      return fail({ kind: "throttled", retryAfterMs: done.error.retryAfterMs });
    case "unauthenticated":
    case "unavailable":
      return fail({ kind: done.error.kind });
  }
}

/** The sign-out, in the trail of the clinic that it is asked in, and of every other in which it ends a session. */
async function signOutTellings({ principal, tenantEpoch, cell }: Identity, everywhere: boolean): Promise<Telling[]> {
  const { userId, tenantId, sessionId } = principal;
  const operation: Operation = {
    interaction: "sign-out",
    actor: actorOf(principal),
    decision: notAsked("sign-out", [everywhere ? "everywhere" : "this-session"]),
    entities: [everywhere ? { type: "Session" } : { type: "Session", id: sessionId }],
  };
  const own = { trail: { tenantId, epoch: tenantEpoch, cell }, operation };
  if (!everywhere) return [own];
  const others = (await sessions.tenantsOf(userId)).filter((other) => other !== tenantId);
  // What the user is in one clinic is nothing that another is told.
  const elsewhere = { ...operation, actor: { ...operation.actor, roles: [], session: "none" } };
  return [own, ...(await trailsOf(zone.registry, others)).map((trail) => ({ trail, operation: elsewhere }))];
}

async function endSession(exchange: Exchange) {
  const identity = identityOf(exchange);
  const { principal, sessionDigest } = identity;
  const { everywhere } = exchange.body as SignOut;
  // Saying that it ended would not be true.
  if (principal.kind === "client") return fail({ kind: "business-rule", rule: "no-session" });
  const tellings = await signOutTellings(identity, everywhere);
  const ended = await audit.perform(tellings, originOf(exchange.event), async () => {
    if (everywhere) await sessions.endAll(principal.userId);
    else if (sessionDigest !== undefined) await sessions.end(sessionDigest);
  });
  if (!ended.ok) return fail({ kind: "unavailable" });
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
    signIn,
    readSession,
    stepUp,
    signOut: endSession,
  },
  { identity: zone.authentication },
);
