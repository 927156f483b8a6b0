import { type Signal, signalRow } from "../../core/watch/index.ts";
import type { Table } from "../../core/table/index.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import { log } from "./log.ts";

/** What this process has told already: windows overlap, and the same finding comes again each minute. */
const told = new Set<string>();
const TOLD_MAX = 10_000;

/**
 * Puts the row where none stands. A row that stands already may be our own, whose answer was lost: then it names this
 * very attempt, and counts as new.
 */
async function putOnce(table: Pick<Table, "put">, signal: Signal): Promise<boolean> {
  const row = { ...signalRow(signal), attempt: newId(Date.now()) };
  const first = await table.put("trail", row, { kind: "absent" });
  if (first.ok) return true;
  if (first.error.kind !== "conflict") throw new Error(`signal: ${first.error.kind}`);
  const own = await table.put("trail", row, { kind: "equals", attributes: { attempt: row.attempt } });
  if (!own.ok && own.error.kind !== "conflict") throw new Error(`signal: ${own.error.kind}`);
  return own.ok;
}

/**
 * Writes a signal once and tells it once: the row for the clinic, a line for whoever watches all clinics (the SIEM feed),
 * and an alarm where a person must look now. Opaque ids and words of ours in each. True where it was new.
 * Throws where the row could not be written, so that the caller tries again.
 */
export async function raise(table: Pick<Table, "put">, signal: Signal): Promise<boolean> {
  const { id: signalId, tenant, kind, severity, handler, record, request, user, count, evidence, at } = signal;
  if (told.has(signalId)) return false;
  // What no tenant is known of has no trail to stand in: the feed alone tells it.
  const isNew = tenant === "none" || (await putOnce(table, signal));
  if (told.size >= TOLD_MAX) told.clear();
  told.add(signalId);
  if (!isNew) return false;
  const fields = {
    signalId,
    kind,
    severity,
    ...(tenant !== "none" && { tenantId: tenant }),
    at: toInstant(at),
    ...(handler !== undefined && { handler }),
    ...(record !== undefined && { record }),
    ...(request !== undefined && { requestId: request }),
    ...(user !== undefined && { userId: user }),
    ...(count !== undefined && { count }),
    evidence,
  };
  log("warn", "signal", fields);
  if (severity !== "notice") log("error", "alarm", { failure: kind, ...fields });
  return true;
}
