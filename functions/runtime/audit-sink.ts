import type { AuditWriter, Draft, EventFacts, Settlement } from "../../core/audit/writer.ts";
import type { Keyring, KeyScope } from "../../core/crypto/index.ts";
import { err, ok } from "../../core/kernel/result.ts";
import type { Principal } from "../../core/identity/principal.ts";
import type { Grant } from "../../core/policy/grant.ts";
import type { AuditSink, RecordEvent } from "../../core/record/audit-sink.ts";
import type { Table } from "../../core/table/index.ts";
import { createOutbox, opaque, type Origin } from "./outbox.ts";

/** What a request knows of itself that its events should say. */
export interface RequestFacts extends Origin {
  readonly principal: Principal;
  readonly requestId: string;
}

export interface AuditSinkDeps {
  readonly writer: AuditWriter;
  readonly table: Table;
  readonly keyring: Keyring;
  readonly keyScope: KeyScope;
  readonly request: RequestFacts;
  /** Hears of each event that is certainly in the outbox. */
  readonly onStored?: () => void;
}

const ACTIONS: Readonly<Record<RecordEvent["interaction"], EventFacts["action"]>> = {
  read: "R",
  vread: "R",
  history: "R",
  search: "E",
  everything: "R",
  create: "C",
  update: "U",
  delete: "D",
  transaction: "E",
};

/** Events of one request: its facts, the tenant's chain in this process, and the outbox of the grant's own scope. */
export function createAuditSink(deps: AuditSinkDeps): AuditSink {
  const { writer, request, onStored } = deps;
  const { principal } = request;
  const outbox = createOutbox(deps);

  function settle(drafted: Draft, settlement: Settlement): void {
    if (settlement === "stored") onStored?.();
    writer.settle(drafted, settlement);
  }

  function factsOf(grant: Grant, event: RecordEvent): EventFacts {
    return {
      tenant: grant.tenantId,
      action: ACTIONS[event.interaction],
      interaction: event.interaction,
      outcome: event.outcome,
      actor: {
        user: principal.userId,
        kind: principal.kind,
        roles: [...principal.roles],
        client: opaque(principal.clientId),
        session: opaque(principal.sessionId),
      },
      purpose: grant.purpose,
      ...(event.patientId === undefined ? {} : { patient: event.patientId }),
      entities: event.entities.map((entity) => ({ ...entity })),
      ...(event.count === undefined ? {} : { count: event.count }),
      classes: [...event.classes],
      request: opaque(request.requestId),
      decision: { id: grant.decision.id, version: grant.decision.policyVersion, rules: [...grant.decision.ruleIds] },
      consent: { state: "not-required", ids: [] },
      ...(event.replay === true ? { replay: true } : {}),
    };
  }

  return {
    async draft(grant, event) {
      const made = await outbox.draft(factsOf(grant, event), request);
      if (!made.ok) return made;
      const { drafted, row } = made.value;
      return ok({
        eventId: drafted.event.id,
        write: { kind: "put", table: "outbox", row, condition: { kind: "absent" } },
        settle: (settlement) => settle(drafted, settlement),
      });
    },

    async record(grant, event) {
      const made = await outbox.draft(factsOf(grant, event), request);
      if (!made.ok) return made;
      const settlement = await outbox.put(made.value);
      settle(made.value.drafted, settlement);
      return settlement === "stored" ? ok(undefined) : err({ kind: "unavailable" });
    },
  };
}
