import type { Exchange } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { originOf } from "../http/origin.ts";
import type { Reason } from "../http/reason.ts";
import { log } from "./log.ts";
import type { Operation, OperationAudit, Telling, Trail } from "./operation-audit.ts";

export type Asking = Pick<Exchange, "event" | "identity" | "definition">;
export type What = Pick<Operation, "interaction" | "entities" | "detail">;

/** Why an act is done and who says that it may be. */
export interface Warrant {
  readonly reason: Reason;
  readonly approverId: string;
  readonly approvalId?: string;
}

export interface AdministrationDeps<A extends Asking> {
  readonly audit: OperationAudit;
  /** What is done, with who does it and what policy said. */
  readonly operationOf: (exchange: A, what: What) => Operation;
}

/** Administration, of the platform and of a clinic, in the trail of the tenant that it is done to. */
export function createAdministration<A extends Asking>({ audit, operationOf }: AdministrationDeps<A>) {
  /** The requests that have left an event. */
  const told = new WeakSet<Exchange["event"]>();

  /** The operation with its reason: the code in the clear, the words sealed. */
  function reasoned(exchange: A, what: What, { code, text }: Reason, approvalId?: string): Operation {
    const approval = approvalId === undefined ? [] : [{ type: "Approval", id: approvalId }];
    const operation = operationOf(exchange, {
      ...what,
      entities: [...(what.entities ?? []), ...approval],
      detail: { ...what.detail, ...(text === undefined ? {} : { reason: text }) },
    });
    return { ...operation, reason: code };
  }

  async function tell({ event }: Pick<Asking, "event">, telling: Telling): Promise<void> {
    const recorded = await audit.record(telling, originOf(event), "success");
    if (!recorded.ok) fail({ kind: "unavailable" });
    told.add(event);
  }

  /** Tells the tenant and then does it. HttpFailure `unavailable` where that could not be told: nothing was done then. */
  async function perform<T>(exchange: A, trail: Trail, what: What, act: () => Promise<T>): Promise<T> {
    const { event } = exchange;
    const done = await audit.perform([{ trail, operation: operationOf(exchange, what) }], originOf(event), () => {
      told.add(event);
      return act();
    });
    return done.ok ? done.value : fail({ kind: "unavailable" });
  }

  /**
   * An administrative act in three events: that it begins and why, who approves it, and how it ended. Without the
   * first two nothing is done. An end that cannot be written is an alarm and no failure: the act was done, and its
   * beginning is in the trail.
   */
  async function administer<T>(
    exchange: A,
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
  }

  return { told, reasoned, tell, perform, administer };
}

function alarm({ event, identity }: Asking, { tenantId }: Trail): void {
  const { requestId } = event.requestContext;
  const userId = identity?.principal.userId;
  log("error", "alarm", { failure: "audit-event-lost", tenantId, requestId, ...(userId !== undefined && { userId }) });
}
