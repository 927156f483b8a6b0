import type { Legend } from "../crypto/index.ts";
import type { FhirResource, ResourceType } from "../fhir/index.ts";
import { classOf, hasPatientHome, patientOf, patientOfId } from "../fhir/index.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import { invariant } from "../kernel/invariant.ts";
import { isId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Condition, Home, Key, RecordId, Row, TableWrite } from "../table/index.ts";
import { locatorKey } from "../table/index.ts";
import type { Spot } from "./address.ts";
import { currentKey, historyKey, isSameHome, mayReach, patientHome } from "./address.ts";
import type { Desk } from "./desk.ts";
import { directoryRow } from "./directory.ts";
import { isDocument } from "./document-guard.ts";
import type { RecordFailure } from "./failure.ts";
import { keyFailure } from "./failure.ts";
import { readPast } from "./history.ts";
import type { Current } from "./reader.ts";
import type { StoredVersion, VersionToSeal } from "./stored.ts";
import { resourceOf, sealRow, sealVersion, stampResource, textOf } from "./stored.ts";
import { isTokened } from "./token-fields.ts";
import type { Tokened } from "./token-rows.ts";
import { tokenWrites } from "./token-rows.ts";

/** What a change writes, and the version that is there when it is done. */
export interface Change {
  readonly writes: readonly TableWrite[];
  readonly result: StoredVersion;
  readonly home: Home;
}

/** The event that every row of the change names, and the staged transaction, if it is part of one. */
export interface ChangeMarks {
  readonly eventId: string;
  readonly nowMs: number;
  readonly transactionId?: string;
}

/** Where a resource belongs, and whether the grant may write there. A Patient is at home with its own id. */
export function placeOf(desk: Desk, resource: FhirResource, id = resource.id): Result<Spot, RecordFailure> {
  const dataClass = classOf(resource);
  if (!desk.classes.includes(dataClass)) return err({ kind: "forbidden" });
  const isSegmented = dataClass === "S";
  const patient = resource.resourceType === "Patient" ? ok(id) : patientOf(resource);
  if (!patient.ok) return err({ kind: "business-rule", rule: patient.error.rule, path: patient.error.path });
  const home: Home = patientHome(patient.value) ?? { type: resource.resourceType };
  if (isSegmented && !("patientId" in home)) return err({ kind: "business-rule", rule: "segmented-without-patient" });
  return mayReach(desk, home) ? ok({ dataClass, home }) : err({ kind: "not-found" });
}

/** A new id that carries its compartment where the patient's own id is one of ours. */
export function assignId(desk: Desk, patientId: string | undefined, nowMs: number): string {
  const own = desk.newId(nowMs);
  return patientId !== undefined && isId(patientId) ? `${patientId}.${own}` : own;
}

/** The first version of a record. Fails where the id is taken, in this tenant, as far as the grant reaches. */
export async function creation(
  desk: Desk,
  resource: FhirResource,
  id: RecordId,
  isClientId: boolean,
  marks: ChangeMarks,
): Promise<Result<Change, RecordFailure>> {
  const spot = placeOf(desk, resource, id);
  if (!spot.ok) return spot;
  const { resourceType: type } = resource;
  const version = versionOf(desk, resource, id, 1, spot.value.dataClass, marks);
  const absent: Condition = { kind: "absent" };
  const current = await versionWrite(desk, spot.value, version, absent);
  if (!current.ok) return current;
  const more = await companions(desk, resource, id, 1, spot.value, marks, absent);
  if (!more.ok) return more;
  const locator = needsLocator(resource, id, isClientId)
    ? await locatorWrite(desk, type, id, spot.value.home, marks)
    : ok(undefined);
  if (!locator.ok) return locator;
  const after = { dataClass: spot.value.dataClass, resource };
  const tokens = await tokenWrites(desk, version, { after, eventId: marks.eventId });
  if (!tokens.ok) return tokens;
  const writes = [current.value, ...more.value, ...(locator.value ? [locator.value] : []), ...tokens.value];
  return ok({ writes, result: version, home: spot.value.home });
}

/**
 * The next version of a record. The version that was current becomes a history row; a change of class leaves a marker
 * in the class that it left, so that a reader of that class alone finds nothing more there. A record that becomes
 * segmented takes its past with it: its old versions are sealed anew under class S, and markers stand in their places.
 */
