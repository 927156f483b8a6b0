import type { PolicyDocument } from "../../../core/iam/document.ts";
import type { KeyType } from "./attribute-value.ts";
import { resourceNotFound } from "./errors.ts";
import { nameOfTable } from "./input.ts";
import type { Store } from "./store.ts";

export type StreamView = "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";
export type ProjectionType = "ALL" | "KEYS_ONLY" | "INCLUDE";

/** Partition key and sort key of a table or an index. */
export interface KeyNames {
  readonly hash: string;
  readonly range: string | undefined;
}

export interface Throughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}

export interface IndexDefinition extends KeyNames {
  readonly name: string;
  readonly scope: "global" | "local";
  readonly projection: ProjectionType;
  readonly nonKeyAttributes: readonly string[];
  readonly throughput: Throughput | undefined;
}

export interface Index extends IndexDefinition {
  readonly id: number;
  /** The attributes that the index holds; undefined where it holds all. */
  readonly projected: ReadonlySet<string> | undefined;
}

export interface TableStream {
  readonly id: number;
  readonly arn: string;
  readonly label: string;
  readonly view: StreamView;
}

export interface ResourcePolicy {
  readonly document: PolicyDocument;
  readonly revisionId: string;
}

/** What a CreateTable asks for. */
export interface TableDefinition extends KeyNames {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly type: KeyType }[];
  readonly indexes: readonly IndexDefinition[];
  readonly billingMode: "PAY_PER_REQUEST" | "PROVISIONED";
  readonly throughput: Throughput | undefined;
  readonly deletionProtection: boolean;
  readonly tableClass: string | undefined;
  readonly encryption: { readonly isEnabled: boolean; readonly keyId: string | undefined } | undefined;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

export interface Table extends TableDefinition {
  readonly id: number;
  readonly arn: string;
  readonly tableId: string;
  readonly createdAtMs: number;
  readonly indexes: readonly Index[];
  readonly nextIndexId: number;
  readonly ttlAttribute: string | undefined;
  /** Set while point-in-time recovery is on; every change since `enabledAtMs` is in the journal. */
  readonly recovery: { readonly enabledAtMs: number; readonly days: number } | undefined;
  readonly stream: TableStream | undefined;
  readonly policy: ResourcePolicy | undefined;
  readonly restore: Readonly<Record<string, unknown>> | undefined;
}

/** Index ids are unique among all tables: room for this many over a table's life. */
export const INDEX_IDS_PER_TABLE = 10_000;

export function projectedNames(table: KeyNames, index: IndexDefinition): ReadonlySet<string> | undefined {
  if (index.projection === "ALL") return undefined;
  const names = [table.hash, table.range, index.hash, index.range, ...index.nonKeyAttributes];
  return new Set(names.filter((name) => name !== undefined));
}

export function keyTypeOf(table: TableDefinition, attribute: string): KeyType {
  return table.attributes.find(({ name }) => name === attribute)?.type ?? "S";
}

/** The tables by name. Held in memory, written through to the database. */
export class Tables {
  readonly #store: Store;
  readonly #tables = new Map<string, Table>();

  constructor(store: Store) {
    this.#store = store;
    for (const { id, definition } of store.query<{ id: number; definition: string }>("SELECT * FROM tables").all()) {
      const table = JSON.parse(definition) as Table;
      this.#tables.set(table.name, {
        ...table,
        id,
        indexes: table.indexes.map((index) => ({ ...index, projected: projectedNames(table, index) })),
      });
    }
  }

  /** By name or ARN; an ARN of another account or region names no table of ours. */
  find(nameOrArn: string): Table | undefined {
    const table = this.#tables.get(nameOfTable(nameOrArn));
    return table !== undefined && (nameOrArn === table.name || nameOrArn === table.arn) ? table : undefined;
  }

  /** Throws ResourceNotFoundException in the words of item operations. */
  require(nameOrArn: string): Table {
    const table = this.find(nameOrArn);
    if (table === undefined) throw resourceNotFound();
    return table;
  }

  /** In the order of their names. */
  names(): string[] {
    return [...this.#tables.keys()].toSorted();
  }

  all(): IterableIterator<Table> {
    return this.#tables.values();
  }

  /** The table's row number, which its other rows bear. */
  reserveId(name: string): number {
    return Number(this.#store.query("INSERT INTO tables(name, definition) VALUES(?, '{}')").run(name).lastInsertRowid);
  }

  /** To be called in the transaction that changes what the definition says of the rows. */
  save(table: Table): Table {
    this.#store.query("UPDATE tables SET definition=? WHERE id=?").run(JSON.stringify(table), table.id);
    this.#tables.set(table.name, table);
    return table;
  }

  remove(table: Table): void {
    this.#store.query("DELETE FROM tables WHERE id=?").run(table.id);
    this.#tables.delete(table.name);
  }
}
