import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DynamoDb } from "../../../scripts/local/dynamodb/index.ts";
import type { Check } from "../../../scripts/local/service.ts";
import { openService, rootCall, TestClock } from "./server.ts";
import { tableInput } from "./fixtures.ts";

const ARN = "arn:aws:dynamodb:us-east-1:111122223333:table";
const S = (text: string) => ({ S: text });
const own = { pk: S("T#a"), sk: S("1") };
const other = { pk: S("T#b"), sk: S("1") };

let service: DynamoDb;
beforeAll(() => {
  service = openService(new TestClock());
  service.createTable({
    ...tableInput("data"),
    StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
  });
});
afterAll(() => service.close());

function checksOf(target: string, input: unknown): readonly Check[] {
  const request = {
    method: "POST",
    path: "/",
    query: "",
    headers: { "x-amz-target": target.includes(".") ? target : `DynamoDB_20120810.${target}` },
    body: Buffer.from(JSON.stringify(input)),
  };
  const prepared = service.prepare(request, rootCall(0));
  if (prepared instanceof Promise) throw new Error("preparing is synchronous");
  return prepared.checks;
}

const key = (name: string) => `dynamodb:${name}`;
const keys = (...leading: string[]) => ({ [key("LeadingKeys")]: leading });
/** One check as `action resource` with its context, attributes left out. */
function shown({ action, resource, context }: Check): [string, string, Record<string, unknown>] {
  const { [key("Attributes")]: _attributes, ...rest } = context as Record<string, unknown>;
  return [action, resource.replace(`${ARN}/`, ""), rest];
}
const all = (target: string, input: unknown) => checksOf(target, input).map(shown);

