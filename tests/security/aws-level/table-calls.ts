import {
  type AttributeValue,
  ExecuteStatementCommand,
  GetItemCommand,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { tableName } from "../../../core/iam/index.ts";
import { type Hands, text } from "../aws.ts";
import { SITE } from "../world.ts";
import { key, SORT } from "./scene.ts";

/** The calls that attackers of tables make again and again. */

export const DATA = tableName(SITE, "data");
export const OUTBOX = tableName(SITE, "outbox");
export const KEYS = tableName(SITE, "keys");
export const DENIED = "AccessDeniedException";
export const DAY = "2026-11-22";

export const get = ({ dynamodb }: Hands, pk: string, table = DATA, sk = SORT) =>
  dynamodb.send(new GetItemCommand({ TableName: table, Key: key(pk, sk) }));
export const query = ({ dynamodb }: Hands, pk: string, table = DATA) =>
  dynamodb.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: "pk = :p",
      ExpressionAttributeValues: { ":p": text(pk) },
    }),
  );
export const queryIndex = ({ dynamodb }: Hands, gpk: string, IndexName = "gsi1") =>
  dynamodb.send(
    new QueryCommand({
      TableName: DATA,
      IndexName,
      KeyConditionExpression: "gpk = :p",
      ExpressionAttributeValues: { ":p": text(gpk) },
    }),
  );
export const write = ({ dynamodb }: Hands, ...TransactItems: TransactWriteItem[]) =>
  dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
export const statement = ({ dynamodb }: Hands, Statement: string, ...Parameters: AttributeValue[]) =>
  dynamodb.send(new ExecuteStatementCommand({ Statement, ...(Parameters.length > 0 && { Parameters }) }));

export const put = (pk: string, sk = SORT, TableName = DATA): TransactWriteItem => ({
  Put: { TableName, Item: key(pk, sk) },
});
export const check = (pk: string): TransactWriteItem => ({
  ConditionCheck: { TableName: DATA, Key: key(pk), ConditionExpression: "attribute_exists(pk)" },
});
export const update = (pk: string): TransactWriteItem => ({
  Update: {
    TableName: DATA,
    Key: key(pk),
    UpdateExpression: "SET n = :n",
    ExpressionAttributeValues: { ":n": { N: "1" } },
  },
});
export const remove = (pk: string): TransactWriteItem => ({ Delete: { TableName: DATA, Key: key(pk) } });
