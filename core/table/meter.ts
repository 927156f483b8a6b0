import type { ConsumedCapacity, PutItemCommandInput, TransactWriteItemsCommandInput } from "@aws-sdk/client-dynamodb";
import { unmarshalRow } from "./marshal.ts";
import { rowSizeBytes } from "./size.ts";

export const TABLE_OPERATIONS = ["GetItem", "BatchGetItem", "Query", "TransactWriteItems", "PutItem"] as const;
export type TableOperation = (typeof TABLE_OPERATIONS)[number];

/** Half-units by table and index, `data` and `data/gsi1`: 0.5 is the smallest that DynamoDB reports, and integers add up. */
export interface Capacity {
  readonly reads: Record<string, number>;
  readonly writes: Record<string, number>;
}

/** What one request cost at DynamoDB: every call that was sent, the capacity that answers reported, repeated attempts. */
export interface Meter extends Capacity {
  readonly calls: Record<TableOperation, number>;
  /** Read and write request units, index parts included, doubled where transactional or consistent, as AWS bills them. */
  readonly readUnits: number;
  readonly writeUnits: number;
  retries: number;
}

const unitsOf = (halfUnits: Readonly<Record<string, number>>): number =>
  Object.values(halfUnits).reduce((sum, count) => sum + count, 0) / 2;

export function createMeter(): Meter {
  const [reads, writes]: [Record<string, number>, Record<string, number>] = [{}, {}];
  return {
    calls: { GetItem: 0, BatchGetItem: 0, Query: 0, TransactWriteItems: 0, PutItem: 0 },
    reads,
    writes,
    get readUnits() {
      return unitsOf(reads);
    },
    get writeUnits() {
      return unitsOf(writes);
    },
    retries: 0,
  };
}

export const isWrite = (operation: string): boolean => operation === "TransactWriteItems" || operation === "PutItem";

export function addUnits(to: Record<string, number>, part: string, units: number): void {
  if (units > 0) to[part] = (to[part] ?? 0) + Math.round(units * 2);
}

/**
 * Adds what an answer reports, by table and index. A transaction whose token was used before reads and writes nothing:
 * API Reference, TransactWriteItems, ClientRequestToken.
 * @param partOf The table of a physical name: `data` of `keyward-dev-c01-data`.
 */
export function addConsumed(
  capacity: Capacity,
  operation: string,
  consumed: readonly (ConsumedCapacity | undefined)[] | undefined,
  partOf: (tableName: string) => string,
): void {
  for (const answer of consumed ?? []) {
    if (answer === undefined) continue;
    const isRead = !isWrite(operation) || (answer.ReadCapacityUnits ?? 0) > 0;
    const to = isRead ? capacity.reads : capacity.writes;
    const part = partOf(answer.TableName ?? "");
    addUnits(to, part, (answer.Table ?? answer).CapacityUnits ?? 0);
    if (answer.Table === undefined) continue;
    const indexes = { ...answer.GlobalSecondaryIndexes, ...answer.LocalSecondaryIndexes };
    for (const [index, { CapacityUnits = 0 }] of Object.entries(indexes))
      addUnits(to, `${part}/${index}`, CapacityUnits);
  }
}

/** Of a PutItem or a TransactWriteItems. */
export type RefusedInput = Partial<Pick<PutItemCommandInput, "TableName">> &
  Partial<Pick<TransactWriteItemsCommandInput, "TransactItems">>;

/**
 * Adds what a write consumed whose condition did not hold, as far as whoever sent it can know; of any other failure, nothing.
 * The exception does not say, and never more than was consumed is counted:
 * - Where the condition failed, the item that is there counts, and at least one unit: Developer Guide, "Working with items",
 *   conditional writes. That item is not ours to see, so it is one unit: exact where nothing is there or no more than a kilobyte.
 * - A cancelled transaction consumes like one that is not, two units for one: Developer Guide, "DynamoDB transactions". What
 *   would have been written counts by its own size. Indexes are not touched.
 */
export function addRefused(
  capacity: Capacity,
  { TableName, TransactItems: items }: RefusedInput,
  error: unknown,
  partOf: (tableName: string) => string,
): void {
  if (!(error instanceof Error)) return;
  if (error.name === "ConditionalCheckFailedException") addUnits(capacity.writes, partOf(TableName ?? ""), 1);
  const { CancellationReasons: reasons = [] } = error as {
    CancellationReasons?: readonly { readonly Code?: string }[];
  };
  const hasFailed = reasons.map(({ Code }) => Code === "ConditionalCheckFailed");
  if (!hasFailed.includes(true)) return;
  for (const [index, { Put, ConditionCheck }] of (items ?? []).entries()) {
    const row = hasFailed[index] === true || Put?.Item === undefined ? undefined : unmarshalRow(Put.Item);
    addUnits(capacity.writes, partOf((Put ?? ConditionCheck)?.TableName ?? ""), cancelledUnits(row));
  }
}

/** Units of an element of a cancelled transaction: of the row that would have been written, or of one that is not known. */
export const cancelledUnits = (row: Parameters<typeof rowSizeBytes>[0] | undefined): number =>
  2 * Math.max(1, Math.ceil((row === undefined ? 0 : rowSizeBytes(row)) / 1024));
