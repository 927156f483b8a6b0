import { createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Place, SealedRow } from "../../../core/crypto/index.ts";
import { LIMITS, openItem, SealBroken, sealedUnder, sealItem } from "../../../core/crypto/index.ts";
import { lengthPrefixed } from "../../../core/crypto/bytes.ts";
import { bindingOf, dataKey, errorOf, ITEM, keyBytes, LEGEND, TENANT_A, TENANT_B, valueOf } from "./fixtures.ts";
import { forgeForBoth, keyStream } from "./forge-gcm.ts";

const keyA = dataKey(TENANT_A, "C");
const here = bindingOf(TENANT_A);
const { version: _version, ...place }: Place & { version: number } = here;
const sealedHere = valueOf(sealItem(ITEM, here, LEGEND, keyA));

/** The fault that opening meets, or "opened". */
function faultOf(row: SealedRow, at: Place & { version?: number } = place, key = keyA): string {
  try {
    openItem(row, at, key);
    return "opened";
  } catch (error) {
    return error instanceof SealBroken ? error.fault : `threw ${String(error)}`;
  }
}

const flip = (bytes: unknown, bit: number): Uint8Array => {
  const copy = Uint8Array.from(bytes as Uint8Array);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
};

const without = (row: SealedRow, name: string): SealedRow =>
  Object.fromEntries(Object.entries(row).filter(([key]) => key !== name));

describe("sealing an item", () => {
  it("opens what it sealed, and shows only what the legend leaves in the clear", () => {
    expect(openItem(sealedHere, { ...place, version: 3 }, keyA)).toEqual({ version: 3, item: ITEM });
    expect(sealedUnder(sealedHere, "C")).toBe("C.000001");
    const dump = Buffer.concat(
      Object.values(sealedHere).map((value) => Buffer.from(value instanceof Uint8Array ? value : String(value))),
    );
    expect(dump.includes("canary")).toBe(false);
    expect(sealedHere).toMatchObject({ _t: "Observation", _ver: 3, label: "N" });
  });

  it("never seals the same item to the same bytes", () => {
    const again = valueOf(sealItem(ITEM, here, LEGEND, keyA));
    expect(again["phi"]).not.toEqual(sealedHere["phi"]);
  });

  it("gives back any item that it sealed", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.uint8Array({ maxLength: 300 }),
    );
    const name = fc
      .stringMatching(/^[a-z_][A-Za-z0-9_]{0,8}$/)
      .filter((text) => !/^(pk|sk|_ver|_h|_m)$/.test(text) && !(text in {}));
    const entry = fc.record({
      value,
      treatment: fc.constantFrom("encrypt" as const, "sign" as const, "leave" as const),
    });
    fc.assert(
      fc.property(fc.dictionary(name, entry, { maxKeys: 8 }), fc.nat(), (attributes, version) => {
        const names = Object.keys(attributes);
        const item = Object.fromEntries(names.map((key) => [key, attributes[key]!.value]));
        const legend = Object.fromEntries(names.map((key) => [key, attributes[key]!.treatment]));
        const binding = bindingOf(TENANT_A, { version });
        const row = valueOf(sealItem(item, binding, legend, keyA));
        expect(openItem(row, binding, keyA)).toEqual({ version, item: normalised(item) });
      }),
      { numRuns: 200 },
    );
  });

  it("KEY-4 AW-13: any flipped bit of any sealed byte is refused", () => {
    fc.assert(
      fc.property(fc.constantFrom("phi", "idx", "_h", "_m"), fc.nat(), (name, seed) => {
        const bytes = sealedHere[name] as Uint8Array;
        expect(faultOf({ ...sealedHere, [name]: flip(bytes, seed % (bytes.length * 8)) })).not.toMatch(/opened|threw/);
      }),
      { numRuns: 500 },
    );
  });

  it("KEY-4: any cut or lengthened sealed attribute is refused", () => {
    for (const name of ["phi", "_h", "_m"]) {
      const bytes = sealedHere[name] as Uint8Array;
      for (let size = 0; size < bytes.length; size += 1) {
        expect(faultOf({ ...sealedHere, [name]: bytes.slice(0, size) })).not.toMatch(/opened|threw/);
      }
      expect(faultOf({ ...sealedHere, [name]: Uint8Array.of(...bytes, 0) })).not.toMatch(/opened|threw/);
    }
  });
});

