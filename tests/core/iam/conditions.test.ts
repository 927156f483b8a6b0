import { describe, expect, it } from "vitest";
import { compileCondition } from "../../../core/iam/conditions.ts";
import { normalizeContext, type AccessContext } from "../../../core/iam/request.ts";

type Block = Parameters<typeof compileCondition>[0];

/** Whether the block holds in an Allow. */
const holds = (block: Block, context: AccessContext, whenUnclear = false): boolean =>
  compileCondition(block)(normalizeContext(context), whenUnclear);

const table = (
  rows: readonly (readonly [
    operator: string,
    wanted: string | string[],
    value: AccessContext[string] | undefined,
    want: boolean,
  ])[],
) =>
  it.each(rows)("%s %j of %j: %s", (operator, wanted, value, want) => {
    expect(holds({ [operator]: { "x:Key": wanted } }, value === undefined ? {} : { "x:key": value })).toBe(want);
  });

describe("string operators", () => {
  table([
    ["StringEquals", "a", "a", true],
    ["StringEquals", "a", "A", false],
    ["StringEquals", ["a", "b"], "b", true],
    ["StringEquals", [], "a", false],
    ["StringEquals", "a*", "ab", false],
    ["StringEquals", "a*", "a*", true],
    ["StringNotEquals", "a", "a", false],
    ["StringNotEquals", ["a", "b"], "c", true],
    ["StringNotEquals", ["a", "b"], "b", false],
    ["StringEqualsIgnoreCase", "aB", "Ab", true],
    ["StringNotEqualsIgnoreCase", "aB", "Ab", false],
    ["StringLike", "a*c", "abbc", true],
    ["StringLike", "a*c", "abbcd", false],
    ["StringLike", "a?c", "abc", true],
    ["StringLike", "a?c", "ac", false],
    ["StringLike", "*", "", true],
    ["StringLike", "*a*b*", "xxaxxbxx", true],
    ["StringLike", "*ab", "aab", true],
    ["StringLike", "*?b", "b", false],
    ["StringLike", "a.c", "abc", false],
    ["StringLike", "a*", "a\nb", true],
    ["StringNotLike", "a*", "ab", false],
    ["StringNotLike", "a*", "b", true],
  ]);
});

