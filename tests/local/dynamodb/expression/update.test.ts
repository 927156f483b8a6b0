import { describe, expect, it } from "vitest";
import type { Item } from "../../../../scripts/local/dynamodb/attribute-value.ts";
import { ExpressionNames } from "../../../../scripts/local/dynamodb/expression/names.ts";
import { pathTree, projectItem } from "../../../../scripts/local/dynamodb/expression/path.ts";
import { parseProjection } from "../../../../scripts/local/dynamodb/expression/projection-parser.ts";
import { applyUpdate } from "../../../../scripts/local/dynamodb/expression/update.ts";
import { parseUpdate } from "../../../../scripts/local/dynamodb/expression/update-parser.ts";

const item: Item = {
  n: { N: "5" },
  s: { S: "x" },
  ss: { SS: ["a", "b"] },
  l: { L: [{ S: "0" }, { S: "1" }, { S: "2" }] },
  m: { M: { a: { N: "1" }, deep: { L: [{ M: { k: { N: "7" } } }] } } },
};
const values: Item = {
  ":one": { N: "1" },
  ":half": { N: "0.5" },
  ":x": { S: "x" },
  ":y": { S: "y" },
  ":list": { L: [{ S: "z" }] },
  ":set": { SS: ["b", "c"] },
  ":all": { SS: ["a", "b"] },
  ":nums": { NS: ["1"] },
  ":map": { M: {} },
};
const update = (source: string): Item =>
  applyUpdate(parseUpdate(source, new ExpressionNames({ "#n": "n", "#p": "__proto__" }, values)), item);

