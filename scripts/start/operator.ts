import { randomBytes } from "node:crypto";
import type { RegistryRow, RegistryStore } from "../../core/tenant/registry-store.ts";
import {
  clientIndex,
  clientKey,
  membershipKey,
  membersIndex,
  OPERATIONS_INDEX,
  tenantKey,
} from "../../core/tenant/index.ts";
import { newId } from "../../core/kernel/ids.ts";
import type { Client } from "../cli/profile.ts";
import { newClientKey } from "../cli/sign-in.ts";

/**
 * Makes a stage's first operator: a tenant of its own, which no clinic list shows, and one `private_key_jwt` client in it.
 * Nobody is signed in yet, so it is written with the AWS rights of whoever set the stage up; everything after that goes
 * through the platform zone.
 */
export async function createFirstOperator(
  store: RegistryStore,
  nowMs: number,
): Promise<Client & { readonly tenantId: string }> {
  const tenantId = newId(nowMs);
  const clientId = newId(nowMs, (bytes) => bytes.set(randomBytes(bytes.length)));
  const key = newClientKey();
  const rows: RegistryRow[] = [
    {
      ...tenantKey(tenantId),
      rev: 1,
      tenantId,
      name: "Keyward operations",
      tier: "pooled",
      region: "us-east-1",
      cell: "c01",
      status: "active",
      epoch: 0,
      createdAtMs: nowMs,
      isOperations: true,
      gpk: OPERATIONS_INDEX,
      gsk: tenantId,
    },
    {
      ...clientKey(clientId, tenantId),
      gpk: clientIndex(clientId),
      gsk: tenantId,
      rev: 1,
      clientId,
      name: "operator",
      tenantId,
      jwks: JSON.stringify({ keys: [key.publicJwk] }),
      status: "active",
    },
    {
      ...membershipKey(clientId, tenantId),
      gpk: membersIndex(tenantId),
      gsk: clientId,
      rev: 1,
      userId: clientId,
      tenantId,
      roles: ["platform-operator"],
      status: "active",
    },
  ];
  const written = await store.write(rows.map((row) => ({ kind: "create", row })));
  if (!written.ok) throw new Error("the registry has an operator of that id already");
  return { clientId, privateJwk: key.privateJwk, tenantId };
}
