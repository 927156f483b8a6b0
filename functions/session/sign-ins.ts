import type { SignInView, SignOut } from "../../core/contract/index.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { notAsked } from "../../core/policy/grant.ts";
import type { SessionRow } from "../../core/tenant/index.ts";
import { json, type Exchange, type Handle, type Identity, identityOf } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { originOf } from "../http/origin.ts";
import { actorOf, type Operation, type Telling } from "../runtime/operation-audit.ts";
import { trailsOf } from "./begin-session.ts";
import { audit, cookie, registry, sessions } from "./context.ts";
import { namesOf } from "./view.ts";

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
  return [own, ...(await trailsOf(registry, others)).map((trail) => ({ trail, operation: elsewhere }))];
}

async function signOut(exchange: Exchange) {
  const identity = identityOf(exchange);
  const { principal, sessionDigest } = identity;
  const { everywhere } = exchange.body as SignOut;
  // Saying that it ended would not be true.
  if (principal.kind === "client") return fail({ kind: "business-rule", rule: "no-session" });
  const tellings = await signOutTellings(identity, everywhere);
  const ended = await audit.perform(tellings, originOf(exchange.event), async () => {
    // The index may not have this one yet.
    if (sessionDigest !== undefined) await sessions.end(sessionDigest);
    if (everywhere) await sessions.endAll(principal.userId);
  });
  if (!ended.ok) return fail({ kind: "unavailable" });
  return { status: 204, headers: { "clear-site-data": '"cache", "cookies", "storage"' }, cookies: [cookie("", 0)] };
}

const viewOf = (session: SessionRow, clinic: string, isThis: boolean): SignInView => ({
  id: session.sessionId,
  isThis,
  clinic,
  browser: session.browser ?? "other",
  system: session.system ?? "other",
  by: session.by ?? "password",
  kind: session.kind === "cookie" ? "portal" : "app",
  since: toInstant(session.signedInAtMs),
  lastSeenAt: toInstant(session.lastSeenAtMs),
});

/** Where the user is signed in, in every clinic: it is the user who looks. */
async function listSignIns(exchange: Exchange) {
  const { userId, sessionId } = identityOf(exchange).principal;
  const live = await sessions.liveOf(userId);
  const names = await namesOf(registry, [...new Set(live.map(({ tenantId }) => tenantId))]);
  const nameOf = (tenantId: string): string => names.find(({ id }) => id === tenantId)?.name ?? "";
  const signIns = live.map((session) => viewOf(session, nameOf(session.tenantId), session.sessionId === sessionId));
  return json(200, { signIns });
}

/** Ends one of the user's own sign-ins; one of anybody else's is as unknown as none. */
async function endSignIn(exchange: Exchange) {
  const identity = identityOf(exchange);
  const { principal } = identity;
  const found = (await sessions.liveOf(principal.userId)).find(({ sessionId }) => sessionId === exchange.path["id"]);
  if (found === undefined) return fail({ kind: "not-found" });
  const isHere = found.tenantId === principal.tenantId;
  const actor = actorOf(principal);
  const operation: Operation = {
    interaction: "sign-out",
    actor: isHere ? actor : { ...actor, roles: [], session: "none" },
    decision: notAsked("sign-out", ["another-session"]),
    entities: [{ type: "Session", id: found.sessionId }],
  };
  const tellings = (await trailsOf(registry, [found.tenantId])).map((trail) => ({ trail, operation }));
  const ended = await audit.perform(tellings, originOf(exchange.event), () => sessions.end(found.gsk ?? ""));
  return ended.ok ? { status: 204 } : fail({ kind: "unavailable" });
}

export const signInsHandlers = { listSignIns, endSignIn, signOut } as const satisfies Record<string, Handle>;
