import { SealBroken } from "../crypto/index.ts";
import type { ResourceType } from "../fhir/index.ts";
import { classesOfType, patientOf, patientOfId } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { RecordId, Row } from "../table/index.ts";
import { parseRecordId, tokenPartition, tokenSort } from "../table/index.ts";
import { heldClasses } from "./address.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { tableFailure } from "./failure.ts";
import { isWithheld, meetListed, privacyOf } from "./privacy.ts";
import type { RecordName } from "./reader.ts";
import { CONSISTENT, findMany, nameOf } from "./reader.ts";
import type { StoredVersion } from "./stored.ts";
import { resourceOf } from "./stored.ts";
import type { TokenField } from "./token-fields.ts";
import { normalValue, tokenField, tokenValues } from "./token-fields.ts";
import { tokensOf } from "./token-rows.ts";

/** Two months of days, the longest list that somebody looks at. */
const MAX_VALUES = 62;
/** Records that one search reads. A clinic's month of appointments is fewer. */
const MAX_RECORDS = 2_000;
/** Rows of one value, those that ended too. */
const MAX_ROWS = 50_000;

/**
 * The live records of a type that carry one of the values, as this request may see them, in the order of their ids.
 * The rows of a token only say where to look: what counts is the record, read at its own place, through the same gate as
 * every search, and whether what is seen of it still has the value. A row whose record is gone, hidden, staged or
 * changed is passed over: it was written with the record or not at all, and says nothing that the record does not.
 * @param patientId Of her alone: nobody else's record is read.
 * @returns `forbidden` for a parameter that the office is not shown; `too-costly` over 62 values or 2,000 records.
 */
export async function readByToken(
  desk: Desk,
  type: ResourceType,
  parameter: string,
  values: readonly string[],
  patientId?: string,
): Promise<Result<readonly StoredVersion[], RecordFailure>> {
  const field = tokenField(type, parameter);
  if (isWithheld(desk, type, parameter)) return err({ kind: "forbidden" });
  const asked = new Set(values.map((value) => normalValue(field, value)));
  if (asked.size > MAX_VALUES) return err({ kind: "too-costly", rule: "search-size" });
  const all = await namesOf(desk, field, asked);
  if (!all.ok) return all;
  // An id of ours tells whose it is; of any other, its record does.
  const mayBeHers = ({ id }: RecordName): boolean => (patientOfId(id) ?? patientId) === patientId;
  const names = patientId === undefined ? all.value : all.value.filter(mayBeHers);
  if (names.length > MAX_RECORDS) return err({ kind: "too-costly", rule: "search-size" });
  const met = await meetPatients(desk, type, names);
  if (!met.ok) return met;
  const found = await findMany(desk, names);
  if (!found.ok) return found;
  const live = names.flatMap((name) => found.value.current.get(nameOf(name))?.stored ?? []);
  const isHers = (stored: StoredVersion): boolean => {
    const owner = patientId === undefined ? undefined : patientOf(resourceOf(stored));
    return owner === undefined || (owner.ok && owner.value === patientId);
  };
  return ok(
    live.filter(
      (stored) =>
        stored.text !== undefined &&
        isHers(stored) &&
        tokenValues(resourceOf(stored)).some((own) => own.field === field && asked.has(own.value)),
    ),
  );
}

async function namesOf(
  desk: Desk,
  field: TokenField,
  values: ReadonlySet<string>,
): Promise<Result<readonly RecordName[], RecordFailure>> {
  const tokens: string[] = [];
  for (const value of values) {
    for (const dataClass of heldClasses(desk, field.type)) {
      const made = await tokensOf(desk, dataClass, { field, value });
      if (!made.ok) return made;
      tokens.push(...made.value);
    }
  }
  const pages = await Promise.all(tokens.map((token) => readRows(desk, field, token)));
  const ids = new Set<RecordId>();
  for (const page of pages) {
    if (!page.ok) return page;
    for (const row of page.value) if (row["_del"] !== true) ids.add(idOf(row, field.type));
  }
  return ok([...ids].toSorted().map((id) => ({ type: field.type, id })));
}

async function readRows(
  desk: Desk,
  { type, parameter, isSparse }: TokenField,
  token: string,
): Promise<Result<readonly Row[], RecordFailure>> {
  const pk = tokenPartition(desk.grant.tenantId, type, parameter, token);
  const from = isSparse === true ? ({ index: "gsi1" } as const) : CONSISTENT;
  const rows = await desk.table.queryAll("data", { pk, limit: MAX_ROWS, ...from });
  if (!rows.ok) return err(tableFailure(rows.error, desk.onAlarm));
  // Cut off, the list would look whole.
  return rows.value.length < MAX_ROWS ? rows : err({ kind: "too-costly", rule: "search-size" });
}

/** A row that was never spelled by `tokenSort` was put there by somebody else. */
function idOf({ sk }: Row, type: ResourceType): RecordId {
  const id = parseRecordId(sk.slice(sk.indexOf("#") + 1));
  if (id === undefined || sk !== tokenSort(type, id)) throw new SealBroken("place");
  return id;
}

/**
 * Their protections ahead of their records, side by side. Of what is demographics and scheduling alone she is one of a
 * list; of anything clinical each patient is judged in full.
 */
async function meetPatients(
  desk: Desk,
  type: ResourceType,
  names: readonly RecordName[],
): Promise<Result<void, RecordFailure>> {
  const ids = names.flatMap(({ id }) => (type === "Patient" ? id : (parseRecordId(patientOfId(id)) ?? [])));
  const patients = [...new Set(ids)];
  if (classesOfType(type).every((letter) => letter === "D")) return meetListed(desk, patients);
  for (const met of await Promise.all(patients.map((id) => privacyOf(desk, id)))) if (!met.ok) return met;
  return ok(undefined);
}
