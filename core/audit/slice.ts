import * as z from "zod";
import { parseCheckpoint } from "./checkpoint.ts";
import { openCosigned } from "./cosignature.ts";
import { type AuditEvent, decodeEvent } from "./event.ts";
import { coverOf, rootFromSlice } from "./hashes.ts";
import { DAY_MS, parseBatchKey, sealKey, sha256Hex } from "./layout.ts";
import { createLogReader } from "./log-reader.ts";
import { type Hash, leafHash } from "./merkle.ts";
import { type NoteKey, openNote } from "./note.ts";
import { newestCheckpoint, storeOf } from "./proof.ts";
import { fileNameOf, type Format, FORMATS, headOf, renderEvent } from "./rendition.ts";
import { leavesOf, linesOf, parseSeal, type Seal } from "./seal.ts";
import type { ArchiveReader } from "./verify.ts";

const HASH = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

/**
 * What an export carries beside its events: the part of the log that holds them, and the hashes that stand for the rest.
 * With the log's key, anybody can check that the events are in the signed log and that none between them is missing.
 */
export const SliceProof = z.strictObject({
  v: z.literal(1),
  tenant: z.string().regex(/^[0-9a-z]{26}$/),
  origin: z.string(),
  /** The period, milliseconds since the epoch, end exclusive. */
  fromMs: z.int(),
  toMs: z.int(),
  format: z.enum(FORMATS),
  /** Numbers of the first seal of the slice and of the one after its last. */
  seals: z.tuple([z.int().min(0), z.int().min(0)]),
  /** The number of the slice's first leaf, and the covers of what is before and behind. */
  start: z.int().min(0),
  left: z.array(HASH).max(64),
  right: z.array(HASH).max(64),
  /** Signed by the log, and by the witness where it has. */
  checkpoint: z.string(),
});
export type SliceProof = z.infer<typeof SliceProof>;

export const SLICE_PROOF = "verification.json";
/** Where the copied objects and seals lie in an export, under their names in the archive. */
export const SLICE_FOLDER = "trail/";

/** A row lives for thirty days: no event arrives later. */
const ARRIVAL_MS = 32 * DAY_MS;
const SKEW_MS = 5 * 60_000;

interface Line {
  readonly text: string;
  readonly leaf: Hash;
  readonly event: AuditEvent;
}

function linesIn(content: Uint8Array): Line[] | undefined {
  const lines: Line[] = [];
  for (const text of linesOf(content) ?? [""]) {
    const event = decodeEvent(text);
    if (event === undefined) return undefined;
    lines.push({ text, leaf: leafHash(Buffer.from(text)), event });
  }
  return lines;
}

export interface SliceRequest {
  readonly tenantId: string;
  readonly origin: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly format: Format;
}

export interface Slice {
  readonly proof: SliceProof;
  /** Names in the archive of what the export copies. */
  readonly keys: readonly string[];
}

/** The part of the log that holds a period's events. Undefined where there are none that are sealed. */
export async function sliceOf(reader: ArchiveReader, request: SliceRequest): Promise<Slice | undefined> {
  const { tenantId, origin, fromMs, toMs, format } = request;
  const log = createLogReader(storeOf(reader), tenantId);
  const seals: Seal[] = [];
  for await (const seal of log.seals()) {
    if (seal.sealedAt < fromMs - SKEW_MS) break;
    if (seal.sealedAt <= toMs + ARRIVAL_MS) seals.unshift(seal);
  }
  const isHit = async (seal: Seal): Promise<boolean> => {
    for (const { key } of seal.objects) {
      const lines = linesIn((await reader.get(key)) ?? new Uint8Array()) ?? [];
      if (lines.some(({ event }) => event.at >= fromMs && event.at < toMs)) return true;
    }
    return false;
  };
  let [first, last] = [-1, -1];
  for (const [index, seal] of seals.entries()) {
    if (!(await isHit(seal))) continue;
    if (first === -1) first = index;
    last = index;
  }
  const [from, until] = [seals[first], seals[last]];
  if (from === undefined || until === undefined) return undefined;
  const taken = seals.slice(first, last + 1);
  const cosigned = await newestCheckpoint(reader, tenantId);
  const sizeOf = (note: string): number => parseCheckpoint(note.slice(0, note.lastIndexOf("\n\n") + 1))?.size ?? 0;
  // The witness may not have come to the last of it yet.
  const checkpoint =
    cosigned !== undefined && sizeOf(cosigned) >= until.size ? cosigned : (seals.at(-1) ?? until).checkpoint;
  const size = sizeOf(checkpoint);
  const encoded = (hashes: readonly Hash[]): string[] => hashes.map((hash) => hash.toString("base64"));
  return {
    keys: taken.flatMap((seal) => [sealKey(tenantId, seal.number), ...seal.objects.map(({ key }) => key)]),
    proof: {
      v: 1,
      tenant: tenantId,
      origin,
      fromMs,
      toMs,
      format,
      seals: [from.number, until.number + 1],
      start: from.from,
      left: encoded(await coverOf(log.hashes, size, 0, from.from)),
      right: encoded(await coverOf(log.hashes, size, until.size, size)),
      checkpoint,
    },
  };
}

