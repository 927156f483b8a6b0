import { hash } from "node:crypto";
import { readHead } from "./event.ts";
import { DAY_MS, sha256Hex, startOfDay } from "./layout.ts";
import { HASH_BYTES } from "./merkle.ts";

/** A line that is no event of this trail. `event-out-of-time`: none of our rows lives until such a day of arrival. */
export type LineFault = "event-malformed" | "event-of-another-tenant" | "event-out-of-time";

/**
 * What a verifier needs to know of one batch object, made without anything but its bytes: so that several can be examined
 * at once, in other threads. Arrays run along the lines.
 */
export interface Examined {
  readonly sha256: string;
  /** False for an object that does not end with a line feed: it has no lines then. */
  readonly isLines: boolean;
  readonly count: number;
  /** Leaf hashes, 32 bytes each; likewise the hash that the writer's next event names, and the one that this one names. */
  readonly leaves: Uint8Array;
  readonly hashes: Uint8Array;
  readonly prevs: Uint8Array;
  readonly seqs: Float64Array;
  readonly writers: readonly string[];
  /** Index into `writers`; NO_WRITER for a line with a fault. */
  readonly writerOf: Uint16Array;
  /** 26 characters each. */
  readonly ids: string;
  /** Eight bytes each that equal ids share. */
  readonly idPrints: Uint8Array;
  /** Milliseconds of the oldest event, Infinity where there is none, and of the newest, then 0. */
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly faults: readonly { readonly index: number; readonly kind: LineFault }[];
}

export const NO_WRITER = 0xffff;
const ID_LENGTH = 26;
const NO_ID = " ".repeat(ID_LENGTH);
/** An outbox row lives for thirty days. */
const OLDEST_MS = 32 * DAY_MS;
const NEWLINE = 0x0a;

export const idAt = ({ ids }: Examined, index: number): string | undefined => {
  const id = ids.slice(index * ID_LENGTH, (index + 1) * ID_LENGTH);
  return id === NO_ID || id === "" ? undefined : id;
};

/** FNV-1a with two bases: not to be trusted, only to find the same id again. */
function printId(id: string, into: Buffer, at: number): void {
  let [one, other] = [0x811c9dc5, 0x01000193];
  for (let index = 0; index < id.length; index += 1) {
    const code = id.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x85ebca6b);
  }
  into.writeInt32LE(one, at);
  into.writeInt32LE(other, at + 4);
}

/** @param day The day of arrival that the object's name states. */
export function examine(content: Uint8Array, tenantId: string, day: string): Examined {
  const sha256 = sha256Hex(content);
  const isLines = content.at(-1) === NEWLINE;
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  // Line feeds become the zero byte that RFC 6962 puts before each leaf: a line with its prefix is then one slice.
  const prefixed = Buffer.alloc(content.length + 1);
  prefixed.set(bytes, 1);
  const starts: number[] = isLines ? [0] : [];
  for (let at = isLines ? bytes.indexOf(NEWLINE) : -1; at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) {
    prefixed[at + 1] = 0;
    starts.push(at + 1);
  }
  const count = Math.max(starts.length - 1, 0);
  const text = bytes.toString("latin1");
  const [leaves, hashes, prevs] = [0, 1, 2].map(() => Buffer.alloc(count * HASH_BYTES)) as [Buffer, Buffer, Buffer];
  const seqs = new Float64Array(count);
  const writerOf = new Uint16Array(count).fill(NO_WRITER);
  const writers = new Map<string, number>();
  const faults: { index: number; kind: LineFault }[] = [];
  const ids: string[] = [];
  const idPrints = Buffer.alloc(8 * count);
  const [earliest, latest] = [startOfDay(day) - OLDEST_MS, startOfDay(day) + 2 * DAY_MS];
  let [earliestMs, latestMs] = [Infinity, 0];
  for (let index = 0; index < count; index += 1) {
    const [start, end] = [starts[index] ?? 0, (starts[index + 1] ?? 1) - 1];
    leaves.set(hash("sha256", prefixed.subarray(start, end + 1), "buffer"), index * HASH_BYTES);
    hashes.set(hash("sha256", prefixed.subarray(start + 1, end + 1), "buffer"), index * HASH_BYTES);
    const head = readHead(text.slice(start, end));
    ids.push(head?.id ?? NO_ID);
    if (head === undefined) faults.push({ index, kind: "event-malformed" });
    else if (head.tenant !== tenantId) faults.push({ index, kind: "event-of-another-tenant" });
    else if (!(head.at >= earliest && head.at < latest)) faults.push({ index, kind: "event-out-of-time" });
    if (head?.tenant !== tenantId) continue;
    printId(head.id, idPrints, 8 * index);
    earliestMs = Math.min(earliestMs, head.at);
    latestMs = Math.max(latestMs, head.at);
    const { id, seq, prev } = head.writer;
    let writer = writers.get(id);
    if (writer === undefined) writers.set(id, (writer = writers.size));
    writerOf[index] = writer;
    seqs[index] = seq;
    prevs.write(prev, index * HASH_BYTES, "hex");
  }
  return {
    sha256,
    isLines,
    count,
    leaves,
    hashes,
    prevs,
    seqs,
    writers: [...writers.keys()],
    writerOf,
    ids: ids.join(""),
    idPrints,
    earliestMs,
    latestMs,
    faults,
  };
}