describe("what IAM is asked", () => {
  it("AW-01 GetItem: leading key, default Select", () => {
    expect(all("GetItem", { TableName: "data", Key: own })).toEqual([
      ["dynamodb:GetItem", "data", { ...keys("T#a"), [key("Select")]: "ALL_ATTRIBUTES" }],
    ]);
    expect(all("GetItem", { TableName: `${ARN}/data`, Key: own, ProjectionExpression: "sk" })).toEqual([
      ["dynamodb:GetItem", "data", { ...keys("T#a"), [key("Select")]: "SPECIFIC_ATTRIBUTES" }],
    ]);
  });

  it("AW-01 batches: all keys of a table in one check, a check for each table", () => {
    const input = { RequestItems: { data: { Keys: [own, other] }, elsewhere: { Keys: [{ x: S("y") }] } } };
    expect(all("BatchGetItem", input)).toEqual([
      ["dynamodb:BatchGetItem", "data", { ...keys("T#a", "T#b"), [key("Select")]: "ALL_ATTRIBUTES" }],
      ["dynamodb:BatchGetItem", "elsewhere", { [key("Select")]: "ALL_ATTRIBUTES" }],
    ]);
    const writes = { RequestItems: { data: [{ PutRequest: { Item: own } }, { DeleteRequest: { Key: other } }] } };
    expect(all("BatchWriteItem", writes)).toEqual([["dynamodb:BatchWriteItem", "data", keys("T#a", "T#b")]]);
  });

  it.each([
    ["#p = :p", { "#p": "pk" }],
    ["( #p = :p )", { "#p": "pk" }],
    ["begins_with(sk, :s) AND (pk = :p)", undefined],
    ["(pk=:p)AND(sk BETWEEN :s AND :s)", undefined],
  ])("AW-01 Query %s: the partition key, through aliases and parentheses", (KeyConditionExpression, names) => {
    const values = { ":p": S("T#a"), ...(KeyConditionExpression.includes(":s") ? { ":s": S("x") } : {}) };
    expect(
      all("Query", {
        TableName: "data",
        KeyConditionExpression,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
      }),
    ).toEqual([["dynamodb:Query", "data", { ...keys("T#a"), [key("Select")]: "ALL_ATTRIBUTES" }]]);
  });

  it("AW-06 Query on an index: the index's ARN and its own partition key", () => {
    const input = (IndexName: string) => ({
      TableName: "data",
      IndexName,
      KeyConditionExpression: "gpk = :g AND gsk = :p",
      ExpressionAttributeValues: { ":g": S("T#a"), ":p": S("T#b") },
      Select: "COUNT",
    });
    expect(all("Query", input("gsi1"))).toEqual([
      ["dynamodb:Query", "data/index/gsi1", { ...keys("T#a"), [key("Select")]: "COUNT" }],
    ]);
    // An index that is not there tells no key, so a policy that demands one refuses.
    expect(all("Query", input("gsi2"))).toEqual([["dynamodb:Query", "data/index/gsi2", { [key("Select")]: "COUNT" }]]);
  });

  it("AW-02 Scan never has a leading key", () => {
    const input = { TableName: "data", FilterExpression: "pk = :p", ExpressionAttributeValues: { ":p": S("T#a") } };
    expect(all("Scan", input)).toEqual([["dynamodb:Scan", "data", { [key("Select")]: "ALL_ATTRIBUTES" }]]);
  });

  it("AW-04 single writes: leading key and no EnclosingOperation", () => {
    expect(all("PutItem", { TableName: "data", Item: own })).toEqual([["dynamodb:PutItem", "data", keys("T#a")]]);
    expect(all("DeleteItem", { TableName: "data", Key: own, ReturnValues: "NONE" })).toEqual([
      ["dynamodb:DeleteItem", "data", { ...keys("T#a"), [key("ReturnValues")]: "NONE" }],
    ]);
    expect(all("UpdateItem", { TableName: "data", Key: own, ReturnValues: "ALL_NEW" })).toEqual([
      ["dynamodb:UpdateItem", "data", { ...keys("T#a"), [key("ReturnValues")]: "ALL_NEW" }],
    ]);
  });

  it("AW-03 ReturnValuesOnConditionCheckFailure counts as ReturnValues, both where they differ", () => {
    const asked = (ReturnValues: string | undefined, ReturnValuesOnConditionCheckFailure: string) =>
      checksOf("UpdateItem", { TableName: "data", Key: own, ReturnValues, ReturnValuesOnConditionCheckFailure }).map(
        ({ context }) => context[key("ReturnValues")],
      );
    expect(asked(undefined, "ALL_OLD")).toEqual(["ALL_OLD"]);
    expect(asked("NONE", "ALL_OLD")).toEqual(["ALL_OLD"]);
    expect(asked("ALL_OLD", "ALL_OLD")).toEqual(["ALL_OLD"]);
    expect(asked("UPDATED_NEW", "ALL_OLD")).toEqual(["UPDATED_NEW", "ALL_OLD"]);
    expect(asked("UPDATED_NEW", "NONE")).toEqual(["UPDATED_NEW"]);
    expect(asked(undefined, "NONE")).toEqual(["NONE"]);
  });

  it("AW-04 transactions: a check for each element, EnclosingOperation on all but ConditionCheckItem", () => {
    const enclosing = { [key("EnclosingOperation")]: "TransactWriteItems" };
    const TableName = "data";
    expect(
      all("TransactWriteItems", {
        TransactItems: [
          { Put: { TableName, Item: own } },
          { Update: { TableName, Key: other, UpdateExpression: "REMOVE a" } },
          { Delete: { TableName, Key: own, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } },
          { ConditionCheck: { TableName, Key: other, ConditionExpression: "attribute_exists(pk)" } },
        ],
      }),
    ).toEqual([
      ["dynamodb:PutItem", "data", { ...keys("T#a"), ...enclosing }],
      ["dynamodb:UpdateItem", "data", { ...keys("T#b"), ...enclosing }],
      ["dynamodb:DeleteItem", "data", { ...keys("T#a"), ...enclosing, [key("ReturnValues")]: "ALL_OLD" }],
      ["dynamodb:ConditionCheckItem", "data", keys("T#b")],
    ]);
    expect(all("TransactGetItems", { TransactItems: [{ Get: { TableName, Key: own } }] })).toEqual([
      [
        "dynamodb:GetItem",
        "data",
        {
          ...keys("T#a"),
          [key("EnclosingOperation")]: "TransactGetItems",
          [key("Select")]: "ALL_ATTRIBUTES",
        },
      ],
    ]);
  });

  it("names every attribute that a request touches", () => {
    const [check] = checksOf("UpdateItem", {
      TableName: "data",
      Key: own,
      UpdateExpression: "SET #a.b = :v, c = d REMOVE e[0]",
      ConditionExpression: "size(f) > :v",
      ExpressionAttributeNames: { "#a": "a.dotted" },
      ExpressionAttributeValues: { ":v": { N: "1" } },
    });
    expect(new Set(check?.context[key("Attributes")] as string[])).toEqual(
      new Set(["pk", "sk", "a.dotted", "c", "d", "e", "f"]),
    );
  });

  it("AW-02 administration has no keys, and streams are named by their ARN", () => {
    const stream = service.findTable("data")?.streamArn ?? "";
    expect(stream).toMatch(/^arn:aws:dynamodb:us-east-1:111122223333:table\/data\/stream\/2026-11-22T08:00:00.000$/);
    const streams = (operation: string, input: unknown) => all(`DynamoDBStreams_20120810.${operation}`, input);
    expect(all("DescribeTable", { TableName: "data" })).toEqual([["dynamodb:DescribeTable", "data", {}]]);
    expect(all("ListTables", {})).toEqual([["dynamodb:ListTables", "*", {}]]);
    expect(streams("ListStreams", {})).toEqual([["dynamodb:ListStreams", "*", {}]]);
    expect(streams("DescribeStream", { StreamArn: stream })[0]?.slice(0, 2)).toEqual([
      "dynamodb:DescribeStream",
      stream.replace(`${ARN}/`, ""),
    ]);
    expect(streams("GetShardIterator", { StreamArn: stream, ShardId: "x", ShardIteratorType: "LATEST" })[0]?.[0]).toBe(
      "dynamodb:GetShardIterator",
    );
  });

  it("GetRecords is authorized by the stream that its iterator names", async () => {
    const StreamArn = service.findTable("data")?.streamArn;
    const described = await service.invoke("DynamoDBStreams_20120810.DescribeStream", { StreamArn });
    const [shard] = (described["StreamDescription"] as { Shards: { ShardId: string }[] }).Shards;
    const { ShardIterator } = await service.invoke("DynamoDBStreams_20120810.GetShardIterator", {
      StreamArn,
      ShardId: shard?.ShardId,
      ShardIteratorType: "LATEST",
    });
    const [check] = checksOf("DynamoDBStreams_20120810.GetRecords", { ShardIterator });
    expect(check).toMatchObject({ action: "dynamodb:GetRecords", resource: StreamArn });
    expect(() => checksOf("DynamoDBStreams_20120810.GetRecords", { ShardIterator: "forged" })).toThrow(
      "Invalid ShardIterator",
    );
  });

  it("a restore needs rights on its target, an export on its bucket", () => {
    const restore = all("RestoreTableToPointInTime", {
      SourceTableName: "data",
      TargetTableName: "copy",
      UseLatestRestorableTime: true,
    });
    expect(restore[0]).toEqual(["dynamodb:RestoreTableToPointInTime", "data", {}]);
    expect(restore.slice(1).map(([action, resource]) => `${action} ${resource}`)).toEqual([
      "dynamodb:RestoreTableToPointInTime copy",
      "dynamodb:BatchWriteItem copy",
      "dynamodb:DeleteItem copy",
      "dynamodb:GetItem copy",
      "dynamodb:PutItem copy",
      "dynamodb:Query copy",
      "dynamodb:Scan copy",
      "dynamodb:UpdateItem copy",
    ]);
    const exported = all("ExportTableToPointInTime", { TableArn: `${ARN}/data`, S3Bucket: "b", S3Prefix: "p" });
    expect(exported[0]).toEqual(["dynamodb:ExportTableToPointInTime", "data", {}]);
    expect(exported[1]?.[0]).toBe("s3:PutObject");
    expect(exported[1]?.[1]).toMatch(/^arn:aws:s3:::b\/p\/AWSDynamoDB\//);
  });

  it.each([
    [`SELECT * FROM "data"`, [], "PartiQLSelect", "data", [], true],
    [`select pk from data where pk = 'T#a'`, [], "PartiQLSelect", "data", ["T#a"], false],
    [`SELECT * FROM "data" WHERE pk = 'T#a' OR pk = 'T#b'`, [], "PartiQLSelect", "data", [], true],
    [`SELECT * FROM "data" WHERE sk = ? AND pk = ?`, [S("1"), S("T#b")], "PartiQLSelect", "data", ["T#b"], false],
    [`SELECT * FROM "data"."gsi1" WHERE gpk = 'T#a'`, [], "PartiQLSelect", "data/index/gsi1", ["T#a"], false],
    [`INSERT INTO "data" VALUE {'pk': 'T#a', 'sk': '1'}`, [], "PartiQLInsert", "data", ["T#a"], undefined],
    [`UPDATE "data" SET a = 'x' WHERE pk = 'T#a' AND sk = '1'`, [], "PartiQLUpdate", "data", ["T#a"], undefined],
    [`DELETE FROM "data" WHERE pk = 'it''s' AND sk = '1'`, [], "PartiQLDelete", "data", ["it's"], undefined],
    [`SELECT * FROM "unknown" WHERE pk = 'T#a'`, [], "PartiQLSelect", "unknown", [], true],
  ])(
    "AW-02 PartiQL is authorized before it is refused: %s",
    (Statement, Parameters, action, resource, leading, scan) => {
      const input = { Statement, ...(Parameters.length === 0 ? {} : { Parameters }) };
      const expected = {
        ...(leading.length === 0 ? {} : keys(...leading)),
        ...(scan === undefined ? {} : { [key("FullTableScan")]: scan }),
      };
      expect(all("ExecuteStatement", input)).toEqual([[`dynamodb:${action}`, resource, expected]]);
      expect(all("ExecuteTransaction", { TransactStatements: [input] })).toEqual([
        [`dynamodb:${action}`, resource, { ...expected, [key("EnclosingOperation")]: "ExecuteTransaction" }],
      ]);
    },
  );

  it("an unknown table yields a check like any other, without keys", () => {
    expect(all("GetItem", { TableName: "unknown", Key: own })).toEqual([
      ["dynamodb:GetItem", "unknown", { [key("Select")]: "ALL_ATTRIBUTES" }],
    ]);
    expect(all("DescribeTable", { TableName: "unknown" })).toEqual([["dynamodb:DescribeTable", "unknown", {}]]);
    expect(all("ImportTable", { TableName: "unknown" })).toEqual([["dynamodb:ImportTable", "unknown", {}]]);
  });

  it("an ARN of another account or region is that resource, and no table of ours", async () => {
    const foreign = "arn:aws:dynamodb:us-east-1:999999999999:table/data";
    const [check] = checksOf("GetItem", { TableName: foreign, Key: own });
    expect(check?.resource).toBe(foreign);
    expect(check?.context[key("LeadingKeys")]).toBeUndefined();
    await expect(service.invoke("DynamoDB_20120810.GetItem", { TableName: foreign, Key: own })).rejects.toMatchObject({
      code: "ResourceNotFoundException",
    });
  });

  it("a key that does not fit the schema gives no leading key to hide behind", () => {
    expect(all("GetItem", { TableName: "data", Key: { sk: S("1") } })).toEqual([
      ["dynamodb:GetItem", "data", { [key("Select")]: "ALL_ATTRIBUTES" }],
    ]);
  });

  it("carries the table's policy and tags", async () => {
    const document = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Principal: "*", Action: "dynamodb:Scan", Resource: "*" }],
    } as const;
    service.putResourcePolicy("data", document);
    await service.invoke("DynamoDB_20120810.TagResource", {
      ResourceArn: `${ARN}/data`,
      Tags: [{ Key: "tier", Value: "shared" }],
    });
    const [check] = checksOf("Scan", { TableName: "data", IndexName: "gsi1" });
    expect(check?.resourcePolicy).toEqual(document);
    expect(check?.context["aws:ResourceTag/tier"]).toBe("shared");
  });
});
