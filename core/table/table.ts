import type { Result } from "../kernel/result.ts";
import type { TableName } from "./definitions.ts";
import type { Key } from "./keys.ts";

/** What a row may hold. Numbers are finite, and safe where they are whole; sets are not used. */
export type Attribute =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Attribute[]
  | { readonly [name: string]: Attribute };

export interface Row extends Key {
  readonly [name: string]: Attribute;
}

/** What must hold of the row that is there, or of its absence, for a write to happen. */
export type Condition =
  | { readonly kind: "absent" }
  | { readonly kind: "present" }
  /** The row exists and has all these values. */
  | { readonly kind: "equals"; readonly attributes: Readonly<Record<string, string | number | boolean>> };

export type TableWrite =
  | { readonly kind: "put"; readonly table: TableName; readonly row: Row; readonly condition?: Condition }
  | { readonly kind: "check"; readonly table: TableName; readonly key: Key; readonly condition: Condition };

/**
 * `denied`: IAM refused; for a tenant's own session that is an alarm. `throttled`: the table's capacity, come back later.
 * `unavailable`: no answer inside the deadline, or a failure of the service.
 */
export interface ReadFailure {
  readonly kind: "denied" | "throttled" | "unavailable";
}

export type WriteFailure =
  | ReadFailure
  /** `failed` holds the indexes of the writes whose condition did not hold. */
  | { readonly kind: "conflict"; readonly failed: readonly number[] }
  /** Others kept writing the same rows until the retries were used up. Nothing was written. */
  | { readonly kind: "contended" }
  /** A row over 400 KB, or a transaction over 4 MB. */
  | { readonly kind: "too-long" };

export interface ReadOptions {
  /** Sees every write that was acknowledged before. Costs twice the capacity. */
  readonly isConsistent?: boolean;
}

export interface Query extends ReadOptions {
  readonly pk: string;
  /** Reads the index by `gpk` and `gsk` in place of the table; never consistent. */
  readonly index?: "gsi1";
  readonly prefix?: string;
  /** Inclusive bounds of the sort key; not together with `prefix`. */
  readonly between?: readonly [from: string, to: string];
  readonly isDescending?: boolean;
  readonly limit?: number;
  /** Where the page before ended. */
  readonly after?: PageKey;
}

/** Opaque to all but the table: the keys of the last row, index keys too. */
export type PageKey = Readonly<Record<string, string>>;

export interface Page {
  readonly rows: readonly Row[];
  /** Present where there may be more. */
  readonly next?: PageKey;
}

/**
 * DynamoDB as the rest of core sees it, with the credentials of one scope. Retries are inside, bounded by attempts and
 * deadline. What IAM lets these credentials reach is all that this table can ever give.
 */
export interface Table {
  get(table: TableName, key: Key, options?: ReadOptions): Promise<Result<Row | undefined, ReadFailure>>;
  /** Any number of distinct keys, in BatchGets of 100. Gives the rows in the order of the keys; undefined where there is none. */
  getMany(
    table: TableName,
    keys: readonly Key[],
    options?: ReadOptions,
  ): Promise<Result<readonly (Row | undefined)[], ReadFailure>>;
  /** One page. */
  query(table: TableName, query: Query): Promise<Result<Page, ReadFailure>>;
  /** All pages, up to `query.limit` rows in all. */
  queryAll(table: TableName, query: Query): Promise<Result<readonly Row[], ReadFailure>>;
  /**
   * All writes or none, at most 100. `token` makes a repetition within ten minutes the same write; the retries inside
   * use one in any case.
   */
  transactWrite(writes: readonly TableWrite[], token?: string): Promise<Result<void, WriteFailure>>;
  /** One row outside a transaction: audit events of reads, and rows of their index. IAM refuses it on any other table. */
  put(table: "outbox" | "trail", row: Row, condition?: Condition): Promise<Result<void, WriteFailure>>;
}

export const TRANSACTION_LIMIT = 100;
