import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll } from "vitest";
import { systemClock } from "../../../core/kernel/clock.ts";
import { createDynamoTable } from "../../../core/table/dynamodb.ts";
import type { Cloud } from "../../../scripts/local/front/cloud.ts";
import { createCloud } from "../../../scripts/local/front/cloud.ts";
import { createTables, rootClient } from "./cloud-tables.ts";
import { describeTable } from "./contract.ts";

let cloud: Cloud;
let client: DynamoDBClient;
let made = 0;

beforeAll(async () => {
  cloud = await createCloud();
  client = rootClient(cloud);
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
});

describeTable("the SDK against the embedded DynamoDB", (meter) => {
  const names = createTables(cloud, `t${(made += 1)}`);
  const table = createDynamoTable({ client, names, clock: systemClock, meter });
  return Promise.resolve({ table, close: () => Promise.resolve() });
});
