import { describe, expect, it } from "vitest";
import {
  locateEvent,
  nameTouch,
  readLogLines,
  readName,
  readTrailRecords,
  requestOfUserAgent,
  touchOf,
  userAgentToken,
} from "../../../core/watch/index.ts";
import { timeOfId } from "../../../core/kernel/ids.ts";
import { batchKey, dayOf } from "../../../core/audit/layout.ts";
import { memoryArchive } from "../audit/fixtures.ts";
import { draftAt, MINUTE, patientId, recordId, T0, TENANT } from "./fixtures.ts";

const P = patientId(1);

describe("touchOf", () => {
  it.each([
    [`T#${TENANT}#C#P#${P}`, `R#Observation#${recordId(P, 1)}`, `C/P/${P}/R/Observation/${recordId(P, 1)}`],
    [`T#${TENANT}#S#P#${P}`, `H#Condition#${recordId(P, 1)}#0000000003`, `S/P/${P}/H/Condition/${recordId(P, 1)}/3`],
    [`T#${TENANT}#D#R#Practitioner`, `R#Practitioner#${P}`, `D/T/R/Practitioner/${P}`],
    [`T#${TENANT}#D#DIR`, P, `D/DIR/${P}`],
    [`T#${TENANT}#D#PRV`, P, "D/privacy"],
    [`T#${TENANT}#D#L#Patient#x`, "L", "D/plain"],
    [`T#${TENANT}#X#Patient#identifier#${"0".repeat(32)}`, "Patient#x", "X/plain"],
    [`T#${TENANT}#C#elsewhere`, "x", "C/strange"],
  ])("%s %s is named %s, and the name reads back", (pk, sk, name) => {
    const touch = touchOf(pk, sk);
    expect(nameTouch(touch).name).toBe(name);
    expect(nameTouch(readName(name)).name).toBe(name);
    expect(readName(name).kind).toBe(touch.kind);
  });

  it("AUD-9 no id of a caller's own gets into a name", () => {
    const touch = touchOf(`T#${TENANT}#C#P#jane-roe`, "R#Observation#hiv-test-7");
    const { group, name } = nameTouch(touch);
    expect(`${group} ${name}`).not.toMatch(/jane|roe|hiv/);
    expect(nameTouch(readName(name)).name).toBe(name);
  });
});

describe("readTrailRecords", () => {
  const identity = {
    type: "AssumedRole",
    sessionContext: { sessionIssuer: { userName: "role" }, sourceIdentity: "u-somebody" },
  };
  const record = (eventName: string, requestParameters: object, more: object = {}) => ({
    eventTime: "2026-11-22T09:00:00Z",
    eventSource: "dynamodb.amazonaws.com",
    eventName,
    eventID: `id-${eventName}`,
    userAgent: "aws-sdk-js/3.1 ua/2.1 kw/req-1",
    requestParameters,
    userIdentity: identity,
    ...more,
  });
  const key = { pk: `T#${TENANT}#C#P#${P}`, sk: `R#Patient#${P}` };

  it("AUD-2 tells who read which rows under which request", () => {
    const { calls } = readTrailRecords(
      [
        record("GetItem", { tableName: "data", key }),
        record("BatchGetItem", {
          requestItems: [
            { tableName: "data", keys: [key, key] },
            { tableName: "keys", keys: [key] },
          ],
        }),
        record("Query", { tableName: "data", partitionKey: [key.pk] }),
        record("Scan", { tableName: "data" }),
        record("GetItem", { tableName: "outbox", key }),
        record("GetObject", { bucketName: "b", key: "v1/log" }, { eventSource: "s3.amazonaws.com" }),
      ],
      "data",
    );
    expect(calls.map(({ operation, touches }) => [operation, touches.length])).toEqual([
      ["GetItem", 1],
      ["BatchGetItem", 2],
      ["Query", 1],
      ["Scan", 0],
    ]);
    expect(calls[0]).toMatchObject({
      request: "req-1",
      sourceIdentity: "u-somebody",
      principal: "role",
      atMs: T0,
      isDenied: false,
      touches: [{ patient: P, type: "Patient", dataClass: "C" }],
    });
  });

  it("a transaction's conditions are no changes, and a call that failed changed and read nothing", () => {
    const requestItems = [
      { operation: "Put", tableName: "data", key },
      { operation: "ConditionCheck", tableName: "data", key: { pk: `T#${TENANT}#D#PRV`, sk: P } },
    ];
    const { calls } = readTrailRecords(
      [
        record("TransactWriteItems", { requestItems }),
        record("TransactWriteItems", { requestItems }, { errorCode: "TransactionCanceledException" }),
        record("GetItem", { tableName: "data", key }, { errorCode: "AccessDenied" }),
      ],
      "data",
    );
    expect(calls.map(({ isWrite, isDenied, touches }) => [isWrite, isDenied, touches.length])).toEqual([
      [true, false, 1],
      [false, true, 1],
    ]);
  });

  it("tells uses of tenants' keys, and none of a service's own", () => {
    const encryptionContext = { tenant: TENANT, cell: "c01", class: "C", kver: "1" };
    const kms = { eventSource: "kms.amazonaws.com" };
    const { keyCalls } = readTrailRecords(
      [
        record("Decrypt", { encryptionContext }, kms),
        record("Decrypt", { encryptionContext: { "aws:s3:arn": "arn" } }, kms),
        record("GenerateDataKey", { encryptionContext }, kms),
      ],
      "data",
    );
    expect(keyCalls).toMatchObject([{ tenantId: TENANT, dataClass: "C", request: "req-1" }]);
  });

  it("a record that cannot be read is a throw, never a file without calls", () => {
    expect(() => readTrailRecords([{ eventSource: "dynamodb.amazonaws.com" }], "data")).toThrow();
  });
});

