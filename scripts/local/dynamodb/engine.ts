import type { Clock } from "../../../core/kernel/clock.ts";
import type { Store } from "./store.ts";
import type { Tables } from "./tables.ts";

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
  /** Called after a commit that appended to a stream. */
  streamAppended(streamArn: string): void;
}
