import { createECDH, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditDetailKid, makeKid, openAuditDetail, sealAuditDetail, SealBroken } from "../../../core/crypto/index.ts";
import { errorOf, TENANT_A, TENANT_B, valueOf } from "./fixtures.ts";

const pairOf = () => {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicKey: new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" })),
    privateKey: new Uint8Array(pair.privateKey.export({ format: "der", type: "pkcs8" })),
  };
};
const pair = pairOf();
const recipient = { tenantId: TENANT_A, kid: makeKid("A", 1), publicKey: pair.publicKey };
const key = { kver: 1, privateKey: pair.privateKey };
const place = { tenantId: TENANT_A, eventId: "e1" };
const sealed = valueOf(sealAuditDetail("reason with a canary", place, recipient));

describe("audit detail", () => {
  it("opens with the private key, for its own event alone", () => {
    expect(openAuditDetail(sealed, place, key)).toBe("reason with a canary");
    expect(auditDetailKid(sealed)).toBe("A.000001");
    expect(Buffer.from(sealed).includes("canary")).toBe(false);
  });

  it("KEY-4: does not open for another event, tenant, key or version", () => {
    expect(() => openAuditDetail(sealed, { ...place, eventId: "e2" }, key)).toThrow(SealBroken);
    expect(() => openAuditDetail(sealed, { ...place, tenantId: TENANT_B }, key)).toThrow(SealBroken);
    expect(() => openAuditDetail(sealed, place, { kver: 1, privateKey: pairOf().privateKey })).toThrow(SealBroken);
    expect(() => openAuditDetail(sealed, place, { ...key, kver: 2 })).toThrow(SealBroken);
  });

  it("refuses any flipped bit and any cut", () => {
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const copy = Uint8Array.from(sealed);
        copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(() => openAuditDetail(copy, place, key)).toThrow(SealBroken);
        expect(() => openAuditDetail(sealed.slice(0, bit >> 3), place, key)).toThrow(SealBroken);
      }),
      { numRuns: 150 },
    );
  });

  it("seals under a new key pair every time, so that the writer keeps nothing that opens", () => {
    const again = valueOf(sealAuditDetail("reason with a canary", place, recipient));
    expect(again.slice(13, 78)).not.toEqual(sealed.slice(13, 78));
  });

  it("refuses a text over its limit, and a key of another tenant or curve", () => {
    expect(errorOf(sealAuditDetail("a".repeat(70_000), place, recipient))).toEqual({ kind: "too-long" });
    expect(() => sealAuditDetail("x", { ...place, tenantId: TENANT_B }, recipient)).toThrow("its own tenant");
    const other = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "der", type: "spki" });
    expect(() => sealAuditDetail("x", place, { ...recipient, publicKey: other })).toThrow("P-256");
  });

  it("refuses a sender's point that is not on the curve", () => {
    const point = createECDH("prime256v1").generateKeys();
    point[64] = (point[64] as number) ^ 1;
    const copy = Uint8Array.from(sealed);
    copy.set(point, 13);
    expect(() => openAuditDetail(copy, place, key)).toThrow(SealBroken);
  });
});
