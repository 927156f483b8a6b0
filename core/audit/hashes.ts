import { foldRow, type Hash, nodeHash, splitOf } from "./merkle.ts";
import { LEVELS_PER_TILE, TILE_WIDTH } from "./tile.ts";

/** A tree as one reads it: the first `width` hashes of a tile, from wherever they are kept. */
export interface TreeHashes {
  tile(level: number, index: number, width: number): Promise<readonly Hash[]>;
}

const levelOf = (width: number): number => Math.round(Math.log2(width));

/** The root over leaves [start, end) of a tree of `size`, from its tiles. RFC 6962 2.1. */
async function rangeRoot(hashes: TreeHashes, size: number, start: number, end: number): Promise<Hash> {
  const count = end - start;
  const isPerfect = Number.isInteger(Math.log2(count)) && start % count === 0;
  if (!isPerfect) {
    const split = start + splitOf(count);
    return nodeHash(await rangeRoot(hashes, size, start, split), await rangeRoot(hashes, size, split, end));
  }
  const tileLevel = Math.floor(levelOf(count) / LEVELS_PER_TILE);
  const unit = TILE_WIDTH ** tileLevel;
  const [first, last] = [start / unit, end / unit];
  const index = Math.floor(first / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, Math.floor(size / unit) - index * TILE_WIDTH);
  const row = await hashes.tile(tileLevel, index, width);
  return foldRow(row.slice(first - index * TILE_WIDTH, last - index * TILE_WIDTH));
}

/** What shows that leaf `index` is in the tree of `size`. RFC 6962 2.1.1. */
export async function inclusionProof(hashes: TreeHashes, index: number, size: number): Promise<Hash[]> {
  const proof: Hash[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const split = start + splitOf(end - start);
    if (index < split) {
      proof.unshift(await rangeRoot(hashes, size, split, end));
      end = split;
    } else {
      proof.unshift(await rangeRoot(hashes, size, start, split));
      start = split;
    }
  }
  return proof;
}

/** What shows that the tree of `size` holds all of the tree of `earlierSize`. RFC 6962 2.1.2. */
export async function consistencyProof(hashes: TreeHashes, earlierSize: number, size: number): Promise<Hash[]> {
  if (earlierSize === 0 || earlierSize === size) return [];
  const proof: Hash[] = [];
  let [start, end] = [0, size];
  let rest = earlierSize;
  let isWhole = true;
  while (rest !== end - start) {
    const split = start + splitOf(end - start);
    if (rest <= split - start) {
      proof.unshift(await rangeRoot(hashes, size, split, end));
      end = split;
    } else {
      proof.unshift(await rangeRoot(hashes, size, start, split));
      rest -= split - start;
      start = split;
      isWhole = false;
    }
  }
  return isWhole ? proof : [await rangeRoot(hashes, size, start, end), ...proof];
}

export interface Segment {
  readonly start: number;
  readonly end: number;
}

/** The perfect subtrees that make up [start, end), in order. Each is a node of every larger tree. */
export function segmentsOf(start: number, end: number): Segment[] {
  const segments: Segment[] = [];
  for (let at = start; at < end;) {
    let width = 1;
    while (at % (2 * width) === 0 && at + 2 * width <= end) width *= 2;
    segments.push({ start: at, end: at + width });
    at += width;
  }
  return segments;
}

/** The roots of `segmentsOf`: what stands for a part of a tree that one does not have. */
export async function coverOf(hashes: TreeHashes, size: number, start: number, end: number): Promise<Hash[]> {
  const roots: Hash[] = [];
  for (const segment of segmentsOf(start, end)) roots.push(await rangeRoot(hashes, size, segment.start, segment.end));
  return roots;
}

/**
 * The root of a tree of `size` from the leaves [start, start + leaves.length) and the covers on both sides of them.
 * Undefined where the covers are not those of this place.
 */
export function rootFromSlice(
  size: number,
  start: number,
  leaves: readonly Hash[],
  left: readonly Hash[],
  right: readonly Hash[],
): Hash | undefined {
  const end = start + leaves.length;
  const [before, after] = [segmentsOf(0, start), segmentsOf(end, size)];
  if (before.length !== left.length || after.length !== right.length || end > size) return undefined;
  const known = new Map<string, Hash>();
  for (const [segments, roots] of [
    [before, left],
    [after, right],
  ] as const) {
    for (const [index, segment] of segments.entries()) {
      const root = roots[index];
      if (root !== undefined) known.set(`${segment.start} ${segment.end}`, root);
    }
  }
  function rootOf(from: number, until: number): Hash | undefined {
    const own =
      until - from === 1 && from >= start && from < end ? leaves[from - start] : known.get(`${from} ${until}`);
    if (own !== undefined || until - from <= 1) return own;
    const split = from + splitOf(until - from);
    const [one, other] = [rootOf(from, split), rootOf(split, until)];
    return one === undefined || other === undefined ? undefined : nodeHash(one, other);
  }
  return rootOf(0, size);
}
