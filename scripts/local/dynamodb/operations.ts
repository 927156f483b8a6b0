import { batchGetItem, batchWriteItem } from "./batch.ts";
import { describeExport, exportTableToPointInTime, listExports } from "./export.ts";
import { notImplemented } from "./errors.ts";
import { plainCheck, tableCheck } from "./authorize.ts";
import { isGiven } from "./input.ts";
import { deleteItem, getItem, putItem, updateItem } from "./items.ts";
import { batchExecuteStatement, executeStatement, executeTransaction } from "./partiql.ts";
import type { Operation } from "./plan.ts";
import { query, scan } from "./query.ts";
import { describeContinuousBackups, restoreTableToPointInTime, updateContinuousBackups } from "./recovery.ts";
import { deleteResourcePolicy, getResourcePolicy, putResourcePolicy } from "./resource-policy.ts";
import { describeStream, getRecords, getShardIterator, listStreams } from "./streams.ts";
import {
  createTable,
  deleteTable,
  describeEndpoints,
  describeLimits,
  describeTable,
  listTables,
  updateTable,
} from "./table-operations.ts";
import { listTagsOfResource, tagResource, untagResource } from "./tags.ts";
import { describeTimeToLive, updateTimeToLive } from "./time-to-live.ts";
import { transactGetItems, transactWriteItems } from "./transactions.ts";

/** X-Amz-Target up to the dot, then the operation. */
export const OPERATIONS: Readonly<Record<string, ReadonlyMap<string, Operation>>> = {
  DynamoDB_20120810: new Map<string, Operation>([
    ["BatchExecuteStatement", batchExecuteStatement],
    ["BatchGetItem", batchGetItem],
    ["BatchWriteItem", batchWriteItem],
    ["CreateTable", createTable],
    ["DeleteItem", deleteItem],
    ["DeleteResourcePolicy", deleteResourcePolicy],
    ["DeleteTable", deleteTable],
    ["DescribeContinuousBackups", describeContinuousBackups],
    ["DescribeEndpoints", describeEndpoints],
    ["DescribeExport", describeExport],
    ["DescribeLimits", describeLimits],
    ["DescribeTable", describeTable],
    ["DescribeTimeToLive", describeTimeToLive],
    ["ExecuteStatement", executeStatement],
    ["ExecuteTransaction", executeTransaction],
    ["ExportTableToPointInTime", exportTableToPointInTime],
    ["GetItem", getItem],
    ["GetResourcePolicy", getResourcePolicy],
    ["ListExports", listExports],
    ["ListTables", listTables],
    ["ListTagsOfResource", listTagsOfResource],
    ["PutItem", putItem],
    ["PutResourcePolicy", putResourcePolicy],
    ["Query", query],
    ["RestoreTableToPointInTime", restoreTableToPointInTime],
    ["Scan", scan],
    ["TagResource", tagResource],
    ["TransactGetItems", transactGetItems],
    ["TransactWriteItems", transactWriteItems],
    ["UntagResource", untagResource],
    ["UpdateContinuousBackups", updateContinuousBackups],
    ["UpdateItem", updateItem],
    ["UpdateTable", updateTable],
    ["UpdateTimeToLive", updateTimeToLive],
  ]),
  DynamoDBStreams_20120810: new Map<string, Operation>([
    ["DescribeStream", describeStream],
    ["GetRecords", getRecords],
    ["GetShardIterator", getShardIterator],
    ["ListStreams", listStreams],
  ]),
};

/** An operation that this DynamoDB does not do: authorized like any other, then answered with 501. */
export const unknownOperation =
  (name: string): Operation =>
  (engine, input) => {
    const table = isGiven(input, "TableName") ? input["TableName"] : input["TableArn"];
    return {
      checks: [typeof table === "string" ? tableCheck(engine, name, table) : plainCheck(name)],
      readOnly: false,
      managementEvent: true,
      parameters: {},
      run: () => {
        throw notImplemented(name);
      },
    };
  };
