import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { KeyedClass } from "../../../core/kernel/data-class.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import type { Result } from "../../../core/kernel/result.ts";
import { err, ok } from "../../../core/kernel/result.ts";
import type {
  DataKey,
  KeyContext,
  KeyRow,
  Keyring,
  KeyScope,
  KeySignal,
  LoadFailure,
  UnwrapFailure,
} from "../../../core/crypto/index.ts";
import { createKeyring, LIMITS, makeKid, SealBroken } from "../../../core/crypto/index.ts";
import { errorOf, keyBytes, TENANT_A, TENANT_B, valueOf } from "./fixtures.ts";

const MINUTE = 60_000;
let nowMs: number;
let rows: KeyRow[];
let unwraps: { scope: KeyScope; context: KeyContext }[];
let loads: number;
let outage: UnwrapFailure["kind"] | undefined;
let loadOutage: LoadFailure["kind"] | undefined;
let beforeUnwrap: () => Promise<void>;
let signals: KeySignal[];
let keyring: Keyring;

const versionRow = (tenantId: TenantId, dataClass: KeyedClass, kver: number, change: Partial<KeyRow> = {}): KeyRow =>
  ({
    slot: "version",
    tenantId,
    dataClass,
    kver,
    state: "DECRYPT_ONLY",
    epoch: 1,
    enc: new TextEncoder().encode(`${tenantId}/${dataClass}/${kver}`),
    createdAtMs: nowMs,
    ...change,
  }) as KeyRow;

const activeRow = (tenantId: TenantId, dataClass: KeyedClass, kver: number, change: Partial<KeyRow> = {}): KeyRow =>
  ({ slot: "active", tenantId, dataClass, kver, state: "ACTIVE", epoch: 1, ...change }) as KeyRow;

const scopeOf = (change: Partial<KeyScope> = {}): KeyScope => ({
  tenantId: TENANT_A,
  purpose: "TREAT",
  credentialsId: "session-1",
  classes: ["C", "D", "X"],
  epoch: 1,
  ...change,
});

const PRIVATE_KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
  format: "der",
  type: "pkcs8",
});

/** KMS in one line: the wrapped key is its own context, and nothing else unwraps it. */
const kmsDecrypt = async (
  scope: KeyScope,
  request: { enc: Uint8Array; context: KeyContext },
): Promise<Result<Uint8Array, UnwrapFailure>> => {
  unwraps.push({ scope, context: request.context });
  await beforeUnwrap();
  if (outage) return err({ kind: outage });
  const { tenant, cell, class: dataClass, kver } = request.context;
  const wrapped = new TextDecoder().decode(request.enc);
  if (cell !== "c01" || wrapped !== `${tenant}/${dataClass}/${kver}`) return err({ kind: "integrity" });
  if (dataClass === "U") return ok(Uint8Array.from(PRIVATE_KEY));
  return ok(Uint8Array.from(keyBytes(tenant as TenantId, dataClass as KeyedClass, Number(kver))));
};

const copyOf = (key: DataKey): string => key.secret().export().toString("hex");

beforeEach(() => {
  nowMs = 1_000_000_000;
  rows = [TENANT_A, TENANT_B].flatMap((tenantId) =>
    (["C", "D", "X"] as const).flatMap((letter) => [activeRow(tenantId, letter, 1), versionRow(tenantId, letter, 1)]),
  );
  unwraps = [];
  loads = 0;
  outage = undefined;
  loadOutage = undefined;
  beforeUnwrap = () => Promise.resolve();
  signals = [];
  keyring = createKeyring({
    cell: "c01",
    clock: { now: () => nowMs },
    loadKeyRows: (scope, dataClass) => {
      loads += 1;
      if (loadOutage) return Promise.resolve(err({ kind: loadOutage }));
      const found = rows.filter((row) => row.tenantId === scope.tenantId && row.dataClass === dataClass);
      return Promise.resolve(ok(found));
    },
    kmsDecrypt,
    onSignal: (signal) => signals.push(signal),
  });
});

