import type { WriteUnits } from "./item-store.ts";
import type { Input } from "./input.ts";
import { readChoice } from "./input.ts";
import type { Table } from "./tables.ts";

export type CapacityMode = "NONE" | "TOTAL" | "INDEXES";

export const CAPACITY_MODES = ["INDEXES", "TOTAL", "NONE"] as const;

export const readCapacityMode = (input: Input): CapacityMode =>
  readChoice(input, "ReturnConsumedCapacity", CAPACITY_MODES) ?? "NONE";

/** Units for a read of these bytes: one a 4 KB, half of that when it may be stale. Source: "Read and write operations". */
export const readUnits = (sizeBytes: number, isConsistent: boolean): number =>
  Math.ceil(Math.max(1, sizeBytes) / 4096) * (isConsistent ? 1 : 0.5);

/** Adds up what a request consumes of one table and its indexes. */
export class Capacity {
  readonly #table: Table;
  #tableUnits = 0;
  readonly #indexUnits = new Map<string, number>();

  constructor(table: Table) {
    this.#table = table;
  }

  /** `factor` is 2 in transactions. */
  addWrite(units: WriteUnits, factor = 1): this {
    this.#tableUnits += units.table * factor;
    for (const [name, indexUnits] of units.indexes) this.addIndex(name, indexUnits * factor);
    return this;
  }

  addTable(units: number): this {
    this.#tableUnits += units;
    return this;
  }

  addIndex(name: string, units: number): this {
    this.#indexUnits.set(name, (this.#indexUnits.get(name) ?? 0) + units);
    return this;
  }

  /** The units of the table itself, as index null, and of each index. */
  parts(): readonly { readonly table: Table; readonly index: string | null; readonly units: number }[] {
    const table = this.#table;
    return [
      { table, index: null, units: this.#tableUnits },
      ...[...this.#indexUnits].map(([index, units]) => ({ table, index, units })),
    ];
  }

  #byScope(scope: "global" | "local"): Record<string, { CapacityUnits: number }> | undefined {
    const entries = this.#table.indexes
      .filter((index) => index.scope === scope && this.#indexUnits.has(index.name))
      .map((index) => [index.name, { CapacityUnits: this.#indexUnits.get(index.name) ?? 0 }] as const);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }

  /** The ConsumedCapacity structure; `kind` names the total once more, as AWS does for transactions. */
  describe(mode: Exclude<CapacityMode, "NONE">, kind?: "Read" | "Write"): Record<string, unknown> {
    let total = this.#tableUnits;
    for (const units of this.#indexUnits.values()) total += units;
    return {
      TableName: this.#table.name,
      CapacityUnits: total,
      ...(kind === undefined ? {} : { [`${kind}CapacityUnits`]: total }),
      ...(mode === "INDEXES"
        ? {
            Table: {
              CapacityUnits: this.#tableUnits,
              ...(kind === undefined ? {} : { [`${kind}CapacityUnits`]: this.#tableUnits }),
            },
            LocalSecondaryIndexes: this.#byScope("local"),
            GlobalSecondaryIndexes: this.#byScope("global"),
          }
        : {}),
    };
  }
}

/** `{ ConsumedCapacity }` for a response, or nothing where it was not asked for. */
export const capacityMember = (mode: CapacityMode, capacity: Capacity): { ConsumedCapacity?: object } =>
  mode === "NONE" ? {} : { ConsumedCapacity: capacity.describe(mode) };

/** Consumption table by table, for batches and transactions. */
export class CapacityByTable {
  readonly #tables = new Map<number, Capacity>();

  of(table: Table): Capacity {
    let capacity = this.#tables.get(table.id);
    if (capacity === undefined) {
      capacity = new Capacity(table);
      this.#tables.set(table.id, capacity);
    }
    return capacity;
  }

  parts(): ReturnType<Capacity["parts"]> {
    return [...this.#tables.values()].flatMap((capacity) => capacity.parts());
  }

  member(mode: CapacityMode, kind?: "Read" | "Write"): { ConsumedCapacity?: object[] } {
    return mode === "NONE"
      ? {}
      : { ConsumedCapacity: [...this.#tables.values()].map((capacity) => capacity.describe(mode, kind)) };
  }
}
