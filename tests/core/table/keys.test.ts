import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantError } from "../../../core/kernel/invariant.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import type { RecordId } from "../../../core/table/index.ts";
import * as keys from "../../../core/table/index.ts";
import { PATIENT, TENANT_A, TENANT_B } from "../crypto/fixtures.ts";

const patient = PATIENT as RecordId;
const id = `${PATIENT}.01jd8x3k9m2n4p5q6r7s8t9v0x` as RecordId;
const digest = "ab".repeat(32);
const event = "01jd8x3k9m2n4p5q6r7s8t9v0x";

describe("keys", () => {
  it("of what protects a chart begin with class D, and tell people and patients apart by ids alone", () => {
    const user = "01jd8x3k9m2n4p5q6r7s8t9v0y" as UserId;
    const pk = (rest: string): string => `T#${TENANT_A}#D#${rest}`;
    expect(keys.protectionKey(TENANT_A, patient)).toEqual({ pk: pk("PRV"), sk: patient });
    expect(keys.breakGlassKey(TENANT_A, user, patient, event)).toEqual({
      pk: pk("BG"),
      sk: `${user}#${patient}#${event}`,
    });
    expect(keys.openBreakGlassKey(TENANT_A, user, patient)).toEqual({ pk: pk("BG"), sk: `${user}#${patient}` });
    expect(keys.delegationKey(TENANT_A, user, event)).toEqual({ pk: pk("DLG"), sk: `${user}#${event}` });
    expect(keys.delegationPrefix(user)).toBe(`${user}#`);
    expect(keys.approvalKey(TENANT_A, event)).toEqual({ pk: pk("APR"), sk: event });
    expect(keys.exportJobKey(TENANT_A, event)).toEqual({ pk: pk("JOB"), sk: event });
    for (const forged of ["", "x", `${user}#x`, "*"]) {
      expect(() => keys.delegationPrefix(forged)).toThrow(InvariantError);
      expect(() => keys.approvalKey(TENANT_A, forged)).toThrow(InvariantError);
      expect(() => keys.breakGlassKey(TENANT_A, forged as UserId, patient, event)).toThrow(InvariantError);
      expect(() => keys.protectionKey(TENANT_A, `${forged}#` as RecordId)).toThrow(InvariantError);
    }
  });

  it("are spelled as the tables hold them", () => {
    expect({
      compartment: keys.homePartition(TENANT_A, "S", { patientId: patient }),
      type: keys.homePartition(TENANT_A, "D", { type: "Practitioner" }),
      current: keys.currentSort("Observation", id),
      currentOfType: keys.currentPrefix("Observation"),
      currentOfAll: keys.currentPrefix(),
      history: keys.historySort("Observation", id, 7),
      locator: keys.locatorKey(TENANT_A, "Encounter", "e-1.x" as RecordId),
      directory: keys.directoryKey(TENANT_A, patient),
      token: [
        keys.tokenPartition(TENANT_A, "Patient", "identifier", "0".repeat(32)),
        keys.tokenSort("Patient", patient),
      ],
      idempotency: keys.idempotencyKey(TENANT_A, digest),
      transaction: keys.transactionKey(TENANT_A, event),
      outbox: keys.outboxKey(TENANT_A, "2026-11-22", event),
      wrapped: [keys.keyPartition(TENANT_A, "C"), keys.keyVersionSort(12), keys.ACTIVE_SORT],
    }).toMatchInlineSnapshot(`
      {
        "compartment": "T#01hxzzabcd0123456789abcdef#S#P#01jd8x3k9m2n4p5q6r7s8t9v0w",
        "current": "R#Observation#01jd8x3k9m2n4p5q6r7s8t9v0w.01jd8x3k9m2n4p5q6r7s8t9v0x",
        "currentOfAll": "R#",
        "currentOfType": "R#Observation#",
        "directory": {
          "pk": "T#01hxzzabcd0123456789abcdef#D#DIR",
          "sk": "01jd8x3k9m2n4p5q6r7s8t9v0w",
        },
        "history": "H#Observation#01jd8x3k9m2n4p5q6r7s8t9v0w.01jd8x3k9m2n4p5q6r7s8t9v0x#0000000007",
        "idempotency": {
          "pk": "T#01hxzzabcd0123456789abcdef#I#K#abababababababababababababababababababababababababababababababab",
          "sk": "I",
        },
        "locator": {
          "pk": "T#01hxzzabcd0123456789abcdef#D#L#Encounter#e-1.x",
          "sk": "L",
        },
        "outbox": {
          "pk": "T#01hxzzabcd0123456789abcdef#A#2026-11-22",
          "sk": "01jd8x3k9m2n4p5q6r7s8t9v0x",
        },
        "token": [
          "T#01hxzzabcd0123456789abcdef#X#Patient#identifier#00000000000000000000000000000000",
          "Patient#01jd8x3k9m2n4p5q6r7s8t9v0w",
        ],
        "transaction": {
          "pk": "T#01hxzzabcd0123456789abcdef#I#TX#01jd8x3k9m2n4p5q6r7s8t9v0x",
          "sk": "M",
        },
        "type": "T#01hxzzabcd0123456789abcdef#D#R#Practitioner",
        "wrapped": [
          "T#01hxzzabcd0123456789abcdef#C#K",
          "v#000012",
          "ACTIVE",
        ],
      }
    `);
  });

  const hostile = ["", "#", "a#b", "a b", "../a", "a%23", "a\u0000", "é", "A".repeat(65), "T#x", "a\n", "*", "?"];

  it.each(hostile)("AT-49: a key is never built from %j", (text) => {
    const recordId = text as RecordId;
    const attempts = [
      () => keys.homePartition(TENANT_A, "C", { patientId: recordId }),
      () => keys.homePartition(TENANT_A, "C", { type: text as never }),
      () => keys.homePartition(text as TenantId, "C", { patientId: patient }),
      () => keys.homePartition(TENANT_A, text as never, { patientId: patient }),
      () => keys.currentSort("Patient", recordId),
      () => keys.currentPrefix(text as never),
      () => keys.historySort("Patient", recordId, 1),
      () => keys.locatorKey(TENANT_A, "Patient", recordId),
      () => keys.directoryKey(TENANT_A, recordId),
      () => keys.tokenPartition(TENANT_A, "Patient", "identifier", text),
      () => keys.tokenPartition(TENANT_A, "Patient", text, "0".repeat(32)),
      () => keys.idempotencyKey(TENANT_A, text),
      () => keys.transactionKey(TENANT_A, text),
      () => keys.outboxKey(TENANT_A, text, event),
      () => keys.outboxKey(TENANT_A, "2026-11-22", text),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(InvariantError);
    expect(keys.parseRecordId(text)).toBeUndefined();
  });

  it.each([0, -1, 1.5, 10 ** 10, Number.NaN])("no version %s", (version) => {
    expect(() => keys.historySort("Patient", patient, version)).toThrow("a version is");
    expect(() => keys.keyVersionSort(version)).toThrow("a key version is");
  });

  it("history sorts by the number of the version", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), (a, b) => {
        const [left, right] = [keys.historySort("Patient", patient, a), keys.historySort("Patient", patient, b)];
        expect(left < right).toBe(a < b);
      }),
    );
  });

  it("AW-07: no partition of one tenant or class is a prefix of another's", () => {
    const all = [TENANT_A, TENANT_B].flatMap((tenantId) =>
      (["C", "S", "B", "D"] as const).map((letter) => keys.homePartition(tenantId, letter, { patientId: patient })),
    );
    for (const one of all) for (const other of all) if (one !== other) expect(other.startsWith(one)).toBe(false);
  });

  it("parse back to what they were spelled from, and nothing else", () => {
    const partition = keys.homePartition(TENANT_A, "S", { patientId: patient });
    expect(keys.parsePartition(partition)).toEqual({ tenantId: TENANT_A, dataClass: "S", rest: `P#${PATIENT}` });
    expect(keys.parseRecordSort(keys.currentSort("Observation", id))).toEqual({ type: "Observation", id });
    expect(keys.parseRecordSort(keys.historySort("Observation", id, 12))).toEqual({
      type: "Observation",
      id,
      version: 12,
    });
    const outbox = keys.outboxKey(TENANT_A, "2026-11-22", event);
    expect(keys.parseOutboxKey(outbox)).toEqual({ tenantId: TENANT_A, day: "2026-11-22", eventId: event });
    for (const pk of ["", "T", "T#x#C#P", `T#${TENANT_A}#Z#P`, `T#${TENANT_A}#C`, `U#${TENANT_A}#C#P`, TENANT_A]) {
      expect(keys.parsePartition(pk)).toBeUndefined();
    }
    for (const sk of [
      "L",
      "R#Patient",
      "R#Nothing#a",
      "R#Patient#a#1",
      "H#Patient#a",
      "H#Patient#a#1",
      "R#Patient#a b",
    ]) {
      expect(keys.parseRecordSort(sk)).toBeUndefined();
    }
    expect(keys.parseOutboxKey({ ...outbox, sk: "x" })).toBeUndefined();
    expect(keys.parseOutboxKey({ ...outbox, pk: partition })).toBeUndefined();
  });
});
