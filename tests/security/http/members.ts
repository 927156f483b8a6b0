import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { RegistryRow, RegistryStore } from "../../../core/tenant/registry-store.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { createDynamoTable } from "../../../core/table/dynamodb.ts";
import { createMeter } from "../../../core/table/index.ts";
import { createRegistryStore } from "../../../core/table/registry-store.ts";
import type { Member } from "../../../scripts/cli/profile.ts";
import { clientToken, memberToken, newClientKey } from "../../../scripts/cli/sign-in.ts";
import { type Caller, PASSWORD, SITE, type World } from "../world.ts";

export interface NewMember {
  readonly tenantId: TenantId;
  readonly login: string;
  readonly roles: readonly string[];
  readonly patientId?: string;
  /** The login, where it says nothing. */
  readonly displayName?: string;
}

export interface Signed {
  readonly member: Member;
  readonly userId: string;
  readonly caller: Caller;
}

/** Adds a member through the platform zone; nobody has signed in yet. */
export async function addMember(
  world: World,
  { tenantId, login, roles, patientId, displayName = login }: NewMember,
): Promise<Omit<Signed, "caller">> {
  const answer = await world.operator.send("POST", `/platform/tenants/${tenantId}/users`, {
    body: { login, displayName, roles, password: PASSWORD, ...(patientId === undefined ? {} : { patientId }) },
  });
  if (answer.status !== 201) throw new Error(`the member was refused: ${answer.status} ${answer.text}`);
  const totpSecret = String(answer.body["totpSecret"]);
  const member = { login, password: PASSWORD, totpSecret, tenantId, role: roles[0] ?? "" };
  return { member, userId: String(answer.body["userId"]) };
}

/** Adds a member and signs her in by the code flow. */
export async function signMember(world: World, wanted: NewMember): Promise<Signed> {
  const added = await addMember(world, wanted);
  return { ...added, caller: world.caller(await memberToken(world.stack.endpoint, added.member)) };
}

/** Registers a client of a tenant and signs it in by its key. `clock` is the stage's, where it has one of its own. */
export async function signClient(world: World, tenantId: TenantId, roles: readonly string[], clock = systemClock) {
  const key = newClientKey();
  const answer = await world.operator.send("POST", `/platform/tenants/${tenantId}/clients`, {
    body: { name: "test", roles, jwks: { keys: [key.publicJwk] } },
  });
  const client = { clientId: String(answer.body["clientId"]), privateJwk: key.privateJwk };
  const caller = world.caller(await clientToken(world.stack.endpoint, client, "system/*.cruds", clock.now()));
  return { client, caller };
}

/** The registry with root's rights: for what no route of this issue does, such as disabling a user. */
export function openRegistry(world: World): { readonly store: RegistryStore; close(): void } {
  const { accessKeyId, secretAccessKey } = world.stack.cloud.rootCredentials;
  const client = new DynamoDBClient({
    region: SITE.region,
    endpoint: world.stack.endpoint,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  const names = { registry: `keyward-${SITE.stage}-registry` };
  const table = createDynamoTable({ client, names, clock: systemClock, meter: createMeter() });
  return { store: createRegistryStore(table), close: () => client.destroy() };
}

/** Changes some attributes of a registry row. */
export async function amend(
  store: RegistryStore,
  key: { readonly pk: string; readonly sk: string },
  changes: Partial<RegistryRow>,
): Promise<void> {
  const row = await store.get(key);
  if (row === undefined) throw new Error("no such row in the registry");
  await store.write([{ kind: "replace", row: { ...row, ...changes, rev: row.rev + 1 } as RegistryRow, rev: row.rev }]);
}
