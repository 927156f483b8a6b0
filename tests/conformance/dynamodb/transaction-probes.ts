import { randomUUID } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { PutItemCommand, TransactGetItemsCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "vitest";
import { probe } from "../deviations.ts";
import type { TableUnderTest } from "./context.ts";
import { N, refusal, S } from "./context.ts";

/** Transactions: all or nothing, tokens, reasons, limits. */
export function transactionProbes(open: () => TableUnderTest): void {
  const write = (TransactItems: TransactWriteItem[], ClientRequestToken: string = randomUUID()) =>
    open().client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));
  const put = (pk: string, sk: string, extra: Record<string, { S: string } | { N: string }> = {}) => ({
    Put: { TableName: open().TableName, Item: { pk: S(pk), sk: S(sk), ...extra } },
  });
  const increment = (pk: string, by: number) => ({
    Update: {
      TableName: open().TableName,
      Key: { pk: S(pk), sk: S("counter") },
      UpdateExpression: "ADD n :n",
      ExpressionAttributeValues: { ":n": N(by) },
    },
  });

  probe("ddb-transact-write", "put, update, delete and condition check commit together", async () => {
    const { TableName } = open();
    await write([put("tx", "old"), put("tx", "gone")]);
    await write([
      put("tx", "new"),
      {
        Update: {
          TableName,
          Key: { pk: S("tx"), sk: S("old") },
          UpdateExpression: "SET z = :z",
          ExpressionAttributeValues: { ":z": N(9) },
        },
      },
      { Delete: { TableName, Key: { pk: S("tx"), sk: S("gone") } } },
      {
        ConditionCheck: {
          TableName,
          Key: { pk: S("tx"), sk: S("nothing") },
          ConditionExpression: "attribute_not_exists(pk)",
        },
      },
    ]);
    expect(await open().get("tx", "new")).toBeDefined();
    expect(await open().get("tx", "old")).toMatchObject({ z: N(9) });
    expect(await open().get("tx", "gone")).toBeUndefined();
    expect(await open().get("tx", "nothing")).toBeUndefined();
  });

  probe("ddb-transact-token", "a repeated token repeats the answer, not the write", async () => {
    const token = randomUUID();
    await write([increment("token", 1)], token);
    await write([increment("token", 1)], token);
    expect(await open().get("token", "counter")).toMatchObject({ n: N(1) });
    const error = await refusal(write([increment("token", 2)], token));
    expect(error.name).toBe("IdempotentParameterMismatchException");
    expect(await open().get("token", "counter")).toMatchObject({ n: N(1) });
  });

  probe("ddb-transact-reasons", "a cancelled transaction writes nothing and gives a reason for each item", async () => {
    await write([put("reason", "taken", { v: N(1) })]);
    const condition = "attribute_not_exists(pk)";
    const error = await refusal(
      write([
        put("reason", "free"),
        {
          Put: {
            ...put("reason", "taken").Put,
            ConditionExpression: condition,
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
        {
          ConditionCheck: {
            TableName: open().TableName,
            Key: { pk: S("reason"), sk: S("x") },
            ConditionExpression: condition,
          },
        },
      ]),
    );
    expect(error.name).toBe("TransactionCanceledException");
    expect(error.message).toBe(
      "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None]",
    );
    expect(error["CancellationReasons"]).toEqual([
      { Code: "None" },
      {
        Code: "ConditionalCheckFailed",
        Message: "The conditional request failed",
        Item: { pk: S("reason"), sk: S("taken"), v: N(1) },
      },
      { Code: "None" },
    ]);
    expect(await open().get("reason", "free")).toBeUndefined();
  });

  probe(
    "ddb-transact-validation-reason",
    "an update that does not fit its item cancels with ValidationError",
    async () => {
      await write([put("fit", "counter", { n: S("text") })]);
      const error = await refusal(write([put("fit", "free"), increment("fit", 1)]));
      expect(error.name).toBe("TransactionCanceledException");
      expect((error["CancellationReasons"] as { Code: string }[]).map(({ Code }) => Code)).toEqual([
        "None",
        "ValidationError",
      ]);
      expect(await open().get("fit", "free")).toBeUndefined();
    },
  );

  probe("ddb-transact-duplicate", "two operations on one item are refused", async () => {
    const { TableName } = open();
    const error = await refusal(
      write([put("twice", "1"), { Delete: { TableName, Key: { pk: S("twice"), sk: S("1") } } }]),
    );
    expect(error).toMatchObject({
      name: "ValidationException",
      message: "Transaction request cannot include multiple operations on one item",
    });
  });

  probe("ddb-transact-limits", "a hundred items commit, a hundred and one are refused", async () => {
    const items = Array.from({ length: 101 }, (_, n) => put("hundred", String(n)));
    await write(items.slice(0, 100));
    expect(await open().get("hundred", "99")).toBeDefined();
    const error = await refusal(write(items));
    expect(error.name).toBe("ValidationException");
    expect(error.message).toContain("Member must have length less than or equal to 100");
  });

  probe("ddb-transact-size", "more than 4 MB in one transaction are refused", async () => {
    const item = (n: number) => ({
      Put: { TableName: open().TableName, Item: { pk: S("heavy"), sk: S(String(n)), b: S("x".repeat(390 * 1024)) } },
    });
    const error = await refusal(write(Array.from({ length: 11 }, (_, n) => item(n))));
    expect(["ValidationException", "TransactionCanceledException"]).toContain(error.name);
    expect(await open().get("heavy", "0")).toBeUndefined();
  });

  probe("ddb-transact-get", "a transactional read answers for every item, also for missing ones", async () => {
    const { TableName, client } = open();
    await client.send(new PutItemCommand({ TableName, Item: { pk: S("read"), sk: S("1"), z: N(9), y: N(1) } }));
    const get = (sk: string) => ({
      Get: { TableName, Key: { pk: S("read"), sk: S(sk) }, ProjectionExpression: "z" },
    });
    const { Responses } = await client.send(new TransactGetItemsCommand({ TransactItems: [get("1"), get("2")] }));
    expect(Responses).toEqual([{ Item: { z: N(9) } }, {}]);
  });
}
