import { INTERACTIONS, type InteractionName } from "../../core/audit/interaction.ts";
import { createAuditWriter, type EventFacts } from "../../core/audit/writer.ts";
import { createKeyring } from "../../core/crypto/index.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";
import type { Decision, Purpose } from "../../core/policy/grant.ts";
import { loadKeyRows, type Table } from "../../core/table/index.ts";
import { describeError, log } from "./log.ts";
import { actorOf, createOutbox, decisionOf, opaque, type Origin, type OutboxFacts } from "./outbox.ts";
import { noteReceipt } from "./receipts.ts";

export { actorOf };

/** Whose trail an event goes into, as the registry has the tenant now. */
export interface Trail {
  readonly tenantId: TenantId;
  readonly epoch: number;
  readonly cell: string;
}

export type Interaction = InteractionName;

/** Something that is done in a tenant or to it and reaches no record. */
export interface Operation {
  readonly interaction: Interaction;
  readonly actor: EventFacts["actor"];
  readonly decision: Decision;
  /** Absent: the clinic's operations. */
  readonly purpose?: Purpose;
  /** The code of why it is done; free text goes into `detail`. */
  readonly reason?: string;
  /** The second person of an act that needs two. */
  readonly approverId?: string;
  readonly stage?: "start" | "approve" | "finish";
  /** What it is done to: types of ours (`User`, `Client`, `Tenant`, `Session`) and opaque ids. */
  readonly entities?: readonly EventFacts["entities"][number][];
  /** What else an investigation should find, such as the roles that were given. Sealed; never a login or a secret. */
  readonly detail?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Telling {
  readonly trail: Trail;
  readonly operation: Operation;
}

export interface RequestOrigin extends Origin {
  readonly requestId: string;
}

export interface OperationAuditDeps {
  readonly cell: string;
  readonly clock: Clock;
  /** The outbox and audit key of a tenant with credentials that append for this user or client and do nothing else. */
  readonly openTable: (tenantId: TenantId, holderId: string) => Table;
}

type Unavailable = { readonly kind: "unavailable" };

/** Events of sign-in and administration, in the same chains and the same outbox as those of records. */
export function createOperationAudit({ cell, clock, openTable }: OperationAuditDeps) {
  const writer = createAuditWriter(clock);
  const keyring = createKeyring({
    cell,
    clock,
    loadKeyRows: (scope, dataClass) =>
      loadKeyRows(openTable(scope.tenantId, scope.credentialsId), scope.tenantId, dataClass),
    // The role may unwrap nothing; the public key that detail is sealed to is not wrapped.
    kmsDecrypt: () => Promise.resolve(err({ kind: "forbidden" })),
  });

  function factsOf({ trail, operation }: Telling, outcome: EventFacts["outcome"], requestId: string): OutboxFacts {
    const { interaction, actor, decision, entities = [], purpose = "HOPERAT", reason, approverId, stage } = operation;
    return {
      tenant: trail.tenantId,
      action: INTERACTIONS[interaction],
      interaction,
      outcome,
      actor,
      purpose,
      entities: [...entities],
      classes: [],
      request: opaque(requestId),
      decision: decisionOf(decision),
      consent: { state: "not-required", ids: [] },
      ...(reason === undefined ? {} : { reason: { code: reason } }),
      ...(approverId === undefined ? {} : { approver: approverId }),
      ...(stage === undefined ? {} : { stage }),
    };
  }

  async function write(telling: Telling, origin: RequestOrigin, outcome: EventFacts["outcome"]): Promise<boolean> {
    const { trail, operation } = telling;
    // A tenant lives in one cell, and so does its trail: this zone's role reaches no other.
    if (trail.cell !== cell) return false;
    const holderId = operation.actor.user;
    const table = openTable(trail.tenantId, holderId);
    const keyScope = {
      tenantId: trail.tenantId,
      purpose: "HOPERAT",
      credentialsId: holderId,
      classes: [],
      epoch: trail.epoch,
    };
    const outbox = createOutbox({ writer, table, keyring, keyScope, whenKeyless: "without-detail" });
    const made = await outbox.draft(factsOf(telling, outcome, origin.requestId), origin, operation.detail);
    if (!made.ok) return false;
    const settlement = await outbox.put(made.value);
    writer.settle(made.value.drafted, settlement === "conflict" ? "refused" : settlement);
    if (settlement === "stored") noteReceipt(origin.requestId, made.value.drafted);
    return settlement === "stored";
  }

  /** Writes one event and waits for it. Never throws: whatever kept it from being written, the trail is not available. */
  async function record(
    telling: Telling,
    origin: RequestOrigin,
    outcome: EventFacts["outcome"],
  ): Promise<Result<void, Unavailable>> {
    try {
      if (await write(telling, origin, outcome)) return ok(undefined);
    } catch (error) {
      log("error", "failure", { requestId: origin.requestId, ...describeError(error) });
    }
    return err({ kind: "unavailable" });
  }

  /** Tells what went wrong, where the answer no longer depends on it: an event that is lost raises an alarm. */
  async function recordFailures(tellings: readonly Telling[], origin: RequestOrigin): Promise<void> {
    await Promise.all(
      tellings.map(async (telling) => {
        const { trail, operation } = telling;
        if ((await record(telling, origin, "failure")).ok) return;
        const { requestId } = origin;
        const lost = { tenantId: trail.tenantId, userId: operation.actor.user, requestId };
        log("error", "alarm", { failure: "audit-event-lost", ...lost });
      }),
    );
  }

  return {
    record,
    recordFailures,

    /**
     * Writes the events of an operation, and only then does it. `unavailable` where one could not be written: nothing
     * was done then. Where `act` throws, a second event in each trail says that it failed, and the throw goes on.
     */
    async perform<T>(
      tellings: readonly Telling[],
      origin: RequestOrigin,
      act: () => Promise<T>,
    ): Promise<Result<T, Unavailable>> {
      const written = await Promise.all(tellings.map((telling) => record(telling, origin, "success")));
      const told = tellings.filter((_telling, index) => written[index]?.ok === true);
      if (told.length < tellings.length) {
        await recordFailures(told, origin);
        return err({ kind: "unavailable" });
      }
      try {
        return ok(await act());
      } catch (error) {
        await recordFailures(told, origin);
        throw error;
      }
    },
  };
}

export type OperationAudit = ReturnType<typeof createOperationAudit>;
