import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { formatCheckpoint, parseCheckpoint } from "../../../core/audit/checkpoint.ts";
import { verifyConsistency } from "../../../core/audit/consistency.ts";
import { consistencyProof, inclusionProof, type TreeHashes } from "../../../core/audit/hashes.ts";
import { EMPTY_ROOT, foldRow, type Hash, leafHash, verifyInclusion } from "../../../core/audit/merkle.ts";
import { formatVerifierKey, openNote, parseVerifierKey } from "../../../core/audit/note.ts";
import { TILE_WIDTH, tileIndexPath } from "../../../core/audit/tile.ts";
import { GrowingTree } from "../../../core/audit/tree.ts";
import { logKey, signText } from "./fixtures.ts";

const leavesOf = (count: number): Hash[] =>
  Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`entry ${index}`)));

describe("merkle", () => {
  // RFC 6962 reference inputs and roots, as in the certificate-transparency test data.
  const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
  const roots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ];
  it("gives the roots of RFC 6962's reference inputs", () => {
    const tree = new GrowingTree();
    expect(tree.root().toString("hex")).toBe(createHash("sha256").digest("hex"));
    for (const [index, input] of inputs.entries()) {
      tree.append(leafHash(Buffer.from(input, "hex")));
      expect(tree.root().toString("hex")).toBe(roots[index]);
    }
  });
});

/** Every level of tiles over leaves, as a reader of them gives it. */
function tilesOver(leaves: readonly Hash[]): TreeHashes {
  const levels: (readonly Hash[])[] = [leaves];
  for (let below = leaves; below.length >= TILE_WIDTH; below = levels.at(-1) ?? []) {
    const width = Math.floor(below.length / TILE_WIDTH);
    const above = below;
    levels.push(
      Array.from({ length: width }, (_, index) => foldRow(above.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH))),
    );
  }
  return {
    tile: (level, index, width) =>
      Promise.resolve(levels[level]?.slice(index * TILE_WIDTH, index * TILE_WIDTH + width) ?? []),
  };
}

/** The roots at the given sizes. */
function rootsAt(leaves: readonly Hash[], sizes: readonly number[]): Map<number, Hash> {
  const tree = new GrowingTree();
  const roots = new Map<number, Hash>();
  for (const leaf of leaves) {
    tree.append(leaf);
    if (sizes.includes(tree.size)) roots.set(tree.size, tree.root());
  }
  return roots;
}

describe("proofs", () => {
  const leaves = leavesOf(70_000);
  const hashes = tilesOver(leaves);
  const sizes = [1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 69_999];
  const roots = rootsAt(leaves, sizes);
  const rootAt = (size: number): Hash => roots.get(size) ?? EMPTY_ROOT;

  it.each(sizes)("RFC 6962 2.1.1: at size %i a proof holds for its own leaf and place only", async (size) => {
    const root = rootAt(size);
    for (const index of new Set([0, 1, 255, 256, Math.floor(size / 2), size - 1].filter((each) => each < size))) {
      const proof = await inclusionProof(hashes, index, size);
      const leaf = leaves[index] ?? EMPTY_ROOT;
      expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
      expect(verifyInclusion(leafHash(Buffer.from("other")), index, size, proof, root)).toBe(false);
      expect(verifyInclusion(leaf, index, size, proof, leafHash(Buffer.from("root")))).toBe(false);
      if (size > 1) expect(verifyInclusion(leaf, (index + 1) % size, size, proof, root)).toBe(false);
    }
  });

  it("RFC 6962 2.1.2: a consistency proof holds between its own two trees only", async () => {
    for (const [size, earlier] of sizes.flatMap((each) => sizes.map((other) => [each, other] as const))) {
      if (earlier > size || (size > 600 && earlier % 100 === 0)) continue;
      const proof = await consistencyProof(hashes, earlier, size);
      const [before, after] = [
        { size: earlier, root: rootAt(earlier) },
        { size, root: rootAt(size) },
      ];
      expect(verifyConsistency(before, after, proof)).toBe(true);
      expect(verifyConsistency({ ...before, root: EMPTY_ROOT }, after, proof)).toBe(false);
      expect(verifyConsistency(before, { ...after, root: EMPTY_ROOT }, proof)).toBe(false);
      expect(verifyConsistency(before, after, [...proof, EMPTY_ROOT])).toBe(false);
      if (earlier < size) expect(verifyConsistency(after, before, proof)).toBe(false);
    }
    expect(verifyConsistency({ size: 0, root: EMPTY_ROOT }, { size: 3, root: rootAt(3) }, [])).toBe(true);
  });
});

