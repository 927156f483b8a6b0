import type { BatchGetItemCommandOutput, CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import {
  BatchGetItemCommand,
  CreateTableCommand,
  DeleteResourcePolicyCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  GetResourcePolicyCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  PutResourcePolicyCommand,
  QueryCommand,
  ScanCommand,
  TagResourceCommand,
  TransactWriteItemsCommand,
  UntagResourceCommand,
  UpdateItemCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTable, N, refusal, S, tableInput } from "./fixtures.ts";
import type { TestServer } from "./server.ts";
import { startServer } from "./server.ts";

let server: TestServer;
beforeEach(async () => {
  server = await startServer({ timeToLiveEveryMs: Infinity });
});
afterEach(() => server.close());

const put = (TableName: string, Item: PutItemCommand["input"]["Item"], extra: object = {}) =>
  server.client.send(new PutItemCommand({ TableName, Item, ...extra }));

describe("indexes", () => {
  it("project what they are told, and refuse what they do not hold", async () => {
    const index = (IndexName: string, Projection: object) => ({
      ...tableInput("x").GlobalSecondaryIndexes?.[0],
      IndexName,
      Projection,
    });
    await createTable(server.client, "data", {
      GlobalSecondaryIndexes: [
        index("keys", { ProjectionType: "KEYS_ONLY" }),
        index("some", { ProjectionType: "INCLUDE", NonKeyAttributes: ["a"] }),
      ] as NonNullable<CreateTableCommandInput["GlobalSecondaryIndexes"]>,
    });
    const key = { pk: S("p"), sk: S("1"), gpk: S("g"), gsk: S("1") };
    const big = { a: S("a"), b: S("b".repeat(3000)) };
    const first = await put("data", { ...key, ...big }, { ReturnConsumedCapacity: "INDEXES" });
    expect(first.ConsumedCapacity).toMatchObject({
      CapacityUnits: 5,
      Table: { CapacityUnits: 3 },
      GlobalSecondaryIndexes: { keys: { CapacityUnits: 1 }, some: { CapacityUnits: 1 } },
    });
    const query = (IndexName: string, extra: object = {}) =>
      server.client.send(
        new QueryCommand({
          TableName: "data",
          IndexName,
          KeyConditionExpression: "gpk = :g",
          ExpressionAttributeValues: { ":g": S("g") },
          ReturnConsumedCapacity: "INDEXES",
          ...extra,
        }),
      );
    expect((await query("keys")).Items).toEqual([key]);
    expect((await query("some")).Items).toEqual([{ ...key, a: S("a") }]);
    expect((await query("some")).ConsumedCapacity).toMatchObject({ CapacityUnits: 0.5 });
    expect((await query("some", { ProjectionExpression: "a" })).Items).toEqual([{ a: S("a") }]);
    // What an index does not hold, a filter over it does not see.
    expect((await query("keys", { FilterExpression: "attribute_exists(a)" })).Count).toBe(0);
    expect((await refusal(query("keys", { ProjectionExpression: "b" }))).message).toContain("does not project [b]");
    expect((await refusal(query("keys", { Select: "ALL_ATTRIBUTES" }))).message).toContain(
      "ALL_ATTRIBUTES is not supported for global secondary index keys",
    );

    // A change that an index does not hold costs it nothing.
    const update = (UpdateExpression: string) =>
      server.client.send(
        new UpdateItemCommand({
          TableName: "data",
          Key: { pk: S("p"), sk: S("1") },
          UpdateExpression,
          ExpressionAttributeValues: { ":v": S("new") },
          ReturnConsumedCapacity: "INDEXES",
        }),
      );
    expect((await update("SET b = :v")).ConsumedCapacity?.GlobalSecondaryIndexes).toBeUndefined();
    expect((await update("SET a = :v")).ConsumedCapacity?.GlobalSecondaryIndexes).toEqual({
      some: { CapacityUnits: 1 },
    });
  });

  it("are added to items that are there, leave out what does not fit, and are removed", async () => {
    await createTable(server.client, "data");
    await put("data", { pk: S("p"), sk: S("1"), late: S("x") });
    await put("data", { pk: S("p"), sk: S("2"), late: N(2) });
    await put("data", { pk: S("p"), sk: S("3") });
    const add = new UpdateTableCommand({
      TableName: "data",
      AttributeDefinitions: [{ AttributeName: "late", AttributeType: "S" }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: "by-late",
            KeySchema: [{ AttributeName: "late", KeyType: "HASH" }],
            Projection: { ProjectionType: "ALL" },
          },
        },
      ],
    });
    await server.client.send(add);
    const scan = () => server.client.send(new ScanCommand({ TableName: "data", IndexName: "by-late" }));
    expect((await scan()).Items?.map((item) => item["sk"])).toEqual([S("1")]);
    // The one that did not fit can still be changed, and joins once it fits.
    const fix = new UpdateItemCommand({
      TableName: "data",
      Key: { pk: S("p"), sk: S("2") },
      UpdateExpression: "SET late = :v",
      ExpressionAttributeValues: { ":v": S("y") },
    });
    await server.client.send(fix);
    expect((await scan()).Count).toBe(2);
    expect((await refusal(server.client.send(add))).name).toBe("ValidationException");
    const remove = new UpdateTableCommand({
      TableName: "data",
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "by-late" } }],
    });
    await server.client.send(remove);
    expect((await refusal(scan())).message).toContain("does not have the specified index");
    expect((await refusal(server.client.send(remove))).name).toBe("ResourceNotFoundException");
    const { Table } = await server.client.send(new DescribeTableCommand({ TableName: "data" }));
    expect(Table?.AttributeDefinitions?.map(({ AttributeName }) => AttributeName)).not.toContain("late");
  });

  it("local indexes read consistently, and fetch from the table what they lack", async () => {
    await createTable(server.client, "data", {
      AttributeDefinitions: ["pk", "sk", "at"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
      GlobalSecondaryIndexes: undefined,
      LocalSecondaryIndexes: [
        {
          IndexName: "by-time",
          KeySchema: [
            { AttributeName: "pk", KeyType: "HASH" },
            { AttributeName: "at", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    });
    const metrics = await put(
      "data",
      { pk: S("p"), sk: S("1"), at: S("b"), v: N(1) },
      { ReturnItemCollectionMetrics: "SIZE" },
    );
    expect(metrics.ItemCollectionMetrics).toEqual({ ItemCollectionKey: { pk: S("p") }, SizeEstimateRangeGB: [0, 1] });
    await put("data", { pk: S("p"), sk: S("2"), at: S("a"), v: N(2) });
    const query = (extra: object) =>
      server.client.send(
        new QueryCommand({
          TableName: "data",
          IndexName: "by-time",
          KeyConditionExpression: "pk = :p",
          ExpressionAttributeValues: { ":p": S("p") },
          ConsistentRead: true,
          ReturnConsumedCapacity: "INDEXES",
          ...extra,
        }),
      );
    const keys = await query({});
    expect(keys.Items).toEqual([
      { pk: S("p"), sk: S("2"), at: S("a") },
      { pk: S("p"), sk: S("1"), at: S("b") },
    ]);
    const all = await query({ Select: "ALL_ATTRIBUTES" });
    expect(all.Items?.map((item) => item["v"])).toEqual([N(2), N(1)]);
    expect(all.ConsumedCapacity).toMatchObject({
      Table: { CapacityUnits: 2 },
      LocalSecondaryIndexes: { "by-time": { CapacityUnits: 1 } },
    });
  });
});

describe("tables", () => {
  it("keys of binary and number are ordered as bytes and as numbers", async () => {
    await createTable(server.client, "data", {
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "N" },
        { AttributeName: "sk", AttributeType: "B" },
      ],
      GlobalSecondaryIndexes: undefined,
    });
    const bytes = [[255], [0], [1, 0], [1], [127, 255]].map((list) => Uint8Array.from(list));
    for (const sk of bytes) await put("data", { pk: N("1.0"), sk: { B: sk } });
    const { Items } = await server.client.send(
      new QueryCommand({
        TableName: "data",
        KeyConditionExpression: "pk = :p AND sk > :s",
        ExpressionAttributeValues: { ":p": N("1"), ":s": { B: Uint8Array.of(0) } },
      }),
    );
    expect(Items?.map((item) => [...(item["sk"]?.B ?? [])])).toEqual([[1], [1, 0], [127, 255], [255]]);
    expect(Items?.[0]?.["pk"]).toEqual(N(1));
  });

  it("are listed in pages, and a name is free again after its deletion", async () => {
    for (const name of ["one", "three", "two"]) await createTable(server.client, name);
    const page = await server.client.send(new ListTablesCommand({ Limit: 2 }));
    expect(page).toMatchObject({ TableNames: ["one", "three"], LastEvaluatedTableName: "three" });
    const rest = await server.client.send(new ListTablesCommand({ ExclusiveStartTableName: "three" }));
    expect(rest.TableNames).toEqual(["two"]);
    expect(server.service.tableNames()).toEqual(["one", "three", "two"]);
    await put("one", { pk: S("p"), sk: S("1") });
    await server.client.send(new DeleteTableCommand({ TableName: "one" }));
    expect((await refusal(put("one", { pk: S("p"), sk: S("1") }))).name).toBe("ResourceNotFoundException");
    await createTable(server.client, "one");
    expect((await server.client.send(new ScanCommand({ TableName: "one" }))).Count).toBe(0);
  });

  it.each<[string, Partial<CreateTableCommandInput>, string]>([
    ["no billing", { BillingMode: undefined }, "must both be specified when BillingMode is PROVISIONED"],
    [
      "a stream without a view",
      { StreamSpecification: { StreamEnabled: true } },
      "StreamViewType is required when StreamEnabled is true",
    ],
    [
      "an attribute that no key uses",
      {
        AttributeDefinitions: ["pk", "sk", "gpk", "gsk", "x"].map((AttributeName) => ({
          AttributeName,
          AttributeType: "S",
        })),
      },
      "Number of attributes in KeySchema does not exactly match",
    ],
    [
      "a key that is not defined",
      { AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }] },
      "Some index key attributes are not defined in AttributeDefinitions. Keys: [sk, gpk, gsk]",
    ],
  ])("refuse %s", async (_title, extra, message) => {
    const error = await refusal(server.client.send(new CreateTableCommand({ ...tableInput("bad"), ...extra })));
    expect(error.message).toContain(message);
    expect(server.service.tableNames()).toEqual([]);
  });

  it("hold tags and a policy", async () => {
    await createTable(server.client, "data");
    const ResourceArn = server.service.findTable("data")?.tableArn ?? "";
    await server.client.send(
      new TagResourceCommand({
        ResourceArn,
        Tags: [
          { Key: "a", Value: "1" },
          { Key: "b", Value: "2" },
        ],
      }),
    );
    await server.client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: "a", Value: "3" }] }));
    await server.client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["b"] }));
    expect((await server.client.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags).toEqual([
      { Key: "a", Value: "3" },
    ]);

    const get = () => server.client.send(new GetResourcePolicyCommand({ ResourceArn }));
    expect((await refusal(get())).name).toBe("PolicyNotFoundException");
    const document = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Principal: "*", Action: "dynamodb:Scan", Resource: ResourceArn }],
    };
    const set = (Policy: string, ExpectedRevisionId?: string) =>
      server.client.send(new PutResourcePolicyCommand({ ResourceArn, Policy, ExpectedRevisionId }));
    const { RevisionId } = await set(JSON.stringify(document));
    expect(JSON.parse((await get()).Policy ?? "")).toEqual(document);
    expect((await refusal(set(JSON.stringify(document), "stale"))).name).toBe("PolicyNotFoundException");
    await set(JSON.stringify(document), RevisionId);
    for (const bad of [
      "{",
      "{}",
      '{"Statement":[]}',
      '{"Statement":[{"Effect":"Deny"}]}',
      `{"x":"${"y".repeat(21_000)}"}`,
    ]) {
      expect((await refusal(set(bad))).name).toBe("ValidationException");
    }
    await server.client.send(new DeleteResourcePolicyCommand({ ResourceArn }));
    expect((await refusal(get())).name).toBe("PolicyNotFoundException");
  });
});

