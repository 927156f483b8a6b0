import { createAuditWriter } from "../../core/audit/writer.ts";
import { classesOfType, isResourceType, patientOfId, type ResourceType } from "../../core/fhir/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { type Demand, type Grant, grantForRefusal, notAsked } from "../../core/policy/index.ts";
import {
  createCommittedTransactions,
  createRecords,
  type OneEffect,
  type Privacy,
  type RecordEvent,
  type RecordInteraction,
  type Records,
  requestFingerprint,
} from "../../core/record/index.ts";
import type { RouteName } from "../../core/contract/index.ts";
import type { Refused, ZoneRoute } from "../http/endpoint.ts";
import type { Exchange } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { originOf } from "../http/origin.ts";
import { createAuditSink } from "../runtime/audit-sink.ts";
import { readConfig, siteOf } from "../runtime/config.ts";
import { createZoneIdentity } from "../runtime/identity.ts";
import { log } from "../runtime/log.ts";
import { createRecordSessions } from "../records/session.ts";
import { onAlarm } from "../runtime/record-alarm.ts";
import { createPatientScopes } from "../runtime/patient-scope.ts";
import { createTenantScopes } from "../runtime/tenant-scope.ts";

const config = readConfig([
  "STAGE",
  "CELL",
  "ACCOUNT_ID",
  "AWS_REGION",
  "PUBLIC_URL",
  "PORTAL_ORIGIN",
  "DATA_TABLE",
  "OUTBOX_TABLE",
  "KEYS_TABLE",
  "REGISTRY_TABLE",
  "CELL_KEY_ARN",
  "TOKEN_KEY_ARN",
  "TENANT_ROLE_ARN",
  "REGISTRY_READ_ROLE_ARN",
]);

const zone = createZoneIdentity({ ...config, roleArn: config.REGISTRY_READ_ROLE_ARN, sessionName: "fhir" });
const scopes = createTenantScopes(
  {
    site: siteOf(config),
    tenantRoleArn: config.TENANT_ROLE_ARN,
    cellKeyArn: config.CELL_KEY_ARN,
    dataTable: config.DATA_TABLE,
    outboxTable: config.OUTBOX_TABLE,
    keysTable: config.KEYS_TABLE,
  },
  zone.vend,
  systemClock,
);
const writer = createAuditWriter(systemClock);
const committed = createCommittedTransactions();
const patientScopes = createPatientScopes({ scopes, registry: zone.registry, clock: systemClock, onAlarm });

export const authentication = zone.authentication;

/** `https://host/fhir/`: what links and references of ours begin with. */
export const fhirBase = `${config.PUBLIC_URL}/fhir/`;

/** The requests that have left an event: a refusal that is met before any record is asked for leaves its own. */
const told = new WeakSet<Exchange["event"]>();

function open({ event, identity }: Pick<Exchange, "event" | "identity">, grant: Grant) {
  invariant(identity !== undefined, "a FHIR route has an identity");
  // A tenant lives in one cell: one that was moved is not served by what it left behind.
  if (identity.cell !== config.CELL) return fail({ kind: "not-found" });
  const { table, keyScope } = scopes.open(grant, identity.tenantEpoch);
  const audit = createAuditSink({
    writer,
    table,
    keyring: scopes.keyring,
    keyScope,
    request: { principal: identity.principal, ...originOf(event) },
    onStored: () => told.add(event),
  });
  return { audit, table, keyScope };
}

function recordsOf(request: Pick<Exchange, "event" | "identity">, grant: Grant, privacy: Privacy): Records {
  const { audit, table, keyScope } = open(request, grant);
  const { keyring } = scopes;
  return createRecords({ table, keyring, keyScope, audit, privacy, clock: systemClock, newId, onAlarm, committed });
}

/**
 * Writes the event of a request that reaches no record; false where that cannot be done. A tenant that never had keys,
 * as that of the operators, has no records and no trail: what is refused there is an alarm in the log.
 */
