import { invariant } from "../kernel/invariant.ts";
import type { TreeHashes } from "./hashes.ts";
import { logPrefix, sealKey, sealsPrefix } from "./layout.ts";
import { foldRow, type Hash } from "./merkle.ts";
import { leavesOf, parseSeal, type Seal } from "./seal.ts";
import { hashesOf, TILE_WIDTH, tilePath } from "./tile.ts";
import type { TileEdge } from "./tree.ts";

/** What reading a log needs of the archive. */
export interface LogStore {
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keys with the prefix in byte order, at most `limit`, those after `after` only. */
  list(prefix: string, limit?: number, after?: string): Promise<string[]>;
}

const PAGE = 100;
const TILES_KEPT = 256;

/** Reads the log of one tenant as the archive has it. Nothing that it gives is verified: that is for who compares roots. */
export function createLogReader(store: LogStore, tenantId: string) {
  const tiles = new Map<string, readonly Hash[]>();

  async function readSeal(key: string): Promise<Seal> {
    const content = await store.get(key);
    invariant(content !== undefined, "a listed seal can be read");
    const seal = parseSeal(content);
    invariant(seal?.tenant === tenantId && key === sealKey(tenantId, seal.number), "a seal is what its name says");
    return seal;
  }

  /** Newest first. */
  async function* seals(): AsyncGenerator<Seal, void, void> {
    let after: string | undefined;
    for (let isFirst = true; ; isFirst = false) {
      // Most readers want the newest alone.
      const page = await store.list(sealsPrefix(tenantId), isFirst ? 1 : PAGE, after);
      for (const key of page) yield await readSeal(key);
      after = page.at(-1);
      if (after === undefined) return;
    }
  }

  /** The leaves of a tree's right edge from `start`, as the newest seals list them. */
  async function recentLeaves(start: number, end: number): Promise<readonly Hash[]> {
    const parts: Hash[][] = [];
    let from = Infinity;
    for await (const seal of seals()) {
      if (seal.from < end) parts.unshift(leavesOf(seal));
      from = seal.from;
      if (from <= start) break;
    }
    invariant(from <= start, "the seals of a log reach back to its beginning");
    return parts.flat().slice(start - from, end - from);
  }

  async function readTile(level: number, index: number, width: number): Promise<readonly Hash[]> {
    // A finished tile also holds what it held before it was finished.
    for (const path of [tilePath(level, index, TILE_WIDTH), tilePath(level, index, width)]) {
      const stored = await store.get(`${logPrefix(tenantId)}${path}`);
      if (stored !== undefined) return hashesOf(stored).slice(0, width);
    }
    if (level === 0) return recentLeaves(index * TILE_WIDTH, index * TILE_WIDTH + width);
    const row: Hash[] = [];
    for (let child = 0; child < width; child += 1) {
      row.push(foldRow(await tile(level - 1, index * TILE_WIDTH + child, TILE_WIDTH)));
    }
    return row;
  }

  async function tile(level: number, index: number, width: number): Promise<readonly Hash[]> {
    const name = `${level}/${index}/${width}`;
    const known = tiles.get(name);
    if (known !== undefined) return known;
    const read = await readTile(level, index, width);
    if (tiles.size >= TILES_KEPT) tiles.clear();
    tiles.set(name, read);
    return read;
  }

  return {
    seals,

    async newest(): Promise<Seal | undefined> {
      for await (const seal of seals()) return seal;
      return undefined;
    },

    hashes: { tile } satisfies TreeHashes,

    /** The unfinished tiles of the tree at a size, from which it grows on. */
    async edgeAt(size: number): Promise<TileEdge> {
      const edge: (readonly Hash[])[] = [];
      for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
        const width = count % TILE_WIDTH;
        edge.push(width === 0 ? [] : await tile(level, Math.floor(count / TILE_WIDTH), width));
      }
      return edge;
    },
  };
}

export type LogReader = ReturnType<typeof createLogReader>;
