import type { AuditEvent } from "../../core/audit/event.ts";
import { dayOf } from "../../core/audit/layout.ts";
import { packLine } from "../../core/audit/row.ts";
import type { AuditWriter, Draft, EventFacts, Settlement } from "../../core/audit/writer.ts";
import { type Keyring, type KeyScope, type PublicKey, sealAuditDetail } from "../../core/crypto/index.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { Principal } from "../../core/identity/principal.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";
import type { Decision } from "../../core/policy/grant.ts";
import { outboxKey, type Row, type Table, type TableWrite } from "../../core/table/index.ts";

/** Where a request came from and what exactly was asked: for an investigation, and for nobody who writes. */
export interface Origin {
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly method: string;
  /** Path and query as they came: they can name a patient, and go into the sealed detail only. */
  readonly path: string;
  readonly query: string;
}

export interface OutboxDeps {
  readonly writer: AuditWriter;
  /** With the credentials of one tenant's session. */
  readonly table: Table;
  readonly keyring: Keyring;
  readonly keyScope: KeyScope;
  /**
   * What becomes of an event of a tenant that never had an audit key. `refused`: a tenant with records has one.
   * `without-detail`: the operators' own tenant has none, and its sign-ins are told nevertheless.
   */
  readonly whenKeyless?: "refused" | "without-detail";
}

/** An event of the tenant's chain, and the row that holds it. */
export interface DraftedRow {
  readonly drafted: Draft;
  readonly row: Row;
}

/** What the caller knows of an event; which of our functions tells it is known here. */
export type OutboxFacts = Omit<EventFacts, "service">;

type Unavailable = { readonly kind: "unavailable" };

/** Outbox rows go after thirty days: by then a signed checkpoint covers them many times over. */
const OUTBOX_DAYS = 30;
const QUERY_MAX = 4096;

/** What an event may hold of a text that is not ours. */
export const opaque = (text: string): string => text.replaceAll(/[^A-Za-z0-9._:-]/g, "_").slice(0, 128) || "_";

export const actorOf = ({ userId, kind, roles, clientId, sessionId }: Principal): AuditEvent["actor"] => ({
  user: userId,
  kind,
  roles: [...roles],
  client: opaque(clientId),
  session: opaque(sessionId),
});

export const decisionOf = ({ id, policyVersion, ruleIds, inputs }: Decision): AuditEvent["decision"] => ({
  id,
  version: policyVersion,
  rules: [...ruleIds],
  inputs,
});

/** `keyward-<stage>-<name>` is what Lambda calls a function. */
function ownService(environment: NodeJS.ProcessEnv = process.env): string {
  return /^keyward-[a-z0-9]+-([a-z][a-z-]{0,31})$/.exec(environment["AWS_LAMBDA_FUNCTION_NAME"] ?? "")?.[1] ?? "none";
}

/** Builds and writes the outbox rows of one tenant's session: the one place where an event becomes a row. */
export function createOutbox({ writer, table, keyring, keyScope, whenKeyless = "refused" }: OutboxDeps) {
  const { tenantId } = keyScope;

  function seal(origin: Origin, more: object, eventId: string, recipient: PublicKey): string {
    const { sourceIp, userAgent, method, path, query } = origin;
    const detail = { sourceIp, userAgent, method, path, query: query.slice(0, QUERY_MAX), ...more };
    const sealed = sealAuditDetail(JSON.stringify(detail).toWellFormed(), { tenantId, eventId }, recipient);
    return sealed.ok ? Buffer.from(sealed.value).toString("base64") : "";
  }

  const insertion = ({ row }: DraftedRow): TableWrite => ({
    kind: "put",
    table: "outbox",
    row,
    condition: { kind: "absent" },
  });

  return {
    /** @param more What else the sealed detail should say. */
    async draft(told: OutboxFacts, origin: Origin, more: object = {}): Promise<Result<DraftedRow, Unavailable>> {
      invariant(told.tenant === tenantId, "an event is written with its own tenant's session");
      const facts = { ...told, service: ownService() };
      const recipient = await keyring.auditKey(keyScope);
      const isKeyless = !recipient.ok && recipient.error.kind === "not-found" && whenKeyless === "without-detail";
      if (!recipient.ok && !isKeyless) return err({ kind: "unavailable" });
      const drafted = recipient.ok
        ? writer.draft(facts, (eventId) => seal(origin, more, eventId, recipient.value))
        : writer.draft(facts);
      const { id, at } = drafted.event;
      const row: Row = {
        ...outboxKey(tenantId, dayOf(at), id),
        event: packLine(drafted.line),
        ttl: Math.ceil(at / 1000) + OUTBOX_DAYS * 86_400,
      };
      return ok({ drafted, row });
    },

    write: insertion,

    /**
     * Puts the row by itself or, with guards, in one transaction with them; `conflict` where a guard does not hold. What
     * became of it is the caller's to settle.
     */
    async put(drafted: DraftedRow, guards: readonly TableWrite[] = []): Promise<Settlement | "conflict"> {
      if (guards.length > 0) {
        const written = await table.transactWrite([insertion(drafted), ...guards]);
        if (written.ok) return "stored";
        const { error } = written;
        if (error.kind === "conflict") return error.failed.some((index) => index > 0) ? "conflict" : "unknown";
        return error.kind === "denied" || error.kind === "contended" ? "refused" : "unknown";
      }
      const written = await table.put("outbox", drafted.row, { kind: "absent" });
      // A conflict is our own earlier attempt, whose answer was lost: the id is new and random.
      if (written.ok || written.error.kind === "conflict") return "stored";
      return written.error.kind === "denied" ? "refused" : "unknown";
    },
  };
}