async function recordAlone(request: Pick<Exchange, "event" | "identity">, grant: Grant, event: RecordEvent) {
  const { audit, keyScope } = open(request, grant);
  if ((await audit.record(grant, event)).ok) return true;
  const key = await scopes.keyring.auditKey(keyScope);
  const hasTrail = key.ok || key.error.kind !== "not-found";
  if (!hasTrail) log("error", "alarm", { failure: "no-trail", tenantId: grant.tenantId });
  return !hasTrail;
}

export const authorizeRecords = createRecordSessions({ patientScopes, recordsOf, recordAlone });

const INTERACTIONS: Readonly<Record<ZoneRoute<"fhir">, RecordInteraction>> = {
  fhirBundle: "transaction",
  fhirSearch: "search",
  fhirSearchPost: "search",
  fhirCreate: "create",
  fhirRead: "read",
  fhirUpdate: "update",
  fhirDelete: "delete",
  fhirHistory: "history",
  fhirVread: "vread",
  fhirEverything: "everything",
};
const isFhirRoute = (route: RouteName): route is ZoneRoute<"fhir"> => Object.hasOwn(INTERACTIONS, route);

/** Writes an event about no record: of a bundle without entries, or of a request that was refused before any was asked for. */
async function tell(
  request: Pick<Exchange, "event" | "identity">,
  event: Pick<RecordEvent, "interaction" | "outcome" | "entities">,
): Promise<boolean> {
  const { identity } = request;
  invariant(identity !== undefined, "a FHIR route has an identity");
  const grant = grantForRefusal(identity.principal, { kind: "forbidden", decision: notAsked("not-asked") });
  return recordAlone(request, grant, { ...event, classes: [] });
}

/**
 * Writes the event of a request that was refused before it came to any record, such as one with a body that cannot be
 * read: every request of somebody known leaves one. False where it could not be written, and the refusal must wait.
 */
export async function recordRefusal({ event, route, identity, failure }: Refused): Promise<boolean> {
  // A tenant of another cell keeps its trail there.
  if (told.has(event) || !isFhirRoute(route) || identity.cell !== config.CELL) return true;
  const { type } = event.pathParameters ?? {};
  return tell(
    { event, identity },
    {
      interaction: INTERACTIONS[route],
      outcome: failure.kind === "not-found" ? "denied" : "failure",
      entities: isResourceType(type) ? [{ type }] : [],
    },
  );
}

/** The event of a bundle that asks for nothing. */
export async function recordEmptyBundle(exchange: Exchange): Promise<void> {
  const entities = [{ type: "Bundle" }];
  if (!(await tell(exchange, { interaction: "transaction", outcome: "success", entities })))
    fail({ kind: "unavailable" });
}

/** The type of the path. A type that we do not have is as unknown as an id. */
export function typeOf(exchange: Exchange): ResourceType {
  const { type } = exchange.path;
  return isResourceType(type) ? type : fail({ kind: "not-found" });
}

export const idOf = (exchange: Exchange): string => exchange.path["id"] ?? fail({ kind: "not-found" });

/** The compartment that an id or a Patient's own id names, for the decision. */
export const compartmentOf = (type: ResourceType, id: string): string | undefined =>
  type === "Patient" ? id : patientOfId(id);

/** What reading one record of a type asks for. */
export const readDemand = (action: Demand["action"], type: ResourceType, patientId?: string): Demand => ({
  action,
  type,
  classes: classesOfType(type),
  ...(patientId === undefined ? {} : { patientId }),
});

/** The request as one effect, where the caller named it with an Idempotency-Key. */
export function effectOf(exchange: Exchange): { readonly effect: OneEffect } | Record<string, never> {
  const { idempotencyKey, event, rawBody } = exchange;
  if (idempotencyKey === undefined) return {};
  const conditions = `${exchange.headers["if-match"] ?? ""}\n${exchange.headers["if-none-match"] ?? ""}\n`;
  const fingerprint = requestFingerprint(event.requestContext.http.method, event.rawPath, conditions + rawBody);
  return { effect: { key: idempotencyKey, fingerprint } };
}
