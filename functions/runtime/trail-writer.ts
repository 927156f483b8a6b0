import { systemClock } from "../../core/kernel/clock.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter, type Table } from "../../core/table/index.ts";
import { ownDynamoDb } from "./clients.ts";

/** The trail with the function's own credentials: it puts rows and reads none back, as its role lets it. */
export const ownTrailWriter = (region: string, table: string): Pick<Table, "put"> =>
  createDynamoTable({
    client: ownDynamoDb(region, { maxAttempts: 1 }),
    names: { trail: table },
    clock: systemClock,
    meter: createMeter(),
  });
