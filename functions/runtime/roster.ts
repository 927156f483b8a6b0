import { type AttributeValue, QueryCommand, type QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { RosterTenant } from "../../core/cost/store/roster.ts";
import { unmarshalRow } from "../../core/table/marshal.ts";
import { OPERATIONS_INDEX, TENANTS_INDEX } from "../../core/tenant/index.ts";
import { INDEX_NAME } from "../../core/iam/index.ts";
import { ownDynamoDb } from "./clients.ts";

/** What a bill is made out to: core/iam "ListTenants" lets no more of a row be asked for. */
const NAMES = ["pk", "sk", "tenantId", "name", "tier", "cell", "status", "createdAtMs", "isOperations"];

const Row = z.looseObject({
  tenantId: z.string(),
  name: z.string(),
  tier: z.string(),
  cell: z.string(),
  status: z.string(),
  createdAtMs: z.number(),
  isOperations: z.literal(true).optional(),
});

/** Every tenant that was made, a suspended one too: what is kept for it is paid for. */
export function ownRoster(region: string, table: string): () => Promise<readonly RosterTenant[]> {
  const client = ownDynamoDb(region);
  const listed = async (partition: string): Promise<RosterTenant[]> => {
    const tenants: RosterTenant[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: INDEX_NAME,
          Select: "SPECIFIC_ATTRIBUTES",
          KeyConditionExpression: "#key = :tenants",
          ProjectionExpression: NAMES.map((name) => `#${name}`).join(", "),
          ExpressionAttributeNames: { ...Object.fromEntries(NAMES.map((name) => [`#${name}`, name])), "#key": "gpk" },
          ExpressionAttributeValues: { ":tenants": { S: partition } },
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      for (const item of page.Items ?? []) {
        const { tenantId: id, name, tier, cell, status, createdAtMs, isOperations } = Row.parse(unmarshalRow(item));
        if (status === "provisioning") continue;
        tenants.push(RosterTenant.parse({ id, name, tier, cell, createdAtMs, ...(isOperations && { isOperations }) }));
      }
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return tenants;
  };
  return async () => [...(await listed(TENANTS_INDEX)), ...(await listed(OPERATIONS_INDEX))];
}