describe("the keyring", () => {
  it("unwraps a class key once for a scope, with its whole context, and gives it again", async () => {
    const first = valueOf(await keyring.sealingKey(scopeOf(), "C"));
    const second = valueOf(await keyring.openingKey(scopeOf(), makeKid("C", 1)));
    expect(second).toBe(first);
    expect(copyOf(first)).toBe(keyBytes(TENANT_A, "C").toString("hex"));
    expect(unwraps.map((call) => call.context)).toEqual([{ tenant: TENANT_A, cell: "c01", class: "C", kver: "1" }]);
    expect(loads).toBe(1);
  });

  it("asks once for all who wait for the same key", async () => {
    const keys = await Promise.all(Array.from({ length: 50 }, () => keyring.sealingKey(scopeOf(), "C")));
    expect(new Set(keys.map(valueOf)).size).toBe(1);
    expect(unwraps).toHaveLength(1);
    expect(loads).toBe(1);
  });

  it.each([
    ["tenant", { tenantId: TENANT_B }],
    ["credentials", { credentialsId: "session-2" }],
    ["purpose", { purpose: "HPAYMT" }],
    ["classes", { classes: ["C"] as const }],
  ])("KEY-12: shares nothing with a scope of another %s", async (_what, change) => {
    const mine = valueOf(await keyring.sealingKey(scopeOf(), "C"));
    const theirs = valueOf(await keyring.sealingKey(scopeOf(change), "C"));
    expect(theirs).not.toBe(mine);
    expect(unwraps).toHaveLength(2);
    expect(unwraps[1]!.scope).toEqual(scopeOf(change));
  });

  it("AW-08: refuses a class outside the grant before anyone is asked", async () => {
    expect(errorOf(await keyring.sealingKey(scopeOf({ classes: ["D"] }), "C"))).toEqual({ kind: "forbidden" });
    expect(errorOf(await keyring.openingKey(scopeOf({ classes: ["D"] }), makeKid("C", 1)))).toEqual({
      kind: "forbidden",
    });
    expect([loads, unwraps.length]).toEqual([0, 0]);
  });

  it("AW-09: a wrapped key put under another tenant, class or version is a broken seal", async () => {
    rows = [
      activeRow(TENANT_A, "C", 1),
      versionRow(TENANT_A, "C", 1, { enc: new TextEncoder().encode(`${TENANT_B}/C/1`) } as Partial<KeyRow>),
    ];
    await expect(keyring.sealingKey(scopeOf(), "C")).rejects.toThrow(SealBroken);
    rows = [
      activeRow(TENANT_A, "D", 2),
      versionRow(TENANT_A, "D", 2, { enc: new TextEncoder().encode(`${TENANT_A}/D/1`) } as Partial<KeyRow>),
    ];
    await expect(keyring.sealingKey(scopeOf(), "D")).rejects.toThrow(SealBroken);
  });

  it("seals with the version that ACTIVE names, and opens with the one that a row names", async () => {
    rows.push(versionRow(TENANT_A, "C", 2));
    rows[0] = activeRow(TENANT_A, "C", 2);
    expect(valueOf(await keyring.sealingKey(scopeOf(), "C")).kid).toBe("C.000002");
    expect(valueOf(await keyring.openingKey(scopeOf(), makeKid("C", 1))).kid).toBe("C.000001");
    expect(valueOf(await keyring.openingKeys(scopeOf(), "C")).map((key) => key.kver)).toEqual([2, 1]);
  });

  it("KEY-5: reads the rows again for a version that it does not know, at most once a second", async () => {
    valueOf(await keyring.sealingKey(scopeOf(), "C"));
    expect(errorOf(await keyring.openingKey(scopeOf(), makeKid("C", 2)))).toEqual({ kind: "not-found" });
    expect(loads).toBe(1);
    rows.push(versionRow(TENANT_A, "C", 2));
    nowMs += 1_000;
    expect(valueOf(await keyring.openingKey(scopeOf(), makeKid("C", 2))).kver).toBe(2);
    expect(loads).toBe(2);
  });

  it("gives the audit public key without asking KMS", async () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const publicKey = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }));
    rows.push(activeRow(TENANT_A, "A", 1), versionRow(TENANT_A, "A", 1, { publicKey } as Partial<KeyRow>));
    expect(valueOf(await keyring.auditKey(scopeOf()))).toEqual({ tenantId: TENANT_A, kid: "A.000001", publicKey });
    expect(unwraps).toHaveLength(0);
  });
});

