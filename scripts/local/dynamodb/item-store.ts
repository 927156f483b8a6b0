import type { Item } from "./attribute-value.ts";
import { attributeOf, itemSizeBytes, sameItem, sameValue } from "./attribute-value.ts";
import { writeKilobytes } from "./consumption.ts";
import type { Engine } from "./engine.ts";
import { validation } from "./errors.ts";
import type { KeyBytes } from "./keys.ts";
import { keyInIndex, keyOfItem, pick, primaryKeyOf, sameKey, storedKeyInIndex } from "./keys.ts";
import type { ItemRow } from "./store.ts";
import type { Index, Table } from "./tables.ts";

export const MAX_ITEM_BYTES = 400 * 1024;

/** An item as the database holds it; its JSON is parsed only when someone looks. */
export class StoredItem {
  readonly id: number;
  readonly sizeBytes: number;
  readonly json: string;
  #item: Item | undefined;

  constructor(row: ItemRow) {
    this.id = row.id;
    this.sizeBytes = row.size;
    this.json = row.item;
  }

  get item(): Item {
    this.#item ??= JSON.parse(this.json) as Item;
    return this.#item;
  }
}

export function readItem(engine: Engine, table: Table, key: KeyBytes): StoredItem | undefined {
  const row = engine.store.readItem.get(table.id, key.pk, key.sk);
  return row && new StoredItem(row);
}

/** What one write costs, before any factor for transactions. */
export interface WriteUnits {
  readonly table: number;
  /** By index name; only indexes that the write touched. */
  readonly indexes: ReadonlyMap<string, number>;
}

const NO_INDEXES: ReadonlyMap<string, number> = new Map();
/** Beside its own bytes an item takes this much, in a table and in each index. Source: "Amazon DynamoDB pricing", storage. */
export const ITEM_OVERHEAD_BYTES = 100;
const storedBytes = (sizeBytes: number | undefined): number =>
  sizeBytes === undefined ? 0 : sizeBytes + ITEM_OVERHEAD_BYTES;

/** Bytes of an item as an index holds it. */
export const entrySizeBytes = (index: Index, stored: { readonly item: Item; readonly sizeBytes: number }): number =>
  index.projected === undefined ? stored.sizeBytes : itemSizeBytes(pick(stored.item, index.projected));

interface State {
  readonly item: Item;
  readonly sizeBytes: number;
}

/** Whether an index entry that stays where it is has to be written at all. */
function entryChanged(index: Index, old: Item, next: Item): boolean {
  if (index.projected === undefined) return true;
  for (const name of index.projected) {
    const before = attributeOf(old, name);
    const after = attributeOf(next, name);
    if (before === undefined || after === undefined ? before !== after : !sameValue(before, after)) return true;
  }
  return false;
}

interface EntryMove {
  readonly index: Index;
  readonly from: KeyBytes | undefined;
  readonly to: KeyBytes | undefined;
  readonly units: number;
  /** Bytes that the index holds more, or fewer when below zero. */
  readonly grownBytes: number;
}

/** What a write does to one index. Source: Developer Guide, "Provisioned throughput considerations for GSIs". */
function entryMove(
  table: Table,
  index: Index,
  old: State | undefined,
  next: State | undefined,
  isChanged: boolean,
): EntryMove | undefined {
  const from = old && storedKeyInIndex(table, index, old.item);
  const to = next && keyInIndex(table, index, next.item);
  if (from === undefined && to === undefined) return undefined;
  const fromBytes = from && old ? entrySizeBytes(index, old) : undefined;
  const toBytes = to && next ? entrySizeBytes(index, next) : undefined;
  const fromUnits = fromBytes === undefined ? 0 : writeKilobytes(fromBytes);
  const toUnits = toBytes === undefined ? 0 : writeKilobytes(toBytes);
  const grownBytes = storedBytes(toBytes) - storedBytes(fromBytes);
  if (from !== undefined && to !== undefined && old !== undefined && next !== undefined && sameKey(from, to)) {
    const units = isChanged && entryChanged(index, old.item, next.item) ? Math.max(fromUnits, toUnits) : 0;
    return { index, from: undefined, to: undefined, units, grownBytes };
  }
  return { index, from, to, units: fromUnits + toUnits, grownBytes };
}

/** Epoch seconds at which an item expires; null where it has no number in the table's time-to-live attribute. */
export function expiryOf(table: Table, item: Item): number | null {
  const value = table.ttlAttribute === undefined ? undefined : attributeOf(item, table.ttlAttribute);
  if (value === undefined || !("N" in value)) return null;
  const seconds = Math.floor(Number(value.N));
  return Number.isSafeInteger(seconds) ? seconds : null;
}