export async function replacement(
  desk: Desk,
  current: Current,
  resource: FhirResource,
  marks: ChangeMarks,
): Promise<Result<Change, RecordFailure>> {
  const { whole: stored, spot: old, markers } = current;
  const spot = placeOf(desk, resource);
  if (!spot.ok) return spot;
  if (!isSameHome(old.home, spot.value.home)) return err({ kind: "business-rule", rule: "patient-changed" });
  const { dataClass } = spot.value;
  const next = versionOf(desk, resource, stored.id, stored.version + 1, dataClass, marks, stored.contentSecret);
  const isSegmenting = old.dataClass !== "S" && spot.value.dataClass === "S";
  const past = await historyWrite(desk, current, isSegmenting ? spot.value : old);
  if (!past.ok) return past;
  const isStill: Condition = { kind: "equals", attributes: { _ver: stored.version } };
  const writes: TableWrite[] = [];
  if (spot.value.dataClass === old.dataClass) {
    const write = await versionWrite(desk, old, next, isStill);
    if (!write.ok) return write;
    writes.push(write.value);
  } else {
    const { text: _text, ...bare } = next;
    const marker = await versionWrite(desk, old, { ...bare, dataClass: old.dataClass, isMoved: true }, isStill);
    if (!marker.ok) return marker;
    const before = markers.find((each) => each.spot.dataClass === spot.value.dataClass);
    const condition: Condition = before
      ? { kind: "equals", attributes: { _ver: before.stored.version } }
      : { kind: "absent" };
    const write = await versionWrite(desk, spot.value, next, condition);
    if (!write.ok) return write;
    writes.push(marker.value, write.value);
  }
  if (isSegmenting) {
    const locator = await locatorWrite(desk, stored.type, stored.id, old.home, marks, { isNew: false });
    if (!locator.ok) return locator;
    const moved = await movePast(desk, current, spot.value);
    if (!moved.ok) return moved;
    writes.push(locator.value, ...moved.value);
  }
  const more = await companions(desk, resource, stored.id, next.version, spot.value, marks);
  if (!more.ok) return more;
  const after = { dataClass: spot.value.dataClass, resource };
  const tokens = await tokenWrites(desk, next, { before: tokenedOf(current), after, eventId: marks.eventId });
  if (!tokens.ok) return tokens;
  return ok({ writes: [...writes, past.value, ...more.value, ...tokens.value], result: next, home: old.home });
}

/** The version that is there as its tokens were made of it. */
export const tokenedOf = ({ whole, spot }: Current): Tokened => ({
  dataClass: spot.dataClass,
  resource: whole.text === undefined || !isTokened(whole.type) ? undefined : resourceOf(whole),
});

/** A tombstone as the next version; the record's past stays. */
export async function deletion(
  desk: Desk,
  current: Current,
  marks: ChangeMarks,
): Promise<Result<Change, RecordFailure>> {
  const { whole: stored, spot } = current;
  const tombstone: VersionToSeal = {
    type: stored.type,
    id: stored.id,
    version: stored.version + 1,
    lastUpdatedMs: marks.nowMs,
    dataClass: spot.dataClass,
    eventId: marks.eventId,
  };
  const isStill: Condition = { kind: "equals", attributes: { _ver: stored.version } };
  const write = await versionWrite(desk, spot, tombstone, isStill);
  if (!write.ok) return write;
  const past = await historyWrite(desk, current, spot);
  if (!past.ok) return past;
  const writes = [write.value, past.value];
  if (stored.type === "Patient") {
    const row = await directoryRow(desk, undefined, stored.id, tombstone.version, marks);
    if (!row.ok) return row;
    writes.push({ kind: "put", table: "data", row: row.value });
  }
  const tokens = await tokenWrites(desk, tombstone, { before: tokenedOf(current), eventId: marks.eventId });
  if (!tokens.ok) return tokens;
  writes.push(...tokens.value);
  return ok({ writes, result: tombstone, home: spot.home });
}

/** A document takes what opens its content from version to version, until it gets another content. */
function versionOf(
  desk: Desk,
  resource: FhirResource,
  id: RecordId,
  version: number,
  dataClass: RecordClass,
  { nowMs, eventId, transactionId }: ChangeMarks,
  secretBefore?: string,
): VersionToSeal {
  const contentSecret = isDocument(resource) ? (desk.contentSecret ?? secretBefore) : undefined;
  invariant(contentSecret !== undefined || !isDocument(resource), "a document's row has what opens its content");
  return {
    type: resource.resourceType,
    id,
    version,
    lastUpdatedMs: nowMs,
    dataClass,
    text: textOf(stampResource(resource, id, version, nowMs)),
    eventId,
    ...(contentSecret !== undefined && { contentSecret }),
    ...(transactionId !== undefined && { transactionId }),
  };
}

async function versionWrite(
  desk: Desk,
  spot: Spot,
  version: VersionToSeal,
  condition: Condition,
): Promise<Result<TableWrite, RecordFailure>> {
  const key = currentKey(desk, spot, version.type, version.id);
  return put(await sealVersion(desk, key, version), condition);
}

