import { invariant } from "../kernel/invariant.ts";
import type { Kid } from "./data-key.ts";
import { KID_BYTES, parseKid } from "./data-key.ts";
import { LIMITS } from "./limits.ts";
import { sealHolds } from "./seal-broken.ts";

/** What happens to an attribute: encrypted and signed, signed in the clear, or left out of every promise. */
export type Treatment = "encrypt" | "sign" | "leave";
export type Legend = Readonly<Record<string, Treatment>>;
export interface LegendEntry {
  readonly name: string;
  readonly treatment: Treatment;
}

export interface Header {
  readonly kid: Kid;
  readonly messageId: Buffer;
  readonly commitment: Buffer;
  readonly legend: readonly LegendEntry[];
  /** The legend's bytes as they stand in the header. */
  readonly legendBytes: Buffer;
}

const MAGIC = Buffer.from("KWR1", "latin1");
/** HKDF-SHA-256, AES-256-GCM, HMAC-SHA-256, zstd. */
const SUITE = 0x01;
export const MESSAGE_ID_BYTES = 32;
export const COMMITMENT_BYTES = 32;
const KID_AT = 5;
const MESSAGE_ID_AT = KID_AT + KID_BYTES;
const COMMITMENT_AT = MESSAGE_ID_AT + MESSAGE_ID_BYTES;
const LEGEND_AT = COMMITMENT_AT + COMMITMENT_BYTES;

const LETTERS: Readonly<Record<Treatment, number>> = { encrypt: 0x45, sign: 0x53, leave: 0x4e };
const TREATMENTS = new Map<number, Treatment>([
  [0x45, "encrypt"],
  [0x53, "sign"],
  [0x4e, "leave"],
]);

const ATTRIBUTE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
/** ASCII, and nothing that an object inherits: `__proto__` or `constructor` would read as present where they are absent. */
const isAttributeName = (name: string): boolean => ATTRIBUTE_NAME.test(name) && !(name in Object.prototype);

/** Format, suite and kid: the first 13 bytes of a header, which key derivation starts from. */
export const headerPrefix = (kid: Kid): Buffer => Buffer.concat([MAGIC, Buffer.of(SUITE), Buffer.from(kid, "latin1")]);

/** Count in two bytes, then per entry, in ascending order of the names' bytes: treatment letter, name length, name. */
export function encodeLegend(entries: readonly LegendEntry[]): Buffer {
  invariant(entries.length <= LIMITS.legendEntries, "a legend has at most 64 entries");
  const count = Buffer.allocUnsafe(2);
  count.writeUInt16BE(entries.length);
  const parts: Buffer[] = [count];
  for (const { name, treatment } of entries) {
    invariant(isAttributeName(name), "a sealed attribute has a plain name of 1 to 255 letters, digits and underscores");
    const bytes = Buffer.from(name, "latin1");
    parts.push(Buffer.of(LETTERS[treatment], bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

export const encodeHeader = (header: Omit<Header, "legend">): Buffer =>
  Buffer.concat([headerPrefix(header.kid), header.messageId, header.commitment, header.legendBytes]);

/** Reads a header that nobody has vouched for yet. Throws SealBroken on anything but the one valid form. */
export function decodeHeader(bytes: Buffer): Header {
  sealHolds(bytes.length >= LEGEND_AT + 2 && bytes.subarray(0, 4).equals(MAGIC) && bytes[4] === SUITE, "header");
  const parsed = parseKid(bytes.toString("latin1", KID_AT, MESSAGE_ID_AT));
  sealHolds(parsed, "header");
  const legendBytes = bytes.subarray(LEGEND_AT);
  return {
    kid: parsed.kid,
    messageId: bytes.subarray(MESSAGE_ID_AT, COMMITMENT_AT),
    commitment: bytes.subarray(COMMITMENT_AT, LEGEND_AT),
    legend: decodeLegend(legendBytes),
    legendBytes,
  };
}

function decodeLegend(bytes: Buffer): LegendEntry[] {
  const count = bytes.readUInt16BE(0);
  sealHolds(count <= LIMITS.legendEntries, "legend");
  const entries: LegendEntry[] = [];
  let at = 2;
  let previous: Buffer | undefined;
  for (let index = 0; index < count; index += 1) {
    const treatment = TREATMENTS.get(bytes[at] ?? 0);
    const length = bytes[at + 1] ?? 0;
    const name = bytes.subarray(at + 2, at + 2 + length);
    sealHolds(treatment !== undefined && length > 0 && name.length === length, "legend");
    sealHolds(previous === undefined || Buffer.compare(previous, name) < 0, "legend");
    const text = name.toString("latin1");
    sealHolds(isAttributeName(text), "legend");
    entries.push({ name: text, treatment });
    previous = name;
    at += 2 + length;
  }
  sealHolds(at === bytes.length, "legend");
  return entries;
}
