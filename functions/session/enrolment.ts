import type { EnrolmentView, Enrol, EnrolPasskey, LookAtEnrolment } from "../../core/contract/index.ts";
import type { Enrolment, EnrolmentFailure } from "../../core/identity/enrolment.ts";
import type { SignedIn } from "../../core/identity/sign-in.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { ok, type Result } from "../../core/kernel/result.ts";
import { notAsked } from "../../core/policy/grant.ts";
import { type Answer, json, type Exchange, type Handle } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { originOf } from "../http/origin.ts";
import type { Telling } from "../runtime/operation-audit.ts";
import { REFUSAL_PAUSE_MS } from "./begin-session.ts";
import { admit, audit, enrolments, passkeys, pause } from "./context.ts";
import { answerOf, arrivalOf, door, PORTAL } from "./doors.ts";

/** What the code opens; one refusal, after one pause, for every code that opens nothing. */
async function enrolmentOf(code: string): Promise<Enrolment> {
  const found = await enrolments.find(code);
  if (found !== undefined) return found;
  await pause(REFUSAL_PAUSE_MS);
  return fail({ kind: "business-rule", rule: "enrolment-code" });
}

const tellingOf = ({ tenant, userId, member, codeFor }: Enrolment): Telling => ({
  trail: tenant,
  operation: {
    interaction: "person.enrol",
    // The code was shown, and no factor yet.
    actor: { user: userId, kind: "user", roles: [...member.roles], client: "portal", session: "none" },
    decision: notAsked("person.enrol", [codeFor]),
    entities: [{ type: "User", id: userId }],
  },
});

function failEnrolment({ kind }: EnrolmentFailure): never {
  switch (kind) {
    case "unknown":
      return fail({ kind: "business-rule", rule: "enrolment-code" });
    case "totp":
      return fail({ kind: "business-rule", rule: "enrolment-totp", path: "totp" });
    case "login-taken":
      return fail({ kind: "duplicate", rule: "login-taken" });
  }
}

/** Tells the clinic, enrols, and signs in with what was shown for it: both factors, moments ago. */
async function finish(
  exchange: Exchange,
  enrolment: Enrolment,
  enrol: () => Promise<Result<SignedIn, EnrolmentFailure>>,
): Promise<Answer> {
  const origin = originOf(exchange.event);
  const done = await audit.perform([tellingOf(enrolment)], origin, async () => {
    const enrolled = await enrol();
    return enrolled.ok ? enrolled.value : failEnrolment(enrolled.error);
  });
  if (!done.ok) return fail({ kind: "unavailable" });
  const arrival = { ...(await arrivalOf(exchange)), door: PORTAL };
  return answerOf(await admit(ok(done.value), arrival, origin), false);
}

export const enrolmentHandlers = {
  lookAtEnrolment: door(async (exchange) => {
    const { code } = exchange.body as LookAtEnrolment;
    const enrolment = await enrolmentOf(code);
    const { displayName, login, tenant, codeFor, expiresAtMs } = enrolment;
    const view: EnrolmentView = {
      displayName,
      login,
      clinic: tenant.name,
      for: codeFor,
      expiresAt: toInstant(expiresAtMs),
      ...(await enrolments.offer(enrolment)),
    };
    return json(200, view);
  }),

  enrol: door(async (exchange) => {
    const { code, ...shown } = exchange.body as Enrol;
    const enrolment = await enrolmentOf(code);
    return finish(exchange, enrolment, () => enrolments.byPassword(enrolment, shown));
  }),

  enrolmentPasskeyOptions: door(async (exchange) => {
    const { code } = exchange.body as LookAtEnrolment;
    const { userId, displayName, digest } = await enrolmentOf(code);
    const options = await passkeys.registrationOptions({ id: userId, displayName }, digest);
    return options.ok ? json(200, options.value) : fail({ kind: "business-rule", rule: "passkey-count" });
  }),

  enrolPasskey: door(async (exchange) => {
    const { code, passkey, name } = exchange.body as EnrolPasskey;
    const enrolment = await enrolmentOf(code);
    const checked = await passkeys.check(enrolment.userId, enrolment.digest, passkey, name);
    if (!checked.ok) return fail({ kind: "business-rule", rule: "enrolment-code" });
    return finish(exchange, enrolment, () => enrolments.byPasskey(enrolment, checked.value));
  }),
} as const satisfies Record<string, Handle>;
