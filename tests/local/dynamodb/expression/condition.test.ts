import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Item } from "../../../../scripts/local/dynamodb/attribute-value.ts";
import { attributesIn, meets } from "../../../../scripts/local/dynamodb/expression/condition.ts";
import { parseCondition } from "../../../../scripts/local/dynamodb/expression/condition-parser.ts";
import { parseKeyCondition } from "../../../../scripts/local/dynamodb/expression/key-condition.ts";
import { ExpressionNames } from "../../../../scripts/local/dynamodb/expression/names.ts";
import { parseProjection } from "../../../../scripts/local/dynamodb/expression/projection-parser.ts";
import { parseUpdate } from "../../../../scripts/local/dynamodb/expression/update-parser.ts";
import { ServiceError } from "../../../../scripts/local/service.ts";

const item: Item = {
  pk: { S: "p" },
  n: { N: "5" },
  s: { S: "hello" },
  b: { B: "aGVsbG8=" },
  t: { BOOL: true },
  z: { NULL: true },
  ss: { SS: ["a", "b"] },
  ns: { NS: ["1", "2"] },
  bs: { BS: ["YQ=="] },
  l: { L: [{ N: "1" }, { S: "x" }, { M: { k: { N: "9" } } }] },
  m: { M: { a: { M: { b: { N: "3" } } }, "dotted.name": { S: "d" } } },
};
const values: Item = {
  ":five": { N: "5" },
  ":six": { N: "6" },
  ":one": { N: "1" },
  ":nine": { N: "9" },
  ":three": { N: "3" },
  ":he": { S: "he" },
  ":hello": { S: "hello" },
  ":a": { S: "a" },
  ":x": { S: "x" },
  ":d": { S: "d" },
  ":ell": { S: "ell" },
  ":S": { S: "S" },
  ":M": { S: "M" },
  ":bin": { B: "aGU=" },
  ":true": { BOOL: true },
  ":null": { NULL: true },
  ":set": { SS: ["b", "a"] },
  ":list": { L: [] },
  ":long": { S: "a very long type" },
};
const names = { "#s": "s", "#d": "dotted.name", "#m": "m", "#status": "status" };

const env = () => new ExpressionNames(names, values);
const test = (source: string): boolean => meets(parseCondition("ConditionExpression", source, env()), item);

describe("conditions", () => {
  it.each([
    ["n = :five", true],
    ["n <> :five", false],
    ["absent <> :five", true],
    ["absent = :five", false],
    ["NOT absent = :five", true],
    ["n < :six AND n <= :five AND n >= :five AND n > :one", true],
    ["n < :he", false],
    ["n BETWEEN :one AND :six", true],
    ["s between :he and :hello", true],
    ["n IN (:one, :five)", true],
    ["n in (:one, :six)", false],
    ["attribute_exists(m.a.b)", true],
    ["attribute_not_exists(m.a.c)", true],
    ["attribute_exists(l[2].k)", true],
    ["attribute_exists(l[3])", false],
    ["attribute_type(s, :S)", true],
    ["attribute_type(m, :M)", true],
    ["begins_with(#s, :he)", true],
    ["begins_with(b, :bin)", true],
    ["begins_with(n, :he)", false],
    ["contains(s, :ell)", true],
    ["contains(ss, :a)", true],
    ["contains(ns, :one)", true],
    ["contains(ns, :a)", false],
    ["contains(l, :x)", true],
    ["size(s) = :five", true],
    ["size(ss) < :five", true],
    ["size(l) = size(l)", true],
    ["size(n) = :one", false],
    ["#m.#d = :d", true],
    ["m.a.b = :three", true],
    ["l[2].k = :nine", true],
    ["ss = :set", true],
    ["t = :true AND z = :null", true],
    ["n = :one OR n = :five AND s = :hello", true],
    ["(n = :one OR n = :five) AND s = :he", false],
    ["NOT (n = :one) AND NOT s = :he", true],
    ["(n) = (:five)", true],
    ["(size(s)) > :one", true],
    [" n=:five ", true],
  ])("%s is %s", (source, expected) => {
    expect(test(source)).toBe(expected);
  });

  it.each([
    ["", "The expression can not be empty;"],
    ["a =", 'Syntax error; token: "<EOF>", near: "="'],
    ["= :five", 'Syntax error; token: "=", near: "= :five"'],
    ["n = :five extra", 'Syntax error; token: "extra", near: ":five extra"'],
    ["n", 'Syntax error; token: "<EOF>", near: "n"'],
    ["n = :five AND", 'Syntax error; token: "<EOF>"'],
    ["n ! :five", 'Syntax error; token: "!"'],
    ["n == :five", 'Syntax error; token: "="'],
    ["n BETWEEN :one", 'Syntax error; token: "<EOF>"'],
    ["n IN ()", 'Syntax error; token: ")"'],
    ["l[a] = :one", 'Syntax error; token: "a"'],
    ["l[-1] = :one", 'Syntax error; token: "-"'],
    ["status = :five", "Attribute name is a reserved keyword; reserved keyword: status"],
    ["m.Status = :five", "Attribute name is a reserved keyword; reserved keyword: Status"],
    ["#nope = :five", "document path is not defined; attribute name: #nope"],
    ["n = :nope", "used in expression is not defined; attribute value: :nope"],
    ["n = :constructor", "is not defined; attribute value: :constructor"],
    ["((n = :five))", "The expression has redundant parentheses;"],
    ["((n)) = :five", "The expression has redundant parentheses;"],
    ["upper(n) = :five", "Invalid function name; function: upper"],
    ["size(n)", "not allowed to be used this way in an expression; function: size"],
    ["begins_with(s, :he) = :true", "not allowed to be used this way in an expression; function: begins_with"],
    ["contains(s, contains(s, :he))", "not allowed to be used this way in an expression; function: contains"],
    ["attribute_exists(s, n)", "operator or function: attribute_exists, number of operands: 2"],
    ["begins_with(s)", "operator or function: begins_with, number of operands: 1"],
    ["attribute_exists(:he)", "requires a document path; operator or function: attribute_exists"],
    ["n < :true", "operator or function: <, operand type: BOOL"],
    ["begins_with(s, :five)", "operator or function: begins_with, operand type: N"],
    ["attribute_type(s, :five)", "operator or function: attribute_type, operand type: N"],
    ["attribute_type(s, :long)", "Invalid attribute type name found"],
    ["size(:five) = :one", "operator or function: size, operand type: N"],
    ["n = n", "operator: =, first operand: [n]"],
    ["n BETWEEN :six AND :one", "upper bound to be greater than or equal to lower bound"],
    ["n BETWEEN :one AND :he", "same data type for lower and upper bounds"],
    [Array.from({ length: 302 }, () => "n=:five").join(" OR "), "too many operators"],
    [`n = :five${" ".repeat(4097)}`, "Expression size has exceeded"],
    [`n IN (${Array.from({ length: 101 }, () => ":one").join(",")})`, "number of operands: 101"],
  ])("refuses %s", (source, message) => {
    expect(() => test(source)).toThrow(message);
    expect(() => test(source)).toThrow(expect.objectContaining({ code: "ValidationException" }) as Error);
  });

  it("refuses nesting before the stack ends", () => {
    expect(() => test(`${"NOT ".repeat(1000)}n = :five`)).toThrow(ServiceError);
    expect(() => test(`${"(".repeat(2000)}n = :five${")".repeat(2000)}`)).toThrow(ServiceError);
    expect(() => test(`n = :five${" ".repeat(4000)}`)).not.toThrow();
  });

  it("names the top-level attributes that a condition reads", () => {
    const condition = parseCondition(
      "FilterExpression",
      "NOT (m.a.b = :one OR size(l) IN (:one, n)) AND contains(ss, #s) AND attribute_type(b, :S) AND attribute_exists(t) AND z BETWEEN :one AND pk",
      env(),
    );
    expect([...attributesIn(condition)].toSorted()).toEqual(["b", "l", "m", "n", "pk", "s", "ss", "t", "z"].toSorted());
  });

  it("tells names and values that no expression uses", () => {
    const spare = new ExpressionNames({ "#a": "a", "#b": "b" }, { ":v": { S: "v" } });
    parseCondition("ConditionExpression", "attribute_exists(#a)", spare);
    expect(() => spare.assertAllUsed()).toThrow("ExpressionAttributeNames unused in expressions: keys: {#b}");
  });
});

