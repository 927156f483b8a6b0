import { systemClock } from "../../core/kernel/clock.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";
import type { RecordInteraction } from "../../core/record/audit-sink.ts";
import { createMeter, type Row, type Table, type TableWrite } from "../../core/table/index.ts";
import { dynamoDb } from "../runtime/clients.ts";
import { fail } from "../http/failure.ts";
import type { Told } from "./act.ts";
import { type Affair, config, zone } from "./context.ts";

/**
 * The registry's rows of this clinic - its settings and its members - and the clinic's outbox, with credentials that reach
 * nothing else, and write settings only together with their event.
 */
export function openOwnRegistry({ principal }: Pick<Affair, "principal">): Table {
  const session = {
    roleArn: config.REGISTRY_PRIVACY_ROLE_ARN,
    sessionName: `u-${principal.userId}`,
    sourceIdentity: `u-${principal.userId}`,
    tags: { tenant: principal.tenantId },
  };
  return createDynamoTable({
    client: dynamoDb(config.AWS_REGION, () => zone.vend(session)),
    names: { registry: config.REGISTRY_TABLE, outbox: config.OUTBOX_TABLE },
    clock: systemClock,
    meter: createMeter(),
  });
}

/** `conflict`: the row is not the one that was seen, or is written by somebody else at this moment. */
type RowFailure = { readonly kind: "conflict" } | { readonly kind: "unavailable" };

/**
 * Writes a row of this clinic's over the one that was seen, in one transaction with the event that tells of it: both are
 * written or neither.
 * @param seenRev The revision that the change was judged by; 0 where there was no row.
 */
export async function changeOwnRow(
  affair: Affair,
  told: Told & { readonly interaction: RecordInteraction },
  row: Row,
  seenRev: number,
): Promise<Result<void, RowFailure>> {
  const change: TableWrite = {
    kind: "put",
    table: "registry",
    row: { ...row, rev: seenRev + 1 },
    condition: seenRev === 0 ? { kind: "absent" } : { kind: "equals", attributes: { rev: seenRev } },
  };
  const event = { outcome: "success", entities: [], classes: [], ...told } as const;
  const draft = await affair.audit.draft(affair.grant, event);
  if (!draft.ok) return fail({ kind: "unavailable" });
  const { write, settle } = draft.value;
  const written = await openOwnRegistry(affair).transactWrite([change, write]);
  settle(written.ok ? "stored" : written.error.kind === "unavailable" ? "unknown" : "refused");
  if (written.ok) return ok(undefined);
  const isRace = written.error.kind === "conflict" || written.error.kind === "contended";
  return err({ kind: isRace ? "conflict" : "unavailable" });
}