describe("updates", () => {
  it.each<[string, Item]>([
    ["SET n = n + :one", { n: { N: "6" } }],
    ["SET n = :one - #n", { n: { N: "-4" } }],
    ["SET n = if_not_exists(n, :one) + :half", { n: { N: "5.5" } }],
    ["SET q = if_not_exists(q, :one)", { q: { N: "1" } }],
    ["SET q = if_not_exists(q, if_not_exists(r, :x))", { q: { S: "x" } }],
    ["SET l = list_append(l, :list)", { l: { L: [{ S: "0" }, { S: "1" }, { S: "2" }, { S: "z" }] } }],
    ["SET l = list_append(:list, if_not_exists(q, :list))", { l: { L: [{ S: "z" }, { S: "z" }] } }],
    ["SET l[1] = :x", { l: { L: [{ S: "0" }, { S: "x" }, { S: "2" }] } }],
    ["SET l[9] = :y, l[5] = :x", { l: { L: [{ S: "0" }, { S: "1" }, { S: "2" }, { S: "x" }, { S: "y" }] } }],
    ["SET m.a = :x, m.b = m.a", { m: { M: { ...(item["m"] as { M: Item }).M, a: { S: "x" }, b: { N: "1" } } } }],
    ["SET m.deep[0].k = :one", { m: { M: { a: { N: "1" }, deep: { L: [{ M: { k: { N: "1" } } }] } } } }],
    ["SET n = s, s = n", { n: { S: "x" }, s: { N: "5" } }],
    ["REMOVE l[0], l[2]", { l: { L: [{ S: "1" }] } }],
    ["SET l[0] = :x REMOVE l[1]", { l: { L: [{ S: "x" }, { S: "2" }] } }],
    ["REMOVE m.nope, l[7]", {}],
    ["ADD n :half, fresh :one", { n: { N: "5.5" }, fresh: { N: "1" } }],
    ["ADD ss :set, fresh :set", { ss: { SS: ["a", "b", "c"] }, fresh: { SS: ["b", "c"] } }],
    ["DELETE ss :set", { ss: { SS: ["a"] } }],
    ["DELETE nope :set", {}],
    ["set n = :one remove s", { n: { N: "1" } }],
    ["SET q = (n + :one)", { q: { N: "6" } }],
  ])("%s", (source, changes) => {
    const after = update(source);
    const removed = /remove s\b/.test(source) ? { s: undefined } : {};
    expect(after).toEqual(JSON.parse(JSON.stringify({ ...item, ...changes, ...removed })));
  });

  it("removes an attribute, and a set that DELETE empties", () => {
    expect(Object.keys(update("REMOVE n, m, l"))).toEqual(["s", "ss"]);
    expect(Object.keys(update("DELETE ss :all"))).toEqual(["n", "s", "l", "m"]);
  });

  it("sets an attribute called __proto__ without touching a prototype", () => {
    const after = update("SET #p = :x");
    expect(Object.hasOwn(after, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(after)).toBe(Object.prototype);
    expect(JSON.stringify(after)).toContain('"__proto__":{"S":"x"}');
  });

  it("leaves the item before it alone", () => {
    const before = structuredClone(item);
    update("SET m.deep[0].k = :x, l[0] = :y ADD n :one DELETE ss :set REMOVE s");
    expect(item).toEqual(before);
  });

  it.each([
    ["SET nope.b = :one", "document path provided in the update expression is invalid for update"],
    ["SET s.b = :one", "document path provided in the update expression is invalid for update"],
    ["SET m[0] = :one", "document path provided in the update expression is invalid for update"],
    ["SET l.a = :one", "document path provided in the update expression is invalid for update"],
    ["REMOVE nope.b", "document path provided in the update expression is invalid for update"],
    ["ADD nope.b :one", "document path provided in the update expression is invalid for update"],
    ["DELETE nope.b :set", "document path provided in the update expression is invalid for update"],
    ["SET n = nope", "refers to an attribute that does not exist in the item"],
    ["SET n = s + :one", "incorrect data type"],
    ["SET l = list_append(n, :list)", "incorrect data type"],
    ["ADD s :one", "incorrect data type"],
    ["ADD ss :nums", "incorrect data type"],
    ["DELETE ss :nums", "incorrect data type"],
    ["SET n = n + :x", "operator or function: +, operand type: S"],
    ["SET l = list_append(l, :x)", "operator or function: list_append, operand type: S"],
    ["ADD n :x", "operator: ADD, operand type: STRING"],
    ["ADD n :map", "operator: ADD, operand type: MAP"],
    ["DELETE ss :one", "operator: DELETE, operand type: NUMBER"],
    ["SET n = :one, n = :half", "Two document paths overlap with each other"],
    ["SET m = :map, m.a = :one", "path one: [m], path two: [m, a]"],
    ["SET m.a = :one, m[0] = :one", "Two document paths conflict with each other"],
    ["SET n = :one SET s = :x", 'The "SET" section can only be used once'],
    ["SET n = upper(s)", "Invalid function name; function: upper"],
    ["SET n = if_not_exists(:one, :one)", "requires a document path; operator or function: if_not_exists"],
    ["SET n = if_not_exists(n)", "operator or function: if_not_exists, number of operands: 1"],
    ["SET", 'Syntax error; token: "<EOF>"'],
    ["SET n", 'Syntax error; token: "<EOF>"'],
    ["SET n = :one + :one + :one", 'Syntax error; token: "+"'],
    ["FOO n :one", 'Syntax error; token: "FOO", near: "FOO n"'],
    ["SET size = :one", "reserved keyword: size"],
    ["", "The expression can not be empty;"],
  ])("refuses %s", (source, message) => {
    expect(() => update(source)).toThrow(message);
  });
});

describe("projections", () => {
  const project = (source: string): Item =>
    projectItem(item, parseProjection(source, new ExpressionNames({ "#n": "n" }, undefined)));

  it.each<[string, Item]>([
    ["#n, s", { n: { N: "5" }, s: { S: "x" } }],
    ["m.a", { m: { M: { a: { N: "1" } } } }],
    ["m.nope, nope", {}],
    ["l[2], l[0]", { l: { L: [{ S: "0" }, { S: "2" }] } }],
    ["m.deep[0].k", { m: { M: { deep: { L: [{ M: { k: { N: "7" } } }] } } } }],
    ["l.a, m[0]", {}],
  ])("%s", (source, expected) => {
    expect(project(source)).toEqual(expected);
  });

  it.each([
    ["m, m.a", "Two document paths overlap with each other"],
    ["m.a, m[0]", "Two document paths conflict with each other"],
    ["n,", 'Syntax error; token: "<EOF>"'],
    ["a b", 'Syntax error; token: "b", near: "a b"'],
    ["#x", "not defined; attribute name: #x"],
    ["year", "reserved keyword: year"],
  ])("refuses %s", (source, message) => {
    expect(() => project(source)).toThrow(message);
  });

  it("an empty tree keeps nothing", () => {
    expect(projectItem(item, pathTree([]))).toEqual({});
  });
});
