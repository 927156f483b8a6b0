/** Why AWS asks for something, where that decides who could have counted it. */
export type Cause =
  /** What a caller asked for, and got. */
  | "request"
  /** A single write whose condition was not met. */
  | "failed-condition"
  /** A transaction that was cancelled by a condition. */
  | "cancelled"
  /** Lambda's start of an environment. */
  | "init"
  /** Lambda's own lines in a function's log. */
  | "platform-line"
  /** What one service of AWS asks of another in its caller's name. */
  | "service"
  /** What lies there, by the hour. */
  | "stored";

/** What one call costs, in base units of its SKU (core/cost/prices). */
export interface BilledUse {
  /** A SKU of the price list, or `sts-requests`, which costs nothing and is counted all the same. */
  readonly sku: string;
  /** As AWS's bill names it: an ARN, or a bucket's name. Null where it names none. */
  readonly resourceId: string | null;
  /** An index of the table; AWS bills it under the table. */
  readonly detail: string | null;
  readonly cause: Cause;
  readonly units: bigint;
}

/** Base units of one kind in one hour of the cloud's clock. */
export interface BilledRow extends BilledUse {
  /** `2026-11-22T08`, UTC. */
  readonly hour: string;
  /** The account that pays. */
  readonly accountId: string;
  /** The function that caused it, `outside` for callers that are no function, `aws` for what services do of themselves. */
  readonly by: string;
}

export const OUTSIDE = "outside";
export const AWS = "aws";

export const hourOf = (ms: number): string => new Date(ms).toISOString().slice(0, 13);

/** Rows added up by everything but their units. */
export class BillCount {
  readonly #rows = new Map<string, BilledRow>();

  add(row: BilledRow): void {
    if (row.units === 0n) return;
    const { hour, accountId, sku, resourceId, detail, by, cause } = row;
    const key = [hour, accountId, sku, resourceId ?? "", detail ?? "", by, cause].join("\u0000");
    const known = this.#rows.get(key);
    this.#rows.set(key, known === undefined ? row : { ...known, units: known.units + row.units });
  }

  /** In the order of time, account, SKU and resource. */
  rows(): BilledRow[] {
    return [...this.#rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }
}