/** The first thing that is wrong with an export, and where. */
export interface SliceFault {
  readonly where: string;
  readonly what: string;
}

type Checked = { readonly events: number; readonly fault?: SliceFault };

/**
 * Reads the events of a slice in the order of the log, each once, and checks every object and leaf on the way.
 * Gives the leaves, or the fault.
 */
async function walk(
  reader: ArchiveReader,
  proof: SliceProof,
  onEvent: (line: Line) => void,
): Promise<{ readonly leaves: Hash[] } | { readonly fault: SliceFault }> {
  const leaves: Hash[] = [];
  const seen = new Set<string>();
  for (let number = proof.seals[0]; number < proof.seals[1]; number += 1) {
    const name = sealKey(proof.tenant, number);
    const seal = parseSeal((await reader.get(name)) ?? new Uint8Array());
    if (seal?.tenant !== proof.tenant || seal.number !== number || seal.from !== proof.start + leaves.length)
      return { fault: { where: name, what: "the seal is missing or not the one that belongs here" } };
    const expected = leavesOf(seal);
    let next = 0;
    for (const { key, sha256, events } of seal.objects) {
      const content = parseBatchKey(key)?.tenantId === proof.tenant ? await reader.get(key) : undefined;
      if (content === undefined) return { fault: { where: key, what: "the object is missing" } };
      const lines = linesIn(content);
      const until = next + events;
      for (const line of lines ?? []) {
        const isNew = next < until && expected[next]?.equals(line.leaf) === true;
        // A batch that was cut again repeats events, from this slice or from before it.
        if (!isNew) continue;
        next += 1;
        leaves.push(line.leaf);
        if (!seen.has(line.event.id)) onEvent(line);
        seen.add(line.event.id);
      }
      if (next !== until || sha256Hex(content) !== sha256 || lines === undefined) {
        const strange = lines?.find(({ leaf }) => !expected.some((each) => each.equals(leaf)));
        return { fault: { where: strange?.event.id ?? key, what: `${key} is not the object that was sealed` } };
      }
    }
  }
  return { leaves };
}

/** The text of the export's events, piece by piece. */
export async function renderSlice(
  reader: ArchiveReader,
  proof: SliceProof,
  write: (text: string) => void,
): Promise<Checked> {
  let events = 0;
  write(headOf(proof.format));
  const walked = await walk(reader, proof, ({ event, text }) => {
    if (event.at < proof.fromMs || event.at >= proof.toMs) return;
    events += 1;
    write(renderEvent(proof.format, event, text));
  });
  return "fault" in walked ? { events, fault: walked.fault } : { events };
}

/**
 * Checks an export: its objects against its seals, their leaves and the covers against the signed checkpoint, and its
 * events' file against what the objects say. `rendered` gives the file's bytes.
 */
export async function verifySlice(
  reader: ArchiveReader,
  proof: SliceProof,
  rendered: Uint8Array,
  keys: { readonly logKey: NoteKey; readonly witnessKey?: NoteKey },
): Promise<Checked> {
  const text = openNote(proof.checkpoint, keys.logKey);
  const head = text === undefined ? undefined : parseCheckpoint(text);
  const fault = (where: string, what: string): Checked => ({ events: 0, fault: { where, what } });
  if (head?.origin !== proof.origin)
    return fault(SLICE_PROOF, "the checkpoint is not signed by the log key that you gave");
  if (keys.witnessKey !== undefined && openCosigned(proof.checkpoint, keys.witnessKey) === undefined)
    return fault(SLICE_PROOF, "the checkpoint is not signed by the witness key that you gave");
  const file = Buffer.from(rendered.buffer, rendered.byteOffset, rendered.length);
  let [events, at] = [0, 0];
  let firstWrong: string | undefined;
  const compare = (part: string, eventId: string): void => {
    const bytes = Buffer.from(part);
    if (!bytes.equals(file.subarray(at, at + bytes.length))) firstWrong ??= eventId;
    at += bytes.length;
  };
  compare(headOf(proof.format), "the first line");
  const walked = await walk(reader, proof, ({ event, text: line }) => {
    if (event.at < proof.fromMs || event.at >= proof.toMs) return;
    events += 1;
    compare(renderEvent(proof.format, event, line), event.id);
  });
  if ("fault" in walked) return { events, fault: walked.fault };
  const decoded = (hashes: readonly string[]): Hash[] => hashes.map((hash) => Buffer.from(hash, "base64"));
  const root = rootFromSlice(head.size, proof.start, walked.leaves, decoded(proof.left), decoded(proof.right));
  if (root?.equals(head.root) !== true)
    return {
      events,
      fault: { where: SLICE_PROOF, what: "these events are not the ones that the signed log holds here" },
    };
  if (firstWrong !== undefined || at !== file.length)
    return {
      events,
      fault: {
        where: firstWrong ?? "after the last event",
        what: `${fileNameOf(proof.format)} does not say what the signed events say`,
      },
    };
  return { events };
}