/** What was current until now, as it was: its own event, its own time. */
async function historyWrite(desk: Desk, { whole }: Current, spot: Spot): Promise<Result<TableWrite, RecordFailure>> {
  const { transactionId: _committed, ...version } = whole;
  const key = historyKey(desk, spot, whole.type, whole.id, whole.version);
  return put(await sealVersion(desk, key, { ...version, dataClass: spot.dataClass }), { kind: "absent" });
}

/** Every version before the current one, from the class that the record leaves to the one that it goes to. */
async function movePast(
  desk: Desk,
  { whole, spot: old }: Current,
  to: Spot,
): Promise<Result<readonly TableWrite[], RecordFailure>> {
  const { type, id } = whole;
  const past = whole.version === 1 ? ok([]) : await readPast(desk, type, id, old);
  if (!past.ok) return past;
  const writes: TableWrite[] = [];
  for (const version of past.value) {
    if (version.isMoved) continue;
    const { text: _text, transactionId: _committed, ...bare } = version;
    const copyKey = historyKey(desk, to, type, id, version.version);
    const copy = await sealVersion(desk, copyKey, { ...version, dataClass: to.dataClass });
    const marker = await sealVersion(desk, historyKey(desk, old, type, id, version.version), {
      ...bare,
      isMoved: true,
    });
    const copyWrite = put(copy, { kind: "absent" });
    const markerWrite = put(marker, { kind: "equals", attributes: { _ver: version.version } });
    if (!copyWrite.ok) return copyWrite;
    if (!markerWrite.ok) return markerWrite;
    writes.push(copyWrite.value, markerWrite.value);
  }
  return ok(writes);
}

/** Rows beside the record itself: for a Patient, its line in the directory. */
async function companions(
  desk: Desk,
  resource: FhirResource,
  id: RecordId,
  version: number,
  spot: Spot,
  marks: ChangeMarks,
  condition?: Condition,
): Promise<Result<readonly TableWrite[], RecordFailure>> {
  if (resource.resourceType !== "Patient") return ok([]);
  invariant(spot.dataClass === "D", "a Patient is a record of class D");
  const row = await directoryRow(desk, resource, id, version, marks);
  const write = put(row, condition);
  return write.ok ? ok([write.value]) : write;
}

const LOCATOR_LEGEND: Legend = { patientId: "sign", _aud: "sign", _tx: "sign" };

/**
 * An id that does not tell where its record lives needs a row that does. The row also takes the id in every class at
 * once, which matters where a writer cannot see class S: for an id that a client brought, and for each record of S.
 */
export function needsLocator(resource: FhirResource, id: RecordId, isClientId: boolean): boolean {
  const { resourceType: type } = resource;
  if (type === "Patient" || !hasPatientHome(type)) return false;
  return !isServerForm(type, id) || isClientId || classOf(resource) === "S";
}

/** True for an id in the server's own grammar, of a type that may have a patient. */
export const isServerForm = (type: ResourceType, id: RecordId): boolean =>
  type !== "Patient" && hasPatientHome(type) && (isId(id) || patientOfId(id) !== undefined);

/**
 * An id in the server's own grammar tells where its record lives without a locator: a client may bring one, as an import
 * does, only where that is true.
 */
export function isReservedId(resource: FhirResource, id: RecordId): boolean {
  const { resourceType: type } = resource;
  if (!isServerForm(type, id)) return false;
  const patient = patientOf(resource);
  const home = patient.ok ? patient.value : undefined;
  return isId(id) ? home !== undefined : patientOfId(id) !== home;
}

async function locatorWrite(
  desk: Desk,
  type: ResourceType,
  id: RecordId,
  home: Home,
  { eventId, transactionId }: ChangeMarks,
  { isNew }: { readonly isNew: boolean } = { isNew: true },
): Promise<Result<TableWrite, RecordFailure>> {
  const dataKey = await desk.keyring.sealingKey(desk.keyScope, "D");
  if (!dataKey.ok) return err(keyFailure(dataKey.error, desk.onAlarm));
  const key: Key = locatorKey(desk.grant.tenantId, type, id);
  const item = {
    _aud: eventId,
    ...("patientId" in home && { patientId: home.patientId }),
    ...(transactionId !== undefined && { _tx: transactionId }),
  };
  // One that stands there already says the same.
  const condition: Condition | undefined = isNew ? { kind: "absent" } : undefined;
  return put(sealRow(desk, key, "D", 1, dataKey.value, item, LOCATOR_LEGEND), condition);
}

function put(row: Result<Row, RecordFailure>, condition?: Condition): Result<TableWrite, RecordFailure> {
  if (!row.ok) return row;
  return ok({ kind: "put", table: "data", row: row.value, ...(condition && { condition }) });
}
