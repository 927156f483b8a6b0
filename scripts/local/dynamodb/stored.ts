import type { Engine } from "./engine.ts";
import { entrySizeBytes, ITEM_OVERHEAD_BYTES, StoredItem } from "./item-store.ts";
import { keyNamesOf } from "./keys.ts";
import type { ItemRow } from "./store.ts";
import type { Index, Table } from "./tables.ts";

interface Sum {
  readonly items: number;
  readonly bytes: number | null;
}

/** Bytes that an index holds, the overhead of its items left aside. */
function indexSum(engine: Engine, table: Table, index: Index): Sum {
  const from = "FROM entries e JOIN items i ON i.id=e.item WHERE e.ix=?";
  if (index.projection === "ALL")
    return (
      engine.store.query<Sum>(`SELECT count(*) AS items, sum(i.size) AS bytes ${from}`).get(index.id) ?? {
        items: 0,
        bytes: 0,
      }
    );
  if (index.projection === "KEYS_ONLY") {
    // Of keys alone the bytes are in the index itself: no item is read, of which there may be many.
    const lengths = "length(hash)+length(range)+length(pk)+length(sk)";
    const sum = engine.store
      .query<Sum>(`SELECT count(*) AS items, sum(${lengths}) AS bytes FROM entries WHERE ix=?`)
      .get(index.id) ?? { items: 0, bytes: 0 };
    const names = new Set([...keyNamesOf(table), ...keyNamesOf(index)]);
    const nameBytes = [...names].reduce((total, name) => total + Buffer.byteLength(name), 0);
    return { items: sum.items, bytes: (sum.bytes ?? 0) + nameBytes * sum.items };
  }
  const rows = engine.store.query<ItemRow>(`SELECT i.id, i.size, i.item ${from}`).all(index.id);
  return { items: rows.length, bytes: rows.reduce((sum, row) => sum + entrySizeBytes(index, new StoredItem(row)), 0) };
}

/** Bytes of storage that AWS bills for an index of a table. */
export function indexBytes(engine: Engine, table: Table, index: Index): number {
  const { items, bytes } = indexSum(engine, table, index);
  return (bytes ?? 0) + items * ITEM_OVERHEAD_BYTES;
}

/** Bytes of storage that AWS bills for a table's own items. */
export function tableBytes(engine: Engine, table: Table): number {
  const sum = engine.store
    .query<Sum>("SELECT count(*) AS items, sum(size) AS bytes FROM items WHERE t=?")
    .get(table.id);
  return (sum?.bytes ?? 0) + (sum?.items ?? 0) * ITEM_OVERHEAD_BYTES;
}

/** Tells of everything that lies in a table: at a start, and where it came or goes as a whole (`sign` -1). */
export function tellStored(engine: Engine, table: Table, sign: 1 | -1 = 1): void {
  engine.stored(table, null, sign * tableBytes(engine, table));
  for (const index of table.indexes) engine.stored(table, index.name, sign * indexBytes(engine, table, index));
}
