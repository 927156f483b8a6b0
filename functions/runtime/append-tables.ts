import type { Clock } from "../../core/kernel/clock.ts";
import { isId, type TenantId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter, type Table } from "../../core/table/index.ts";
import { dynamoDb } from "./clients.ts";
import type { Vend } from "./credentials.ts";

export interface AppendConfig {
  readonly AWS_REGION: string;
  readonly OUTBOX_TABLE: string;
  readonly KEYS_TABLE: string;
  readonly AUDIT_APPEND_ROLE_ARN: string;
}

/** Whoever signs in or administers waits for the event: an outbox that does not answer is given up sooner than a chart. */
const LIMITS = { deadlineMs: 3_000 } as const;
const OPEN_MAX = 1_000;

/**
 * Tables through which a zone appends to a tenant's trail on behalf of a user or client (`holderId`), and can do nothing
 * else. Each works with a session that is tagged with its tenant, so that a wrong key is refused by IAM.
 */
export function createAppendTables(config: AppendConfig, vend: Vend, clock: Clock) {
  const tables = new Map<string, Table>();

  return function openTable(tenantId: TenantId, holderId: string): Table {
    invariant(isId(tenantId) && isId(holderId), "events are appended for a tenant by a user or client");
    const id = `${tenantId}.${holderId}`;
    const known = tables.get(id);
    if (known !== undefined) return known;
    const session = {
      roleArn: config.AUDIT_APPEND_ROLE_ARN,
      sessionName: `u-${holderId}`,
      sourceIdentity: `u-${holderId}`,
      tags: { tenant: tenantId },
    };
    const table = createDynamoTable({
      client: dynamoDb(config.AWS_REGION, () => vend(session)),
      names: { outbox: config.OUTBOX_TABLE, keys: config.KEYS_TABLE },
      clock,
      meter: createMeter(),
      limits: LIMITS,
    });
    if (tables.size >= OPEN_MAX) tables.clear();
    tables.set(id, table);
    return table;
  };
}
