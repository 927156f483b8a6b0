import { EMPTY_ROOT, type Hash, nodeHash } from "./merkle.ts";
import { LEVELS_PER_TILE, TILE_WIDTH, type Tile, tilePath } from "./tile.ts";

/** For each tile level, the hashes of its last, unfinished tile: all that appending needs. */
export type TileEdge = readonly (readonly Hash[])[];

export const EMPTY_EDGE: TileEdge = [];

/** The roots of the perfect subtrees over a row, largest first. */
function perfectRoots(row: readonly Hash[]): Hash[] {
  const roots: Hash[] = [];
  for (const [index, hash] of row.entries()) {
    let root = hash;
    for (let rest = index; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = roots.pop();
      if (left === undefined) throw new RangeError("there is one root for each bit of a size");
      root = nodeHash(left, root);
    }
    roots.push(root);
  }
  return roots;
}

/**
 * A tree that grows at its right edge: one hash for each leaf, and the tiles that it makes on the way. Changes in place,
 * because a verifier appends millions.
 */
export class GrowingTree {
  #size: number;
  /** Roots of perfect subtrees, largest first: one for each bit of the size. */
  readonly #roots: Hash[];
  readonly #edge: Hash[][];
  #finished: Tile[] = [];
  readonly #touched = new Set<number>();

  constructor(size = 0, edge: TileEdge = EMPTY_EDGE) {
    this.#size = size;
    this.#edge = edge.map((row) => [...row]);
    this.#roots = this.#edge.toReversed().flatMap(perfectRoots);
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Hash): void {
    this.#push(0, leaf);
    let root = leaf;
    let height = 0;
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = this.#roots.pop();
      if (left === undefined) throw new RangeError("there is one root for each bit of a size");
      root = nodeHash(left, root);
      height += 1;
      // What a finished tile comes to is an entry of the tile above.
      if (height % LEVELS_PER_TILE === 0) this.#push(height / LEVELS_PER_TILE, root);
    }
    this.#roots.push(root);
    this.#size += 1;
  }

  #push(level: number, hash: Hash): void {
    const row = (this.#edge[level] ??= []);
    row.push(hash);
    this.#touched.add(level);
    if (row.length < TILE_WIDTH) return;
    const index = Math.floor(this.#size / TILE_WIDTH ** (level + 1));
    this.#finished.push({ path: tilePath(level, index, TILE_WIDTH), bytes: Buffer.concat(row) });
    this.#edge[level] = [];
  }

  root(): Hash {
    return (
      this.#roots.reduceRight<Hash | undefined>(
        (right, left) => (right === undefined ? left : nodeHash(left, right)),
        undefined,
      ) ?? EMPTY_ROOT
    );
  }

  edge(): TileEdge {
    return this.#edge.map((row) => [...row]);
  }

  /** The tiles that were finished since the last time. */
  takeFinished(): Tile[] {
    const tiles = this.#finished;
    this.#finished = [];
    return tiles;
  }

  /** The unfinished tiles that grew since the last time, as they stand, from `level` up. */
  takeGrown(level: number): Tile[] {
    const grown = [...this.#touched].filter((each) => each >= level).flatMap((each) => this.#partial(each));
    this.#touched.clear();
    return grown;
  }

  /** Every unfinished tile, as it stands. */
  partialTiles(): Tile[] {
    return this.#edge.flatMap((_row, level) => this.#partial(level));
  }

  #partial(level: number): Tile[] {
    const row = this.#edge[level] ?? [];
    if (row.length === 0) return [];
    const index = Math.floor(this.#size / TILE_WIDTH ** (level + 1));
    return [{ path: tilePath(level, index, row.length), bytes: Buffer.concat(row) }];
  }
}
