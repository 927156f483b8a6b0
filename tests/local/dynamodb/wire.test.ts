import { crc32 } from "node:zlib";
import { GetItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServiceError } from "../../../scripts/local/service.ts";
import { createTable, refusal, S } from "./fixtures.ts";
import type { TestServer } from "./server.ts";
import { rootCall, startServer } from "./server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await createTable(server.client, "data");
});
afterAll(() => server.close());

async function post(target: string, body: string | Buffer) {
  const response = await fetch(server.endpoint, {
    method: "POST",
    headers: { "x-amz-target": target, "content-type": "application/x-amz-json-1.0" },
    body,
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: JSON.parse(text) as Record<string, unknown>,
  };
}
const target = (operation: string): string => `DynamoDB_20120810.${operation}`;

describe("the wire", () => {
  it("answers carry a CRC of their body, the JSON 1.0 type and a request id", async () => {
    const answer = await post(
      target("GetItem"),
      JSON.stringify({ TableName: "data", Key: { pk: S("é"), sk: S("😀") } }),
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-amz-crc32")).toBe(String(crc32(answer.text)));
    expect(answer.headers.get("content-type")).toBe("application/x-amz-json-1.0");
    expect(answer.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    const error = await post(target("GetItem"), "{}");
    expect(error.headers.get("x-amz-crc32")).toBe(String(crc32(error.text)));
  });

  it("errors bear AWS's namespaces before their names", async () => {
    const typeOf = async (operation: string, input: unknown): Promise<unknown> =>
      (await post(target(operation), JSON.stringify(input))).json["__type"];
    expect(await typeOf("GetItem", {})).toBe("com.amazon.coral.validate#ValidationException");
    expect(await typeOf("GetItem", { TableName: 5 })).toBe("com.amazon.coral.service#SerializationException");
    expect(await typeOf("GetItem", { TableName: "none", Key: { pk: S("a"), sk: S("b") } })).toBe(
      "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
    );
    const put = { TableName: "data", Item: { pk: S("a"), sk: S("b") }, ConditionExpression: "attribute_exists(pk)" };
    expect(await typeOf("PutItem", put)).toBe("com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException");
  });

  it("the SDK reads a cancelled transaction whole", async () => {
    const error = await refusal(
      server.client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            {
              Put: {
                TableName: "data",
                Item: { pk: S("a"), sk: S("b") },
                ConditionExpression: "attribute_exists(pk)",
              },
            },
          ],
        }),
      ),
    );
    expect(error.message).toContain("[ConditionalCheckFailed]");
    expect(error["CancellationReasons"]).toEqual([
      { Code: "ConditionalCheckFailed", Message: "The conditional request failed" },
    ]);
  });

  it.each(["CreateBackup", "ImportTable", "DescribeGlobalTable", "NoSuchOperation", "constructor", "__proto__"])(
    "%s is answered with 501",
    async (operation) => {
      const answer = await post(target(operation), JSON.stringify({ TableName: "data" }));
      expect(answer.status).toBe(501);
      expect(answer.json["__type"]).toBe("com.amazon.coral.service#UnknownOperationException");
    },
  );

  it.each(["", "GetItem", "DynamoDB_20111205.GetItem", "Other.GetItem", "DynamoDBStreams_20120810.GetItem"])(
    "the target %j is no fall-through",
    async (name) => {
      expect((await post(name, "{}")).status).toBe(501);
    },
  );

  it.each(["{", "[]", "null", "5", '"text"', "\u0000", `${"[".repeat(50_000)}`, Buffer.from([0xff, 0xfe])])(
    "the body %j is refused",
    async (body) => {
      const answer = await post(target("GetItem"), body);
      expect(answer.status).toBe(400);
      expect(answer.json["__type"]).toBe("com.amazon.coral.service#SerializationException");
    },
  );

  it("JSON that nests without end is refused wherever it stands", async () => {
    const deep = (opening: string, closing: string): string => opening.repeat(20_000) + closing.repeat(20_000);
    const lists = deep('{"L":[', "]}");
    const arrays = deep("[", "]");
    const key = '"Key":{"pk":{"S":"a"},"sk":{"S":"b"}}';
    for (const [operation, body] of [
      ["PutItem", `{"TableName":"data","Item":{"pk":{"S":"a"},"sk":{"S":"b"},"x":${lists}}}`],
      ["PutItem", `{"TableName":"data","Item":${arrays}}`],
      [
        "TransactWriteItems",
        `{"ClientRequestToken":"t","TransactItems":[{"Put":{"TableName":"data","Item":{"pk":${lists}}}}]}`,
      ],
      [
        "TransactWriteItems",
        `{"ClientRequestToken":"t","TransactItems":[{"Delete":{"TableName":"none","Spare":${arrays},${key}}}]}`,
      ],
      ["BatchGetItem", `{"RequestItems":{"data":{"Keys":[{"pk":${lists}}]}}}`],
      ["UpdateTable", `{"TableName":"none","SSESpecification":{"Enabled":true,"Spare":${arrays}}}`],
      [
        "PutResourcePolicy",
        `{"ResourceArn":"none","Policy":${JSON.stringify(`{"Statement":[{"Effect":"Deny","Principal":"*","x":${"[".repeat(9000)}${"]".repeat(9000)}}]}`)}}`,
      ],
    ] as const) {
      expect([operation, (await post(target(operation), body)).status]).toEqual([operation, 400]);
    }
  });

  it("an error never holds the value of an attribute", async () => {
    const secret = "canary-5e1f";
    const inputs: [string, unknown][] = [
      ["PutItem", { TableName: "data", Item: { pk: S(secret), sk: { N: secret } } }],
      ["PutItem", { TableName: "data", Item: { pk: S("a"), sk: S("b"), x: { N: secret } } }],
      ["PutItem", { TableName: "data", Item: { pk: S("a"), sk: S("b"), x: { SS: [secret, secret] } } }],
      ["PutItem", { TableName: "data", Item: { pk: S("a"), sk: S("b"), x: { B: secret } } }],
      ["PutItem", { TableName: "data", Item: { pk: S("a"), sk: S("b"), x: { [secret]: "y" } } }],
      ["GetItem", { TableName: "data", Key: { pk: S(secret) } }],
      [
        "Query",
        {
          TableName: "data",
          KeyConditionExpression: "pk = :p AND sk BETWEEN :b AND :a",
          ExpressionAttributeValues: { ":p": S("x"), ":a": S(secret), ":b": S(`${secret}!`) },
        },
      ],
      [
        "PutItem",
        {
          TableName: "data",
          Item: { pk: S("a"), sk: S("b") },
          ConditionExpression: "attribute_type(a, :v)",
          ExpressionAttributeValues: { ":v": S(secret) },
        },
      ],
      [
        "TransactWriteItems",
        { TransactItems: Array(101).fill({ Put: { TableName: "data", Item: { pk: S(secret), sk: S("a") } } }) },
      ],
      [
        "BatchWriteItem",
        { RequestItems: { data: Array(26).fill({ PutRequest: { Item: { pk: S(secret), sk: S("a") } } }) } },
      ],
    ];
    for (const [operation, input] of inputs) {
      const answer = await post(target(operation), JSON.stringify(input));
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain(secret);
    }
  });

  it("the trail is given names and keys, and no other attribute", async () => {
    const seen = async (operation: string, input: object): Promise<unknown> => {
      await post(target(operation), JSON.stringify(input));
      return server.prepared.at(-1)?.requestParameters;
    };
    const Item = { pk: S("a"), sk: S("b"), secret: S("canary-77") };
    expect(await seen("PutItem", { TableName: "data", Item })).toEqual({
      tableName: "data",
      key: { pk: "a", sk: "b" },
    });
    const all = [
      await seen("TransactWriteItems", { TransactItems: [{ Put: { TableName: "data", Item } }] }),
      await seen("BatchWriteItem", { RequestItems: { data: [{ PutRequest: { Item } }] } }),
      await seen("UpdateItem", {
        TableName: "data",
        Key: { pk: S("a"), sk: S("b") },
        UpdateExpression: "SET secret = :s",
        ExpressionAttributeValues: { ":s": S("canary-77") },
      }),
      await seen("Query", {
        TableName: "data",
        KeyConditionExpression: "pk = :p",
        FilterExpression: "secret = :s",
        ExpressionAttributeValues: { ":p": S("a"), ":s": S("canary-77") },
      }),
    ];
    expect(JSON.stringify(all)).not.toContain("canary-77");
    expect(all[0]).toEqual({ requestItems: [{ operation: "Put", tableName: "data", key: { pk: "a", sk: "b" } }] });
  });

  it("preparing changes nothing", async () => {
    const before = server.service.dumpItems("data");
    const body = Buffer.from(JSON.stringify({ TableName: "data", Item: { pk: S("never"), sk: S("run") } }));
    const request = { method: "POST", path: "/", query: "", headers: { "x-amz-target": target("PutItem") }, body };
    await server.service.prepare(request, rootCall(0));
    expect(server.service.dumpItems("data")).toEqual(before);
    expect(
      (await server.client.send(new GetItemCommand({ TableName: "data", Key: { pk: S("never"), sk: S("run") } }))).Item,
    ).toBeUndefined();
  });

  it("any JSON under any operation is answered or refused, never a defect", async () => {
    const value = fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom({ S: "a" }, { N: "1" }, { B: "YQ==" }, { M: {} }, { L: [] }, { NULL: true }),
      fc.jsonValue(),
    );
    const map = fc.dictionary(fc.constantFrom("pk", "sk", "gpk", ":v", "#n", "__proto__", "constructor"), value);
    const members = fc.record(
      {
        TableName: fc.constantFrom("data", "none", "a", 5, null, "arn:aws:dynamodb:us-east-1:111122223333:table/data"),
        IndexName: fc.constantFrom("gsi1", "none", 1),
        Key: map,
        Item: map,
        ExclusiveStartKey: map,
        ExpressionAttributeNames: fc.dictionary(fc.constantFrom("#n", "#m", "x"), fc.oneof(fc.string(), value)),
        ExpressionAttributeValues: map,
        ConditionExpression: fc.constantFrom("attribute_exists(pk)", "#n = :v", "", "(", 7),
        UpdateExpression: fc.constantFrom("SET a = :v", "REMOVE #n", "ADD a :v", "SET a.b = a", 7),
        KeyConditionExpression: fc.constantFrom("pk = :v", "gpk = :v", "#n = :v AND sk > :v", "("),
        FilterExpression: fc.constantFrom("a = :v", "contains(a, :v)", "size(a) > :v"),
        ProjectionExpression: fc.constantFrom("pk", "a.b, a[0]", "#n"),
        Limit: fc.oneof(fc.integer({ min: -1, max: 3 }), value),
        ReturnValues: fc.constantFrom("ALL_OLD", "ALL_NEW", "UPDATED_NEW", "X"),
        ReturnConsumedCapacity: fc.constantFrom("TOTAL", "INDEXES", "X"),
        TransactItems: fc.array(
          fc.record(
            { Put: fc.record({ TableName: fc.constant("data"), Item: map }), Get: fc.constant({ TableName: "data" }) },
            { requiredKeys: [] },
          ),
          { maxLength: 3 },
        ),
        RequestItems: fc.dictionary(
          fc.constantFrom("data", "none"),
          fc.oneof(
            value,
            fc.record({ Keys: fc.array(map) }),
            fc.array(fc.record({ PutRequest: fc.record({ Item: map }) })),
          ),
        ),
        StreamArn: fc.constantFrom("x", server.service.findTable("data")?.tableArn),
        ShardIterator: fc.string(),
        Statement: fc.oneof(fc.string(), fc.constantFrom("SELECT * FROM data", 'DELETE FROM "data" WHERE pk = ?')),
        Parameters: fc.array(value, { maxLength: 2 }),
        TimeToLiveSpecification: value,
        KeySchema: value,
        AttributeDefinitions: value,
        BillingMode: fc.constantFrom("PAY_PER_REQUEST", "X"),
      },
      { requiredKeys: [] },
    );
    const operations = [
      ..."GetItem PutItem UpdateItem DeleteItem Query Scan BatchGetItem BatchWriteItem TransactGetItems TransactWriteItems CreateTable DescribeTable UpdateTable ListTables UpdateTimeToLive DescribeTimeToLive UpdateContinuousBackups RestoreTableToPointInTime ExportTableToPointInTime TagResource PutResourcePolicy ExecuteStatement"
        .split(" ")
        .map(target),
      ..."ListStreams DescribeStream GetShardIterator GetRecords"
        .split(" ")
        .map((name) => `DynamoDBStreams_20120810.${name}`),
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...operations), members, async (name, input) => {
        try {
          const request = {
            method: "POST",
            path: "/",
            query: "",
            headers: { "x-amz-target": name },
            body: Buffer.from(JSON.stringify(input)),
          };
          await (await server.service.prepare(request, rootCall(0))).run();
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError);
          expect([400, 501]).toContain((error as ServiceError).status);
        }
      }),
      { numRuns: 600 },
    );
  });
});
