import { type Hash, HASH_BYTES } from "./merkle.ts";

/** C2SP tlog-tiles: a tile holds 256 hashes of one level; levels are eight tree levels apart. */
export const TILE_WIDTH = 256;
export const LEVELS_PER_TILE = 8;

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

/** The hashes in a tile's or a seal's bytes. */
export function hashesOf(bytes: Uint8Array): Hash[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(all.length / HASH_BYTES) }, (_, index) =>
    all.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
}
