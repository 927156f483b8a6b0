import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { systemClock } from "../../core/kernel/clock.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter, type Table } from "../../core/table/index.ts";

/** The trail with the function's own credentials: it puts rows and reads none back, as its role lets it. */
export const ownTrailWriter = (region: string, table: string): Pick<Table, "put"> =>
  createDynamoTable({
    client: new DynamoDBClient({ region, maxAttempts: 1 }),
    names: { trail: table },
    clock: systemClock,
    meter: createMeter(),
  });
