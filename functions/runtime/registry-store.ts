import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { invariant } from "../../core/kernel/invariant.ts";
import { err, ok } from "../../core/kernel/result.ts";
import type { RegistryChange, RegistryRow, RegistryStore, RegistryValue } from "../../core/tenant/registry-store.ts";

type Item = Record<string, AttributeValue>;

function toAttribute(value: RegistryValue): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value instanceof Uint8Array) return { B: value };
  return { L: value.map((text) => ({ S: text })) };
}

function fromAttribute(attribute: AttributeValue): RegistryValue {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.B !== undefined) return attribute.B;
  invariant(attribute.L !== undefined, "a registry attribute is text, number, boolean, bytes or a list of texts");
  return attribute.L.map((member) => member.S ?? "");
}

const toItem = (row: RegistryRow): Item =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (value === undefined ? [] : [[name, toAttribute(value)]])),
  );

const fromItem = (item: Item): RegistryRow =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, fromAttribute(value)]),
  ) as unknown as RegistryRow;

/** The registry over DynamoDB.. */
export function createRegistryStore(table: string, client: DynamoDBClient): RegistryStore {
  function toWrite(change: RegistryChange): TransactWriteItem {
    switch (change.kind) {
      case "create":
        return { Put: { TableName: table, Item: toItem(change.row), ConditionExpression: "attribute_not_exists(pk)" } };
      case "replace":
        return {
          Put: {
            TableName: table,
            Item: toItem(change.row),
            ConditionExpression: "#rev = :rev",
            ExpressionAttributeNames: { "#rev": "rev" },
            ExpressionAttributeValues: { ":rev": { N: String(change.rev) } },
          },
        };
      case "put":
        return { Put: { TableName: table, Item: toItem(change.row) } };
    }
  }

  async function queryAll(input: {
    readonly IndexName?: string;
    readonly attribute: string;
    readonly value: string;
  }): Promise<RegistryRow[]> {
    const rows: RegistryRow[] = [];
    let start: Item | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          ...(input.IndexName === undefined ? { ConsistentRead: true } : { IndexName: input.IndexName }),
          KeyConditionExpression: "#key = :key",
          ExpressionAttributeNames: { "#key": input.attribute },
          ExpressionAttributeValues: { ":key": { S: input.value } },
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      rows.push(...(page.Items ?? []).map(fromItem));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return rows;
  }

  return {
    async get(key) {
      const answer = await client.send(
        new GetItemCommand({ TableName: table, Key: { pk: { S: key.pk }, sk: { S: key.sk } }, ConsistentRead: true }),
      );
      return answer.Item === undefined ? undefined : fromItem(answer.Item);
    },

    async getMany(keys) {
      if (keys.length === 0) return [];
      const answer = await client.send(
        new BatchGetItemCommand({
          RequestItems: {
            [table]: { Keys: keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } })), ConsistentRead: true },
          },
        }),
      );
      invariant(
        Object.keys(answer.UnprocessedKeys ?? {}).length === 0,
        "the registry answers every key or the request fails",
      );
      return (answer.Responses?.[table] ?? []).map(fromItem);
    },

    query: (pk) => queryAll({ attribute: "pk", value: pk }),
    queryIndex: (gpk) => queryAll({ IndexName: "gsi1", attribute: "gpk", value: gpk }),

    async write(changes) {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: changes.map(toWrite) }));
        return ok(undefined);
      } catch (error) {
        const isConflict =
          error instanceof TransactionCanceledException &&
          (error.CancellationReasons ?? []).some(
            ({ Code }) => Code === "ConditionalCheckFailed" || Code === "TransactionConflict",
          );
        if (isConflict) return err({ kind: "conflict" });
        throw error;
      }
    },
  };
}
