import { isPatientAlone } from "../../core/identity/principal.ts";
import { AppScope, type Route, type Zone } from "../../core/contract/index.ts";
import { type TokenClaims, verifyAccessToken, type TokenTrust } from "../../core/identity/access-token.ts";
import { digestOfRow, sessionDigest, sessionIdOf, type Sessions } from "../../core/identity/session.ts";
import type { Claimed, Standings } from "../../core/identity/standing.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import { parseTenantId, parseUserId } from "../../core/kernel/ids.ts";
import type { Identity } from "./exchange.ts";
import { fail } from "./failure.ts";

/** `__Host-`: bound to this origin, HTTPS and `/`, so that no sibling site can plant one. */
export const SESSION_COOKIE = "__Host-sid";
const COOKIE_VALUE = /^[\w-]{43}$/;

export interface AuthenticationDeps {
  /** The origins of our own pages: the portal's, and the API's where a local stage has another. */
  readonly ownOrigins: readonly string[];
  readonly trust: () => Promise<TokenTrust>;
  readonly standings: Standings;
  readonly sessions: Sessions;
  readonly clock: Clock;
  /** Whether a request to this zone keeps a cookie session alive. */
  readonly isSessionUse: boolean;
}

interface Shown {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/**
 * OWASP CSRF cheat sheet, fetch metadata: a request that carries our cookie and changes something must come from our own
 * pages. Where a browser sends no Sec-Fetch-Site, its Origin must be ours.
 */
function checkSameOrigin({ method, headers }: Shown, ownOrigins: readonly string[]): void {
  if (method === "GET" || method === "HEAD") return;
  const site = headers["sec-fetch-site"];
  const isOwn = site === undefined ? ownOrigins.includes(headers["origin"] ?? "") : site === "same-origin";
  if (!isOwn) fail({ kind: "forbidden", rule: "origin" });
}

/**
 * A sign-in carries nobody's cookie, so that another site could make one with a login of its own and leave its victim
 * signed in as somebody else. A browser says where a request comes from; what is no browser says nothing.
 */
export function checkOwnPage({ headers }: Pick<Shown, "headers">, ownOrigins: readonly string[]): void {
  const site = headers["sec-fetch-site"];
  const origin = headers["origin"];
  const isForeign = site === undefined ? origin !== undefined && !ownOrigins.includes(origin) : site !== "same-origin";
  if (isForeign) fail({ kind: "forbidden", rule: "origin" });
}

/**
 * A page that was made in another sign-in than the cookie's is told so, and nothing is done: its screen may show one
 * clinic while the cookie is another's. The tag decides nothing else; who asks is what the cookie says.
 */
export function checkSessionTag({ sessionTag, shown }: Identity, headers: Shown["headers"]): void {
  const tag = headers["x-session-tag"];
  if (shown === "cookie" && tag !== undefined && tag !== sessionTag)
    fail({ kind: "conflict", rule: "session-changed" });
}

/** Where a patient's browser goes: her sign-in, and her own portal. */
const PATIENT_ZONES: ReadonlySet<Zone> = new Set(["public", "session", "patient"]);

/**
 * A patient who is signed in to the portal does nothing in a clinic's zones, whatever policy would permit her there: what
 * she is shown of her record has one way, and its rules of release. An application of hers shows a token and is policy's.
 */
export function checkOwnZone({ shown, principal }: Identity, zone: Zone): void {
  if (shown === "cookie" && isPatientAlone(principal) && !PATIENT_ZONES.has(zone))
    fail({ kind: "forbidden", rule: "patient-zone" });
}

/** The session cookie's value; undefined for none, for two of them, and for what is no value of ours. */
export function readCookie(cookies: readonly string[]): string | undefined {
  const values = cookies.flatMap((cookie) => {
    const at = cookie.indexOf("=");
    return cookie.slice(0, at) === SESSION_COOKIE ? [cookie.slice(at + 1)] : [];
  });
  const [value] = values;
  // Two cookies of one name are a planted one and ours: neither is believed.
  return values.length === 1 && value !== undefined && COOKIE_VALUE.test(value) ? value : undefined;
}

async function claimByToken(token: string, deps: AuthenticationDeps) {
  const verified = await verifyAccessToken(token, await deps.trust(), deps.clock.now());
  if (!verified.ok) return fail({ kind: "unauthenticated" });
  const claims = verified.value;
  const digest = sessionDigest(claims.sessionId);
  const claimed: Claimed = {
    kind: claims.kind,
    userId: claims.userId,
    tenantId: claims.tenantId,
    clientId: claims.clientId,
    assurance: claims.assurance,
    sessionId: claims.kind === "client" ? claims.sessionId : sessionIdOf(digest),
    ...(claims.kind === "client" ? {} : { sessionDigest: digest }),
    shown: "oauth",
  };
  return { claimed, claims };
}

async function claimByCookie(
  secret: string,
  { sessions, isSessionUse }: AuthenticationDeps,
  { isBackground, endsSession }: { readonly isBackground: boolean; readonly endsSession: boolean },
): Promise<{ claimed: Claimed; claims: undefined }> {
  const found = await sessions.find(secret, isSessionUse && !isBackground);
  const session = found ?? (endsSession ? await sessions.successorOf(secret) : undefined);
  const userId = parseUserId(session?.userId);
  const tenantId = parseTenantId(session?.tenantId);
  if (session === undefined || userId === undefined || tenantId === undefined) return fail({ kind: "unauthenticated" });
  const digest = digestOfRow(session);
  const claimed: Claimed = {
    kind: "user",
    userId,
    tenantId,
    clientId: "portal",
    assurance: session.assurance,
    sessionId: sessionIdOf(digest),
    sessionDigest: digest,
    shown: "cookie",
  };
  return { claimed, claims: undefined };
}

/**
 * Who asks, or HttpFailure `unauthenticated`. A request that shows both a token and a cookie is refused:
 * nothing decides which of two identities was meant.
 */
export async function authenticate(
  route: Route,
  shown: Shown,
  deps: AuthenticationDeps,
): Promise<Identity | undefined> {
  if (route.authentication === "none" || route.authentication === "oauth") return undefined;
  const authorization = shown.headers["authorization"];
  const secret = readCookie(shown.cookies);
  if (authorization !== undefined && secret !== undefined) return fail({ kind: "unauthenticated" });
  const bearer = authorization === undefined ? undefined : /^Bearer ([\w.-]+)$/.exec(authorization)?.[1];
  if (route.authentication !== "session" && bearer !== undefined) {
    const { claimed, claims } = await claimByToken(bearer, deps);
    return confirm(claimed, claims, deps);
  }
  if (route.authentication !== "bearer" && secret !== undefined && authorization === undefined) {
    checkSameOrigin(shown, deps.ownOrigins);
    // What a page asks by itself, such as a poll, is nobody's presence.
    const { claimed, claims } = await claimByCookie(secret, deps, {
      isBackground: shown.headers["x-background"] !== undefined,
      endsSession: route.endsSession === true,
    });
    return confirm(claimed, claims, deps);
  }
  return fail({ kind: "unauthenticated" });
}

async function confirm(claimed: Claimed, claims: Identity["claims"], deps: AuthenticationDeps): Promise<Identity> {
  const standing = await deps.standings.of(claimed);
  if (!standing.ok)
    return fail(standing.error.kind === "suspended" ? { kind: "forbidden" } : { kind: "unauthenticated" });
  return {
    ...standing.value,
    shown: claimed.shown,
    ...(claimed.sessionDigest === undefined ? {} : { sessionDigest: claimed.sessionDigest }),
    ...(claims === undefined ? {} : { claims: limited(claims, standing.value.scopes) }),
  };
}

/** Of a token's record scopes those alone that its app was registered for, as the registry has them now. */
const limited = (claims: TokenClaims, scopes: readonly AppScope[] | undefined): TokenClaims => ({
  ...claims,
  scope: claims.scope.filter((scope) => {
    const known = AppScope.safeParse(scope);
    return !known.success || scopes === undefined || scopes.includes(known.data);
  }),
});
