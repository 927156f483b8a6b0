import type { Clock } from "../kernel/clock.ts";
import { invariant, InvariantError } from "../kernel/invariant.ts";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { examine as examineNow, type Examined } from "./examine.ts";
import { dayKey, dayOf, DAY_MS, eventsPrefix, logPrefix, parseBatchKey, sealKey, startOfDay } from "./layout.ts";
import { limiter } from "./limiter.ts";
import { createLogReader, type LogReader, type LogStore } from "./log-reader.ts";
import type { Hash } from "./merkle.ts";
import { type NoteKey, openNote } from "./note.ts";
import { leavesOf, makeSeal, parseSeal, type Seal } from "./seal.ts";
import { hashesOf, type Tile } from "./tile.ts";
import { GrowingTree } from "./tree.ts";

/** What sealing needs of the archive; core/archive has the one over S3. */
export interface SealStore extends LogStore {
  create(key: string, content: Uint8Array | string): Promise<"created" | "exists">;
}

export interface SealerDeps {
  readonly store: SealStore;
  readonly clock: Clock;
  /** The signed note of a checkpoint's text, under `logKey`. */
  readonly sign: (text: string) => Promise<string>;
  readonly logKey: NoteKey;
  readonly originOf: (tenantId: string) => string;
  /** Examines an object's bytes, in another thread or here. */
  readonly examine?: (content: Uint8Array, tenantId: string, day: string) => Promise<Examined>;
}

export interface Sealed {
  /** Events that the tree gained. */
  readonly added: number;
  readonly size: number;
  /** Objects that are not what their name says, or hold what is no event of the tenant: never sealed, an alarm each. */
  readonly refused: readonly string[];
}

/** Bounds the memory and the time of one seal; what is left goes into the next. */
const LEAVES_MAX = 16_384;
const ATTEMPTS = 5;
const READS_AT_ONCE = 16;
/** How far the clocks of the functions may be apart. */
const SKEW_MS = 5 * 60_000;
const KEPT_MS = 15 * 60_000;
/** No outbox row lives longer, so that no older event can come back in a batch that is cut again. */
const REACH_MS = 32 * DAY_MS;

/** One tenant's log, as a warm process knows it. */
interface Memory {
  readonly reader: LogReader;
  readonly tree: GrowingTree;
  nextNumber: number;
  newestSealedAtMs: number;
  /** What was sealed since `reachesBackToMs`, and when: nothing is added twice. */
  reachesBackToMs: number;
  readonly objects: Map<string, number>;
  readonly leaves: Map<string, number>;
}

/** Half of a hash tells leaves apart. */
const nameOf = (leaf: Hash): string => leaf.toString("latin1", 0, 16);
const examineHere: NonNullable<SealerDeps["examine"]> = (...given) => Promise.resolve(examineNow(...given));

interface Batch {
  readonly key: string;
  readonly sha256: string;
  readonly leaves: readonly Hash[];
  readonly earliestMs: number;
}

/**
 * Keeps the tree of each tenant. The seal object is the commit: it is created once for the place where it begins, so
 * that of two sealers that run at the same time one wins and the other starts over.
 */
