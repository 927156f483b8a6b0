import { dayOf } from "../../core/audit/layout.ts";
import type { AuditWriter, Draft, EventFacts, Settlement } from "../../core/audit/writer.ts";
import { type AuditPublicKey, type Keyring, type KeyScope, sealAuditDetail } from "../../core/crypto/index.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { err, ok } from "../../core/kernel/result.ts";
import type { Principal } from "../../core/identity/principal.ts";
import type { Grant } from "../../core/policy/grant.ts";
import type { AuditSink, RecordEvent } from "../../core/record/audit-sink.ts";
import { outboxKey, type Row, type Table } from "../../core/table/index.ts";

/** What a request knows of itself that its events should say. */
export interface RequestFacts {
  readonly principal: Principal;
  readonly requestId: string;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly method: string;
  /** Path and query as they came: they can name a patient, and go into the sealed detail only. */
  readonly path: string;
  readonly query: string;
}

export interface AuditSinkDeps {
  readonly writer: AuditWriter;
  readonly table: Table;
  readonly keyring: Keyring;
  readonly keyScope: KeyScope;
  readonly request: RequestFacts;
  /** Hears of each event that is certainly in the outbox. */
  readonly onStored: () => void;
}

/** Outbox rows go after thirty days: by then a signed checkpoint covers them many times over. */
const OUTBOX_DAYS = 30;
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

const opaque = (text: string): string => text.replaceAll(/[^A-Za-z0-9._:-]/g, "_").slice(0, 128) || "_";

/** Events of one request: its facts, the tenant's chain in this process, and the outbox of the grant's own scope. */
export function createAuditSink(deps: AuditSinkDeps): AuditSink {
  const { writer, table, keyring, keyScope, request, onStored } = deps;
  const { principal } = request;

  function settle(drafted: Draft, settlement: Settlement): void {
    if (settlement === "stored") onStored();
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

  /** Where from, and what exactly was asked: for an investigation, and for nobody who writes. */
  function sealDetail(tenantId: TenantId, eventId: string, recipient: AuditPublicKey): string {
    const { sourceIp, userAgent, method, path, query } = request;
    const text = JSON.stringify({ sourceIp, userAgent, method, path, query: query.slice(0, 4096) }).toWellFormed();
    const sealed = sealAuditDetail(text, { tenantId, eventId }, recipient);
    return sealed.ok ? Buffer.from(sealed.value).toString("base64") : "";
  }

  async function draft(grant: Grant, event: RecordEvent) {
    const recipient = await keyring.auditKey(keyScope);
    if (!recipient.ok) return err({ kind: "unavailable" as const });
    const drafted = writer.draft(factsOf(grant, event), (eventId) =>
      sealDetail(grant.tenantId, eventId, recipient.value),
    );
    const { id, at } = drafted.event;
    const row: Row = {
      ...outboxKey(grant.tenantId, dayOf(at), id),
      event: drafted.line,
      ttl: Math.ceil(at / 1000) + OUTBOX_DAYS * 86_400,
    };
    return ok({ drafted, row });
  }

  return {
    async draft(grant, event) {
      const made = await draft(grant, event);
      if (!made.ok) return made;
      const { drafted, row } = made.value;
      return ok({
        eventId: drafted.event.id,
        write: { kind: "put", table: "outbox", row, condition: { kind: "absent" } },
        settle: (settlement) => settle(drafted, settlement),
      });
    },

    async record(grant, event) {
      const made = await draft(grant, event);
      if (!made.ok) return made;
      const { drafted, row } = made.value;
      const written = await table.put("outbox", row, { kind: "absent" });
      // A conflict is our own earlier attempt, whose answer was lost: the id is new and random.
      const isStored = written.ok || written.error.kind === "conflict";
      const isRefused = !written.ok && written.error.kind === "denied";
      settle(drafted, isStored ? "stored" : isRefused ? "refused" : "unknown");
      return isStored ? ok(undefined) : err({ kind: "unavailable" });
    },
  };
}
