import type { AddClient, AddUser, CreateTenant, TierDecision } from "../contract/platform.ts";
import type { Clock } from "../kernel/clock.ts";
import { newId, type TenantId, type UserId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { RegistryStore } from "./registry-store.ts";
import { accountRow, accountOpening, clientRow, membershipRow } from "./member-rows.ts";
import { loginPlace, namePlace, type SealWord } from "./person-words.ts";
import { parseRow, tenantKey, TenantRow, TENANTS_INDEX } from "./rows.ts";
import { TIERS } from "./tiers.ts";

export type RegistryFailure =
  | { readonly kind: "conflict"; readonly what: "tenant" | "login" | "client" }
  | { readonly kind: "not-found"; readonly what: "tenant" }
  | { readonly kind: "business-rule"; readonly rule: "tier-not-placeable" | "region-not-served" };

/** What the identity layer makes of a new user's secrets; the registry only keeps it. */
export interface NewCredentials {
  readonly loginDigest: string;
  readonly passwordHash: string;
  readonly totpSealed: Uint8Array;
  /** The time step of a code that was shown already: it opens nothing again. */
  readonly totpStep?: number;
}

export interface Placement {
  readonly cell: string;
  readonly region: string;
}

/**
 * Tenants and their members, as rows of the registry. Every function checks the tenant first;
 * none of them reads or writes a record.
 */
export function createMembers(store: RegistryStore, clock: Clock) {
  async function readTenant(tenantId: TenantId): Promise<TenantRow | undefined> {
    const row = await store.get(tenantKey(tenantId));
    return row === undefined ? undefined : (parseRow(TenantRow, row) as TenantRow);
  }

  return {
    readTenant,

    /** All tenants, by id, which is by age. */
    async listTenants(): Promise<TenantRow[]> {
      return (await store.queryIndex(TENANTS_INDEX)).map((row) => parseRow(TenantRow, row) as TenantRow);
    },

    /** Writes the tenant as `provisioning`: nobody can work in it until `activateTenant`. */
    async beginTenant(
      request: CreateTenant,
      placement: Placement,
      decision?: TierDecision,
    ): Promise<Result<TenantId, RegistryFailure>> {
      if (!TIERS[request.tier].isPlaceable) return err({ kind: "business-rule", rule: "tier-not-placeable" });
      if (request.region !== placement.region) return err({ kind: "business-rule", rule: "region-not-served" });
      const tenantId = newId(clock.now()) as string as TenantId;
      const written = await store.write([
        {
          kind: "create",
          row: {
            ...tenantKey(tenantId),
            gpk: TENANTS_INDEX,
            gsk: tenantId,
            rev: 1,
            tenantId,
            name: request.name,
            tier: request.tier,
            region: request.region,
            cell: placement.cell,
            status: "provisioning",
            epoch: 0,
            createdAtMs: clock.now(),
            ...(request.goLive === "after-checklist" && { isGated: true }),
            ...(decision !== undefined && { tierDecision: JSON.stringify(decision) }),
          },
        },
      ]);
      return written.ok ? ok(tenantId) : err({ kind: "conflict", what: "tenant" });
    },

    /** After the tenant's keys exist. Repeating it changes nothing. */
    async activateTenant(tenantId: TenantId): Promise<Result<TenantRow, RegistryFailure>> {
      const tenant = await readTenant(tenantId);
      if (tenant === undefined) return err({ kind: "not-found", what: "tenant" });
      if (tenant.status !== "provisioning") return ok(tenant);
      const active = { ...tenant, status: "active" as const, rev: tenant.rev + 1 };
      const written = await store.write([{ kind: "replace", row: active, rev: tenant.rev }]);
      return written.ok ? ok(active) : err({ kind: "conflict", what: "tenant" });
    },

    /**
     * `userId` is new: an audit event names it before there is anything to be named.
     * @param seal To the tenant's public key: who adds somebody reads nobody's name.
     */
    async addUser(
      tenantId: TenantId,
      request: AddUser,
      makeCredentials: (userId: UserId) => Promise<NewCredentials>,
      seal: SealWord,
      userId = newId(clock.now()) as string as UserId,
    ): Promise<Result<UserId, RegistryFailure>> {
      if ((await readTenant(tenantId)) === undefined) return err({ kind: "not-found", what: "tenant" });
      const credentials = await makeCredentials(userId);
      const { displayName, roles, login } = request;
      // A patient's login is nothing that the clinic's people are told.
      const isStaff = roles.some((role) => role !== "patient");
      const nameSealed = await seal(displayName, namePlace(userId, tenantId));
      const loginSealed = await seal(login, loginPlace(userId, tenantId));
      const rows = [
        membershipRow(userId, tenantId, roles, { ...request, nameSealed }),
        ...(isStaff ? [accountRow({ userId, tenantId, loginSealed, createdAtMs: clock.now() })] : []),
        ...accountOpening({ userId, tenantId, credentials, told: { hasPassword: true, passkeys: 0 } }),
      ];
      const written = await store.write(rows.map((row) => ({ kind: "create", row })));
      return written.ok ? ok(userId) : err({ kind: "conflict", what: "login" });
    },

    /** `clientId` is new, as for a user. */
    async addClient(
      tenantId: TenantId,
      request: AddClient,
      clientId = newId(clock.now()) as string,
    ): Promise<Result<string, RegistryFailure>> {
      if ((await readTenant(tenantId)) === undefined) return err({ kind: "not-found", what: "tenant" });
      const { name, jwks, purpose, roles } = request;
      const written = await store.write([
        {
          kind: "create",
          row: clientRow({ clientId, tenantId, name, keys: jwks.keys, registeredAtMs: clock.now() }, { purpose }),
        },
        { kind: "create", row: membershipRow(clientId, tenantId, roles) },
      ]);
      return written.ok ? ok(clientId) : err({ kind: "conflict", what: "client" });
    },
  };
}

export type Members = ReturnType<typeof createMembers>;
