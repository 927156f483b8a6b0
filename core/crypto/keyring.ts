import type { Clock } from "../kernel/clock.ts";
import type { DataClass, KeyedClass, PairClass } from "../kernel/data-class.ts";
import { isPairClass } from "../kernel/data-class.ts";
import type { TenantId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Kid } from "./data-key.ts";
import { DataKey, makeKid, parseKid } from "./data-key.ts";
import type { KeyContext, KeyRow, KeyVersionRow } from "./key-rows.ts";
import { keyContext } from "./key-rows.ts";
import { LIMITS } from "./limits.ts";
import { SealBroken, sealHolds } from "./seal-broken.ts";
import { PrivateKey, type PublicKey } from "./sealed-to.ts";
import type { CacheKey, CacheLimits, TimedCache } from "./timed-cache.ts";
import { createTimedCache } from "./timed-cache.ts";

/** The scope of one grant's credentials. Key material is never shared between two of them. */
export interface KeyScope {
  readonly tenantId: TenantId;
  readonly purpose: string;
  /** Opaque name of the STS session that will load and unwrap. */
  readonly credentialsId: string;
  /** The classes that the session may reach; any other is refused before KMS is asked. */
  readonly classes: readonly (DataClass | KeyedClass)[];
  /** The tenant's epoch, as the registry told this request. */
  readonly epoch: number;
}

/** `integrity` is KMS refusing the ciphertext or its context; it becomes SealBroken. */
export type UnwrapFailure = { readonly kind: "forbidden" | "throttled" | "unavailable" | "integrity" };
export type LoadFailure = { readonly kind: "forbidden" | "throttled" | "unavailable" };

/**
 * Why a key cannot be had: `suspended` and `shredded` by the tenant's key rows; `stale` when this request knows an older
 * epoch than the process; `expired` when the version is over the age at which it may seal; `not-found` when there is no
 * such version; `forbidden` by IAM, KMS or the scope; `throttled` and `unavailable` for an outage.
 */
export type KeyFailure = {
  readonly kind:
    | "suspended"
    | "shredded"
    | "stale"
    | "expired"
    | "not-found"
    | "forbidden"
    | "throttled"
    | "unavailable";
};

export type KeySignal =
  | { readonly kind: "refresh-failed"; readonly cause: KeyFailure["kind"] }
  | { readonly kind: "rotation-due"; readonly kid: Kid };

export interface Keyring {
  /** The key that seals new items of the class. */
  sealingKey(scope: KeyScope, dataClass: KeyedClass): Promise<Result<DataKey, KeyFailure>>;
  /** The key that an item names. */
  openingKey(scope: KeyScope, kid: Kid): Promise<Result<DataKey, KeyFailure>>;
  /** Every version that still opens, newest first: a search token may have been made under any of them. */
  openingKeys(scope: KeyScope, dataClass: KeyedClass): Promise<Result<readonly DataKey[], KeyFailure>>;
  /** The tenant's audit public key; asks KMS nothing. */
  auditKey(scope: KeyScope): Promise<Result<PublicKey, KeyFailure>>;
  /** The public key that new words of a pair class are sealed to; asks KMS nothing. */
  publicKey(scope: KeyScope, pairClass: PairClass): Promise<Result<PublicKey, KeyFailure>>;
  /** The private key of a pair class that sealed bytes name. */
  privateKey(scope: KeyScope, kid: Kid): Promise<Result<PrivateKey, KeyFailure>>;
  /** Zeroes every key of the tenant, now. */
  forgetTenant(tenantId: TenantId): void;
  /** Zeroes everything, now. */
  close(): void;
}

export interface KeyringDeps {
  readonly cell: string;
  readonly clock: Clock;
  /** Every key row of the class, with the scope's own credentials. */
  readonly loadKeyRows: (scope: KeyScope, dataClass: KeyedClass) => Promise<Result<readonly KeyRow[], LoadFailure>>;
  /** kms:Decrypt under the cell's own KEK, named by the caller and never by the row, with the scope's own credentials. */
  readonly kmsDecrypt: (
    scope: KeyScope,
    request: { readonly enc: Uint8Array; readonly context: KeyContext },
  ) => Promise<Result<Uint8Array, UnwrapFailure>>;
  readonly onSignal?: (signal: KeySignal) => void;
  readonly limits?: Partial<CacheLimits>;
}

/** Bounds of security notes 2.4: soft TTL 5 minutes, hard 15, 2^20 uses; entries for a cell's 3,000 tenants. */
export const KEYRING_LIMITS: CacheLimits = {
  softTtlMs: 300_000,
  hardTtlMs: 900_000,
  graceMs: 30_000,
  maxUses: 2 ** 20,
  maxEntries: 20_000,
  retryPauseMs: 1_000,
};

