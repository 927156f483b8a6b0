import type { Engine } from "./engine.ts";
import { keyNamesOf } from "./keys.ts";
import type { Index, KeyNames, Table, TableDefinition } from "./tables.ts";

export type TableStatus = "CREATING" | "ACTIVE" | "UPDATING" | "DELETING";

const keySchema = (keys: KeyNames): object[] =>
  keyNamesOf(keys).map((AttributeName, position) => ({
    AttributeName,
    KeyType: position === 0 ? "HASH" : "RANGE",
  }));

const throughputOf = (throughput: TableDefinition["throughput"]): object => ({
  NumberOfDecreasesToday: 0,
  ReadCapacityUnits: throughput?.ReadCapacityUnits ?? 0,
  WriteCapacityUnits: throughput?.WriteCapacityUnits ?? 0,
});

function describeIndex(engine: Engine, table: Table, index: Index): object {
  const counted = engine.store
    .query<{ count: number; size: number }>(
      "SELECT count(*) AS count, total(i.size) AS size FROM entries e JOIN items i ON i.id=e.item WHERE e.ix=?",
    )
    .get(index.id);
  return {
    IndexName: index.name,
    KeySchema: keySchema(index),
    Projection: {
      ProjectionType: index.projection,
      ...(index.nonKeyAttributes.length === 0 ? {} : { NonKeyAttributes: index.nonKeyAttributes }),
    },
    IndexArn: `${table.arn}/index/${index.name}`,
    IndexSizeBytes: counted?.size ?? 0,
    ItemCount: counted?.count ?? 0,
    ...(index.scope === "global"
      ? { IndexStatus: "ACTIVE", ProvisionedThroughput: throughputOf(index.throughput) }
      : {}),
  };
}

/** The TableDescription of CreateTable, DescribeTable and their kin. Counts are exact, where AWS's are hours old. */
export function describeTable(engine: Engine, table: Table, status: TableStatus = "ACTIVE"): Record<string, unknown> {
  const counted = engine.store
    .query<{ count: number; size: number }>("SELECT count(*) AS count, total(size) AS size FROM items WHERE t=?")
    .get(table.id);
  const indexes = (scope: Index["scope"]): object[] | undefined => {
    const described = table.indexes
      .filter((index) => index.scope === scope)
      .map((index) => describeIndex(engine, table, index));
    return described.length === 0 ? undefined : described;
  };
  const createdAt = table.createdAtMs / 1000;
  return {
    AttributeDefinitions: table.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    TableName: table.name,
    KeySchema: keySchema(table),
    TableStatus: status,
    CreationDateTime: createdAt,
    ProvisionedThroughput: throughputOf(table.throughput),
    TableSizeBytes: counted?.size ?? 0,
    ItemCount: counted?.count ?? 0,
    TableArn: table.arn,
    TableId: table.tableId,
    BillingModeSummary:
      table.billingMode === "PAY_PER_REQUEST"
        ? { BillingMode: table.billingMode, LastUpdateToPayPerRequestDateTime: createdAt }
        : undefined,
    LocalSecondaryIndexes: indexes("local"),
    GlobalSecondaryIndexes: indexes("global"),
    StreamSpecification:
      table.stream === undefined ? undefined : { StreamEnabled: true, StreamViewType: table.stream.view },
    LatestStreamLabel: table.stream?.label,
    LatestStreamArn: table.stream?.arn,
    RestoreSummary: table.restore,
    SSEDescription:
      table.encryption?.isEnabled === true
        ? { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: table.encryption.keyId }
        : undefined,
    TableClassSummary: table.tableClass === undefined ? undefined : { TableClass: table.tableClass },
    DeletionProtectionEnabled: table.deletionProtection,
  };
}
