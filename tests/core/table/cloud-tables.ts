import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TableName } from "../../../core/table/index.ts";
import { tables } from "../../../core/table/index.ts";
import type { Cloud } from "../../../scripts/local/front/cloud.ts";

/** Makes the tables of core/table/definitions.ts in the embedded AWS, under a prefix, and gives their names. */
export function createTables(cloud: Cloud, prefix: string): Record<TableName, string> {
  const names = {} as Record<TableName, string>;
  for (const [table, definition] of Object.entries(tables)) {
    const attributes = new Set([
      "pk",
      "sk",
      ...definition.indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
    ]);
    const schema = (partitionKey: string, sortKey: string) => [
      { AttributeName: partitionKey, KeyType: "HASH" },
      { AttributeName: sortKey, KeyType: "RANGE" },
    ];
    names[table as TableName] = `${prefix}-${definition.name}`;
    cloud.dynamodb.createTable({
      TableName: `${prefix}-${definition.name}`,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: schema("pk", "sk"),
      ...(definition.indexes.length > 0 && {
        GlobalSecondaryIndexes: definition.indexes.map((index) => ({
          IndexName: index.name,
          KeySchema: schema(index.partitionKey, index.sortKey),
          Projection: { ProjectionType: index.projection },
        })),
      }),
      ...(definition.stream !== null && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: definition.stream },
      }),
    });
  }
  return names;
}

/** An SDK client of the cloud's root, whose retries core/table counts itself. */
export function rootClient(cloud: Cloud, config: DynamoDBClientConfig = {}): DynamoDBClient {
  const { endpoint, region, rootCredentials: credentials } = cloud;
  return new DynamoDBClient({ endpoint, region, credentials, maxAttempts: 1, ...config });
}
