import { cosignedPrefix, DAY_MS, dayKey, dayOf, verifierKeyName } from "../../../core/audit/layout.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import type { AuditReadScope } from "../../runtime/audit-read-scope.ts";

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

/** What holds a clinic's log to its word, as the texts that were signed, and the keys to check them by. */
export interface Attested {
  /** The newest that the witness countersigned. */
  readonly countersigned: string | undefined;
  /** The last day that was closed: yesterday, and the checkpoint that closed it. */
  readonly day: { readonly date: string; readonly checkpoint: string | undefined };
  readonly logKey: string | undefined;
  readonly witnessKey: string | undefined;
}

export async function readAttested({ archive, witness }: AuditReadScope, tenantId: string): Promise<Attested> {
  const date = dayOf(systemClock.now() - DAY_MS);
  const [countersigned, checkpoint, logKey] = await Promise.all([
    firstUnder(witness, cosignedPrefix(tenantId)),
    firstUnder(archive, dayKey(tenantId, date)),
    textAt(archive, verifierKeyName),
  ]);
  // Written before the first countersignature. Until then S3 would only say that it may not be read.
  const witnessKey = countersigned === undefined ? undefined : await textAt(witness, verifierKeyName);
  return { countersigned, day: { date, checkpoint }, logKey, witnessKey };
}
