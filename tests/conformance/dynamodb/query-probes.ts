import type { QueryCommandInput, QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import { BatchWriteItemCommand, PutItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, expect } from "vitest";
import { probe } from "../deviations.ts";
import type { TableUnderTest } from "./context.ts";
import { N, refusal, S } from "./context.ts";

/** Query and Scan over the table and its index. */
export function queryProbes(open: () => TableUnderTest): void {
  const query = (input: Partial<QueryCommandInput>): Promise<QueryCommandOutput> =>
    open().client.send(new QueryCommand({ TableName: open().TableName, ...input }));
  const sks = (output: QueryCommandOutput): string[] => (output.Items ?? []).map((item) => item["sk"]?.S ?? "");
  const own = { KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": S("query") } };
  const byIndex = {
    IndexName: "gsi1",
    KeyConditionExpression: "gpk = :g",
    ExpressionAttributeValues: { ":g": S("group") },
  };

  beforeAll(async () => {
    const items = Array.from({ length: 8 }, (_, n) => ({
      pk: S("query"),
      sk: S(`${n % 2 === 0 ? "even" : "odd"}#${String(n)}`),
      v: N(n),
      ...(n < 5 ? { gpk: S("group"), gsk: S(String(9 - n)) } : {}),
    }));
    await open().client.send(
      new BatchWriteItemCommand({
        RequestItems: { [open().TableName]: items.map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
  });

  probe("ddb-query-order", "items come in the order of the sort key, or backwards", async () => {
    const forward = sks(await query(own));
    expect(forward).toEqual(["even#0", "even#2", "even#4", "even#6", "odd#1", "odd#3", "odd#5", "odd#7"]);
    expect(sks(await query({ ...own, ScanIndexForward: false }))).toEqual(forward.toReversed());
  });

  probe(
    "ddb-query-range",
    "comparisons, BETWEEN and begins_with bound the sort key, aliased and parenthesised",
    async () => {
      const range = async (condition: string, values: Record<string, { S: string }>): Promise<string[]> =>
        sks(
          await query({
            KeyConditionExpression: `(#p = :p) AND (${condition})`,
            ExpressionAttributeNames: { "#p": "pk" },
            ExpressionAttributeValues: { ":p": S("query"), ...values },
          }),
        );
      expect(await range("begins_with(sk, :a)", { ":a": S("odd#") })).toEqual(["odd#1", "odd#3", "odd#5", "odd#7"]);
      expect(await range("sk BETWEEN :a AND :b", { ":a": S("even#4"), ":b": S("odd#1") })).toEqual([
        "even#4",
        "even#6",
        "odd#1",
      ]);
      expect(await range("sk > :a", { ":a": S("odd#3") })).toEqual(["odd#5", "odd#7"]);
      expect(await range("sk <= :a", { ":a": S("even#2") })).toEqual(["even#0", "even#2"]);
      expect(await range("sk = :a", { ":a": S("odd#3") })).toEqual(["odd#3"]);
    },
  );

  probe("ddb-query-filter", "a filter hides after the read: ScannedCount counts what was read", async () => {
    const output = await query({
      ...own,
      FilterExpression: "v > :min AND NOT contains(sk, :o)",
      ExpressionAttributeValues: { ":p": S("query"), ":min": N(1), ":o": S("x") },
      ProjectionExpression: "v",
    }).catch((error: unknown) => error as Error);
    // A filter over a key attribute is refused.
    expect(output).toMatchObject({ name: "ValidationException" });
    const filtered = await query({
      ...own,
      FilterExpression: "v > :min",
      ExpressionAttributeValues: { ":p": S("query"), ":min": N(5) },
      ProjectionExpression: "v",
    });
    expect(filtered).toMatchObject({ Count: 2, ScannedCount: 8, Items: [{ v: N(6) }, { v: N(7) }] });
  });

  probe("ddb-query-count", "Select COUNT gives numbers and no items", async () => {
    const output = await query({ ...own, Select: "COUNT" });
    expect(output).toMatchObject({ Count: 8, ScannedCount: 8 });
    expect(output.Items).toBeUndefined();
  });

  probe("ddb-query-exact-limit", "a Limit met exactly on the last item still gives a last key", async () => {
    const page = await query({ ...own, Limit: 8 });
    expect(page.Count).toBe(8);
    expect(page.LastEvaluatedKey).toEqual({ pk: S("query"), sk: S("odd#7") });
    const rest = await query({ ...own, Limit: 8, ExclusiveStartKey: page.LastEvaluatedKey });
    expect(rest).toMatchObject({ Count: 0 });
    expect(rest.LastEvaluatedKey).toBeUndefined();
  });

  probe("ddb-gsi-paging", "an index pages by its own key: every item once, in order", async () => {
    const seen: string[] = [];
    let ExclusiveStartKey: QueryCommandOutput["LastEvaluatedKey"];
    let pages = 0;
    do {
      const page: QueryCommandOutput = await query({ ...byIndex, Limit: 2, ExclusiveStartKey });
      seen.push(...(page.Items ?? []).map((item) => item["gsk"]?.S ?? ""));
      ExclusiveStartKey = page.LastEvaluatedKey;
      pages += 1;
      expect(pages).toBeLessThan(10);
    } while (ExclusiveStartKey !== undefined);
    expect(seen).toEqual(["5", "6", "7", "8", "9"]);
  });

  probe("ddb-gsi-consistent", "a consistent read of a global index is refused", async () => {
    expect(await refusal(query({ ...byIndex, ConsistentRead: true }))).toMatchObject({
      name: "ValidationException",
      message: "Consistent reads are not supported on global secondary indexes",
    });
  });

  probe("ddb-gsi-sparse", "an index holds the items that have its key, and follows their changes", async () => {
    const put = (extra: Record<string, { S: string }>) =>
      open().client.send(
        new PutItemCommand({ TableName: open().TableName, Item: { pk: S("sparse"), sk: S("1"), ...extra } }),
      );
    const found = async (group: string): Promise<number | undefined> =>
      (await query({ ...byIndex, ExpressionAttributeValues: { ":g": S(group) } })).Count;
    await put({ gpk: S("one"), gsk: S("a") });
    await expect.poll(() => found("one"), { timeout: 10_000 }).toBe(1);
    await put({ gpk: S("two"), gsk: S("a") });
    await expect.poll(() => found("two"), { timeout: 10_000 }).toBe(1);
    await expect.poll(() => found("one"), { timeout: 10_000 }).toBe(0);
    await put({ gpk: S("two") });
    await expect.poll(() => found("two"), { timeout: 10_000 }).toBe(0);
  });

  probe("ddb-query-refused", "key conditions that DynamoDB cannot answer are refused", async () => {
    const values = { ":p": S("query"), ":s": S("x") };
    for (const [condition, message] of [
      ["sk = :s", "Query condition missed key schema element: pk"],
      ["pk > :p", "Query key condition not supported"],
      ["pk = :p OR sk = :s", "Invalid operator used in KeyConditionExpression: OR"],
      ["pk = :p AND v = :s", "Query condition missed key schema element: sk"],
    ] as const) {
      const used = Object.fromEntries(Object.entries(values).filter(([key]) => condition.includes(key)));
      const error = await refusal(query({ KeyConditionExpression: condition, ExpressionAttributeValues: used }));
      expect(error).toMatchObject({ name: "ValidationException", message });
    }
    expect((await refusal(query({ ...own, IndexName: "nothing" }))).message).toBe(
      "The table does not have the specified index: nothing",
    );
    const outside = await refusal(query({ ...own, ExclusiveStartKey: { pk: S("other"), sk: S("1") } }));
    expect(outside.message).toContain("The provided starting key is outside query boundaries");
  });

  probe("ddb-page-size", "a page ends at 1 MB", async () => {
    const big = "x".repeat(350 * 1024);
    for (const sk of ["1", "2", "3", "4"]) {
      await open().client.send(
        new PutItemCommand({ TableName: open().TableName, Item: { pk: S("pages"), sk: S(sk), big: S(big) } }),
      );
    }
    const input = { ...own, ExpressionAttributeValues: { ":p": S("pages") } };
    const first = await query(input);
    expect(first.Count).toBeLessThan(4);
    expect(first.LastEvaluatedKey).toBeDefined();
    const second = await query({ ...input, ExclusiveStartKey: first.LastEvaluatedKey });
    expect((first.Count ?? 0) + (second.Count ?? 0)).toBe(4);
  });

  probe("ddb-scan-segments", "the segments of a parallel scan hold every item once", async () => {
    const TotalSegments = 3;
    const seen: string[] = [];
    for (let Segment = 0; Segment < TotalSegments; Segment += 1) {
      const { Items = [] } = await open().client.send(
        new ScanCommand({ TableName: open().TableName, IndexName: "gsi1", Segment, TotalSegments }),
      );
      seen.push(...Items.map((item) => `${String(item["pk"]?.S)}/${String(item["sk"]?.S)}`));
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((name) => name.startsWith("query/"))).toHaveLength(5);
  });
}
