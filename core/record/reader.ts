import { SealBroken } from "../crypto/index.ts";
import type { ResourceType } from "../fhir/index.ts";
import { hasPatientHome, patientOfId } from "../fhir/index.ts";
import { isId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Home, Key, RecordId, Row } from "../table/index.ts";
import { parseRecordId, transactionKey } from "../table/index.ts";
import type { Spot } from "./address.ts";
import { addressOf, currentKey, mayReach, patientHome, spotsAt } from "./address.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { tableFailure } from "./failure.ts";
import { privacyAt, privacyOf, viewOf } from "./privacy.ts";
import type { StoredRow } from "./stored.ts";
import { openRow, openVersion } from "./stored.ts";

/**
 * Every read of records is strongly consistent: an allergy that was written a moment ago must be on the chart that is
 * opened now. It costs a read unit where half of one would do.
 */
export const CONSISTENT = { isConsistent: true } as const;

/** The current version of a record, and the marker it left in the class it came from. */
export interface Current {
  readonly spot: Spot;
  /** As this request may see it. */
  readonly stored: StoredRow;
  /** As it stands in its row: for the next version, never for an answer. */
  readonly whole: StoredRow;
  /** Rows of the same record in other classes, from which it moved. */
  readonly markers: readonly { readonly spot: Spot; readonly stored: StoredRow }[];
}

export interface RecordName {
  readonly type: ResourceType;
  readonly id: RecordId;
}

export const nameOf = ({ type, id }: RecordName): string => `${type}/${id}`;

export interface FoundMany {
  /** By `Type/id`. Absent where the grant can see none: unknown, foreign, hidden and not yet committed are the same. */
  readonly current: ReadonlyMap<string, Current>;
  /** The rows of the extra keys, in their order. */
  readonly extra: readonly (Row | undefined)[];
}

/** `findMany` for one record. */
export async function findCurrent(
  desk: Desk,
  type: ResourceType,
  id: RecordId,
  extraKeys: readonly Key[] = [],
): Promise<Result<{ readonly current?: Current; readonly extra: FoundMany["extra"] }, RecordFailure>> {
  const found = await findMany(desk, [{ type, id }], extraKeys);
  if (!found.ok) return found;
  const current = found.value.current.get(nameOf({ type, id }));
  return ok({ extra: found.value.extra, ...(current && { current }) });
}

/**
 * Finds the current versions of records by their ids: one read where the ids tell where they live, and one more for all
 * those of which only a locator knows. `extraKeys` are read with the first. Names are distinct.
 * What policy or consent hides is left out after the same calls as what is not there: the protection is read of each
 * patient that an id or a locator names, and of an id that names none as if it were a patient's.
 */
export async function findMany(
  desk: Desk,
  names: readonly RecordName[],
  extraKeys: readonly Key[] = [],
): Promise<Result<FoundMany, RecordFailure>> {
  const places = names.map((name) => ({ name, ...addressOf(desk, name.type, name.id) }));
  const located = places.flatMap(({ name, locator }) => (locator ? [{ name, locator }] : []));
  const locatorKeys = located.map(({ locator }) => locator);
  const spotKeys = places.flatMap(({ name, spots }) => spots.map((spot) => currentKey(desk, spot, name.type, name.id)));
  const rows = await readRows(desk, [...spotKeys, ...locatorKeys, ...extraKeys]);
  if (!rows.ok) return rows;
  const found = new Map<string, Whole>();
  const here = await pickAll(desk, places, rows.value, found);
  if (!here.ok) return here;
  const extra = rows.value.slice(spotKeys.length + locatorKeys.length);

  const elsewhere: { name: RecordName; spots: readonly Spot[] }[] = [];
  for (const [index, { name, locator }] of located.entries()) {
    const row = rows.value[spotKeys.length + index];
    if (!row || found.has(nameOf(name))) continue;
    const spots = await openLocator(desk, row, locator, name.type);
    if (!spots.ok) return spots;
    elsewhere.push({ name, spots: spots.value });
  }
  const moreKeys = elsewhere.flatMap(({ name, spots }) =>
    spots.map((spot) => currentKey(desk, spot, name.type, name.id)),
  );
  const more = await readRows(desk, moreKeys);
  if (!more.ok) return more;
  const there = await pickAll(desk, elsewhere, more.value, found);
  if (!there.ok) return there;
  const current = await seen(desk, names, found);
  return current.ok ? ok({ current: current.value, extra }) : current;
}

type Whole = Omit<Current, "stored">;

async function seen(
  desk: Desk,
  names: readonly RecordName[],
  found: ReadonlyMap<string, Whole>,
): Promise<Result<ReadonlyMap<string, Current>, RecordFailure>> {
  const current = new Map<string, Current>();
  for (const name of names) {
    const whole = found.get(nameOf(name));
    const patient = whole ? await privacyAt(desk, whole.spot.home) : await privacyOfAbsent(desk, name);
    if (!patient.ok) return patient;
    const stored = whole && viewOf(desk, patient.value, whole.whole);
    if (whole && stored) current.set(nameOf(name), { ...whole, stored });
  }
  return ok(current);
}

