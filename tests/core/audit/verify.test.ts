import { describe, expect, it } from "vitest";
import { batchKey, dayOf, eventsPrefix, sealKey, sealsPrefix, sha256Hex } from "../../../core/audit/layout.ts";
import { parseSeal } from "../../../core/audit/seal.ts";
import { verifyArchive } from "../../../core/audit/verify.ts";
import { createAuditWriter } from "../../../core/audit/writer.ts";
import {
  facts,
  logKey,
  makeSealer,
  makeTrail,
  memoryArchive,
  ORIGIN,
  OTHER_TENANT,
  putBatch,
  TENANT,
} from "./fixtures.ts";

type Archive = ReturnType<typeof memoryArchive>;
const verify = (archive: Archive) => verifyArchive({ reader: archive, tenantId: TENANT, origin: ORIGIN, logKey });
const batchesOf = (archive: Archive): string[] =>
  [...archive.objects.keys()].filter((key) => key.startsWith(eventsPrefix(TENANT))).toSorted();
const sealsOf = (archive: Archive): string[] =>
  [...archive.objects.keys()].filter((key) => key.startsWith(sealsPrefix(TENANT))).toSorted();
const linesIn = (archive: Archive, key: string): string[] =>
  must(archive.objects.get(key)).toString("utf8").split("\n").slice(0, -1);
const idOf = (line: string): string => (JSON.parse(line) as { readonly id: string }).id;

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}

/** Puts other content in an object's place and mends what names it: its name, and hash and name in its seal. */
function mend(archive: Archive, key: string, lines: readonly string[], sealName: string): string {
  const content = `${lines.join("\n")}\n`;
  const before = sha256Hex(must(archive.objects.get(key)));
  const named = batchKey(TENANT, dayOf(Date.UTC(2026, 10, 22)), idOf(must(lines[0])), content);
  archive.objects.delete(key);
  archive.objects.set(named, Buffer.from(content));
  const seal = must(archive.objects.get(sealName)).toString("utf8");
  archive.objects.set(sealName, Buffer.from(seal.replace(key, named).replace(before, sha256Hex(content))));
  return named;
}

