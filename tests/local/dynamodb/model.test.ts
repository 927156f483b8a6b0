import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DynamoDb } from "../../../scripts/local/dynamodb/index.ts";
import { ServiceError } from "../../../scripts/local/service.ts";
import { openService, TestClock } from "./server.ts";

/*
 * The service against a model that is a Map and a sort. Sort keys are numbers, so that the model's order is arithmetic
 * and ours is that of bytes.
 */

interface Row {
  readonly pk: string;
  readonly sk: number;
  readonly v?: number;
  readonly g?: string;
}
type State = ReadonlyMap<string, Row>;

const idOf = (row: Pick<Row, "pk" | "sk">): string => `${row.pk}/${String(row.sk)}`;
const numbers = [-1e20, -12.5, -12, 0, 0.001, 2, 10];
const plain = (value: number): string =>
  value.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 10 });

const key = fc.record({ pk: fc.constantFrom("a", "b"), sk: fc.constantFrom(...numbers) });
const group = fc.option(fc.constantFrom("g", "h"), { nil: undefined });
const condition = fc.constantFrom("none", "exists", "absent", "below3");

type Write = { readonly key: Pick<Row, "pk" | "sk">; readonly condition: string } & (
  | { readonly kind: "Put"; readonly v: number; readonly g: string | undefined }
  | { readonly kind: "Delete" }
  | { readonly kind: "Add"; readonly v: number }
  | { readonly kind: "Group"; readonly g: string | undefined }
);

const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constant("Put" as const), key, condition, v: fc.integer({ min: 0, max: 5 }), g: group }),
  fc.record({ kind: fc.constant("Delete" as const), key, condition }),
  fc.record({ kind: fc.constant("Add" as const), key, condition, v: fc.integer({ min: -2, max: 2 }) }),
  fc.record({ kind: fc.constant("Group" as const), key, condition, g: group }),
);

type Step =
  | { readonly kind: "write"; readonly write: Write }
  | { readonly kind: "transaction"; readonly writes: readonly Write[] }
  | {
      readonly kind: "query";
      readonly pk: string;
      readonly low: number;
      readonly high: number;
      readonly forward: boolean;
      readonly limit: number;
    }
  | { readonly kind: "index"; readonly g: string; readonly limit: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const), write }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("transaction" as const),
      writes: fc.uniqueArray(write, { minLength: 1, maxLength: 5, selector: (one) => idOf(one.key) }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("query" as const),
      pk: fc.constantFrom("a", "b"),
      low: fc.constantFrom(...numbers),
      high: fc.constantFrom(...numbers),
      forward: fc.boolean(),
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("index" as const),
      g: fc.constantFrom("g", "h"),
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
);

const holds = (row: Row | undefined, rule: string): boolean =>
  rule === "none" ||
  (rule === "exists" && row !== undefined) ||
  (rule === "absent" && row === undefined) ||
  (rule === "below3" && row?.v !== undefined && row.v < 3);

/** The state after a write, or undefined where its condition fails. */
function applied(state: State, one: Write): State | undefined {
  const id = idOf(one.key);
  const row = state.get(id);
  if (!holds(row, one.condition)) return undefined;
  const next = new Map(state);
  switch (one.kind) {
    case "Put":
      next.set(id, { ...one.key, v: one.v, ...(one.g === undefined ? {} : { g: one.g }) });
      break;
    case "Delete":
      next.delete(id);
      break;
    case "Add":
      next.set(id, { ...one.key, ...row, v: (row?.v ?? 0) + one.v });
      break;
    case "Group": {
      const { g: _old, ...rest } = { ...one.key, ...row };
      next.set(id, one.g === undefined ? rest : { ...rest, g: one.g });
    }
  }
  return next;
}

const CONDITIONS: Record<string, { text: string; values: object } | undefined> = {
  exists: { text: "attribute_exists(pk)", values: {} },
  absent: { text: "attribute_not_exists(pk)", values: {} },
  below3: { text: "v < :three", values: { ":three": { N: "3" } } },
};

