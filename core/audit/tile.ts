import { nodeHash, type Hash } from "./merkle.ts";

/** C2SP tlog-tiles: a tile holds 256 hashes of one level; levels are eight tree levels apart. */
export const TILE_WIDTH = 256;
const LEVELS_PER_TILE = 8;

/** `x001/x234/067`: three digits a segment, all but the last with an x. C2SP tlog-tiles, "Merkle Tree". */
export function tileIndexPath(index: number): string {
  const segments = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    segments.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  }
  return segments.join("/");
}

/** `tile/0/003` or, with fewer than 256 hashes, `tile/0/003.p/17`. */
export const tilePath = (level: number, index: number, width: number): string =>
  `tile/${level}/${tileIndexPath(index)}${width === TILE_WIDTH ? "" : `.p/${width}`}`;

export interface Tile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** The hash of a full tile's 256 hashes: one entry of the tile above. */
function foldTile(hashes: readonly Hash[]): Hash {
  let row = [...hashes];
  for (let level = 0; level < LEVELS_PER_TILE; level += 1) {
    row = row.flatMap((left, index) => {
      const right = row[index + 1];
      return index % 2 === 0 && right !== undefined ? [nodeHash(left, right)] : [];
    });
  }
  const [root] = row;
  if (root === undefined) throw new RangeError("a full tile has 256 hashes");
  return root;
}

/** The right edge of a log: for each tile level, the hashes of its last, unfinished tile. */
export interface TileEdge {
  readonly size: number;
  readonly levels: readonly (readonly Hash[])[];
}

export const EMPTY_EDGE: TileEdge = { size: 0, levels: [] };

/**
 * Appends leaf hashes and gives the tiles that this makes: each finished tile whole, and each unfinished last tile once,
 * as it stands at the end.
 */
export function appendToTiles(
  edge: TileEdge,
  leaves: readonly Hash[],
): { readonly edge: TileEdge; readonly tiles: Tile[] } {
  const levels = edge.levels.map((hashes) => [...hashes]);
  const tiles: Tile[] = [];
  const counts = levels.map((_, level) => Math.floor(edge.size / TILE_WIDTH ** level));
  const touched = new Set<number>();
  function push(level: number, hash: Hash): void {
    const tile = (levels[level] ??= []);
    counts[level] ??= 0;
    tile.push(hash);
    counts[level] += 1;
    touched.add(level);
    if (tile.length < TILE_WIDTH) return;
    tiles.push({ path: tilePath(level, counts[level] / TILE_WIDTH - 1, TILE_WIDTH), bytes: Buffer.concat(tile) });
    const parent = foldTile(tile);
    levels[level] = [];
    push(level + 1, parent);
  }
  for (const leaf of leaves) push(0, leaf);
  for (const level of touched) {
    const tile = levels[level] ?? [];
    if (tile.length === 0) continue;
    const index = Math.floor((counts[level] ?? 0) / TILE_WIDTH);
    tiles.push({ path: tilePath(level, index, tile.length), bytes: Buffer.concat(tile) });
  }
  return { edge: { size: edge.size + leaves.length, levels }, tiles };
}
