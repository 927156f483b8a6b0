import { createHash } from "node:crypto";
import type { Item } from "./attribute-value.ts";
import { itemSizeBytes } from "./attribute-value.ts";
import { dataCheck, leadingKeysOf, returnValuesAsked, selectAsked } from "./authorize.ts";
import { CapacityByTable, readCapacityMode, readUnits } from "./capacity.ts";
import type { Engine } from "./engine.ts";
import { constraint, validation } from "./errors.ts";
import type { Input } from "./input.ts";
import { isGiven, readStructure, readStructures, readText, required } from "./input.ts";
import { itemJson, parseGet } from "./items.ts";
import { readItem } from "./item-store.ts";
import type { KeyBytes } from "./keys.ts";
import { keyOfRequest } from "./keys.ts";
import type { Operation, Reply } from "./plan.ts";
import { ServiceError } from "../service.ts";
import { announce } from "./journal.ts";
import type { Table } from "./tables.ts";
import { trailKey } from "./trail.ts";
import type { BoundWrite, WriteKind, WriteOutcome } from "./write.ts";
import { applyWrite, bindWrite, parseWrite } from "./write.ts";

const MAX_ITEMS = 100;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_TOKEN_LENGTH = 36;
/** Source: API Reference, TransactWriteItems, ClientRequestToken: valid for 10 minutes. */
const TOKEN_LIFETIME_MS = 10 * 60 * 1000;
/** Every item of a transaction is read or written twice: prepare and commit. */
const FACTOR = 2;

const WRITE_KINDS = ["ConditionCheck", "Put", "Delete", "Update"] as const;
const ACTIONS = {
  ConditionCheck: "ConditionCheckItem",
  Put: "PutItem",
  Delete: "DeleteItem",
  Update: "UpdateItem",
} as const;

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: unknown;
}

