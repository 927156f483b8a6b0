import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

export const S = (text: string) => ({ S: text });
export const N = (value: number | string) => ({ N: String(value) });

/** A table with `pk`, `sk` and an index `gsi1` over `gpk`, `gsk`, with further members of CreateTable. */
export const tableInput = (
  TableName: string,
  extra: Partial<CreateTableCommandInput> = {},
): CreateTableCommandInput => ({
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
  ...extra,
});

export const createTable = (client: DynamoDBClient, TableName: string, extra: Partial<CreateTableCommandInput> = {}) =>
  client.send(new CreateTableCommand(tableInput(TableName, extra)));

/** What a call is refused with; fails the test where it is not. */
export async function refusal(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error("the call was not refused");
}
