import { createAuditWriter } from "../../core/audit/writer.ts";
import { createKeyring, type Keyring, type KeyScope } from "../../core/crypto/index.ts";
import { createKmsKeys } from "../../core/crypto/kms.ts";
import { tableName } from "../../core/iam/index.ts";
import type { Principal } from "../../core/identity/principal.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { RECORD_CLASSES } from "../../core/kernel/data-class.ts";
import { newId, type TenantId, type UserId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { ok, type Result } from "../../core/kernel/result.ts";
import { authorize, type Grant } from "../../core/policy/index.ts";
import { circumstancesOf } from "../../core/privacy/index.ts";
import { createRecords, type Privacy, type RecordAlarm, type Records } from "../../core/record/index.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter, type Key, loadKeyRows, type Page, type Row, type Table } from "../../core/table/index.ts";
import { createAuditSink } from "../../functions/runtime/audit-sink.ts";
import { type Credentials, handsOf } from "./aws.ts";
import { cellKeyArn, newTestId, SITE, type World } from "./world.ts";

/** The layers of a request, put together by hand, so that each can be led astray while the others are the real ones. */
export interface Layers {
  readonly records: Records;
  readonly grant: Grant;
  readonly table: Table;
  readonly keyring: Keyring;
  readonly keyScope: KeyScope;
  /** What the record layer wanted somebody to look at. */
  readonly alarms: readonly RecordAlarm[];
  /** How many rows of another tenant a crossed table has handed over. */
  readonly handedOver: () => number;
  destroy(): void;
}

export interface LayerOptions {
  /** Whose records the application believes that it may reach. */
  readonly grantOf: TenantId;
  /** Whose credentials reach the tables and KMS. */
  readonly credentials: Credentials;
  /** A fault below the application: asked for a row of the grant's tenant, the table hands over this one's. */
  readonly rowsOf?: TenantId;
  /** The same for rows of the keys table. */
  readonly keysOf?: TenantId;
}

/** A physician's grant, from the real rules. */
export function physicianOf(tenantId: TenantId): { readonly principal: Principal; readonly grant: Grant } {
  const principal: Principal = {
    kind: "user",
    userId: newTestId() as UserId,
    tenantId,
    roles: ["physician"],
    assurance: "aal2",
    sessionId: "s",
    clientId: "c",
  };
  const demands = (["read", "create", "update", "delete", "search"] as const).flatMap((action) => [
    { action, type: "Observation", classes: ["C"] as const },
    { action, type: "Patient", classes: ["D"] as const },
  ]);
  const granted = authorize(principal, demands, { purpose: "TREAT" });
  invariant(granted.ok, "a physician may read and write charts");
  return { principal, grant: granted.value };
}

export function buildLayers(world: World, options: LayerOptions): Layers {
  const { grantOf, credentials, rowsOf, keysOf } = options;
  const hands = handsOf(world, credentials);
  const { principal, grant } = physicianOf(grantOf);
  const names = { data: tableName(SITE, "data"), outbox: tableName(SITE, "outbox"), keys: tableName(SITE, "keys") };
  const real = createDynamoTable({ client: hands.dynamodb, names, clock: systemClock, meter: createMeter() });
  const counter = { rows: 0 };
  const table = rowsOf === undefined ? real : crossed(real, grantOf, rowsOf, counter);
  const keyTable = keysOf === undefined ? real : crossed(real, grantOf, keysOf, counter);
  const kmsKeys = createKmsKeys(hands.kms, cellKeyArn(world.stack));
  const keyring = createKeyring({
    cell: SITE.cell,
    clock: systemClock,
    loadKeyRows: (scope, dataClass) => loadKeyRows(keyTable, scope.tenantId, dataClass),
    kmsDecrypt: (_scope, request) => kmsKeys.decrypt(request),
  });
  const keyScope: KeyScope = {
    tenantId: grantOf,
    purpose: grant.purpose,
    credentialsId: newTestId(),
    classes: [...grant.classes, "X", "A"],
    epoch: 1_000,
  };
  const alarms: RecordAlarm[] = [];
  const request = {
    principal,
    requestId: "r",
    sourceIp: "192.0.2.1",
    userAgent: "test",
    method: "GET",
    path: "/",
    query: "",
  };
  const onAlarm = (alarm: RecordAlarm): unknown => alarms.push(alarm);
  const privacy: Privacy = {
    rows: { table, keyring, keyScope, tenantId: grantOf, clock: systemClock, onAlarm },
    known: [],
    release: () => Promise.reject(new Error("no patient's own request")),
    judge: (protection) => {
      const facts = { purpose: grant.purpose, action: "access", relationship: "open" } as const;
      const { ruling } = circumstancesOf(protection, principal, { ...facts, nowMs: systemClock.now() });
      return Promise.resolve(
        ok({ ruling, classes: RECORD_CLASSES.filter((letter) => grant.classes.includes(letter)) }),
      );
    },
  };
  const records = createRecords({
    table,
    privacy,
    keyring,
    keyScope,
    // Events go where they belong: what is led astray is the reading.
    audit: createAuditSink({
      writer: createAuditWriter(systemClock),
      table: real,
      keyring,
      keyScope,
      request,
      onStored: () => undefined,
    }),
    clock: systemClock,
    newId,
    onAlarm,
  });
  return {
    records,
    grant,
    table: real,
    keyring,
    keyScope,
    alarms,
    handedOver: () => counter.rows,
    destroy() {
      keyring.close();
      hands.destroy();
    },
  };
}

/** A table that mixes two tenants up: whoever asks it for rows of `from` is handed those of `to`, as if they were. */
function crossed(table: Table, from: TenantId, to: TenantId, counter: { rows: number }): Table {
  const there = <K extends Key>(key: K): K => ({ ...key, pk: key.pk.replace(`T#${from}#`, `T#${to}#`) });
  const back = (row: Row): Row => {
    counter.rows += 1;
    return { ...row, pk: row.pk.replace(`T#${to}#`, `T#${from}#`) };
  };
  const mapped = async <T, U, E>(answer: Promise<Result<T, E>>, change: (value: T) => U): Promise<Result<U, E>> => {
    const result = await answer;
    return result.ok ? ok(change(result.value)) : result;
  };
  const pageBack = ({ rows, ...rest }: Page): Page => ({ ...rest, rows: rows.map(back) });
  const asked = <Q extends { readonly pk: string }>(query: Q): Q => ({
    ...query,
    pk: there({ pk: query.pk, sk: "" }).pk,
  });
  return {
    ...table,
    get: (name, key, options) => mapped(table.get(name, there(key), options), (row) => row && back(row)),
    getMany: (name, keys, options) =>
      mapped(table.getMany(name, keys.map(there), options), (rows) => rows.map((row) => row && back(row))),
    query: (name, query) => mapped(table.query(name, asked(query)), pageBack),
    queryAll: (name, query) => mapped(table.queryAll(name, asked(query)), (rows) => rows.map(back)),
  };
}
