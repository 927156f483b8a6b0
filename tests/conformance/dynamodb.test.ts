import { afterAll, beforeAll, describe } from "vitest";
import { capacityProbes } from "./dynamodb/capacity-probes.ts";
import type { TableUnderTest } from "./dynamodb/context.ts";
import { openTable } from "./dynamodb/context.ts";
import { itemProbes } from "./dynamodb/item-probes.ts";
import { queryProbes } from "./dynamodb/query-probes.ts";
import { streamProbes } from "./dynamodb/stream-probes.ts";
import { tableProbes } from "./dynamodb/table-probes.ts";
import { transactionProbes } from "./dynamodb/transaction-probes.ts";

let table: TableUnderTest;
const open = (): TableUnderTest => table;

beforeAll(async () => {
  table = await openTable();
});
afterAll(async () => {
  await table.close();
});

describe("DynamoDB: tables", () => tableProbes(open));
describe("DynamoDB: items", () => itemProbes(open));
describe("DynamoDB: queries", () => queryProbes(open));
describe("DynamoDB: transactions", () => transactionProbes(open));
describe("DynamoDB: consumed capacity", () => capacityProbes(open));
describe("DynamoDB: streams and time to live", () => streamProbes(open));
