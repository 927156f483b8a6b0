import { randomBytes } from "node:crypto";
import type { AttributeValue, CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  UpdateTableCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { expect } from "vitest";
import type { Target } from "../target.ts";
import { clientOptions, target } from "../target.ts";

export const S = (text: string): AttributeValue.SMember => ({ S: text });
export const N = (value: number | string): AttributeValue.NMember => ({ N: String(value) });

/** The table that the probes of one file share, and the clients to reach it. */
export interface TableUnderTest {
  readonly target: Target;
  readonly client: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly TableName: string;
  /** A further table, deleted at the end. */
  createTable(suffix: string, extra?: Partial<CreateTableCommandInput>): Promise<string>;
  /** Marks a table that an operation made for deletion at the end. */
  adopt(tableName: string): void;
  get(pk: string, sk: string, tableName?: string): Promise<Record<string, AttributeValue> | undefined>;
  close(): Promise<void>;
}

const definition = (TableName: string): CreateTableCommandInput => ({
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: ["pk", "sk", "gpk", "gsk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "gsi1",
      KeySchema: [
        { AttributeName: "gpk", KeyType: "HASH" },
        { AttributeName: "gsk", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    },
  ],
  StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
});

/** Starts the target and makes the table: `pk`, `sk`, index `gsi1` over `gpk`, `gsk`, stream of both images. */
export async function openTable(): Promise<TableUnderTest> {
  const opened = await target();
  const client = new DynamoDBClient(clientOptions(opened));
  const streams = new DynamoDBStreamsClient(clientOptions(opened));
  const prefix = `conformance-${randomBytes(5).toString("hex")}`;
  const made: string[] = [];
  const createTable = async (suffix: string, extra: Partial<CreateTableCommandInput> = {}): Promise<string> => {
    const TableName = `${prefix}-${suffix}`;
    await client.send(new CreateTableCommand({ ...definition(TableName), ...extra }));
    made.push(TableName);
    await waitUntilTableExists({ client, maxWaitTime: 120, minDelay: 1 }, { TableName });
    return TableName;
  };
  const TableName = await createTable("main");
  return {
    target: opened,
    client,
    streams,
    TableName,
    createTable,
    adopt: (tableName) => made.push(tableName),
    async get(pk, sk, tableName = TableName) {
      const key = { pk: S(pk), sk: S(sk) };
      return (await client.send(new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }))).Item;
    },
    async close() {
      for (const tableName of made) {
        await client
          .send(new UpdateTableCommand({ TableName: tableName, DeletionProtectionEnabled: false }))
          .catch(() => undefined);
        await client.send(new DeleteTableCommand({ TableName: tableName })).catch(() => undefined);
      }
      client.destroy();
      streams.destroy();
      await opened.close();
    },
  };
}

/** What a call is refused with; fails the probe where it is not. */
export async function refusal(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  return expect.unreachable("the call was not refused");
}