function privacyOfAbsent(desk: Desk, { type, id }: RecordName): ReturnType<typeof privacyAt> {
  if (!hasPatientHome(type)) return Promise.resolve(ok(undefined));
  return privacyOf(desk, parseRecordId(patientOfId(id)) ?? id);
}

/** Picks each record's current row from its share of `rows`, which come in the order of the spots. */
async function pickAll(
  desk: Desk,
  places: readonly { readonly name: RecordName; readonly spots: readonly Spot[] }[],
  rows: readonly (Row | undefined)[],
  into: Map<string, Whole>,
): Promise<Result<void, RecordFailure>> {
  let at = 0;
  for (const { name, spots } of places) {
    const picked = await pickCurrent(desk, name.type, name.id, spots, rows.slice(at, at + spots.length));
    if (!picked.ok) return picked;
    if (picked.value) into.set(nameOf(name), picked.value);
    at += spots.length;
  }
  return ok(undefined);
}

/** One row is a GetItem, several are a BatchGet, none is no call. */
export async function readRows(
  desk: Desk,
  keys: readonly Key[],
): Promise<Result<readonly (Row | undefined)[], RecordFailure>> {
  const [key] = keys;
  if (key === undefined) return ok([]);
  if (keys.length === 1) {
    const row = await desk.table.get("data", key, CONSISTENT);
    return row.ok ? ok([row.value]) : err(tableFailure(row.error, desk.onAlarm));
  }
  const rows = await desk.table.getMany("data", keys, CONSISTENT);
  return rows.ok ? rows : err(tableFailure(rows.error, desk.onAlarm));
}

async function pickCurrent(
  desk: Desk,
  type: ResourceType,
  id: RecordId,
  spots: readonly Spot[],
  rows: readonly (Row | undefined)[],
): Promise<Result<Whole | undefined, RecordFailure>> {
  const opened: { spot: Spot; stored: StoredRow }[] = [];
  for (const [index, spot] of spots.entries()) {
    const row = rows[index];
    if (!row) continue;
    const stored = await openVersion(desk, row, currentKey(desk, spot, type, id), {
      type,
      id,
      dataClass: spot.dataClass,
    });
    if (!stored.ok) return stored;
    opened.push({ spot, stored: stored.value });
  }
  const visible = await committedOnly(
    desk,
    opened.map(({ stored }) => stored),
  );
  if (!visible.ok) return visible;
  const known = opened.filter(({ stored }) => visible.value.has(stored));
  const [live, ...others] = known.filter(({ stored }) => !stored.isMoved);
  // A record is in one class at a time: two current rows are a forged or half-written state.
  if (others.length > 0) throw new SealBroken("place");
  const markers = known.filter(({ stored }) => stored.isMoved);
  return ok(live && { spot: live.spot, whole: live.stored, markers });
}

/** Where a record with an id of the client's own lives. The row is signed, so that it cannot be pointed elsewhere. */
async function openLocator(desk: Desk, row: Row, key: Key, type: ResourceType): Promise<Result<Spot[], RecordFailure>> {
  const opened = await openRow(desk, row, key, "D");
  if (!opened.ok) return opened;
  const { patientId, _tx } = opened.value.item;
  if (_tx !== undefined) {
    if (typeof _tx !== "string") throw new SealBroken("legend");
    const committed = await isCommitted(desk, [_tx]);
    if (!committed.ok) return committed;
    if (!committed.value.has(_tx)) return ok([]);
  }
  const home: Home | undefined = patientId === undefined ? { type } : patientHome(parseRecordId(patientId));
  if (!home) throw new SealBroken("legend");
  return ok(mayReach(desk, home) ? spotsAt(desk, type, home) : []);
}

/** Those of the rows that count: of no staged transaction, or of one that is committed. */
export async function committedOnly(
  desk: Desk,
  rows: readonly StoredRow[],
): Promise<Result<ReadonlySet<StoredRow>, RecordFailure>> {
  const named = rows.flatMap((row) => row.transactionId ?? []);
  const committed = await isCommitted(desk, named);
  if (!committed.ok) return committed;
  return ok(new Set(rows.filter((row) => row.transactionId === undefined || committed.value.has(row.transactionId))));
}

/** Which of the staged transactions have been committed. Asks the table only for those that are not known yet. */
export async function isCommitted(
  desk: Desk,
  transactionIds: readonly string[],
): Promise<Result<ReadonlySet<string>, RecordFailure>> {
  const name = (id: string): string => `${desk.grant.tenantId}/${id}`;
  const distinct = [...new Set(transactionIds)];
  const committed = new Set(distinct.filter((id) => desk.committed.has(name(id))));
  const unknown = distinct.filter((id) => !committed.has(id));
  for (const id of unknown) if (!isId(id)) throw new SealBroken("legend");
  const markers = await readRows(
    desk,
    unknown.map((id) => transactionKey(desk.grant.tenantId, id)),
  );
  if (!markers.ok) return markers;
  for (const [index, id] of unknown.entries()) {
    if (markers.value[index]?.["state"] !== "COMMITTED") continue;
    committed.add(id);
    desk.committed.add(name(id));
  }
  return ok(committed);
}
