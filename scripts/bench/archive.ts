import { generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { logName, originOf, witnessName } from "../../core/audit/checkpoint.ts";
import { type NoteKey, rawEd25519, signNote } from "../../core/audit/note.ts";
import { createSealer } from "../../core/audit/sealer.ts";
import { createWitness } from "../../core/audit/witness.ts";
import { verifyArchive } from "../../core/audit/verify.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { folderReader } from "../cli/archive-reader.ts";
import { createExaminers } from "../cli/examiners.ts";
import type { Figure } from "./figures.ts";
import type { WriterTask } from "./archive-writer.ts";

const THREADS = 2;
const EVENTS_IN_A_BATCH = 100;
/** Objects in one seal. */
const BATCHES_IN_A_SEAL = 150;
/** In which the events happened: a very busy clinic, sealed as it goes. */
const SPAN_MS = 5 * 60_000;

const seconds = (since: number): number => (performance.now() - since) / 1000;

/** A folder as the functions write a bucket: each name once. */
function folderStore(folder: string) {
  const reader = folderReader(folder);
  return {
    get: (key: string) => reader.get(key),
    async list(prefix: string, limit = Infinity, after = "") {
      const keys: string[] = [];
      for await (const key of reader.list(prefix)) {
        if (key <= after) continue;
        keys.push(key);
        if (keys.length >= limit) break;
      }
      return keys;
    },
    create(key: string, content: Uint8Array | string): Promise<"created" | "exists"> {
      const file = path.join(folder, key);
      mkdirSync(path.dirname(file), { recursive: true });
      try {
        writeFileSync(file, content, { flag: "wx" });
        return Promise.resolve("created");
      } catch {
        return Promise.resolve("exists");
      }
    },
  };
}

const written = (task: WriterTask): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("archive-writer.ts", import.meta.url), { workerData: task });
    worker.once("message", resolve);
    worker.once("error", reject);
  });

function signer(name: string) {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const key: NoteKey = { name, publicKey: rawEd25519(publicKey) };
  return { key, sign: (bytes: Uint8Array) => Promise.resolve(sign(null, bytes, privateKey)) };
}

/**
 * A trail of `events` built and verified from a folder, on two threads: writers with their chains, batch objects, tree,
 * tiles, seals, the witness, and then everything checked with two public keys.
 */
export async function benchArchive(events: number): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-trail-"));
  const examiners = createExaminers(THREADS);
  try {
    const tenantId = newId(systemClock.now());
    const [log, witnessed] = [signer(logName("dev", "c01")), signer(witnessName("dev", "c01"))];
    const store = folderStore(folder);
    const startMs = systemClock.now() - SPAN_MS;
    const buildStart = performance.now();
    const share = Math.ceil(events / THREADS);
    const batches = await Promise.all(
      Array.from({ length: THREADS }, (_, index) =>
        written({
          folder,
          tenantId,
          events: Math.min(share, events - index * share),
          eventsInABatch: EVENTS_IN_A_BATCH,
          startMs,
          spanMs: SPAN_MS,
        }),
      ),
    );
    const writeSeconds = seconds(buildStart);
    const sealer = createSealer({
      store,
      clock: systemClock,
      sign: (text) => signNote(text, log.key, log.sign),
      logKey: log.key,
      originOf: (tenant) => originOf("dev", "c01", tenant),
      examine: examiners.examine,
    });
    const keys = batches.flat().toSorted();
    for (let at = 0; at < keys.length; at += BATCHES_IN_A_SEAL)
      await sealer.add(tenantId, keys.slice(at, at + BATCHES_IN_A_SEAL));
    const witness = createWitness({
      archive: store,
      own: store,
      clock: systemClock,
      logKey: log.key,
      witnessKey: witnessed.key,
      sign: witnessed.sign,
      originOf: (tenant) => originOf("dev", "c01", tenant),
    });
    invariant((await witness.look(tenantId)).cosigned === 1, "the witness follows the bench");
    const buildSeconds = seconds(buildStart);
    const verifyStart = performance.now();
    let peakBytes = 0;
    const report = await verifyArchive({
      reader: folderReader(folder),
      tenantId,
      origin: originOf("dev", "c01", tenantId),
      logKey: log.key,
      witnessKey: witnessed.key,
      examine: examiners.examine,
      onProgress: () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())),
    });
    const verifySeconds = seconds(verifyStart);
    const isClean = report.findings.length === 0 && report.events === events && report.witnessed === events;
    invariant(isClean, "the trail of the bench verifies");
    const lineBytes = statSync(path.join(folder, keys[0] ?? "")).size / Math.min(EVENTS_IN_A_BATCH, events);
    const figure = (name: string, value: number, unit: string): Figure => ({ section: "archive", name, value, unit });
    return [
      figure("events", events, ""),
      figure("bytes of an event's line", lineBytes, "B"),
      figure("written by two threads", writeSeconds, "s"),
      figure("written and sealed", buildSeconds, "s"),
      figure("verified with two threads", verifySeconds, "s"),
      figure("built and verified", buildSeconds + verifySeconds, "s"),
      figure("most memory while verifying", peakBytes / 2 ** 20, "MiB"),
    ];
  } finally {
    await examiners.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
