import {
  DeleteItemCommand,
  DescribeTableCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import type { _Record as StreamRecord, GetRecordsCommandOutput } from "@aws-sdk/client-dynamodb-streams";
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-dynamodb-streams";
import { expect } from "vitest";
import { probe } from "../deviations.ts";
import type { TableUnderTest } from "./context.ts";
import { N, S } from "./context.ts";

/** Every record of a table's stream, all shards, from the oldest. */
async function readStream(open: TableUnderTest, TableName: string): Promise<StreamRecord[]> {
  const { Table } = await open.client.send(new DescribeTableCommand({ TableName }));
  const StreamArn = Table?.LatestStreamArn;
  const { StreamDescription } = await open.streams.send(new DescribeStreamCommand({ StreamArn }));
  const records: StreamRecord[] = [];
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    let { ShardIterator } = await open.streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    for (let empty = 0; ShardIterator !== undefined && empty < 3;) {
      const page: GetRecordsCommandOutput = await open.streams.send(new GetRecordsCommand({ ShardIterator }));
      records.push(...(page.Records ?? []));
      empty = page.Records?.length === 0 ? empty + 1 : 0;
      ShardIterator = page.NextShardIterator;
    }
  }
  return records;
}

const shown = ({ eventName, dynamodb }: StreamRecord) => ({
  eventName,
  keys: dynamodb?.Keys,
  old: dynamodb?.OldImage,
  new: dynamodb?.NewImage,
});

/** Streams: order, images, identity of time to live. */
export function streamProbes(open: () => TableUnderTest): void {
  const both = { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } } as const;

  probe(
    "ddb-stream-images",
    "a stream tells every change in order, with both images, and no unchanged write",
    async () => {
      const TableName = await open().createTable("images", both);
      const { client } = open();
      const key = { pk: S("a"), sk: S("1") };
      const put = (v: number) => client.send(new PutItemCommand({ TableName, Item: { ...key, v: N(v) } }));
      await put(1);
      await put(1);
      await put(2);
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: key,
          UpdateExpression: "SET v = :v",
          ExpressionAttributeValues: { ":v": N("2.0") },
        }),
      );
      await client.send(new DeleteItemCommand({ TableName, Key: key }));
      await client.send(new DeleteItemCommand({ TableName, Key: key }));
      await expect.poll(async () => (await readStream(open(), TableName)).length, { timeout: 20_000 }).toBe(3);
      const records = await readStream(open(), TableName);
      expect(records.map(shown)).toEqual([
        { eventName: "INSERT", keys: key, old: undefined, new: { ...key, v: N(1) } },
        { eventName: "MODIFY", keys: key, old: { ...key, v: N(1) }, new: { ...key, v: N(2) } },
        { eventName: "REMOVE", keys: key, old: { ...key, v: N(2) }, new: undefined },
      ]);
      const sequence = records.map((record) => record.dynamodb?.SequenceNumber ?? "");
      expect(sequence.map(BigInt)).toEqual(sequence.map(BigInt).toSorted((a, b) => (a < b ? -1 : 1)));
      expect(sequence[0]?.length).toBeGreaterThanOrEqual(21);
      expect(records[0]).toMatchObject({ eventSource: "aws:dynamodb", awsRegion: open().target.region });
      expect(records[0]?.userIdentity).toBeUndefined();
      expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(3);
    },
  );

  probe("ddb-stream-keys-only", "KEYS_ONLY tells the key and nothing else, also for transactions", async () => {
    const TableName = await open().createTable("keys-only", {
      StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
    });
    await open().client.send(
      new TransactWriteItemsCommand({
        TransactItems: ["1", "2"].map((sk) => ({
          Put: { TableName, Item: { pk: S("a"), sk: S(sk), secret: S("x") } },
        })),
      }),
    );
    await expect.poll(async () => (await readStream(open(), TableName)).length, { timeout: 20_000 }).toBe(2);
    const records = await readStream(open(), TableName);
    expect(JSON.stringify(records)).not.toContain("secret");
    expect(new Set(records.map((record) => record.dynamodb?.Keys?.["sk"]?.S))).toEqual(new Set(["1", "2"]));
    expect(records[0]?.dynamodb).toMatchObject({ StreamViewType: "KEYS_ONLY", SizeBytes: 6 });
  });

  probe("ddb-ttl-deletes", "an expired item is deleted, and its stream record names DynamoDB", async () => {
    const TableName = await open().createTable("expiry", both);
    const specification = { Enabled: true, AttributeName: "ttl" };
    await open().client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: specification }));
    const seconds = Math.floor(Date.now() / 1000);
    // The item is in no index: that must not keep it.
    await open().client.send(
      new PutItemCommand({ TableName, Item: { pk: S("a"), sk: S("old"), ttl: N(seconds - 600) } }),
    );
    await open().client.send(
      new PutItemCommand({ TableName, Item: { pk: S("a"), sk: S("fresh"), ttl: N(seconds + 600) } }),
    );
    await open().client.send(new PutItemCommand({ TableName, Item: { pk: S("a"), sk: S("text"), ttl: S("1") } }));
    await expect
      .poll(async () => open().get("a", "old", TableName), { timeout: 20_000, interval: 300 })
      .toBeUndefined();
    expect(await open().get("a", "fresh", TableName)).toBeDefined();
    expect(await open().get("a", "text", TableName)).toBeDefined();
    const removed = (await readStream(open(), TableName)).filter(({ eventName }) => eventName === "REMOVE");
    expect(removed).toMatchObject([
      {
        userIdentity: { PrincipalId: "dynamodb.amazonaws.com", Type: "Service" },
        dynamodb: { OldImage: { sk: S("old") } },
      },
    ]);
  });
}
