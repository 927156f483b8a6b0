import { createHash } from "node:crypto";

/** SHA-256, 32 bytes. */
export type Hash = Buffer;

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/** RFC 6962 2.1: the prefix keeps a leaf from passing for a node. */
export const leafHash = (entry: Uint8Array): Hash => createHash("sha256").update(LEAF).update(entry).digest();
export const nodeHash = (left: Hash, right: Hash): Hash =>
  createHash("sha256").update(NODE).update(left).update(right).digest();

/** RFC 6962 2.1: the root of no entries. */
export const EMPTY_ROOT: Hash = createHash("sha256").digest();

/** The roots of the perfect subtrees that make up a tree, largest first: all that appending needs. */
export interface Frontier {
  readonly size: number;
  readonly hashes: readonly Hash[];
}

export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: [] };

/** The frontier after one more leaf. */
export function append(frontier: Frontier, leaf: Hash): Frontier {
  const hashes = [...frontier.hashes];
  let hash = leaf;
  for (let rest = frontier.size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = hashes.pop();
    if (left === undefined) throw new RangeError("a frontier has one hash for each bit of its size");
    hash = nodeHash(left, hash);
  }
  hashes.push(hash);
  return { size: frontier.size + 1, hashes };
}

export function rootOf({ hashes }: Frontier): Hash {
  return (
    hashes.reduceRight<Hash | undefined>(
      (right, left) => (right === undefined ? left : nodeHash(left, right)),
      undefined,
    ) ?? EMPTY_ROOT
  );
}

/** The largest power of two below `size`: RFC 6962's `k`. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The root over leaves[start, end). */
export function rootOfLeaves(leaves: readonly Hash[], start = 0, end = leaves.length): Hash {
  if (end === start) return EMPTY_ROOT;
  const only = leaves[start];
  if (end - start === 1 && only !== undefined) return only;
  const split = start + splitOf(end - start);
  return nodeHash(rootOfLeaves(leaves, start, split), rootOfLeaves(leaves, split, end));
}

/** RFC 6962 2.1.1: what shows that leaf `index` is in the tree over `leaves`. */
export function inclusionProof(leaves: readonly Hash[], index: number, start = 0, end = leaves.length): Hash[] {
  if (end - start <= 1) return [];
  const split = splitOf(end - start);
  return index < split
    ? [...inclusionProof(leaves, index, start, start + split), rootOfLeaves(leaves, start + split, end)]
    : [...inclusionProof(leaves, index - split, start + split, end), rootOfLeaves(leaves, start, start + split)];
}

/** RFC 9162 2.1.3.2: whether the proof leads from the leaf to the root. */
export function verifyInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (index >= size) return false;
  let [node, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && hash.equals(root);
}
