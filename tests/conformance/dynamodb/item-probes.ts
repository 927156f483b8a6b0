import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { expect } from "vitest";
import { probe } from "../deviations.ts";
import type { TableUnderTest } from "./context.ts";
import { N, refusal, S } from "./context.ts";

/** Single items: conditions, updates, returned values, limits, and how values come back. */
export function itemProbes(open: () => TableUnderTest): void {
  const put = (Item: PutItemCommand["input"]["Item"], extra: Partial<PutItemCommand["input"]> = {}) =>
    open().client.send(new PutItemCommand({ TableName: open().TableName, Item, ...extra }));
  const update = (
    pk: string,
    UpdateExpression: string | undefined,
    ExpressionAttributeValues?: UpdateItemCommand["input"]["ExpressionAttributeValues"],
    extra: Partial<UpdateItemCommand["input"]> = {},
  ) =>
    open().client.send(
      new UpdateItemCommand({
        TableName: open().TableName,
        Key: { pk: S(pk), sk: S("1") },
        UpdateExpression,
        ExpressionAttributeValues,
        ...extra,
      }),
    );

  probe("ddb-put-condition", "a put whose condition fails changes nothing", async () => {
    const condition = { ConditionExpression: "attribute_not_exists(pk)" };
    await put({ pk: S("condition"), sk: S("1"), v: N(1) }, condition);
    const error = await refusal(put({ pk: S("condition"), sk: S("1"), v: N(2) }, condition));
    expect(error.name).toBe("ConditionalCheckFailedException");
    expect(error.message).toBe("The conditional request failed");
    expect(error["Item"]).toBeUndefined();
    expect(await open().get("condition", "1")).toMatchObject({ v: N(1) });
  });

  probe("ddb-return-on-condition-failure", "a failed condition gives the item back on request", async () => {
    await put({ pk: S("rvoccf"), sk: S("1"), v: N(1) });
    const error = await refusal(
      put(
        { pk: S("rvoccf"), sk: S("1") },
        { ConditionExpression: "attribute_not_exists(pk)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" },
      ),
    );
    expect(error["Item"]).toEqual({ pk: S("rvoccf"), sk: S("1"), v: N(1) });
  });

  probe("ddb-update", "SET, REMOVE, ADD and list functions in one update", async () => {
    await put({ pk: S("update"), sk: S("1"), v: N(1), gone: S("x") });
    const { Attributes } = await update(
      "update",
      "SET #l = list_append(if_not_exists(#l, :e), :x), w = v + :one REMOVE gone, never ADD v :one, ss :ss",
      { ":e": { L: [] }, ":x": { L: [S("a")] }, ":one": N(1), ":ss": { SS: ["a", "b"] } },
      { ExpressionAttributeNames: { "#l": "list" }, ReturnValues: "ALL_NEW" },
    );
    expect({ ...Attributes, ss: { SS: Attributes?.["ss"]?.SS?.toSorted() } }).toEqual({
      pk: S("update"),
      sk: S("1"),
      v: N(2),
      w: N(2),
      list: { L: [S("a")] },
      ss: { SS: ["a", "b"] },
    });
  });

  probe("ddb-update-missing-parent", "SET, ADD, REMOVE and DELETE below a missing parent are refused", async () => {
    await put({ pk: S("parent"), sk: S("1") });
    const message = "The document path provided in the update expression is invalid for update";
    for (const [expression, values] of [
      ["SET a.b = :v", { ":v": N(1) }],
      ["ADD a.b :v", { ":v": N(1) }],
      ["REMOVE a.b", undefined],
      ["DELETE a.b :v", { ":v": { SS: ["x"] } }],
    ] as [string, UpdateItemCommand["input"]["ExpressionAttributeValues"]][]) {
      expect(await refusal(update("parent", expression, values))).toMatchObject({
        name: "ValidationException",
        message,
      });
    }
  });

  probe(
    "ddb-update-returned",
    "UPDATED_OLD and UPDATED_NEW give what the expression names, as deep as it names it",
    async () => {
      await put({ pk: S("returned"), sk: S("1"), m: { M: { a: N(1), b: N(2) } }, same: N(7), other: S("x") });
      const old = await update(
        "returned",
        "SET m.a = :v, same = :s",
        { ":v": N(5), ":s": N(7) },
        { ReturnValues: "UPDATED_OLD" },
      );
      expect(old.Attributes).toEqual({ m: { M: { a: N(1) } }, same: N(7) });
      const fresh = await update("returned", "SET m.a = :v", { ":v": N(6) }, { ReturnValues: "UPDATED_NEW" });
      expect(fresh.Attributes).toEqual({ m: { M: { a: N(6) } } });
    },
  );

  probe("ddb-update-creates", "an update of a missing item makes it, unless a condition says otherwise", async () => {
    await update("created", undefined);
    expect(await open().get("created", "1")).toEqual({ pk: S("created"), sk: S("1") });
    const error = await refusal(
      update("never", "SET v = :v", { ":v": N(1) }, { ConditionExpression: "attribute_exists(pk)" }),
    );
    expect(error.name).toBe("ConditionalCheckFailedException");
    expect(await open().get("never", "1")).toBeUndefined();
  });

  probe("ddb-update-key", "a key attribute cannot be updated", async () => {
    expect(await refusal(update("k", "SET sk = :v", { ":v": S("2") }))).toMatchObject({
      name: "ValidationException",
      message:
        "One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key",
    });
  });

  probe("ddb-delete", "a delete gives the old item back, and a missing item is no error", async () => {
    await put({ pk: S("delete"), sk: S("1"), v: N(1) });
    const request = {
      TableName: open().TableName,
      Key: { pk: S("delete"), sk: S("1") },
      ReturnValues: "ALL_OLD",
    } as const;
    expect((await open().client.send(new DeleteItemCommand(request))).Attributes).toMatchObject({ v: N(1) });
    const again = await open().client.send(new DeleteItemCommand(request));
    expect(again.Attributes).toBeUndefined();
    expect(again.ConsumedCapacity).toBeUndefined();
  });

  probe("ddb-batches", "a batch writes and reads; what is missing is left out, duplicates are refused", async () => {
    const { client, TableName } = open();
    const keys = ["1", "2", "3"].map((sk) => ({ pk: S("batch"), sk: S(sk) }));
    const written = await client.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: keys.slice(0, 2).map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
    expect(written.UnprocessedItems).toEqual({});
    const read = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: keys } } }));
    expect(read.Responses?.[TableName]).toHaveLength(2);
    expect(read.UnprocessedKeys).toEqual({});
    const twice = { [TableName]: { Keys: [keys[0] ?? {}, keys[0] ?? {}] } };
    expect(await refusal(client.send(new BatchGetItemCommand({ RequestItems: twice })))).toMatchObject({
      name: "ValidationException",
      message: "Provided list of item keys contains duplicates",
    });
    const many = Array.from({ length: 26 }, (_, n) => ({ PutRequest: { Item: { pk: S("many"), sk: S(String(n)) } } }));
    const error = await refusal(client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: many } })));
    expect(error.name).toBe("ValidationException");
  });

  probe("ddb-number-normal", "numbers come back in their normal form, nested and in sets too", async () => {
    await put({
      pk: S("normal"),
      sk: S("1"),
      n: N("01.50"),
      m: { M: { x: N("007"), l: { L: [N("1e3")] } } },
      s: { NS: ["1.0", "20"] },
      big: N("1e30"),
      small: N("-0.00010"),
    });
    const item = await open().get("normal", "1");
    expect({ ...item, s: { NS: item?.["s"]?.NS?.toSorted() } }).toEqual({
      pk: S("normal"),
      sk: S("1"),
      n: N("1.5"),
      m: { M: { x: N("7"), l: { L: [N("1000")] } } },
      s: { NS: ["1", "20"] },
      big: N("1000000000000000000000000000000"),
      small: N("-0.0001"),
    });
  });

  probe("ddb-number-limits", "38 digits are kept, more are refused, and so is a magnitude out of range", async () => {
    const digits = "12345678901234567890123456789012345678";
    await put({ pk: S("digits"), sk: S("1"), n: N(digits) });
    expect(await open().get("digits", "1")).toMatchObject({ n: N(digits) });
    for (const [text, message] of [
      [`${digits}9`, "Attempting to store more than 38 significant digits in a Number"],
      ["1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range"],
      ["1e-131", "Number underflow. Attempting to store a number with magnitude smaller than supported range"],
    ] as const) {
      const error = await refusal(put({ pk: S("digits"), sk: S("2"), n: N(text) }));
      expect(error.name).toBe("ValidationException");
      expect(error.message).toContain(message);
    }
  });

  probe("ddb-item-size", "400 KB fit, one byte more does not", async () => {
    const overhead = "pk".length + "size".length + "sk".length + "1".length + "b".length;
    const fill = (bytes: number) => ({ pk: S("size"), sk: S("1"), b: S("x".repeat(bytes - overhead)) });
    await put(fill(400 * 1024));
    expect(await refusal(put(fill(400 * 1024 + 1)))).toMatchObject({
      name: "ValidationException",
      message: "Item size has exceeded the maximum allowed size",
    });
    expect(await refusal(update("size", "SET c = :c", { ":c": N(1) }))).toMatchObject({
      name: "ValidationException",
      message: "Item size to update has exceeded the maximum allowed size",
    });
  });

  probe("ddb-key-limits", "keys: 2048 and 1024 bytes, never empty, of their type", async () => {
    await put({ pk: S("k".repeat(2048)), sk: S("s".repeat(1024)) });
    const long = await refusal(put({ pk: S("k".repeat(2049)), sk: S("1") }));
    expect(long.message).toMatch(/Size of hashkey has exceeded the maximum size limit of ?2048 bytes/);
    const range = await refusal(put({ pk: S("k"), sk: S("s".repeat(1025)) }));
    expect(range.message).toContain("Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
    expect((await refusal(put({ pk: S(""), sk: S("1") }))).message).toBe(
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk",
    );
    expect((await refusal(put({ pk: S("k") }))).message).toBe(
      "One or more parameter values were invalid: Missing the key sk in the item",
    );
    expect((await refusal(put({ pk: N(1), sk: S("1") }))).message).toBe(
      "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N",
    );
    const get = { TableName: open().TableName, Key: { pk: S("k") } };
    expect((await refusal(open().client.send(new GetItemCommand(get)))).message).toBe(
      "The provided key element does not match the schema",
    );
  });

  probe("ddb-index-key", "an index key of another type, or an empty one, is refused with the item", async () => {
    expect((await refusal(put({ pk: S("ix"), sk: S("1"), gpk: N(1), gsk: S("1") }))).message).toBe(
      "One or more parameter values were invalid: Type mismatch for Index Key gpk Expected: S Actual: N IndexName: gsi1",
    );
    expect((await refusal(put({ pk: S("ix"), sk: S("1"), gpk: S(""), gsk: S("1") }))).message).toContain(
      "cannot contain an empty string value. IndexName: gsi1, IndexKey: gpk",
    );
    expect(await open().get("ix", "1")).toBeUndefined();
  });

  probe("ddb-expression-names", "names and values must be defined, used, and not be reserved words", async () => {
    const Item = { pk: S("names"), sk: S("1") };
    for (const [extra, message] of [
      [{ ConditionExpression: "#a = :v", ExpressionAttributeValues: { ":v": N(1) } }, "attribute name: #a"],
      [{ ConditionExpression: "a = :v" }, "attribute value: :v"],
      [{ ConditionExpression: "status = :v", ExpressionAttributeValues: { ":v": N(1) } }, "reserved keyword: status"],
      [
        { ConditionExpression: "attribute_exists(pk)", ExpressionAttributeNames: { "#u": "u" } },
        "Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}",
      ],
      [
        { ConditionExpression: "attribute_exists(pk)", ExpressionAttributeValues: { ":u": N(1) } },
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}",
      ],
      [{ ConditionExpression: "a b" }, 'Invalid ConditionExpression: Syntax error; token: "b", near: "a b"'],
      [{ ConditionExpression: "" }, "Invalid ConditionExpression: The expression can not be empty;"],
    ] as const) {
      const error = await refusal(put(Item, extra));
      expect(error.name).toBe("ValidationException");
      expect(error.message).toContain(message);
    }
  });

  probe("ddb-unknown-table", "an unknown table is said to be unknown", async () => {
    const call = open().client.send(
      new GetItemCommand({ TableName: "no-such-table-here", Key: { pk: S("a"), sk: S("b") } }),
    );
    expect(await refusal(call)).toMatchObject({
      name: "ResourceNotFoundException",
      message: "Requested resource not found",
    });
  });
}