describe("the private half of a pair", () => {
  const scope = () => scopeOf({ classes: ["U"] });
  beforeEach(() => {
    rows.push(activeRow(TENANT_A, "U", 1), versionRow(TENANT_A, "U", 1));
  });

  it("KEY-3: is unwrapped once under its own class, and no scope without the class has it", async () => {
    const key = valueOf(await keyring.privateKey(scope(), makeKid("U", 1)));
    expect(valueOf(await keyring.privateKey(scope(), makeKid("U", 1)))).toBe(key);
    expect(unwraps.map(({ context }) => context.class)).toEqual(["U"]);
    expect(errorOf(await keyring.privateKey(scopeOf(), makeKid("U", 1)))).toEqual({ kind: "forbidden" });
    await expect(keyring.privateKey(scopeOf(), makeKid("C", 1))).rejects.toThrow("key");
  });

  it("KEY-7: dies with the tenant's epoch, and is refused where its row is suspended or shredded", async () => {
    const key = valueOf(await keyring.privateKey(scope(), makeKid("U", 1)));
    valueOf(await keyring.privateKey({ ...scope(), epoch: scope().epoch + 1 }, makeKid("U", 1)));
    expect(key.isWiped).toBe(true);
    for (const state of ["SUSPENDED", "SHREDDED"] as const) {
      rows.splice(-1, 1, versionRow(TENANT_A, "U", 1, { state }));
      keyring.forgetTenant(TENANT_A);
      const found = await keyring.privateKey({ ...scope(), epoch: scope().epoch + 1 }, makeKid("U", 1));
      expect(errorOf(found)).toEqual({ kind: state.toLowerCase() });
    }
  });
});

describe("time and use bounds", () => {
  it("refreshes after five minutes with one call, while everybody goes on", async () => {
    const first = valueOf(await keyring.sealingKey(scopeOf(), "C"));
    nowMs += 5 * MINUTE;
    const during = await Promise.all(Array.from({ length: 20 }, () => keyring.sealingKey(scopeOf(), "C")));
    expect(during.every((key) => valueOf(key) === first)).toBe(true);
    expect(unwraps).toHaveLength(2);
    const after = valueOf(await keyring.sealingKey(scopeOf(), "C"));
    expect(after).not.toBe(first);
  });

  it("KEY-7: destroys a key at the hard limit, whether or not anyone asks for it", async () => {
    const first = valueOf(await keyring.sealingKey(scopeOf(), "C"));
    nowMs += 15 * MINUTE;
    valueOf(await keyring.sealingKey(scopeOf({ tenantId: TENANT_B }), "D"));
    expect(first.isWiped).toBe(true);
    expect(() => first.secret()).toThrow("after it was wiped");
  });

  it("an outage of KMS leaves the cached keys in use until the hard limit, and no longer", async () => {
    const first = valueOf(await keyring.sealingKey(scopeOf(), "C"));
    outage = "unavailable";
    nowMs += 14 * MINUTE;
    expect(valueOf(await keyring.sealingKey(scopeOf(), "C"))).toBe(first);
    expect(errorOf(await keyring.sealingKey(scopeOf(), "D"))).toEqual({ kind: "unavailable" });
    nowMs += MINUTE;
    expect(errorOf(await keyring.sealingKey(scopeOf(), "C"))).toEqual({ kind: "unavailable" });
    expect(first.isWiped).toBe(true);
    expect(signals).toContainEqual({ kind: "refresh-failed", cause: "unavailable" });
  });

  it("an outage meets one call a second for an entry, not one for every request", async () => {
    outage = "throttled";
    for (let request = 0; request < 30; request += 1) await keyring.sealingKey(scopeOf(), "C");
    expect(unwraps).toHaveLength(1);
    nowMs += 1_000;
    outage = undefined;
    valueOf(await keyring.sealingKey(scopeOf(), "C"));
    expect(unwraps).toHaveLength(2);
  });

  it("an outage of the keys table is an outage too, and a refusal is a refusal", async () => {
    loadOutage = "unavailable";
    expect(errorOf(await keyring.sealingKey(scopeOf(), "C"))).toEqual({ kind: "unavailable" });
    loadOutage = "forbidden";
    expect(errorOf(await keyring.sealingKey(scopeOf(), "D"))).toEqual({ kind: "forbidden" });
    loadOutage = undefined;
    outage = "forbidden";
    expect(errorOf(await keyring.sealingKey(scopeOf({ credentialsId: "s2" }), "C"))).toEqual({ kind: "forbidden" });
  });

  it("asks again after its bound of uses", async () => {
    const small = createKeyring({
      cell: "c01",
      clock: { now: () => nowMs },
      loadKeyRows: () => Promise.resolve(ok(rows.slice(0, 2))),
      kmsDecrypt,
      limits: { maxUses: 3 },
    });
    for (let use = 0; use < 7; use += 1) valueOf(await small.sealingKey(scopeOf(), "C"));
    expect(unwraps).toHaveLength(3);
  });

  it("evicts the least used entry, which lives on for the requests that hold it, thirty seconds", async () => {
    const small = createKeyring({
      cell: "c01",
      clock: { now: () => nowMs },
      loadKeyRows: (scope) =>
        Promise.resolve(ok(rows.filter((row) => row.tenantId === scope.tenantId && row.dataClass === "C"))),
      kmsDecrypt,
      limits: { maxEntries: 1 },
    });
    const first = valueOf(await small.sealingKey(scopeOf(), "C"));
    valueOf(await small.sealingKey(scopeOf({ tenantId: TENANT_B }), "C"));
    expect(first.isWiped).toBe(false);
    nowMs += 30_000;
    valueOf(await small.sealingKey(scopeOf({ tenantId: TENANT_B }), "C"));
    expect(first.isWiped).toBe(true);
  });

  it("a version seals for 365 days and asks for its rotation before; it opens for ever", async () => {
    const createdAtMs = nowMs;
    nowMs = createdAtMs + LIMITS.rotationDueMs;
    valueOf(await keyring.sealingKey(scopeOf(), "C"));
    expect(signals).toEqual([{ kind: "rotation-due", kid: "C.000001" }]);
    nowMs = createdAtMs + LIMITS.sealingAgeMs;
    expect(errorOf(await keyring.sealingKey(scopeOf(), "C"))).toEqual({ kind: "expired" });
    expect(valueOf(await keyring.openingKey(scopeOf(), makeKid("C", 1))).kver).toBe(1);
  });
});

