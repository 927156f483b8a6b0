import { crc32 } from "node:zlib";

/** Source: RFC 3720 B.4 (CRC-32C, Castagnoli), reflected polynomial. */
const CRC32C_POLYNOMIAL = 0x82f63b78;
/** CRC-64/NVME, reflected polynomial 0x9A6C9329AC4BC9B5. Source: NVM Express base specification, "Data Integrity". */
const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

const crc32cTable = Uint32Array.from({ length: 256 }, (_unused, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ CRC32C_POLYNOMIAL : value >>> 1;
  return value >>> 0;
});

// 64-bit arithmetic in two 32-bit halves: BigInt would be fifty times slower per byte.
const crc64High = new Uint32Array(256);
const crc64Low = new Uint32Array(256);
for (let index = 0; index < 256; index += 1) {
  let value = BigInt(index);
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1n) === 1n ? (value >> 1n) ^ CRC64NVME_POLYNOMIAL : value >> 1n;
  crc64High[index] = Number(value >> 32n);
  crc64Low[index] = Number(value & 0xffffffffn);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

export const crc32Bytes = (body: Buffer): Buffer => uint32(crc32(body));

/* Both loops go by index: iterating over a Buffer costs five times as much. */

export function crc32cBytes(body: Buffer): Buffer {
  let value = 0xffffffff;
  for (let at = 0; at < body.length; at += 1) {
    value = (value >>> 8) ^ (crc32cTable[(value ^ (body[at] ?? 0)) & 0xff] ?? 0);
  }
  return uint32(~value);
}

export function crc64nvmeBytes(body: Buffer): Buffer {
  let high = 0xffffffff;
  let low = 0xffffffff;
  for (let at = 0; at < body.length; at += 1) {
    const index = (low ^ (body[at] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (crc64Low[index] ?? 0);
    high = (high >>> 8) ^ (crc64High[index] ?? 0);
  }
  return Buffer.concat([uint32(~high), uint32(~low)]);
}
