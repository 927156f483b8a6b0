import { createHash } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { invariant } from "../kernel/invariant.ts";
import type { TenantId } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { ok } from "../kernel/result.ts";
import { lengthPrefixed } from "./bytes.ts";

/** Whose entry it is and what it holds. Every part counts: an entry is never given to another scope. */
export interface CacheKey {
  readonly tenantId: TenantId;
  /** The rest of the scope and the name of the material, in a fixed order. */
  readonly parts: readonly string[];
}

export interface CacheLimits {
  /** From this age on, one caller at a time refreshes while the others go on with what there is. */
  readonly softTtlMs: number;
  /** At this age the material is destroyed, come what may. */
  readonly hardTtlMs: number;
  /** For this long before the hard TTL, and after an eviction, what is in use stays alive but is not handed out again. */
  readonly graceMs: number;
  readonly maxUses: number;
  readonly maxEntries: number;
  /** The pause after a failed load or refresh, so that a brown-out is not met by a stampede. */
  readonly retryPauseMs: number;
}

interface Entry<T> {
  readonly key: CacheKey;
  readonly value: T;
  readonly loadedAtMs: number;
  uses: number;
  refreshAfterMs: number;
}

interface Flight<T, E> {
  readonly key: CacheKey;
  readonly flight: symbol;
  readonly result: Promise<Result<T, E>>;
}

export interface TimedCacheDeps<T, E> {
  readonly clock: Clock;
  readonly limits: CacheLimits;
  /** Destroys a value: zero-fills a key. */
  readonly dispose: (value: T) => void;
  /** Failures worth pausing for: an outage, not a refusal. */
  readonly isOutage: (error: E) => boolean;
  readonly onRefreshFailed: (error: E) => void;
  /** The name of an entry; replaceable so that a test can plant a collision. */
  readonly digest?: (key: CacheKey) => string;
}

export interface TimedCache<T, E> {
  get(key: CacheKey, load: () => Promise<Result<T, E>>): Promise<Result<T, E>>;
  /** Loads anew, whatever the age of what is held. */
  reload(key: CacheKey, load: () => Promise<Result<T, E>>): Promise<Result<T, E>>;
  /** Destroys at once whatever the tenant holds, and lets no load that is under way come back. */
  dropTenant(tenantId: TenantId): void;
  dropAll(): void;
  readonly size: number;
}

/** SHA-384 over the length-prefixed scope: no two scopes share a name. */
export const scopeDigest = (key: CacheKey): string =>
  createHash("sha384")
    .update(lengthPrefixed([key.tenantId, ...key.parts]))
    .digest("base64");

/**
 * A cache for secrets: bounded in age, uses and entries; loads of one entry are single-flight; refreshed ahead of
 * expiry; what leaves is destroyed. Time comes from the clock alone: a frozen process wakes up to expired entries.
 */
