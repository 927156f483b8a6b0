import type { AppKind } from "../contract/admin-apps.ts";
import type { PublicJwk } from "../contract/platform.ts";
import { type AccountRow, factorsRow, type FactorsRow } from "./account-rows.ts";
import type { NewCredentials } from "./members.ts";
import type { RegistryRow } from "./registry-store.ts";
import {
  accountKey,
  belongingKey,
  clientIndex,
  clientKey,
  type ClientRow,
  credentialKey,
  loginKey,
  membershipKey,
  membersIndex,
  userKey,
} from "./rows.ts";

/** The rows that make a member, a system or an account, whoever makes them: the platform, an administrator, the invited. */

const defined = (row: Readonly<Record<string, unknown>>): RegistryRow =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as unknown as RegistryRow;

export const membershipRow = (
  holderId: string,
  tenantId: string,
  roles: readonly string[],
  is: {
    readonly patientId?: string | undefined;
    readonly practitionerId?: string | undefined;
    readonly nameSealed?: Uint8Array | undefined;
  } = {},
): RegistryRow =>
  defined({
    ...membershipKey(holderId, tenantId),
    gpk: membersIndex(tenantId),
    gsk: holderId,
    rev: 1,
    userId: holderId,
    tenantId,
    roles: [...roles],
    nameSealed: is.nameSealed,
    patientId: is.patientId,
    practitionerId: is.practitionerId,
    status: "active",
  });

export const accountRow = (
  account: Pick<AccountRow, "userId" | "tenantId" | "createdAtMs"> & { readonly loginSealed: Uint8Array },
): RegistryRow => ({ ...accountKey(account.userId, account.tenantId), rev: 1, ...account });

interface NewApp {
  readonly clientId: string;
  readonly tenantId: string;
  readonly name: string;
  readonly keys: readonly PublicJwk[];
  readonly registeredAtMs: number;
}

/** A system or an app of a clinic. `kind` absent: one that asks for tokens of its own. */
export const clientRow = (
  { clientId, tenantId, name, keys, registeredAtMs }: NewApp,
  may: Partial<Pick<ClientRow, "scopes" | "purposes" | "purpose" | "redirectUris">> & {
    readonly kind?: AppKind;
  } = {},
): RegistryRow =>
  defined({
    ...clientKey(clientId, tenantId),
    gpk: clientIndex(clientId),
    gsk: tenantId,
    rev: 1,
    clientId,
    name,
    tenantId,
    jwks: JSON.stringify({ keys }),
    registeredAtMs,
    ...may,
    status: "active",
  });

interface Opening {
  readonly userId: string;
  readonly tenantId: string;
  readonly credentials: NewCredentials;
  readonly told: Pick<FactorsRow, "hasPassword" | "passkeys" | "enrolledAtMs">;
}

/** What lets a user sign in: the user, credentials, login, where the user belongs, and what the clinic may know of it. */
export const accountOpening = ({ userId, tenantId, credentials, told }: Opening): RegistryRow[] => [
  { ...userKey(userId), rev: 1, userId, status: "active" },
  credentialRow(userId, credentials),
  { ...loginKey(credentials.loginDigest), rev: 1, userId },
  { ...belongingKey(userId, tenantId), rev: 1, userId, tenantId },
  factorsRow(userId, tenantId, told),
];

export const credentialRow = (
  userId: string,
  { passwordHash, totpSealed, totpStep = 0 }: Omit<NewCredentials, "loginDigest">,
): RegistryRow => ({ ...credentialKey(userId), rev: 1, userId, passwordHash, totpSealed, totpStep });
