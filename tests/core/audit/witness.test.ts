import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseCheckpoint } from "../../../core/audit/checkpoint.ts";
import { cosign, formatCosignerKey, openCosigned, parseCosignerKey } from "../../../core/audit/cosignature.ts";
import {
  cosignedKey,
  cosignedPrefix,
  dayKey,
  DAY_MS,
  hintKey,
  sealKey,
  sealsPrefix,
} from "../../../core/audit/layout.ts";
import { formatVerifierKey, openNote, rawEd25519 } from "../../../core/audit/note.ts";
import { parseSeal } from "../../../core/audit/seal.ts";
import { createSealRun } from "../../../core/audit/seal-run.ts";
import { verifyArchive } from "../../../core/audit/verify.ts";
import { createWitness } from "../../../core/audit/witness.ts";
import { createWitnessRun, pinnedLogKey } from "../../../core/audit/witness-run.ts";
import { createAuditWriter } from "../../../core/audit/writer.ts";
import {
  facts,
  logKey,
  makeSealer,
  memoryArchive,
  ORIGIN,
  OTHER_TENANT,
  putBatch,
  signText,
  TENANT,
} from "./fixtures.ts";

type Archive = ReturnType<typeof memoryArchive>;
type Made = ReturnType<typeof makeSealer>;

const pair = generateKeyPairSync("ed25519");
const witnessKey = { name: "keyward-test-c01-witness", publicKey: rawEd25519(pair.publicKey) };
const signBytes = (bytes: Uint8Array) => Promise.resolve(sign(null, bytes, pair.privateKey));

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}

