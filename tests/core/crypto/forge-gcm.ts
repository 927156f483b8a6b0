import { createCipheriv } from "node:crypto";

/** GF(2^128) as in NIST SP 800-38D 6.3: the leftmost bit is the coefficient of x^0. */
const R = 0xe1n << 120n;

function multiply(left: bigint, right: bigint): bigint {
  let product = 0n;
  let factor = right;
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if ((left >> bit) & 1n) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ R : factor >> 1n;
  }
  return product;
}

/** x^(2^128 - 2), the inverse in a field of 2^128 elements. */
function invert(value: bigint): bigint {
  let result = 1n << 127n;
  let power = value;
  for (let bit = 1; bit < 128; bit += 1) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}

const toBlocks = (bytes: Uint8Array): bigint[] => {
  const blocks: bigint[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const block = Buffer.alloc(16);
    block.set(bytes.subarray(at, at + 16));
    blocks.push(BigInt(`0x${block.toString("hex")}`));
  }
  return blocks;
};

const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(32, "0"), "hex");

export interface GcmSide {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
}

function blockCipher(key: Uint8Array, block: Uint8Array): bigint {
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  return BigInt(`0x${cipher.update(block).toString("hex")}`);
}

/** The key stream that plain GCM would xor over a text of `size` bytes. */
export function keyStream({ key, nonce }: GcmSide, size: number): Buffer {
  const counter = Buffer.concat([nonce, Buffer.of(0, 0, 0, 2)]);
  return createCipheriv("aes-256-ctr", key, counter).update(Buffer.alloc(size));
}

/** The tag of `ciphertext`, as a sum in which block `free` of the ciphertext counts as zero, and that block's factor. */
function tagWithout(side: GcmSide, ciphertext: Uint8Array, free: number): { sum: bigint; factor: bigint } {
  const h = blockCipher(side.key, Buffer.alloc(16));
  const lengths = (BigInt(side.aad.length * 8) << 64n) | BigInt(ciphertext.length * 8);
  const aadBlocks = toBlocks(side.aad);
  const textBlocks = toBlocks(ciphertext);
  textBlocks[free] = 0n;
  const blocks = [...aadBlocks, ...textBlocks, lengths];
  let sum = 0n;
  for (const block of blocks) sum = multiply(sum ^ block, h);
  let factor = h;
  for (let power = blocks.length - 1; power > aadBlocks.length + free; power -= 1) factor = multiply(factor, h);
  return { sum: sum ^ blockCipher(side.key, Buffer.concat([side.nonce, Buffer.of(0, 0, 0, 1)])), factor };
}

/**
 * One ciphertext and one tag that plain AES-256-GCM accepts under both sides: block `free` of `ciphertext` is solved for.
 * The attack of Dodis, Grubbs, Ristenpart, Woodage, "Fast Message Franking", 2018, and "invisible salamanders".
 */
export function forgeForBoth(left: GcmSide, right: GcmSide, ciphertext: Uint8Array, free: number): Buffer {
  const a = tagWithout(left, ciphertext, free);
  const b = tagWithout(right, ciphertext, free);
  const block = multiply(a.sum ^ b.sum, invert(a.factor ^ b.factor));
  const forged = Buffer.from(ciphertext);
  toBytes(block).copy(forged, free * 16);
  return Buffer.concat([forged, toBytes(a.sum ^ multiply(a.factor, block))]);
}
