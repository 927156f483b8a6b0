import type { FhirResource } from "../fhir/index.ts";
import { parseJson, stringifyJson } from "../fhir/index.ts";
import type { Legend } from "../crypto/index.ts";
import { SealBroken } from "../crypto/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { RecordId, Row } from "../table/index.ts";
import { directoryKey, directoryPartition, parseRecordId } from "../table/index.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { keyFailure, tableFailure } from "./failure.ts";
import { privacyOfAll, seenResource } from "./privacy.ts";
import { CONSISTENT, isCommitted } from "./reader.ts";
import { openRow, sealRow } from "./stored.ts";

/** What the patient directory keeps of a Patient: enough to find one by, small enough to read them all. */
export const DIRECTORY_ELEMENTS = ["name", "birthDate", "gender", "identifier", "telecom", "active", "link"] as const;

const LEGEND: Legend = { phi: "encrypt", _aud: "sign", _tx: "sign", _del: "sign" };

/** The directory row that is written with every version of a Patient; a deleted one keeps its row without content. */
export async function directoryRow(
  desk: Desk,
  patient: FhirResource | undefined,
  id: RecordId,
  version: number,
  marks: { readonly eventId: string; readonly transactionId?: string },
): Promise<Result<Row, RecordFailure>> {
  const dataKey = await desk.keyring.sealingKey(desk.keyScope, "D");
  if (!dataKey.ok) return err(keyFailure(dataKey.error, desk.onAlarm));
  const key = directoryKey(desk.grant.tenantId, id);
  const entry = patient && {
    resourceType: "Patient",
    id,
    // A search must not find by what its caller may not see.
    ...(patient.meta?.["security"] !== undefined && { meta: { security: patient.meta["security"] } }),
    ...Object.fromEntries(DIRECTORY_ELEMENTS.flatMap((name) => (name in patient ? [[name, patient[name]]] : []))),
  };
  const item = {
    _aud: marks.eventId,
    ...(entry ? { phi: stringifyJson(entry) } : { _del: true }),
    ...(marks.transactionId !== undefined && { _tx: marks.transactionId }),
  };
  return sealRow(desk, key, "D", version, dataKey.value, item, LEGEND);
}

/**
 * Every patient of the tenant whom this request may see, as far as the directory knows them. One Query for them, two
 * thousand patients are 400 kB, and one for the protections.
 */
export async function readDirectory(desk: Desk): Promise<Result<readonly FhirResource[], RecordFailure>> {
  const pk = directoryPartition(desk.grant.tenantId);
  const rows = await desk.table.queryAll("data", { pk, ...CONSISTENT });
  if (!rows.ok) return err(tableFailure(rows.error, desk.onAlarm));
  const entries: { patient: FhirResource; id: RecordId; transactionId: string | undefined }[] = [];
  for (const row of rows.value) {
    const id = parseRecordId(row.sk);
    if (id === undefined) throw new SealBroken("place");
    if (desk.grant.onlyPatientId !== undefined && desk.grant.onlyPatientId !== id) continue;
    const opened = await openRow(desk, row, { pk, sk: row.sk }, "D");
    if (!opened.ok) return opened;
    const { phi, _del, _tx } = opened.value.item;
    if (_del === true) continue;
    const parsed = parseJson(typeof phi === "string" ? phi : "");
    const patient = parsed.ok ? (parsed.value as FhirResource) : undefined;
    if (patient?.resourceType !== "Patient" || patient.id !== id) throw new SealBroken("frame");
    entries.push({ patient, id, transactionId: typeof _tx === "string" ? _tx : undefined });
  }
  const committed = await isCommitted(
    desk,
    entries.flatMap((entry) => entry.transactionId ?? []),
  );
  if (!committed.ok) return committed;
  const counts = entries.filter(
    (entry) => entry.transactionId === undefined || committed.value.has(entry.transactionId),
  );
  const privacy = await privacyOfAll(desk);
  if (!privacy.ok) return privacy;
  const seen: FhirResource[] = [];
  for (const { patient, id } of counts) {
    const judged = await privacy.value(id);
    if (!judged.ok) return judged;
    const view = seenResource(judged.value, { type: "Patient", id, dataClass: "D" }, patient);
    if (view) seen.push(view);
  }
  return ok(seen);
}

export interface RankedPatients {
  /** Best first; those of one rank in the order of their ids. */
  readonly entries: readonly { readonly entry: FhirResource; readonly rank: number }[];
  readonly total: number;
}

/** The directory by a rank of the caller's; what it gives nothing is left out. */
export async function rankDirectory(
  desk: Desk,
  rank: (entry: FhirResource) => number,
  limit: number,
): Promise<Result<RankedPatients, RecordFailure>> {
  if (!desk.classes.includes("D")) return err({ kind: "forbidden" });
  const entries = await readDirectory(desk);
  if (!entries.ok) return entries;
  const ranked = entries.value.map((entry) => ({ entry, rank: rank(entry) })).filter((each) => each.rank > 0);
  ranked.sort((left, right) => right.rank - left.rank || ((left.entry.id ?? "") < (right.entry.id ?? "") ? -1 : 1));
  return ok({ entries: ranked.slice(0, limit), total: ranked.length });
}
