import type { AttributeValue } from "../attribute-value.ts";
import { keyBytes, typeOf } from "../attribute-value.ts";
import { invalidParameter, validation } from "../errors.ts";
import type { KeyNames, Table } from "../tables.ts";
import { keyTypeOf } from "../tables.ts";
import type { Comparator, Condition } from "./ast.ts";
import { parseCondition } from "./condition-parser.ts";
import type { ExpressionNames } from "./names.ts";

/** One condition on one key attribute. */
export interface KeyClause {
  readonly attribute: string;
  readonly operator: Exclude<Comparator, "<>"> | "BETWEEN" | "begins_with";
  readonly values: readonly [AttributeValue] | readonly [AttributeValue, AttributeValue];
}

const OPERATOR_NAMES: Readonly<Partial<Record<Condition["kind"], string>>> = { or: "OR", not: "NOT", in: "IN" };

function clauseOf(condition: Condition): KeyClause {
  const unsupported = (operator: string) => validation(`Invalid operator used in KeyConditionExpression: ${operator}`);
  const operator =
    condition.kind === "compare" ? condition.comparator : condition.kind === "between" ? "BETWEEN" : condition.kind;
  let operands;
  switch (condition.kind) {
    case "compare":
      if (condition.comparator === "<>") throw unsupported("<>");
      operands = [condition.left, condition.right];
      break;
    case "between":
      operands = [condition.operand, condition.low, condition.high];
      break;
    case "begins_with":
      operands = [condition.operand, condition.part];
      break;
    default:
      throw unsupported(OPERATOR_NAMES[condition.kind] ?? condition.kind);
  }
  const [subject, ...others] = operands;
  if (subject?.kind !== "path") {
    throw validation(
      `Invalid condition in KeyConditionExpression: ${operator} operator must have the key attribute as its first operand`,
    );
  }
  if (subject.path.length > 1) {
    throw validation(
      "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes",
    );
  }
  const values = others.map((operand) => {
    if (operand.kind === "value") return operand.value;
    throw validation("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition");
  });
  return {
    attribute: subject.path[0] as string,
    operator: operator as KeyClause["operator"],
    values: values as unknown as KeyClause["values"],
  };
}

/**
 * The clauses of a KeyConditionExpression, aliases and parentheses resolved, before any table is known: IAM's leading
 * key and the query itself are read from the same clauses.
 */
export function parseKeyCondition(source: string, names: ExpressionNames): readonly KeyClause[] {
  const clauses: KeyClause[] = [];
  const collect = (condition: Condition): void => {
    if (condition.kind === "and") condition.terms.forEach(collect);
    else clauses.push(clauseOf(condition));
  };
  collect(parseCondition("KeyConditionExpression", source, names));
  const attributes = new Set(clauses.map((clause) => clause.attribute));
  if (attributes.size !== clauses.length) {
    throw validation("KeyConditionExpressions must only contain one condition per key");
  }
  if (clauses.length > 2) throw validation("Conditions can be of length 1 or 2 only");
  return clauses;
}

/** The value that a partition key must equal, or undefined where no clause says so. */
export const hashValueOf = (clauses: readonly KeyClause[], hash: string): AttributeValue | undefined =>
  clauses.find((clause) => clause.attribute === hash && clause.operator === "=")?.values[0];

/** A key condition over bytes: `range` as SQL comparisons of a column named by the caller. */
export interface KeyRange {
  readonly hash: Buffer;
  readonly range: readonly { readonly operator: "=" | "<" | "<=" | ">" | ">="; readonly bytes: Buffer }[];
}

/** The least bytes above every string with this prefix; undefined where there are none. */
function afterPrefix(prefix: Buffer): Buffer | undefined {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end -= 1;
  if (end === 0) return undefined;
  const next = Buffer.from(prefix.subarray(0, end));
  next[end - 1] = (next[end - 1] ?? 0) + 1;
  return next;
}

function bytesOf(table: Table, clause: KeyClause): Buffer[] {
  const expected = keyTypeOf(table, clause.attribute);
  return clause.values.map((value) => {
    if (typeOf(value) !== expected) {
      throw invalidParameter("Condition parameter type does not match schema type");
    }
    const bytes = keyBytes(value);
    if (bytes.length === 0) {
      throw validation(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${"S" in value ? "string" : "binary"} value. Key: ${clause.attribute}`,
      );
    }
    return bytes;
  });
}

/** Binds clauses to the key of a table or index. Throws ValidationException where they do not fit it. */
export function bindKeyCondition(clauses: readonly KeyClause[], table: Table, keys: KeyNames): KeyRange {
  const hash = clauses.find((clause) => clause.attribute === keys.hash);
  if (hash === undefined) throw validation(`Query condition missed key schema element: ${keys.hash}`);
  const range = clauses.find((clause) => clause !== hash);
  if (range !== undefined && range.attribute !== keys.range) {
    throw validation(`Query condition missed key schema element: ${keys.range ?? range.attribute}`);
  }
  if (hash.operator !== "=") throw validation("Query key condition not supported");
  const [hashBytes] = bytesOf(table, hash);
  return { hash: hashBytes as Buffer, range: range === undefined ? [] : boundsOf(table, range) };
}

function boundsOf(table: Table, clause: KeyClause): KeyRange["range"] {
  const [first, second] = bytesOf(table, clause) as [Buffer, Buffer?];
  if (clause.operator === "begins_with") {
    const end = afterPrefix(first);
    return [{ operator: ">=", bytes: first }, ...(end === undefined ? [] : [{ operator: "<" as const, bytes: end }])];
  }
  if (clause.operator === "BETWEEN") {
    return [
      { operator: ">=", bytes: first },
      { operator: "<=", bytes: second as Buffer },
    ];
  }
  return [{ operator: clause.operator, bytes: first }];
}
