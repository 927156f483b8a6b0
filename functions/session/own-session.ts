import type { StepUp, StepUpOptions, SwitchSession } from "../../core/contract/index.ts";
import { activeClinics, readAccount } from "../../core/identity/sign-in.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { parseTenantId } from "../../core/kernel/ids.ts";
import { purposesOf } from "../../core/policy/abilities.ts";
import { notAsked } from "../../core/policy/grant.ts";
import { parseRow, SessionRow, sessionKey } from "../../core/tenant/index.ts";
import { json, type Exchange, type Handle, identityOf } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { originOf } from "../http/origin.ts";
import { actorOf, type Operation, type Telling } from "../runtime/operation-audit.ts";
import { trailsOf } from "./begin-session.ts";
import { audit, beginStepUp, cookieUntil, digestOf, passkeys, registry, sessions, wordsOf } from "./context.ts";
import { describeSession, nameIn, namesOf, readAbler } from "./view.ts";

async function rowOf(exchange: Exchange): Promise<SessionRow> {
  const row = await registry.get(sessionKey(digestOf(identityOf(exchange))));
  return row === undefined ? fail({ kind: "unauthenticated" }) : (parseRow(SessionRow, row) as SessionRow);
}

async function readSession(exchange: Exchange) {
  const view = await describeSession(registry, wordsOf, await rowOf(exchange));
  return view === undefined ? fail({ kind: "unauthenticated" }) : json(200, view);
}

/** A challenge that holds the hash of the request that the step-up is for. */
async function stepUpOptions(exchange: Exchange) {
  const identity = identityOf(exchange);
  const { act } = exchange.body as StepUpOptions;
  const { userId } = identity.principal;
  const options = await passkeys.assertionOptions("step-up", { userId, sessionDigest: digestOf(identity), act });
  return options === undefined ? fail({ kind: "business-rule", rule: "no-passkey" }) : json(200, options);
}

/** Both factors again. What they open is the session's, and the cookie that held it before is worth nothing after. */
async function stepUp(exchange: Exchange) {
  const done = await beginStepUp(identityOf(exchange), exchange.body as StepUp, originOf(exchange.event));
  if (done.ok) {
    const { view, secret } = done.value;
    if (secret === undefined) return json(200, view);
    return { ...json(200, view), cookies: [cookieUntil(secret, done.value.sessionExpiresAtMs)] };
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

async function listClinics(exchange: Exchange) {
  const { userId, tenantId } = identityOf(exchange).principal;
  const account = await readAccount(registry, userId);
  const clinics = await namesOf(registry, account === undefined ? [] : activeClinics(account));
  return json(200, { clinics: clinics.map((clinic) => ({ ...clinic, isCurrent: clinic.id === tenantId })) });
}

/**
 * Goes on in another clinic or for another purpose: a new session and a new id, the old one ended in the same
 * transaction. The clinic that is left hears of a sign-out, the other of a sign-in, and what the browser has cached and
 * stored for this site goes. Pages of the old session are told by its tag.
 */
async function switchSession(exchange: Exchange) {
  const identity = identityOf(exchange);
  const { principal, tenantEpoch, cell } = identity;
  const { tenant, purpose } = exchange.body as SwitchSession;
  const wanted = parseTenantId(tenant);
  const origin = originOf(exchange.event);
  const account = await readAccount(registry, principal.userId);
  const own = { tenantId: principal.tenantId, epoch: tenantEpoch, cell };
  const [trail] = wanted === undefined ? [] : await trailsOf(registry, [wanted]);
  const isMember = account !== undefined && wanted !== undefined && activeClinics(account).includes(wanted);
  // A clinic that is closed lets nobody in, and is as unknown as one of others.
  const isOpen = isMember && trail?.status === "active" && (await nameIn(account, trail, wordsOf)) !== undefined;
  if (!isOpen) {
    const operation: Operation = {
      interaction: "sign-in",
      actor: actorOf(principal),
      decision: notAsked("sign-in", ["not-a-member"]),
    };
    await audit.recordFailures([{ trail: own, operation }], origin);
    return fail({ kind: "not-found" });
  }
  const old = await rowOf(exchange);
  const abler = await readAbler(registry, account, wanted, old);
  const purposes = purposesOf(abler);
  if (purpose !== undefined && !purposes.includes(purpose))
    return fail({ kind: "business-rule", rule: "purpose-role" });
  const [only] = purposes.length === 1 ? purposes : [];
  const next = await sessions.prepareSwitch(digestOf(identity), wanted, purpose ?? only);
  if (next?.secret === undefined) return fail({ kind: "unauthenticated" });
  const isElsewhere = wanted !== principal.tenantId;
  const { sessionId } = next.session;
  const entering: Telling = {
    trail,
    operation: {
      interaction: "sign-in",
      actor: { ...actorOf(principal), roles: [...abler.principal.roles], session: sessionId },
      decision: notAsked("sign-in", [isElsewhere ? "switch" : "purpose"]),
      entities: [{ type: "Session", id: sessionId }],
    },
  };
  const leaving: Telling = {
    trail: own,
    operation: {
      interaction: "sign-out",
      actor: actorOf(principal),
      decision: notAsked("sign-out", ["switch"]),
      entities: [{ type: "Session", id: principal.sessionId }],
    },
  };
  const tellings = isElsewhere ? [entering, leaving] : [entering];
  let isStored = false;
  const done = await audit.perform(tellings, origin, async () => {
    isStored = await sessions.move(next);
    if (!isStored) await audit.recordFailures(tellings, origin);
  });
  if (!done.ok || !isStored) return fail({ kind: "unavailable" });
  const view = await describeSession(registry, wordsOf, next.session);
  invariant(view !== undefined, "who has just switched is a member");
  return {
    ...json(200, view, isElsewhere ? { "clear-site-data": '"cache", "storage"' } : {}),
    cookies: [cookieUntil(next.secret, next.session.expiresAtMs)],
  };
}

export const ownSessionHandlers = {
  readSession,
  stepUpOptions,
  stepUp,
  listClinics,
  switchSession,
} as const satisfies Record<string, Handle>;