describe("verifyArchive", () => {
  it("PROOF-3 passes a trail of many batches, writers and seals", async () => {
    const { archive } = await makeTrail(9, 61);
    expect(await verify(archive)).toMatchObject({
      events: 549,
      seals: 5,
      objects: 9,
      writers: 2,
      unsealed: 0,
      findings: [],
    });
  });

  it("AUD-4 PROOF-3 names the object in which any one byte was flipped, and the event", async () => {
    const { archive } = await makeTrail(4, 5);
    for (const key of batchesOf(archive)) {
      const original = must(archive.objects.get(key));
      const lines = linesIn(archive, key);
      for (const at of [0, 40, Math.floor(original.length / 2), original.length - 1]) {
        const flipped = Buffer.from(original);
        flipped[at] = must(flipped[at]) ^ 1;
        archive.objects.set(key, flipped);
        const { findings } = await verify(archive);
        expect(findings[0]).toMatchObject({ kind: "object-altered", where: key });
      }
      const altered = lines.with(2, must(lines[2]).replace('"outcome":"success"', '"outcome":"denied"'));
      archive.objects.set(key, Buffer.from(`${altered.join("\n")}\n`));
      expect((await verify(archive)).findings[0]).toMatchObject({ where: key, event: idOf(must(lines[2])) });
      archive.objects.set(key, original);
    }
    expect((await verify(archive)).findings).toEqual([]);
  });

  it("AUD-4 PROOF-3 names a removed object first, and the chain that it tore", async () => {
    const { archive } = await makeTrail(4, 5);
    const key = must(batchesOf(archive)[1]);
    archive.objects.delete(key);
    const { findings } = await verify(archive);
    expect(findings[0]).toMatchObject({ kind: "object-missing", where: key });
    expect(findings.map(({ kind }) => kind)).toContain("chain-gap");
  });

  it("AUD-4 PROOF-3 names both of a swapped pair of objects, in their order", async () => {
    const { archive } = await makeTrail(4, 5);
    const [first, second] = batchesOf(archive);
    const [one, other] = [must(archive.objects.get(must(first))), must(archive.objects.get(must(second)))];
    archive.objects.set(must(first), other);
    archive.objects.set(must(second), one);
    const { findings } = await verify(archive);
    expect(findings.filter(({ kind }) => kind === "object-altered").map(({ where }) => where)).toEqual([first, second]);
  });

  it("AUD-4 PROOF-3 a forger who takes an event out and mends names and seals is named by the next event", async () => {
    const { archive } = await makeTrail(2, 4);
    const key = must(batchesOf(archive)[0]);
    const lines = linesIn(archive, key);
    const named = mend(archive, key, lines.slice(1), must(sealsOf(archive).at(-1)));
    const { findings } = await verify(archive);
    expect(findings[0]).toMatchObject({ kind: "object-altered", where: named, event: idOf(must(lines[1])) });
    expect(findings.map(({ kind }) => kind)).toContain("chain-gap");
  });

  it("AUD-4 PROOF-3 a forger who mends the seal's leaves too is stopped by the signature, at the first bad event", async () => {
    const { archive } = await makeTrail(2, 4);
    const key = must(batchesOf(archive)[0]);
    const sealName = must(sealsOf(archive).at(-1));
    const lines = linesIn(archive, key);
    mend(archive, key, lines.toSpliced(1, 1), sealName);
    const seal = must(parseSeal(must(archive.objects.get(sealName))));
    const leaves = Buffer.from(seal.leaves, "base64");
    const mended = {
      ...seal,
      objects: seal.objects.with(0, { ...must(seal.objects[0]), events: 3 }),
      size: 7,
      leaves: Buffer.concat([leaves.subarray(0, 32), leaves.subarray(64)]).toString("base64"),
    };
    archive.objects.set(sealName, Buffer.from(JSON.stringify(mended)));
    const { findings } = await verify(archive);
    // The first event that does not follow is the one after the one that was taken out, of the same writer.
    expect(findings[0]).toMatchObject({ kind: "chain-gap", where: idOf(must(lines[3])) });
    expect(findings.map(({ kind }) => kind)).toContain("checkpoint-mismatch");
  });

  it("PROOF-3 splice: events of another time with mended names, hashes and seals, but not signatures", async () => {
    const { archive } = await makeTrail(4, 5);
    const target = must(batchesOf(archive)[2]);
    const strange = createAuditWriter({ now: () => Date.UTC(2026, 10, 21) }).draft(facts({ request: "spliced" }));
    const lines = linesIn(archive, target);
    const sealName = must(sealsOf(archive)[0]);
    const named = mend(archive, target, lines.toSpliced(2, 0, strange.line), sealName);
    expect((await verify(archive)).findings[0]).toMatchObject({ where: named, event: strange.event.id });
  });

  it("PROOF-3 splice: an event of another tenant is named before all that it breaks", async () => {
    const { archive, clock } = await makeTrail(2, 5);
    const target = must(batchesOf(archive)[0]);
    const strange = createAuditWriter(clock).draft(facts({ tenant: OTHER_TENANT }));
    mend(archive, target, linesIn(archive, target).toSpliced(0, 0, strange.line), must(sealsOf(archive)[0]));
    const { findings } = await verify(archive);
    expect(findings.slice(0, 2).map(({ kind }) => kind)).toEqual(["object-altered", "event-of-another-tenant"]);
    expect(findings[0]?.event).toBe(strange.event.id);
  });

  it("PROOF-3 an object that nobody sealed is named when later ones were", async () => {
    const { archive, clock, sealer, advance } = await makeTrail(2, 4);
    const writer = createAuditWriter(clock);
    const planted = await putBatch(archive, clock.now(), [writer.draft(facts({ request: "planted" }))]);
    expect(await verify(archive)).toMatchObject({ unsealed: 1, findings: [] });
    advance(20 * 60_000);
    const later = await putBatch(archive, clock.now(), [createAuditWriter(clock).draft(facts({ request: "later" }))]);
    await sealer.add(TENANT, [later]);
    expect((await verify(archive)).findings).toMatchObject([{ kind: "object-unsealed", where: planted }]);
  });

  it("AUD-4 names a removed seal, a checkpoint under another key, and an altered tile", async () => {
    const { archive } = await makeTrail(6, 300);
    const middle = sealKey(TENANT, 1);
    const kept = must(archive.objects.get(middle));
    archive.objects.delete(middle);
    expect((await verify(archive)).findings[0]).toMatchObject({ kind: "seal-missing", where: middle });
    archive.objects.set(middle, kept);
    const given = { reader: archive, tenantId: TENANT, origin: ORIGIN, logKey };
    expect((await verifyArchive({ ...given, logKey: { ...logKey, name: "another" } })).findings[0]).toMatchObject({
      kind: "checkpoint-signature",
    });
    expect((await verifyArchive({ ...given, origin: `${ORIGIN}x` })).findings[0]).toMatchObject({
      kind: "checkpoint-mismatch",
    });
    const tiles = [...archive.objects.keys()].filter((key) => key.includes("/tile/"));
    expect(tiles.length).toBeGreaterThan(7);
    for (const tile of tiles) {
      const original = must(archive.objects.get(tile));
      archive.objects.set(tile, Buffer.alloc(original.length));
      expect((await verify(archive)).findings).toEqual([{ kind: "tile-altered", where: tile }]);
      archive.objects.set(tile, original);
    }
  });

  it("AUD-12 an event that its writer numbered and nobody stored is a gap", async () => {
    const { archive, clock, sealer } = makeSealer();
    const writer = createAuditWriter(clock);
    const drafts = [1, 2, 3].map((number) => {
      const draft = writer.draft(facts({ request: `r-${number}` }));
      writer.settle(draft, "stored");
      return draft;
    });
    await sealer.add(TENANT, [await putBatch(archive, clock.now(), [must(drafts[0]), must(drafts[2])])]);
    expect((await verify(archive)).findings).toMatchObject([{ kind: "chain-gap", where: must(drafts[2]).event.id }]);
  });

  it("AUD-12 events of one writer that come in any order of batches are one chain", async () => {
    const { archive, clock, sealer } = makeSealer();
    const writer = createAuditWriter(clock);
    const drafts = Array.from({ length: 12 }, (_, number) => {
      const draft = writer.draft(facts({ request: `r-${number}` }));
      writer.settle(draft, "stored");
      return draft;
    });
    for (const at of [3, 0, 11, 5, 4, 1, 2, 10, 9, 6, 8, 7])
      await sealer.add(TENANT, [await putBatch(archive, clock.now(), [must(drafts[at])])]);
    expect(await verify(archive)).toMatchObject({ events: 12, writers: 1, findings: [] });
  });
});
