import { createHmac, createPrivateKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashPassword, verifyNothing, verifyPassword } from "../../../core/identity/password.ts";
import { StageSecrets } from "../../../core/identity/stage-secret.ts";
import { derToJose, thumbprint } from "../../../core/identity/token-key.ts";
import { newTotpSecret, totpAt, totpStep, totpUri } from "../../../core/identity/totp.ts";

describe("password", () => {
  it("accepts the password in either Unicode form and nothing else", async () => {
    const stored = await hashPassword("correct h\u00f6rse battery");
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
    expect(await verifyPassword("correct ho\u0308rse battery", stored)).toBe(true);
    expect(await verifyPassword("correct horse battery", stored)).toBe(false);
    expect(await hashPassword("correct h\u00f6rse battery")).not.toBe(stored);
  });

  it("says no to what is no hash, and to nobody", async () => {
    expect(await verifyPassword("x", "plain")).toBe(false);
    expect(await verifyPassword("x", "")).toBe(false);
    expect(await verifyNothing("x")).toBe(false);
  });
});

describe("totp", () => {
  // RFC 6238 appendix B, SHA-1, secret "12345678901234567890", last six digits.
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  it.each([
    [59, "287082"],
    [1111111109, "081804"],
    [1234567890, "005924"],
    [20000000000, "353130"],
  ])("CLIN-15 gives the vector of second %i", (second, code) => {
    expect(totpAt(secret, second * 1000)).toBe(code);
    expect(totpStep(secret, code, second * 1000)).toBe(Math.floor(second / 30));
  });

  it("takes one step of drift, tells the step, and refuses two", () => {
    const now = 1_800_000_000_000;
    expect(totpStep(secret, totpAt(secret, now - 30_000), now)).toBe(Math.floor(now / 30_000) - 1);
    expect(totpStep(secret, totpAt(secret, now - 61_000), now)).toBeUndefined();
    for (const code of ["", "12345", "1234567", "abcdef", "１２３４５６"])
      expect(totpStep(secret, code, now)).toBeUndefined();
  });

  it("makes secrets of 160 bits and an address for an authenticator", () => {
    const fresh = newTotpSecret();
    expect(fresh).toMatch(/^[A-Z2-7]{32}$/);
    expect(totpUri(fresh, "a.doc")).toContain(`secret=${fresh}`);
  });
});

describe("StageSecrets", () => {
  const key = {
    generateMac: (message: Uint8Array) => Promise.resolve(createHmac("sha256", "kms").update(message).digest()),
  };

  it("derives one secret a label, and seals for one context", async () => {
    const secrets = new StageSecrets(key);
    expect(await secrets.derive("a")).not.toEqual(await secrets.derive("b"));
    expect(await secrets.lookup("login", "a.doc")).not.toBe(await secrets.lookup("login", "b.doc"));
    const sealed = await secrets.seal("totp", "user-1", "SECRET");
    expect(Buffer.from(sealed).includes("SECRET")).toBe(false);
    expect(await secrets.open("totp", "user-1", sealed)).toBe("SECRET");
    await expect(secrets.open("totp", "user-2", sealed)).rejects.toThrow();
    await expect(secrets.open("totp", "user-1", sealed.with(20, (sealed[20] ?? 0) ^ 1))).rejects.toThrow();
  });

  it("asks again after a failure of KMS", async () => {
    let calls = 0;
    const secrets = new StageSecrets({
      generateMac: () => (calls++ === 0 ? Promise.reject(new Error("down")) : Promise.resolve(Buffer.alloc(32, 1))),
    });
    await expect(secrets.derive("a")).rejects.toThrow("down");
    expect(await secrets.derive("a")).toHaveLength(32);
  });
});

describe("derToJose", () => {
  it("keeps what OpenSSL verifies, for many signatures", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    for (let index = 0; index < 200; index += 1) {
      const message = Buffer.from(`message ${index}`);
      const jose = derToJose(
        sign("sha256", message, createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" }))),
      );
      expect(jose).toHaveLength(64);
      expect(verify("sha256", message, { key: publicKey, dsaEncoding: "ieee-p1363" }, jose)).toBe(true);
    }
    expect(() => derToJose(Buffer.from("3003020101", "hex"))).toThrow();
    expect(thumbprint(publicKey.export({ format: "jwk" }))).toMatch(/^[\w-]{43}$/);
  });
});
