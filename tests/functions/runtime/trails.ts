import { generateKeyPairSync } from "node:crypto";
import { type AuditEvent, chainHash, CHAIN_START, decodeEvent } from "../../../core/audit/event.ts";
import { unpackLine } from "../../../core/audit/row.ts";
import { type KeyRow, openAuditDetail } from "../../../core/crypto/index.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { createKeyRows, createMeter, type Row } from "../../../core/table/index.ts";
import { createMemoryStore, createMemoryTable, type MemoryTable } from "../../../core/table/memory.ts";
import {
  createOperationAudit,
  type Operation,
  type RequestOrigin,
  type Trail,
} from "../../../functions/runtime/operation-audit.ts";

export const A = "01hxyzabcd0123456789abcdef" as TenantId;
export const B = "01hxyzabcd0123456789abcdeg" as TenantId;
export const USER = "01hxyzabcd0123456789abcdez" as UserId;
export const NOW = Date.UTC(2026, 10, 22, 8);

export const trailOf = (tenantId: TenantId, more: Partial<Trail> = {}): Trail => ({
  tenantId,
  epoch: 0,
  cell: "c01",
  ...more,
});

export const ORIGIN: RequestOrigin = {
  requestId: "request-1",
  sourceIp: "203.0.113.7",
  userAgent: "Canary/1.0",
  method: "POST",
  path: "/session/sign-in",
  query: "",
};

export const operation = (more: Partial<Operation> = {}): Operation => ({
  interaction: "user.add",
  actor: { user: USER, kind: "user", roles: ["platform-operator"], client: "cli", session: "s-1" },
  decision: { id: "d", policyVersion: "p", ruleIds: ["operator-tenancy"], inputs: { ask: "none" } },
  ...more,
});

export interface Told {
  readonly event: AuditEvent;
  readonly line: string;
}

/** Tenants with an audit key each and the outbox of all of them, in memory. */
export async function openTrails(withKey: readonly TenantId[] = [A, B]) {
  const store = createMemoryStore();
  const privateKeys = new Map<TenantId, Uint8Array>();
  for (const tenantId of withKey) {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const base = { tenantId, dataClass: "A", kver: 1, epoch: 0 } as const;
    const rows: KeyRow[] = [
      {
        ...base,
        slot: "version",
        state: "DECRYPT_ONLY",
        createdAtMs: NOW,
        enc: new Uint8Array([1]),
        publicKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
      },
      { ...base, slot: "active", state: "ACTIVE" },
    ];
    await createKeyRows(createMemoryTable(store), rows);
    privateKeys.set(tenantId, privateKey.export({ format: "der", type: "pkcs8" }));
  }
  const tables = new Map<string, MemoryTable>();
  /** The tenant's table as opened for somebody, so that a test can make its next call fail. */
  const tableOf = (tenantId: TenantId, holderId: string = USER): MemoryTable => {
    const id = `${tenantId} ${holderId}`;
    const table = tables.get(id) ?? createMemoryTable(store, createMeter());
    tables.set(id, table);
    return table;
  };
  const clock = { now: () => NOW };
  const audit = createOperationAudit({ cell: "c01", clock, openTable: tableOf });

  /** The tenant's events, oldest first. A row that holds no event fails the test. */
  const events = (tenantId: TenantId): Told[] =>
    [...(store.rows.get("outbox")?.values() ?? [])]
      .filter((row) => row.pk.startsWith(`T#${tenantId}#A#`))
      .map((row) => {
        const packed = row["event"];
        const line = packed instanceof Uint8Array ? unpackLine(packed) : undefined;
        const event = line === undefined ? undefined : decodeEvent(line);
        if (line === undefined || event === undefined || event.tenant !== tenantId)
          throw new Error("a row of the outbox holds its event");
        return { event, line };
      });

  return {
    audit,
    tableOf,
    /** For whom tables were opened. */
    holders: () => [...tables.keys()],
    rows: (): Row[] => [...(store.rows.get("outbox")?.values() ?? [])],
    events,
    outcomes: (tenantId: TenantId) => events(tenantId).map(({ event }) => `${event.interaction} ${event.outcome}`),
    detailOf(tenantId: TenantId, { id, detail = "" }: AuditEvent): unknown {
      const privateKey = privateKeys.get(tenantId);
      if (privateKey === undefined) throw new Error("the tenant has an audit key");
      return JSON.parse(
        openAuditDetail(Buffer.from(detail, "base64"), { tenantId, eventId: id }, { kver: 1, privateKey }),
      );
    },
  };
}

export type Trails = Awaited<ReturnType<typeof openTrails>>;

/** Where the chains of a trail break: one sentence for each event that does not follow the one before it. */
export function brokenChains(told: readonly Told[]): string[] {
  const last = new Map<string, { readonly seq: number; readonly hash: string }>();
  return told
    .toSorted((one, other) => one.event.writer.seq - other.event.writer.seq)
    .flatMap(({ event, line }) => {
      const { id, seq, prev } = event.writer;
      const before = last.get(id) ?? { seq: 0, hash: CHAIN_START };
      last.set(id, { seq, hash: chainHash(line) });
      return seq === before.seq + 1 && prev === before.hash
        ? []
        : [`event ${seq} of a chain does not follow ${before.seq}`];
    });
}