describe("the tenant's epoch", () => {
  it("KEY-7: a newer epoch destroys at once what older ones left, for this tenant alone", async () => {
    const mine = valueOf(await keyring.sealingKey(scopeOf(), "C"));
    const theirs = valueOf(await keyring.sealingKey(scopeOf({ tenantId: TENANT_B }), "C"));
    rows = rows.map((row) => (row.tenantId === TENANT_A ? { ...row, state: "SUSPENDED" } : row));
    expect(errorOf(await keyring.sealingKey(scopeOf({ epoch: 2 }), "C"))).toEqual({ kind: "suspended" });
    expect([mine.isWiped, theirs.isWiped]).toEqual([true, false]);
    expect(errorOf(await keyring.openingKey(scopeOf({ epoch: 2 }), makeKid("C", 1)))).toEqual({ kind: "suspended" });
  });

  it("an older epoch is refused: that request has not heard of the suspension", async () => {
    valueOf(await keyring.sealingKey(scopeOf({ epoch: 5 }), "C"));
    expect(errorOf(await keyring.sealingKey(scopeOf({ epoch: 4 }), "C"))).toEqual({ kind: "stale" });
    expect(errorOf(await keyring.auditKey(scopeOf({ epoch: 4 })))).toEqual({ kind: "stale" });
  });

  it("an unwrap that was under way when the epoch moved gives no key", async () => {
    let release = (): void => undefined;
    beforeUnwrap = () => new Promise((resolve) => (release = resolve));
    const pending = keyring.sealingKey(scopeOf(), "C");
    while (unwraps.length === 0) await Promise.resolve();
    beforeUnwrap = () => Promise.resolve();
    valueOf(await keyring.sealingKey(scopeOf({ epoch: 2 }), "D"));
    release();
    expect(errorOf(await pending)).toEqual({ kind: "stale" });
    expect(valueOf(await keyring.sealingKey(scopeOf({ epoch: 2 }), "C")).isWiped).toBe(false);
  });

  it("a shredded key neither seals nor opens, and a tenant without keys has none", async () => {
    rows = rows.map((row) => (row.dataClass === "C" ? { ...row, state: "SHREDDED" } : row));
    expect(errorOf(await keyring.sealingKey(scopeOf(), "C"))).toEqual({ kind: "shredded" });
    expect(errorOf(await keyring.openingKey(scopeOf(), makeKid("C", 1)))).toEqual({ kind: "shredded" });
    rows = [];
    expect(errorOf(await keyring.sealingKey(scopeOf(), "D"))).toEqual({ kind: "not-found" });
    expect(errorOf(await keyring.openingKeys(scopeOf(), "X"))).toEqual({ kind: "not-found" });
  });

  it("close zeroes everything", async () => {
    const key = valueOf(await keyring.sealingKey(scopeOf(), "C"));
    keyring.close();
    expect(key.isWiped).toBe(true);
  });

  it("refuses rows that belong to another tenant or class, wherever they came from", async () => {
    const mixed = createKeyring({
      cell: "c01",
      clock: { now: () => nowMs },
      loadKeyRows: () => Promise.resolve(ok([activeRow(TENANT_B, "C", 1), versionRow(TENANT_B, "C", 1)])),
      kmsDecrypt,
    });
    await expect(mixed.sealingKey(scopeOf(), "C")).rejects.toThrow(SealBroken);
  });
});