export type WriteCause = "put" | "update" | "delete" | "ttl";

/** One item brought from one state to the next; undefined is no item. */
export interface ItemWrite {
  readonly table: Table;
  readonly key: KeyBytes;
  readonly old: StoredItem | undefined;
  readonly next: Item | undefined;
  readonly cause: WriteCause;
  /** One time for all writes of a transaction, so that no recovery can stand between them. */
  readonly atMs: number;
}

function appendJournal(engine: Engine, { table, old, next, cause, atMs }: ItemWrite, json: string | undefined): void {
  const { stream, recovery } = table;
  const subject = next ?? old?.item;
  if (subject === undefined || (stream === undefined && recovery === undefined)) return;
  const view = stream?.view;
  const keepsNew = view === "NEW_IMAGE" || view === "NEW_AND_OLD_IMAGES";
  const keepsOld = view === "OLD_IMAGE" || view === "NEW_AND_OLD_IMAGES" || recovery !== undefined;
  engine.store.appendJournal.run(
    table.id,
    stream?.id ?? null,
    atMs,
    old === undefined ? "INSERT" : next === undefined ? "REMOVE" : "MODIFY",
    JSON.stringify(primaryKeyOf(table, subject)),
    (keepsNew ? json : undefined) ?? null,
    (keepsOld ? old?.json : undefined) ?? null,
    cause === "ttl" ? 1 : 0,
  );
}

/**
 * Brings one item from `old` to `next` (undefined: no item), with its index entries and its journal row. To be called
 * in a transaction. A write that changes nothing costs the same and leaves no journal row.
 */
export function writeItem(engine: Engine, write: ItemWrite): WriteUnits {
  const { table, key, old, next, cause } = write;
  const nextState = next && { item: next, sizeBytes: itemSizeBytes(next) };
  const units = writeKilobytes(Math.max(old?.sizeBytes ?? 0, nextState?.sizeBytes ?? 0));
  if (old === undefined && nextState === undefined) return { table: units, indexes: NO_INDEXES };
  if (nextState !== undefined && nextState.sizeBytes > MAX_ITEM_BYTES) {
    throw validation(`Item size ${cause === "update" ? "to update " : ""}has exceeded the maximum allowed size`);
  }

  const json = nextState && JSON.stringify(nextState.item);
  const isChanged =
    old === undefined || nextState === undefined || (json !== old.json && !sameItem(old.item, nextState.item));
  const moves: EntryMove[] = [];
  for (const index of table.indexes) {
    const move = entryMove(table, index, old, nextState, isChanged);
    if (move !== undefined) moves.push(move);
  }

  if (isChanged) {
    const { store } = engine;
    let id = old?.id ?? 0;
    if (nextState === undefined || json === undefined) {
      store.deleteItem.run(id);
    } else if (old === undefined) {
      const row = [table.id, key.pk, key.sk, nextState.sizeBytes, expiryOf(table, nextState.item), json] as const;
      id = Number(store.insertItem.run(...row).lastInsertRowid);
    } else {
      store.updateItem.run(nextState.sizeBytes, expiryOf(table, nextState.item), json, id);
    }
    for (const { index, from, to } of moves) {
      if (from !== undefined) store.deleteEntry.run(index.id, from.pk, from.sk, key.pk, key.sk);
      if (to !== undefined) store.insertEntry.run(index.id, to.pk, to.sk, key.pk, key.sk, id);
    }
    appendJournal(engine, write, json);
    const grownBytes = storedBytes(nextState?.sizeBytes) - storedBytes(old?.sizeBytes);
    store.afterCommit(() => {
      engine.stored(table, null, grownBytes);
      for (const move of moves) engine.stored(table, move.index.name, move.grownBytes);
    });
  }
  const touched = moves.filter((move) => move.units > 0);
  return {
    table: units,
    indexes: touched.length === 0 ? NO_INDEXES : new Map(touched.map((move) => [move.index.name, move.units])),
  };
}

/** Puts an item of a restored table in place: no journal, and its index entries are filled afterwards. */
export function insertCopy(engine: Engine, table: Table, json: string): void {
  const item = JSON.parse(json) as Item;
  const key = keyOfItem(table, item);
  engine.store.insertItem.run(table.id, key.pk, key.sk, itemSizeBytes(item), expiryOf(table, item), json);
}
