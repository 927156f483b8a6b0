import type { CostTenant } from "../../core/cost/ledger.ts";
import { isSteppedUp } from "../../core/identity/step-up.ts";
import { MovedBook } from "../../core/cost/store/books.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { authorizePlatform } from "../../core/policy/index.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter } from "../../core/table/index.ts";
import { createRegistryStore } from "../../core/table/registry-store.ts";
import { parseRow, TENANTS_INDEX, TenantRow } from "../../core/tenant/index.ts";
import { actOf } from "../http/act.ts";
import { type Exchange, type Identity, identityOf, interactionOf } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { createAppendTables } from "../runtime/append-tables.ts";
import { dynamoDb, s3 } from "../runtime/clients.ts";
import { readConfig } from "../runtime/config.ts";
import { createCostFiles } from "../runtime/cost-files.ts";
import { createZoneIdentity } from "../runtime/identity.ts";
import { createOperationAudit } from "../runtime/operation-audit.ts";
import { createLedgers, type Ledgers } from "./ledgers.ts";
import { monthOfQuery } from "./month-query.ts";
import { type Asked, createZoneAdministration, type Told } from "../runtime/zone-administration.ts";

/** What every handler of the zone is built on: the books, and the trail of the platform's own tenant. No record, no key. */
const config = readConfig([
  "AWS_REGION",
  "CELL",
  "PUBLIC_URL",
  "PORTAL_ORIGIN",
  "OUTBOX_TABLE",
  "KEYS_TABLE",
  "REGISTRY_TABLE",
  "COST_BUCKET",
  "TOKEN_KEY_ARN",
  "REGISTRY_READ_ROLE_ARN",
  "BOOKS_ROLE_ARN",
  "AUDIT_APPEND_ROLE_ARN",
]);

export const region = config.AWS_REGION;

/** Who somebody is is read with each request: the end of somebody's access counts at once. */
export const zone = createZoneIdentity({
  ...config,
  roleArn: config.REGISTRY_READ_ROLE_ARN,
  sessionName: "finance",
  standingTtlMs: 0,
});

const audit = createOperationAudit({
  cell: config.CELL,
  clock: systemClock,
  openTable: createAppendTables(config, zone.vend, systemClock),
});

/**
 * What policy says. The platform's books are for the platform's own tenant: in any other, the role of finance reaches nothing.
 * Both factors have to have been shown for this request and for no other.
 */
function decide(exchange: Asked) {
  const { principal, isOperations } = identityOf(exchange);
  const act = actOf(exchange);
  return authorizePlatform(principal, interactionOf(exchange), {
    isInScope: isOperations === true,
    steppedUp: principal.steppedUpFor === act && isSteppedUp(principal, systemClock.now(), act),
  });
}

const { refuse, look: lookAt, act, recordRefusal } = createZoneAdministration({ audit, cell: config.CELL, decide });

/** A request that policy permits, with the books under the name of who asks. */
export interface Desk {
  readonly exchange: Exchange;
  readonly identity: Identity;
  readonly ledgers: Ledgers;
  /** Who asks, for what is put in. */
  readonly by: string;
}

function openedAs({ userId, tenantId }: Identity["principal"]) {
  const session = {
    roleArn: config.BOOKS_ROLE_ARN,
    sessionName: `u-${userId}`,
    sourceIdentity: `u-${userId}`,
    tags: { tenant: tenantId },
  };
  return () => zone.vend(session);
}

async function tenantsOf(credentials: ReturnType<typeof openedAs>): Promise<readonly CostTenant[]> {
  const registry = createRegistryStore(
    createDynamoTable({
      client: dynamoDb(config.AWS_REGION, credentials),
      names: { registry: config.REGISTRY_TABLE },
      clock: systemClock,
      meter: createMeter(),
    }),
  );
  const rows = (await registry.queryIndex(TENANTS_INDEX)).map((row) => parseRow(TenantRow, row));
  return rows.map(({ tenantId, name, tier, cell }) => ({ id: tenantId, name, tier, cell }));
}

const openLedgers = createLedgers(systemClock);

/** Asks policy for the route's own action. What is refused is told before it is answered. */
export async function openDesk(exchange: Exchange): Promise<Desk> {
  const identity = identityOf(exchange);
  const { principal, cell } = identity;
  if (cell !== config.CELL) return fail({ kind: "not-found" });
  const decided = decide(exchange);
  if (!decided.ok) return refuse(exchange, decided.error);
  const credentials = openedAs(principal);
  const files = createCostFiles(s3(config.AWS_REGION, credentials), config.COST_BUCKET);
  const ledgers = openLedgers(files, () => tenantsOf(credentials));
  return { exchange, identity, ledgers, by: principal.userId };
}

/** What was looked at, for the trail: which view, of which month or tenant. */
export const viewed = (id: string): Told => ({ entities: [{ type: "CostView", id }] });

/** The month that a request asks about; HttpFailure `structure` for what is none. */
export const monthAsked = ({ exchange, ledgers }: Desk): string =>
  monthOfQuery(exchange.query, ledgers.current) ?? fail({ kind: "structure", rule: "month" });

/** A book that the meter makes again while it is read is there a moment later: asked again, it answers. */
export const look: typeof lookAt = (asked, told, read) =>
  lookAt(asked, told, async () => {
    try {
      return await read();
    } catch (error) {
      return error instanceof MovedBook ? fail({ kind: "unavailable" }) : Promise.reject(error);
    }
  });

export { act, recordRefusal };
