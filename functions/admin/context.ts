import { isSteppedUp } from "../../core/identity/step-up.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { authorizeClinic } from "../../core/policy/index.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter } from "../../core/table/index.ts";
import { createRegistryStore } from "../../core/table/registry-store.ts";
import { createApps, createPeople, onceKey, type OpenWord } from "../../core/tenant/index.ts";
import { actOf } from "../http/act.ts";
import { type Answer, type Exchange, type Identity, identityOf, interactionOf } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { onceOnly } from "../http/once-only.ts";
import { createAppendTables } from "../runtime/append-tables.ts";
import { dynamoDb, s3 } from "../runtime/clients.ts";
import { readConfig } from "../runtime/config.ts";
import { createCostFiles } from "../runtime/cost-files.ts";
import { createZoneIdentity } from "../runtime/identity.ts";
import { createOperationAudit } from "../runtime/operation-audit.ts";
import { createPeopleNames } from "../runtime/people-names.ts";
import { type Asked, createZoneAdministration } from "../runtime/zone-administration.ts";

/** What every handler of the zone is built on: a clinic's own rows of the registry, and its trail. No record, no key. */
const config = readConfig([
  "AWS_REGION",
  "CELL",
  "PUBLIC_URL",
  "PORTAL_ORIGIN",
  "OUTBOX_TABLE",
  "KEYS_TABLE",
  "REGISTRY_TABLE",
  "COST_BUCKET",
  "CELL_KEY_ARN",
  "TOKEN_KEY_ARN",
  "REGISTRY_READ_ROLE_ARN",
  "REGISTRY_PEOPLE_ROLE_ARN",
  "STATEMENT_ROLE_ARN",
  "AUDIT_APPEND_ROLE_ARN",
  "PEOPLE_NAMES_ROLE_ARN",
]);

/** Who somebody is is read with each request: the end of an administrator's access counts at once. */
export const zone = createZoneIdentity({
  ...config,
  roleArn: config.REGISTRY_READ_ROLE_ARN,
  sessionName: "admin",
  standingTtlMs: 0,
});

const audit = createOperationAudit({
  cell: config.CELL,
  clock: systemClock,
  openTable: createAppendTables(config, zone.vend, systemClock),
});

const namesFor = createPeopleNames(config, zone.vend, systemClock);

/**
 * What policy says. Both factors have to have been shown for this request and for no other: a step-up for whatever comes
 * is worth nothing here.
 */
function decide(exchange: Asked) {
  const { principal, privacy, isGated } = identityOf(exchange);
  const act = actOf(exchange);
  return authorizeClinic(principal, interactionOf(exchange), {
    purpose: exchange.headers["x-purpose-of-use"],
    isPrivacyOfficer: privacy.privacyOfficers.includes(principal.userId),
    isGated: isGated === true,
    steppedUp: principal.steppedUpFor === act && isSteppedUp(principal, systemClock.now(), act),
  });
}

const { refuse, look, act, recordRefusal } = createZoneAdministration({ audit, cell: config.CELL, decide });

/** A request that policy permits, with the clinic's own rows. */
export interface Office {
  readonly exchange: Exchange;
  readonly identity: Identity;
  readonly people: ReturnType<typeof createPeople>;
  readonly apps: ReturnType<typeof createApps>;
  /** The names and logins of the clinic's people. */
  readonly open: OpenWord;
}

/** Asks policy for the route's own action. The rows come with credentials of the clinic that the session is of. */
export async function openOffice(exchange: Exchange): Promise<Office> {
  const identity = identityOf(exchange);
  const { principal, cell } = identity;
  // A tenant of another cell is served there.
  if (cell !== config.CELL) return fail({ kind: "not-found" });
  const decided = decide(exchange);
  if (!decided.ok) return refuse(exchange, decided.error);
  const store = ownRegistry(principal);
  const { userId, tenantId } = principal;
  const { open, seal } = namesFor({ tenantId, userId, epoch: identity.tenantEpoch });
  return {
    exchange,
    identity,
    people: createPeople(store, systemClock, tenantId, seal),
    apps: createApps(store, systemClock, tenantId),
    open,
  };
}

export const region = config.AWS_REGION;

/** The folder of the clinic's statements, with credentials that read it and no other clinic's. */
export function ownStatements({ principal: { userId, tenantId } }: Identity) {
  const session = {
    roleArn: config.STATEMENT_ROLE_ARN,
    sessionName: `u-${userId}`,
    sourceIdentity: `u-${userId}`,
    tags: { tenant: tenantId },
  };
  return createCostFiles(
    s3(config.AWS_REGION, () => zone.vend(session)),
    config.COST_BUCKET,
  );
}

function ownRegistry({ userId, tenantId }: Identity["principal"]) {
  const session = {
    roleArn: config.REGISTRY_PEOPLE_ROLE_ARN,
    sessionName: `u-${userId}`,
    sourceIdentity: `u-${userId}`,
    tags: { tenant: tenantId },
  };
  return createRegistryStore(
    createDynamoTable({
      client: dynamoDb(config.AWS_REGION, () => zone.vend(session)),
      names: { registry: config.REGISTRY_TABLE },
      clock: systemClock,
      meter: createMeter(),
    }),
  );
}

/** One effect for one Idempotency-Key. @param keep Takes out what is shown once and stored nowhere. */
export const once = (
  { exchange, identity: { principal } }: Office,
  effect: () => Promise<Answer>,
  keep?: (answer: Answer) => Answer,
): Promise<Answer> =>
  onceOnly(exchange, ownRegistry(principal), effect, keep, (digest) => onceKey(principal.tenantId, digest));

export { act, look, recordRefusal };