describe("user agents", () => {
  it.each([
    ["aws-sdk-js/3 kw/abc-1", "abc-1"],
    ["kw/abc", "abc"],
    ["aws-sdk-js/3 kw/one kw/two", "two"],
    ["aws-sdk-js/3 xkw/abc", undefined],
    ["aws-sdk-js/3", undefined],
  ])("%s names %s", (userAgent, request) => {
    expect(requestOfUserAgent(userAgent)).toBe(request);
  });

  it("API Gateway's ids are one name in event, line and user agent", () => {
    expect(userAgentToken("JKJaXmPLvHcESHA_")).toBe(requestOfUserAgent(`x kw/${userAgentToken("JKJaXmPLvHcESHA=")}`));
  });
});

describe("readLogLines", () => {
  const line = (value: object) => ({ service: "fhir", atMs: T0, text: JSON.stringify(value) });
  const request = { message: "request", requestId: "r", route: "fhirRead", status: 200, durationMs: 3 };

  it("reads request and key-use lines and passes over the rest", () => {
    const lines = [
      line(request),
      line({ message: "key-use", requestId: "r", count: 1, records: ["C/P/x/R/Patient/x"], more: [] }),
      line({ message: "start" }),
      { service: "fhir", atMs: T0, text: "END RequestId: 1" },
    ];
    const { requests, keyUses } = readLogLines(lines);
    expect(requests).toMatchObject([{ requestId: "r", route: "fhirRead" }]);
    expect(keyUses).toMatchObject([{ requestId: "r", uncounted: 0, service: "fhir" }]);
  });

  it("a key-use line that cannot be read is a throw", () => {
    expect(() => readLogLines([line({ message: "key-use", requestId: "r" })])).toThrow();
  });
});

describe("locateEvent", () => {
  /** An archive of batches, five events each, as the stream cuts them. */
  async function archived(startMs: number, count: number, writtenMs = startMs) {
    const archive = memoryArchive();
    const events = Array.from({ length: count }, (_each, index) => draftAt(startMs + index * 700));
    for (let at = 0; at < count; at += 5) {
      const batch = events.slice(at, at + 5);
      const content = batch.map(({ line }) => `${line}\n`).join("");
      await archive.create(batchKey(TENANT, dayOf(writtenMs), batch[0]?.event.id ?? "", content), content);
    }
    let gets = 0;
    const reader = {
      list: archive.list,
      get: (key: string) => {
        gets += 1;
        return archive.get(key);
      },
    };
    return { events, reader, gets: () => gets };
  }

  it("AUD-6 finds the archived line of any event by its id, with few reads", async () => {
    const { events, reader, gets } = await archived(T0, 400);
    for (const { event, line } of events) {
      const before = gets();
      expect(await locateEvent(reader, TENANT, event.id, T0 + 60 * MINUTE)).toMatchObject({ line });
      expect(gets() - before).toBeLessThanOrEqual(2);
    }
  });

  it("finds it across midnight, and where the archive was ten hours late", async () => {
    const late = Date.UTC(2026, 10, 22, 23, 59, 58);
    const { events, reader } = await archived(late, 20, late + 10 * 60 * MINUTE);
    for (const { event } of events) {
      expect((await locateEvent(reader, TENANT, event.id, late + 11 * 60 * MINUTE))?.event.id).toBe(event.id);
    }
  });

  it("gives nothing for an id that is not there, or none", async () => {
    const { reader } = await archived(T0, 20);
    expect(await locateEvent(reader, TENANT, draftAt(T0).event.id, T0)).toBeUndefined();
    expect(await locateEvent(reader, TENANT, "../../x", T0)).toBeUndefined();
  });
});

it("an id tells its time", () => {
  expect(timeOfId(draftAt(T0 + 1).event.id)).toBe(T0 + 1);
});