const keyOf = (row: Pick<Row, "pk" | "sk">) => ({ pk: { S: row.pk }, sk: { N: plain(row.sk) } });
const itemOf = (row: Row) => ({
  ...keyOf(row),
  ...(row.v === undefined ? {} : { v: { N: plain(row.v) } }),
  ...(row.g === undefined ? {} : { g: { S: row.g } }),
});

/** The members of the write as the API takes them. */
function request(
  TableName: string,
  one: Write,
): { operation: "Put" | "Delete" | "Update"; members: Record<string, unknown> } {
  const check = CONDITIONS[one.condition];
  const update = {
    Put: undefined,
    Delete: undefined,
    Add: { text: "ADD v :v", values: one.kind === "Add" ? { ":v": { N: plain(one.v) } } : {} },
    Group:
      one.kind === "Group" && one.g !== undefined
        ? { text: "SET g = :g", values: { ":g": { S: one.g } } }
        : { text: "REMOVE g", values: {} },
  }[one.kind];
  const values = { ...check?.values, ...update?.values };
  return {
    operation: one.kind === "Put" || one.kind === "Delete" ? one.kind : "Update",
    members: {
      TableName,
      ...(one.kind === "Put"
        ? { Item: itemOf({ ...one.key, v: one.v, ...(one.g === undefined ? {} : { g: one.g }) }) }
        : { Key: keyOf(one.key) }),
      ...(check === undefined ? {} : { ConditionExpression: check.text }),
      ...(update === undefined ? {} : { UpdateExpression: update.text }),
      ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    },
  };
}

