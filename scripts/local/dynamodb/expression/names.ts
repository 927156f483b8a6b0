import type { AttributeValue, Item } from "../attribute-value.ts";
import { expectStructure, expectText, normaliseValue } from "../attribute-value.ts";
import { validation } from "../errors.ts";
import { ServiceError } from "../../service.ts";

const NAME_KEY = /^#[A-Za-z0-9_]+$/;
const VALUE_KEY = /^:[A-Za-z0-9_]+$/;

/**
 * ExpressionAttributeNames and ExpressionAttributeValues of one request: resolves them, notes which were used and
 * which top-level attributes any expression names.
 */
export class ExpressionNames {
  readonly #names: Readonly<Record<string, unknown>> | undefined;
  readonly #values: Item | undefined;
  readonly #usedNames = new Set<string>();
  readonly #usedValues = new Set<string>();
  /** Top-level attributes that the expressions of this request touch; IAM's `dynamodb:Attributes`. */
  readonly attributes = new Set<string>();

  constructor(names: Readonly<Record<string, unknown>> | undefined, values: Item | undefined) {
    this.#names = names;
    this.#values = values;
  }

  name(key: string): string | undefined {
    const names = this.#names;
    if (names === undefined || !Object.hasOwn(names, key)) return undefined;
    this.#usedNames.add(key);
    return names[key] as string;
  }

  value(key: string): AttributeValue | undefined {
    const values = this.#values;
    if (values === undefined || !Object.hasOwn(values, key)) return undefined;
    this.#usedValues.add(key);
    return values[key];
  }

  /** Throws ValidationException where a name or value is defined and no expression used it. */
  assertAllUsed(): void {
    const spare = (defined: object | undefined, used: ReadonlySet<string>): string =>
      Object.keys(defined ?? {})
        .filter((key) => !used.has(key))
        .join(", ");
    const names = spare(this.#names, this.#usedNames);
    if (names !== "") {
      throw validation(`Value provided in ExpressionAttributeNames unused in expressions: keys: {${names}}`);
    }
    const values = spare(this.#values, this.#usedValues);
    if (values !== "") {
      throw validation(`Value provided in ExpressionAttributeValues unused in expressions: keys: {${values}}`);
    }
  }
}

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/**
 * Reads both maps of a request. `expressions` are the members that could use them: names only need any of them,
 * values need any but ProjectionExpression.
 */
export function readExpressionNames(
  input: Readonly<Record<string, unknown>>,
  expressions: readonly string[],
): ExpressionNames {
  const rawNames = input["ExpressionAttributeNames"];
  const rawValues = input["ExpressionAttributeValues"];
  if (isAbsent(rawNames) && isAbsent(rawValues)) return new ExpressionNames(undefined, undefined);
  const isGiven = (member: string): boolean => !isAbsent(input[member]);

  let names: Record<string, unknown> | undefined;
  if (!isAbsent(rawNames)) {
    names = expectStructure(rawNames);
    if (!expressions.some(isGiven)) {
      throw validation("ExpressionAttributeNames can only be specified when using expressions");
    }
    if (Object.keys(names).length === 0) throw validation("ExpressionAttributeNames must not be empty");
    for (const key of Object.keys(names)) {
      if (!NAME_KEY.test(key)) {
        throw validation(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${key}"`);
      }
      if (expectText(names[key]) === "") {
        throw validation(`ExpressionAttributeNames contains invalid value: Empty string; key: "${key}"`);
      }
    }
  }

  let values: Record<string, AttributeValue> | undefined;
  if (!isAbsent(rawValues)) {
    values = expectStructure(rawValues) as Record<string, AttributeValue>;
    const users = expressions.filter((member) => member !== "ProjectionExpression");
    if (!users.some(isGiven)) {
      throw validation(
        `ExpressionAttributeValues can only be specified when using expressions: ${users.join(" and ")} ${users.length > 1 ? "are" : "is"} null`,
      );
    }
    if (Object.keys(values).length === 0) throw validation("ExpressionAttributeValues must not be empty");
    for (const key of Object.keys(values)) {
      if (!VALUE_KEY.test(key)) {
        throw validation(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${key}"`);
      }
      try {
        normaliseValue(values[key]);
      } catch (error) {
        if (!(error instanceof ServiceError) || error.code !== "ValidationException") throw error;
        throw validation(`ExpressionAttributeValues contains invalid value: ${error.message} for key ${key}`);
      }
    }
  }
  return new ExpressionNames(names, values);
}
