import type { SealedRow } from "../crypto/index.ts";
import { openItem, SealBroken, sealedUnder } from "../crypto/index.ts";
import type { ResourceType } from "../fhir/index.ts";
import { hasPatientHome } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { PrivacyDeps, PrivacyFailure } from "../privacy/index.ts";
import { locatorKey, parseRecordId, tokenPartition, tokenSort } from "../table/index.ts";
import { normalValue, tokenField } from "./token-fields.ts";
import { tokensOf } from "./token-rows.ts";

/**
 * In whose compartment a record lives whose id does not tell: asked before policy is, in a scope of class D that reaches
 * no record. Undefined where no row says it, or the record has no patient. A row that does not open is `integrity`.
 */
export async function locatePatient(
  { table, keyring, keyScope, tenantId, onAlarm }: PrivacyDeps,
  type: ResourceType,
  id: string,
): Promise<Result<string | undefined, PrivacyFailure>> {
  const recordId = parseRecordId(id);
  if (recordId === undefined || type === "Patient" || !hasPatientHome(type)) return ok(undefined);
  const key = locatorKey(tenantId, type, recordId);
  const row = await table.get("data", key, { isConsistent: true });
  if (!row.ok) return err({ kind: row.error.kind === "throttled" ? "throttled" : "unavailable" });
  if (!row.value) return ok(undefined);
  try {
    const sealed = row.value as SealedRow;
    const dataKey = await keyring.openingKey(keyScope, sealedUnder(sealed, "D"));
    if (!dataKey.ok) {
      if (dataKey.error.kind === "not-found") throw new SealBroken("key");
      return err({ kind: dataKey.error.kind === "suspended" ? "suspended" : "unavailable" });
    }
    const place = { tenantId, table: "data", dataClass: "D" as const, ...key };
    const { patientId } = openItem(sealed, place, dataKey.value).item;
    return ok(parseRecordId(patientId));
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    onAlarm?.({ kind: "integrity", fault: error.fault });
    return err({ kind: "integrity" });
  }
}

const noAlarm = (): void => undefined;

/** Charts that carry one number: more are no answer to a question about one of them. */
const MAX_CHARTS = 20;

/**
 * Which charts carry an identifier, exactly: from the rows of its token alone, in a scope of class D, with nothing opened.
 * It says no more than their ids, and so may be told to who knows charts by their ids and must not read them.
 */
export async function locateByIdentifier(
  { table, keyring, keyScope, tenantId, onAlarm }: PrivacyDeps,
  identifier: string,
): Promise<Result<readonly string[], PrivacyFailure>> {
  const field = tokenField("Patient", "identifier");
  const value = normalValue(field, identifier);
  const tokens = await tokensOf({ keyring, keyScope, onAlarm: onAlarm ?? noAlarm }, "D", { field, value });
  if (!tokens.ok) return err({ kind: tokens.error.kind === "suspended" ? "suspended" : "unavailable" });
  const ids = new Set<string>();
  for (const token of tokens.value) {
    const pk = tokenPartition(tenantId, field.type, field.parameter, token);
    const rows = await table.queryAll("data", { pk, limit: MAX_CHARTS, isConsistent: true });
    if (!rows.ok) return err({ kind: rows.error.kind === "throttled" ? "throttled" : "unavailable" });
    for (const { sk, _del } of rows.value) {
      const id = parseRecordId(sk.slice(sk.indexOf("#") + 1));
      if (id !== undefined && _del !== true && sk === tokenSort(field.type, id)) ids.add(id);
    }
  }
  return ok([...ids].toSorted());
}