/** `-0` is stored as `0`: DynamoDB knows no negative zero. */
const normalised = <T>(item: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(item).map(([key, value]) => [key, Object.is(value, -0) ? (0 as T) : value]));

describe("KEY-4 AW-13: a ciphertext that was moved does not open", () => {
  const other = { ...ITEM, phi: "the chart of somebody else" };
  const elsewhere = (changes: Parameters<typeof bindingOf>[1], key = keyA) => {
    const binding = bindingOf(key.tenantId, { dataClass: key.dataClass as "C", ...changes });
    return valueOf(sealItem(other, binding, LEGEND, key));
  };

  it.each([
    ["another record", elsewhere({ sk: `${here.sk}2` })],
    ["another patient", elsewhere({ pk: `${here.pk}2` })],
    ["another table", elsewhere({ table: "outbox" })],
    ["another version", elsewhere({ version: 4 })],
    ["another tenant", elsewhere({}, dataKey(TENANT_B, "C"))],
    ["another class", elsewhere({ dataClass: "S" }, dataKey(TENANT_A, "S"))],
    ["another key version", elsewhere({}, dataKey(TENANT_A, "C", 2))],
  ])("%s, row and all, put in this place", (_what, row) => {
    expect(faultOf({ ...row, pk: here.pk, sk: here.sk, _ver: here.version })).toMatch(/key|commitment|mac/);
  });

  it.each([
    ["another record", elsewhere({ sk: `${here.sk}2` })],
    ["an older version of this record", elsewhere({ version: 2 })],
  ])("one attribute of %s, mixed into this row", (_what, row) => {
    expect(faultOf({ ...sealedHere, phi: row["phi"]! })).toBe("mac");
    expect(faultOf({ ...sealedHere, phi: row["phi"]!, _m: row["_m"]! })).toBe("mac");
    expect(faultOf({ ...sealedHere, phi: row["phi"]!, _m: row["_m"]!, _h: row["_h"]! })).toBe("mac");
  });

  it("one attribute put under the name of another", () => {
    expect(faultOf({ ...sealedHere, phi: sealedHere["idx"]!, idx: sealedHere["phi"]! })).toBe("mac");
  });

  it("a place where another version was asked for", () => {
    expect(faultOf(sealedHere, { ...place, version: 2 })).toBe("binding");
  });

  it("a place with other keys than the row's", () => {
    expect(faultOf(sealedHere, { ...place, sk: `${here.sk}2` })).toBe("place");
  });

  it("under another version of its key than the one it names", () => {
    expect(faultOf(sealedHere, place, dataKey(TENANT_A, "C", 2))).toBe("key");
  });

  it("a class whose key another class's row names, before any key is fetched", () => {
    const row = elsewhere({ dataClass: "S" }, dataKey(TENANT_A, "S"));
    expect(() => sealedUnder(row, "C")).toThrow(SealBroken);
  });

  it("under a key of another tenant or class is our own fault, and stops", () => {
    expect(() => openItem(sealedHere, place, dataKey(TENANT_B, "C"))).toThrow("own tenant and class");
    expect(() => openItem(sealedHere, place, dataKey(TENANT_A, "D"))).toThrow("own tenant and class");
  });
});