describe("number, date, flag and address operators", () => {
  table([
    ["NumericEquals", "10", "10.0", true],
    ["NumericEquals", "10", 10, true],
    ["NumericEquals", "ten", "ten", false],
    ["NumericEquals", "0", "", false],
    ["NumericNotEquals", "10", "11", true],
    ["NumericLessThan", "10", "9", true],
    ["NumericLessThan", "10", "10", false],
    ["NumericLessThanEquals", "10", "10", true],
    ["NumericGreaterThan", "9", "10", true],
    ["NumericGreaterThanEquals", "10", "9.9", false],
    ["DateEquals", "2026-11-22T10:00:00Z", "2026-11-22T11:00:00+01:00", true],
    ["DateEquals", "1795341600", "2026-11-22T10:00:00Z", true],
    ["DateNotEquals", "2026-11-22T10:00:00Z", "2026-11-22T10:00:01Z", true],
    ["DateLessThan", "2026-11-22T10:00:00Z", "2026-11-22T09:59:59Z", true],
    ["DateLessThan", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", false],
    ["DateLessThanEquals", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", true],
    ["DateGreaterThan", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.001Z", true],
    ["DateGreaterThanEquals", "2026-11-22", "2026-11-22T00:00:00Z", true],
    ["DateLessThan", "soon", "2026-11-22T10:00:00Z", false],
    ["DateLessThan", "2026-11-22T10:00:00Z", "22 Nov 2020", false],
    ["Bool", "true", true, true],
    ["Bool", "True", "true", true],
    ["Bool", "false", true, false],
    ["Bool", "yes", "yes", false],
    ["BinaryEquals", "QUJD", "QUJD", true],
    ["BinaryEquals", "QUJD", "QUJE", false],
    ["IpAddress", "203.0.113.0/24", "203.0.113.77", true],
    ["IpAddress", "203.0.113.0/24", "203.0.114.1", false],
    ["IpAddress", "203.0.113.7", "203.0.113.7", true],
    ["IpAddress", "0.0.0.0/0", "198.51.100.1", true],
    ["IpAddress", "2001:db8::/32", "2001:db8:1::1", true],
    ["IpAddress", "2001:db8::/32", "203.0.113.7", false],
    ["IpAddress", "203.0.113.0/33", "203.0.113.7", false],
    ["IpAddress", "here", "here", false],
    ["NotIpAddress", "203.0.113.0/24", "203.0.114.1", true],
    ["NotIpAddress", "203.0.113.0/24", "203.0.113.1", false],
  ]);
});

describe("ARN operators", () => {
  table([
    ["ArnEquals", "arn:aws:iam::1:role/a", "arn:aws:iam::1:role/a", true],
    ["ArnLike", "arn:aws:iam::*:role/a*", "arn:aws:iam::1:role/ab/c", true],
    ["ArnLike", "arn:aws:iam::1:*", "arn:aws:iam::1:role/a:b", true],
    ["ArnLike", "arn:aws:*:1:role/a", "arn:aws:iam::1:role/a", false],
    ["ArnLike", "arn:aws:iam*", "arn:aws:iam::1:role/a", false],
    ["ArnLike", "*", "anything", true],
    ["ArnLike", "arn:aws:iam::1:role/a", "role/a", false],
    ["ArnNotEquals", "arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b", true],
    ["ArnNotLike", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/b", false],
  ]);
  it("take a variable that has colons in its name", () => {
    const block = { ArnLike: { "x:arn": "arn:aws:iam::${aws:PrincipalAccount}:role/*" } };
    expect(holds(block, { "x:arn": "arn:aws:iam::1:role/a", "aws:PrincipalAccount": "1" })).toBe(true);
    expect(holds(block, { "x:arn": "arn:aws:iam::2:role/a", "aws:PrincipalAccount": "1" })).toBe(false);
    expect(holds(block, { "x:arn": "arn:aws:iam::1:role/a" })).toBe(false);
  });
});

describe("a key that is absent", () => {
  table([
    ["StringEquals", "a", undefined, false],
    ["StringNotEquals", "a", undefined, true],
    ["StringEqualsIfExists", "a", undefined, true],
    ["StringEqualsIfExists", "a", "b", false],
    ["NumericLessThan", "1", undefined, false],
    ["Bool", "false", undefined, false],
    ["NotIpAddress", "203.0.113.0/24", undefined, true],
    ["ForAllValues:StringEquals", "a", undefined, true],
    ["ForAllValues:StringEquals", "a", [], true],
    ["ForAllValues:StringNotEquals", "a", undefined, true],
    ["ForAnyValue:StringEquals", "a", undefined, false],
    ["ForAnyValue:StringNotEquals", "a", undefined, false],
    ["ForAnyValue:StringEqualsIfExists", "a", undefined, true],
    ["Null", "true", undefined, true],
    ["Null", "false", undefined, false],
    ["Null", "true", "a", false],
    ["Null", "false", "a", true],
    ["Null", "false", [], false],
    ["Null", "perhaps", "a", false],
  ]);
});

describe("a key with several values", () => {
  table([
    ["ForAllValues:StringEquals", ["a", "b"], ["a", "b", "a"], true],
    ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false],
    ["ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], true],
    ["ForAnyValue:StringEquals", ["a", "b"], ["c"], false],
    ["ForAllValues:StringNotEquals", ["a"], ["b", "c"], true],
    ["ForAllValues:StringNotEquals", ["a"], ["b", "a"], false],
    ["ForAnyValue:StringNotEquals", ["a", "b"], ["a", "c"], true],
    ["ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], false],
    ["ForAllValues:StringLike", ["T#a#*"], ["T#a#1", "T#a#2"], true],
    ["StringEquals", ["a"], ["a", "a"], false],
  ]);
});

describe("in doubt", () => {
  it.each([
    ["an unknown operator", { StringMatches: { "x:key": "a" } }, { "x:key": "a" }],
    ["one value wanted and several there", { StringEquals: { "x:key": "a" } }, { "x:key": ["a", "b"] }],
    ["names that differ in letter case only", { StringEquals: { "x:key": "a" } }, { "x:key": "a", "X:Key": "b" }],
    ["a Null that is neither true nor false", { Null: { "x:key": "perhaps" } }, {}],
  ] as const)("%s: an Allow does not apply and a Deny does", (_title, block, context) => {
    expect(holds(block, context, false)).toBe(false);
    expect(holds(block, context, true)).toBe(true);
  });
});

describe("variables", () => {
  const tag = { "aws:PrincipalTag/tenant": "a" };
  it.each<[string, Block, AccessContext, boolean]>([
    ["a tag", { StringEquals: { "x:key": "t-${aws:PrincipalTag/tenant}" } }, { ...tag, "x:key": "t-a" }, true],
    [
      "a name in any letter case",
      { StringEquals: { "x:key": "${AWS:principaltag/Tenant}" } },
      { ...tag, "x:key": "a" },
      true,
    ],
    ["a missing tag", { StringLike: { "x:key": "${aws:PrincipalTag/tenant}*" } }, { "x:key": "" }, false],
    ["a missing tag, negated", { StringNotEquals: { "x:key": "${aws:PrincipalTag/tenant}" } }, { "x:key": "a" }, true],
    ["a default", { StringEquals: { "x:key": "${aws:PrincipalTag/team, 'none'}" } }, { "x:key": "none" }, true],
    [
      "a default that is not needed",
      { StringEquals: { "x:key": "${aws:PrincipalTag/tenant, 'none'}" } },
      { ...tag, "x:key": "none" },
      false,
    ],
    [
      "a key with several values",
      { StringEquals: { "x:key": "${x:list}" } },
      { "x:list": ["a", "b"], "x:key": "a" },
      false,
    ],
    ["a star by name", { StringLike: { "x:key": "a${*}" } }, { "x:key": "a*" }, true],
    ["a star by name is no wildcard", { StringLike: { "x:key": "a${*}" } }, { "x:key": "ab" }, false],
    ["a question mark and a dollar", { StringLike: { "x:key": "${?}${$}" } }, { "x:key": "?$" }, true],
    [
      "a value of * is a star",
      { StringLike: { "x:key": "${aws:PrincipalTag/tenant}" } },
      { "aws:PrincipalTag/tenant": "*", "x:key": "b" },
      false,
    ],
    [
      "a value that looks like a variable",
      { StringEquals: { "x:key": "${x:one}" } },
      { "x:one": "${x:two}", "x:two": "b", "x:key": "b" },
      false,
    ],
    [
      "a number operator reads no variable",
      { NumericEquals: { "x:key": "${x:one}" } },
      { "x:one": "1", "x:key": "1" },
      false,
    ],
  ])("%s", (_title, block, context, want) => {
    expect(holds(block, context)).toBe(want);
  });
});
