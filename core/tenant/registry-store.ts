import type { Result } from "../kernel/result.ts";

/** The registry is the control plane's table: tenants, members, clients, sessions. It never holds PHI. */
export interface RegistryKey {
  readonly pk: string;
  readonly sk: string;
}

export type RegistryValue = string | number | boolean | Uint8Array | readonly string[];

export interface RegistryRow extends RegistryKey {
  /** Index key, for rows that are listed by something other than their own key. */
  readonly gpk?: string | undefined;
  readonly gsk?: string | undefined;
  /** Seconds since the epoch after which the row may vanish. A reader checks times itself: TTL deletes late. */
  readonly ttl?: number | undefined;
  /** Counts writes; `replace` names the one that it read. */
  readonly rev: number;
  readonly [attribute: string]: RegistryValue | undefined;
}

/** Nothing is deleted: what has ended says so, and its `ttl` takes it away later. No role may delete a row. */
export type RegistryChange =
  /** Refused with `conflict` where the key exists. */
  | { readonly kind: "create"; readonly row: RegistryRow }
  /** Refused with `conflict` unless the stored row has `rev`; the new row should carry `rev + 1`. */
  | { readonly kind: "replace"; readonly row: RegistryRow; readonly rev: number }
  | { readonly kind: "put"; readonly row: RegistryRow }
  /** Writes nothing. Refused with `conflict` unless the stored row still has `rev`. */
  | { readonly kind: "check"; readonly key: RegistryKey; readonly rev: number };

/** A change that leaves a row. */
export type RegistryWrite = Exclude<RegistryChange, { readonly kind: "check" }>;

/** Throws where the registry cannot answer: callers fail closed. Reads are strongly consistent, the index is not. */
export interface RegistryStore {
  get(key: RegistryKey): Promise<RegistryRow | undefined>;
  /** In no order; missing rows are left out. At most 100 keys. */
  getMany(keys: readonly RegistryKey[]): Promise<RegistryRow[]>;
  /** All rows of a partition, by `sk`. */
  query(pk: string): Promise<RegistryRow[]>;
  /** All rows of an index partition, by `gsk`. */
  queryIndex(gpk: string): Promise<RegistryRow[]>;
  /** All changes or none. At most 100. */
  write(changes: readonly RegistryChange[]): Promise<Result<void, { readonly kind: "conflict" }>>;
}
