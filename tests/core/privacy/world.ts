import type { KeyScope } from "../../../core/crypto/index.ts";
import { createKeyring, mintTenantKeys } from "../../../core/crypto/index.ts";
import type { Principal } from "../../../core/identity/principal.ts";
import type { RecordClass } from "../../../core/kernel/data-class.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { newId } from "../../../core/kernel/ids.ts";
import type { Result } from "../../../core/kernel/result.ts";
import { err, ok } from "../../../core/kernel/result.ts";
import type { Change, Marks, PrivacyAlarm, PrivacyDeps, PrivacyFailure } from "../../../core/privacy/index.ts";
import type { Row, Table, TableWrite, WriteFailure } from "../../../core/table/index.ts";
import { createKeyRows, createMeter, loadKeyRows, outboxKey } from "../../../core/table/index.ts";
import { createMemoryTable, type MemoryTable } from "../../../core/table/memory.ts";
import { TENANT_A, TENANT_B, valueOf } from "../crypto/fixtures.ts";
import { createTestKms } from "../record/world.ts";

export { TENANT_A, TENANT_B };
export const DOCTOR = "01hxzzd0ct0r23456789abcdef" as UserId;
export const NURSE = "01hxzznvrse023456789abcdef" as UserId;
export const OFFICER = "01hxzz0ff1cer3456789abcdef" as UserId;
export const ASSISTANT = "01hxzzb0t0000003456789abcd";
export const PATIENT = "01jd8x3k9m2n4p5q6r7s8t9v0w";
export const OTHER = "01jd8x3k9m2n4p5q6r7s8t9v0x";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface PrivacyWorld {
  readonly clock: { nowMs: number; now: () => number };
  readonly memory: MemoryTable;
  readonly alarms: PrivacyAlarm[];
  deps(tenantId?: TenantId): PrivacyDeps;
  /** What a request does with a change: its rows and its event in one transaction. */
  commit(writes: readonly TableWrite[], eventId: string): Promise<Result<void, WriteFailure>>;
  /** Makes a change and commits it. */
  act<T>(make: (deps: PrivacyDeps, marks: Marks) => Promise<Result<Change<T>, PrivacyFailure>>): Promise<T>;
  /** Puts a row as somebody would who can write the table and holds no key. */
  force(row: Row): Promise<void>;
}

export const marks = (): Marks => ({ eventId: newId(Date.UTC(2026, 10, 22)) });

export const principal = (changes: Partial<Principal> = {}): Principal => ({
  kind: "user",
  userId: DOCTOR,
  tenantId: TENANT_A,
  roles: ["physician"],
  assurance: "aal2",
  practitionerId: "dr-ada",
  sessionId: "s",
  clientId: "portal",
  ...changes,
});

/** `table` with the credentials of a request, `keyTable` with those that mint a tenant's keys. */
export async function createPrivacyWorld(given?: {
  readonly table: Table;
  readonly keyTable: Table;
}): Promise<PrivacyWorld> {
  const memory = createMemoryTable(undefined, createMeter());
  const { table, keyTable }: { table: Table; keyTable: Table } = given ?? { table: memory, keyTable: memory };
  const clock = { nowMs: Date.UTC(2026, 10, 22, 8), now: () => clock.nowMs };
  const kms = createTestKms();
  for (const tenantId of [TENANT_A, TENANT_B]) {
    const input = { tenantId, cell: "c01", epoch: 1, nowMs: clock.nowMs };
    valueOf(await mintTenantKeys(input, { kms, createRows: (rows) => createKeyRows(keyTable, rows) }));
  }
  const keyring = createKeyring({
    cell: "c01",
    clock,
    loadKeyRows: (scope, dataClass) => loadKeyRows(table, scope.tenantId, dataClass),
    kmsDecrypt: (_scope, request) => {
      const opened = kms.decrypt(request);
      return Promise.resolve(opened ? ok(opened) : err({ kind: "integrity" as const }));
    },
  });
  const alarms: PrivacyAlarm[] = [];
  const scopeOf = (tenantId: TenantId, classes: readonly RecordClass[]): KeyScope => ({
    tenantId,
    purpose: "TREAT",
    credentialsId: `test/${classes.join("")}`,
    classes,
    epoch: 1,
  });
  const deps = (tenantId: TenantId = TENANT_A): PrivacyDeps => ({
    table,
    keyring,
    keyScope: scopeOf(tenantId, ["C", "D"]),
    tenantId,
    clock,
    onAlarm: (alarm) => alarms.push(alarm),
  });
  const commit = (writes: readonly TableWrite[], eventId: string) => {
    const day = new Date(clock.nowMs).toISOString().slice(0, 10);
    const event: Row = { ...outboxKey(TENANT_A, day, eventId), event: "{}" };
    return table.transactWrite([
      ...writes,
      { kind: "put", table: "outbox", row: event, condition: { kind: "absent" } },
    ]);
  };
  return {
    clock,
    memory,
    alarms,
    deps,
    commit,
    async act(make) {
      const own = marks();
      const change = valueOf(await make(deps(), own));
      valueOf(await commit(change.writes, own.eventId));
      return change.value;
    },
    async force(row) {
      valueOf(await table.transactWrite([{ kind: "put", table: "data", row }]));
    },
  };
}
