import type { AddClient, AddUser, CreateTenant, KeyView, TenantView } from "../core/contract/index.ts";
import { mintTenantKeys } from "../core/crypto/index.ts";
import { createKmsKeys } from "../core/crypto/kms.ts";
import { hashPassword } from "../core/identity/password.ts";
import { loginDigest } from "../core/identity/sign-in.ts";
import { newTotpSecret, totpUri } from "../core/identity/totp.ts";
import { systemClock, toInstant } from "../core/kernel/clock.ts";
import { KEYED_CLASSES } from "../core/kernel/data-class.ts";
import { parseTenantId, type TenantId } from "../core/kernel/ids.ts";
import { invariant } from "../core/kernel/invariant.ts";
import { authorizePlatform } from "../core/policy/index.ts";
import { createDynamoTable } from "../core/table/dynamodb.ts";
import { createKeyRows, createMeter, loadKeyRows } from "../core/table/index.ts";
import { createMembers, type RegistryFailure, type TenantRow } from "../core/tenant/index.ts";
import { endpoint } from "./http/endpoint.ts";
import { json, type Answer, type Exchange } from "./http/exchange.ts";
import { fail } from "./http/failure.ts";
import { onceOnly } from "./platform/idempotency.ts";
import { dynamoDb, kms } from "./runtime/clients.ts";
import { readConfig } from "./runtime/config.ts";
import { createZoneIdentity } from "./runtime/identity.ts";
import { createStageSecrets } from "./runtime/stage-secrets.ts";

const config = readConfig([
  "AWS_REGION",
  "CELL",
  "PUBLIC_URL",
  "REGISTRY_TABLE",
  "KEYS_TABLE",
  "CELL_KEY_ARN",
  "TOKEN_KEY_ARN",
  "SESSION_KEY_ARN",
  "CONTROL_PLANE_ROLE_ARN",
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

/** Policy first. A token must also have been asked for with the platform scope. */
function permit(exchange: Exchange): void {
  const { identity, definition } = exchange;
  invariant(identity !== undefined && definition.action !== null, "a platform route has an identity and an action");
  if (identity.claims?.scope.includes("platform") !== true) fail({ kind: "forbidden" });
  if (!authorizePlatform(identity.principal, definition.action).ok) fail({ kind: "forbidden" });
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

const tenantOf = (exchange: Exchange): TenantId =>
  parseTenantId(exchange.path["tenant"]) ?? fail({ kind: "not-found" });

const view = (tenant: TenantRow): TenantView => ({
  id: tenant.tenantId,
  name: tenant.name,
  tier: tenant.tier,
  region: tenant.region,
  cell: tenant.cell,
  status: tenant.status,
  createdAt: toInstant(tenant.createdAtMs),
});

/** Registers the tenant, mints its keys, and only then lets anybody in. A run that breaks off is finished by the next with the same key. */
async function createTenant(exchange: Exchange): Promise<Answer> {
  const begun = await members.beginTenant(exchange.body as CreateTenant, {
    cell: config.CELL,
    region: config.AWS_REGION,
  });
  if (!begun.ok) return failRegistry(begun.error);
  const tenantId = begun.value;
  const minted = await mintTenantKeys(
    { tenantId, cell: config.CELL, epoch: 0, nowMs: systemClock.now() },
    { kms: keys, createRows: (rows) => createKeyRows(keyTable, rows) },
  );
  if (!minted.ok) return fail({ kind: "unavailable" });
  const active = await members.activateTenant(tenantId);
  return active.ok ? json(201, view(active.value)) : failRegistry(active.error);
}

/** The TOTP secret is shown here once: it goes to the new member by another way than the password. */
async function addUser(exchange: Exchange): Promise<Answer> {
  const request = exchange.body as AddUser;
  const totpSecret = newTotpSecret();
  const added = await members.addUser(tenantOf(exchange), request, async (userId) => ({
    loginDigest: await loginDigest(secrets, request.login),
    passwordHash: await hashPassword(request.password),
    totpSealed: await secrets.seal("totp", userId, totpSecret),
  }));
  if (!added.ok) return failRegistry(added.error);
  return json(201, { userId: added.value, totpSecret, totpUri: totpUri(totpSecret, request.login) });
}

function withoutSecret(answer: Answer): Answer {
  const { userId } = JSON.parse(answer.body ?? "{}") as { userId?: string };
  return { ...answer, body: JSON.stringify({ userId }) };
}

async function addClient(exchange: Exchange): Promise<Answer> {
  const added = await members.addClient(tenantOf(exchange), exchange.body as AddClient);
  return added.ok ? json(201, { clientId: added.value }) : failRegistry(added.error);
}

async function listKeys(exchange: Exchange): Promise<Answer> {
  const tenantId = tenantOf(exchange);
  if ((await members.readTenant(tenantId)) === undefined) return fail({ kind: "not-found" });
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
  return json(200, { keys: found });
}

/** Tenants and members, for operators. No record passes here: the role that this zone assumes cannot reach one. */
export const handler = endpoint(
  "platform",
  {
    listTenants: async (exchange) => {
      permit(exchange);
      return json(200, { tenants: (await members.listTenants()).map(view) });
    },
    createTenant: (exchange) => {
      permit(exchange);
      return onceOnly(exchange, zone.registry, () => createTenant(exchange));
    },
    addUser: (exchange) => {
      permit(exchange);
      return onceOnly(exchange, zone.registry, () => addUser(exchange), withoutSecret);
    },
    addClient: (exchange) => {
      permit(exchange);
      return onceOnly(exchange, zone.registry, () => addClient(exchange));
    },
    listKeys: (exchange) => {
      permit(exchange);
      return listKeys(exchange);
    },
  },
  { identity: zone.authentication },
);
