import { cosignedPrefix, dayKey, dayOf, verifierKeyName } from "../../../core/audit/layout.ts";
import { createLogReader } from "../../../core/audit/log-reader.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import type { AuditReadScope } from "../../runtime/audit-read-scope.ts";
import { failTold, tell } from "../act.ts";
import { openAffair } from "../context.ts";
import { trailOf } from "./reader.ts";

const DAY_MS = 86_400_000;

type Store = AuditReadScope["archive"];

async function textAt(store: Store, key: string): Promise<string | undefined> {
  const content = await store.get(key);
  return content === undefined ? undefined : Buffer.from(content).toString("utf8");
}

/** The first object under a prefix. Listed first: S3 says of a name that is not there only that it may not be read. */
async function firstUnder(store: Store, prefix: string): Promise<string | undefined> {
  const [key] = await store.list(prefix, 1);
  return key === undefined ? undefined : textAt(store, key);
}

/**
 * What a clinic can keep to hold the log to its word: the newest checkpoint that the log signed, the newest that the
 * witness countersigned, yesterday's, and the keys to check them by.
 */
export async function readCheckpoint(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { tenantId } = affair.grant;
  const { archive, witness } = trailOf(affair);
  const newest = await createLogReader(archive, tenantId).newest();
  if (newest === undefined) return failTold(affair, {}, { kind: "not-found" });
  const yesterday = dayOf(systemClock.now() - DAY_MS);
  const [witnessed, day, logKey] = await Promise.all([
    firstUnder(witness, cosignedPrefix(tenantId)),
    firstUnder(archive, dayKey(tenantId, yesterday)),
    textAt(archive, verifierKeyName),
  ]);
  // Written before its first countersignature. Until then S3 would only say that it may not be read.
  const witnessKey = witnessed === undefined ? undefined : await textAt(witness, verifierKeyName);
  await tell(affair, { entities: [{ type: "Checkpoint" }] });
  return json(200, {
    checkpoint: newest.checkpoint,
    witnessed,
    ...(day !== undefined && { day: { date: yesterday, checkpoint: day } }),
    logKey: logKey?.trim(),
    witnessKey: witnessKey?.trim(),
  });
}
