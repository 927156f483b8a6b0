import { createAuditWriter } from "../../core/audit/writer.ts";
import { routes } from "../../core/contract/index.ts";
import type { Keyring, KeyScope } from "../../core/crypto/index.ts";
import type { Principal } from "../../core/identity/principal.ts";
import { isSteppedUp } from "../../core/identity/step-up.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import {
  authorizeClinic,
  type ClinicOptions,
  type Decision,
  type Grant,
  grantForClinic,
  grantForRefusal,
  notAsked,
  type Purpose,
  purposeOf,
  type Refusal,
} from "../../core/policy/index.ts";
import type { PrivacyDeps } from "../../core/privacy/index.ts";
import type { AuditSink, RecordEvent } from "../../core/record/audit-sink.ts";
import type { Table } from "../../core/table/index.ts";
import { MembershipRow, membershipKey, openName, parseRow } from "../../core/tenant/index.ts";
import { actOf } from "../http/act.ts";
import type { Refused } from "../http/endpoint.ts";
import { type Exchange, type Identity, identityOf, interactionOf } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { failRefused } from "../http/refusal.ts";
import { isInScope } from "../http/scope.ts";
import { originOf } from "../http/origin.ts";
import { routeOf } from "../http/request.ts";
import { createAuditSink } from "../runtime/audit-sink.ts";
import { readConfig, siteOf } from "../runtime/config.ts";
import { createZoneIdentity } from "../runtime/identity.ts";
import { log } from "../runtime/log.ts";
import { createPeopleNames } from "../runtime/people-names.ts";
import { onAlarm } from "../runtime/record-alarm.ts";
import { createTenantScopes, type TenantScope } from "../runtime/tenant-scope.ts";
import { isOurs } from "./ids.ts";

/** What every handler of the zone is built on: one identity, one keyring, one chain of events. */
export const config = readConfig([
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
  "REGISTRY_PRIVACY_ROLE_ARN",
  "PEOPLE_NAMES_ROLE_ARN",
]);

export const site = siteOf(config);

/** Who somebody is is read with each request: a step-up counts at once, and so does the end of an appointment. */
export const zone = createZoneIdentity({
  ...config,
  roleArn: config.REGISTRY_READ_ROLE_ARN,
  sessionName: "clinic",
  standingTtlMs: 0,
});
export const authentication = zone.authentication;

export const scopes = createTenantScopes(
  {
    site,
    tenantRoleArn: config.TENANT_ROLE_ARN,
    cellKeyArn: config.CELL_KEY_ARN,
    dataTable: config.DATA_TABLE,
    outboxTable: config.OUTBOX_TABLE,
    keysTable: config.KEYS_TABLE,
  },
  zone.vend,
  systemClock,
);
export const writer = createAuditWriter(systemClock);
const namesFor = createPeopleNames(config, zone.vend, systemClock);

/** The requests that have left an event: a refusal that is met before policy was asked leaves its own. */
const told = new WeakSet<Exchange["event"]>();

export interface Scope {
  readonly grant: Grant;
  readonly table: Table;
  readonly keyring: Keyring;
  readonly keyScope: KeyScope;
  readonly audit: AuditSink;
  readonly privacy: PrivacyDeps;
  readonly credentials: TenantScope["credentials"];
}

/** The name that the clinic has for a member, opened for who asks. A clinic whose keys are suspended or gone shows nobody. */
export async function memberName(
  { principal: { tenantId, userId }, tenantEpoch: epoch }: Pick<Identity, "principal" | "tenantEpoch">,
  member: MembershipRow,
): Promise<string> {
  const name = await openName(namesFor({ tenantId, userId, epoch }).open, member);
  return name.ok ? name.value : fail({ kind: "forbidden" });
}

/** Who is signed in, by the name that the clinic has for her now: nothing of a request can say another. */
export async function ownName(exchange: Pick<Exchange, "identity">): Promise<string> {
  const identity = identityOf(exchange);
  const { userId, tenantId } = identity.principal;
  const row = await zone.registry.get(membershipKey(userId, tenantId));
  invariant(row !== undefined, "who writes into a chart is a member of the clinic");
  return memberName(identity, parseRow(MembershipRow, row));
}

/** What a grant works with, and where its events go. A tenant of another cell is not served by what it left behind. */
export function openScope(request: Pick<Exchange, "event" | "identity">, grant: Grant): Scope {
  const identity = identityOf(request);
  if (identity.cell !== config.CELL) return fail({ kind: "not-found" });
  const { table, keyScope, credentials } = scopes.open(grant, identity.tenantEpoch);
  const { keyring } = scopes;
  const audit = createAuditSink({
    writer,
    table,
    keyring,
    keyScope,
    request: { principal: identity.principal, ...originOf(request.event) },
    onStored: () => told.add(request.event),
  });
  const privacy = { table, keyring, keyScope, tenantId: grant.tenantId, clock: systemClock, onAlarm };
  return { grant, table, keyring, keyScope, audit, privacy, credentials };
}

