import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { Meter } from "../../../core/table/index.ts";
import { createMeter } from "../../../core/table/index.ts";
import { createDynamoTable } from "../../../core/table/dynamodb.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";

const mock = mockClient(DynamoDBClient);
let meter: Meter;

const tableWith = () => {
  meter = createMeter();
  return createDynamoTable({
    client: new DynamoDBClient({ region: "us-east-1", maxAttempts: 1 }),
    names: { data: "keyward-dev-c01-data", outbox: "keyward-dev-c01-outbox" },
    clock: { now: () => 0 },
    meter,
    sleep: () => Promise.resolve(),
    random: () => 0,
  });
};
const failure = (name: string, more: object = {}) => Object.assign(new Error("names a patient"), { name, ...more });
const cancelled = (...codes: string[]) =>
  failure("TransactionCanceledException", { CancellationReasons: codes.map((Code) => ({ Code, Message: "x" })) });
const key = { pk: "T#a#C#P#p", sk: "R#Patient#p" };
const write = [{ kind: "put" as const, table: "data" as const, row: key }];

beforeEach(() => mock.reset());

describe("failures of DynamoDB", () => {
  it.each([
    ["AccessDeniedException", "denied", 1],
    ["ExpiredTokenException", "denied", 1],
    ["ThrottlingException", "throttled", 5],
    ["ProvisionedThroughputExceededException", "throttled", 5],
    ["InternalServerError", "unavailable", 5],
    ["TimeoutError", "unavailable", 5],
    ["AbortError", "unavailable", 5],
  ])("a read that meets %s is %s after %i attempts", async (name, kind, attempts) => {
    mock.on(GetItemCommand).rejects(failure(name));
    const table = tableWith();
    expect(errorOf(await table.get("data", key))).toEqual({ kind });
    expect(meter.calls.GetItem).toBe(attempts);
    expect(meter.retries).toBe(attempts - 1);
  });

  it.each([
    [["None", "ConditionalCheckFailed"], { kind: "conflict", failed: [1] }, 1],
    [["ConditionalCheckFailed", "TransactionConflict"], { kind: "conflict", failed: [0] }, 1],
    [["TransactionConflict"], { kind: "contended" }, 5],
    [["None", "ThrottlingError"], { kind: "throttled" }, 5],
    [["ProvisionedThroughputExceeded"], { kind: "throttled" }, 5],
    [["AccessDenied"], { kind: "denied" }, 1],
    [["ItemCollectionSizeLimitExceeded"], { kind: "too-long" }, 1],
    [["SomethingNew"], { kind: "unavailable" }, 5],
  ])("a transaction cancelled for %j is %j", async (codes, expected, attempts) => {
    mock.on(TransactWriteItemsCommand).rejects(cancelled(...codes));
    const table = tableWith();
    expect(errorOf(await table.transactWrite(write))).toEqual(expected);
    expect(meter.calls.TransactWriteItems).toBe(attempts);
  });

  it("AT-29: every attempt of a transaction carries the same token, so that a lost answer is not a second write", async () => {
    mock.on(TransactWriteItemsCommand).rejectsOnce(failure("TimeoutError")).resolves({});
    valueOf(await tableWith().transactWrite(write));
    const tokens = mock.commandCalls(TransactWriteItemsCommand).map((call) => call.args[0].input.ClientRequestToken);
    expect(tokens).toHaveLength(2);
    expect(tokens[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(tokens).size).toBe(1);
  });

  it("a malformed call is our own fault, and is thrown without its content", async () => {
    mock.on(GetItemCommand).rejects(failure("ValidationException"));
    mock.on(QueryCommand).rejects(failure("ResourceNotFoundException"));
    await expect(tableWith().get("data", key)).rejects.toThrow("well formed");
    await expect(tableWith().get("data", key)).rejects.not.toThrow("patient");
    await expect(tableWith().query("data", { pk: "x" })).rejects.toThrow("well formed");
    await expect(tableWith().get("registry", key)).rejects.toThrow("no registry table");
  });

  it("a size that DynamoDB refuses is a failure that a user can meet", async () => {
    const message = "Item size has exceeded the maximum allowed size";
    mock.on(PutItemCommand).rejects(Object.assign(new Error(message), { name: "ValidationException" }));
    expect(errorOf(await tableWith().put("outbox", key))).toEqual({ kind: "too-long" });
  });
});

describe("BatchGet", () => {
  const item = (sk: string) => ({ pk: { S: "p" }, sk: { S: sk } });
  const name = "keyward-dev-c01-data";

  it("asks again for what was left unprocessed, and only for that", async () => {
    mock
      .on(BatchGetItemCommand)
      .resolvesOnce({
        Responses: { [name]: [item("a")] },
        UnprocessedKeys: { [name]: { Keys: [item("b")] } },
        ConsumedCapacity: [{ CapacityUnits: 0.5 }],
      })
      .resolves({ Responses: { [name]: [item("b")] }, ConsumedCapacity: [{ CapacityUnits: 0.5 }] });
    const keys = ["b", "a"].map((sk) => ({ pk: "p", sk }));
    const rows = valueOf(await tableWith().getMany("data", keys));
    expect(rows).toEqual([
      { pk: "p", sk: "b" },
      { pk: "p", sk: "a" },
    ]);
    expect(mock.commandCalls(BatchGetItemCommand)[1]!.args[0].input.RequestItems).toEqual({
      [name]: { Keys: [item("b")] },
    });
    expect(meter).toMatchObject({ readUnits: 1, retries: 1 });
  });

  it("that stays unprocessed is throttled, never a row left out", async () => {
    mock.on(BatchGetItemCommand).resolves({ UnprocessedKeys: { [name]: { Keys: [item("a")] } } });
    expect(errorOf(await tableWith().getMany("data", [{ pk: "p", sk: "a" }]))).toEqual({ kind: "throttled" });
    expect(meter.calls.BatchGetItem).toBe(5);
  });
});

describe("what is sent", () => {
  it("reads are eventual unless asked, and always ask for their capacity", async () => {
    mock.on(GetItemCommand).resolves({ ConsumedCapacity: { CapacityUnits: 0.5 } });
    const table = tableWith();
    await table.get("data", key);
    await table.get("data", key, { isConsistent: true });
    const inputs = mock.commandCalls(GetItemCommand).map((call) => call.args[0].input);
    expect(inputs.map((input) => input.ConsistentRead)).toEqual([false, true]);
    expect(inputs.every((input) => input.ReturnConsumedCapacity === "INDEXES")).toBe(true);
  });

  it("AW-03: no write ever asks for old values", async () => {
    mock.on(TransactWriteItemsCommand).resolves({});
    mock.on(PutItemCommand).resolves({});
    const table = tableWith();
    const condition = { kind: "equals", attributes: { _ver: 1 } } as const;
    await table.transactWrite([
      { kind: "put", table: "data", row: key, condition },
      { kind: "check", table: "data", key: { pk: "a", sk: "b" }, condition },
    ]);
    await table.put("outbox", key, condition);
    const sent = JSON.stringify(
      [...mock.commandCalls(TransactWriteItemsCommand), ...mock.commandCalls(PutItemCommand)].map(
        (call) => call.args[0].input,
      ),
    );
    expect(sent).not.toContain("ReturnValues");
  });
});
