import type { ChooseClinic, ClinicChoice, PasskeySignIn, SignIn, SignInAnswer } from "../../core/contract/index.ts";
import { deviceOf } from "../../core/identity/device.ts";
import { ABSOLUTE_TIMEOUT_MS } from "../../core/identity/session.ts";
import type { SignInFailure } from "../../core/identity/sign-in.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { Result } from "../../core/kernel/result.ts";
import type { SessionRow } from "../../core/tenant/index.ts";
import { checkOwnPage, readCookie } from "../http/authenticate.ts";
import { type Answer, json, type Exchange, type Handle } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { originOf } from "../http/origin.ts";
import type { Arrival, Entered, EntryFailure } from "./begin-session.ts";
import {
  admit,
  beginSession,
  challenges,
  cookie,
  passkeys,
  registry,
  sessions,
  signInByPasskey,
  signInByTicket,
  wordsOf,
  zone,
} from "./context.ts";
import { describeSession, namesOf, onlyPurposeOf } from "./view.ts";

export const PORTAL = { kind: "cookie", clientId: "portal" } as const;

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

/** The live session of the cookie that came along, if there is one: a planted cookie has none, and of two none is taken. */
async function replacedBy({ event }: Exchange): Promise<SessionRow | undefined> {
  const secret = readCookie(event.cookies ?? []);
  return secret === undefined ? undefined : sessions.find(secret, false);
}

export async function arrivalOf(exchange: Exchange): Promise<Omit<Arrival, "door" | "purpose">> {
  return {
    device: deviceOf(exchange.userAgent),
    replaced: await replacedBy(exchange),
    onlyPurposeOf: (signedIn) => onlyPurposeOf(registry, signedIn),
  };
}

/** Both factors were right: a ticket for the second half, which is to say which clinic. */
async function choiceOf(failure: Extract<SignInFailure, { kind: "tenant-required" }>): Promise<ClinicChoice> {
  const { known, tenantIds, shown } = failure;
  const { text } = await challenges.issue("choose", { userId: known.userId, ...shown });
  return { ticket: text, clinics: await namesOf(registry, tenantIds) };
}

export async function answerOf(begun: Result<Entered, EntryFailure>, isChoosing: boolean): Promise<Answer> {
  if (!begun.ok) {
    const { error } = begun;
    if (!isChoosing || error.kind !== "tenant-required") return failEntry(error);
    return json(200, { choice: await choiceOf(error) } satisfies SignInAnswer);
  }
  const { secret, session } = begun.value;
  const view = await describeSession(registry, wordsOf, session);
  invariant(view !== undefined, "who has just signed in is a member");
  return { ...json(200, view), cookies: [cookie(secret, ABSOLUTE_TIMEOUT_MS / 1000)] };
}

/** A way in that nobody is asked at: a browser must at least come from our own pages. */
export const door =
  (handle: Handle): Handle =>
  async (exchange) => {
    checkOwnPage(exchange, (await zone.authentication()).ownOrigins);
    return handle(exchange);
  };

export const doorHandlers = {
  signIn: door(async (exchange) => {
    const { choose, purposeOf, ...request } = exchange.body as SignIn;
    const isChoosing = choose === true;
    const arrival = { ...(await arrivalOf(exchange)), purposeOf, isChoosing };
    return answerOf(await beginSession(request, PORTAL, originOf(exchange.event), arrival), isChoosing);
  }),

  passkeySignInOptions: door(async () => {
    const options = await passkeys.assertionOptions("sign-in");
    invariant(options !== undefined, "a challenge for anybody is always given");
    return json(200, options);
  }),

  passkeySignIn: door(async (exchange) => {
    const { passkey, tenant, purpose, purposeOf } = exchange.body as PasskeySignIn;
    const arrival = { ...(await arrivalOf(exchange)), door: PORTAL, purpose, purposeOf, isChoosing: true };
    const proven = await signInByPasskey(passkey, tenant);
    return answerOf(await admit(proven, arrival, originOf(exchange.event)), true);
  }),

  chooseClinic: door(async (exchange) => {
    const { ticket, tenant, purpose } = exchange.body as ChooseClinic;
    const arrival = { ...(await arrivalOf(exchange)), door: PORTAL, purpose };
    const proven = await signInByTicket(ticket, tenant);
    return answerOf(await admit(proven, arrival, originOf(exchange.event)), false);
  }),
} as const satisfies Record<string, Handle>;
