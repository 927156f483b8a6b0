import {
  type AddClient,
  type AddUser,
  type CreateTenant,
  type KeyView,
  type TenantView,
  TierDecision,
} from "../core/contract/index.ts";
import { dayOfMs } from "../core/cost/period.ts";
import { createKeyring, mintTenantKeys } from "../core/crypto/index.ts";
import { createKmsKeys } from "../core/crypto/kms.ts";
import { hashPassword } from "../core/identity/password.ts";
import { loginDigest } from "../core/identity/sign-in.ts";
import { newTotpSecret, totpUri } from "../core/identity/totp.ts";
import { systemClock, toInstant } from "../core/kernel/clock.ts";
import { KEYED_CLASSES, type KeyedClass } from "../core/kernel/data-class.ts";
import { newId, parseTenantId, type TenantId, type UserId } from "../core/kernel/ids.ts";
import { invariant } from "../core/kernel/invariant.ts";
import { err } from "../core/kernel/result.ts";
import { createDynamoTable } from "../core/table/dynamodb.ts";
import { createKeyRows, createMeter, loadKeyRows } from "../core/table/index.ts";
import { createMembers, type RegistryFailure, type SealWord, type TenantRow } from "../core/tenant/index.ts";
import { endpoint } from "./http/endpoint.ts";
import { json, type Answer, type Exchange } from "./http/exchange.ts";
import { fail } from "./http/failure.ts";
import { type Reason, reasonOf } from "./http/reason.ts";
import { onceOnly } from "./http/once-only.ts";
import { adviceFor, adviceView, decisionOf } from "./platform/tier-advice.ts";
import { createSecondPerson } from "./platform/second-person.ts";
import { createPlatformTrail, decidePlatform } from "./platform/trail.ts";
import type { Warrant } from "./runtime/administration.ts";
import { createAppendTables } from "./runtime/append-tables.ts";
import { dynamoDb, kms } from "./runtime/clients.ts";
import { readConfig } from "./runtime/config.ts";
import { createZoneIdentity } from "./runtime/identity.ts";
import { createOperationAudit } from "./runtime/operation-audit.ts";
import { peopleNamesOf } from "./runtime/people-names.ts";
import { createStageSecrets } from "./runtime/stage-secrets.ts";

const config = readConfig([
  "STAGE",
  "AWS_REGION",
  "CELL",
  "PUBLIC_URL",
  "PORTAL_ORIGIN",
  "REGISTRY_TABLE",
  "OUTBOX_TABLE",
  "KEYS_TABLE",
  "CELL_KEY_ARN",
  "TOKEN_KEY_ARN",
  "SESSION_KEY_ARN",
  "CONTROL_PLANE_ROLE_ARN",
  "AUDIT_APPEND_ROLE_ARN",
]);
const session = { roleArn: config.CONTROL_PLANE_ROLE_ARN, sessionName: "platform" };
const zone = createZoneIdentity({ ...config, ...session });
const credentials = () => zone.vend(session);
const keyTable = createDynamoTable({
  client: dynamoDb(config.AWS_REGION, credentials),
  names: { keys: config.KEYS_TABLE },
  clock: systemClock,
  meter: createMeter(),
});
const kmsClient = kms(config.AWS_REGION, credentials);
const keys = createKmsKeys(kmsClient, config.CELL_KEY_ARN);
const secrets = createStageSecrets(kmsClient, config.SESSION_KEY_ARN);
const members = createMembers(zone.registry, systemClock);
const secondPerson = createSecondPerson(zone.registry, systemClock, config.STAGE);

const trail = createPlatformTrail({
  cell: config.CELL,
  readTenant: (tenantId) => members.readTenant(tenantId),
  audit: createOperationAudit({
    cell: config.CELL,
    clock: systemClock,
    openTable: createAppendTables(config, zone.vend, systemClock),
  }),
});

/** Policy first. A token must also have been asked for with the platform scope. */
function permit(exchange: Exchange): void {
  const { identity, definition } = exchange;
  invariant(identity !== undefined, "a platform route has an identity");
  if (!decidePlatform(identity, definition).isPermitted) fail({ kind: "forbidden" });
}

function failRegistry(failure: RegistryFailure): never {
  switch (failure.kind) {
    case "not-found":
      return fail({ kind: "not-found" });
    case "conflict":
      return fail({ kind: "duplicate", rule: failure.what === "login" ? "login-taken" : "conflict" });
    case "business-rule":
      return fail({ kind: "business-rule", rule: failure.rule });
  }
}