/** How long after a load an unknown kid may make the rows be read again: another process may have rotated. */
const UNKNOWN_KID_PAUSE_MS = 1_000;

interface KeySlots {
  readonly rows: readonly KeyRow[];
  readonly loadedAtMs: number;
}

/**
 * The key tree as one request sees it. Rows and unwrapped keys are cached per scope (`createTimedCache`), and the
 * tenant's epoch beats every TTL: a scope with a newer epoch destroys what older ones left, an older one is refused.
 */
export function createKeyring(deps: KeyringDeps): Keyring {
  const limits = { ...KEYRING_LIMITS, ...deps.limits };
  const onRefreshFailed = (error: KeyFailure): void => deps.onSignal?.({ kind: "refresh-failed", cause: error.kind });
  const isOutage = (error: KeyFailure): boolean => error.kind === "throttled" || error.kind === "unavailable";
  const base = { clock: deps.clock, limits, isOutage, onRefreshFailed };
  const rowCache = createTimedCache<KeySlots, KeyFailure>({ ...base, dispose: () => undefined });
  const keyCache = createTimedCache<DataKey, KeyFailure>({ ...base, dispose: (key) => key.wipe() });
  const privateCache = createTimedCache<PrivateKey, KeyFailure>({ ...base, dispose: (key) => key.wipe() });
  const epochs = new Map<TenantId, number>();

  function forgetTenant(tenantId: TenantId): void {
    rowCache.dropTenant(tenantId);
    keyCache.dropTenant(tenantId);
    privateCache.dropTenant(tenantId);
  }

  /** Refuses what needs no key row: an old epoch, a class outside the grant. */
  function admit(scope: KeyScope, dataClass: KeyedClass): KeyFailure | undefined {
    const known = epochs.get(scope.tenantId);
    if (known !== undefined && scope.epoch < known) return { kind: "stale" };
    if (known === undefined || scope.epoch > known) {
      epochs.set(scope.tenantId, scope.epoch);
      forgetTenant(scope.tenantId);
    }
    return scope.classes.includes(dataClass) ? undefined : { kind: "forbidden" };
  }

  const cacheKey = (scope: KeyScope, ...material: string[]): CacheKey => ({
    tenantId: scope.tenantId,
    parts: [
      scope.credentialsId,
      scope.purpose,
      [...scope.classes].toSorted().join(""),
      String(scope.epoch),
      ...material,
    ],
  });

  const readRows = async (scope: KeyScope, dataClass: KeyedClass): Promise<Result<KeySlots, KeyFailure>> => {
    const loaded = await deps.loadKeyRows(scope, dataClass);
    if (!loaded.ok) return loaded;
    for (const row of loaded.value) sealHolds(row.tenantId === scope.tenantId && row.dataClass === dataClass, "key");
    return ok({ rows: loaded.value, loadedAtMs: deps.clock.now() });
  };

  const rowsOf = (scope: KeyScope, dataClass: KeyedClass): Promise<Result<KeySlots, KeyFailure>> =>
    rowCache.get(cacheKey(scope, "rows", dataClass), () => readRows(scope, dataClass));

  const isOvertaken = (scope: KeyScope): boolean => epochs.get(scope.tenantId) !== scope.epoch;

  async function unwrapped<T extends { readonly isWiped: boolean }>(
    cache: TimedCache<T, KeyFailure>,
    scope: KeyScope,
    row: KeyVersionRow,
    make: (bytes: Uint8Array) => T,
  ): Promise<Result<T, KeyFailure>> {
    const refusal = refusedBy(row);
    if (refusal) return err(refusal);
    if (isOvertaken(scope)) return err({ kind: "stale" });
    const key = await cache.get(cacheKey(scope, "key", row.dataClass, String(row.kver)), async () => {
      const context = keyContext(scope.tenantId, deps.cell, row.dataClass, row.kver);
      const opened = await deps.kmsDecrypt(scope, { enc: row.enc, context });
      if (!opened.ok) {
        if (opened.error.kind === "integrity") throw new SealBroken("key");
        return err({ kind: opened.error.kind });
      }
      return ok(make(opened.value));
    });
    // The epoch may have moved while KMS was asked: the key is then already zeroed.
    return key.ok && (key.value.isWiped || isOvertaken(scope)) ? err({ kind: "stale" }) : key;
  }

  const unwrap = (scope: KeyScope, row: KeyVersionRow): Promise<Result<DataKey, KeyFailure>> =>
    unwrapped(keyCache, scope, row, (bytes) => new DataKey(scope.tenantId, row.dataClass, row.kver, bytes));

  /** The row of the version that a kid names, looked for once more where another process may have made it meanwhile. */
  async function versionOf(scope: KeyScope, kid: Kid): Promise<Result<KeyVersionRow, KeyFailure>> {
    const named = parseKid(kid);
    if (!named) return err({ kind: "not-found" });
    const refused = admit(scope, named.dataClass);
    if (refused) return err(refused);
    const slots = await rowsOf(scope, named.dataClass);
    if (!slots.ok) return slots;
    let row = versionRow(slots.value.rows, named.kver);
    if (!row && deps.clock.now() - slots.value.loadedAtMs >= UNKNOWN_KID_PAUSE_MS) {
      const again = await rowCache.reload(cacheKey(scope, "rows", named.dataClass), () =>
        readRows(scope, named.dataClass),
      );
      if (!again.ok) return again;
      row = versionRow(again.value.rows, named.kver);
    }
    return row ? ok(row) : err({ kind: "not-found" });
  }

  async function publicKey(scope: KeyScope, pairClass: PairClass): Promise<Result<PublicKey, KeyFailure>> {
    const refused = admit(scope, pairClass);
    if (refused) return err(refused);
    const slots = await rowsOf(scope, pairClass);
    if (!slots.ok) return slots;
    const row = activeVersion(slots.value.rows);
    if (!row.ok) return row;
    const { publicKey: spki, kver } = row.value;
    sealHolds(spki, "key");
    return ok({ tenantId: scope.tenantId, kid: makeKid(pairClass, kver), publicKey: spki });
  }

  return {
    async sealingKey(scope, dataClass) {
      const refused = admit(scope, dataClass);
      if (refused) return err(refused);
      const slots = await rowsOf(scope, dataClass);
      if (!slots.ok) return slots;
      const row = activeVersion(slots.value.rows);
      if (!row.ok) return row;
      const ageMs = deps.clock.now() - row.value.createdAtMs;
      if (ageMs >= LIMITS.sealingAgeMs) return err({ kind: "expired" });
      if (ageMs >= LIMITS.rotationDueMs)
        deps.onSignal?.({ kind: "rotation-due", kid: makeKid(dataClass, row.value.kver) });
      return unwrap(scope, row.value);
    },

    async openingKey(scope, kid) {
      const row = await versionOf(scope, kid);
      return row.ok ? unwrap(scope, row.value) : row;
    },

    async openingKeys(scope, dataClass) {
      const refused = admit(scope, dataClass);
      if (refused) return err(refused);
      const slots = await rowsOf(scope, dataClass);
      if (!slots.ok) return slots;
      const versions = slots.value.rows
        .filter((row) => row.slot === "version")
        .toSorted((left, right) => right.kver - left.kver);
      const keys: DataKey[] = [];
      for (const row of versions) {
        const key = await unwrap(scope, row);
        if (!key.ok) return key;
        keys.push(key.value);
      }
      return keys.length === 0 ? err({ kind: "not-found" }) : ok(keys);
    },

    auditKey: (scope) => publicKey({ ...scope, classes: [...scope.classes, "A"] }, "A"),
    publicKey,

    async privateKey(scope, kid) {
      const row = await versionOf(scope, kid);
      if (!row.ok) return row;
      const { dataClass, kver } = row.value;
      sealHolds(isPairClass(dataClass), "key");
      return unwrapped(
        privateCache,
        scope,
        row.value,
        (pkcs8) => new PrivateKey(scope.tenantId, dataClass, kver, pkcs8),
      );
    },

    forgetTenant,
    close() {
      rowCache.dropAll();
      keyCache.dropAll();
      privateCache.dropAll();
    },
  };
}

const versionRow = (rows: readonly KeyRow[], kver: number): KeyVersionRow | undefined =>
  rows.find((row): row is KeyVersionRow => row.slot === "version" && row.kver === kver);

function refusedBy(row: KeyRow): KeyFailure | undefined {
  if (row.state === "SUSPENDED") return { kind: "suspended" };
  return row.state === "SHREDDED" ? { kind: "shredded" } : undefined;
}

/** The version that the active row points at, unless its state or that of the pointer forbids sealing. */
function activeVersion(rows: readonly KeyRow[]): Result<KeyVersionRow, KeyFailure> {
  const active = rows.find((row) => row.slot === "active");
  if (!active) return err({ kind: "not-found" });
  const refusal = refusedBy(active);
  if (refusal) return err(refusal);
  const row = versionRow(rows, active.kver);
  if (!row) return err({ kind: "not-found" });
  const refused = refusedBy(row);
  return refused ? err(refused) : ok(row);
}
