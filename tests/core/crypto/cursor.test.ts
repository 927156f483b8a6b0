import { describe, expect, it } from "vitest";
import { cursorKid, openCursor, sealCursor } from "../../../core/crypto/index.ts";
import { dataKey, errorOf, TENANT_A, TENANT_B, USER_A, USER_B, valueOf } from "./fixtures.ts";

const key = dataKey(TENANT_A, "D");
const place = { tenantId: TENANT_A, userId: USER_A, route: "GET /fhir/Observation", filterDigest: "ab".repeat(32) };
const position = JSON.stringify({ after: "R#Observation#1" });
const cursor = sealCursor(position, 2_000, place, key);
const invalid = { kind: "invalid" };

describe("cursors", () => {
  it("give back the position to who got them, until they expire", () => {
    expect(valueOf(openCursor(cursor, 1_999, place, key))).toBe(position);
    expect(cursorKid(cursor)).toBe("D.000001");
    expect(errorOf(openCursor(cursor, 2_000, place, key))).toEqual(invalid);
  });

  it("AT-11: in other hands, for another route or filter, give the one answer", () => {
    const others = [{ userId: USER_B }, { route: "GET /fhir/Condition" }, { filterDigest: "cd".repeat(32) }];
    for (const change of others) expect(errorOf(openCursor(cursor, 1, { ...place, ...change }, key))).toEqual(invalid);
    const foreign = { ...place, tenantId: TENANT_B };
    expect(errorOf(openCursor(cursor, 1, foreign, dataKey(TENANT_B, "D")))).toEqual(invalid);
    expect(errorOf(openCursor(cursor, 1, place, dataKey(TENANT_A, "D", 2)))).toEqual(invalid);
  });

  it("AT-11: every flipped bit of every character is refused, the unused ones of the last too", () => {
    const spellings = cursor.length % 4;
    expect([0, 2, 3]).toContain(spellings);
    for (let at = 0; at < cursor.length; at += 1) {
      for (let bit = 0; bit < 7; bit += 1) {
        const flipped = String.fromCharCode(cursor.charCodeAt(at) ^ (1 << bit));
        const altered = cursor.slice(0, at) + flipped + cursor.slice(at + 1);
        expect(errorOf(openCursor(altered, 1, place, key))).toEqual(invalid);
      }
    }
  });

  it("AT-11: anything that is no cursor gives the same answer", () => {
    for (const text of [
      "",
      "!",
      "AA",
      `${cursor}=`,
      `${cursor}A`,
      cursor.slice(0, -1),
      " ".repeat(200),
      "A".repeat(5_000),
    ]) {
      expect(errorOf(openCursor(text, 1, place, key))).toEqual(invalid);
    }
    expect(cursorKid("A".repeat(200))).toBeUndefined();
  });

  it("are sealed under the D key of their own tenant", () => {
    expect(() => sealCursor("x", 1, place, dataKey(TENANT_A, "C"))).toThrow("D key");
    expect(() => openCursor(cursor, 1, place, dataKey(TENANT_B, "D"))).toThrow("D key");
  });
});
