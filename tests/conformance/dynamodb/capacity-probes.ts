import { randomUUID } from "node:crypto";
import type { PutItemCommandInput } from "@aws-sdk/client-dynamodb";
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { expect } from "vitest";
import { probe } from "../deviations.ts";
import type { TableUnderTest } from "./context.ts";
import { S } from "./context.ts";

const INDEXES = { ReturnConsumedCapacity: "INDEXES" } as const;
const TOTAL = { ReturnConsumedCapacity: "TOTAL" } as const;

/** Consumed capacity: a golden number for each kind of call. Source: Developer Guide, "Read and write operations". */
export function capacityProbes(open: () => TableUnderTest): void {
  const put = (sk: string, kilobytes: number, extra: PutItemCommandInput["Item"] = {}, mode: object = INDEXES) =>
    open().client.send(
      new PutItemCommand({
        TableName: open().TableName,
        Item: { pk: S("capacity"), sk: S(sk), b: S("x".repeat(Math.max(0, kilobytes * 1024 - 100))), ...extra },
        ...mode,
      }),
    );
  const key = (sk: string) => ({ pk: S("capacity"), sk: S(sk) });
  const grouped = { gpk: S("cg"), gsk: S("1") };

  probe(
    "ddb-capacity-put",
    "a write costs one unit a KB, on the table and on each index that holds the item",
    async () => {
      const plain = await put("plain", 3);
      expect(plain.ConsumedCapacity).toMatchObject({ CapacityUnits: 3, Table: { CapacityUnits: 3 } });
      expect(plain.ConsumedCapacity?.GlobalSecondaryIndexes).toBeUndefined();
      const indexed = await put("indexed", 3, grouped);
      expect(indexed.ConsumedCapacity).toMatchObject({
        CapacityUnits: 6,
        Table: { CapacityUnits: 3 },
        GlobalSecondaryIndexes: { gsi1: { CapacityUnits: 3 } },
      });
      const total = await put("total", 1, {}, TOTAL);
      expect(total.ConsumedCapacity).toEqual({ TableName: open().TableName, CapacityUnits: 1 });
    },
  );

  probe("ddb-capacity-smaller", "a write costs by the larger of the old and the new item", async () => {
    await put("shrink", 4);
    expect((await put("shrink", 1)).ConsumedCapacity).toMatchObject({ CapacityUnits: 4 });
    const removed = await open().client.send(
      new DeleteItemCommand({ TableName: open().TableName, Key: key("shrink"), ...INDEXES }),
    );
    expect(removed.ConsumedCapacity).toMatchObject({ CapacityUnits: 1 });
    const nothing = await open().client.send(
      new DeleteItemCommand({ TableName: open().TableName, Key: key("never"), ...INDEXES }),
    );
    expect(nothing.ConsumedCapacity).toMatchObject({ CapacityUnits: 1 });
  });

  probe("ddb-capacity-move", "moving an index entry costs a delete and a put", async () => {
    await put("move", 1, grouped);
    const moved = await open().client.send(
      new UpdateItemCommand({
        TableName: open().TableName,
        Key: key("move"),
        UpdateExpression: "SET gsk = :g",
        ExpressionAttributeValues: { ":g": S("2") },
        ...INDEXES,
      }),
    );
    expect(moved.ConsumedCapacity).toMatchObject({
      CapacityUnits: 3,
      Table: { CapacityUnits: 1 },
      GlobalSecondaryIndexes: { gsi1: { CapacityUnits: 2 } },
    });
    const left = await open().client.send(
      new UpdateItemCommand({
        TableName: open().TableName,
        Key: key("move"),
        UpdateExpression: "REMOVE gsk",
        ...INDEXES,
      }),
    );
    expect(left.ConsumedCapacity).toMatchObject({ GlobalSecondaryIndexes: { gsi1: { CapacityUnits: 1 } } });
  });

  probe("ddb-capacity-transact-write", "a transactional write costs twice, its indexes too", async () => {
    const { client, TableName } = open();
    const transact = (Item: PutItemCommandInput["Item"], mode: object) =>
      client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item } }], ...mode }));
    const small = await transact({ ...key("tx-small") }, TOTAL);
    expect(small.ConsumedCapacity).toMatchObject([{ TableName, CapacityUnits: 2 }]);
    const indexed = await transact({ ...key("tx-indexed"), ...grouped, b: S("x".repeat(1500)) }, INDEXES);
    expect(indexed.ConsumedCapacity).toMatchObject([
      { CapacityUnits: 8, Table: { CapacityUnits: 4 }, GlobalSecondaryIndexes: { gsi1: { CapacityUnits: 4 } } },
    ]);
  });

  probe("ddb-capacity-transact-repeat", "a repeated transaction pays for reading", async () => {
    const { client, TableName } = open();
    const command = () =>
      new TransactWriteItemsCommand({
        ClientRequestToken: token,
        TransactItems: [{ Put: { TableName, Item: { ...key("tx-repeat"), b: S("x".repeat(5000)) } } }],
        ...TOTAL,
      });
    const token = randomUUID();
    expect((await client.send(command())).ConsumedCapacity).toMatchObject([{ CapacityUnits: 10 }]);
    expect((await client.send(command())).ConsumedCapacity).toMatchObject([{ CapacityUnits: 4 }]);
  });

  probe(
    "ddb-capacity-read",
    "a read costs half a unit each 4 KB, one when consistent, two in a transaction",
    async () => {
      const { client, TableName } = open();
      await put("read", 5);
      const get = async (extra: object): Promise<number | undefined> =>
        (await client.send(new GetItemCommand({ TableName, Key: key("read"), ...TOTAL, ...extra }))).ConsumedCapacity
          ?.CapacityUnits;
      expect(await get({})).toBe(1);
      expect(await get({ ConsistentRead: true })).toBe(2);
      expect(await get({ Key: key("missing") })).toBe(0.5);
      const transact = await client.send(
        new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key: key("read") } }], ...TOTAL }),
      );
      expect(transact.ConsumedCapacity).toMatchObject([{ CapacityUnits: 4 }]);
      const batch = await client.send(
        new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key("read"), key("missing")] } }, ...TOTAL }),
      );
      expect(batch.ConsumedCapacity).toMatchObject([{ CapacityUnits: 1.5 }]);
    },
  );

  probe(
    "ddb-capacity-query",
    "a query costs by the sum of what it reads, before the filter; an index pays for itself",
    async () => {
      const { client, TableName } = open();
      for (const sk of ["1", "2", "3"]) {
        const Item = { pk: S("query-capacity"), sk: S(sk), gpk: S("qc"), gsk: S(sk), b: S("x".repeat(2900)) };
        await client.send(new PutItemCommand({ TableName, Item }));
      }
      const table = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "pk = :p",
          FilterExpression: "attribute_exists(nothing)",
          ExpressionAttributeValues: { ":p": S("query-capacity") },
          ConsistentRead: true,
          ...INDEXES,
        }),
      );
      expect(table).toMatchObject({ Count: 0, ConsumedCapacity: { CapacityUnits: 3, Table: { CapacityUnits: 3 } } });
      const index = {
        TableName,
        IndexName: "gsi1",
        KeyConditionExpression: "gpk = :g",
        ExpressionAttributeValues: { ":g": S("qc") },
      };
      await expect.poll(async () => (await client.send(new QueryCommand(index))).Count, { timeout: 10_000 }).toBe(3);
      const answer = await client.send(new QueryCommand({ ...index, ...INDEXES }));
      expect(answer.ConsumedCapacity).toMatchObject({
        CapacityUnits: 1.5,
        Table: { CapacityUnits: 0 },
        GlobalSecondaryIndexes: { gsi1: { CapacityUnits: 1.5 } },
      });
    },
  );
}
