import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { EncryptionContext } from "./input.ts";
import { invalidCiphertext } from "./errors.ts";

/*
 * A ciphertext blob: format (1 byte) | key id (16) | material version (2) | IV (12) | tag (16) | ciphertext.
 * AES-256-GCM; associated data is the header before the IV, then the encryption context, sorted by name,
 * every name and value with its length before it, so that no two contexts give the same bytes.
 * AWS's own format is not published; only the behaviour is the same.
 */
const FORMAT = 1;
const HEADER_BYTES = 19;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = HEADER_BYTES + IV_BYTES + TAG_BYTES;

const byteOrder = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

/** The bytes that bind an encryption context; the order in which its names were sent does not matter. */
export function contextBytes(context: EncryptionContext): Buffer {
  const parts: Buffer[] = [];
  for (const name of Object.keys(context).sort(byteOrder)) {
    for (const text of [name, context[name] ?? ""]) {
      const bytes = Buffer.from(text, "utf8");
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      parts.push(length, bytes);
    }
  }
  return Buffer.concat(parts);
}

/** Encrypts under one version of a key's material. `keyId` is a UUID. */
export function sealBlob(
  keyId: string,
  version: number,
  material: Buffer,
  plaintext: Buffer,
  context: EncryptionContext,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(FORMAT, 0);
  Buffer.from(keyId.replaceAll("-", ""), "hex").copy(header, 1);
  header.writeUInt16BE(version, 17);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", material, iv);
  cipher.setAAD(Buffer.concat([header, contextBytes(context)]));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), ciphertext]);
}

export interface BlobHeader {
  readonly keyId: string;
  readonly version: number;
}

/** Reads which key a blob was made under. Not yet proven: only opening it proves it. Throws InvalidCiphertextException. */
export function readHeader(blob: Buffer): BlobHeader {
  if (blob.length <= OVERHEAD_BYTES || blob.readUInt8(0) !== FORMAT) throw invalidCiphertext();
  const hex = blob.subarray(1, 17).toString("hex");
  const keyId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  return { keyId, version: blob.readUInt16BE(17) };
}

/** Opens a blob. A wrong context, a wrong key and a changed bit all throw the same InvalidCiphertextException. */
export function openBlob(material: Buffer, blob: Buffer, context: EncryptionContext): Buffer {
  const ivEnd = HEADER_BYTES + IV_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", material, blob.subarray(HEADER_BYTES, ivEnd));
  decipher.setAAD(Buffer.concat([blob.subarray(0, HEADER_BYTES), contextBytes(context)]));
  decipher.setAuthTag(blob.subarray(ivEnd, OVERHEAD_BYTES));
  try {
    return Buffer.concat([decipher.update(blob.subarray(OVERHEAD_BYTES)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}
