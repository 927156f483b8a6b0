import { describe, expect, it } from "vitest";
import { batchKey, dayOf, eventsPrefix, sealsPrefix, sha256Hex } from "../../../core/audit/layout.ts";
import { createSealer } from "../../../core/audit/sealer.ts";
import { verifyArchive } from "../../../core/audit/verify.ts";
import { createAuditWriter } from "../../../core/audit/writer.ts";
import { facts, logKey, makeTrail, memoryArchive, ORIGIN, OTHER_TENANT, signText, TENANT } from "./fixtures.ts";

type Archive = ReturnType<typeof memoryArchive>;
const verify = (archive: Archive) => verifyArchive({ reader: archive, tenantId: TENANT, origin: ORIGIN, logKey });
const batchesOf = (archive: Archive): string[] =>
  [...archive.objects.keys()].filter((key) => key.startsWith(eventsPrefix(TENANT))).toSorted();
const sealsOf = (archive: Archive): string[] =>
  [...archive.objects.keys()].filter((key) => key.startsWith(sealsPrefix(TENANT))).toSorted();

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
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

  it("AUD-4 names the object in which any one byte was flipped", async () => {
    const { archive } = await makeTrail(4, 5);
    for (const key of batchesOf(archive)) {
      const original = must(archive.objects.get(key));
      for (const at of [0, 40, Math.floor(original.length / 2), original.length - 1]) {
        const flipped = Buffer.from(original);
        flipped[at] = must(flipped[at]) ^ 1;
        archive.objects.set(key, flipped);
        const { findings } = await verify(archive);
        expect(findings[0]).toMatchObject({ where: key });
        expect(findings.some(({ kind }) => kind === "tree-mismatch" || kind === "object-unreadable")).toBe(true);
      }
      archive.objects.set(key, original);
    }
    expect((await verify(archive)).findings).toEqual([]);
  });

  it("AUD-4 names a removed object, and the chain that it tore", async () => {
    const { archive } = await makeTrail(4, 5);
    const key = must(batchesOf(archive)[1]);
    archive.objects.delete(key);
    const { findings } = await verify(archive);
    expect(findings[0]).toMatchObject({ kind: "object-missing", where: key });
    expect(findings.map(({ kind }) => kind)).toContain("chain-gap");
  });

  it("AUD-4 names both of a swapped pair of objects", async () => {
    const { archive } = await makeTrail(4, 5);
    const [first, second] = batchesOf(archive);
    const [one, other] = [must(archive.objects.get(must(first))), must(archive.objects.get(must(second)))];
    archive.objects.set(must(first), other);
    archive.objects.set(must(second), one);
    const { findings } = await verify(archive);
    expect(findings.filter(({ kind }) => kind === "object-altered").map(({ where }) => where)).toEqual([first, second]);
  });

  it("AUD-4 a forger who also mends names and seals is stopped by the signature", async () => {
    const { archive } = await makeTrail(2, 4);
    const key = must(batchesOf(archive)[0]);
    const lines = must(archive.objects.get(key)).toString("utf8").split("\n").slice(0, -1);
    const content = `${lines.slice(1).join("\n")}\n`;
    const forged = batchKey(TENANT, dayOf(Date.UTC(2026, 10, 22)), "01hxyzabcd0123456789abcd11", content);
    archive.objects.delete(key);
    archive.objects.set(forged, Buffer.from(content));
    const sealName = must(sealsOf(archive).at(-1));
    const seal = must(archive.objects.get(sealName)).toString("utf8");
    archive.objects.set(
      sealName,
      Buffer.from(seal.replace(key, forged).replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${sha256Hex(content)}"`)),
    );
    const kinds = (await verify(archive)).findings.map(({ kind }) => kind);
    expect(kinds).toContain("tree-mismatch");
    expect(kinds).toContain("chain-gap");
  });

  it("AUD-4 names a removed seal, a checkpoint under another key, and an altered tile", async () => {
    const { archive } = await makeTrail(6, 3);
    const [newest, middle] = sealsOf(archive);
    const kept = must(archive.objects.get(must(middle)));
    archive.objects.delete(must(middle));
    expect((await verify(archive)).findings[0]).toMatchObject({ kind: "seal-missing", where: newest });
    archive.objects.set(must(middle), kept);
    expect(
      (
        await verifyArchive({
          reader: archive,
          tenantId: TENANT,
          origin: ORIGIN,
          logKey: { ...logKey, name: "another" },
        })
      ).findings[0],
    ).toMatchObject({ kind: "checkpoint-signature" });
    expect(
      (await verifyArchive({ reader: archive, tenantId: TENANT, origin: `${ORIGIN}x`, logKey })).findings[0],
    ).toMatchObject({ kind: "checkpoint-mismatch" });
    const tile = must([...archive.objects.keys()].find((key) => key.includes("/tile/")));
    archive.objects.set(tile, Buffer.alloc(must(archive.objects.get(tile)).length));
    expect((await verify(archive)).findings).toEqual([{ kind: "tile-altered", where: tile }]);
  });

  it("AUD-12 an event that its writer numbered and nobody stored is a gap", async () => {
    const archive = memoryArchive();
    const clock = { now: () => Date.UTC(2026, 10, 22) };
    const writer = createAuditWriter(clock);
    const drafts = [1, 2, 3].map((number) => {
      const draft = writer.draft(facts({ request: `r-${number}` }));
      writer.settle(draft, "stored");
      return draft;
    });
    const content = `${must(drafts[0]).line}\n${must(drafts[2]).line}\n`;
    await archive.create(batchKey(TENANT, dayOf(clock.now()), must(drafts[0]).event.id, content), content);
    await createSealer({ store: archive, clock, sign: signText, originOf: () => ORIGIN }).seal(TENANT);
    expect((await verify(archive)).findings).toMatchObject([{ kind: "chain-gap", where: must(drafts[2]).event.id }]);
  });

  it("AUD-5 an event of another tenant in a tenant's trail is named", async () => {
    const { archive, clock, sealer } = await makeTrail(1, 2);
    const draft = createAuditWriter(clock).draft(facts({ tenant: OTHER_TENANT }));
    const content = `${draft.line}\n`;
    await archive.create(batchKey(TENANT, dayOf(clock.now()), draft.event.id, content), content);
    await sealer.seal(TENANT);
    expect((await verify(archive)).findings.map(({ kind }) => kind)).toEqual(["event-of-another-tenant"]);
  });
});

