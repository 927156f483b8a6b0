import { hash } from "node:crypto";

/** SHA-256, 32 bytes. */
export type Hash = Buffer;
export const HASH_BYTES = 32;

const LEAF = 0x00;
const NODE = 0x01;

/** RFC 6962 2.1: the prefix keeps a leaf from passing for a node. */
export function leafHash(entry: Uint8Array): Hash {
  const prefixed = Buffer.allocUnsafe(entry.length + 1);
  prefixed[0] = LEAF;
  prefixed.set(entry, 1);
  return hash("sha256", prefixed, "buffer");
}

const pair = Buffer.alloc(1 + 2 * HASH_BYTES, NODE);

export function nodeHash(left: Uint8Array, right: Uint8Array): Hash {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return hash("sha256", pair, "buffer");
}

/** RFC 6962 2.1: the root of no entries. */
export const EMPTY_ROOT: Hash = hash("sha256", "", "buffer");

/** The largest power of two below `size`: RFC 6962's `k`. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The root of a row of 1 to 256 neighbours: of a perfect tree, or of what there is of one. */
export function foldRow(hashes: readonly Hash[]): Hash {
  let row = hashes;
  while (row.length > 1) {
    const above: Hash[] = [];
    for (let index = 0; index < row.length; index += 2) {
      const [left, right] = [row[index], row[index + 1]];
      if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
    }
    row = above;
  }
  return row[0] ?? EMPTY_ROOT;
}

/** RFC 9162 2.1.3.2: whether the proof leads from the leaf to the root. */
export function verifyInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (index >= size) return false;
  let [node, last] = [index, size - 1];
  let current = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      current = nodeHash(sibling, current);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else {
      current = nodeHash(current, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && current.equals(root);
}
