import type { Result } from "../kernel/result.ts";
import { ok } from "../kernel/result.ts";
import { duplicatesOf } from "../privacy/index.ts";
import type { RecordId } from "../table/index.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { privacyOf } from "./privacy.ts";

/**
 * The duplicates whose charts show on a patient's. Not for who may reach one patient only: whoever signs in for a chart
 * was let in for that one, and a merge of two people by mistake must not show one of them the other.
 */
export async function followedFrom(
  desk: Desk,
  patientId: RecordId,
): Promise<Result<readonly RecordId[], RecordFailure>> {
  if (desk.grant.onlyPatientId !== undefined) return ok([]);
  const patient = await privacyOf(desk, patientId);
  if (!patient.ok) return patient;
  return ok(duplicatesOf(patient.value.protection) as readonly RecordId[]);
}
