import { type AttributeValue, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

/** Reads plain attributes of one row: never a sealed one, which the cross-check's role may not even name. */
export interface PlainReader {
  data(pk: string, sk: string): Promise<{ readonly auditEventId: string | undefined } | undefined>;
  hasEvent(pk: string, eventId: string): Promise<boolean>;
}

/** With the function's own credentials. Not behind core/table: its role demands a projection, which no other reader uses. */
export function ownPlainReader(region: string, dataTable: string, outboxTable: string): PlainReader {
  const client = new DynamoDBClient({ region, maxAttempts: 3 });
  async function read(
    table: string,
    pk: string,
    sk: string,
    attribute: string,
  ): Promise<Record<string, AttributeValue> | undefined> {
    const answer = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: { pk: { S: pk }, sk: { S: sk } },
        ConsistentRead: true,
        ProjectionExpression: "#pk, #attribute",
        ExpressionAttributeNames: { "#pk": "pk", "#attribute": attribute },
      }),
    );
    return answer.Item;
  }
  return {
    async data(pk, sk) {
      const item = await read(dataTable, pk, sk, "_aud");
      return item === undefined ? undefined : { auditEventId: item["_aud"]?.S };
    },
    hasEvent: async (pk, eventId) => (await read(outboxTable, pk, eventId, "sk")) !== undefined,
  };
}
