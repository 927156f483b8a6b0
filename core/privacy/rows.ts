import type * as z from "zod";
import type { Keyring, KeyScope, Legend, SealedRow } from "../crypto/index.ts";
import { openItem, SealBroken, sealedUnder, sealItem } from "../crypto/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { TenantId, UserId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Condition, Key, Row, Table, TableWrite } from "../table/index.ts";
import type { OnPrivacyAlarm, PrivacyFailure } from "./failure.ts";
import { keyFailure, readFailure } from "./failure.ts";

/** With the credentials of one request's scope, which holds class D. */
export interface PrivacyDeps {
  readonly table: Table;
  readonly keyring: Keyring;
  readonly keyScope: KeyScope;
  readonly tenantId: TenantId;
  readonly clock: Clock;
  readonly onAlarm?: OnPrivacyAlarm;
  /** Of the rows; D where nothing is said, and then the scope holds the class that is. */
  readonly dataClass?: RecordClass;
}

/** Who does something here: a person, by the id that events know. */
export interface Person {
  readonly userId: UserId;
}

/** The event that the row will name. It is committed in one transaction with `writes`, and neither without the other. */
export interface Marks {
  readonly eventId: string;
}

/** What a change writes, and what is there when it is done. Writes hold their own conditions. */
export interface Change<T> {
  readonly value: T;
  readonly writes: readonly TableWrite[];
}

/** One row, opened. `version` 1 and up. */
export interface Opened<T> {
  readonly value: T;
  readonly version: number;
}

export type RowKind =
  | "protection"
  | "break-glass"
  | "open-break-glass"
  | "delegation"
  | "approval"
  | "calendar"
  | "note-templates"
  | "document-upload"
  | "portal-settings"
  | "portal-downloads"
  | "form-draft"
  | "record-number"
  | "recent-patients";

/** All of a row is sealed: who, for whom and why is nobody's who only sees the table. The rest routes and is signed. */
const LEGEND: Legend = { phi: "encrypt", _t: "sign", _upd: "sign", _aud: "sign" };
const TABLE = "data";
const CONSISTENT = { isConsistent: true } as const;

const silent: OnPrivacyAlarm = () => undefined;
export const alarmOf = (deps: PrivacyDeps): OnPrivacyAlarm => deps.onAlarm ?? silent;

const classOf = ({ dataClass = "D" }: PrivacyDeps): RecordClass => dataClass;

const place = (deps: PrivacyDeps, key: Key) => ({
  tenantId: deps.tenantId,
  table: TABLE,
  dataClass: classOf(deps),
  pk: key.pk,
  sk: key.sk,
});

/** The row may only be written over the version that was read; 0 where there was none. */
export const stillAt = (version: number): Condition =>
  version === 0 ? { kind: "absent" } : { kind: "equals", attributes: { _ver: version } };

/** Seals `value` as version `before + 1` of the row, under the condition that `before` is what is there. */
export async function putOver(
  deps: PrivacyDeps,
  kind: RowKind,
  key: Key,
  value: unknown,
  before: number,
  { eventId }: Marks,
): Promise<Result<TableWrite, PrivacyFailure>> {
  const dataKey = await deps.keyring.sealingKey(deps.keyScope, classOf(deps));
  if (!dataKey.ok) return err(keyFailure(dataKey.error, alarmOf(deps)));
  const item = { phi: JSON.stringify(value), _t: kind, _upd: deps.clock.now(), _aud: eventId };
  const sealed = sealItem(item, { ...place(deps, key), version: before + 1 }, LEGEND, dataKey.value);
  if (!sealed.ok) return sealed;
  return ok({ kind: "put", table: TABLE, row: sealed.value as Row & SealedRow, condition: stillAt(before) });
}

/** Opens a row that was found at `key` and parses what it holds. `integrity` where either fails, with an alarm. */
export async function openAt<T>(
  deps: PrivacyDeps,
  kind: RowKind,
  key: Key,
  row: Row,
  schema: z.ZodType<T>,
): Promise<Result<Opened<T>, PrivacyFailure>> {
  try {
    const sealed = row as SealedRow;
    const dataKey = await deps.keyring.openingKey(deps.keyScope, sealedUnder(sealed, classOf(deps)));
    if (!dataKey.ok) {
      // A row that names a key version which does not exist was forged, or its key is lost.
      if (dataKey.error.kind === "not-found") throw new SealBroken("key");
      return err(keyFailure(dataKey.error, alarmOf(deps)));
    }
    const { version, item } = openItem(sealed, place(deps, key), dataKey.value);
    if (item["_t"] !== kind || typeof item["phi"] !== "string") throw new SealBroken("legend");
    const parsed = schema.safeParse(JSON.parse(item["phi"]));
    if (!parsed.success) throw new SealBroken("frame");
    return ok({ value: parsed.data, version });
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    alarmOf(deps)({ kind: "integrity", fault: error.fault });
    return err({ kind: "integrity" });
  }
}

/** The row at a key, strongly consistent; undefined where there is none. */
export async function readAt<T>(
  deps: PrivacyDeps,
  kind: RowKind,
  key: Key,
  schema: z.ZodType<T>,
): Promise<Result<Opened<T> | undefined, PrivacyFailure>> {
  const row = await deps.table.get(TABLE, key, CONSISTENT);
  if (!row.ok) return err(readFailure(row.error, alarmOf(deps)));
  return row.value === undefined ? ok(undefined) : openAt(deps, kind, key, row.value, schema);
}

/** Every row of a partition whose sort key is one of `isOne`, strongly consistent. One that does not open fails it all. */
export async function readAll<T>(
  deps: PrivacyDeps,
  kind: RowKind,
  pk: string,
  schema: z.ZodType<T>,
  options: { readonly prefix?: string; readonly isOne?: (sk: string) => boolean } = {},
): Promise<Result<readonly Opened<T>[], PrivacyFailure>> {
  const { prefix, isOne = () => true } = options;
  const rows = await deps.table.queryAll(TABLE, { pk, ...CONSISTENT, ...(prefix !== undefined && { prefix }) });
  if (!rows.ok) return err(readFailure(rows.error, alarmOf(deps)));
  const opened: Opened<T>[] = [];
  for (const row of rows.value) {
    if (!isOne(row.sk)) continue;
    const one = await openAt(deps, kind, { pk, sk: row.sk }, row, schema);
    if (!one.ok) return one;
    opened.push(one.value);
  }
  return ok(opened);
}