/** The tenant that the path names: who works on the platform belongs to none of them. */
async function tenantOf(exchange: Exchange): Promise<TenantRow> {
  const tenantId = parseTenantId(exchange.path["tenant"]);
  const tenant = tenantId === undefined ? undefined : await members.readTenant(tenantId);
  return tenant ?? fail({ kind: "not-found" });
}

const newMemberId = (): UserId => newId(systemClock.now()) as string as UserId;

const view = (tenant: TenantRow): TenantView => ({
  id: tenant.tenantId,
  name: tenant.name,
  tier: tenant.tier,
  region: tenant.region,
  cell: tenant.cell,
  status: tenant.status,
  createdAt: toInstant(tenant.createdAtMs),
  ...(tenant.tierDecision === undefined ? {} : { decision: TierDecision.parse(JSON.parse(tenant.tierDecision)) }),
});

const adviceToday = (profile: string) => adviceFor(profile, config.AWS_REGION, dayOfMs(systemClock.now()));

async function mint(tenantId: TenantId, classes: readonly KeyedClass[]): Promise<void> {
  const input = { tenantId, cell: config.CELL, epoch: 0, nowMs: systemClock.now(), classes };
  const minted = await mintTenantKeys(input, { kms: keys, createRows: (rows) => createKeyRows(keyTable, rows) });
  if (!minted.ok) fail({ kind: "unavailable" });
}

/**
 * Registers the tenant, mints its keys, and only then lets anybody in. The audit key comes first: with it the tenant has
 * a trail, whose first event is that it is made.
 */
async function createTenant(exchange: Exchange, warrant: Warrant): Promise<Answer> {
  const request = exchange.body as CreateTenant;
  const advice = request.profile === undefined ? undefined : adviceToday(request.profile);
  if (request.profile !== undefined && advice === undefined)
    return fail({ kind: "business-rule", rule: "profile-unknown" });
  const decision = advice === undefined ? undefined : decisionOf(advice, request.tier);
  const begun = await members.beginTenant(request, { cell: config.CELL, region: config.AWS_REGION }, decision);
  if (!begun.ok) return failRegistry(begun.error);
  const tenantId = begun.value;
  await mint(tenantId, ["A"]);
  const made = {
    interaction: "tenant.create",
    entities: [{ type: "Tenant", id: tenantId }],
    detail: {
      tier: request.tier,
      region: request.region,
      ...(decision === undefined ? {} : { profile: decision.profile, recommended: decision.recommended }),
    },
  } as const;
  return trail.administer(exchange, { tenantId, epoch: 0, cell: config.CELL }, made, warrant, async () => {
    await mint(
      tenantId,
      KEYED_CLASSES.filter((dataClass) => dataClass !== "A"),
    );
    const active = await members.activateTenant(tenantId);
    return active.ok ? json(201, view(active.value)) : failRegistry(active.error);
  });
}

const keyring = createKeyring({
  cell: config.CELL,
  clock: systemClock,
  loadKeyRows: (scope, dataClass) => loadKeyRows(keyTable, scope.tenantId, dataClass),
  // The role may unwrap nothing: it seals names by their public key, and reads none.
  kmsDecrypt: () => Promise.resolve(err({ kind: "forbidden" })),
});

/** Seals to the tenant's key for names. One that was made without it, as that of the operators, gets it with its first person. */
async function sealFor({ tenantId, epoch }: TenantRow): Promise<SealWord> {
  const classes = ["U"] as const;
  const scope = { tenantId, purpose: "names", credentialsId: "platform", classes, epoch };
  const key = await keyring.publicKey(scope, "U");
  if (!key.ok && key.error.kind === "not-found") {
    await mint(tenantId, classes);
    keyring.forgetTenant(tenantId);
  }
  return peopleNamesOf(keyring, scope).seal;
}

/** The TOTP secret is shown here once: it goes to the new member by another way than the password. */
async function addUser(exchange: Exchange, warrant: Warrant): Promise<Answer> {
  const request = exchange.body as AddUser;
  const tenant = await tenantOf(exchange);
  // Who keeps the platform's books is of the platform's own tenant, and is nothing else there.
  const isOfBooks = request.roles.every((role) => role === "finance");
  if (tenant.isOperations === true ? !isOfBooks : request.roles.includes("finance"))
    return fail({ kind: "business-rule", rule: "role-tenant" });
  const newUserId = newMemberId();
  const added = {
    interaction: "user.add",
    entities: [{ type: "User", id: newUserId }],
    detail: { roles: request.roles },
  } as const;
  return trail.administer(exchange, tenant, added, warrant, async () => {
    const totpSecret = newTotpSecret();
    const credentialsOf = async (userId: UserId) => ({
      loginDigest: await loginDigest(secrets, request.login),
      passwordHash: await hashPassword(request.password),
      totpSealed: await secrets.seal("totp", userId, totpSecret),
    });
    const user = await members.addUser(tenant.tenantId, request, credentialsOf, await sealFor(tenant), newUserId);
    if (!user.ok) return failRegistry(user.error);
    return json(201, { userId: user.value, totpSecret, totpUri: totpUri(totpSecret, request.login) });
  });
}

