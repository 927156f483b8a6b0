import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  PutItemCommand,
  type TransactWriteItem,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { tableName } from "../../../core/iam/index.ts";
import { boundaryViolations, tables, type TableDefinition } from "../../../core/table/definitions.ts";
import { itemsOf, outcome } from "../aws.ts";
import { newTestId, SITE } from "../world.ts";
import { key, partition, probes, SORT, type Use } from "./scene.ts";
import { check, DATA, DAY, DENIED, get, KEYS, OUTBOX, put, queryIndex, remove, update, write } from "./table-calls.ts";

const c = partition;

export function existenceOracles(use: Use): void {
  const asking = (pk: string, ConditionExpression: string): TransactWriteItem => ({
    ConditionCheck: {
      TableName: DATA,
      Key: key(pk),
      ConditionExpression,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  });
  describe("AW-03 existence oracles", () => {
    it("AW-03 a condition on B's row tells neither that it is there nor that it is not", async () => {
      const { own, b } = use();
      const answers = await Promise.all(
        [c(b, "C"), c(b, "C", `P#${newTestId()}`)].flatMap((pk) =>
          ["attribute_exists(pk)", "attribute_not_exists(pk)"].map((condition) =>
            write(own, asking(pk, condition)).then(
              () => "allowed",
              (error: unknown) => (error as Error).message.replaceAll(/P#\w+/g, ""),
            ),
          ),
        ),
      );
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toContain("dynamodb:ConditionCheckItem");
      expect(answers[0]).not.toContain(b);
    });
    it("AW-03 control: a condition on A's own row is judged", async () => {
      const { own, a } = use();
      expect(await outcome(write(own, check(c(a, "C"))))).toBe("allowed");
      expect(await outcome(write(own, check(c(a, "C", "P#none"))))).toBe("TransactionCanceledException");
    });
    probes("AW-03", use, [
      [
        "UpdateItem that gives back what is there",
        DENIED,
        ({ own, a }) =>
          own.dynamodb.send(
            new UpdateItemCommand({
              TableName: DATA,
              Key: key(c(a, "C")),
              UpdateExpression: "SET n = :n",
              ExpressionAttributeValues: { ":n": { N: "1" } },
              ReturnValues: "ALL_NEW",
            }),
          ),
      ],
      [
        "a write in a transaction that gives back what is there when it fails",
        DENIED,
        ({ own, a }) =>
          write(own, {
            Put: {
              TableName: DATA,
              Item: key(c(a, "C")),
              ConditionExpression: "attribute_not_exists(pk)",
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            },
          }),
      ],
      [
        "the same on an event of the own outbox",
        DENIED,
        ({ own, a }) =>
          own.dynamodb.send(
            new PutItemCommand({
              TableName: OUTBOX,
              Item: key(c(a, "A", DAY), newTestId()),
              ConditionExpression: "attribute_not_exists(pk)",
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            }),
          ),
      ],
      [
        "a table that does not exist is refused like one that does",
        DENIED,
        ({ own, a }) => get(own, c(a, "C"), "keyward-dev-c02-data"),
      ],
    ]);
  });
}

export function plainWrites(use: Use): void {
  const sort = "R#Observation#plain";
  describe("AW-04 writes outside a transaction", () => {
    probes("AW-04", use, [
      [
        "PutItem",
        DENIED,
        ({ own, a }) => own.dynamodb.send(new PutItemCommand({ TableName: DATA, Item: key(c(a, "C"), sort) })),
      ],
      [
        "UpdateItem",
        DENIED,
        ({ own, a }) =>
          own.dynamodb.send(
            new UpdateItemCommand({
              TableName: DATA,
              Key: key(c(a, "C")),
              UpdateExpression: "SET n = :n",
              ExpressionAttributeValues: { ":n": { N: "1" } },
            }),
          ),
      ],
      [
        "DeleteItem",
        DENIED,
        ({ own, a }) => own.dynamodb.send(new DeleteItemCommand({ TableName: DATA, Key: key(c(a, "C")) })),
      ],
      [
        "BatchWriteItem",
        DENIED,
        ({ own, a }) =>
          own.dynamodb.send(
            new BatchWriteItemCommand({ RequestItems: { [DATA]: [{ PutRequest: { Item: key(c(a, "C"), sort) } }] } }),
          ),
      ],
      ["a deletion inside a transaction", DENIED, ({ own, a }) => write(own, remove(c(a, "C")))],
      ["a wrapped key", DENIED, ({ own, a }) => write(own, put(`T#${a}#C#K`, "v#000002", KEYS))],
      ["control: a put in a transaction", "allowed", ({ own, a }) => write(own, put(c(a, "C"), sort))],
      ["control: an update in a transaction", "allowed", ({ own, a }) => write(own, update(c(a, "C")))],
    ]);
    it("AW-04 nothing of the refused writes is there", () => {
      const { world, a } = use();
      const own = itemsOf(world, "data").filter((item) => item["pk"]?.S === c(a, "C"));
      expect(own.map((item) => item["sk"]?.S)).toContain(SORT);
      expect(itemsOf(world, "keys").filter((item) => item["sk"]?.S === "v#000002")).toEqual([]);
    });
  });
}

export function indexBypass(use: Use): void {
  describe("AW-06 index bypass", () => {
    probes("AW-06", use, [
      [
        "an index that is not listed, with the own key",
        DENIED,
        ({ own, a }) => queryIndex(own, c(a, "C", "IX"), "gsi2"),
      ],
      ["control: the listed index", "allowed", ({ own, a }) => queryIndex(own, c(a, "C", "IX"))],
    ]);
    it("AW-06 ISO-5 every table and index that there really is has a declared boundary that holds", async () => {
      for (const definition of Object.values<TableDefinition>(tables)) {
        expect(boundaryViolations(definition)).toEqual([]);
        const TableName = tableName(SITE, definition.name as keyof typeof tables);
        const { Table } = await use().root.dynamodb.send(new DescribeTableCommand({ TableName }));
        const live = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema }) => [
          IndexName,
          ...(KeySchema ?? []).map(({ AttributeName }) => AttributeName),
        ]);
        expect(live).toEqual(definition.indexes.map((index) => [index.name, index.partitionKey, index.sortKey]));
        expect(Table?.LocalSecondaryIndexes ?? []).toEqual([]);
        expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual([
          definition.partitionKey,
          definition.sortKey,
        ]);
      }
    });
    it("AW-06 ISO-5 an index by a number of the chart, or one outside the boundary, is found by the lint", () => {
      const [gsi1] = tables.data.indexes;
      const byNumber: TableDefinition = {
        ...tables.data,
        indexes: [...tables.data.indexes, { ...gsi1, name: "gsi2", partitionKey: "mrn" }],
      };
      expect(boundaryViolations(byNumber)).toEqual([
        "index gsi2 of table data is keyed by mrn, which does not begin with the tenant",
      ]);
      const outside: TableDefinition = {
        ...tables.data,
        indexes: [{ ...gsi1, boundary: { kind: "control-plane", reason: "a report" } }],
      };
      expect(boundaryViolations(outside)).toEqual(["index gsi1 of table data leaves the tenant boundary of its table"]);
    });
  });
}
