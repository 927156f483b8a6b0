import type { ChainState } from "../../../core/contract/index.ts";
import { type Checkpoint, originOf, parseCheckpoint } from "../../../core/audit/checkpoint.ts";
import { verifyConsistency } from "../../../core/audit/consistency.ts";
import { type Cosigned, openCosigned, parseCosignerKey } from "../../../core/audit/cosignature.ts";
import { consistencyProof } from "../../../core/audit/hashes.ts";
import { createLogReader, type LogReader } from "../../../core/audit/log-reader.ts";
import { openNote, parseVerifierKey } from "../../../core/audit/note.ts";
import { systemClock, toInstant } from "../../../core/kernel/clock.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import type { AuditReadScope } from "../../runtime/audit-read-scope.ts";
import { failTold, tell } from "../act.ts";
import { config, openAffair } from "../context.ts";
import { readAttested } from "./objects.ts";
import { trailOf } from "./reader.ts";

type Store = AuditReadScope["archive"];
type Check = ChainState["checks"][number];

/** What a signed note says of this clinic's log; undefined where the signature or the log is another's. */
function headOf(note: string, logKey: string | undefined, tenantId: string): Checkpoint | undefined {
  const key = logKey === undefined ? undefined : parseVerifierKey(logKey);
  const text = key === undefined ? undefined : openNote(note, key);
  const head = text === undefined ? undefined : parseCheckpoint(text);
  return head?.origin === originOf(config.STAGE, config.CELL, tenantId) ? head : undefined;
}

/** S3 says of a name that is not there only that it may not be read: it is looked for before it is asked for. */
const asked = (store: Store) => ({
  list: (prefix: string, limit?: number, after?: string) => store.list(prefix, limit, after),
  get: async (key: string) => ((await store.list(key, 1))[0] === key ? store.get(key) : undefined),
});

/** Whether the newest tree holds all that the witness has seen. What cannot be read does not hold. */
async function continues(log: LogReader, earlier: Checkpoint, later: Checkpoint): Promise<boolean> {
  if (earlier.size > later.size) return false;
  try {
    return verifyConsistency(earlier, later, await consistencyProof(log.hashes, earlier.size, later.size));
  } catch {
    return false;
  }
}

interface Witnessed {
  readonly seen: Cosigned;
  readonly head: Checkpoint;
}

function witnessedBy(note: string, witnessKey: string | undefined, logKey: string | undefined, tenantId: string) {
  const key = witnessKey === undefined ? undefined : parseCosignerKey(witnessKey);
  const seen = key === undefined ? undefined : openCosigned(note, key);
  const head = headOf(note, logKey, tenantId);
  return seen === undefined || head === undefined ? undefined : ({ seen, head } satisfies Witnessed);
}

const state = (isThere: boolean, holds: boolean): Check["state"] => (isThere ? (holds ? "holds" : "fails") : "not-yet");

/**
 * GET /clinic/audit/chain: what one answer can say of the trail, checked as it is asked. The log's signature, the
 * witness's from another account, that the newest tree continues what the witness saw, and that yesterday was closed. It
 * opens no line and so proves none of them: that is the offline verifier's, over all of the archive.
 */
export async function readChain(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { tenantId } = affair.grant;
  const trail = trailOf(affair);
  const log = createLogReader(asked(trail.archive), tenantId);
  const newest = await log.newest();
  if (newest === undefined) return failTold(affair, {}, { kind: "not-found" });
  const nowMs = systemClock.now();
  const { countersigned, day: closed, logKey, witnessKey } = await readAttested(trail, tenantId);
  const head = headOf(newest.checkpoint, logKey, tenantId);
  const seen = countersigned === undefined ? undefined : witnessedBy(countersigned, witnessKey, logKey, tenantId);
  const day = closed.checkpoint === undefined ? undefined : headOf(closed.checkpoint, logKey, tenantId);
  const isContinued = head !== undefined && seen !== undefined && (await continues(log, seen.head, head));
  // Where the signature fails, the seal still says what it claims to hold.
  const { size } = newest;
  const answer: ChainState = {
    size,
    sealedAt: toInstant(newest.sealedAt),
    checkedAt: toInstant(nowMs),
    checks: [
      { check: "signature", state: state(true, head?.size === newest.size) },
      { check: "witness", state: state(countersigned !== undefined, seen !== undefined) },
      { check: "continues", state: state(countersigned !== undefined, isContinued) },
      { check: "day-closed", state: state(closed.checkpoint !== undefined, day !== undefined) },
    ],
    ...(seen !== undefined && { witness: { size: seen.head.size, signedAt: toInstant(seen.seen.atMs) } }),
    ...(day !== undefined && { day: { date: closed.date, size: day.size } }),
    unwitnessed: Math.max(0, size - (seen?.head.size ?? 0)),
  };
  await tell(affair, { entities: [{ type: "Checkpoint" }] });
  return json(200, answer);
}
