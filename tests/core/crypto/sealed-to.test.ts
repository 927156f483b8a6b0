import { describe, expect, it } from "vitest";
import {
  makeKid,
  openAuditDetail,
  openPersonWord,
  type PersonPlace,
  personWordKid,
  PrivateKey,
  SealBroken,
  sealPersonWord,
} from "../../../core/crypto/index.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { TENANT_A, TENANT_B, USER_A, USER_B } from "./fixtures.ts";

/** Sealed once and for all: what rows hold today must open in ten years. */
const VECTOR = {
  privateKey:
    "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b020101042060fee6d5dfa23158b7192c5904377ed323be7ca9b1e0ea35213c10b46ef9a8cca144034200044974092987e48a3dcc4443d6b37a9f93ac88948b867bcfbca2f29b541192572f9c751fdf9d575d68a14518fa1be45654e42fbe324da26cffdd8232c89890b162",
  detail:
    "4b57413101412e3030303030310445439784270ed2f531ac04f0bbf7d58dc380c75c666942b558f950a1e9955a7d6da773c88563daf38e998d39d4d3a51dec0b05d2bc142c21ef9ec3bf4dd6b3fe8b92b4b6ad2938d1d9088834e1e257729bf015a2ea9020377e384665a085c28694eb84dbbdab1d61f33daa2842e0b02f2f16d9a5767787837a703286edf50a42cb49cc3f54e469",
  name: "4b57553101552e3030303030310444b5a857b05b88cda4f7492266ba63564e671cd0b2494d627b9424d0f1756274d97cde80318f975af2e406df6c2703067d5004c804ef57fcd0f14c583c051a0942e1ff0865902771b648c66fd95a7a2587d75016de78db58e75d7681988f62b2fe7e140cf2911d74794ef725fed659a8cbd7e7a8f6c8e79c1efd25a5df7dfc7b",
};
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const privateKey = (tenantId: TenantId = TENANT_A, letter: "A" | "U" = "U"): PrivateKey =>
  new PrivateKey(tenantId, letter, 1, bytes(VECTOR.privateKey));
const place: PersonPlace = { tenantId: TENANT_A, pk: `PEOPLE#${TENANT_A}`, sk: `M#${USER_A}`, field: "name" };
const name = bytes(VECTOR.name);

describe("KEY-4 what is sealed to a public key", () => {
  it("opens as it was sealed when the formats were frozen", () => {
    expect(openPersonWord(name, place, privateKey())).toBe("Nadia Okoro");
    const key = { kver: 1, privateKey: bytes(VECTOR.privateKey) };
    expect(openAuditDetail(bytes(VECTOR.detail), { tenantId: TENANT_A, eventId: "e1" }, key)).toBe(
      "a reason of before",
    );
  });

  it.each<[string, Partial<PersonPlace>]>([
    ["partition", { pk: `ACCOUNT#${TENANT_A}` }],
    ["row", { sk: `M#${USER_B}` }],
    ["field", { field: "login" }],
  ])("a name does not open in another %s", (_what, moved) => {
    expect(() => openPersonWord(name, { ...place, ...moved }, privateKey())).toThrow(SealBroken);
  });

  it("a name opens for no other clinic, even with its key, and is never taken for audit detail", () => {
    const elsewhere = { ...place, tenantId: TENANT_B };
    expect(() => openPersonWord(name, elsewhere, privateKey(TENANT_B))).toThrow(SealBroken);
    expect(() => openPersonWord(name, elsewhere, privateKey())).toThrow("own tenant");
    expect(() => openPersonWord(name, place, privateKey(TENANT_A, "A"))).toThrow(SealBroken);
    expect(() => personWordKid(bytes(VECTOR.detail))).toThrow(SealBroken);
    const key = { kver: 1, privateKey: bytes(VECTOR.privateKey) };
    expect(() => openAuditDetail(name, { tenantId: TENANT_A, eventId: "e1" }, key)).toThrow(SealBroken);
  });

  it("refuses every flipped byte and every cut", () => {
    const key = privateKey();
    for (let at = 0; at < name.length; at += 1) {
      const bent = Uint8Array.from(name, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(() => openPersonWord(bent, place, key), `byte ${at}`).toThrow(SealBroken);
      expect(() => openPersonWord(name.subarray(0, at), place, key), `cut at ${at}`).toThrow(SealBroken);
    }
  });

  it("a wiped key refuses to work, and what made it is zeroed", () => {
    const given = bytes(VECTOR.privateKey);
    const key = new PrivateKey(TENANT_A, "U", 1, given);
    expect(given.every((byte) => byte === 0)).toBe(true);
    key.wipe();
    expect(() => openPersonWord(name, place, key)).toThrow("after it was wiped");
    expect(key.isWiped).toBe(true);
  });

  it("is sealed to a key of its own class and tenant alone", () => {
    const recipient = { tenantId: TENANT_A, kid: makeKid("A", 1), publicKey: new Uint8Array(1) };
    expect(() => sealPersonWord("Nadia", place, recipient)).toThrow("its own class");
    expect(() => sealPersonWord("Nadia", { ...place, tenantId: TENANT_B }, recipient)).toThrow("its own tenant");
  });
});
