import { createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { contentKid, openContent, SealBroken, sealContent, type ContentPlace } from "../../../core/crypto/index.ts";
import { bindingOf, dataKey, keyBytes, TENANT_A, TENANT_B } from "./fixtures.ts";

const MIB = 1024 * 1024;
const HEAD = 49;
const key = dataKey(TENANT_A, "C");
const secret = Buffer.alloc(32, 9);
const placeOf = (changes: Partial<ContentPlace> = {}): ContentPlace => {
  const { version: _version, ...place } = bindingOf(TENANT_A, { table: "attachments" });
  return { ...place, edition: 1, part: 0, parts: 2, sizeBytes: 3 * MIB, ...changes };
};
const text = "CANARY in a scanned letter. ".repeat(40);
const plain = Buffer.from(text);
const sealed = sealContent(plain, placeOf(), key, secret);
/** Three frames: two whole ones and a short one. */
const long = Buffer.alloc(2 * MIB + 77, 7);
const sealedLong = sealContent(long, placeOf(), key, secret);
const FRAME = MIB + 48;

const isBroken = (bytes: Uint8Array, place = placeOf()): boolean => {
  try {
    openContent(bytes, place, key, secret);
    return false;
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    return true;
  }
};

/** A second reader, written from core/crypto/README.md alone. */
function decode(bytes: Buffer, place: ContentPlace, keyBytes: Buffer): Buffer {
  const lengthPrefixed = (parts: readonly (string | Buffer)[]): Buffer =>
    Buffer.concat(
      parts.flatMap((part) => {
        const [content, length] = [Buffer.from(part as string), Buffer.alloc(4)];
        length.writeUInt32BE(content.length);
        return [length, content];
      }),
    );
  const head = bytes.subarray(0, HEAD);
  const kid = head.toString("latin1", 5, 13);
  const plain = Array.from({ length: head.readUInt32BE(45) }, (_none, index) => {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(index);
    const info = lengthPrefixed(["keyward content 1", kid, number]);
    const material = Buffer.from(
      hkdfSync("sha256", keyBytes, Buffer.concat([head.subarray(13, 45), secret]), info, 76),
    );
    const frame = bytes.subarray(HEAD + index * FRAME, HEAD + (index + 1) * FRAME);
    expect(frame.subarray(0, 32).equals(material.subarray(0, 32))).toBe(true);
    const decipher = createDecipheriv("aes-256-gcm", material.subarray(32, 64), material.subarray(64), {
      authTagLength: 16,
    });
    const { tenantId, table, pk, sk, dataClass, edition, part, parts, sizeBytes } = place;
    const numbers = [edition, part, parts, sizeBytes, index].map(String);
    decipher.setAAD(lengthPrefixed([head, tenantId, table, pk, sk, dataClass, ...numbers]));
    decipher.setAuthTag(frame.subarray(-16));
    return Buffer.concat([decipher.update(frame.subarray(32, -16)), decipher.final()]);
  });
  return Buffer.concat(plain);
}

describe("content of files", () => {
  it("CLIN-8 the format is the one that the README freezes", () => {
    const bytes = keyBytes(TENANT_A, "C");
    expect(decode(Buffer.from(sealed), placeOf(), bytes).equals(plain)).toBe(true);
    expect(decode(Buffer.from(sealedLong), placeOf(), bytes).equals(long)).toBe(true);
    const fixed = sealContent(plain, placeOf(), key, secret, (size) => Buffer.alloc(size, 5));
    expect(createHash("sha256").update(fixed).digest("hex")).toBe(
      "8f65a16abfa52b20c68012e9d323a711a8eeadda33f95571677ca0c79888d5b6",
    );
  });

  it("CLIN-8 opens where it was sealed, and shows nothing on the way", () => {
    expect(Buffer.from(openContent(sealed, placeOf(), key, secret)).equals(plain)).toBe(true);
    expect(Buffer.from(openContent(sealedLong, placeOf(), key, secret)).equals(long)).toBe(true);
    expect(Buffer.from(sealed).includes("CANARY")).toBe(false);
    expect(contentKid(sealed, "C")).toBe("C.000001");
    expect(Buffer.from(sealContent(plain, placeOf(), key, secret)).equals(Buffer.from(sealed))).toBe(false);
  });

  it("CLIN-8 any byte that is changed breaks it, in every region", () => {
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect([at, isBroken(changed)]).toEqual([at, true]);
    }
  });

  it.each([
    ["another record", { sk: "R#DocumentReference#other" }],
    ["another patient's partition", { pk: `T#${TENANT_A}#C#P#other` }],
    ["another edition", { edition: 2 }],
    ["another part", { part: 1 }],
    ["a file of fewer parts", { parts: 1 }],
    ["a file of another size", { sizeBytes: 3 * MIB - 1 }],
    ["another table", { table: "data" }],
  ] as const)("CLIN-8 does not open for %s", (_what, changes) => {
    expect(isBroken(sealed, placeOf(changes))).toBe(true);
  });

  it("CLIN-8 frames that are missing, doubled, swapped, cut or added do not open", () => {
    const [head, rest] = [sealedLong.subarray(0, HEAD), sealedLong.subarray(HEAD)];
    const frames = [rest.subarray(0, FRAME), rest.subarray(FRAME, 2 * FRAME), rest.subarray(2 * FRAME)];
    const [one, two, three] = frames as [Uint8Array, Uint8Array, Uint8Array];
    const count = (frameCount: number): Buffer => {
      const copy = Buffer.from(head);
      copy.writeUInt32BE(frameCount, 45);
      return copy;
    };
    const arrangements: readonly (readonly Uint8Array[])[] = [
      [head, one, two],
      [count(2), one, two],
      [head, two, one, three],
      [head, one, one, three],
      [head, one, two, three.subarray(0, -1)],
      [head, one, two, three, Buffer.of(0)],
      [count(4), one, two, three, three],
      [head],
      [],
    ];
    for (const parts of arrangements) expect(isBroken(Buffer.concat(parts))).toBe(true);
    expect(isBroken(Buffer.concat([head, one, two, three]))).toBe(false);
  });

  it("KEY-3 a key of another class or tenant neither opens nor seals it", () => {
    expect(() => contentKid(sealed, "S")).toThrow(SealBroken);
    expect(() => openContent(sealed, placeOf(), dataKey(TENANT_B, "C"), secret)).toThrow("own tenant and class");
    expect(() => sealContent(plain, placeOf({ dataClass: "S" }), key, secret)).toThrow("own tenant and class");
    expect(() => openContent(sealed, placeOf({ dataClass: "C" }), dataKey(TENANT_A, "C", 2), secret)).toThrow(
      SealBroken,
    );
  });

  it("KEY-3 the key without the content's own secret opens nothing, and no secret is too short", () => {
    for (const other of [Buffer.alloc(32), Buffer.alloc(32, 8)])
      expect(() => openContent(sealed, placeOf(), key, other)).toThrow(SealBroken);
    expect(() => openContent(sealed, placeOf(), key, Buffer.alloc(0))).toThrow(SealBroken);
    expect(() => sealContent(plain, placeOf(), key, Buffer.alloc(31))).toThrow("a secret of its own");
  });
});
