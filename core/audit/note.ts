import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";

/** C2SP signed-note: text, an empty line, signature lines. The same format as Go's checksum database and CT logs. */

const ED25519 = 0x01;
/** SubjectPublicKeyInfo of a raw Ed25519 key: RFC 8410 4. */
export const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Who signs: a name without spaces or `+`, and the raw 32-byte public key. */
export interface NoteKey {
  readonly name: string;
  readonly publicKey: Buffer;
}

export const rawEd25519 = (key: KeyObject): Buffer =>
  key.export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX.length);

/** SHA-256(name || LF || type || key), first four bytes. C2SP signed-note, "Signatures". */
export function keyHash({ name, publicKey }: NoteKey): Buffer {
  return createHash("sha256")
    .update(`${name}\n`)
    .update(Buffer.from([ED25519]))
    .update(publicKey)
    .digest()
    .subarray(0, 4);
}

/** `name+hash+key`: what an auditor is given and keeps. C2SP signed-note, "Verifier keys". */
export const formatVerifierKey = (key: NoteKey): string =>
  `${key.name}+${keyHash(key).toString("hex")}+${Buffer.concat([Buffer.from([ED25519]), key.publicKey]).toString("base64")}`;

/** The key behind a verifier line, or undefined for a line that does not hold together. */
export function parseVerifierKey(line: string): NoteKey | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(line.trim());
  if (match === null) return undefined;
  const [, name = "", hash = "", encoded = ""] = match;
  const bytes = Buffer.from(encoded, "base64");
  const key = { name, publicKey: bytes.subarray(1) };
  return bytes.length === 33 && bytes[0] === ED25519 && keyHash(key).toString("hex") === hash ? key : undefined;
}

/** `text` ends with a line feed; `sign` gives 64 bytes of Ed25519 over it. */
export async function signNote(
  text: string,
  key: NoteKey,
  sign: (bytes: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  const signature = Buffer.concat([keyHash(key), await sign(Buffer.from(text))]).toString("base64");
  return `${text}\n\u2014 ${key.name} ${signature}\n`;
}

/** The signed text, if a signature line of `key` stands and holds; undefined otherwise. Other keys' lines are passed over. */
export function openNote(note: string, key: NoteKey): string | undefined {
  const end = note.lastIndexOf("\n\n");
  if (end === -1) return undefined;
  const text = note.slice(0, end + 1);
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key.publicKey]), format: "der", type: "spki" });
  for (const line of note.slice(end + 2).split("\n")) {
    const match = /^\u2014 (\S+) ([A-Za-z0-9+/]+=*)$/.exec(line);
    if (match === null || match[1] !== key.name) continue;
    const bytes = Buffer.from(match[2] ?? "", "base64");
    if (bytes.length !== 68 || !bytes.subarray(0, 4).equals(keyHash(key))) continue;
    return verify(null, Buffer.from(text), publicKey, bytes.subarray(4)) ? text : undefined;
  }
  return undefined;
}