describe("AW-14: an attribute in the clear cannot be changed, dropped, added or renamed", () => {
  it.each([
    ["_ver", 4, "mac"],
    ["_ver", -1, "binding"],
    ["_ver", "3", "binding"],
    ["label", "R", "mac"],
    ["label", 0, "mac"],
    ["label", new Uint8Array([0x4e]), "mac"],
    ["_t", "observation", "mac"],
    ["_aud", "event-2", "mac"],
    ["_del", true, "legend"],
    ["_tx", "t1", "legend"],
    ["_h", "KWR1", "header"],
    ["_m", "x", "mac"],
  ])("%s set to %s", (name, value, fault) => {
    expect(faultOf({ ...sealedHere, [name]: value })).toBe(fault);
  });

  it.each(["label", "_t", "_aud", "phi", "idx"])("%s dropped", (name) => {
    expect(faultOf(without(sealedHere, name))).toBe("legend");
  });

  it.each(["_ver", "_h", "_m", "pk", "sk"])("%s dropped", (name) => {
    expect(faultOf(without(sealedHere, name))).toMatch(/binding|header|mac|place/);
  });

  it("an attribute renamed", () => {
    expect(faultOf({ ...without(sealedHere, "label"), lab: "N" })).toBe("legend");
  });

  it("a value of a type that sealing never writes", () => {
    for (const value of [1.5, null, ["N"], { N: "N" }, "\ud800"]) {
      expect(faultOf({ ...sealedHere, label: value as unknown as string })).toBe("attribute");
    }
  });

  it("a legend that was rewritten so that the label is left out", () => {
    const header = Buffer.from(sealedHere["_h"] as Uint8Array);
    header[header.indexOf("Slabel".replace("S", "S\x05"))] = 0x4e;
    const row = { ...sealedHere, _h: new Uint8Array(header), label: "R" };
    expect(faultOf(row)).toBe("commitment");
  });

  it("while what the legend leaves out may come and go", () => {
    expect(faultOf({ ...sealedHere, ttl: 1 })).toBe("opened");
  });
});

describe("AW-16: a forged ciphertext that is valid under two keys", () => {
  // The forger knows both data keys: a tenant who wants one row to read differently in two places.
  const keyB = dataKey(TENANT_B, "C");
  const there = bindingOf(TENANT_B);
  const legend = { phi: "encrypt" } as const;
  const size = 96;
  const honest = valueOf(sealItem({ phi: "x".repeat(size - 6) }, here, legend, keyA));
  const header = Buffer.from(honest["_h"] as Uint8Array);

  const sideOf = (binding: typeof here, bytes: Buffer) => {
    const info = Buffer.concat([header.subarray(0, 13), header.subarray(77)]);
    const material = Buffer.from(hkdfSync("sha256", bytes, header.subarray(13, 45), info, 108));
    const { tenantId, table, pk, sk, dataClass, version } = binding;
    const aad = Buffer.concat([
      Buffer.from("KWR1"),
      lengthPrefixed([tenantId, table, pk, sk, "phi", dataClass, String(version), "C.000001"]),
    ]);
    const macOf = (phi: Uint8Array, head: Uint8Array): Uint8Array => {
      const mac = createHmac("sha256", material.subarray(32, 64)).update("KWM1");
      mac.update(lengthPrefixed([tenantId, table, pk, sk, dataClass, String(version), "C.000001", head]));
      mac.update(Buffer.of(0, 0, 0, 1));
      mac.update(lengthPrefixed(["phi", Buffer.concat([Buffer.from("B"), phi])]));
      return new Uint8Array(mac.digest());
    };
    return { key: material.subarray(64, 96), nonce: material.subarray(96, 108), aad, macOf };
  };
  const a = sideOf(here, keyBytes(TENANT_A, "C"));
  const b = sideOf(there, keyBytes(TENANT_B, "C"));

  // Under A's key the text is a valid frame, but for one block that makes the tags agree.
  const frame = Buffer.alloc(size, "y");
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(size - 5, 1);
  frame.write("S", 5);
  const stream = keyStream(a, size);
  const ciphertext = Buffer.from(frame.map((byte, index) => byte ^ (stream[index] as number)));
  const forged = forgeForBoth(a, b, ciphertext, 4);

  it("is accepted by plain AES-256-GCM under both, which is the danger", () => {
    for (const side of [a, b]) {
      const decipher = createDecipheriv("aes-256-gcm", side.key, side.nonce).setAAD(side.aad);
      decipher.setAuthTag(forged.subarray(-16));
      expect(Buffer.concat([decipher.update(forged.subarray(0, -16)), decipher.final()])).toHaveLength(size);
    }
  });

  it("is refused by the commitment under the key that the header was not made for", () => {
    const phi = new Uint8Array(forged);
    const rowA = { pk: here.pk, sk: here.sk, _ver: 3, phi, _h: new Uint8Array(header), _m: a.macOf(phi, header) };
    const rowB = { ...rowA, pk: there.pk, sk: there.sk, _m: b.macOf(phi, header) };
    expect(faultOf(rowA)).toBe("opened");
    expect(faultOf(rowB, there, keyB)).toBe("commitment");
  });

  it("is refused under both with any other commitment", () => {
    const head = Buffer.from(header).fill(7, 45, 77);
    const phi = new Uint8Array(forged);
    const rowA = { pk: here.pk, sk: here.sk, _ver: 3, phi, _h: new Uint8Array(head), _m: a.macOf(phi, head) };
    expect(faultOf(rowA)).toBe("commitment");
    expect(faultOf({ ...rowA, pk: there.pk, sk: there.sk, _m: b.macOf(phi, head) }, there, keyB)).toBe("commitment");
  });
});

