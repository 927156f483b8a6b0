import type { Route } from "../../core/contract/index.ts";
import { routes } from "../../core/contract/index.ts";
import { parseTenantId, type TenantId, type UserId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { authorizePlatform, type Decision } from "../../core/policy/index.ts";
import type { Refused } from "../http/endpoint.ts";
import type { Exchange, Identity } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { originOf } from "../http/origin.ts";
import type { Reason } from "../http/reason.ts";
import { log } from "../runtime/log.ts";
import {
  actorOf,
  type Interaction,
  type Operation,
  type OperationAudit,
  type Telling,
  type Trail,
} from "../runtime/operation-audit.ts";

/** What policy says of a platform request, and whether the token was asked for with the platform scope too. */
export function decidePlatform(
  { principal, claims }: Pick<Identity, "principal" | "claims">,
  { action }: Pick<Route, "action">,
): { readonly isPermitted: boolean; readonly decision: Decision } {
  invariant(action !== null, "a platform route has an action");
  const isInScope = claims?.scope.includes("platform") === true;
  const decided = authorizePlatform(principal, action, { isInScope });
  return decided.ok
    ? { isPermitted: true, decision: decided.value }
    : { isPermitted: false, decision: decided.error.decision };
}

const INTERACTIONS: Readonly<Partial<Record<Exchange["route"], Interaction>>> = {
  addUser: "user.add",
  addClient: "client.add",
  listKeys: "key.list",
};

type Asking = Pick<Exchange, "event" | "identity" | "definition">;
type What = Pick<Operation, "interaction" | "entities" | "detail">;

/** Why an act is done and who says that it may be. */
export interface Warrant {
  readonly reason: Reason;
  readonly approverId: UserId;
  readonly approvalId?: string;
}

export interface PlatformTrailDeps {
  readonly cell: string;
  readonly readTenant: (tenantId: TenantId) => Promise<Trail | undefined>;
  readonly audit: OperationAudit;
}

/** Administration in the trail of the tenant that it is done to, under the name of who does it. */
export function createPlatformTrail({ cell, readTenant, audit }: PlatformTrailDeps) {
  /** The requests that have left an event. */
  const told = new WeakSet<Exchange["event"]>();

  function operationOf({ identity, definition }: Asking, what: What): Operation {
    invariant(identity !== undefined, "a platform route has an identity");
    return {
      ...what,
      actor: actorOf(identity.principal),
      decision: decidePlatform(identity, definition).decision,
    };
  }

  /** The operation with its reason: the code in the clear, the words sealed. */
  function reasoned(exchange: Asking, what: What, { code, text }: Reason, approvalId?: string): Operation {
    const approval = approvalId === undefined ? [] : [{ type: "Approval", id: approvalId }];
    const operation = operationOf(exchange, {
      ...what,
      entities: [...(what.entities ?? []), ...approval],
      detail: { ...what.detail, ...(text === undefined ? {} : { reason: text }) },
    });
    return { ...operation, reason: code };
  }

  async function tell({ event }: Asking, telling: Telling): Promise<void> {
    const recorded = await audit.record(telling, originOf(event), "success");
    if (!recorded.ok) fail({ kind: "unavailable" });
    told.add(event);
  }

  return {
    /** Tells the tenant and then does it. HttpFailure `unavailable` where that could not be told: nothing was done then. */
    async perform<T>(exchange: Asking, trail: Trail, what: What, act: () => Promise<T>): Promise<T> {
      const { event } = exchange;
      const done = await audit.perform([{ trail, operation: operationOf(exchange, what) }], originOf(event), () => {
        told.add(event);
        return act();
      });
      return done.ok ? done.value : fail({ kind: "unavailable" });
    },

    /**
     * An administrative act in three events: that it begins and why, who approves it, and how it ended. Without the
     * first two nothing is done. An end that cannot be written is an alarm and no failure: the act was done, and its
     * beginning is in the trail.
     */
    async administer<T>(
      exchange: Asking,
      trail: Trail,
      what: What,
      { reason, approverId, approvalId }: Warrant,
      act: () => Promise<T>,
    ): Promise<T> {
      const operation = reasoned(exchange, what, reason, approvalId);
      await tell(exchange, { trail, operation: { ...operation, stage: "start" } });
      await tell(exchange, { trail, operation: { ...operation, stage: "approve", approverId } });
      const finish: Telling = { trail, operation: { ...operation, stage: "finish", approverId } };
      const origin = originOf(exchange.event);
      try {
        const done = await act();
        if (!(await audit.record(finish, origin, "success")).ok) alarm(exchange, trail);
        return done;
      } catch (error) {
        await audit.recordFailures([finish], origin);
        throw error;
      }
    },

    /** That an act was asked for, and waits for a second person. */
    async request(exchange: Asking, trail: Trail, what: What, reason: Reason, approvalId: string): Promise<void> {
      await tell(exchange, { trail, operation: { ...reasoned(exchange, what, reason, approvalId), stage: "start" } });
    },

    /**
     * Tells the tenant that a request names of what was refused before it was begun: `denied` to who may not ask, else
     * `failure`. What names no tenant that there is leaves none. False where it could not be written.
     */
    async recordRefusal({ event, route, identity }: Refused): Promise<boolean> {
      const interaction = INTERACTIONS[route];
      const tenantId = parseTenantId(event.pathParameters?.["tenant"]);
      if (told.has(event) || interaction === undefined || tenantId === undefined) return true;
      const trail = await readTenant(tenantId);
      // A tenant of another cell keeps its trail there.
      if (trail === undefined || trail.cell !== cell) return true;
      const { isPermitted, decision } = decidePlatform(identity, routes[route]);
      const operation = { interaction, actor: actorOf(identity.principal), decision };
      const recorded = await audit.record({ trail, operation }, originOf(event), isPermitted ? "failure" : "denied");
      return recorded.ok;
    },
  };
}

function alarm({ event, identity }: Asking, { tenantId }: Trail): void {
  const { requestId } = event.requestContext;
  const userId = identity?.principal.userId;
  log("error", "alarm", { failure: "audit-event-lost", tenantId, requestId, ...(userId !== undefined && { userId }) });
}
