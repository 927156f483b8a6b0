import { parseCheckpoint } from "./checkpoint.ts";
import { type AuditEvent, CHAIN_START, chainHash, decodeEvent } from "./event.ts";
import { checkpointKey, eventsPrefix, logPrefix, parseBatchKey, sealKey, sealsPrefix, sha256Hex } from "./layout.ts";
import { rootOf } from "./merkle.ts";
import { type NoteKey, openNote } from "./note.ts";
import { addObjects, EMPTY_LOG, linesOf, type LogState, type NewObject, Seal } from "./seal.ts";

/** The archive as an auditor has it: a folder, a bucket, a tape. Of an object with versions, the oldest. */
export interface ArchiveReader {
  /** Every key with the prefix, in order of its bytes. */
  list(prefix: string): AsyncIterable<string>;
  get(key: string): Promise<Uint8Array | undefined>;
}

export interface Finding {
  readonly kind:
    | "object-missing"
    | "object-altered"
    | "object-unreadable"
    | "event-malformed"
    | "event-of-another-tenant"
    | "event-doubled"
    | "seal-malformed"
    | "seal-missing"
    | "checkpoint-signature"
    | "checkpoint-mismatch"
    | "tree-mismatch"
    | "tile-altered"
    | "chain-gap"
    | "chain-broken";
  /** The object, or the event's id. */
  readonly where: string;
  readonly detail?: string;
}

export interface VerifyReport {
  readonly tenantId: string;
  readonly events: number;
  readonly seals: number;
  readonly objects: number;
  readonly writers: number;
  /** Objects that no seal covers yet: fine for a minute, a finding after `sealGraceMs`. */
  readonly unsealed: number;
  readonly lastSealedAtMs: number | undefined;
  readonly findings: readonly Finding[];
}

export interface VerifyInput {
  readonly reader: ArchiveReader;
  readonly tenantId: string;
  readonly origin: string;
  readonly logKey: NoteKey;
  /** Told after each seal, for a progress bar. */
  readonly onProgress?: (events: number) => void;
}

interface ChainLink {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
  readonly eventId: string;
}

/** Per writer, numbers from 1 without a gap, each naming the hash of the one before. */
function checkChains(chains: ReadonlyMap<string, ChainLink[]>): Finding[] {
  const findings: Finding[] = [];
  for (const [writer, links] of chains) {
    const sorted = links.toSorted((left, right) => left.seq - right.seq);
    let expected = 1;
    let prev = CHAIN_START;
    for (const link of sorted) {
      if (link.seq !== expected)
        findings.push({
          kind: "chain-gap",
          where: link.eventId,
          detail: `writer ${writer}: expected ${expected}, found ${link.seq}`,
        });
      else if (link.prev !== prev)
        findings.push({ kind: "chain-broken", where: link.eventId, detail: `writer ${writer} at ${link.seq}` });
      expected = link.seq + 1;
      prev = link.hash;
    }
  }
  return findings;
}

/**
 * Verifies a tenant's audit trail from its files and one public key, offline: every object is the one that was sealed,
 * every event is in the tree once, every checkpoint is signed and follows from the one before, and no writer's chain
 * has a hole. Stops at nothing: each fault is a finding that names its place, in order.
 */