describe("createSealer", () => {
  it("holds an event once though batches were cut twice, also after a cold start", async () => {
    const { archive, clock, sealer } = await makeTrail(2, 4);
    const lines = must(archive.objects.get(must(batchesOf(archive)[1])))
      .toString("utf8")
      .split("\n")
      .slice(0, -1);
    for (const part of [lines.slice(0, 2), lines.slice(1)]) {
      const content = part.map((line) => `${line}\n`).join("");
      await archive.create(batchKey(TENANT, dayOf(clock.now()), "01hxyzabcd0123456789abcd22", content), content);
    }
    expect(await sealer.seal(TENANT)).toBe(0);
    const cold = createSealer({ store: archive, clock, sign: signText, originOf: () => ORIGIN });
    expect(await cold.seal(TENANT)).toBe(0);
    expect(await verify(archive)).toMatchObject({ events: 8, findings: [] });
  });

  it("of two sealers at once one wins, and the tree is one", async () => {
    const { archive, clock } = await makeTrail(2, 4);
    const pair = [0, 1].map(() => createSealer({ store: archive, clock, sign: signText, originOf: () => ORIGIN }));
    const writer = createAuditWriter(clock);
    for (let round = 0; round < 5; round += 1) {
      const draft = writer.draft(facts({ request: `x-${round}` }));
      writer.settle(draft, "stored");
      const content = `${draft.line}\n`;
      await archive.create(batchKey(TENANT, dayOf(clock.now()), draft.event.id, content), content);
      await Promise.all(pair.map((sealer) => sealer.seal(TENANT)));
    }
    for (const sealer of pair) await sealer.seal(TENANT);
    expect(await verify(archive)).toMatchObject({ events: 13, unsealed: 0, findings: [] });
  });

  it("refuses a batch that is not what its name says", async () => {
    const { archive, clock, sealer } = await makeTrail(1, 1);
    await archive.create(batchKey(TENANT, dayOf(clock.now()), "01hxyzabcd0123456789abcd33", "one\n"), "two\n");
    await expect(sealer.seal(TENANT)).rejects.toThrow("a batch is what its name says");
  });
});
