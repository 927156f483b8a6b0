export const TABLE_OPERATIONS = ["GetItem", "BatchGetItem", "Query", "TransactWriteItems", "PutItem"] as const;
export type TableOperation = (typeof TABLE_OPERATIONS)[number];

/** What one request cost at DynamoDB: every call that was sent, the capacity that answers reported, repeated attempts. */
export interface Meter {
  readonly calls: Record<TableOperation, number>;
  /** Read and write request units, index parts included, doubled where transactional or consistent, as AWS bills them. */
  readUnits: number;
  writeUnits: number;
  retries: number;
}

export const createMeter = (): Meter => ({
  calls: { GetItem: 0, BatchGetItem: 0, Query: 0, TransactWriteItems: 0, PutItem: 0 },
  readUnits: 0,
  writeUnits: 0,
  retries: 0,
});

export const isWrite = (operation: TableOperation): boolean =>
  operation === "TransactWriteItems" || operation === "PutItem";
