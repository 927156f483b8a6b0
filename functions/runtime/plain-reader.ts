import { type AttributeValue, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { ownDynamoDb } from "./clients.ts";

/** What a row says in the clear of its last change. */
export interface PlainRow {
  readonly auditEventId: string | undefined;
  readonly version: number | undefined;
}

/** Reads plain attributes of one row: never a sealed one, which the cross-check's role may not even name. */
export interface PlainReader {
  data(pk: string, sk: string): Promise<PlainRow | undefined>;
  hasEvent(pk: string, eventId: string): Promise<boolean>;
}

/** With the function's own credentials. Not behind core/table: its role demands a projection, which no other reader uses. */
export function ownPlainReader(region: string, dataTable: string, outboxTable: string): PlainReader {
  const client = ownDynamoDb(region);
  async function read(
    table: string,
    pk: string,
    sk: string,
    attributes: readonly string[],
  ): Promise<Record<string, AttributeValue> | undefined> {
    const names = Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name]));
    const answer = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: { pk: { S: pk }, sk: { S: sk } },
        ConsistentRead: true,
        ProjectionExpression: Object.keys(names).join(", "),
        ExpressionAttributeNames: names,
      }),
    );
    return answer.Item;
  }
  return {
    async data(pk, sk) {
      const item = await read(dataTable, pk, sk, ["pk", "_aud", "_ver"]);
      if (item === undefined) return undefined;
      const version = item["_ver"]?.N;
      return { auditEventId: item["_aud"]?.S, version: version === undefined ? undefined : Number(version) };
    },
    hasEvent: async (pk, eventId) => (await read(outboxTable, pk, eventId, ["pk", "sk"])) !== undefined,
  };
}

/** The same, asking for each row once: for one batch, whose rows share an event and often a record. */
export function oncePerBatch(reader: PlainReader): PlainReader {
  const rows = new Map<string, Promise<PlainRow | undefined>>();
  const events = new Map<string, Promise<boolean>>();
  const once = <T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> => {
    const asked = known.get(key) ?? ask();
    known.set(key, asked);
    return asked;
  };
  return {
    data: (pk, sk) => once(rows, `${pk}\n${sk}`, () => reader.data(pk, sk)),
    hasEvent: (pk, eventId) => once(events, `${pk}\n${eventId}`, () => reader.hasEvent(pk, eventId)),
  };
}