function withoutSecret(answer: Answer): Answer {
  const { userId } = JSON.parse(answer.body ?? "{}") as { userId?: string };
  return { ...answer, body: JSON.stringify({ userId }) };
}

async function addClient(exchange: Exchange, warrant: Warrant): Promise<Answer> {
  const request = exchange.body as AddClient;
  const tenant = await tenantOf(exchange);
  const newClientId = newMemberId();
  const added = {
    interaction: "client.add",
    entities: [{ type: "Client", id: newClientId }],
    detail: { roles: request.roles },
  } as const;
  return trail.administer(exchange, tenant, added, warrant, async () => {
    const client = await members.addClient(tenant.tenantId, request, newClientId);
    return client.ok ? json(201, { clientId: client.value }) : failRegistry(client.error);
  });
}

async function keysOf(tenantId: TenantId): Promise<KeyView[]> {
  const found: KeyView[] = [];
  for (const dataClass of KEYED_CLASSES) {
    const rows = await loadKeyRows(keyTable, tenantId, dataClass);
    if (!rows.ok) return fail({ kind: "unavailable" });
    const active = rows.value.find((row) => row.slot === "active");
    for (const row of rows.value) {
      if (row.slot !== "version") continue;
      const isSealing = active?.state === "ACTIVE" && active.kver === row.kver && row.state === "DECRYPT_ONLY";
      found.push({
        class: dataClass,
        version: row.kver,
        state: isSealing ? "ACTIVE" : row.state,
        createdAt: toInstant(row.createdAtMs),
      });
    }
  }
  return found;
}

async function listKeys(exchange: Exchange): Promise<Answer> {
  const tenant = await tenantOf(exchange);
  const listed = { interaction: "key.list", entities: [{ type: "DataKey" }] } as const;
  return trail.perform(exchange, tenant, listed, async () => json(200, { keys: await keysOf(tenant.tenantId) }));
}

/**
 * Asks policy for a reason and, where the stage wants one, for a second person, and then acts. What waits is told to the
 * tenant that it is about; a tenant that is still to be made has no trail, so that the operators' own is told.
 */
function administer(
  exchange: Exchange,
  act: (exchange: Exchange, warrant: Warrant) => Promise<Answer>,
  keep?: (answer: Answer) => Answer,
): Promise<Answer> {
  permit(exchange);
  const reason = reasonOf(exchange);
  return onceOnly(exchange, zone.registry, () => approved(exchange, reason, act), keep);
}

async function approved(
  exchange: Exchange,
  reason: Reason,
  act: (exchange: Exchange, warrant: Warrant) => Promise<Answer>,
): Promise<Answer> {
  const { identity, definition, path } = exchange;
  invariant(identity !== undefined, "a platform route has an identity");
  const about = path["tenant"] === undefined ? undefined : await tenantOf(exchange);
  const approval = await secondPerson.approve(exchange);
  if (approval.kind === "approved") return act(exchange, { reason, ...approval });
  const { principal, tenantEpoch, cell } = identity;
  const told = about ?? { tenantId: principal.tenantId, epoch: tenantEpoch, cell };
  const { view: waiting, store } = approval;
  const interaction = definition.action === "tenant.create" ? "tenant.create" : "client.add";
  await trail.request(exchange, told, { interaction }, reason, waiting.approval);
  await store();
  return json(202, waiting);
}

/** Tenants and members, for operators. No record passes here: the role that this zone assumes cannot reach one. */
export const handler = endpoint(
  "platform",
  {
    listTenants: async (exchange) => {
      permit(exchange);
      return json(200, { tenants: (await members.listTenants()).map(view) });
    },
    adviseTier: (exchange) => {
      permit(exchange);
      const advice = adviceToday(exchange.path["profile"] ?? "");
      return Promise.resolve(advice === undefined ? fail({ kind: "not-found" }) : json(200, adviceView(advice)));
    },
    createTenant: (exchange) => administer(exchange, createTenant),
    addUser: (exchange) => administer(exchange, addUser, withoutSecret),
    addClient: (exchange) => administer(exchange, addClient),
    listKeys: (exchange) => {
      permit(exchange);
      return listKeys(exchange);
    },
  },
  { identity: zone.authentication, onRefused: (refused) => trail.recordRefusal(refused) },
);
