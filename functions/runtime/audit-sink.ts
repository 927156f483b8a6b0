import { INTERACTIONS } from "../../core/audit/interaction.ts";
import type { AuditWriter, Settlement } from "../../core/audit/writer.ts";
import type { Keyring, KeyScope } from "../../core/crypto/index.ts";
import { err, ok } from "../../core/kernel/result.ts";
import type { Principal } from "../../core/identity/principal.ts";
import type { Grant } from "../../core/policy/grant.ts";
import type { AuditSink, RecordEvent } from "../../core/record/audit-sink.ts";
import type { Table } from "../../core/table/index.ts";
import { actorOf, createOutbox, decisionOf, type DraftedRow, opaque, type Origin, type OutboxFacts } from "./outbox.ts";
import { noteReceipt } from "./receipts.ts";

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

/** Events of one request: its facts, the tenant's chain in this process, and the outbox of the grant's own scope. */
export function createAuditSink(deps: AuditSinkDeps): AuditSink {
  const { writer, request, onStored } = deps;
  const { principal } = request;
  const outbox = createOutbox(deps);

  function settle({ drafted }: DraftedRow, settlement: Settlement): void {
    if (settlement === "stored") {
      onStored?.();
      noteReceipt(request.requestId, drafted);
    }
    writer.settle(drafted, settlement);
  }

  function factsOf(grant: Grant, event: RecordEvent): OutboxFacts {
    const { decision, consent, emergency, delegation } = grant;
    const { patientId, count, sections, recipientId, reason, approverId, stage } = event;
    return {
      tenant: grant.tenantId,
      action: INTERACTIONS[event.interaction],
      interaction: event.interaction,
      outcome: event.outcome,
      actor: actorOf(principal),
      purpose: grant.purpose,
      ...(patientId === undefined ? {} : { patient: patientId }),
      entities: event.entities.map((entity) => ({ ...entity })),
      ...(count === undefined ? {} : { count }),
      ...(sections === undefined || sections.length === 0 ? {} : { sections: sections.map(opaque) }),
      classes: [...event.classes],
      ...(recipientId === undefined ? {} : { recipient: opaque(recipientId) }),
      request: opaque(request.requestId),
      decision: decisionOf(decision),
      consent: { state: consent.state, ids: [...consent.ids] },
      ...(emergency === undefined ? {} : { emergency: emergency.id }),
      ...(delegation === undefined ? {} : { delegation: { id: delegation.id, user: delegation.userId } }),
      ...(reason === undefined ? {} : { reason: { code: reason } }),
      ...(approverId === undefined ? {} : { approver: approverId }),
      ...(stage === undefined ? {} : { stage }),
      ...(event.replay === true ? { replay: true } : {}),
    };
  }

  return {
    async draft(grant, event) {
      const made = await outbox.draft(factsOf(grant, event), request, event.detail);
      if (!made.ok) return made;
      return ok({
        eventId: made.value.drafted.event.id,
        write: outbox.write(made.value),
        settle: (settlement) => settle(made.value, settlement),
      });
    },

    async record(grant, event, guards = []) {
      const made = await outbox.draft(factsOf(grant, event), request, event.detail);
      if (!made.ok) return made;
      const settlement = await outbox.put(made.value, guards);
      settle(made.value, settlement === "conflict" ? "refused" : settlement);
      if (settlement === "stored") return ok(undefined);
      return err({ kind: settlement === "conflict" ? "conflict" : "unavailable" });
    },
  };
}