describe("key conditions", () => {
  const clauses = (source: string) => parseKeyCondition(source, new ExpressionNames({ "#pk": "pk" }, values));

  it.each([
    ["pk = :a", [["pk", "="]]],
    [
      "(#pk = :a) AND (s BETWEEN :a AND :he)",
      [
        ["pk", "="],
        ["s", "BETWEEN"],
      ],
    ],
    [
      "((begins_with(s, :a)) and (#pk = :a))",
      [
        ["s", "begins_with"],
        ["pk", "="],
      ],
    ],
  ])("reads %s", (source, expected) => {
    expect(clauses(source).map(({ attribute, operator }) => [attribute, operator])).toEqual(expected);
  });

  it.each([
    ["pk = :a OR pk = :x", "Invalid operator used in KeyConditionExpression: OR"],
    ["NOT pk = :a", "Invalid operator used in KeyConditionExpression: NOT"],
    ["pk <> :a", "Invalid operator used in KeyConditionExpression: <>"],
    ["pk IN (:a)", "Invalid operator used in KeyConditionExpression: IN"],
    ["contains(pk, :a)", "Invalid operator used in KeyConditionExpression: contains"],
    ["attribute_exists(pk)", "Invalid operator used in KeyConditionExpression: attribute_exists"],
    ["pk = :a AND pk = :x", "must only contain one condition per key"],
    ["pk = :a AND s = :a AND n = :a", "Conditions can be of length 1 or 2 only"],
    [":a = pk", "must have the key attribute as its first operand"],
    ["pk = s", "Multiple attribute names used in one condition"],
    ["m.a = :a", "conditions on nested attributes"],
    ["size(pk) = :one", "must have the key attribute as its first operand"],
  ])("refuses %s", (source, message) => {
    expect(() => clauses(source)).toThrow(message);
  });
});

describe("any text as an expression", () => {
  const fragments = fc.constantFrom(
    ..."( ) [ ] . , + - = < > <> <= >= # : 0 1 99999999999 n s m.a #s :five :he AND OR NOT IN BETWEEN SET REMOVE ADD DELETE size( contains( begins_with( if_not_exists( list_append( \u0000 é 😀 ' \" \\".split(
      " ",
    ),
  );
  const source = fc.oneof(
    fc.array(fragments, { maxLength: 40 }).map((parts) => parts.join(" ")),
    fc.string({ unit: "binary", maxLength: 60 }),
  );

  it("is parsed or refused with ValidationException, never anything else", () => {
    fc.assert(
      fc.property(source, (text) => {
        for (const parse of [
          () => void meets(parseCondition("ConditionExpression", text, env()), item),
          () => void parseKeyCondition(text, env()),
          () => void parseUpdate(text, env()),
          () => void parseProjection(text, env()),
        ]) {
          try {
            parse();
          } catch (error) {
            expect(error).toMatchObject({ name: "ServiceError", code: "ValidationException" });
          }
        }
      }),
      { numRuns: 1500 },
    );
  });
});