export function createTimedCache<T, E>(deps: TimedCacheDeps<T, E>): TimedCache<T, E> {
  const { clock, limits, dispose } = deps;
  const digest = deps.digest ?? scopeDigest;
  const entries = new Map<string, Entry<T>>();
  const loading = new Map<string, Flight<T, E>>();
  const paused = new Map<string, { readonly key: CacheKey; readonly result: Result<T, E>; readonly untilMs: number }>();
  let leaving: { readonly tenantId: TenantId; readonly value: T; readonly atMs: number }[] = [];
  const generations = new Map<TenantId, number>();
  let sweptAtMs = 0;

  const expiresAtMs = (entry: Entry<T>): number => entry.loadedAtMs + limits.hardTtlMs;

  /** Takes an entry out of service. A request that holds its value may finish, inside the hard TTL. */
  function retire(name: string, entry: Entry<T>): void {
    entries.delete(name);
    const atMs = Math.min(clock.now() + limits.graceMs, expiresAtMs(entry));
    leaving.push({ tenantId: entry.key.tenantId, value: entry.value, atMs });
  }

  function sweep(nowMs: number): void {
    if (nowMs - sweptAtMs >= 1000) {
      sweptAtMs = nowMs;
      for (const [name, entry] of entries) if (nowMs >= expiresAtMs(entry) - limits.graceMs) retire(name, entry);
      for (const [name, pause] of paused) if (nowMs >= pause.untilMs) paused.delete(name);
    }
    if (leaving.length === 0) return;
    for (const gone of leaving) if (nowMs >= gone.atMs) dispose(gone.value);
    leaving = leaving.filter((gone) => nowMs < gone.atMs);
  }

  function store(name: string, key: CacheKey, value: T): void {
    const previous = entries.get(name);
    if (previous) retire(name, previous);
    const nowMs = clock.now();
    entries.set(name, { key, value, loadedAtMs: nowMs, uses: 1, refreshAfterMs: nowMs + limits.softTtlMs });
    while (entries.size > limits.maxEntries) {
      const [oldest, entry] = entries.entries().next().value as [string, Entry<T>];
      retire(oldest, entry);
    }
  }

  function load(name: string, key: CacheKey, run: () => Promise<Result<T, E>>): Promise<Result<T, E>> {
    const running = loading.get(name);
    if (running) {
      refuseOtherScope(running.key, key);
      return running.result;
    }
    const generation = generations.get(key.tenantId);
    const flight = Symbol(name);
    const result = (async () => {
      try {
        const loaded = await Promise.resolve().then(run);
        if (!loaded.ok) {
          if (deps.isOutage(loaded.error)) {
            paused.set(name, { key, result: loaded, untilMs: clock.now() + limits.retryPauseMs });
          }
          return loaded;
        }
        // Dropped meanwhile: what comes back belongs to an epoch that is over.
        if (generations.get(key.tenantId) !== generation) dispose(loaded.value);
        else store(name, key, loaded.value);
        return loaded;
      } finally {
        if (loading.get(name)?.flight === flight) loading.delete(name);
      }
    })();
    loading.set(name, { key, flight, result });
    return result;
  }

  return {
    async get(key, run) {
      const nowMs = clock.now();
      sweep(nowMs);
      const name = digest(key);
      const entry = entries.get(name);
      if (entry) {
        refuseOtherScope(entry.key, key);
        if (entry.uses < limits.maxUses && nowMs < expiresAtMs(entry) - limits.graceMs) {
          entry.uses += 1;
          entries.delete(name);
          entries.set(name, entry);
          if (nowMs >= entry.refreshAfterMs && !loading.has(name)) {
            entry.refreshAfterMs = nowMs + limits.retryPauseMs;
            void load(name, key, run).then(
              (refreshed) => refreshed.ok || deps.onRefreshFailed(refreshed.error),
              // A throw (a broken seal) is met again, and answered for, by the caller that finds the entry expired.
              () => undefined,
            );
          }
          return ok(entry.value);
        }
        retire(name, entry);
      }
      const pause = paused.get(name);
      if (pause && nowMs < pause.untilMs) return pause.result;
      return load(name, key, run);
    },
    reload: (key, run) => load(digest(key), key, run),
    dropTenant(tenantId) {
      generations.set(tenantId, (generations.get(tenantId) ?? 0) + 1);
      for (const [name, entry] of entries) {
        if (entry.key.tenantId !== tenantId) continue;
        entries.delete(name);
        dispose(entry.value);
      }
      for (const [name, { key }] of loading) if (key.tenantId === tenantId) loading.delete(name);
      for (const gone of leaving) if (gone.tenantId === tenantId) dispose(gone.value);
      leaving = leaving.filter((gone) => gone.tenantId !== tenantId);
      for (const [name, { key }] of paused) if (key.tenantId === tenantId) paused.delete(name);
    },
    dropAll() {
      for (const entry of entries.values()) {
        generations.set(entry.key.tenantId, (generations.get(entry.key.tenantId) ?? 0) + 1);
        dispose(entry.value);
      }
      for (const { key } of loading.values()) {
        generations.set(key.tenantId, (generations.get(key.tenantId) ?? 0) + 1);
      }
      for (const gone of leaving) dispose(gone.value);
      entries.clear();
      loading.clear();
      paused.clear();
      leaving = [];
    },
    get size() {
      return entries.size;
    },
  };
}

/* Invariant: a cache entry is never given to another scope than the one that loaded it. */
function refuseOtherScope(held: CacheKey, asked: CacheKey): void {
  invariant(
    held.tenantId === asked.tenantId &&
      held.parts.length === asked.parts.length &&
      held.parts.every((part, index) => part === asked.parts[index]),
    "a cache entry is never given to another scope than the one that loaded it",
  );
}
