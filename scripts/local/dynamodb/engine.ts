import type { Clock } from "../../../core/kernel/clock.ts";
import type { Consumption } from "./consumption.ts";
import type { Store } from "./store.ts";
import type { Table, Tables } from "./tables.ts";

/** Takes one object of an export; the embedded S3 behind the front door. */
export type Deliver = (bucket: string, key: string, bytes: Buffer) => void | Promise<void>;

/** What every operation works on. */
export interface Engine {
  readonly store: Store;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly accountId: string;
  readonly region: string;
  readonly deliver: Deliver | undefined;
  /** What AWS bills for the operation under way. */
  readonly consumption: Consumption;
  /** Hears of bytes that lie in a table, or in one of its indexes, from now on; fewer when below zero. */
  stored(table: Table, index: string | null, bytes: number): void;
  /** Called after a commit that appended to a stream. */
  streamAppended(streamArn: string): void;
}
