import type { Route } from "../../core/contract/index.ts";
import { routes } from "../../core/contract/index.ts";
import { parseTenantId, type TenantId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { authorizePlatform, type Decision } from "../../core/policy/index.ts";
import type { Refused } from "../http/endpoint.ts";
import type { Exchange, Identity } from "../http/exchange.ts";
import { originOf } from "../http/origin.ts";
import type { Reason } from "../http/reason.ts";
import { type Asking, createAdministration, type What } from "../runtime/administration.ts";
import {
  actorOf,
  type Interaction,
  type Operation,
  type OperationAudit,
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

export interface PlatformTrailDeps {
  readonly cell: string;
  readonly readTenant: (tenantId: TenantId) => Promise<Trail | undefined>;
  readonly audit: OperationAudit;
}

/** Administration in the trail of the tenant that it is done to, under the name of who does it. */
export function createPlatformTrail({ cell, readTenant, audit }: PlatformTrailDeps) {
  const { told, reasoned, tell, perform, administer } = createAdministration({ audit, operationOf });

  return {
    perform,
    administer,

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

function operationOf({ identity, definition }: Asking, what: What): Operation {
  invariant(identity !== undefined, "a platform route has an identity");
  return {
    ...what,
    actor: actorOf(identity.principal),
    decision: decidePlatform(identity, definition).decision,
  };
}