const under = (archive: Archive, prefix: string): string[] =>
  [...archive.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
const copyOf = (archive: Archive): Archive => {
  const copy = memoryArchive();
  for (const [key, content] of archive.objects) copy.objects.set(key, Buffer.from(content));
  return copy;
};

async function grow(
  { archive, clock, sealer, advance }: Pick<Made, "archive" | "clock" | "sealer" | "advance">,
  events: number,
  name = "r",
) {
  advance(60_000);
  const writer = createAuditWriter(clock);
  const drafts = Array.from({ length: events }, (_, index) => {
    const draft = writer.draft(facts({ request: `${name}-${index}` }));
    writer.settle(draft, "stored");
    return draft;
  });
  await sealer.add(TENANT, [await putBatch(archive, clock.now(), drafts)]);
}

/** A witness that is shown whatever archive is put in front of it, and keeps its own. */
function makeWitness(made: Made, own = memoryArchive()) {
  const shown = { archive: made.archive };
  const look = (days?: readonly string[]) =>
    createWitness({
      archive: shown.archive,
      own,
      clock: made.clock,
      logKey,
      witnessKey,
      sign: signBytes,
      originOf: (tenantId) => `keyward/test/c01/${tenantId}`,
    }).look(TENANT, days);
  const heads = () =>
    under(own, cosignedPrefix(TENANT)).map((key) => {
      const cosigned = openCosigned(must(own.objects.get(key)).toString("utf8"), witnessKey);
      return must(parseCheckpoint(must(cosigned).text)).size;
    });
  return { own, look, heads, show: (archive: Archive) => (shown.archive = archive) };
}

const refusals = (own: Archive): string[] =>
  under(own, `v1/log/t/${TENANT}/refused/`).map(
    (key) => (JSON.parse(must(own.objects.get(key)).toString("utf8")) as { readonly kind: string }).kind,
  );

describe("cosignature", () => {
  it("opens what its key cosigned at its time, beside the log's own signature", async () => {
    const made = makeSealer();
    await grow(made, 3);
    const { checkpoint } = must(parseSeal(must(made.archive.objects.get(sealKey(TENANT, 0)))));
    const note = await cosign(checkpoint, witnessKey, 1_800_000_000_999, signBytes);
    expect(openCosigned(note, witnessKey)).toMatchObject({ atMs: 1_800_000_000_000 });
    expect(openNote(note, logKey)).toBe(openNote(checkpoint, logKey));
    expect(openCosigned(checkpoint, witnessKey)).toBeUndefined();
    expect(openCosigned(note.replace("\n3\n", "\n4\n"), witnessKey)).toBeUndefined();
    expect(openCosigned(note, { ...witnessKey, publicKey: logKey.publicKey })).toBeUndefined();
    // Neither key's signature stands for the other's, whatever their names.
    expect(openNote(note, witnessKey)).toBeUndefined();
  });

  it("gives an auditor one line that holds together, of another type than a log's", () => {
    const line = formatCosignerKey(witnessKey);
    expect(parseCosignerKey(line)).toEqual(witnessKey);
    expect(parseCosignerKey(line.replace(/^.../, "abc"))).toBeUndefined();
    expect(parseCosignerKey("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")).toBeUndefined();
  });
});

describe("createWitness", () => {
  it("PROOF-3 cosigns what continues what it saw, and a log that stands still once", async () => {
    const made = makeSealer();
    const { look, heads } = makeWitness(made);
    expect(await look()).toEqual({ cosigned: 0, refused: [] });
    for (const events of [1, 300, 255, 5]) {
      await grow(made, events);
      expect(await look()).toEqual({ cosigned: 1, refused: [] });
      expect(await look()).toEqual({ cosigned: 0, refused: [] });
    }
    expect(heads()).toEqual([561, 556, 301, 1]);
  });

  it("PROOF-3 of two histories of one size the second is refused, kept and refused again", async () => {
    const made = makeSealer();
    const { own, look, show, heads } = makeWitness(made);
    await grow(made, 4);
    const fork = copyOf(made.archive);
    await grow(made, 3, "one");
    await look();
    await grow({ ...made, archive: fork, sealer: makeSealer(fork, made.clock.now()).sealer }, 3, "other");
    show(fork);
    expect(await look()).toEqual({ cosigned: 0, refused: ["forked"] });
    expect(await look()).toEqual({ cosigned: 0, refused: ["forked"] });
    expect([refusals(own), heads()]).toEqual([["forked"], [7]]);
    show(made.archive);
    await grow(made, 1);
    expect(await look()).toEqual({ cosigned: 1, refused: [] });
  });

  it("PROOF-3 a fork that has grown on is refused too", async () => {
    const made = makeSealer();
    const { look, show } = makeWitness(made);
    await grow(made, 300);
    const fork = copyOf(made.archive);
    await grow(made, 30, "one");
    await look();
    const forked = { ...made, archive: fork, sealer: makeSealer(fork, made.clock.now()).sealer };
    await grow(forked, 30, "other");
    await grow(forked, 400, "more");
    show(fork);
    expect((await look()).refused).toEqual(["forked"]);
  });

  it("PROOF-3 a log that lost its newest part, or was replayed as it was before, is refused", async () => {
    const made = makeSealer();
    const { look, show } = makeWitness(made);
    await grow(made, 10);
    const before = copyOf(made.archive);
    await grow(made, 10);
    await look();
    show(before);
    expect((await look()).refused).toEqual(["rolled-back"]);
    show(memoryArchive());
    expect((await look()).refused).toEqual(["rolled-back"]);
  });

  it("PROOF-3 a log that was written anew with the log's own key is refused", async () => {
    const made = makeSealer();
    const { look, show } = makeWitness(made);
    await grow(made, 20);
    await look();
    const other = makeSealer(memoryArchive(), made.clock.now());
    await grow(other, 50, "another-past");
    show(other.archive);
    expect((await look()).refused).toEqual(["forked"]);
  });

  it("a checkpoint of another key or another tenant, and seals that do not read, are refused", async () => {
    const made = makeSealer();
    const { look, show } = makeWitness(made);
    await grow(made, 2);
    const seal = must(parseSeal(must(made.archive.objects.get(sealKey(TENANT, 0)))));
    const shown = (checkpoint: string): Archive => {
      const archive = copyOf(made.archive);
      archive.objects.set(sealKey(TENANT, 0), Buffer.from(JSON.stringify({ ...seal, checkpoint })));
      return archive;
    };
    show(shown(seal.checkpoint.replace("\n2\n", "\n3\n")));
    expect((await look()).refused).toEqual(["unsigned"]);
    show(
      shown(
        await signText((openNote(seal.checkpoint, logKey) ?? "").replace(ORIGIN, `keyward/test/c01/${OTHER_TENANT}`)),
      ),
    );
    expect((await look()).refused).toEqual(["unsigned"]);
    const unreadable = copyOf(made.archive);
    unreadable.objects.set(sealKey(TENANT, 0), Buffer.from("{}"));
    show(unreadable);
    expect((await look()).refused).toEqual(["unreadable"]);
    show(made.archive);
    expect(await look()).toEqual({ cosigned: 1, refused: [] });
  });

  it("an archive that does not answer is no evidence against the log: nothing is kept, and it is looked at again", async () => {
    const made = makeSealer();
    const { look, show, own } = makeWitness(made);
    await grow(made, 2);
    await look();
    await grow(made, 5);
    const kept = [...own.objects.keys()];
    const silent = (): Promise<never> => Promise.reject(new Error("ECONNRESET"));
    show({ ...made.archive, get: silent });
    await expect(look()).rejects.toThrow("ECONNRESET");
    expect([...own.objects.keys()]).toEqual(kept);
    show(made.archive);
    expect(await look()).toEqual({ cosigned: 1, refused: [] });
  });

  it("knows the past from its own bucket alone: what was changed there stops it", async () => {
    const made = makeSealer();
    const { own, look } = makeWitness(made);
    await grow(made, 2);
    await look();
    const key = cosignedKey(TENANT, 0);
    own.objects.set(key, Buffer.from(must(own.objects.get(key)).toString("utf8").replace("\n2\n", "\n1\n")));
    await grow(made, 1);
    expect((await look()).refused).toEqual(["own-record"]);
  });

  it("of two runs that look at two forks at once, one signs", async () => {
    const made = makeSealer();
    await grow(made, 4);
    const fork = copyOf(made.archive);
    await grow(made, 3, "one");
    await grow({ ...made, archive: fork, sealer: makeSealer(fork, made.clock.now()).sealer }, 3, "other");
    const own = memoryArchive();
    const witnesses = [made.archive, fork].map((archive) => {
      const witness = makeWitness(made, own);
      witness.show(archive);
      return witness;
    });
    const looked = await Promise.all(witnesses.map((witness) => witness.look()));
    expect(looked.reduce((sum, { cosigned }) => sum + cosigned, 0)).toBe(1);
  });
});

describe("createWitnessRun", () => {
  function makeRun(made: Made) {
    const own = memoryArchive();
    const refused: string[] = [];
    const deps = { archive: made.archive, own, clock: made.clock };
    const witness = createWitness({ ...deps, logKey, witnessKey, sign: signBytes, originOf: () => ORIGIN });
    const run = createWitnessRun({
      ...deps,
      witness,
      onRefused: (tenantId, kind) => refused.push(`${tenantId} ${kind}`),
    });
    const { archive: store, clock } = made;
    const sealRun = createSealRun({ store, clock, sealer: made.sealer, onFailure: () => undefined });
    return { own, refused, run: () => run.run(), seal: () => sealRun.run() };
  }
  async function arrive(made: Made, request: string): Promise<void> {
    const key = await putBatch(made.archive, made.clock.now(), [
      createAuditWriter(made.clock).draft(facts({ request })),
    ]);
    const hint = JSON.stringify({ v: 1, objects: [key] });
    await made.archive.create(hintKey(made.clock.now(), hint), hint);
  }

  it("follows the sealer, signs the days, and the archive with its folder verifies by two keys", async () => {
    const made = makeSealer();
    const { own, run, seal, refused } = makeRun(made);
    for (let day = 0; day < 3; day += 1) {
      for (let minute = 0; minute < 3; minute += 1) {
        await arrive(made, `d${day}-${minute}`);
        await seal();
        expect(await run()).toMatchObject({ refused: 0 });
        made.advance(60_000);
      }
      made.advance(DAY_MS - 180_000);
    }
    await seal();
    await run();
    expect(refused).toEqual([]);
    const both = copyOf(made.archive);
    for (const [key, content] of own.objects) both.objects.set(key, content);
    const input = { reader: both, tenantId: TENANT, origin: ORIGIN, logKey, witnessKey };
    expect(await verifyArchive(input)).toMatchObject({ events: 9, witnessed: 9, findings: [] });
    const anchor = { name: "kept.txt", note: String(await made.archive.get(dayKey(TENANT, "2026-11-23"))) };
    expect(await verifyArchive({ ...input, anchors: [anchor] })).toMatchObject({ anchored: 7, findings: [] });

    // PROOF-3 truncate: the newest seals, days and objects removed together, so that nothing else is left to tell.
    const cut = copyOf(both);
    const sealed = under(cut, sealsPrefix(TENANT));
    for (const key of sealed.slice(0, 4)) {
      for (const object of must(parseSeal(must(cut.objects.get(key)))).objects) cut.objects.delete(object.key);
      cut.objects.delete(key);
    }
    for (const key of under(cut, dayKey(TENANT, ""))) if (key.slice(-10) > "2026-11-22") cut.objects.delete(key);
    const byWitness = await verifyArchive({ ...input, reader: cut });
    expect(byWitness.findings[0]).toMatchObject({
      kind: "log-truncated",
      where: under(cut, cosignedPrefix(TENANT))[0],
    });
    const alone = { reader: cut, tenantId: TENANT, origin: ORIGIN, logKey };
    expect((await verifyArchive({ ...alone, anchors: [anchor] })).findings[0]).toMatchObject({
      kind: "log-truncated",
      where: "kept.txt",
    });
    // Without either, the rest is what the archive was five events ago.
    expect((await verifyArchive(alone)).findings).toEqual([]);

    // A log written anew, with the log's own key, up to a larger size.
    const anew = makeSealer(memoryArchive(), made.clock.now());
    await grow(anew, 12);
    for (const [key, content] of own.objects) anew.archive.objects.set(key, content);
    expect((await verifyArchive({ ...input, reader: anew.archive })).findings[0]).toMatchObject({
      kind: "log-rewritten",
    });
    expect((await verifyArchive({ ...input, reader: anew.archive, anchors: [anchor] })).findings[0]).toMatchObject({
      kind: "log-rewritten",
      where: "kept.txt",
    });
  });

  it("looks once a day also at a log that no run names, and finds what was cut off it", async () => {
    const made = makeSealer();
    const { run, seal, refused } = makeRun(made);
    await arrive(made, "one");
    await seal();
    await arrive(made, "two");
    await seal();
    await run();
    made.archive.objects.delete(sealKey(TENANT, 1));
    made.advance(10 * 60_000);
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      made.advance(60_000);
      await run();
    }
    expect(refused).toEqual([`${TENANT} rolled-back`]);
  });

  it("keeps the log's key as it first saw it", async () => {
    const archive = memoryArchive();
    const own = memoryArchive();
    expect(await pinnedLogKey(archive, own, logKey.name)).toBeUndefined();
    await archive.create("v1/log/verifier-key", `${formatVerifierKey(logKey)}\n`);
    expect(await pinnedLogKey(archive, own, "another")).toBeUndefined();
    expect(await pinnedLogKey(archive, own, logKey.name)).toEqual(logKey);
    archive.objects.set("v1/log/verifier-key", Buffer.from(formatVerifierKey({ ...witnessKey, name: logKey.name })));
    expect(await pinnedLogKey(archive, own, logKey.name)).toEqual(logKey);
  });
});
