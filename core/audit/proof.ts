import { parseCheckpoint } from "./checkpoint.ts";
import { openCosigned } from "./cosignature.ts";
import { inclusionProof } from "./hashes.ts";
import { timeOfId } from "../kernel/ids.ts";
import { cosignedPrefix, DAY_MS, dayOf, eventsPrefix, sealsPrefix } from "./layout.ts";
import { createLogReader, type LogStore } from "./log-reader.ts";
import { type Hash, leafHash, verifyInclusion } from "./merkle.ts";
import { type NoteKey, openNote } from "./note.ts";
import { chainHash, type AuditEvent, decodeEvent } from "./event.ts";
import type { Receipt } from "./receipt.ts";
import { leavesOf, linesOf, parseSeal } from "./seal.ts";
import type { ArchiveReader } from "./verify.ts";

/** C2SP tlog-proof: that an entry is in a log at a checkpoint, readable by itself. */
const FORMAT = "c2sp.org/tlog-proof@v1";

export interface LogProof {
  readonly index: number;
  readonly proof: readonly Hash[];
  /** The signed checkpoint, with its cosignatures. */
  readonly checkpoint: string;
}

export const formatProof = ({ index, proof, checkpoint }: LogProof): string =>
  `${[FORMAT, `index ${index}`, ...proof.map((hash) => hash.toString("base64"))].join("\n")}\n\n${checkpoint}`;

/** Undefined for a text of any other form. */
export function parseProof(text: string): LogProof | undefined {
  const match =
    /^c2sp\.org\/tlog-proof@v1\n(?:extra [A-Za-z0-9+/=]+\n)?index (0|[1-9]\d{0,14})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n([^]+)$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, index = "", lines = "", checkpoint = ""] = match;
  const proof = lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Buffer.from(line, "base64"));
  return { index: Number(index), proof, checkpoint };
}

export interface ProofKeys {
  readonly origin: string;
  readonly logKey: NoteKey;
  readonly witnessKey?: NoteKey;
}

/** Whether the proof shows that this very line is in the log, under the log's signature and the witness's if its key is given. */
export function holds(
  { index, proof, checkpoint }: LogProof,
  line: string,
  { origin, logKey, witnessKey }: ProofKeys,
): boolean {
  const text = openNote(checkpoint, logKey);
  const head = text === undefined ? undefined : parseCheckpoint(text);
  if (head?.origin !== origin) return false;
  if (witnessKey !== undefined && openCosigned(checkpoint, witnessKey) === undefined) return false;
  return verifyInclusion(leafHash(Buffer.from(line)), index, head.size, proof, head.root);
}

/** An archive reader as a log reader sees it. */
export function storeOf(reader: ArchiveReader): LogStore {
  return {
    get: (key) => reader.get(key),
    async list(prefix, limit = Infinity, after = "") {
      const keys: string[] = [];
      for await (const key of reader.list(prefix)) {
        if (key <= after) continue;
        keys.push(key);
        if (keys.length >= limit) break;
      }
      return keys;
    },
  };
}

/** The newest checkpoint of a log that the witness has signed, or the newest of all where it has signed none. */
export async function newestCheckpoint(reader: ArchiveReader, tenantId: string): Promise<string | undefined> {
  for await (const key of reader.list(cosignedPrefix(tenantId))) {
    return Buffer.from((await reader.get(key)) ?? []).toString("utf8");
  }
  return (await createLogReader(storeOf(reader), tenantId).newest())?.checkpoint;
}

export interface FoundEvent {
  readonly key: string;
  readonly line: string;
  readonly event: AuditEvent;
}

/** An event arrives on the day of its own id or, after an outage, on one of the days that its row lives. */
const ARRIVAL_DAYS = 32;

/** The archived event that a receipt is of. */
export async function findEvent(
  reader: ArchiveReader,
  tenantId: string,
  { eventId, hash }: Receipt,
): Promise<FoundEvent | undefined> {
  const madeMs = timeOfId(eventId);
  for (let days = 0; days <= ARRIVAL_DAYS; days += 1) {
    for await (const key of reader.list(eventsPrefix(tenantId, dayOf(madeMs + days * DAY_MS)))) {
      const content = await reader.get(key);
      if (content === undefined || !Buffer.from(content).includes(eventId)) continue;
      const line = (linesOf(content) ?? []).find((each) => chainHash(each).startsWith(hash));
      const event = line === undefined ? undefined : decodeEvent(line);
      if (line !== undefined && event?.id === eventId) return { key, line, event };
    }
  }
  return undefined;
}

/** Where in the log a line stands, by the seals; undefined where none lists it yet. */
async function indexOf(reader: ArchiveReader, tenantId: string, line: string): Promise<number | undefined> {
  const leaf = leafHash(Buffer.from(line));
  for await (const key of reader.list(sealsPrefix(tenantId))) {
    const seal = parseSeal((await reader.get(key)) ?? new Uint8Array());
    const at = seal === undefined ? -1 : leavesOf(seal).findIndex((each) => each.equals(leaf));
    if (seal !== undefined && at !== -1) return seal.from + at;
  }
  return undefined;
}

/**
 * The proof that a line is in a tenant's log at its newest checkpoint. Undefined where it is not sealed yet, or where the
 * checkpoint does not cover it.
 */
export async function proofOf(reader: ArchiveReader, tenantId: string, line: string): Promise<LogProof | undefined> {
  const index = await indexOf(reader, tenantId, line);
  const checkpoint = await newestCheckpoint(reader, tenantId);
  if (index === undefined || checkpoint === undefined) return undefined;
  const head = parseCheckpoint(checkpoint.slice(0, checkpoint.lastIndexOf("\n\n") + 1));
  if (head === undefined || index >= head.size) return undefined;
  const { hashes } = createLogReader(storeOf(reader), tenantId);
  return { index, proof: await inclusionProof(hashes, index, head.size), checkpoint };
}
