import {
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  PutItemCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import type { ShardIteratorType, StreamViewType } from "@aws-sdk/client-dynamodb-streams";
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTable, N, refusal, S } from "./fixtures.ts";
import type { TestServer } from "./server.ts";
import { startServer } from "./server.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let server: TestServer;
beforeEach(async () => {
  server = await startServer({ timeToLiveEveryMs: Infinity });
});
afterEach(() => server.close());

const streaming = (view: StreamViewType) => ({
  StreamSpecification: { StreamEnabled: true, StreamViewType: view },
});
const put = (TableName: string, sk: string, v = 0) =>
  server.client.send(new PutItemCommand({ TableName, Item: { pk: S("p"), sk: S(sk), v: N(v) } }));

async function shardOf(TableName: string): Promise<{ StreamArn: string; ShardId: string }> {
  const { Table } = await server.client.send(new DescribeTableCommand({ TableName }));
  const StreamArn = Table?.LatestStreamArn ?? "";
  const { StreamDescription } = await server.streams.send(new DescribeStreamCommand({ StreamArn }));
  return { StreamArn, ShardId: StreamDescription?.Shards?.[0]?.ShardId ?? "" };
}

async function iterator(
  shard: { StreamArn: string; ShardId: string },
  ShardIteratorType: ShardIteratorType,
  SequenceNumber?: string,
): Promise<string> {
  const answer = await server.streams.send(
    new GetShardIteratorCommand({ ...shard, ShardIteratorType, SequenceNumber }),
  );
  return answer.ShardIterator ?? "";
}

async function read(ShardIterator: string, Limit?: number) {
  const page = await server.streams.send(new GetRecordsCommand({ ShardIterator, Limit }));
  const records = page.Records ?? [];
  return {
    sks: records.map(({ dynamodb }) => dynamodb?.Keys?.["sk"]?.S),
    sequence: records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? ""),
    next: page.NextShardIterator,
    records,
  };
}

