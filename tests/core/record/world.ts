import { createHash, generateKeyPairSync } from "node:crypto";
import type { KeyContext, Keyring, KeyMint, KeyScope } from "../../../core/crypto/index.ts";
import { createKeyring, mintTenantKeys } from "../../../core/crypto/index.ts";
import type { FhirResource, ResourceType, SearchQuery } from "../../../core/fhir/index.ts";
import { parseJson, parseSearch, readBundle, validateResource } from "../../../core/fhir/index.ts";
import type { RecordClass } from "../../../core/kernel/data-class.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { newId } from "../../../core/kernel/ids.ts";
import { err, ok } from "../../../core/kernel/result.ts";
import type { Grant } from "../../../core/policy/grant.ts";
import type { Inquiry } from "../../../core/policy/consent/index.ts";
import { ruleOn } from "../../../core/policy/consent/index.ts";
import type { PortalSettings } from "../../../core/contract/index.ts";
import { releaseAt } from "../../../core/portal/index.ts";
import { FIRST_SETTINGS } from "../../../core/portal/settings.ts";
import type { PrivacyDeps } from "../../../core/privacy/index.ts";
import type { AuditSink, Privacy, RecordAlarm, RecordEvent, Records } from "../../../core/record/index.ts";
import { createCommittedTransactions, createRecords } from "../../../core/record/index.ts";
import type { Meter, Table } from "../../../core/table/index.ts";
import { createKeyRows, createMeter, loadKeyRows, outboxKey } from "../../../core/table/index.ts";
import type { MemoryTable } from "../../../core/table/memory.ts";
import { createMemoryTable } from "../../../core/table/memory.ts";
import { TENANT_A, TENANT_B, USER_A, valueOf } from "../crypto/fixtures.ts";

/** KMS as these tests need it: a wrapped key opens under the context it was made with. */
export function createTestKms(): KeyMint & {
  decrypt: (request: { enc: Uint8Array; context: KeyContext }) => Uint8Array | undefined;
} {
  const text = (context: KeyContext): string =>
    JSON.stringify([context.tenant, context.cell, context.class, context.kver]);
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" });
  return {
    generateWrapped: (context) => Promise.resolve(ok({ enc: new Uint8Array(Buffer.from(text(context))) })),
    generateWrappedPair: (context) =>
      Promise.resolve(ok({ enc: new Uint8Array(Buffer.from(text(context))), publicKey: new Uint8Array(pair) })),
    decrypt: ({ enc, context }) =>
      Buffer.from(enc).toString() === text(context)
        ? new Uint8Array(createHash("sha256").update(enc).digest())
        : undefined,
  };
}

export interface World {
  readonly clock: { nowMs: number; now: () => number };
  readonly meter: Meter;
  readonly table: Table;
  readonly memory: MemoryTable;
  readonly keyring: Keyring;
  /** Every event, in the order in which it was drafted or recorded, with what became of it. */
  readonly events: (RecordEvent & { tenant: string; fate: string })[];
  readonly alarms: RecordAlarm[];
  /** Makes the next writes of events fail. */
  readonly audit: { isDown: boolean };
  /** What the clinic shows to a patient herself; without it, nobody can say. */
  readonly rules: { release: PortalSettings["release"] | undefined };
  /** Records as the grant's request would have them; without a judge, of a clinic where no consent stands in the way. */
  for(grant: Grant, judge?: Judge, through?: Table): Records;
  /** The rows of core/privacy, for holds and for looking at what protects a patient. */
  privacy(grant: Grant): PrivacyDeps;
}

export type Judge = Privacy["judge"];

/** Every record of the grant's classes is permitted, and nothing masked. */
export const unguarded =
  (grant: Grant): Judge =>
  () =>
    Promise.resolve(ok({ ruling: OPEN, classes: grant.classes as readonly RecordClass[] }));

const NONE = { C: "none", S: "permit", B: "none", D: "none" } as const;
const OPEN = { byClass: NONE, ids: [], permits: () => true, redacts: () => false };

/** What the patient's consents say to a member, as core/policy/consent computes it. */
export const consenting =
  (grant: Grant, inquiry: Partial<Inquiry> & Pick<Inquiry, "nowMs">): Judge =>
  ({ consents }) => {
    const { tenantId, userId, roles, purpose } = grant;
    const ruling = ruleOn(consents, { tenantId, userId, roles, purpose, action: "access", ...inquiry });
    const { byClass } = ruling;
    const isOpen = (letter: RecordClass): boolean =>
      byClass[letter] !== "deny" && (letter !== "S" || byClass.S === "permit");
    return Promise.resolve(ok({ ruling, classes: (grant.classes as readonly RecordClass[]).filter(isOpen) }));
  };

export interface GrantOptions {
  readonly tenantId?: TenantId;
  readonly userId?: UserId;
  readonly classes?: readonly RecordClass[];
  readonly onlyPatientId?: string;
}

export const grantOf = ({
  tenantId = TENANT_A,
  userId = USER_A,
  classes = ["C", "S", "B", "D"],
  onlyPatientId,
}: GrantOptions = {}): Grant =>
  ({
    tenantId,
    userId,
    roles: ["physician"],
    purpose: "TREAT",
    classes,
    ...(onlyPatientId !== undefined && { onlyPatientId }),
    decision: { id: "d", policyVersion: "p", ruleIds: ["physician-chart"] },
  }) as unknown as Grant;

