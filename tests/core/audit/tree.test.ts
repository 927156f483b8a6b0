import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCheckpoint, parseCheckpoint } from "../../../core/audit/checkpoint.ts";
import { decodeEvent, encodeEvent } from "../../../core/audit/event.ts";
import {
  append,
  EMPTY_FRONTIER,
  type Frontier,
  type Hash,
  inclusionProof,
  leafHash,
  rootOf,
  rootOfLeaves,
  verifyInclusion,
} from "../../../core/audit/merkle.ts";
import { formatVerifierKey, openNote, parseVerifierKey } from "../../../core/audit/note.ts";
import { appendToTiles, EMPTY_EDGE, tileIndexPath } from "../../../core/audit/tile.ts";
import { createAuditWriter } from "../../../core/audit/writer.ts";
import { facts, logKey, signText } from "./fixtures.ts";

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
    let frontier: Frontier = EMPTY_FRONTIER;
    expect(rootOf(frontier).toString("hex")).toBe(createHash("sha256").digest("hex"));
    for (const [index, input] of inputs.entries()) {
      frontier = append(frontier, leafHash(Buffer.from(input, "hex")));
      expect(rootOf(frontier).toString("hex")).toBe(roots[index]);
    }
  });

  it("appending and computing at once agree, and proofs hold for their own leaf and place only", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (count, pick) => {
        const leaves = leavesOf(count);
        const root = rootOfLeaves(leaves);
        expect(rootOf(leaves.reduce(append, EMPTY_FRONTIER)).equals(root)).toBe(true);
        const index = pick % count;
        const proof = inclusionProof(leaves, index);
        const leaf = leaves[index] ?? Buffer.alloc(0);
        expect(verifyInclusion(leaf, index, count, proof, root)).toBe(true);
        expect(verifyInclusion(leafHash(Buffer.from("other")), index, count, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, count, proof, leafHash(Buffer.from("root")))).toBe(false);
        if (count > 1) expect(verifyInclusion(leaf, (index + 1) % count, count, proof, root)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});

describe("tiles", () => {
  it.each([
    [0, "000"],
    [5, "005"],
    [1234067, "x001/x234/067"],
  ])("index %i is path %s", (index, path) => expect(tileIndexPath(index)).toBe(path));

  it("however the leaves arrive, the full tiles are the same and hold every leaf", () => {
    const leaves = leavesOf(70_000);
    const whole = appendToTiles(EMPTY_EDGE, leaves);
    let edge = EMPTY_EDGE;
    const parts = new Map<string, Buffer>();
    for (let start = 0, step = 1; start < leaves.length; start += step, step = ((step * 7) % 5000) + 1) {
      const part = appendToTiles(edge, leaves.slice(start, start + step));
      edge = part.edge;
      for (const tile of part.tiles) parts.set(tile.path, tile.bytes);
    }
    for (const tile of whole.tiles) expect(parts.get(tile.path)?.equals(tile.bytes)).toBe(true);
    expect(edge).toEqual(whole.edge);
    const level0 = whole.tiles.filter(({ path }) => path.startsWith("tile/0/") && !path.includes(".p/"));
    expect(
      Buffer.concat(level0.map(({ bytes }) => bytes)).equals(Buffer.concat(leaves.slice(0, level0.length * 256))),
    ).toBe(true);
    expect(whole.tiles.some(({ path }) => path === "tile/2/000.p/1")).toBe(true);
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

describe("event", () => {
  const clock = { now: () => 1_800_000_000_000 };

  it("AUD-2 has one text, and no text but that is an event", () => {
    const { line, event } = createAuditWriter(clock).draft(facts());
    expect(decodeEvent(line)).toEqual(event);
    expect(decodeEvent(` ${line}`)).toBeUndefined();
    expect(decodeEvent(line.replace('"action":"R"', '"action":"R","extra":1'))).toBeUndefined();
    expect(() => encodeEvent({ ...event, request: "a\nb" })).toThrow();
    expect(() => encodeEvent({ ...event, entities: [{ type: "Patient", id: "John Smith" }] })).toThrow();
  });

  it("a refused write leaves no gap, an unknown one ends the chain, and an open one is never continued", () => {
    const writer = createAuditWriter(clock);
    const first = writer.draft(facts());
    writer.settle(first, "refused");
    const second = writer.draft(facts());
    expect(second.event.writer.seq).toBe(1);
    writer.settle(second, "stored");
    const third = writer.draft(facts());
    expect(third.event.writer).toMatchObject({ id: second.event.writer.id, seq: 2 });
    writer.settle(third, "unknown");
    const fourth = writer.draft(facts());
    expect(fourth.event.writer.seq).toBe(1);
    expect(fourth.event.writer.id).not.toBe(second.event.writer.id);
    const fifth = writer.draft(facts());
    expect(fifth.event.writer.id).not.toBe(fourth.event.writer.id);
    writer.settle(fourth, "stored");
    writer.settle(fifth, "stored");
    expect(writer.draft(facts()).event.writer).toMatchObject({ id: fifth.event.writer.id, seq: 2 });
  });
});