describe("the service and its model", () => {
  let service: DynamoDb;
  let round = 0;
  beforeAll(() => {
    service = openService(new TestClock());
  });
  afterAll(() => service.close());

  const send = async (
    operation: string,
    input: Record<string, unknown>,
  ): Promise<Record<string, unknown> | ServiceError> => {
    try {
      return await service.invoke(`DynamoDB_20120810.${operation}`, input);
    } catch (error) {
      if (error instanceof ServiceError) return error;
      throw error;
    }
  };

  const newTable = (): string => {
    round += 1;
    const TableName = `model-${String(round)}`;
    service.createTable({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "N" },
        { AttributeName: "g", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-group",
          KeySchema: [
            { AttributeName: "g", KeyType: "HASH" },
            { AttributeName: "sk", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    });
    return TableName;
  };

  /** Every page of a query, one after the other. */
  async function pages(input: Record<string, unknown>): Promise<unknown[]> {
    const items: unknown[] = [];
    let ExclusiveStartKey: unknown;
    for (let page = 0; page < 100; page += 1) {
      const answer = (await send("Query", { ...input, ExclusiveStartKey })) as Record<string, unknown>;
      items.push(...(answer["Items"] as unknown[]));
      ExclusiveStartKey = answer["LastEvaluatedKey"];
      if (ExclusiveStartKey === undefined) return items;
    }
    throw new Error("the query never ended");
  }

  async function run(TableName: string, state: State, one: Step): Promise<State> {
    switch (one.kind) {
      case "write": {
        const { operation, members } = request(TableName, one.write);
        const answer = await send(`${operation}Item`, members);
        const next = applied(state, one.write);
        if (next === undefined) expect(answer).toMatchObject({ code: "ConditionalCheckFailedException" });
        else expect(answer).toEqual({});
        return next ?? state;
      }
      case "transaction": {
        const answer = await send("TransactWriteItems", {
          TransactItems: one.writes.map((single) => {
            const { operation, members } = request(TableName, single);
            return { [operation]: members };
          }),
        });
        // Every condition is judged by the state before the transaction: the items are distinct.
        const codes = one.writes.map((single) =>
          applied(state, single) === undefined ? "ConditionalCheckFailed" : "None",
        );
        if (codes.every((code) => code === "None")) {
          expect(answer).toEqual({});
          return one.writes.reduce<State>((current, single) => applied(current, single) ?? current, state);
        }
        expect(answer).toMatchObject({
          code: "TransactionCanceledException",
          fields: { CancellationReasons: codes.map((Code) => ({ Code })) },
        });
        return state;
      }
      case "query": {
        if (one.low > one.high) return state;
        const expected = [...state.values()]
          .filter((row) => row.pk === one.pk && row.sk >= one.low && row.sk <= one.high)
          .toSorted((a, b) => (one.forward ? a.sk - b.sk : b.sk - a.sk));
        const items = await pages({
          TableName,
          KeyConditionExpression: "pk = :p AND sk BETWEEN :a AND :b",
          ExpressionAttributeValues: { ":p": { S: one.pk }, ":a": { N: plain(one.low) }, ":b": { N: plain(one.high) } },
          ScanIndexForward: one.forward,
          Limit: one.limit,
        });
        expect(items).toEqual(expected.map(itemOf));
        return state;
      }
      case "index": {
        const expected = [...state.values()]
          .filter((row) => row.g === one.g)
          .toSorted((a, b) => a.sk - b.sk || (a.pk < b.pk ? -1 : 1));
        const items = await pages({
          TableName,
          IndexName: "by-group",
          KeyConditionExpression: "g = :g",
          ExpressionAttributeValues: { ":g": { S: one.g } },
          Limit: one.limit,
        });
        expect(items).toEqual(expected.map(itemOf));
        return state;
      }
    }
  }

  it("agree on any history of writes, transactions and queries, and the stream tells it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: "max" }), async (steps) => {
        const TableName = newTable();
        let state: State = new Map();
        for (const one of steps) state = await run(TableName, state, one);
        for (const g of ["g", "h"]) await run(TableName, state, { kind: "index", g, limit: 2 });
        for (const pk of ["a", "b"]) {
          for (const forward of [true, false]) {
            await run(TableName, state, { kind: "query", pk, low: -1e20, high: 10, forward, limit: 2 });
          }
        }
        const byId = (a: Row, b: Row): number => (a.pk === b.pk ? a.sk - b.sk : a.pk < b.pk ? -1 : 1);
        expect(service.dumpItems(TableName)).toEqual([...state.values()].toSorted(byId).map(itemOf));
        expect(await replayed(TableName)).toEqual([...state.values()].toSorted(byId).map(itemOf));
      }),
      { numRuns: 120 },
    );
  });

  /** The items that a reader of the stream ends with, each record checked against the one before it. */
  async function replayed(TableName: string): Promise<unknown[]> {
    const StreamArn = service.findTable(TableName)?.streamArn;
    const streams = (operation: string, input: object) =>
      service.invoke(`DynamoDBStreams_20120810.${operation}`, { StreamArn, ...input });
    const { StreamDescription } = (await streams("DescribeStream", {})) as {
      StreamDescription: { Shards: { ShardId: string }[] };
    };
    const { ShardIterator } = await streams("GetShardIterator", {
      ShardId: StreamDescription.Shards[0]?.ShardId,
      ShardIteratorType: "TRIM_HORIZON",
    });
    const { Records } = (await service.invoke("DynamoDBStreams_20120810.GetRecords", { ShardIterator })) as {
      Records: { eventName: string; dynamodb: { Keys: object; OldImage?: object; NewImage?: object } }[];
    };
    const items = new Map<string, object>();
    for (const { eventName, dynamodb } of Records) {
      const id = JSON.stringify(dynamodb.Keys);
      expect(dynamodb.OldImage).toEqual(items.get(id));
      expect(eventName).toBe(
        dynamodb.NewImage === undefined ? "REMOVE" : dynamodb.OldImage === undefined ? "INSERT" : "MODIFY",
      );
      expect(dynamodb.NewImage).not.toEqual(dynamodb.OldImage);
      if (dynamodb.NewImage === undefined) items.delete(id);
      else items.set(id, dynamodb.NewImage);
    }
    const rows = [...items.values()] as { pk: { S: string }; sk: { N: string } }[];
    return rows.toSorted((a, b) => (a.pk.S === b.pk.S ? Number(a.sk.N) - Number(b.sk.N) : a.pk.S < b.pk.S ? -1 : 1));
  }
});
