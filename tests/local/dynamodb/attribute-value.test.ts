import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttributeValue, Item } from "../../../scripts/local/dynamodb/attribute-value.ts";
import {
  attributeOf,
  compareValues,
  itemSizeBytes,
  keyBytes,
  normaliseItem,
  normaliseValue,
  sameItem,
  sameValue,
  setAttribute,
} from "../../../scripts/local/dynamodb/attribute-value.ts";

const text = fc.string({ unit: "binary", maxLength: 12 }).filter((value) => value.isWellFormed());

describe("attribute values", () => {
  it("normalises numbers that are nested and in sets", () => {
    const item = normaliseItem({
      n: { N: "1.50" },
      m: { M: { x: { N: "007" }, l: { L: [{ N: "1e2" }] } } },
      s: { NS: ["1.0", "2"] },
      b: { B: "YQ==" },
    });
    expect(item).toEqual({
      n: { N: "1.5" },
      m: { M: { x: { N: "7" }, l: { L: [{ N: "100" }] } } },
      s: { NS: ["1", "2"] },
      b: { B: "YQ==" },
    });
  });

  it.each([
    [{}, "ValidationException", "is empty"],
    [{ X: "a" }, "ValidationException", "is empty"],
    [{ S: "a", N: "1" }, "ValidationException", "more than one datatypes"],
    [{ S: 5 }, "SerializationException", "NUMBER_VALUE cannot be converted to String"],
    [{ S: null }, "ValidationException", "is empty"],
    [{ S: "\ud800" }, "SerializationException", "well-formed"],
    [{ NULL: false }, "ValidationException", "must have the value of true"],
    [{ BOOL: "true" }, "SerializationException", "Unexpected token"],
    [{ SS: [] }, "ValidationException", "An string set  may not be empty"],
    [{ NS: ["1", "1.0"] }, "ValidationException", "contains duplicates"],
    [{ B: "!!!!" }, "SerializationException", "Base64"],
    [{ L: "x" }, "SerializationException", ""],
    [{ M: [] }, "SerializationException", ""],
    ["a string", "SerializationException", ""],
  ])("refuses %j", (value, code, message) => {
    expect(() => normaliseValue(value)).toThrow(expect.objectContaining({ code }) as Error);
    expect(() => normaliseValue(value)).toThrow(message);
  });

  it("refuses nesting deeper than 32 levels, and takes 32", () => {
    const nested = (depth: number): unknown =>
      Array.from({ length: depth }).reduce((inner) => ({ L: [inner] }), { S: "x" } as unknown);
    expect(() => normaliseValue(nested(32))).not.toThrow();
    expect(() => normaliseValue(nested(33))).toThrow("Nesting Levels have exceeded supported limits");
    expect(() => normaliseValue(JSON.parse(`${'{"L":['.repeat(20_000)}${"]}".repeat(20_000)}`))).toThrow("Nesting");
  });

  it("holds attributes named like members of Object.prototype", () => {
    const item = normaliseItem(JSON.parse('{"__proto__":{"S":"a"},"constructor":{"S":"b"}}'));
    expect(attributeOf(item, "__proto__")).toEqual({ S: "a" });
    expect(attributeOf(item, "constructor")).toEqual({ S: "b" });
    expect(attributeOf(item, "toString")).toBeUndefined();
    const made: Record<string, AttributeValue> = {};
    setAttribute(made, "__proto__", { S: "a" });
    expect(JSON.stringify(made)).toBe('{"__proto__":{"S":"a"}}');
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
  });

  it("strings compare as their UTF-8 bytes do", () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(Math.sign(compareValues({ S: left }, { S: right }) ?? 9)).toBe(bytes);
        expect(Buffer.compare(keyBytes({ S: left }), keyBytes({ S: right }))).toBe(bytes);
      }),
    );
    expect(compareValues({ S: "\u{1F600}" }, { S: "\uFFFD" })).toBeGreaterThan(0);
  });

  it("sets are equal in any order, lists are not, and types never mix", () => {
    expect(sameValue({ SS: ["a", "b"] }, { SS: ["b", "a"] })).toBe(true);
    expect(sameValue({ L: [{ S: "a" }, { S: "b" }] }, { L: [{ S: "b" }, { S: "a" }] })).toBe(false);
    expect(sameValue({ S: "1" }, { N: "1" })).toBe(false);
    expect(compareValues({ S: "1" }, { N: "1" })).toBeUndefined();
    const item: Item = { a: { M: { x: { NULL: true } } } };
    expect(sameItem(item, structuredClone(item))).toBe(true);
    expect(sameItem(item, { a: { M: {} } })).toBe(false);
  });

  it.each<[Item, number]>([
    [{ pk: { S: "a" } }, 3],
    [{ pk: { S: "é" } }, 4],
    [{ b: { B: "YWI=" } }, 3],
    [{ b: { BOOL: true }, n: { NULL: true } }, 4],
    [{ l: { L: [] } }, 4],
    [{ l: { L: [{ S: "ab" }] } }, 7],
    [{ m: { M: { k: { S: "ab" } } } }, 8],
    [{ s: { SS: ["ab", "c"] } }, 4],
  ])("%j is %i bytes", (item, size) => {
    expect(itemSizeBytes(item)).toBe(size);
  });
});
