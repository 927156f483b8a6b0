import { routes } from "../../core/contract/index.ts";
import type { Result } from "../../core/kernel/result.ts";
import { type Decision, decisionOfRefusal, type Refusal } from "../../core/policy/index.ts";
import type { Refused } from "../http/endpoint.ts";
import { type Exchange, type Identity, identityOf, interactionOf } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { originOf } from "../http/origin.ts";
import { reasonOf } from "../http/reason.ts";
import { failRefused } from "../http/refusal.ts";
import { createAdministration, type What } from "./administration.ts";
import { actorOf, type Operation, type OperationAudit, type Trail } from "./operation-audit.ts";

export type Asked = Pick<Exchange, "event" | "identity" | "definition" | "headers" | "rawBody">;
/** What is looked at or done, beside the route's own action. */
export type Told = Omit<What, "interaction">;
type Sitting = Pick<{ readonly exchange: Exchange; readonly identity: Identity }, "exchange" | "identity">;

interface ZoneDeps {
  readonly audit: OperationAudit;
  readonly cell: string;
  /** What policy says of the route's own action. */
  readonly decide: (exchange: Asked) => Result<Decision, Refusal>;
}

const trailOf = ({ principal, tenantEpoch, cell }: Identity): Trail => ({
  tenantId: principal.tenantId,
  epoch: tenantEpoch,
  cell,
});

/** A zone that administers, in the trail of the tenant of who asks: every request leaves its events, refused ones too. */
export function createZoneAdministration({ audit, cell, decide }: ZoneDeps) {
  function operationOf(exchange: Asked, what: What): Operation {
    const decided = decide(exchange);
    return {
      ...what,
      actor: actorOf(identityOf(exchange).principal),
      decision: decided.ok ? decided.value : decisionOfRefusal(decided.error),
    };
  }
  const administration = createAdministration({ audit, operationOf });
  const whatOf = (exchange: Exchange, told: Told): What => ({
    ...told,
    interaction: interactionOf(exchange),
  });

  return {
    /** Writes a refusal into the trail and answers it. */
    refuse: async (exchange: Exchange, refusal: Refusal): Promise<never> => {
      const telling = { trail: trailOf(identityOf(exchange)), operation: operationOf(exchange, whatOf(exchange, {})) };
      const recorded = await audit.record(telling, originOf(exchange.event), "denied");
      if (!recorded.ok) return fail({ kind: "unavailable" });
      administration.told.add(exchange.event);
      return failRefused(refusal);
    },

    /** Tells that something was looked at, and gives it. */
    look: <T>({ exchange, identity }: Sitting, told: Told, read: () => Promise<T>): Promise<T> =>
      administration.perform(exchange, trailOf(identity), whatOf(exchange, told), read),

    /** An act with its reason, in three events. Nobody else is asked: who asks is who approves it. */
    act: <T>({ exchange, identity }: Sitting, told: Told, change: () => Promise<T>): Promise<T> =>
      administration.administer(
        exchange,
        trailOf(identity),
        whatOf(exchange, told),
        { reason: reasonOf(exchange), approverId: identity.principal.userId },
        change,
      ),

    /** What was refused before policy came to it leaves an event as well. False where that cannot be written. */
    recordRefusal: async ({ event, route, identity }: Refused): Promise<boolean> => {
      if (administration.told.has(event) || identity.cell !== cell) return true;
      const decision = decisionOfRefusal({ kind: "purpose-required" });
      const operation = {
        interaction: interactionOf({ definition: routes[route] }),
        actor: actorOf(identity.principal),
        decision,
      };
      return (await audit.record({ trail: trailOf(identity), operation }, originOf(event), "failure")).ok;
    },
  };
}
