import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { logName, originOf } from "../../core/audit/checkpoint.ts";
import { batchKey, dayOf } from "../../core/audit/layout.ts";
import { type NoteKey, rawEd25519, signNote } from "../../core/audit/note.ts";
import { createSealer, type SealStore } from "../../core/audit/sealer.ts";
import { type ArchiveReader, verifyArchive } from "../../core/audit/verify.ts";
import { createAuditWriter } from "../../core/audit/writer.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { cpuMsSince, type Figure } from "./figures.ts";
import { benchFacts } from "./archive-facts.ts";

const SIZES = [1_000, 10_000, 100_000] as const;
const EVENTS_IN_A_BATCH = 100;
const WRITERS = 4;

/** An archive in memory, as the seal writes it and as an auditor reads it. */
function memoryArchive(): { readonly store: SealStore; readonly reader: ArchiveReader } {
  const objects = new Map<string, Buffer>();
  const keysOf = (prefix: string): string[] => [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  const get = (key: string): Promise<Buffer | undefined> => Promise.resolve(objects.get(key));
  return {
    store: {
      create(key, content) {
        if (objects.has(key)) return Promise.resolve("exists");
        objects.set(key, Buffer.from(content));
        return Promise.resolve("created");
      },
      get,
      list: (prefix, limit = Infinity, after = "") =>
        Promise.resolve(
          keysOf(prefix)
            .filter((key) => key > after)
            .slice(0, limit),
        ),
    },
    reader: {
      async *list(prefix) {
        for (const key of keysOf(prefix)) yield await Promise.resolve(key);
      },
      get,
    },
  };
}

/** A trail of `size` events by several writers, archived and sealed. */
async function archiveOf(size: number, tenantId: string, key: NoteKey, privateKey: KeyObject): Promise<ArchiveReader> {
  const { store, reader } = memoryArchive();
  const writers = Array.from({ length: WRITERS }, () => createAuditWriter(systemClock));
  const facts = benchFacts(tenantId, systemClock.now());
  const day = dayOf(systemClock.now());
  for (let at = 0; at < size; at += EVENTS_IN_A_BATCH) {
    const writer = writers[(at / EVENTS_IN_A_BATCH) % WRITERS];
    invariant(writer !== undefined, "a batch has a writer");
    const drafts = Array.from({ length: Math.min(EVENTS_IN_A_BATCH, size - at) }, (_, index) => {
      const draft = writer.draft(facts(at + index));
      writer.settle(draft, "stored");
      return draft;
    });
    const content = drafts.map(({ line }) => `${line}\n`).join("");
    await store.create(batchKey(tenantId, day, drafts[0]?.event.id ?? "", content), content);
  }
  const sealer = createSealer({
    store,
    clock: systemClock,
    sign: (text) => signNote(text, key, (bytes) => Promise.resolve(sign(null, bytes, privateKey))),
    logKey: key,
    originOf: (tenant) => originOf("dev", "c01", tenant),
  });
  await sealer.sweep(tenantId, day);
  return reader;
}

/** How fast an auditor verifies a tenant's trail, from archives of growing size: the rate must not fall with the size. */
export async function benchAudit(): Promise<Figure[]> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const logKey: NoteKey = { name: logName("dev", "c01"), publicKey: rawEd25519(publicKey) };
  const figures: Figure[] = [];
  for (const size of SIZES) {
    const tenantId = newId(systemClock.now());
    const reader = await archiveOf(size, tenantId, logKey, privateKey);
    const start = process.cpuUsage();
    const report = await verifyArchive({ reader, tenantId, origin: originOf("dev", "c01", tenantId), logKey });
    const perSecond = (size / cpuMsSince(start)) * 1000;
    invariant(report.findings.length === 0 && report.events === size, "the archive of the bench verifies");
    const [first] = figures;
    figures.push({
      section: "audit verify",
      name: `${size.toLocaleString("en-US")} events`,
      value: perSecond,
      unit: "events/s of CPU",
      ...(first === undefined ? {} : { ratio: perSecond / first.value, base: first.name }),
    });
  }
  return figures;
}
