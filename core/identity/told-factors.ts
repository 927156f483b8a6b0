import type { TenantId, UserId } from "../kernel/ids.ts";
import { EnrolledRow, factorsRow } from "../tenant/account-rows.ts";
import type { RegistryStore } from "../tenant/registry-store.ts";
import { CredentialRow, credentialKey, enrolledKey, parseRow } from "../tenant/rows.ts";
import type { Passkeys } from "./passkeys.ts";

/** Tells each clinic of a user what the user can sign in with now: kinds and numbers, nothing that opens anything. */
export async function tellFactors(
  store: RegistryStore,
  passkeys: Passkeys,
  userId: UserId,
  tenantIds: readonly TenantId[],
): Promise<void> {
  const [credential, enrolled, known] = await Promise.all([
    store.get(credentialKey(userId)),
    store.get(enrolledKey(userId)),
    passkeys.list(userId),
  ]);
  const told = {
    hasPassword: credential !== undefined && parseRow(CredentialRow, credential).passwordHash !== "",
    passkeys: known.length,
    enrolledAtMs: enrolled === undefined ? undefined : parseRow(EnrolledRow, enrolled).enrolledAtMs,
  };
  const rows = tenantIds.slice(0, 100).map((tenantId) => factorsRow(userId, tenantId, told));
  if (rows.length > 0) await store.write(rows.map((row) => ({ kind: "put", row })));
}
