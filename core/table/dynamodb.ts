import { randomUUID } from "node:crypto";
import type {
  AttributeValue,
  ConsumedCapacity,
  DynamoDBClient,
  KeysAndAttributes,
  QueryCommandInput,
  TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import type { Clock } from "../kernel/clock.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { TableName } from "./definitions.ts";
import { mapError } from "./failures.ts";
import type { Key } from "./keys.ts";
import { marshal, marshalRow, unmarshalRow } from "./marshal.ts";
import type { Meter, RefusedInput, TableOperation } from "./meter.ts";
import { addConsumed, addRefused, isWrite } from "./meter.ts";
import type { Attempt, RetryLimits } from "./retry.ts";
import { RETRY_LIMITS, withRetries } from "./retry.ts";
import type { Condition, PageKey, Query, ReadFailure, Row, Table, TableWrite, WriteFailure } from "./table.ts";
import { TRANSACTION_LIMIT } from "./table.ts";

export interface DynamoTableDeps {
  /** With the scope's credentials, and `maxAttempts: 1`: retries are counted here. */
  readonly client: Pick<DynamoDBClient, "send">;
  /** Physical names. A name that the scope has no business with may be missing. */
  readonly names: Partial<Readonly<Record<TableName, string>>>;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly random?: () => number;
  readonly limits?: Partial<RetryLimits>;
}

const BATCH_LIMIT = 100;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `Table` over the AWS SDK. */
export function createDynamoTable(deps: DynamoTableDeps): Table {
  const { client, meter } = deps;
  const retry = {
    clock: deps.clock,
    sleep: deps.sleep ?? pause,
    random: deps.random ?? Math.random,
    limits: { ...RETRY_LIMITS, ...deps.limits },
  };

  const tableOf = new Map(Object.entries(deps.names).map(([table, name]) => [name, table]));
  const partOf = (name: string): string => tableOf.get(name) ?? "other";

  function nameOf(table: TableName): string {
    const name = deps.names[table];
    invariant(name !== undefined, `this scope has no ${table} table`);
    return name;
  }

  /** Sends until there is an answer or a failure that stays. `send` may itself ask to go on, as BatchGet does. */
  function call<T>(
    operation: TableOperation,
    send: (options: { abortSignal: AbortSignal }) => Promise<Attempt<Result<T, WriteFailure>>>,
    written: RefusedInput = {},
  ): Promise<Result<T, WriteFailure>> {
    let isUnknown = false;
    return withRetries(retry, async (remainingMs, index): Promise<Attempt<Result<T, WriteFailure>>> => {
      meter.calls[operation] += 1;
      if (index > 0) meter.retries += 1;
      try {
        return await send({ abortSignal: AbortSignal.timeout(remainingMs) });
      } catch (error) {
        const { failure, isRetriable } = mapError(error);
        if (isWrite(operation)) addRefused(meter, written, error, partOf);
        if (isWrite(operation) && failure.kind === "unavailable") isUnknown = true;
        // An attempt without an answer may have been written: a later refusal says nothing of it. A conflict does, because
        // the token would have answered with the first attempt's success.
        const isSettled = failure.kind === "conflict" || failure.kind === "too-long";
        const told: WriteFailure = isUnknown && !isSettled ? { kind: "unavailable" } : failure;
        return { kind: isRetriable ? "again" : "done", value: err(told) };
      }
    });
  }

  const count = (operation: TableOperation, consumed: readonly (ConsumedCapacity | undefined)[] | undefined): void =>
    addConsumed(meter, operation, consumed, partOf);

  async function query(table: TableName, input: Query): Promise<Result<{ rows: Row[]; next?: PageKey }, ReadFailure>> {
    const command = new QueryCommand(queryInput(nameOf(table), input));
    const answer = await call("Query", async (options) => {
      const output = await client.send(command, options);
      count("Query", [output.ConsumedCapacity]);
      const next = output.LastEvaluatedKey && pageKey(output.LastEvaluatedKey);
      return done({ rows: (output.Items ?? []).map(unmarshalRow), ...(next && { next }) });
    });
    return asRead(answer);
  }

  async function getBatch(
    table: TableName,
    keys: readonly Key[],
    isConsistent: boolean,
  ): Promise<Result<Row[], ReadFailure>> {
    const name = nameOf(table);
    const rows: Row[] = [];
    let pending: Record<string, KeysAndAttributes> = {
      [name]: { Keys: keys.map(marshalKey), ConsistentRead: isConsistent },
    };
    const answer = await call<void>("BatchGetItem", async (options) => {
      const input = { RequestItems: pending, ReturnConsumedCapacity: "INDEXES" as const };
      const output = await client.send(new BatchGetItemCommand(input), options);
      count("BatchGetItem", output.ConsumedCapacity);
      rows.push(...(output.Responses?.[name] ?? []).map(unmarshalRow));
      const rest = output.UnprocessedKeys ?? {};
      if (Object.keys(rest).length === 0) return done(undefined);
      pending = rest;
      return { kind: "again", value: err({ kind: "throttled" }) };
    });
    const read = asRead(answer);
    return read.ok ? ok(rows) : read;
  }

  return {
    async get(table, key, options) {
      const command = new GetItemCommand({
        TableName: nameOf(table),
        Key: marshalKey(key),
        ConsistentRead: options?.isConsistent ?? false,
        ReturnConsumedCapacity: "INDEXES",
      });
      const answer = await call<Row | undefined>("GetItem", async (sending) => {
        const output = await client.send(command, sending);
        count("GetItem", [output.ConsumedCapacity]);
        return done(output.Item && unmarshalRow(output.Item));
      });
      return asRead(answer);
    },

    async getMany(table, keys, options) {
      const found = new Map<string, Row>();
      const distinct = [...new Map(keys.map((key) => [nameOfKey(key), key])).values()];
      for (let at = 0; at < distinct.length; at += BATCH_LIMIT) {
        const rows = await getBatch(table, distinct.slice(at, at + BATCH_LIMIT), options?.isConsistent ?? false);
        if (!rows.ok) return rows;
        for (const row of rows.value) found.set(nameOfKey(row), row);
      }
      return ok(keys.map((key) => found.get(nameOfKey(key))));
    },

    query,

    async queryAll(table, input) {
      const rows: Row[] = [];
      let after = input.after;
      for (;;) {
        const page = await query(table, { ...input, ...(after && { after }) });
        if (!page.ok) return page;
        rows.push(...page.value.rows);
        after = page.value.next;
        if (after === undefined || (input.limit !== undefined && rows.length >= input.limit)) {
          return ok(input.limit === undefined ? rows : rows.slice(0, input.limit));
        }
      }
    },

    transactWrite(writes, token = randomUUID()) {
      invariant(writes.length >= 1 && writes.length <= TRANSACTION_LIMIT, "a transaction has 1 to 100 writes");
      const input = {
        TransactItems: writes.map((write) => transactItem(nameOf(write.table), write)),
        ClientRequestToken: token,
        ReturnConsumedCapacity: "INDEXES" as const,
      };
      const command = new TransactWriteItemsCommand(input);
      const send = async (options: { abortSignal: AbortSignal }) => {
        const output = await client.send(command, options);
        count("TransactWriteItems", output.ConsumedCapacity);
        return done(undefined);
      };
      return call<void>("TransactWriteItems", send, input);
    },

    put(table, row, condition) {
      const input = {
        TableName: nameOf(table),
        Item: marshalRow(row),
        ReturnConsumedCapacity: "INDEXES" as const,
        ...(condition && conditionOf(condition)),
      };
      const command = new PutItemCommand(input);
      const send = async (options: { abortSignal: AbortSignal }) => {
        const output = await client.send(command, options);
        count("PutItem", [output.ConsumedCapacity]);
        return done(undefined);
      };
      return call<void>("PutItem", send, input);
    },
  };
}

const done = <T>(value: T): Attempt<Result<T, WriteFailure>> => ({ kind: "done", value: ok(value) });

/** A read has no condition and no size: what is left of the failures is those of reads. */
function asRead<T>(result: Result<T, WriteFailure>): Result<T, ReadFailure> {
  if (result.ok) return result;
  const { kind } = result.error;
  return err({ kind: kind === "denied" || kind === "throttled" ? kind : "unavailable" });
}

/** Keys hold no newline: ids, types and our own words only. */
const nameOfKey = ({ pk, sk }: Key): string => `${pk}\n${sk}`;
const marshalKey = ({ pk, sk }: Key): Record<string, AttributeValue> => ({ pk: { S: pk }, sk: { S: sk } });

const pageKey = (key: Readonly<Record<string, AttributeValue>>): PageKey =>
  Object.fromEntries(Object.entries(key).map(([name, value]) => [name, value.S ?? ""]));

function transactItem(TableName: string, write: TableWrite): TransactWriteItem {
  if (write.kind === "check") {
    return { ConditionCheck: { TableName, Key: marshalKey(write.key), ...conditionOf(write.condition) } };
  }
  return { Put: { TableName, Item: marshalRow(write.row), ...(write.condition && conditionOf(write.condition)) } };
}

interface ConditionParts {
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
}

function conditionOf(condition: Condition): ConditionParts {
  const names: Record<string, string> = { "#pk": "pk" };
  if (condition.kind === "absent") {
    return { ConditionExpression: "attribute_not_exists(#pk)", ExpressionAttributeNames: names };
  }
  if (condition.kind === "present") {
    return { ConditionExpression: "attribute_exists(#pk)", ExpressionAttributeNames: names };
  }
  const values: Record<string, AttributeValue> = {};
  const terms = ["attribute_exists(#pk)"];
  for (const [index, [name, value]] of Object.entries(condition.attributes).entries()) {
    names[`#a${index}`] = name;
    values[`:a${index}`] = marshal(value);
    terms.push(`#a${index} = :a${index}`);
  }
  return {
    ConditionExpression: terms.join(" AND "),
    ExpressionAttributeNames: names,
    ...(terms.length > 1 && { ExpressionAttributeValues: values }),
  };
}

function queryInput(tableName: string, query: Query): QueryCommandInput {
  invariant(query.prefix === undefined || query.between === undefined, "a query has a prefix or bounds, not both");
  const [partition, sort] = query.index === undefined ? ["pk", "sk"] : ["gpk", "gsk"];
  const values: Record<string, AttributeValue> = { ":p": { S: query.pk } };
  let condition = "#p = :p";
  if (query.prefix !== undefined) {
    condition += " AND begins_with(#s, :s)";
    values[":s"] = { S: query.prefix };
  } else if (query.between !== undefined) {
    condition += " AND #s BETWEEN :f AND :t";
    values[":f"] = { S: query.between[0] };
    values[":t"] = { S: query.between[1] };
  }
  return {
    TableName: tableName,
    KeyConditionExpression: condition,
    ExpressionAttributeNames: { "#p": partition, ...(condition.includes("#s") && { "#s": sort }) },
    ExpressionAttributeValues: values,
    ReturnConsumedCapacity: "INDEXES",
    ScanIndexForward: query.isDescending !== true,
    ...(query.isConsistent === true && query.index === undefined && { ConsistentRead: true }),
    ...(query.index !== undefined && { IndexName: query.index }),
    ...(query.limit !== undefined && { Limit: query.limit }),
    ...(query.after && { ExclusiveStartKey: marshalRow(query.after) }),
  };
}
