import type { Check, ContextValue } from "../service.ts";
import type { Item } from "./attribute-value.ts";
import { attributeOf, scalarText } from "./attribute-value.ts";
import type { Engine } from "./engine.ts";
import type { Input } from "./input.ts";
import { isGiven } from "./input.ts";
import { keyNamesOf } from "./keys.ts";
import type { Table } from "./tables.ts";

/*
 * What IAM is asked before an operation runs. Source: Service Authorization Reference, "Actions, resources, and
 * condition keys for Amazon DynamoDB". A table that does not exist yields a check like any other, without the keys that
 * only its schema tells, so that a refusal says nothing about existence.
 */

export type DataAction =
  | "GetItem"
  | "BatchGetItem"
  | "Query"
  | "Scan"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "BatchWriteItem"
  | "ConditionCheckItem"
  | "PartiQLSelect"
  | "PartiQLInsert"
  | "PartiQLUpdate"
  | "PartiQLDelete";

export type EnclosingOperation =
  | "TransactWriteItems"
  | "TransactGetItems"
  | "ExecuteTransaction"
  | "BatchExecuteStatement";

export interface DataAccess {
  readonly action: DataAction;
  readonly table: string;
  readonly index?: string | undefined;
  /** Values of the partition key, of the index's own where an index is read. Empty: the request tells none. */
  readonly leadingKeys: readonly string[];
  readonly attributes: Iterable<string>;
  readonly enclosing?: EnclosingOperation | undefined;
  readonly select?: string | undefined;
  readonly returnValues?: string | undefined;
  readonly returnConsumedCapacity?: string | undefined;
  readonly fullTableScan?: boolean | undefined;
}

/** Which actions carry EnclosingOperation: not ConditionCheckItem, not Query. */
const HAS_ENCLOSING: ReadonlySet<DataAction> = new Set([
  "GetItem",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "PartiQLSelect",
  "PartiQLInsert",
  "PartiQLUpdate",
  "PartiQLDelete",
] as const);

export const tableArn = (engine: Engine, nameOrArn: string): string =>
  nameOrArn.startsWith("arn:") ? nameOrArn : `arn:aws:dynamodb:${engine.region}:${engine.accountId}:table/${nameOrArn}`;

function check(
  action: string,
  resource: string,
  context: Readonly<Record<string, ContextValue>>,
  table: Table | undefined,
): Check {
  const tags = (table?.tags ?? []).map(({ Key, Value }) => [`aws:ResourceTag/${Key}`, Value] as const);
  return {
    action: `dynamodb:${action}`,
    resource,
    context: tags.length === 0 ? context : { ...context, ...Object.fromEntries(tags) },
    ...(table?.policy === undefined ? {} : { resourcePolicy: table.policy.document }),
  };
}

/** The partition key's value in a map of attributes, as IAM compares it; none where the table or the value is unknown. */
export function leadingKeysOf(table: Table | undefined, items: readonly (Item | undefined)[]): string[] {
  if (table === undefined) return [];
  const keys: string[] = [];
  for (const item of items) {
    const value = item && attributeOf(item, table.hash);
    const text = value && scalarText(value);
    if (text !== undefined) keys.push(text);
  }
  return keys;
}

/** The check for one access to items of one table or index. */
export function dataCheck(engine: Engine, access: DataAccess): Check {
  const table = engine.tables.find(access.table);
  const context: Record<string, ContextValue> = {};
  if (access.leadingKeys.length > 0) context["dynamodb:LeadingKeys"] = access.leadingKeys;
  const attributes = new Set(access.attributes);
  // A read gives its key attributes too, whatever it projects.
  const index = table?.indexes.find(({ name }) => name === access.index);
  for (const keys of [table, index]) {
    if (keys !== undefined) for (const name of keyNamesOf(keys)) attributes.add(name);
  }
  context["dynamodb:Attributes"] = [...attributes];
  if (access.enclosing !== undefined && HAS_ENCLOSING.has(access.action)) {
    context["dynamodb:EnclosingOperation"] = access.enclosing;
  }
  if (access.select !== undefined) context["dynamodb:Select"] = access.select;
  if (access.returnValues !== undefined) context["dynamodb:ReturnValues"] = access.returnValues;
  if (access.returnConsumedCapacity !== undefined) {
    context["dynamodb:ReturnConsumedCapacity"] = access.returnConsumedCapacity;
  }
  if (access.fullTableScan !== undefined) context["dynamodb:FullTableScan"] = access.fullTableScan;
  const arn = tableArn(engine, access.table);
  return check(access.action, access.index === undefined ? arn : `${arn}/index/${access.index}`, context, table);
}

/** The check for administration of a table, or for anything under its ARN. */
export function tableCheck(
  engine: Engine,
  action: string,
  nameOrArn: string,
  context: Readonly<Record<string, ContextValue>> = {},
): Check {
  return check(action, tableArn(engine, nameOrArn), context, engine.tables.find(nameOrArn));
}

/** The check for an operation on no table, or on a stream, an export or a backup by its ARN. */
export const plainCheck = (action: string, resource = "*"): Check => ({
  action: `dynamodb:${action}`,
  resource,
  context: {},
});

/**
 * What a write gives back, as `dynamodb:ReturnValues`. ReturnValuesOnConditionCheckFailure gives an item back as well,
 * so it counts; a request that asks for both in different ways has to be allowed both.
 */
export function returnValuesAsked(input: Input): readonly (string | undefined)[] {
  const plain = isGiven(input, "ReturnValues") ? (input["ReturnValues"] as string) : undefined;
  const onFailure = isGiven(input, "ReturnValuesOnConditionCheckFailure")
    ? (input["ReturnValuesOnConditionCheckFailure"] as string)
    : undefined;
  if (onFailure === undefined || onFailure === plain) return [plain];
  if (plain === undefined || plain === "NONE") return [onFailure];
  return onFailure === "NONE" ? [plain] : [plain, onFailure];
}

/** `dynamodb:Select`, with the default that DynamoDB documents for a read without Select. */
export const selectAsked = (input: Input, index?: string): string =>
  isGiven(input, "Select")
    ? (input["Select"] as string)
    : isGiven(input, "ProjectionExpression")
      ? "SPECIFIC_ATTRIBUTES"
      : index === undefined
        ? "ALL_ATTRIBUTES"
        : "ALL_PROJECTED_ATTRIBUTES";