describe("updates", () => {
  it("an update that copies a value into itself stops at 32 levels", async () => {
    await createTable(server.client, "data");
    await put("data", { pk: S("p"), sk: S("1"), m: { M: {} } });
    const nest = () =>
      server.client.send(
        new UpdateItemCommand({
          TableName: "data",
          Key: { pk: S("p"), sk: S("1") },
          UpdateExpression: "SET m.x = m",
        }),
      );
    for (let level = 1; level < 32; level += 1) await nest();
    expect(await refusal(nest())).toMatchObject({
      name: "ValidationException",
      message: "Nesting Levels have exceeded supported limits",
    });
  });
});

describe("batches and transactions", () => {
  it("an answer of 16 MB ends a batch; the rest is to be asked again", async () => {
    await createTable(server.client, "data");
    const Keys = Array.from({ length: 45 }, (_, n) => ({ pk: S("p"), sk: S(String(n)) }));
    const b = S("x".repeat(390 * 1024));
    for (const key of Keys)
      await server.service.invoke("DynamoDB_20120810.PutItem", { TableName: "data", Item: { ...key, b } });
    const seen = new Set<string | undefined>();
    let RequestItems: NonNullable<BatchGetItemCommand["input"]["RequestItems"]> = {
      data: { Keys, ProjectionExpression: "sk" },
    };
    let rounds = 0;
    while (Object.keys(RequestItems).length > 0 && rounds < 5) {
      const answer: BatchGetItemCommandOutput = await server.client.send(new BatchGetItemCommand({ RequestItems }));
      for (const item of answer.Responses?.["data"] ?? []) seen.add(item["sk"]?.S);
      RequestItems = answer.UnprocessedKeys ?? {};
      rounds += 1;
    }
    expect(seen.size).toBe(45);
    expect(rounds).toBe(2);
  });

  it("a token is forgotten after ten minutes, by the clock", async () => {
    await createTable(server.client, "data");
    const add = () =>
      server.client.send(
        new TransactWriteItemsCommand({
          ClientRequestToken: "again",
          TransactItems: [
            {
              Update: {
                TableName: "data",
                Key: { pk: S("p"), sk: S("n") },
                UpdateExpression: "ADD n :one",
                ExpressionAttributeValues: { ":one": N(1) },
              },
            },
          ],
        }),
      );
    await add();
    server.clock.advance(10 * 60_000 - 1);
    await add();
    expect(server.service.dumpItems("data")).toMatchObject([{ n: N(1) }]);
    server.clock.advance(1);
    await add();
    expect(server.service.dumpItems("data")).toMatchObject([{ n: N(2) }]);
  });

  it("a transaction of several tables is one: a failed condition in one undoes the other", async () => {
    await createTable(server.client, "one");
    await createTable(server.client, "two", {
      StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
    });
    const Item = { pk: S("p"), sk: S("1"), gpk: S("g"), gsk: S("1") };
    const ConditionExpression = "attribute_exists(pk)";
    const error = await refusal(
      server.client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName: "two", Item } },
            { Put: { TableName: "one", Item, ConditionExpression } },
          ],
        }),
      ),
    );
    expect(error.name).toBe("TransactionCanceledException");
    expect([server.service.dumpItems("one"), server.service.dumpItems("two")]).toEqual([[], []]);
    expect(server.service.dumpJournal()).toEqual([]);
    const index = await server.client.send(new ScanCommand({ TableName: "two", IndexName: "gsi1" }));
    expect(index.Count).toBe(0);
  });
});
