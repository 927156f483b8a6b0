import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeId, isId, newId, timeOfId } from "../../../core/kernel/ids.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** The number that 16 bytes are, in base 32: another way to the same text. */
function byNumber(bytes: Uint8Array): string {
  let value = bytes.reduce((total, byte) => (total << 8n) | BigInt(byte), 0n);
  let text = "";
  for (let place = 0; place < 26; place += 1, value >>= 5n) text = `${ALPHABET[Number(value & 31n)]}${text}`;
  return text;
}

describe("ids", () => {
  it("are 16 bytes in base 32, in the order of the bytes", () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const [left, right] = [encodeId(one), encodeId(other)];
        expect(left).toBe(byNumber(one));
        expect(isId(left)).toBe(true);
        expect(Math.sign(Buffer.compare(one, other))).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
    );
  });

  it("tell when they were made", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => {
        expect(timeOfId(newId(ms))).toBe(ms);
      }),
    );
  });
});
