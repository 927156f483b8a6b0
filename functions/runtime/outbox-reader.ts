import { type AttributeValue, QueryCommand } from "@aws-sdk/client-dynamodb";
import { dayOf } from "../../core/audit/layout.ts";
import { chainHash } from "../../core/audit/event.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { outboxPartition } from "../../core/table/index.ts";
import { idAtOrAfter, idBefore, type SeenEvent } from "../../core/watch/index.ts";
import { ownDynamoDb } from "./clients.ts";
import { storedEvent } from "./outbox-record.ts";

const DAY_MS = 86_400_000;

/** Events of the outbox, read with the function's own credentials: it may see key and text of a row and no more. */
export interface OutboxReader {
  /** The events of a period, both ends inclusive; `strange` counts rows that hold no event of their tenant. */
  between(tenantId: string, fromMs: number, toMs: number): Promise<{ events: SeenEvent[]; strange: number }>;
}

/** Not behind core/table: the role demands a projection, which no other reader uses. */
export function ownOutboxReader(region: string, table: string): OutboxReader {
  const client = ownDynamoDb(region);

  async function* rows(pk: string, from: string, to: string): AsyncGenerator<Record<string, AttributeValue>> {
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page: Awaited<ReturnType<typeof query>> = await query(pk, from, to, start);
      yield* page.Items ?? [];
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  const query = (pk: string, from: string, to: string, start: Record<string, AttributeValue> | undefined) =>
    client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        Select: "SPECIFIC_ATTRIBUTES",
        KeyConditionExpression: "#pk = :pk AND #sk BETWEEN :from AND :to",
        ProjectionExpression: "#pk, #sk, #event",
        ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk", "#event": "event" },
        ExpressionAttributeValues: { ":pk": { S: pk }, ":from": { S: from }, ":to": { S: to } },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );

  return {
    async between(tenantId, fromMs, toMs) {
      const events: SeenEvent[] = [];
      let strange = 0;
      for (let day = fromMs - (fromMs % DAY_MS); day <= toMs; day += DAY_MS) {
        const pk = outboxPartition(tenantId as TenantId, dayOf(day));
        for await (const row of rows(pk, idAtOrAfter(fromMs), idBefore(toMs + 1))) {
          const stored = storedEvent(pk, row["event"]?.B);
          if (stored === undefined) strange += 1;
          else events.push({ ...stored.event, hash: chainHash(stored.line) });
        }
      }
      return { events, strange };
    },
  };
}
