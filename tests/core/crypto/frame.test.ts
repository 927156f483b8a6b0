import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packFrame, unpackFrame } from "../../../core/crypto/frame.ts";
import { LIMITS, SealBroken } from "../../../core/crypto/index.ts";

const frameOf = (encoding: number, size: number, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head[0] = encoding;
  head.writeUInt32BE(size, 1);
  return Buffer.concat([head, body]);
};

const OVER = LIMITS.plainAttributeBytes + 1;

describe("a frame", () => {
  it("gives back what was packed, compressed only where that is smaller", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(4), (bytes, repeats) => {
        const plain = Buffer.concat(Array.from({ length: repeats + 1 }, () => bytes));
        const frame = packFrame(plain);
        expect(frame.length).toBeLessThanOrEqual(plain.length + 5);
        expect(unpackFrame(frame)).toEqual(plain);
      }),
    );
    expect(packFrame(Buffer.alloc(1000))[0]).toBe(1);
  });

  it.each([
    ["a bomb that says its size", frameOf(1, 2 ** 31, zstdCompressSync(Buffer.alloc(2 ** 21)))],
    ["a bomb that says a small size", frameOf(1, 100, zstdCompressSync(Buffer.alloc(2 ** 21)))],
    ["a size one over the bound", frameOf(1, OVER, zstdCompressSync(Buffer.alloc(OVER)))],
    ["a plain body one over the bound", frameOf(0, OVER, Buffer.alloc(OVER))],
    ["less than it says", frameOf(1, 11, zstdCompressSync(Buffer.alloc(10)))],
    ["a plain body of another size", frameOf(0, 3, Buffer.alloc(4))],
    ["no zstd frame", frameOf(1, 4, Buffer.alloc(4))],
    ["an unknown encoding", frameOf(2, 4, Buffer.alloc(4))],
    ["no head", Buffer.alloc(4)],
  ])("AT-51 is refused: %s", (_what, frame) => {
    expect(() => unpackFrame(frame)).toThrow(SealBroken);
  });

  it("AT-51: a bomb of a gigabyte in a frame that says a hundred bytes fills no memory", () => {
    const megabyte = zstdCompressSync(Buffer.alloc(2 ** 20));
    const bomb = frameOf(1, 100, Buffer.concat(Array.from({ length: 1024 }, () => megabyte)));
    const before = process.resourceUsage().maxRSS;
    expect(() => unpackFrame(bomb)).toThrow(SealBroken);
    const grownKiB = process.resourceUsage().maxRSS - before;
    expect(grownKiB).toBeLessThan(256 * 1024);
  });
});
