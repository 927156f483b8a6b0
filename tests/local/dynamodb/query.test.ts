import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DynamoDb } from "../../../scripts/local/dynamodb/index.ts";
import { openService, TestClock } from "./server.ts";

/** Text near the edges of prefixes: the last ASCII character, the last BMP characters, a character above them. */
const text = (minLength: number) =>
  fc.string({ unit: fc.constantFrom("a", "b", "#", "~", "\u007f", "\u00ff", "\uffff", "😀"), minLength, maxLength: 4 });
const bytes = (minLength: number) =>
  fc.uint8Array({ minLength, maxLength: 3 }).map((list) => list.map((byte) => (byte > 128 ? 255 : byte % 3)));

describe("begins_with on a sort key", () => {
  let service: DynamoDb;
  let round = 0;
  beforeAll(() => {
    service = openService(new TestClock());
  });
  afterAll(() => service.close());

  /** The sort keys, of one partition, that begin with a prefix. */
  async function found(type: "S" | "B", keys: readonly string[], prefix: string): Promise<string[]> {
    round += 1;
    const TableName = `prefix-${String(round)}`;
    service.createTable({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: type },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    });
    for (const key of keys) {
      await service.invoke("DynamoDB_20120810.PutItem", { TableName, Item: { pk: { S: "p" }, sk: { [type]: key } } });
    }
    const { Items } = await service.invoke("DynamoDB_20120810.Query", {
      TableName,
      KeyConditionExpression: "pk = :p AND begins_with(sk, :s)",
      ExpressionAttributeValues: { ":p": { S: "p" }, ":s": { [type]: prefix } },
    });
    return (Items as { sk: Record<string, string> }[]).map(({ sk }) => sk[type] ?? "");
  }

  it("finds the strings that begin with it, in the order of their bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(text(1), { maxLength: 8 }), text(1), async (keys, prefix) => {
        const expected = keys
          .filter((key) => key.startsWith(prefix))
          .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(await found("S", keys, prefix)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
    expect(await found("S", ["odd#1", "odd$", "odd"], "odd#")).toEqual(["odd#1"]);
  });

  it("finds the bytes that begin with it, also a prefix of 255s", async () => {
    const base64 = (list: Uint8Array): string => Buffer.from(list).toString("base64");
    const keysOf = fc.uniqueArray(bytes(1), { maxLength: 8, selector: base64 });
    await fc.assert(
      fc.asyncProperty(keysOf, bytes(1), async (keys, prefix) => {
        const expected = keys
          .filter((key) => Buffer.from(key).subarray(0, prefix.length).equals(Buffer.from(prefix)))
          .toSorted((a, b) => Buffer.compare(a, b))
          .map(base64);
        expect(await found("B", keys.map(base64), base64(prefix))).toEqual(expected);
      }),
      { numRuns: 150 },
    );
    const edge = [[255], [255, 255], [255, 255, 0], [254]].map((list) => base64(Uint8Array.from(list)));
    expect(await found("B", edge, edge[1] ?? "")).toEqual([edge[1], edge[2]]);
  });
});
