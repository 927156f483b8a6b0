import type { Item } from "./attribute-value.ts";
import { normaliseItem } from "./attribute-value.ts";
import { writeKilobytes } from "./consumption.ts";
import type { Engine } from "./engine.ts";
import { conditionFailed, invalidParameter, validation } from "./errors.ts";
import type { Condition, Update } from "./expression/ast.ts";
import { meets } from "./expression/condition.ts";
import { parseCondition } from "./expression/condition-parser.ts";
import { readExpressionNames } from "./expression/names.ts";
import { applyUpdate } from "./expression/update.ts";
import { parseUpdate } from "./expression/update-parser.ts";
import type { Input } from "./input.ts";
import { readChoice, readRequiredStructure, readRequiredText, readTableName, readText, refuseLegacy } from "./input.ts";
import type { StoredItem, WriteCause, WriteUnits } from "./item-store.ts";
import { readItem, writeItem } from "./item-store.ts";
import type { KeyBytes } from "./keys.ts";
import { keyNamesOf, keyOfItem, keyOfRequest } from "./keys.ts";
import type { Table } from "./tables.ts";

export type WriteKind = "Put" | "Update" | "Delete" | "ConditionCheck";

export const RETURN_VALUES = ["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"] as const;
export type ReturnValues = (typeof RETURN_VALUES)[number];

/** One write as asked for: read, parsed and judged without a look at any table. */
export interface WriteRequest {
  readonly kind: WriteKind;
  readonly table: string;
  /** The Item of a Put, the Key of the others. */
  readonly subject: Item;
  readonly condition: Condition | undefined;
  readonly update: Update | undefined;
  readonly returnValues: ReturnValues;
  readonly returnsItemOnFailure: boolean;
  /** Every top-level attribute that the request names. */
  readonly attributes: ReadonlySet<string>;
}

const isSingleRead = (returnValues: ReturnValues): boolean => returnValues === "NONE" || returnValues === "ALL_OLD";

/** Reads the members of PutItem, UpdateItem, DeleteItem, or of an element of a batch or transaction. */
export function parseWrite(kind: WriteKind, input: Input): WriteRequest {
  const table = readTableName(input);
  refuseLegacy(input);
  const subject = normaliseItem(readRequiredStructure(input, kind === "Put" ? "Item" : "Key"));
  const returnValues = readChoice(input, "ReturnValues", RETURN_VALUES) ?? "NONE";
  if (kind !== "Update" && !isSingleRead(returnValues)) throw validation("Return values set to invalid value");
  const onFailure = readChoice(input, "ReturnValuesOnConditionCheckFailure", ["ALL_OLD", "NONE"]);

  const names = readExpressionNames(
    input,
    kind === "Update" ? ["UpdateExpression", "ConditionExpression"] : ["ConditionExpression"],
  );
  const updateSource = kind === "Update" ? readText(input, "UpdateExpression") : undefined;
  const update = updateSource === undefined ? undefined : parseUpdate(updateSource, names);
  const conditionSource =
    kind === "ConditionCheck" ? readRequiredText(input, "ConditionExpression") : readText(input, "ConditionExpression");
  const condition =
    conditionSource === undefined ? undefined : parseCondition("ConditionExpression", conditionSource, names);
  names.assertAllUsed();
  return {
    kind,
    table,
    subject,
    condition,
    update,
    returnValues,
    returnsItemOnFailure: onFailure === "ALL_OLD",
    attributes: new Set([...Object.keys(subject), ...names.attributes]),
  };
}

/** A write with its table and key found. */
export interface BoundWrite {
  readonly request: WriteRequest;
  readonly table: Table;
  readonly key: KeyBytes;
}

/** Finds the table and checks what only its schema tells. Throws ResourceNotFoundException or ValidationException. */
export function bindWrite(engine: Engine, request: WriteRequest): BoundWrite {
  const table = engine.tables.require(request.table);
  const key = request.kind === "Put" ? keyOfItem(table, request.subject) : keyOfRequest(table, request.subject);
  for (const path of request.update?.paths ?? []) {
    if (keyNamesOf(table).includes(path[0] as string)) {
      throw invalidParameter(`Cannot update attribute ${String(path[0])}. This attribute is part of the key`);
    }
  }
  return { request, table, key };
}

export interface WriteOutcome {
  readonly old: StoredItem | undefined;
  readonly next: Item | undefined;
  readonly units: WriteUnits;
}

const NO_INDEXES: ReadonlyMap<string, number> = new Map();

/**
 * Runs one write as of `atMs`; to be called in a transaction. Throws ConditionalCheckFailedException or
 * ValidationException.
 */
export function applyWrite(engine: Engine, { request, table, key }: BoundWrite, atMs: number): WriteOutcome {
  const write = (next: Item | undefined, cause: WriteCause): WriteUnits =>
    writeItem(engine, { table, key, old, next, cause, atMs });
  const old = readItem(engine, table, key);
  if (request.condition !== undefined && !meets(request.condition, old?.item ?? {})) {
    engine.consumption.failedWrite(table, old?.sizeBytes ?? 0);
    throw conditionFailed(request.returnsItemOnFailure ? old?.item : undefined);
  }
  switch (request.kind) {
    case "ConditionCheck": {
      return { old, next: old?.item, units: { table: writeKilobytes(old?.sizeBytes ?? 0), indexes: NO_INDEXES } };
    }
    case "Put":
      return { old, next: request.subject, units: write(request.subject, "put") };
    case "Update": {
      const before = old?.item ?? request.subject;
      const next = request.update === undefined ? before : applyUpdate(request.update, before);
      return { old, next, units: write(next, "update") };
    }
    case "Delete":
      return { old, next: undefined, units: write(undefined, "delete") };
  }
}