describe("streams", () => {
  it("all four kinds of iterators start where they say", async () => {
    await createTable(server.client, "data", streaming("KEYS_ONLY"));
    const shard = await shardOf("data");
    const latest = await iterator(shard, "LATEST");
    for (const sk of ["1", "2", "3"]) await put("data", sk);
    const all = await read(await iterator(shard, "TRIM_HORIZON"));
    expect(all.sks).toEqual(["1", "2", "3"]);
    expect((await read(latest)).sks).toEqual(["1", "2", "3"]);
    expect((await read(await iterator(shard, "LATEST"))).sks).toEqual([]);
    expect((await read(await iterator(shard, "AT_SEQUENCE_NUMBER", all.sequence[1]))).sks).toEqual(["2", "3"]);
    expect((await read(await iterator(shard, "AFTER_SEQUENCE_NUMBER", all.sequence[1]))).sks).toEqual(["3"]);
    expect((await refusal(iterator(shard, "AT_SEQUENCE_NUMBER"))).name).toBe("ValidationException");
    expect((await refusal(iterator(shard, "AT_SEQUENCE_NUMBER", "1".repeat(21)))).name).toBe("ValidationException");
  });

  it("pages by Limit, and an iterator that is at the end waits for more", async () => {
    await createTable(server.client, "data", streaming("KEYS_ONLY"));
    await createTable(server.client, "other", streaming("KEYS_ONLY"));
    const shard = await shardOf("data");
    for (const sk of ["1", "2", "3"]) {
      await put("other", sk);
      await put("data", sk);
    }
    const first = await read(await iterator(shard, "TRIM_HORIZON"), 2);
    expect(first.sks).toEqual(["1", "2"]);
    const second = await read(first.next ?? "", 2);
    expect(second.sks).toEqual(["3"]);
    const empty = await read(second.next ?? "");
    expect(empty.sks).toEqual([]);
    await put("data", "4");
    expect((await read(empty.next ?? "")).sks).toEqual(["4"]);
  });

  it.each<[StreamViewType, boolean, boolean]>([
    ["KEYS_ONLY", false, false],
    ["NEW_IMAGE", true, false],
    ["OLD_IMAGE", false, true],
    ["NEW_AND_OLD_IMAGES", true, true],
  ])("%s shows its images, also where recovery keeps more", async (view, hasNew, hasOld) => {
    await createTable(server.client, "data", streaming(view));
    server.service.setPointInTimeRecovery("data", true);
    await put("data", "1", 1);
    await put("data", "1", 2);
    await server.client.send(new DeleteItemCommand({ TableName: "data", Key: { pk: S("p"), sk: S("1") } }));
    const { records } = await read(await iterator(await shardOf("data"), "TRIM_HORIZON"));
    expect(records.map(({ eventName }) => eventName)).toEqual(["INSERT", "MODIFY", "REMOVE"]);
    expect(records.map(({ dynamodb }) => dynamodb?.NewImage?.["v"]?.N)).toEqual(
      hasNew ? ["1", "2", undefined] : [undefined, undefined, undefined],
    );
    expect(records.map(({ dynamodb }) => dynamodb?.OldImage?.["v"]?.N)).toEqual(
      hasOld ? [undefined, "1", "2"] : [undefined, undefined, undefined],
    );
  });

  it("an iterator expires after fifteen minutes", async () => {
    await createTable(server.client, "data", streaming("KEYS_ONLY"));
    const held = await iterator(await shardOf("data"), "TRIM_HORIZON");
    server.clock.advance(15 * MINUTE);
    await read(held);
    server.clock.advance(1);
    expect((await refusal(read(held))).name).toBe("ExpiredIteratorException");
  });

  it("AW-18 records are trimmed after 24 hours: gone from the horizon, refused where one is asked for", async () => {
    await createTable(server.client, "data", streaming("KEYS_ONLY"));
    const shard = await shardOf("data");
    await put("data", "1");
    server.clock.advance(23 * HOUR + 50 * MINUTE);
    await put("data", "2");
    const before = await read(await iterator(shard, "TRIM_HORIZON"));
    expect(before.sks).toEqual(["1", "2"]);
    const held = await iterator(shard, "TRIM_HORIZON");
    server.clock.advance(10 * MINUTE);
    expect((await read(await iterator(shard, "TRIM_HORIZON"))).sks).toEqual(["2"]);
    expect((await refusal(read(held))).name).toBe("TrimmedDataAccessException");
    expect((await refusal(iterator(shard, "AT_SEQUENCE_NUMBER", before.sequence[0]))).name).toBe(
      "TrimmedDataAccessException",
    );
    expect((await read(await iterator(shard, "AFTER_SEQUENCE_NUMBER", before.sequence[0]))).sks).toEqual(["2"]);
    server.clock.advance(24 * HOUR);
    await put("data", "3");
    expect((await read(await iterator(shard, "TRIM_HORIZON"))).sks).toEqual(["3"]);
    expect(server.service.dumpJournal()).toHaveLength(1);
  });

  it("a stream that is turned off ends, stays readable, and a new one has a name of its own", async () => {
    await createTable(server.client, "data", streaming("KEYS_ONLY"));
    const old = await shardOf("data");
    await put("data", "1");
    const off = { TableName: "data", StreamSpecification: { StreamEnabled: false } };
    await server.client.send(new UpdateTableCommand(off));
    await put("data", "unseen");
    await server.client.send(new UpdateTableCommand({ TableName: "data", ...streaming("NEW_IMAGE") }));
    const fresh = await shardOf("data");
    expect(fresh.StreamArn).not.toBe(old.StreamArn);
    await put("data", "2");
    const ended = await read(await iterator(old, "TRIM_HORIZON"));
    expect(ended.sks).toEqual(["1"]);
    expect(ended.next === undefined ? undefined : (await read(ended.next)).next).toBeUndefined();
    expect((await read(await iterator(fresh, "TRIM_HORIZON"))).sks).toEqual(["2"]);
    const { StreamDescription } = await server.streams.send(new DescribeStreamCommand({ StreamArn: old.StreamArn }));
    expect(StreamDescription?.StreamStatus).toBe("DISABLED");
    expect(
      (await refusal(server.client.send(new UpdateTableCommand({ TableName: "data", ...streaming("KEYS_ONLY") }))))
        .name,
    ).toBe("ResourceInUseException");
    const { Streams } = await server.streams.send(new ListStreamsCommand({ TableName: "data" }));
    expect(Streams).toHaveLength(2);
  });

  it("the stream of a deleted table is read to its end", async () => {
    await createTable(server.client, "data", streaming("KEYS_ONLY"));
    const shard = await shardOf("data");
    await put("data", "1");
    await server.client.send(new DeleteTableCommand({ TableName: "data" }));
    expect((await read(await iterator(shard, "TRIM_HORIZON"))).sks).toEqual(["1"]);
    // Housekeeping removes it once its records are trimmed.
    server.clock.advance(25 * HOUR);
    await server.streams.send(new ListStreamsCommand({}));
    expect((await refusal(iterator(shard, "TRIM_HORIZON"))).name).toBe("ResourceNotFoundException");
  });

  it("a stream can be made with a fixed label, again after its table was deleted", async () => {
    const input = {
      TableName: "planned",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      ...streaming("KEYS_ONLY"),
      StreamLabel: "2026-01-01T00:00:00.000",
    };
    const arn = "arn:aws:dynamodb:us-east-1:111122223333:table/planned/stream/2026-01-01T00:00:00.000";
    expect(server.service.createTable(input).streamArn).toBe(arn);
    await server.client.send(new DeleteTableCommand({ TableName: "planned" }));
    expect(server.service.createTable(input).streamArn).toBe(arn);
  });

  it("tells listeners of a stream that it may have grown, after the commit", async () => {
    await createTable(server.client, "data", streaming("KEYS_ONLY"));
    const { StreamArn } = await shardOf("data");
    const heard: string[] = [];
    const stop = server.service.onStreamAppend((arn) => {
      expect(server.service.dumpItems("data")).toHaveLength(1);
      heard.push(arn);
    });
    await put("data", "1");
    stop();
    await put("data", "2");
    expect(heard).toEqual([StreamArn]);
  });

  it.each([
    "",
    "x",
    "W10",
    Buffer.from('["1",2,3]').toString("base64url"),
    Buffer.from("[9,0,0]").toString("base64url"),
  ])("a forged iterator %j is refused", async (ShardIterator) => {
    const error = await refusal(read(ShardIterator));
    expect(["ValidationException", "ExpiredIteratorException", "ResourceNotFoundException"]).toContain(error.name);
  });
});
