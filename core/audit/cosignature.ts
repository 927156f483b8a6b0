import { createPublicKey, hash, verify } from "node:crypto";
import { type NoteKey, SPKI_PREFIX } from "./note.ts";

/**
 * C2SP tlog-cosignature, Ed25519: what a witness says of a checkpoint and when. As of that time, it is the largest
 * consistent tree that the witness has seen of this log.
 */

const COSIGNATURE = 0x04;
const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

/** SHA-256(name || LF || 0x04 || key), first four bytes: another type than a log's own key, so that neither stands for the other. */
export function cosignerHash({ name, publicKey }: NoteKey): Buffer {
  return hash(
    "sha256",
    Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(COSIGNATURE), publicKey]),
    "buffer",
  ).subarray(0, 4);
}

/** `name+hash+key`: what an auditor is given of the witness and keeps. */
export const formatCosignerKey = (key: NoteKey): string =>
  `${key.name}+${cosignerHash(key).toString("hex")}+${Buffer.concat([Buffer.of(COSIGNATURE), key.publicKey]).toString("base64")}`;

/** The witness's key behind a line, or undefined for a line that does not hold together. */
export function parseCosignerKey(line: string): NoteKey | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(line.trim());
  if (match === null) return undefined;
  const [, name = "", id = "", encoded = ""] = match;
  const bytes = Buffer.from(encoded, "base64");
  const key = { name, publicKey: bytes.subarray(1) };
  return bytes.length === 33 && bytes[0] === COSIGNATURE && cosignerHash(key).toString("hex") === id ? key : undefined;
}

const messageOf = (text: string, timeSeconds: bigint): Buffer =>
  Buffer.from(`cosignature/v1\ntime ${timeSeconds}\n${text}`);

/** The note with one more signature line. `sign` gives 64 bytes of Ed25519; the time is in whole seconds. */
export async function cosign(
  note: string,
  key: NoteKey,
  nowMs: number,
  sign: (bytes: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
  const seconds = BigInt(Math.floor(nowMs / 1000));
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(seconds);
  const signature = await sign(messageOf(text, seconds));
  const line = Buffer.concat([cosignerHash(key), time, signature]).toString("base64");
  return `${note}\u2014 ${key.name} ${line}\n`;
}

export interface Cosigned {
  readonly text: string;
  /** When the witness signed, milliseconds since the epoch. */
  readonly atMs: number;
}

/** The signed text and when it was cosigned, if a line of `key` stands and holds. Other keys' lines are passed over. */
export function openCosigned(note: string, key: NoteKey): Cosigned | undefined {
  const end = note.lastIndexOf("\n\n");
  if (end === -1) return undefined;
  const text = note.slice(0, end + 1);
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key.publicKey]), format: "der", type: "spki" });
  for (const line of note.slice(end + 2).split("\n")) {
    const match = /^\u2014 (\S+) ([A-Za-z0-9+/]+=*)$/.exec(line);
    if (match === null || match[1] !== key.name) continue;
    const bytes = Buffer.from(match[2] ?? "", "base64");
    if (bytes.length !== 4 + TIME_BYTES + SIGNATURE_BYTES || !bytes.subarray(0, 4).equals(cosignerHash(key))) continue;
    const seconds = bytes.readBigUInt64BE(4);
    const isGood = verify(null, messageOf(text, seconds), publicKey, bytes.subarray(4 + TIME_BYTES));
    return isGood ? { text, atMs: Number(seconds) * 1000 } : undefined;
  }
  return undefined;
}
