import { type AuditEvent, decodeEvent } from "../../core/audit/event.ts";
import { eventsRoot } from "../../core/audit/layout.ts";
import type { VerifyReport } from "../../core/audit/verify.ts";
import { parsePartition, parseRecordSort } from "../../core/table/index.ts";
import { bucketReader, loadLogKey, verifyTenant } from "../cli/audit-verify.ts";
import type { Profile } from "../cli/profile.ts";
import type { Stack } from "../local/stack.ts";

/** One version of a record that the data table holds, and the event that it names. */
export interface WrittenVersion {
  readonly tenantId: string;
  /** `Observation/<id>/<version>` */
  readonly name: string;
  readonly eventId: string;
}

/** Lets every stream run dry and seals until there is nothing left to seal. */
export async function settleTrail(stack: Stack, timeoutMs = 300_000): Promise<void> {
  await stack.drain(timeoutMs);
  for (;;) {
    const { payload, functionError } = await stack.lambda.invoke("keyward-dev-seal", {});
    const { sealed = 0, failed = 0 } = JSON.parse(payload) as { sealed?: number; failed?: number };
    if (functionError !== undefined || failed > 0) throw new Error(`the seal failed: ${payload}`);
    if (sealed === 0) return;
  }
}

/** `audit verify` for each tenant, as the CLI does it. */
export async function verifyAll(profile: Profile, tenantIds: readonly string[]): Promise<VerifyReport[]> {
  const reader = bucketReader(profile);
  const logKey = await loadLogKey(profile, undefined);
  const reports: VerifyReport[] = [];
  for (const tenantId of tenantIds)
    reports.push(await verifyTenant(profile, reader, logKey, tenantId, () => undefined));
  return reports;
}

/** Every event in the archive, by its id. Throws for a line that is none. */
export function archivedEvents(
  stack: Stack,
  { archiveBucket }: Pick<Profile, "archiveBucket">,
): Map<string, AuditEvent> {
  const events = new Map<string, AuditEvent>();
  for (const { key, bytes } of stack.cloud.s3.dumpObjects(archiveBucket)) {
    if (!key.startsWith(eventsRoot) || bytes === undefined) continue;
    for (const line of bytes.toString("utf8").split("\n").slice(0, -1)) {
      const event = decodeEvent(line);
      if (event === undefined) throw new Error(`${key} holds a line that is no event`);
      events.set(event.id, event);
    }
  }
  return events;
}

/** Every version of every record in the data table: current ones and those of the history. */
export function writtenVersions(stack: Stack, { stage, cell }: Pick<Profile, "stage" | "cell">): WrittenVersion[] {
  const text = (value: object | undefined): string => (value !== undefined && "S" in value ? String(value.S) : "");
  return stack.cloud.dynamodb.dumpItems(`keyward-${stage}-${cell}-data`).flatMap((item) => {
    const tenantId = parsePartition(text(item["pk"]))?.tenantId;
    const record = parseRecordSort(text(item["sk"]));
    if (tenantId === undefined || record === undefined) return [];
    const current = item["_ver"] !== undefined && "N" in item["_ver"] ? Number(item["_ver"].N) : 0;
    const name = `${record.type}/${record.id}/${record.version ?? current}`;
    return [{ tenantId, name, eventId: text(item["_aud"]) }];
  });
}

const WRITES: ReadonlySet<string> = new Set(["create", "update", "delete", "transaction"]);

/**
 * Whether table and archive tell the same: every version has its own event in the archive, the event names it, no two
 * events name one version, and no event tells of a version that is not there. Each violation is a sentence.
 */
export function compareTrail(
  versions: readonly WrittenVersion[],
  events: ReadonlyMap<string, AuditEvent>,
): readonly string[] {
  const violations: string[] = [];
  const told = new Map<string, string[]>();
  for (const { id, tenant, interaction, outcome, replay, entities } of events.values()) {
    if (!WRITES.has(interaction) || outcome !== "success" || replay === true) continue;
    for (const { type, id: recordId, version } of entities) {
      if (recordId === undefined || version === undefined) continue;
      const name = `${tenant} ${type}/${recordId}/${version}`;
      told.set(name, [...(told.get(name) ?? []), id]);
    }
  }
  const there = new Set<string>();
  for (const { tenantId, name, eventId } of versions) {
    const full = `${tenantId} ${name}`;
    if (there.has(full)) violations.push(`${full} is in the table twice`);
    there.add(full);
    const tellers = told.get(full) ?? [];
    if (!events.has(eventId)) violations.push(`${full} has no event in the archive`);
    else if (!tellers.includes(eventId)) violations.push(`${full} is not what its event tells of`);
    if (tellers.length > 1) violations.push(`${full} is told of by ${tellers.length} events`);
  }
  for (const name of told.keys()) if (!there.has(name)) violations.push(`${name} is told of, and not in the table`);
  return violations;
}
