import type { Clock } from "../kernel/clock.ts";
import { newId, type TenantId } from "../kernel/ids.ts";
import { type AuditEvent, CHAIN_START, chainHash, encodeEvent } from "./event.ts";

/** What the caller knows of an event; id, time and chain are the writer's. */
export type EventFacts = Omit<AuditEvent, "v" | "id" | "at" | "writer" | "detail">;

export interface Draft {
  readonly event: AuditEvent;
  /** The text to store. */
  readonly line: string;
}

/** `stored`: the write was acknowledged. `refused`: it certainly was not done. `unknown`: nobody can say. */
export type Settlement = "stored" | "refused" | "unknown";

interface Chain {
  readonly writerId: string;
  readonly seq: number;
  readonly prev: string;
}

const CHAINS_MAX = 4_096;

/**
 * The chains of one process: one for each tenant, so that a tenant's own events show whether one is missing.
 * A draft is settled before the next one of its tenant continues the chain; one whose fate is unknown, or that is still
 * open when the next begins, ends its chain, and the next starts another. No number is ever used for two stored events.
 */
export function createAuditWriter(clock: Clock, makeId: (nowMs: number) => string = newId) {
  const chains = new Map<TenantId, Chain>();
  const open = new Map<TenantId, string>();

  function nextChain(tenantId: TenantId): Chain {
    const known = open.has(tenantId) ? undefined : chains.get(tenantId);
    if (known !== undefined) return known;
    if (chains.size >= CHAINS_MAX) chains.clear();
    return { writerId: makeId(clock.now()), seq: 0, prev: CHAIN_START };
  }

  return {
    /** `sealDetail` is given the event's id, because the detail opens for that event alone. Base64 or nothing. */
    draft(facts: EventFacts, sealDetail?: (eventId: string) => string): Draft {
      const tenantId = facts.tenant as TenantId;
      const at = clock.now();
      const chain = nextChain(tenantId);
      const id = makeId(at);
      const detail = sealDetail?.(id);
      const event: AuditEvent = {
        v: 1,
        id,
        at,
        ...facts,
        writer: { id: chain.writerId, prev: chain.prev, seq: chain.seq + 1 },
        ...(detail === undefined ? {} : { detail }),
      };
      chains.set(tenantId, chain);
      open.set(tenantId, id);
      return { event, line: encodeEvent(event) };
    },

    settle({ event, line }: Draft, settlement: Settlement): void {
      const tenantId = event.tenant as TenantId;
      if (open.get(tenantId) !== event.id) return;
      open.delete(tenantId);
      if (settlement === "stored")
        chains.set(tenantId, { writerId: event.writer.id, seq: event.writer.seq, prev: chainHash(line) });
      if (settlement === "unknown") chains.delete(tenantId);
    },
  };
}

export type AuditWriter = ReturnType<typeof createAuditWriter>;
