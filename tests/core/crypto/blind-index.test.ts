import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldSearchValue, searchToken } from "../../../core/crypto/index.ts";
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
});