describe("limits", () => {
  it("refuses what no row can hold, as a failure that a user can meet", () => {
    const noise = Buffer.alloc(500 * 1024);
    for (let at = 0; at < noise.length; at += 32) keyBytes(TENANT_A, "C", at + 1).copy(noise, at);
    const seal = (item: Record<string, string | Uint8Array>) => sealItem(item, here, LEGEND, keyA);
    expect(errorOf(seal({ phi: new Uint8Array(noise) }))).toEqual({ kind: "too-long" });
    expect(errorOf(seal({ phi: "a".repeat(LIMITS.plainAttributeBytes) }))).toEqual({ kind: "too-long" });
    expect(errorOf(seal({ label: "a".repeat(LIMITS.signedAttributeBytes) }))).toEqual({ kind: "too-long" });
    expect(errorOf(seal({ phi: new Uint8Array(noise.subarray(0, 380 * 1024)), label: "a".repeat(40_000) }))).toEqual({
      kind: "too-long",
    });
    expect(seal({ phi: "a".repeat(LIMITS.plainAttributeBytes - 1) }).ok).toBe(true);
  });

  it("refuses an attribute that no legend entry speaks for, and names of its own", () => {
    expect(() => sealItem({ ...ITEM, extra: 1 }, here, LEGEND, keyA)).toThrow("stands in its legend");
    expect(() => sealItem({ _ver: 1 }, here, { _ver: "sign" }, keyA)).toThrow("its own attributes itself");
    expect(() => sealItem({ constructor: "x" } as never, here, { constructor: "sign" } as never, keyA)).toThrow(
      "plain name",
    );
  });

  it("refuses numbers that DynamoDB or JavaScript would round, and text that UTF-8 cannot carry", () => {
    expect(() => sealItem({ label: 0.5 }, here, LEGEND, keyA)).toThrow("safe integer");
    expect(() => sealItem({ label: 2 ** 53 }, here, LEGEND, keyA)).toThrow("safe integer");
    expect(() => sealItem({ phi: "\ud800" }, here, LEGEND, keyA)).toThrow("well-formed");
  });

  it("does not seal with a key that was wiped", () => {
    const key = dataKey(TENANT_A, "C");
    key.wipe();
    expect(() => sealItem(ITEM, here, LEGEND, key)).toThrow("after it was wiped");
    expect(() => openItem(sealedHere, place, key)).toThrow("after it was wiped");
  });
});