export async function verifyArchive({
  reader,
  tenantId,
  origin,
  logKey,
  onProgress,
}: VerifyInput): Promise<VerifyReport> {
  const findings: Finding[] = [];
  const report = (kind: Finding["kind"], where: string, detail?: string): void => {
    findings.push({ kind, where, ...(detail === undefined ? {} : { detail }) });
  };
  const chains = new Map<string, ChainLink[]>();
  const texts = new Map<string, string>();
  const sealedObjects = new Set<string>();
  const known = new Set<string>();
  let state: LogState = EMPTY_LOG;
  let lastSealedAtMs: number | undefined;

  async function readObject(entry: Seal["objects"][number]): Promise<NewObject | undefined> {
    const content = await reader.get(entry.key);
    if (content === undefined) {
      report("object-missing", entry.key);
      return undefined;
    }
    const sha256 = sha256Hex(content);
    const named = parseBatchKey(entry.key);
    if (sha256 !== entry.sha256 || named?.hash !== sha256.slice(0, 32)) report("object-altered", entry.key);
    const lines = linesOf(content);
    if (lines === undefined) {
      report("object-unreadable", entry.key);
      return undefined;
    }
    for (const [index, line] of lines.entries()) noteEvent(decodeEvent(line), line, `${entry.key}#${index + 1}`);
    return { key: entry.key, sha256, lines };
  }

  function noteEvent(event: AuditEvent | undefined, line: string, where: string): void {
    if (event === undefined) return report("event-malformed", where);
    if (event.tenant !== tenantId) return report("event-of-another-tenant", where);
    const before = texts.get(event.id);
    const hash = chainHash(line);
    if (before !== undefined) {
      if (before !== hash) report("event-doubled", event.id, "two texts for one event");
      return;
    }
    texts.set(event.id, hash);
    const links = chains.get(event.writer.id) ?? [];
    links.push({ seq: event.writer.seq, prev: event.writer.prev, hash, eventId: event.id });
    chains.set(event.writer.id, links);
  }

  function checkCheckpoint(seal: Seal, key: string): void {
    const text = openNote(seal.checkpoint, logKey);
    const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
    if (checkpoint === undefined) return report("checkpoint-signature", key);
    const isSame =
      checkpoint.origin === origin && checkpoint.size === seal.size && checkpoint.sealedAtMs === seal.sealedAt;
    if (!isSame) return report("checkpoint-mismatch", key);
    if (state.frontier.size !== checkpoint.size || !rootOf(state.frontier).equals(checkpoint.root))
      report("tree-mismatch", key);
  }

  const sealKeys: string[] = [];
  for await (const key of reader.list(sealsPrefix(tenantId))) sealKeys.push(key);
  for (const key of sealKeys.reverse()) {
    const content = await reader.get(key);
    const parsed = content === undefined ? undefined : parseSeal(content);
    if (parsed === undefined || parsed.tenant !== tenantId || key !== sealKey(tenantId, parsed.size)) {
      report("seal-malformed", key);
      continue;
    }
    if (parsed.from !== state.frontier.size)
      report("seal-missing", key, `expected one from ${state.frontier.size}, found one from ${parsed.from}`);
    const objects: NewObject[] = [];
    for (const entry of parsed.objects) {
      sealedObjects.add(entry.key);
      const object = await readObject(entry);
      if (object !== undefined) objects.push(object);
    }
    const sealing = addObjects(state, objects, (leaf) => known.has(leaf));
    for (const leaf of sealing.leaves) known.add(leaf.toString("hex"));
    state = sealing.state;
    checkCheckpoint(parsed, key);
    for (const tile of sealing.tiles) {
      const stored = await reader.get(`${logPrefix(tenantId)}${tile.path}`);
      if (stored !== undefined && !tile.bytes.equals(stored))
        report("tile-altered", `${logPrefix(tenantId)}${tile.path}`);
    }
    const note = await reader.get(checkpointKey(tenantId, parsed.size));
    if (note !== undefined && Buffer.from(note).toString("utf8") !== parsed.checkpoint)
      report("checkpoint-mismatch", checkpointKey(tenantId, parsed.size));
    lastSealedAtMs = parsed.sealedAt;
    onProgress?.(state.frontier.size);
  }
  let unsealed = 0;
  for await (const key of reader.list(eventsPrefix(tenantId))) {
    if (sealedObjects.has(key)) continue;
    unsealed += 1;
    const content = await reader.get(key);
    if (content === undefined || parseBatchKey(key)?.hash !== sha256Hex(content).slice(0, 32))
      report("object-altered", key);
    const lines = content === undefined ? undefined : linesOf(content);
    for (const [index, line] of (lines ?? []).entries()) noteEvent(decodeEvent(line), line, `${key}#${index + 1}`);
  }
  findings.push(...checkChains(chains));
  return {
    tenantId,
    events: texts.size,
    seals: sealKeys.length,
    objects: sealedObjects.size,
    writers: chains.size,
    unsealed,
    lastSealedAtMs,
    findings,
  };
}

function parseSeal(content: Uint8Array): Seal | undefined {
  try {
    const parsed = Seal.safeParse(JSON.parse(Buffer.from(content).toString("utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
