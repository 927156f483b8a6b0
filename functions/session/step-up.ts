import type { StepUp as StepUpRequest, StepUpView } from "../../core/contract/index.ts";
import type { Sessions } from "../../core/identity/session.ts";
import { type PasskeyStepUp, STEP_UP_TTL_MS, type StepUp } from "../../core/identity/step-up.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";
import { notAsked } from "../../core/policy/grant.ts";
import type { Identity } from "../http/exchange.ts";
import { actorOf, type Operation, type OperationAudit, type RequestOrigin } from "../runtime/operation-audit.ts";
import { REFUSAL_PAUSE_MS } from "./begin-session.ts";

export interface BeginStepUpDeps {
  readonly stepUp: StepUp;
  readonly stepUpByPasskey: PasskeyStepUp;
  readonly sessions: Sessions;
  readonly audit: OperationAudit;
  readonly pause: (ms: number) => Promise<void>;
}

export type StepUpRefusal =
  | { readonly kind: "unauthenticated" | "unavailable" | "no-session" }
  | { readonly kind: "throttled"; readonly retryAfterMs: number };

export interface SteppedUpAnswer {
  readonly view: StepUpView;
  /** When the session must end: no step-up moves it. */
  readonly sessionExpiresAtMs: number;
  /** The new cookie's value; undefined for a token's session. */
  readonly secret?: string;
}

/**
 * Both factors again for who is signed in, told to the clinic before the session is worth more. The session is the one
 * that the request was made in: no body names one. With `act` it is worth more for that one request alone.
 */
export function createBeginStepUp({ stepUp, stepUpByPasskey, sessions, audit, pause }: BeginStepUpDeps) {
  return async function beginStepUp(
    { principal, sessionDigest, tenantEpoch, cell }: Identity,
    shown: StepUpRequest,
    origin: RequestOrigin,
  ): Promise<Result<SteppedUpAnswer, StepUpRefusal>> {
    // A system has one key and no session: it cannot show more than it did.
    if (principal.kind === "client" || sessionDigest === undefined) return err({ kind: "no-session" });
    const trail = { tenantId: principal.tenantId, epoch: tenantEpoch, cell };
    const tellingOf = (rule: string, sessionId: string) => ({
      trail,
      operation: {
        interaction: "step-up",
        actor: actorOf(principal),
        decision: notAsked("step-up", [rule]),
        entities: [{ type: "Session", id: sessionId }],
      } satisfies Operation,
    });

    const { act } = shown;
    const isPasskey = "passkey" in shown;
    const proven = isPasskey
      ? await stepUpByPasskey(principal.userId, shown.passkey, { sessionDigest, act })
      : await stepUp(principal.userId, shown);
    if (!proven.ok) {
      // Nothing was looked at while the brake is on: the try that began it is in the trail.
      if (proven.error.kind === "throttled") return proven;
      const [told] = await Promise.all([
        audit.record(tellingOf(isPasskey ? "passkey" : "factors", principal.sessionId), origin, "failure"),
        pause(REFUSAL_PAUSE_MS),
      ]);
      return told.ok ? proven : told;
    }
    const next = await sessions.prepareStepUp(sessionDigest, act);
    if (next === undefined) return err({ kind: "unauthenticated" });
    const { session, secret } = next;
    let isStored = false;
    const done = await audit.perform(
      [tellingOf(isPasskey ? "passkey" : "two-factors", session.sessionId)],
      origin,
      async () => {
        isStored = await sessions.move(next);
        if (!isStored) await audit.recordFailures([tellingOf("session-changed", principal.sessionId)], origin);
      },
    );
    if (!done.ok) return done;
    if (!isStored) return err({ kind: "unavailable" });
    const atMs = session.steppedUpAtMs ?? 0;
    const view = { steppedUpAt: toInstant(atMs), expiresAt: toInstant(atMs + STEP_UP_TTL_MS) };
    return ok({ view, sessionExpiresAtMs: session.expiresAtMs, ...(secret === undefined ? {} : { secret }) });
  };
}

export type BeginStepUp = ReturnType<typeof createBeginStepUp>;
