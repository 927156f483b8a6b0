import type { Clock } from "../kernel/clock.ts";
import { invariant } from "../kernel/invariant.ts";
import {
  checkpointKey,
  dayOf,
  eventsPrefix,
  logPrefix,
  parseBatchKey,
  sealKey,
  sealsPrefix,
  sha256Hex,
} from "./layout.ts";
import { leafHash } from "./merkle.ts";
import { addObjects, EMPTY_LOG, linesOf, type LogState, makeSeal, type NewObject, Seal, stateOf } from "./seal.ts";

/** What sealing needs of the archive; core/archive has the one over S3. */
export interface SealStore {
  create(key: string, content: Uint8Array | string): Promise<"created" | "exists">;
  get(key: string): Promise<Uint8Array | undefined>;
  list(prefix: string, limit?: number): Promise<string[]>;
}

export interface SealerDeps {
  readonly store: SealStore;
  readonly clock: Clock;
  /** The signed note of a checkpoint's text. */
  readonly sign: (text: string) => Promise<string>;
  readonly originOf: (tenantId: string) => string;
}

const DAY_MS = 86_400_000;
/** A batch is looked for under its own day of arrival and the one before: longer than any retry of a stream lives. */
const WINDOW_DAYS = 2;
/** Objects in one seal: bounds the memory and the time of one run; the next run goes on. */
const OBJECTS_MAX = 500;

interface Remembered {
  readonly state: LogState;
  /** Object keys and leaves of the window, so that nothing is added twice. */
  readonly objects: Set<string>;
  readonly leaves: Set<string>;
}

/**
 * Keeps the tree of each tenant. The seal object is the commit: it is created once for a tree size, so that of two
 * sealers that run at the same time one wins and the other starts over.
 */
export function createSealer({ store, clock, sign, originOf }: SealerDeps) {
  const remembered = new Map<string, Remembered>();

  async function readSeal(key: string): Promise<Seal> {
    const content = await store.get(key);
    invariant(content !== undefined, "a listed seal can be read");
    return Seal.parse(JSON.parse(Buffer.from(content).toString("utf8")));
  }

  async function readBatch(key: string): Promise<NewObject> {
    const content = await store.get(key);
    invariant(content !== undefined, "a listed batch can be read");
    const sha256 = sha256Hex(content);
    invariant(parseBatchKey(key)?.hash === sha256.slice(0, 32), "a batch is what its name says");
    const lines = linesOf(content);
    invariant(lines !== undefined, "a batch is lines");
    return { key, sha256, lines };
  }

  async function writeLog(
    tenantId: string,
    seal: Seal,
    tiles: readonly { readonly path: string; readonly bytes: Buffer }[],
  ): Promise<void> {
    for (const tile of tiles) await store.create(`${logPrefix(tenantId)}${tile.path}`, tile.bytes);
    await store.create(checkpointKey(tenantId, seal.size), seal.checkpoint);
  }

  /** The state after the newest seal, from the archive alone. */
  async function recall(tenantId: string): Promise<Remembered> {
    const objects = new Set<string>();
    const leaves = new Set<string>();
    const oldestDay = dayOf(clock.now() - WINDOW_DAYS * DAY_MS);
    let newest: Seal | undefined;
    for (const key of await store.list(sealsPrefix(tenantId))) {
      const seal = await readSeal(key);
      newest ??= seal;
      let isInWindow = false;
      for (const object of seal.objects) {
        if ((parseBatchKey(object.key)?.day ?? "") < oldestDay) continue;
        isInWindow = true;
        objects.add(object.key);
        for (const line of (await readBatch(object.key)).lines) leaves.add(leafHash(Buffer.from(line)).toString("hex"));
      }
      if (!isInWindow && dayOf(seal.sealedAt) < oldestDay) break;
    }
    if (newest === undefined) return { state: EMPTY_LOG, objects, leaves };
    // The seal was written before its checkpoint file: a run that broke off between them is completed here.
    await writeLog(tenantId, newest, []);
    return { state: stateOf(newest), objects, leaves };
  }

  async function newBatches(tenantId: string, known: ReadonlySet<string>): Promise<string[]> {
    const keys: string[] = [];
    for (let back = WINDOW_DAYS - 1; back >= 0; back -= 1) {
      const day = dayOf(clock.now() - back * DAY_MS);
      keys.push(...(await store.list(eventsPrefix(tenantId, day))).filter((key) => !known.has(key)));
    }
    return keys.slice(0, OBJECTS_MAX);
  }

  return {
    /** Seals what is new of a tenant. Gives the number of events that the tree gained. */
    async seal(tenantId: string): Promise<number> {
      const memory = remembered.get(tenantId) ?? (await recall(tenantId));
      remembered.set(tenantId, memory);
      const keys = await newBatches(tenantId, memory.objects);
      if (keys.length === 0) return 0;
      const objects: NewObject[] = [];
      for (const key of keys) objects.push(await readBatch(key));
      const sealing = addObjects(memory.state, objects, (leaf) => memory.leaves.has(leaf));
      if (sealing.leaves.length === 0) {
        for (const key of keys) memory.objects.add(key);
        return 0;
      }
      const from = memory.state.frontier.size;
      const seal = await makeSeal(
        { tenantId, origin: originOf(tenantId), from, sealedAtMs: clock.now(), sealing },
        sign,
      );
      // Another sealer's seal may have another size, so what is asked is whether the log still ends where we began.
      const [latest] = await store.list(sealsPrefix(tenantId), 1);
      const isCurrent = latest === (from === 0 ? undefined : sealKey(tenantId, from));
      if (!isCurrent || (await store.create(sealKey(tenantId, seal.size), JSON.stringify(seal))) === "exists") {
        remembered.delete(tenantId);
        return 0;
      }
      await writeLog(tenantId, seal, sealing.tiles);
      for (const leaf of sealing.leaves) memory.leaves.add(leaf.toString("hex"));
      for (const key of keys) memory.objects.add(key);
      remembered.set(tenantId, { ...memory, state: sealing.state });
      return sealing.leaves.length;
    },
  };
}

export type Sealer = ReturnType<typeof createSealer>;
