import { describe, expect, it } from "vitest";
import type { Result } from "../../../core/kernel/result.ts";
import { ok } from "../../../core/kernel/result.ts";
import { KEYRING_LIMITS } from "../../../core/crypto/index.ts";
import { createTimedCache, scopeDigest } from "../../../core/crypto/timed-cache.ts";
import { TENANT_A, TENANT_B } from "./fixtures.ts";

const cacheWith = (digest?: () => string) => {
  const disposed: string[] = [];
  const cache = createTimedCache<string, { kind: string }>({
    clock: { now: () => 0 },
    limits: KEYRING_LIMITS,
    dispose: (value) => disposed.push(value),
    isOutage: () => false,
    onRefreshFailed: () => undefined,
    ...(digest && { digest }),
  });
  return { cache, disposed };
};
const loads = (value: string) => (): Promise<Result<string, { kind: string }>> => Promise.resolve(ok(value));

describe("the cache of secrets", () => {
  it("names scopes so that no two share a name", () => {
    const names = [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"]].map((parts) =>
      scopeDigest({ tenantId: TENANT_A, parts }),
    );
    expect(new Set(names).size).toBe(5);
    expect(scopeDigest({ tenantId: TENANT_B, parts: ["abc"] })).not.toBe(names[2]);
  });

  it("a cache entry is never given to another scope than the one that loaded it", async () => {
    // The planted fault: a digest that collides.
    const { cache } = cacheWith(() => "the same");
    await cache.get({ tenantId: TENANT_A, parts: ["C"] }, loads("key of A"));
    const message = "never given to another scope";
    await expect(cache.get({ tenantId: TENANT_B, parts: ["C"] }, loads("key of B"))).rejects.toThrow(message);
    await expect(cache.get({ tenantId: TENANT_A, parts: ["S"] }, loads("key of S"))).rejects.toThrow(message);
    const pending = cacheWith(() => "the same").cache;
    const first = pending.get({ tenantId: TENANT_A, parts: [] }, loads("key of A"));
    await expect(pending.get({ tenantId: TENANT_B, parts: [] }, loads("key of B"))).rejects.toThrow(message);
    await first;
  });

  it("a loader that throws, throws to all who wait, and leaves the way free", async () => {
    const { cache } = cacheWith();
    const key = { tenantId: TENANT_A, parts: ["C"] };
    const broken = () => {
      throw new Error("broken");
    };
    await expect(Promise.all([cache.get(key, broken), cache.get(key, broken)])).rejects.toThrow("broken");
    expect(await cache.get(key, loads("value"))).toEqual(ok("value"));
  });

  it("dropTenant destroys what is held, and what is still loading once it arrives", async () => {
    const { cache, disposed } = cacheWith();
    await cache.get({ tenantId: TENANT_A, parts: ["C"] }, loads("held"));
    await cache.get({ tenantId: TENANT_B, parts: ["C"] }, loads("theirs"));
    const arriving = cache.get({ tenantId: TENANT_A, parts: ["D"] }, loads("arriving"));
    cache.dropTenant(TENANT_A);
    await arriving;
    expect(disposed).toEqual(["held", "arriving"]);
    expect(cache.size).toBe(1);
    cache.dropAll();
    expect(disposed).toContain("theirs");
  });
});
