import { type AttributeValue, QueryCommand } from "@aws-sdk/client-dynamodb";
import { unmarshalRow } from "../../core/table/marshal.ts";
import type { Row } from "../../core/table/index.ts";
import { clinicKey, membersIndex } from "../../core/tenant/index.ts";
import { ownDynamoDb } from "./clients.ts";

/** What the reconciler may see of the registry, as rows with some of their attributes. */
export interface RegistryLines {
  /** The clinic's hours and their clock, in the row of its profile or in none. */
  hours(tenantId: string): Promise<readonly Row[]>;
  /** Its members by opaque ids: whose patient record is whose, and in which roles. */
  members(tenantId: string): Promise<readonly Row[]>;
}

const HOURS = ["pk", "sk", "tenantId", "profile", "timeZone"];
const MEMBER = ["pk", "sk", "tenantId", "userId", "patientId", "roles", "status"];

/** Not behind core/table: the role demands a projection (core/iam, "ReadClinicHours" and "ReadMembers"). */
export function ownRegistryLines(region: string, table: string): RegistryLines {
  const client = ownDynamoDb(region);

  async function lines(key: string, value: string, names: readonly string[], index: object): Promise<readonly Row[]> {
    const rows: Row[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page: Awaited<ReturnType<typeof send>> = await send(key, value, names, index, start);
      rows.push(...(page.Items ?? []).map(unmarshalRow));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return rows;
  }

  const send = (
    key: string,
    value: string,
    names: readonly string[],
    index: object,
    start: Record<string, AttributeValue> | undefined,
  ) =>
    client.send(
      new QueryCommand({
        TableName: table,
        ...index,
        Select: "SPECIFIC_ATTRIBUTES",
        KeyConditionExpression: "#key = :value",
        ProjectionExpression: names.map((name) => `#${name}`).join(", "),
        ExpressionAttributeNames: { ...Object.fromEntries(names.map((name) => [`#${name}`, name])), "#key": key },
        ExpressionAttributeValues: { ":value": { S: value } },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );

  return {
    async hours(tenantId) {
      const { pk, sk } = clinicKey(tenantId);
      const found = await lines("pk", pk, HOURS, { ConsistentRead: true });
      return found.filter((row) => row.sk === sk);
    },
    members: (tenantId) => lines("gpk", membersIndex(tenantId), MEMBER, { IndexName: "gsi1" }),
  };
}
