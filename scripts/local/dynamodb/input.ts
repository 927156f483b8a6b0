import { expectStructure, expectText } from "./attribute-value.ts";
import { constraint, serialization, validation } from "./errors.ts";

/** The parsed JSON of a request. Members that are null count as absent, as in AWS's protocol. */
export type Input = Readonly<Record<string, unknown>>;

const TABLE_NAME = /^[a-zA-Z0-9_.-]+$/;
const TABLE_ARN = /^arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table\/([a-zA-Z0-9_.-]{3,255})$/;
const MAX_TABLE_NAME = 255;

const lowerFirst = (member: string): string => member.charAt(0).toLowerCase() + member.slice(1);

export const isGiven = (input: Input, member: string): boolean =>
  Object.hasOwn(input, member) && input[member] !== null && input[member] !== undefined;

export const required = (member: string) => constraint("null", lowerFirst(member), "Member must not be null");

export const readText = (input: Input, member: string): string | undefined =>
  isGiven(input, member) ? expectText(input[member]) : undefined;

export function readRequiredText(input: Input, member: string): string {
  const text = readText(input, member);
  if (text === undefined) throw required(member);
  return text;
}

export function readFlag(input: Input, member: string): boolean | undefined {
  if (!isGiven(input, member)) return undefined;
  const value = input[member];
  if (typeof value !== "boolean") throw serialization("Unexpected token received from parser");
  return value;
}

/** A whole number within bounds, both inclusive. */
export function readInteger(input: Input, member: string, minimum: number, maximum: number): number | undefined {
  if (!isGiven(input, member)) return undefined;
  const value = input[member];
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw serialization("Unexpected token received from parser");
  }
  if (value < minimum) {
    throw constraint(
      `'${String(value)}'`,
      lowerFirst(member),
      `Member must have value greater than or equal to ${String(minimum)}`,
    );
  }
  if (value > maximum) {
    throw constraint(
      `'${String(value)}'`,
      lowerFirst(member),
      `Member must have value less than or equal to ${String(maximum)}`,
    );
  }
  return value;
}

/** Seconds since the epoch, as the JSON protocol writes times. Gives milliseconds. */
export function readTime(input: Input, member: string): number | undefined {
  if (!isGiven(input, member)) return undefined;
  const value = input[member];
  if (typeof value !== "number") throw serialization("Unexpected token received from parser");
  return Math.round(value * 1000);
}

const notOneOf = (member: string, text: string, choices: readonly string[]): string =>
  `Value '${text}' at '${lowerFirst(member)}' failed to satisfy constraint: Member must satisfy enum value set: [${choices.join(", ")}]`;

/** Checks several members at once: AWS tells all those that hold none of their values in one message. */
export function checkChoices(input: Input, members: Readonly<Record<string, readonly string[]>>): void {
  const faults: string[] = [];
  for (const [member, choices] of Object.entries(members)) {
    const text = readText(input, member);
    if (text !== undefined && !choices.includes(text)) faults.push(notOneOf(member, text, choices));
  }
  if (faults.length === 0) return;
  const count = faults.length === 1 ? "1 validation error" : `${String(faults.length)} validation errors`;
  throw validation(`${count} detected: ${faults.join("; ")}`);
}

export function readChoice<const T extends string>(input: Input, member: string, choices: readonly T[]): T | undefined {
  const text = readText(input, member);
  if (text === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw validation(`1 validation error detected: ${notOneOf(member, text, choices)}`);
  return choice;
}

export const readStructure = (input: Input, member: string): Record<string, unknown> | undefined =>
  isGiven(input, member) ? expectStructure(input[member]) : undefined;

export function readRequiredStructure(input: Input, member: string): Record<string, unknown> {
  const structure = readStructure(input, member);
  if (structure === undefined) throw required(member);
  return structure;
}

export function readList(input: Input, member: string): readonly unknown[] | undefined {
  if (!isGiven(input, member)) return undefined;
  const value = input[member];
  if (!Array.isArray(value)) throw serialization("Unexpected field type where a list was expected");
  return value as readonly unknown[];
}

/** A list of structures. */
export const readStructures = (input: Input, member: string): readonly Record<string, unknown>[] | undefined =>
  readList(input, member)?.map(expectStructure);

/** The table name of an ARN, or the text itself. */
export const nameOfTable = (nameOrArn: string): string => TABLE_ARN.exec(nameOrArn)?.[1] ?? nameOrArn;

/** TableName as AWS checks it before it looks for the table: a name or an ARN. */
export function checkTableName(name: string, member = "TableName"): string {
  if (name.startsWith("arn:")) {
    if (!TABLE_ARN.test(name)) throw validation(`Invalid table ARN at '${lowerFirst(member)}'`);
    return name;
  }
  if (name.length < 1) {
    throw constraint("''", lowerFirst(member), "Member must have length greater than or equal to 1");
  }
  if (name.length > MAX_TABLE_NAME) {
    throw constraint(
      `'${name}'`,
      lowerFirst(member),
      `Member must have length less than or equal to ${String(MAX_TABLE_NAME)}`,
    );
  }
  if (!TABLE_NAME.test(name)) {
    throw constraint(
      `'${name}'`,
      lowerFirst(member),
      "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    );
  }
  return name;
}

export const readTableName = (input: Input, member = "TableName"): string =>
  checkTableName(readRequiredText(input, member), member);

/** The parameters that expressions replaced in 2014; this DynamoDB takes expressions only. */
const LEGACY = [
  "AttributesToGet",
  "AttributeUpdates",
  "ConditionalOperator",
  "Expected",
  "KeyConditions",
  "QueryFilter",
  "ScanFilter",
] as const;
const EXPRESSIONS = [
  "ConditionExpression",
  "FilterExpression",
  "KeyConditionExpression",
  "ProjectionExpression",
  "UpdateExpression",
] as const;

/** Throws where a legacy parameter is given, with AWS's words where an expression stands beside it. */
export function refuseLegacy(input: Input): void {
  const legacy = LEGACY.filter((member) => isGiven(input, member));
  if (legacy.length === 0) return;
  const expressions = EXPRESSIONS.filter((member) => isGiven(input, member));
  throw validation(
    expressions.length > 0
      ? `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${legacy.join(", ")}} Expression parameters: {${expressions.join(", ")}}`
      : `The embedded DynamoDB takes expressions only; legacy parameters: {${legacy.join(", ")}}`,
  );
}
