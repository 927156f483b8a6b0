import { systemClock } from "../../core/kernel/clock.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter, type Table } from "../../core/table/index.ts";
import { dynamoDb } from "../runtime/clients.ts";
import { type Affair, config, zone } from "./context.ts";

/**
 * The registry's rows of this clinic - its settings and its members - and the clinic's outbox, with credentials that reach
 * nothing else, and write settings only together with their event.
 */
export function openOwnRegistry({ principal }: Pick<Affair, "principal">): Table {
  const session = {
    roleArn: config.REGISTRY_PRIVACY_ROLE_ARN,
    sessionName: `u-${principal.userId}`,
    sourceIdentity: `u-${principal.userId}`,
    tags: { tenant: principal.tenantId },
  };
  return createDynamoTable({
    client: dynamoDb(config.AWS_REGION, () => zone.vend(session)),
    names: { registry: config.REGISTRY_TABLE, outbox: config.OUTBOX_TABLE },
    clock: systemClock,
    meter: createMeter(),
  });
}
