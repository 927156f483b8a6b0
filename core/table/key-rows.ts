import type { KeyRow, KeyState, LoadFailure } from "../crypto/index.ts";
import type { KeyedClass } from "../kernel/data-class.ts";
import { KEYED_CLASSES } from "../kernel/data-class.ts";
import type { TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { ACTIVE_SORT, keyPartition, keyVersionSort, parsePartition } from "./keys.ts";
import type { Row, Table, WriteFailure } from "./table.ts";

/** A key row as the keys table holds it. `enc` is the wrapped key, `pub` the public half of an audit pair. */
export function keyRowToRow(keyRow: KeyRow): Row {
  const { tenantId, dataClass, kver, state, epoch } = keyRow;
  const pk = keyPartition(tenantId, dataClass);
  if (keyRow.slot === "active") return { pk, sk: ACTIVE_SORT, kver, state, epoch };
  const { enc, createdAtMs, publicKey } = keyRow;
  return { pk, sk: keyVersionSort(kver), kver, state, epoch, enc, createdAtMs, ...(publicKey && { pub: publicKey }) };
}

const STATES: ReadonlySet<unknown> = new Set<KeyState>(["ACTIVE", "DECRYPT_ONLY", "SUSPENDED", "SHREDDED"]);

/** The inverse. Throws InvariantError on a row that `keyRowToRow` never writes: a key row that no longer parses is an alarm. */
export function keyRowOf(row: Row): KeyRow {
  const partition = parsePartition(row.pk);
  const dataClass = KEYED_CLASSES.find((letter) => letter === partition?.dataClass);
  const { kver, state, epoch, enc, createdAtMs, pub } = row;
  invariant(
    partition?.rest === "K" && dataClass !== undefined && typeof kver === "number" && typeof epoch === "number",
    "a key row has its key, version and epoch",
  );
  invariant(STATES.has(state), "a key row has a known state");
  const base = { tenantId: partition.tenantId, dataClass, kver, epoch, state: state as KeyState };
  if (row.sk === ACTIVE_SORT) return { ...base, slot: "active" };
  invariant(
    row.sk === keyVersionSort(kver) && enc instanceof Uint8Array && typeof createdAtMs === "number",
    "a key version row has a wrapped key, made at a time, under its own version",
  );
  return { ...base, slot: "version", enc, createdAtMs, ...(pub instanceof Uint8Array && { publicKey: pub }) };
}

/** Every key row of a class, for `createKeyring`. */
export async function loadKeyRows(
  table: Table,
  tenantId: TenantId,
  dataClass: KeyedClass,
): Promise<Result<readonly KeyRow[], LoadFailure>> {
  const found = await table.queryAll("keys", { pk: keyPartition(tenantId, dataClass), isConsistent: true });
  if (found.ok) return ok(found.value.map(keyRowOf));
  return err({ kind: found.error.kind === "denied" ? "forbidden" : found.error.kind });
}

/** For `mintTenantKeys`: all rows in one transaction, none of which may exist. */
export async function createKeyRows(
  table: Table,
  rows: readonly KeyRow[],
): Promise<Result<void, { readonly kind: "conflict" | "forbidden" | "throttled" | "unavailable" }>> {
  const written = await table.transactWrite(
    rows.map((row) => ({ kind: "put", table: "keys", row: keyRowToRow(row), condition: { kind: "absent" } })),
  );
  return written.ok ? written : err({ kind: keyWriteFailure(written.error) });
}

function keyWriteFailure({ kind }: WriteFailure): "conflict" | "forbidden" | "throttled" | "unavailable" {
  if (kind === "denied") return "forbidden";
  return kind === "conflict" || kind === "throttled" ? kind : "unavailable";
}
