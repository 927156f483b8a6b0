import { createLogReader } from "../../../core/audit/log-reader.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { failTold, tell } from "../act.ts";
import { openAffair } from "../context.ts";
import { readAttested } from "./objects.ts";
import { trailOf } from "./reader.ts";

/**
 * What a clinic can keep to hold the log to its word: the newest checkpoint that the log signed, the newest that the
 * witness countersigned, yesterday's, and the keys to check them by.
 */
export async function readCheckpoint(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { tenantId } = affair.grant;
  const trail = trailOf(affair);
  const newest = await createLogReader(trail.archive, tenantId).newest();
  if (newest === undefined) return failTold(affair, {}, { kind: "not-found" });
  const { countersigned, day, logKey, witnessKey } = await readAttested(trail, tenantId);
  await tell(affair, { entities: [{ type: "Checkpoint" }] });
  return json(200, {
    checkpoint: newest.checkpoint,
    witnessed: countersigned,
    ...(day.checkpoint !== undefined && { day }),
    logKey: logKey?.trim(),
    witnessKey: witnessKey?.trim(),
  });
}
