import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classSearchToken, foldSearchValue, searchToken } from "../../../core/crypto/index.ts";
import { dataKey, keyBytes, TENANT_A, TENANT_B } from "./fixtures.ts";

const x = dataKey(TENANT_A, "X");

describe("search tokens", () => {
  it("are 128 bits, fixed for ever for a key, field and value", () => {
    expect(searchToken(x, "Patient.identifier", "urn:mrn|A-17")).toBe("be3ee32a349ad012439fa84c7251409e");
    const info = Buffer.from(
      ["keyward search token 1", TENANT_A, "Patient.identifier"]
        .map((part) => String.fromCharCode(0, 0, 0, part.length) + part)
        .join(""),
    );
    const prk = createHmac("sha256", "").update(keyBytes(TENANT_A, "X")).digest();
    const fieldKey = createHmac("sha256", prk).update(info).update(Buffer.of(1)).digest();
    const token = createHmac("sha256", fieldKey).update("urn:mrn|a-17").digest("hex").slice(0, 32);
    expect(token).toBe("be3ee32a349ad012439fa84c7251409e");
  });

  it("fold case, accents, form and white space", () => {
    const values = ["Zoë  Smith", "zoe smith", " ZOE\u0308 \tSMITH "];
    expect(new Set(values.map((value) => searchToken(x, "Patient.family", value))).size).toBe(1);
    expect(foldSearchValue("Ångström")).toBe("angstrom");
  });

  it("differ between fields, tenants and key versions, whatever the value", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const tokens = [
          searchToken(x, "Patient.identifier", value),
          searchToken(x, "Patient.telecom", value),
          searchToken(dataKey(TENANT_B, "X"), "Patient.identifier", value),
          searchToken(dataKey(TENANT_A, "X", 2), "Patient.identifier", value),
        ];
        expect(new Set(tokens).size).toBe(4);
        for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{32}$/);
      }),
    );
  });

  it("are made under the X key alone", () => {
    expect(() => searchToken(dataKey(TENANT_A, "D"), "Patient.identifier", "1")).toThrow("under the X key");
  });

  it("of a class are made with its key as well, by the formula of the README", () => {
    const made = classSearchToken(x, dataKey(TENANT_A, "S"), "Encounter.date", "2026-11-23");
    const info = Buffer.from(
      ["keyward search class 1", TENANT_A, "S", "Encounter.date"]
        .map((part) => String.fromCharCode(0, 0, 0, part.length) + part)
        .join(""),
    );
    const prk = createHmac("sha256", "").update(keyBytes(TENANT_A, "S")).digest();
    const classKey = createHmac("sha256", prk).update(info).update(Buffer.of(1)).digest();
    const keyed = createHmac("sha256", classKey).update("2026-11-23").digest("hex");
    expect(made).toBe(searchToken(x, "Encounter.date", keyed));
    const others = [
      classSearchToken(x, dataKey(TENANT_A, "C"), "Encounter.date", "2026-11-23"),
      classSearchToken(x, dataKey(TENANT_A, "S", 2), "Encounter.date", "2026-11-23"),
      classSearchToken(x, dataKey(TENANT_A, "S"), "Appointment.date", "2026-11-23"),
    ];
    expect(new Set([made, ...others]).size).toBe(4);
    expect(() => classSearchToken(x, dataKey(TENANT_B, "S"), "Encounter.date", "1")).toThrow("one tenant");
  });
});
