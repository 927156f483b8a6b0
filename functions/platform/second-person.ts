import { createHash } from "node:crypto";
import type { ApprovalView } from "../../core/contract/index.ts";
import type { Stage } from "../../core/iam/index.ts";
import { type Clock, toInstant } from "../../core/kernel/clock.ts";
import { newId, parseUserId, type UserId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { ApprovalRow, approvalKey, parseRow } from "../../core/tenant/index.ts";
import type { RegistryRow, RegistryStore } from "../../core/tenant/registry-store.ts";
import type { Exchange } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";

/** Acts that one operator alone cannot do, by stage. Where an act is not listed, who asks for it approves it too. */
const NEEDS_SECOND_PERSON: Readonly<Record<Stage, readonly string[]>> = {
  dev: [],
  staging: [],
  production: ["tenant.create", "client.add"],
};

/** A second person answers within a working day or is asked again. */
const OPEN_MS = 8 * 3_600_000;
const KEPT_SECONDS = 90 * 24 * 3600;

/** Method, path and body: who approves sends what was asked for again, and so has it before her. */
const fingerprintOf = ({ event, rawBody }: Pick<Exchange, "event" | "rawBody">): string =>
  createHash("sha256").update(`${event.requestContext.http.method}\n${event.rawPath}\n${rawBody}`).digest("hex");

export type Approval =
  /** Who says that it may be done; who asks, where no second person is needed. */
  | { readonly kind: "approved"; readonly approverId: UserId; readonly approvalId?: string }
  /** It waits: `store` puts the row, once the trail was told. */
  | { readonly kind: "requested"; readonly view: ApprovalView; readonly store: () => Promise<void> };

/** Approvals of platform acts: rows of the registry, each for one request, used once. */
export function createSecondPerson(store: RegistryStore, clock: Clock, stage: Stage) {
  function request(exchange: Exchange, action: string, requestedBy: UserId): Approval {
    const now = clock.now();
    const approvalId = newId(now);
    const row: RegistryRow = {
      ...approvalKey(approvalId),
      rev: 1,
      ttl: Math.ceil((now + OPEN_MS) / 1000) + KEPT_SECONDS,
      approvalId,
      action,
      fingerprint: fingerprintOf(exchange),
      requestedBy,
      requestedAtMs: now,
      expiresAtMs: now + OPEN_MS,
      status: "open",
    };
    return {
      kind: "requested",
      view: {
        approval: approvalId,
        action,
        requestedBy,
        requestedAt: toInstant(now),
        expiresAt: toInstant(now + OPEN_MS),
      },
      async store() {
        const written = await store.write([{ kind: "create", row }]);
        invariant(written.ok, "a new id is new");
      },
    };
  }

  /** Uses the approval up. One answer for an unknown, used or lapsed one and for one of another request. */
  async function use(exchange: Exchange, action: string, approvalId: string, approver: UserId): Promise<Approval> {
    const unknown = { kind: "business-rule", rule: "approval-unknown" } as const;
    const found = parseUserId(approvalId) === undefined ? undefined : await store.get(approvalKey(approvalId));
    if (found === undefined) return fail(unknown);
    const row = parseRow(ApprovalRow, found);
    const isOpen = row.status === "open" && clock.now() < row.expiresAtMs;
    if (!isOpen || row.action !== action || row.fingerprint !== fingerprintOf(exchange)) return fail(unknown);
    if (row.requestedBy === approver) return fail({ kind: "forbidden", rule: "approval-self" });
    const used = { ...found, status: "used", approvedBy: approver, rev: row.rev + 1 };
    const written = await store.write([{ kind: "replace", row: used, rev: row.rev }]);
    return written.ok ? { kind: "approved", approverId: approver, approvalId } : fail(unknown);
  }

  return {
    /** What `x-approval` and the stage make of a request that policy permits. Throws HttpFailure. */
    async approve(exchange: Exchange): Promise<Approval> {
      const { definition, identity, headers } = exchange;
      invariant(identity !== undefined && definition.action !== null, "who acts on the platform is known");
      const { userId } = identity.principal;
      const { action } = definition;
      if (!NEEDS_SECOND_PERSON[stage].includes(action)) return { kind: "approved", approverId: userId };
      const approvalId = headers["x-approval"];
      return approvalId === undefined ? request(exchange, action, userId) : use(exchange, action, approvalId, userId);
    },
  };
}

export type SecondPerson = ReturnType<typeof createSecondPerson>;
