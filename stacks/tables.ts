import { tableName, tablePolicies } from "../core/iam/index.ts";
import {
  boundaryViolations,
  tableNames,
  tables as definitions,
  type TableDefinition,
  type TableName,
} from "../core/table/definitions.ts";
import type { Ground } from "./ground.ts";
import { logicalName } from "./logical-name.ts";

export type Tables = Readonly<Record<TableName, aws.dynamodb.Table>>;

/**
 * The tables of core/table/definitions.ts. They stay under DynamoDB's own key: what is PHI in them is sealed before it
 * gets there, and a customer key would tie every restore to KMS.
 */
export function tables(ground: Ground): Tables {
  const made = {} as Record<TableName, aws.dynamodb.Table>;
  for (const name of tableNames) made[name] = table(ground, name);
  for (const name of ["data", "outbox", "keys", "trail"] as const) {
    new aws.dynamodb.ResourcePolicy(logicalName("TablePolicy", name), {
      resourceArn: made[name].arn,
      policy: JSON.stringify(tablePolicies[name](ground.site)),
    });
  }
  return made;
}

function table({ site, settings }: Ground, name: TableName): aws.dynamodb.Table {
  const definition: TableDefinition = definitions[name];
  const violations = boundaryViolations(definition);
  if (violations.length > 0) throw new Error(violations.join("; "));
  const keyAttributes = new Set([definition.partitionKey, definition.sortKey]);
  for (const index of definition.indexes) keyAttributes.add(index.partitionKey).add(index.sortKey);
  return new aws.dynamodb.Table(
    logicalName("Table", name),
    {
      name: tableName(site, name),
      billingMode: "PAY_PER_REQUEST",
      hashKey: definition.partitionKey,
      rangeKey: definition.sortKey,
      attributes: [...keyAttributes].map((attribute) => ({ name: attribute, type: "S" })),
      globalSecondaryIndexes: definition.indexes.map((index) => ({
        name: index.name,
        hashKey: index.partitionKey,
        rangeKey: index.sortKey,
        projectionType: index.projection,
      })),
      streamEnabled: definition.stream !== null,
      ...(definition.stream === null ? {} : { streamViewType: definition.stream }),
      ...(definition.ttlAttribute === null ? {} : { ttl: { attributeName: definition.ttlAttribute, enabled: true } }),
      pointInTimeRecovery: definition.pointInTimeRecovery
        ? { enabled: true, recoveryPeriodInDays: settings.pointInTimeRecoveryDays }
        : { enabled: false },
      deletionProtectionEnabled: settings.deletionProtection,
    },
    { protect: settings.holdsPhi, retainOnDelete: settings.holdsPhi },
  );
}
