import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { LIMITS } from "./limits.ts";
import { SealBroken, sealHolds } from "./seal-broken.ts";

const PLAIN = 0x00;
const ZSTD = 0x01;
/** Encoding byte and plain size. */
const HEAD_BYTES = 5;
/** Below this, a zstd frame's own head outweighs what it saves. */
const WORTH_COMPRESSING_BYTES = 128;

/** The plaintext of one encrypted attribute: encoding byte, plain size in four bytes, body. Compressed where that is smaller. */
export function packFrame(plain: Buffer): Buffer {
  const packed = plain.length < WORTH_COMPRESSING_BYTES ? undefined : compress(plain);
  const smaller = packed !== undefined && packed.length < plain.length;
  const body = smaller ? packed : plain;
  const frame = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  frame[0] = smaller ? ZSTD : PLAIN;
  frame.writeUInt32BE(plain.length, 1);
  frame.set(body, HEAD_BYTES);
  return frame;
}

/**
 * The inverse of `packFrame`. Never yields more than the frame says, and the frame never says more than
 * `LIMITS.plainAttributeBytes`, so that a small ciphertext cannot fill the memory. Throws SealBroken.
 */
export function unpackFrame(frame: Buffer): Buffer {
  sealHolds(frame.length >= HEAD_BYTES, "frame");
  const size = frame.readUInt32BE(1);
  const body = frame.subarray(HEAD_BYTES);
  sealHolds(size <= LIMITS.plainAttributeBytes, "frame");
  if (frame[0] === PLAIN) {
    sealHolds(body.length === size, "frame");
    return body;
  }
  sealHolds(frame[0] === ZSTD && size > 0, "frame");
  const plain = decompress(body, size);
  sealHolds(plain.length === size, "frame");
  return plain;
}

const compress = (plain: Buffer): Buffer =>
  zstdCompressSync(plain, {
    params: { [constants.ZSTD_c_compressionLevel]: 3 },
    pledgedSrcSize: plain.length,
  });

function decompress(body: Buffer, size: number): Buffer {
  try {
    return zstdDecompressSync(body, { maxOutputLength: size });
  } catch {
    throw new SealBroken("frame");
  }
}