describe("tiles", () => {
  it.each([
    [0, "000"],
    [5, "005"],
    [1234067, "x001/x234/067"],
  ])("index %i is path %s", (index, path) => expect(tileIndexPath(index)).toBe(path));

  it("however the leaves arrive, tiles and edge are the same and hold every leaf", () => {
    const leaves = leavesOf(70_000);
    const whole = new GrowingTree();
    for (const leaf of leaves) whole.append(leaf);
    const parts = new Map<string, Buffer>();
    let tree = new GrowingTree();
    for (let start = 0, step = 1; start < leaves.length; start += step, step = ((step * 7) % 5000) + 1) {
      for (const leaf of leaves.slice(start, start + step)) tree.append(leaf);
      for (const tile of [...tree.takeFinished(), ...tree.takeGrown(1)]) parts.set(tile.path, tile.bytes);
      tree = new GrowingTree(tree.size, tree.edge());
    }
    const finished = whole.takeFinished();
    for (const tile of finished) expect(parts.get(tile.path)?.equals(tile.bytes)).toBe(true);
    expect([tree.size, tree.root(), tree.edge()]).toEqual([whole.size, whole.root(), whole.edge()]);
    const level0 = finished.filter(({ path }) => path.startsWith("tile/0/"));
    expect(
      Buffer.concat(level0.map(({ bytes }) => bytes)).equals(Buffer.concat(leaves.slice(0, level0.length * 256))),
    ).toBe(true);
    expect(whole.partialTiles().map(({ path }) => path)).toEqual([
      "tile/0/273.p/112",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
    ]);
    expect(parts.has("tile/2/000.p/1")).toBe(true);
  });
});

describe("note", () => {
  const text = formatCheckpoint({
    origin: "keyward/test/c01/t",
    size: 3,
    root: leafHash(Buffer.from("x")),
    sealedAtMs: 1,
  });

  it("opens what its key signed, unchanged", async () => {
    const note = await signText(text);
    expect(openNote(note, logKey)).toBe(text);
    expect(openNote(note.replace("\n3\n", "\n4\n"), logKey)).toBeUndefined();
    expect(openNote(note, { ...logKey, publicKey: Buffer.alloc(32, 1) })).toBeUndefined();
    expect(openNote(`${note}\u2014 witness AAAA\n`, logKey)).toBe(text);
    expect(openNote(text, logKey)).toBeUndefined();
    expect(parseCheckpoint(text)).toMatchObject({ size: 3, sealedAtMs: 1 });
    for (const bad of [text.replace("3", "03"), text.replace("3", "-3"), `${text}x`, text.slice(1).replace("\n", " ")])
      expect(parseCheckpoint(bad)).toBeUndefined();
  });

  it("gives an auditor one line that holds together", () => {
    const line = formatVerifierKey(logKey);
    expect(parseVerifierKey(line)).toEqual(logKey);
    expect(parseVerifierKey(line.replace(/^.../, "abc"))).toBeUndefined();
    // An Ed25519 verifier key of Go's sum.golang.org, which fixes the format.
    expect(parseVerifierKey("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")?.name).toBe(
      "sum.golang.org",
    );
  });
});
