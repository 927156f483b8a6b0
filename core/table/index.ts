/** The door of core/table. `dynamodb.ts` stands beside it: it loads the SDK. */
export { tables, type TableName } from "./definitions.ts";
export { createKeyRows, loadKeyRows } from "./key-rows.ts";
export * from "./keys.ts";
export { addConsumed, addRefused, createMeter, type Meter, type RefusedInput, type TableOperation } from "./meter.ts";
export type { RetryLimits } from "./retry.ts";
export { STORED_ROW_BYTES, storedBytes } from "./size.ts";
export type {
  Attribute,
  Condition,
  Page,
  PageKey,
  Query,
  ReadFailure,
  ReadOptions,
  Row,
  Table,
  TableWrite,
  WriteFailure,
} from "./table.ts";
export { TRANSACTION_LIMIT } from "./table.ts";
