import { directoryKey, parseRecordId } from "../../core/table/index.ts";
import { fail } from "../http/failure.ts";
import { failTold, type Told } from "./act.ts";
import type { Affair } from "./context.ts";

/**
 * Refuses what is about no patient of this clinic: unknown and foreign are one answer, `not-found`. Only the row of the
 * directory is asked for, which every patient has and which says nothing before it is opened: whether the chart may be
 * read is another question, and an emergency is where it may not.
 */
export async function checkPatient(affair: Affair, patientId: string, told: Told): Promise<void> {
  const recordId = parseRecordId(patientId);
  if (recordId === undefined) return failTold(affair, told, { kind: "not-found" });
  // Who asks for her own record is known by her membership, and reaches no directory of patients.
  if (affair.grant.onlyPatientId === recordId) return;
  const key = directoryKey(affair.grant.tenantId, recordId);
  const row = await affair.table.get("data", key, { isConsistent: true });
  if (!row.ok)
    return fail(row.error.kind === "throttled" ? { kind: "throttled", retryAfterMs: 1000 } : { kind: "unavailable" });
  if (row.value === undefined) await failTold(affair, told, { kind: "not-found" });
}