export const scopeOf = (grant: Grant): KeyScope => ({
  tenantId: grant.tenantId,
  purpose: grant.purpose,
  credentialsId: `${grant.userId}/${grant.classes.join("")}`,
  classes: [...grant.classes, "X"],
  epoch: 1,
});

/** A tenant's world: two tenants with keys in the same tables, and an audit sink that keeps what it is told. */
export async function createWorld(makeTable?: (meter: Meter) => Table): Promise<World> {
  const meter = createMeter();
  const memory = createMemoryTable(undefined, meter);
  const table = makeTable ? makeTable(meter) : memory;
  const clock = { nowMs: Date.UTC(2026, 10, 22, 8), now: () => clock.nowMs };
  const kms = createTestKms();
  for (const tenantId of [TENANT_A, TENANT_B]) {
    const input = { tenantId, cell: "c01", epoch: 1, nowMs: clock.nowMs };
    valueOf(await mintTenantKeys(input, { kms, createRows: (rows) => createKeyRows(table, rows) }));
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
  const rules: World["rules"] = { release: FIRST_SETTINGS.release };
  const events: World["events"] = [];
  const alarms: RecordAlarm[] = [];
  const audit = { isDown: false };
  const committed = createCommittedTransactions();
  const rowOf = (grant: Grant, event: RecordEvent) => {
    const eventId = newId(clock.now());
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    return { eventId, row: { ...outboxKey(grant.tenantId, day, eventId), event: JSON.stringify(event) } };
  };
  const sinkOn = (table: Table): AuditSink => ({
    draft(grant, event) {
      if (audit.isDown) return Promise.resolve(err({ kind: "unavailable" as const }));
      const { eventId, row } = rowOf(grant, event);
      const told = { ...event, tenant: grant.tenantId, fate: "open" };
      events.push(told);
      const settle = (settlement: string): void => {
        told.fate = settlement;
      };
      return Promise.resolve(
        ok({ eventId, write: { kind: "put", table: "outbox", row, condition: { kind: "absent" } }, settle }),
      );
    },
    async record(grant, event, guards = []) {
      if (audit.isDown) return err({ kind: "unavailable" as const });
      const { row } = rowOf(grant, event);
      const insertion = { kind: "put", table: "outbox", row, condition: { kind: "absent" } } as const;
      const written =
        guards.length === 0
          ? await table.put("outbox", row, { kind: "absent" })
          : await table.transactWrite([insertion, ...guards]);
      if (!written.ok && written.error.kind === "conflict") return err({ kind: "conflict" as const });
      events.push({ ...event, tenant: grant.tenantId, fate: written.ok ? "stored" : "refused" });
      return written.ok ? ok(undefined) : err({ kind: "unavailable" as const });
    },
  });
  const privacyOf = (grant: Grant, through = table): PrivacyDeps => ({
    table: through,
    keyring,
    keyScope: scopeOf(grant),
    tenantId: grant.tenantId,
    clock,
    onAlarm: (alarm) => alarms.push(alarm),
  });
  return {
    clock,
    meter,
    table,
    memory,
    keyring,
    events,
    alarms,
    audit,
    rules,
    privacy: (grant) => privacyOf(grant),
    for: (grant, judge = unguarded(grant), through = table) =>
      createRecords({
        table: through,
        privacy: {
          rows: privacyOf(grant, through),
          known: [],
          judge,
          release: () =>
            Promise.resolve(
              rules.release === undefined
                ? err({ kind: "unavailable" as const })
                : ok(releaseAt({ rules: rules.release, nowMs: clock.now(), zone: "UTC" })),
            ),
        },
        keyring,
        keyScope: scopeOf(grant),
        audit: sinkOn(through),
        clock,
        newId: (nowMs) => newId(nowMs),
        onAlarm: (alarm) => alarms.push(alarm),
        committed,
      }),
  };
}

/** A resource as the HTTP layer hands it on: parsed from text, decimals kept, validated. */
export function resource(value: object | string): FhirResource {
  const parsed = valueOf(parseJson(typeof value === "string" ? value : JSON.stringify(value)));
  return valueOf(validateResource(parsed));
}

export const query = (type: ResourceType, text: string): SearchQuery => valueOf(parseSearch(type, text));

export const bundle = (entry: readonly object[]) =>
  valueOf(readBundle(valueOf(parseJson(JSON.stringify({ resourceType: "Bundle", type: "transaction", entry })))));

export const patient = (family: string, more: object = {}): FhirResource =>
  resource({
    resourceType: "Patient",
    name: [{ family, given: ["Ada"] }],
    gender: "female",
    birthDate: "1980-02-29",
    identifier: [{ system: "urn:mrn", value: `mrn-${family}` }],
    ...more,
  });

const LABELS = {
  S: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSY" }],
  C: undefined,
};

/** An Observation of a patient; with class S it carries a psychiatry label. */
export const observation = (
  patientId: string,
  text: string,
  dataClass: "C" | "S" = "C",
  more: object = {},
): FhirResource =>
  resource({
    resourceType: "Observation",
    status: "final",
    ...(LABELS[dataClass] && { meta: { security: LABELS[dataClass] } }),
    code: { coding: [{ system: "http://loinc.org", code: "8302-2" }], text },
    subject: { reference: `Patient/${patientId}` },
    effectiveDateTime: "2026-01-01",
    ...more,
  });

/** The same resource with an id, as a PUT carries it. */
export const withId = (base: FhirResource, id: string): FhirResource => resource({ ...base, id });
