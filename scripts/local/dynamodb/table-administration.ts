import { randomUUID } from "node:crypto";
import type { Item } from "./attribute-value.ts";
import { tableArn } from "./authorize.ts";
import type { Engine } from "./engine.ts";
import { invalidParameter, resourceNotFound, validation } from "./errors.ts";
import { storedKeyInIndex } from "./keys.ts";
import { ServiceError } from "../service.ts";
import { closeStream, openStream } from "./journal.ts";
import { indexBytes, tellStored } from "./stored.ts";
import { checkSchema } from "./table-input.ts";
import type { Index, IndexDefinition, StreamView, Table, TableDefinition } from "./tables.ts";
import { INDEX_IDS_PER_TABLE, projectedNames } from "./tables.ts";

export interface CreateTableOptions {
  readonly view?: StreamView | undefined;
  /** Instead of the time, so that a provisioned stream has the ARN that its plan names. */
  readonly streamLabel?: string | undefined;
  readonly restore?: Table["restore"];
  /** Puts the first items in, in the transaction that makes the table. */
  readonly fill?: (table: Table) => void;
}

/** Makes a table; throws ResourceInUseException where the name is taken. */
export function createTable(
  engine: Engine,
  definition: TableDefinition,
  { view, streamLabel, restore, fill }: CreateTableOptions = {},
): Table {
  if (engine.tables.find(definition.name) !== undefined) {
    throw new ServiceError("ResourceInUseException", `Table already exists: ${definition.name}`);
  }
  return engine.store.transaction(() => {
    const id = engine.tables.reserveId(definition.name);
    const indexes = definition.indexes.map((index, position): Index => ({
      ...index,
      id: id * INDEX_IDS_PER_TABLE + position,
      projected: projectedNames(definition, index),
    }));
    const table: Table = {
      ...definition,
      id,
      arn: tableArn(engine, definition.name),
      tableId: randomUUID(),
      createdAtMs: engine.clock.now(),
      indexes,
      nextIndexId: id * INDEX_IDS_PER_TABLE + indexes.length,
      ttlAttribute: undefined,
      recovery: undefined,
      stream: undefined,
      policy: undefined,
      restore,
    };
    fill?.(table);
    if (fill !== undefined) engine.store.afterCommit(() => tellStored(engine, table));
    return engine.tables.save(
      view === undefined ? table : { ...table, stream: openStream(engine, table, view, streamLabel) },
    );
  });
}

/** Deletes a table with its items. Its stream stays readable until it is trimmed. */
export function deleteTable(engine: Engine, table: Table): void {
  if (table.deletionProtection) {
    throw validation(
      `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
    );
  }
  tellStored(engine, table, -1);
  engine.store.transaction(() => {
    if (table.stream !== undefined) closeStream(engine, table.stream);
    for (const index of table.indexes) dropEntries(engine, index);
    engine.store.query("DELETE FROM items WHERE t=?").run(table.id);
    engine.store.query("DELETE FROM journal WHERE t=? AND stream IS NULL").run(table.id);
    engine.tables.remove(table);
  });
}

const dropEntries = (engine: Engine, index: Index): void => {
  engine.store.query("DELETE FROM entries WHERE ix=?").run(index.id);
};

interface StoredRow {
  readonly id: number;
  readonly pk: Uint8Array;
  readonly sk: Uint8Array;
  readonly item: string;
}

/** Fills an index from the items that are there; those that it cannot hold stay out. */
export function backfill(engine: Engine, table: Table, index: Index): void {
  const rows = engine.store.query<StoredRow>("SELECT id, pk, sk, item FROM items WHERE t=?").all(table.id);
  for (const row of rows) {
    const key = storedKeyInIndex(table, index, JSON.parse(row.item) as Item);
    if (key !== undefined) engine.store.insertEntry.run(index.id, key.pk, key.sk, row.pk, row.sk, row.id);
  }
}

export type IndexChange =
  | { readonly kind: "create"; readonly index: IndexDefinition }
  | { readonly kind: "update"; readonly name: string; readonly throughput: IndexDefinition["throughput"] }
  | { readonly kind: "delete"; readonly name: string };

/** Adds, removes or changes one global index; at once, where AWS takes minutes. To be called in a transaction. */
export function changeIndex(
  engine: Engine,
  table: Table,
  change: IndexChange,
  added: TableDefinition["attributes"],
): Table {
  if (change.kind === "create") {
    if (table.indexes.some(({ name }) => name === change.index.name)) {
      throw invalidParameter(`Duplicate index name: ${change.index.name}`);
    }
    const fresh = added.filter(({ name }) => !table.attributes.some((attribute) => attribute.name === name));
    const attributes = [...table.attributes, ...fresh];
    checkSchema(table, [...table.indexes, change.index], attributes);
    const index: Index = { ...change.index, id: table.nextIndexId, projected: projectedNames(table, change.index) };
    const changed = {
      ...table,
      attributes,
      indexes: [...table.indexes, index],
      nextIndexId: table.nextIndexId + 1,
    };
    backfill(engine, changed, index);
    engine.store.afterCommit(() => engine.stored(changed, index.name, indexBytes(engine, changed, index)));
    return changed;
  }
  const index = table.indexes.find(({ name, scope }) => name === change.name && scope === "global");
  if (index === undefined) throw resourceNotFound("Requested resource not found");
  if (change.kind === "update") {
    return {
      ...table,
      indexes: table.indexes.map((other) => (other === index ? { ...other, throughput: change.throughput } : other)),
    };
  }
  const bytes = indexBytes(engine, table, index);
  engine.store.afterCommit(() => engine.stored(table, index.name, -bytes));
  dropEntries(engine, index);
  const indexes = table.indexes.filter((other) => other !== index);
  const keys = new Set([table, ...indexes].flatMap(({ hash, range }) => [hash, range]));
  return { ...table, indexes, attributes: table.attributes.filter(({ name }) => keys.has(name)) };
}

/** Turns a stream on or off, or leaves it. To be called in a transaction. */
export function changeStream(engine: Engine, table: Table, view: StreamView | "off" | undefined): Table {
  if (view === undefined) return table;
  if (view === "off") {
    if (table.stream === undefined) {
      throw validation("Table is already in the desired stream state: the stream is disabled");
    }
    closeStream(engine, table.stream);
    return { ...table, stream: undefined };
  }
  if (table.stream !== undefined) {
    throw new ServiceError(
      "ResourceInUseException",
      `Table is being updated: Table: ${table.name} already has an enabled stream: ${table.stream.arn}`,
    );
  }
  return { ...table, stream: openStream(engine, table, view) };
}