const cancelled = (reasons: readonly Reason[]): ServiceError =>
  new ServiceError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`,
    400,
    { CancellationReasons: reasons },
  );

/** The reason that a failed element gives the cancellation; rethrows what fails the request as a whole. */
function reasonOf(error: unknown): Reason {
  if (error instanceof ServiceError) {
    if (error.code === "ConditionalCheckFailedException") {
      return { Code: "ConditionalCheckFailed", Message: error.message, ...error.fields };
    }
    if (error.code === "ValidationException") return { Code: "ValidationError", Message: error.message };
  }
  throw error;
}

/** Runs `each` for every element, then throws one cancellation with a reason for each if any failed. */
function allOrNone<T, R>(elements: readonly T[], each: (element: T) => R): R[] {
  const results: R[] = [];
  const reasons: Reason[] = [];
  let isCancelled = false;
  for (const element of elements) {
    try {
      results.push(each(element));
      reasons.push({ Code: "None" });
    } catch (error) {
      reasons.push(reasonOf(error));
      isCancelled = true;
    }
  }
  if (isCancelled) throw cancelled(reasons);
  return results;
}

function readElements(input: Input): readonly Record<string, unknown>[] {
  const elements = readStructures(input, "TransactItems");
  if (elements === undefined) throw required("TransactItems");
  if (elements.length === 0) {
    throw constraint("'[]'", "transactItems", "Member must have length greater than or equal to 1");
  }
  if (elements.length > MAX_ITEMS) {
    throw constraint(
      `'[${String(elements.length)} elements]'`,
      "transactItems",
      "Member must have length less than or equal to 100",
    );
  }
  return elements;
}

function assertDistinct(targets: readonly { readonly table: Table; readonly key: KeyBytes }[]): void {
  const distinct = new Set(
    targets.map(({ table, key }) => `${String(table.id)}/${key.pk.toString("hex")}/${key.sk.toString("hex")}`),
  );
  if (distinct.size !== targets.length) {
    throw validation("Transaction request cannot include multiple operations on one item");
  }
}

function readToken(input: Input): string | undefined {
  const token = readText(input, "ClientRequestToken");
  if (token === undefined) return undefined;
  if (token.length < 1) {
    throw constraint("''", "clientRequestToken", "Member must have length greater than or equal to 1");
  }
  if (token.length > MAX_TOKEN_LENGTH) {
    throw constraint(`'${token}'`, "clientRequestToken", "Member must have length less than or equal to 36");
  }
  return token;
}

/** What a token stands for: the members of each element that the parse has checked, so that none nests without end. */
function digestOf(writes: readonly { readonly kind: WriteKind; readonly member: Input }[]): string {
  const hash = createHash("sha256");
  for (const { kind, member } of writes) {
    const names = [
      "TableName",
      kind === "Put" ? "Item" : "Key",
      "ConditionExpression",
      ...(kind === "Update" ? ["UpdateExpression"] : []),
      "ExpressionAttributeNames",
      "ExpressionAttributeValues",
      "ReturnValuesOnConditionCheckFailure",
    ];
    hash.update(JSON.stringify([kind, ...names.map((name) => (isGiven(member, name) ? member[name] : null))]));
  }
  return hash.digest("base64url");
}

export const transactWriteItems: Operation = (engine, input) => {
  const token = readToken(input);
  const mode = readCapacityMode(input);
  const elements = readElements(input);
  const writes = elements.map((element) => {
    const kinds = WRITE_KINDS.filter((kind) => isGiven(element, kind));
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      throw validation("TransactItems can only contain one of Check, Put, Update or Delete");
    }
    const member = readStructure(element, kind) ?? {};
    return { kind, member, request: parseWrite(kind, member) };
  });
  const digest = token === undefined ? "" : digestOf(writes);

  return {
    checks: writes.flatMap(({ kind, member, request }) =>
      returnValuesAsked(member).map((returnValues) =>
        dataCheck(engine, {
          action: ACTIONS[kind],
          table: request.table,
          leadingKeys: leadingKeysOf(engine.tables.find(request.table), [request.subject]),
          attributes: request.attributes,
          enclosing: "TransactWriteItems",
          returnValues,
          returnConsumedCapacity: readText(input, "ReturnConsumedCapacity"),
        }),
      ),
    ),
    readOnly: false,
    managementEvent: false,
    parameters: {
      // The names that the developer guide shows for transactions: "Understanding DynamoDB log file entries".
      requestItems: writes.map(({ kind, request }) => ({
        operation: kind,
        tableName: request.table,
        key: trailKey(engine, request.table, request.subject),
      })),
    },
    run: () => {
      const requests = writes.map(({ request }) => request);
      for (const request of requests) engine.tables.require(request.table);
      const bound = allOrNone(requests, (request) => bindWrite(engine, request));
      assertDistinct(bound);
      return runWrites(engine, bound, token === undefined ? undefined : { token, digest }, mode);
    },
  };
};

function runWrites(
  engine: Engine,
  bound: readonly BoundWrite[],
  idempotency: { readonly token: string; readonly digest: string } | undefined,
  mode: ReturnType<typeof readCapacityMode>,
): Reply {
  const capacity = new CapacityByTable();
  const isReplay = engine.store.transaction(() => {
    const nowMs = engine.clock.now();
    if (idempotency !== undefined) {
      const known = engine.store.readToken.get(idempotency.token, nowMs - TOKEN_LIFETIME_MS);
      if (known !== undefined) {
        if (known.digest === idempotency.digest) return true;
        throw new ServiceError(
          "IdempotentParameterMismatchException",
          "DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.",
        );
      }
    }
    const outcomes = applyAll(engine, bound, nowMs);
    assertSize(outcomes);
    for (const [position, outcome] of outcomes.entries()) {
      const write = bound[position];
      if (write !== undefined) capacity.of(write.table).addWrite(outcome.units, FACTOR);
    }
    if (idempotency !== undefined) {
      engine.store.dropTokens.run(nowMs - TOKEN_LIFETIME_MS);
      engine.store.writeToken.run(idempotency.token, idempotency.digest, nowMs);
    }
    return false;
  });
  if (isReplay) {
    // A repeated request changes nothing and pays for reading its items.
    for (const { table, key } of bound) {
      const sizeBytes = readItem(engine, table, key)?.sizeBytes ?? 0;
      capacity.of(table).addTable(readUnits(sizeBytes, true) * FACTOR);
    }
    engine.consumption.read(capacity);
    return capacity.member(mode, "Read");
  }
  announce(
    engine,
    bound.map(({ table }) => table),
  );
  engine.consumption.write(capacity);
  return capacity.member(mode, "Write");
}

/** All writes, or none, and what is billed for that. */
function applyAll(engine: Engine, bound: readonly BoundWrite[], nowMs: number): WriteOutcome[] {
  const prepared: { readonly table: Table; readonly units: number }[] = [];
  try {
    return allOrNone(bound, (write) => {
      const outcome = applyWrite(engine, write, nowMs);
      prepared.push({ table: write.table, units: outcome.units.table });
      return outcome;
    });
  } catch (error) {
    engine.consumption.cancelled(prepared);
    throw error;
  }
}

function assertSize(outcomes: readonly WriteOutcome[]): void {
  let total = 0;
  for (const { old, next } of outcomes) total += next === undefined ? (old?.sizeBytes ?? 0) : itemSizeBytes(next);
  if (total > MAX_BYTES) throw validation("The aggregate size of the items in the transaction cannot exceed 4 MB");
}

export const transactGetItems: Operation = (engine, input) => {
  const mode = readCapacityMode(input);
  const gets = readElements(input).map((element) => {
    const member = readStructure(element, "Get");
    if (member === undefined) throw required("transactItems.1.member.get");
    return { member, request: parseGet(member) };
  });
  return {
    checks: gets.map(({ member, request }) =>
      dataCheck(engine, {
        action: "GetItem",
        table: request.table,
        leadingKeys: leadingKeysOf(engine.tables.find(request.table), [request.key]),
        attributes: request.attributes,
        enclosing: "TransactGetItems",
        select: selectAsked(member),
        returnConsumedCapacity: readText(input, "ReturnConsumedCapacity"),
      }),
    ),
    readOnly: true,
    managementEvent: false,
    parameters: {
      requestItems: gets.map(({ request }) => ({
        operation: "Get",
        tableName: request.table,
        key: trailKey(engine, request.table, request.key as Item),
      })),
    },
    run: () => {
      for (const { request } of gets) engine.tables.require(request.table);
      const bound = allOrNone(gets, ({ request }) => {
        const table = engine.tables.require(request.table);
        return { table, key: keyOfRequest(table, request.key), projection: request.projection };
      });
      assertDistinct(bound);
      const capacity = new CapacityByTable();
      let total = 0;
      const responses = bound.map(({ table, key, projection }) => {
        const stored = readItem(engine, table, key);
        total += stored?.sizeBytes ?? 0;
        capacity.of(table).addTable(readUnits(stored?.sizeBytes ?? 0, true) * FACTOR);
        return stored === undefined ? "{}" : `{"Item":${itemJson(stored, projection)}}`;
      });
      if (total > MAX_BYTES) {
        throw validation("The aggregate size of the items in the transaction cannot exceed 4 MB");
      }
      engine.consumption.read(capacity);
      const rest = JSON.stringify(capacity.member(mode, "Read")).slice(1, -1);
      return `{"Responses":[${responses.join(",")}]${rest === "" ? "" : `,${rest}`}}`;
    },
  };
};