export function createSealer({ store, clock, sign, logKey, originOf, examine = examineHere }: SealerDeps) {
  const remembered = new Map<string, Memory>();

  async function writeTiles(tenantId: string, tiles: readonly Tile[]): Promise<void> {
    for (const tile of tiles) await store.create(`${logPrefix(tenantId)}${tile.path}`, tile.bytes);
  }

  /** Finished tiles, and of the upper levels what has grown: a row of 256 hashes is not written anew for each event. */
  const newTiles = (tree: GrowingTree): Tile[] => [...tree.takeFinished(), ...tree.takeGrown(1)];

  function signedHead(tenantId: string, seal: Seal) {
    const text = openNote(seal.checkpoint, logKey);
    const head = text === undefined ? undefined : parseCheckpoint(text);
    invariant(head?.origin === originOf(tenantId) && head.size === seal.size, "the newest seal is signed by this log");
    return head;
  }

  /** The state after the newest seal, from the archive alone. */
  async function recall(tenantId: string): Promise<Memory> {
    const reader = createLogReader(store, tenantId);
    const newest = await reader.newest();
    const from = newest?.from ?? 0;
    const tree = new GrowingTree(from, await reader.edgeAt(from));
    if (newest !== undefined) {
      for (const leaf of leavesOf(newest)) tree.append(leaf);
      const head = signedHead(tenantId, newest);
      invariant(tree.size === head.size && tree.root().equals(head.root), "a log goes on from what was signed");
      // The seal was written before its tiles: a run that broke off between them is completed here.
      await writeTiles(tenantId, newTiles(tree));
    }
    return {
      reader,
      tree,
      nextNumber: newest === undefined ? 0 : newest.number + 1,
      newestSealedAtMs: newest?.sealedAt ?? 0,
      reachesBackToMs: Infinity,
      objects: new Map(),
      leaves: new Map(),
    };
  }

  function note(memory: Memory, seal: Seal): void {
    for (const { key } of seal.objects) memory.objects.set(key, seal.sealedAt);
    for (const leaf of leavesOf(seal)) memory.leaves.set(nameOf(leaf), seal.sealedAt);
  }

  /** Reads the seals since `ms`: whatever happened at that time or later was sealed after it. */
  async function reachBack(memory: Memory, ms: number): Promise<void> {
    const since = Math.max(ms - SKEW_MS, clock.now() - REACH_MS);
    if (memory.reachesBackToMs <= since) return;
    for await (const seal of memory.reader.seals()) {
      if (seal.sealedAt < since) break;
      note(memory, seal);
    }
    memory.reachesBackToMs = since;
  }

  function forget(memory: Memory): void {
    const keptFrom = clock.now() - KEPT_MS;
    memory.reachesBackToMs = Math.max(memory.reachesBackToMs, keptFrom);
    for (const known of [memory.objects, memory.leaves]) {
      for (const [name, sealedAtMs] of known) if (sealedAtMs < keptFrom) known.delete(name);
    }
  }

  /** Undefined for an object that is not a batch of this tenant's events. */
  async function readBatch(tenantId: string, key: string): Promise<Batch | undefined> {
    const content = await store.get(key);
    invariant(content !== undefined, "a batch that was announced can be read");
    const named = parseBatchKey(key);
    if (named?.tenantId !== tenantId) return undefined;
    const { sha256, leaves, count, faults, earliestMs } = await examine(content, tenantId, named.day);
    if (named.hash !== sha256.slice(0, 32) || count === 0 || faults.length > 0) return undefined;
    return { key, sha256, leaves: hashesOf(leaves), earliestMs };
  }

  async function readBatches(tenantId: string, keys: readonly string[]) {
    const refused: string[] = [];
    const found: Batch[] = [];
    const limited = limiter(READS_AT_ONCE);
    const batches = await Promise.all(keys.map((key) => limited(() => readBatch(tenantId, key))));
    for (const [index, batch] of batches.entries()) {
      if (batch === undefined) refused.push(keys[index] ?? "");
      else found.push(batch);
    }
    return { refused, found };
  }

  async function memoryOf(tenantId: string): Promise<Memory> {
    const known = remembered.get(tenantId) ?? (await recall(tenantId));
    remembered.set(tenantId, known);
    return known;
  }

  /** One seal over the first of the batches. Gives what did not fit, or undefined where another sealer was quicker. */
  async function sealSome(tenantId: string, memory: Memory, batches: readonly Batch[]) {
    const { tree, nextNumber: number } = memory;
    const from = tree.size;
    const fresh = new Map<string, Hash>();
    const objects: { key: string; sha256: string; events: number }[] = [];
    for (const { key, sha256, leaves } of batches) {
      if (objects.length > 0 && fresh.size + leaves.length > LEAVES_MAX) break;
      const before = fresh.size;
      for (const leaf of leaves) {
        const name = nameOf(leaf);
        if (!memory.leaves.has(name)) fresh.set(name, leaf);
      }
      objects.push({ key, sha256, events: fresh.size - before });
    }
    const leaves = [...fresh.values()];
    for (const leaf of leaves) tree.append(leaf);
    const sealedAtMs = Math.max(clock.now(), memory.newestSealedAtMs);
    const origin = originOf(tenantId);
    const seal = await makeSeal({ tenantId, origin, number, from, sealedAtMs, objects, leaves, tree }, sign);
    if ((await store.create(sealKey(tenantId, number), JSON.stringify(seal))) === "exists") return undefined;
    await writeTiles(tenantId, newTiles(tree));
    note(memory, seal);
    memory.nextNumber = number + 1;
    memory.newestSealedAtMs = sealedAtMs;
    return batches.slice(objects.length);
  }

  async function addOnce(tenantId: string, keys: readonly string[]): Promise<Sealed | undefined> {
    const memory = await memoryOf(tenantId);
    const before = memory.tree.size;
    const { refused, found } = await readBatches(
      tenantId,
      keys.filter((key) => !memory.objects.has(key)),
    );
    if (found.length > 0) await reachBack(memory, Math.min(...found.map(({ earliestMs }) => earliestMs)));
    let batches: readonly Batch[] | undefined = found.filter(({ key }) => !memory.objects.has(key));
    while (batches.length > 0) {
      batches = await sealSome(tenantId, memory, batches);
      if (batches === undefined) return undefined;
    }
    forget(memory);
    return { added: memory.tree.size - before, size: memory.tree.size, refused };
  }

  async function add(tenantId: string, keys: readonly string[]): Promise<Sealed> {
    try {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const sealed = await addOnce(tenantId, keys);
        if (sealed !== undefined) return sealed;
        remembered.delete(tenantId);
      }
    } catch (error) {
      // The tree may have grown by what no seal says.
      remembered.delete(tenantId);
      throw error;
    }
    throw new InvariantError("one of several sealers gets on");
  }

  return {
    /**
     * Seals those of the announced objects that no seal names yet. An object with nothing new in it is named too, so
     * that every object of the archive is in some seal.
     */
    add,

    /** Finds and seals what lies in the archive and was never announced, under one day of arrival. */
    async sweep(tenantId: string, day: string): Promise<Sealed> {
      const keys = await store.list(eventsPrefix(tenantId, day));
      if (keys.length === 0) return { added: 0, size: 0, refused: [] };
      const memory = await memoryOf(tenantId);
      await reachBack(memory, startOfDay(day));
      return add(
        tenantId,
        keys.filter((key) => !memory.objects.has(key)),
      );
    },

    /** Signs the log as it stands now for a day that is over: also where nothing happened, so that a quiet end shows. */
    async closeDay(tenantId: string, day: string): Promise<boolean> {
      const newest = await createLogReader(store, tenantId).newest();
      if (newest === undefined) return false;
      if (dayOf(newest.sealedAt) > day) {
        const first = parseSeal((await store.get(sealKey(tenantId, 0))) ?? new Uint8Array());
        invariant(first !== undefined, "a log begins with its first seal");
        if (dayOf(first.sealedAt) > day) return false;
      }
      if (dayOf(newest.sealedAt) >= day) await writeTiles(tenantId, (await memoryOf(tenantId)).tree.partialTiles());
      const { origin, size, root } = signedHead(tenantId, newest);
      const text = formatCheckpoint({ origin, size, root, sealedAtMs: Math.max(clock.now(), newest.sealedAt) });
      return (await store.create(dayKey(tenantId, day), await sign(text))) === "created";
    },
  };
}

export type Sealer = ReturnType<typeof createSealer>;
