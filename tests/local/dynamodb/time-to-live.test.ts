import {
  DeleteItemCommand,
  DescribeTimeToLiveCommand,
  PutItemCommand,
  QueryCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTable, N, refusal, S, tableInput } from "./fixtures.ts";
import type { TestServer } from "./server.ts";
import { startServer } from "./server.ts";

const DAY = 24 * 60 * 60;

describe("time to live", () => {
  let server: TestServer;
  let nowSeconds: number;
  beforeEach(async () => {
    server = await startServer({ timeToLiveEveryMs: Infinity });
    nowSeconds = server.clock.now() / 1000;
    await createTable(server.client, "data");
  });
  afterEach(() => server.close());

  const set = (Enabled: boolean, AttributeName = "ttl") =>
    server.client.send(
      new UpdateTimeToLiveCommand({ TableName: "data", TimeToLiveSpecification: { Enabled, AttributeName } }),
    );
  const put = (sk: string, extra: PutItemCommand["input"]["Item"] = {}) =>
    server.client.send(new PutItemCommand({ TableName: "data", Item: { pk: S("p"), sk: S(sk), ...extra } }));
  const left = (): (string | undefined)[] =>
    server.service.dumpItems("data").map((item) => (item["sk"] as { S: string }).S);

  it("expires by the clock what is a number, in the past, and not five years old", async () => {
    await set(true);
    await put("past", { ttl: N(nowSeconds - 1), gpk: S("g"), gsk: S("1") });
    await put("now", { ttl: N(nowSeconds) });
    await put("future", { ttl: N(nowSeconds + 100) });
    await put("ancient", { ttl: N(nowSeconds - 6 * 365 * DAY) });
    await put("fraction", { ttl: N(`${String(nowSeconds - 2)}.5`) });
    await put("text", { ttl: S(String(nowSeconds - 100)) });
    await put("none");
    expect(server.service.runTimeToLive()).toBe(2);
    expect(left()).toEqual(["ancient", "future", "none", "now", "text"]);
    const query = new QueryCommand({
      TableName: "data",
      IndexName: "gsi1",
      KeyConditionExpression: "gpk = :g",
      ExpressionAttributeValues: { ":g": S("g") },
    });
    expect((await server.client.send(query)).Count).toBe(0);
    server.clock.advance(101_000);
    expect(server.service.runTimeToLive()).toBe(2);
    expect(left()).toEqual(["ancient", "none", "text"]);
  });

  it("counts in what was there before it was turned on, and nothing after it was turned off", async () => {
    await put("early", { ttl: N(nowSeconds - 1) });
    expect(server.service.runTimeToLive()).toBe(0);
    await set(true);
    await set(false);
    expect(server.service.runTimeToLive()).toBe(0);
    await set(true);
    expect(server.service.runTimeToLive()).toBe(1);
  });

  it("a stream record of an expiry names DynamoDB, one of a delete names nobody", async () => {
    const { streamArn } = server.service.createTable({
      ...tableInput("streamed"),
      StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
    });
    server.service.setTimeToLive("streamed", "ttl");
    for (const sk of ["expired", "deleted"]) {
      const Item = { pk: S("p"), sk: S(sk), ttl: N(sk === "expired" ? nowSeconds - 1 : nowSeconds + 9) };
      await server.client.send(new PutItemCommand({ TableName: "streamed", Item }));
    }
    server.service.runTimeToLive();
    const Key = { pk: S("p"), sk: S("deleted") };
    await server.client.send(new DeleteItemCommand({ TableName: "streamed", Key }));
    const read = (operation: string, input: object) =>
      server.service.invoke(`DynamoDBStreams_20120810.${operation}`, { StreamArn: streamArn, ...input });
    const { StreamDescription } = (await read("DescribeStream", {})) as {
      StreamDescription: { Shards: { ShardId: string }[] };
    };
    const ShardId = StreamDescription.Shards[0]?.ShardId;
    const { ShardIterator } = await read("GetShardIterator", { ShardId, ShardIteratorType: "TRIM_HORIZON" });
    const { Records } = await server.service.invoke("DynamoDBStreams_20120810.GetRecords", { ShardIterator });
    const removed = (Records as { eventName: string; userIdentity?: object }[]).filter(
      ({ eventName }) => eventName === "REMOVE",
    );
    expect(removed.map(({ userIdentity }) => userIdentity)).toEqual([
      { PrincipalId: "dynamodb.amazonaws.com", Type: "Service" },
      undefined,
    ]);
  });

  it("follows a changed expiry", async () => {
    await set(true);
    await put("moved", { ttl: N(nowSeconds - 1) });
    await put("moved", { ttl: N(nowSeconds + 10) });
    expect(server.service.runTimeToLive()).toBe(0);
    await put("moved");
    server.clock.advance(20_000);
    expect(server.service.runTimeToLive()).toBe(0);
  });

  it("refuses a change to what is so already, or to another attribute", async () => {
    expect((await refusal(set(false))).message).toBe("TimeToLive is already disabled");
    await set(true);
    expect((await refusal(set(true))).message).toBe("TimeToLive is already enabled");
    expect((await refusal(set(true, "other"))).message).toContain("active on a different AttributeName");
    const { TimeToLiveDescription } = await server.client.send(new DescribeTimeToLiveCommand({ TableName: "data" }));
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: "ENABLED", AttributeName: "ttl" });
  });

  it("runs by itself between calls when a second has passed", async () => {
    const lively = await startServer();
    try {
      await createTable(lively.client, "data");
      lively.service.setTimeToLive("data", "ttl");
      const Item = { pk: S("p"), sk: S("1"), ttl: N(lively.clock.now() / 1000 - 1) };
      await lively.client.send(new PutItemCommand({ TableName: "data", Item }));
      expect(lively.service.dumpItems("data")).toHaveLength(1);
      lively.clock.advance(1000);
      await lively.client.send(new DescribeTimeToLiveCommand({ TableName: "data" }));
      expect(lively.service.dumpItems("data")).toHaveLength(0);
    } finally {
      await lively.close();
    }
  });
});