/** Writes the event of a request that did nothing. False where it could not be written. */
export async function tellAlone(
  request: Pick<Exchange, "event" | "identity">,
  grant: Grant,
  event: RecordEvent,
): Promise<boolean> {
  // The zone of the patients' portal opens sessions for a patient's request alone: a refusal of whoever came in another
  // purpose is told with one that reaches no record either, and keeps the purpose that was asked for.
  const route = routeOf(request.event);
  const isPatientZone = route !== undefined && routes[route].zone === "patient";
  const { audit, keyScope } = openScope(request, isPatientZone ? { ...grant, purpose: "PATRQT" } : grant);
  if ((await audit.record(grant, event)).ok) return true;
  // A tenant that never had keys, as that of the operators, has no trail: what is refused there is an alarm in the log.
  const key = await scopes.keyring.auditKey(keyScope);
  const hasTrail = key.ok || key.error.kind !== "not-found";
  if (!hasTrail) log("error", "alarm", { failure: "no-trail", tenantId: grant.tenantId });
  return !hasTrail;
}

/** A request that policy permits, and what it works with. */
export interface Affair extends Scope {
  readonly exchange: Exchange;
  readonly identity: Identity;
  readonly principal: Principal;
  readonly purpose: Purpose;
  readonly decision: Decision;
}

export type Circumstanced = Pick<ClinicOptions, "patientId" | "circumstances">;

/** What policy is told of a member in this zone. */
export function standingOptions(
  exchange: Pick<Exchange, "identity" | "definition" | "headers" | "event" | "rawBody">,
): ClinicOptions {
  const { principal, privacy, isGated } = identityOf(exchange);
  return {
    purpose: exchange.headers["x-purpose-of-use"],
    isInScope: isInScope(exchange),
    isPrivacyOfficer: privacy.privacyOfficers.includes(principal.userId),
    isGated: isGated === true,
    steppedUp: isSteppedUp(principal, systemClock.now(), actOf(exchange)),
  };
}

/** Writes a refusal into the clinic's trail and answers it. */
export async function refuse(exchange: Exchange, refusal: Refusal, patientId?: string): Promise<never> {
  const { principal } = identityOf(exchange);
  const named = patientId !== undefined && isOurs(patientId) ? patientId : undefined;
  const isTold = await tellAlone(exchange, grantForRefusal(principal, refusal), {
    interaction: interactionOf(exchange),
    outcome: "denied",
    entities: named === undefined ? [] : [{ type: "Patient", id: named }],
    classes: [],
    ...(named === undefined ? {} : { patientId: named }),
  });
  if (!isTold) return fail({ kind: "unavailable" });
  return failRefused(refusal);
}

/**
 * Asks policy for the route's own action and opens the scope in which it is done: class D and no clinical record. A
 * refusal is written into the clinic's trail before it is answered.
 */
export async function openAffair(exchange: Exchange, about: Circumstanced = {}): Promise<Affair> {
  const identity = identityOf(exchange);
  const { principal } = identity;
  const options = { ...standingOptions(exchange), ...about };
  const decided = authorizeClinic(principal, interactionOf(exchange), options);
  if (!decided.ok) return refuse(exchange, decided.error, about.patientId);
  const purpose = purposeOf(principal, options.purpose);
  invariant(purpose.ok, "what policy permits has a purpose");
  const { emergency, delegation } = about.circumstances ?? {};
  const grant = grantForClinic(principal, decided.value, purpose.value, {
    ...(emergency === undefined ? {} : { emergency }),
    ...(delegation === undefined ? {} : { delegation: { id: delegation.id, userId: delegation.userId } }),
  });
  const scope = openScope(exchange, grant);
  return { exchange, identity, principal, purpose: purpose.value, decision: decided.value, ...scope };
}

/**
 * Writes the event of a request that was refused before policy came to it, such as one with a body that cannot be read:
 * every request of somebody known leaves one. False where it could not be written, and the refusal must wait.
 */
export async function recordRefusal({ event, route, identity, failure }: Refused): Promise<boolean> {
  // A tenant of another cell keeps its trail there.
  if (told.has(event) || identity.cell !== config.CELL) return true;
  const undecided = { kind: "forbidden", decision: notAsked("not-asked") } as const;
  return tellAlone({ event, identity }, grantForRefusal(identity.principal, undecided), {
    interaction: interactionOf({ definition: routes[route] }),
    outcome: failure.kind === "not-found" || failure.kind === "forbidden" ? "denied" : "failure",
    entities: [],
    classes: [],
  });
}
