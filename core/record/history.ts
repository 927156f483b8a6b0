import type { ResourceType } from "../fhir/index.ts";
import { labelsOf } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Home, RecordId } from "../table/index.ts";
import { historyPrefix, homePartition, parseRecordSort } from "../table/index.ts";
import { SealBroken } from "../crypto/index.ts";
import type { Spot } from "./address.ts";
import { historyKey, spotsAt } from "./address.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { tableFailure } from "./failure.ts";
import type { PatientPrivacy } from "./privacy.ts";
import { privacyAt, viewOf } from "./privacy.ts";
import type { Current } from "./reader.ts";
import { CONSISTENT, findCurrent, readRows } from "./reader.ts";
import type { StoredRow, StoredVersion } from "./stored.ts";
import { openVersion, resourceOf } from "./stored.ts";

export interface RecordHistory {
  readonly home: Home;
  /** Newest first; a deletion has no text. */
  readonly versions: readonly StoredVersion[];
}

/**
 * One version of a record. Whoever may not see the current version sees none: a record that was given a special
 * category's label takes its past with it, and the label counts for every version before.
 */
export async function readVersion(
  desk: Desk,
  type: ResourceType,
  id: RecordId,
  version: number,
): Promise<Result<{ readonly home: Home; readonly version: StoredVersion }, RecordFailure>> {
  const found = await findCurrent(desk, type, id);
  if (!found.ok) return found;
  const { current } = found.value;
  if (!current) return err({ kind: "not-found" });
  const { home } = current.spot;
  if (current.stored.version === version) return ok({ home, version: current.stored });
  if (!Number.isSafeInteger(version) || version < 1 || version > current.stored.version)
    return err({ kind: "not-found" });
  const spots = spotsAt(desk, type, home);
  const rows = await readRows(
    desk,
    spots.map((spot) => historyKey(desk, spot, type, id, version)),
  );
  if (!rows.ok) return rows;
  for (const [index, spot] of spots.entries()) {
    const row = rows.value[index];
    if (!row) continue;
    const key = historyKey(desk, spot, type, id, version);
    const opened = await openVersion(desk, row, key, { type, id, dataClass: spot.dataClass, version });
    if (!opened.ok) return opened;
    if (opened.value.isMoved) continue;
    const patient = await privacyAt(desk, home);
    if (!patient.ok) return patient;
    const view = viewOf(desk, patient.value, opened.value, labelsNow(current));
    return view ? ok({ home, version: view }) : err({ kind: "not-found" });
  }
  // Versions have no gaps: what is below the current one and in none of the grant's classes is in one it does not hold.
  return err({ kind: "not-found" });
}

/** All versions that the grant may see, newest first. */
export async function readHistory(
  desk: Desk,
  type: ResourceType,
  id: RecordId,
): Promise<Result<RecordHistory, RecordFailure>> {
  const found = await findCurrent(desk, type, id);
  if (!found.ok) return found;
  const { current } = found.value;
  if (!current) return err({ kind: "not-found" });
  const { home } = current.spot;
  const patient = await privacyAt(desk, home);
  if (!patient.ok) return patient;
  const versions: StoredVersion[] = [current.stored];
  // A first version has no past, and asks for none.
  for (const spot of current.stored.version === 1 ? [] : spotsAt(desk, type, home)) {
    const past = await readPast(desk, type, id, spot);
    if (!past.ok) return past;
    versions.push(...pastViews(desk, patient.value, current, past.value));
  }
  return ok({ home, versions: versions.toSorted((left, right) => right.version - left.version) });
}

const labelsNow = ({ whole }: Current): readonly string[] =>
  whole.text === undefined ? [] : labelsOf(resourceOf(whole));

function pastViews(
  desk: Desk,
  patient: PatientPrivacy | undefined,
  current: Current,
  past: readonly StoredRow[],
): readonly StoredRow[] {
  const labels = labelsNow(current);
  return past.flatMap((stored) => (stored.isMoved ? [] : (viewOf(desk, patient, stored, labels) ?? [])));
}

/** Every row of a record's past in one class, markers too, whoever may see them: never for an answer. */
export async function readPast(
  desk: Desk,
  type: ResourceType,
  id: RecordId,
  spot: Spot,
): Promise<Result<readonly StoredRow[], RecordFailure>> {
  const pk = homePartition(desk.grant.tenantId, spot.dataClass, spot.home);
  const rows = await desk.table.queryAll("data", { pk, prefix: historyPrefix(type, id), ...CONSISTENT });
  if (!rows.ok) return err(tableFailure(rows.error, desk.onAlarm));
  const versions: StoredRow[] = [];
  for (const row of rows.value) {
    const version = parseRecordSort(row.sk)?.version;
    if (version === undefined) throw new SealBroken("place");
    const key = { pk, sk: row.sk };
    const opened = await openVersion(desk, row, key, { type, id, dataClass: spot.dataClass, version });
    if (!opened.ok) return opened;
    versions.push(opened.value);
  }
  return ok(versions);
}
