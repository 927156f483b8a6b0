import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { logName, originOf } from "../../core/audit/checkpoint.ts";
import { batchKey, dayOf } from "../../core/audit/layout.ts";
import { type NoteKey, rawEd25519, signNote } from "../../core/audit/note.ts";
import { createSealer, type SealStore } from "../../core/audit/sealer.ts";
import { type ArchiveReader, verifyArchive } from "../../core/audit/verify.ts";
import { createAuditWriter, type EventFacts } from "../../core/audit/writer.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { newId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { cpuMsSince, type Figure } from "./figures.ts";

const SIZES = [1_000, 10_000, 100_000] as const;
const EVENTS_IN_A_BATCH = 100;
const WRITERS = 4;

function factsOf(tenant: string): EventFacts {
  const user = newId(systemClock.now());
  const patient = newId(systemClock.now());
  return {
    tenant,
    action: "R",
    interaction: "read",
    outcome: "success",
    actor: { user, kind: "user", roles: ["physician"], client: "portal", session: "0".repeat(32) },
    purpose: "TREAT",
    patient,
    entities: [{ type: "Observation", id: `${patient}.${newId(systemClock.now())}`, version: 1 }],
    classes: ["C"],
    request: "0".repeat(16),
    decision: { id: "0".repeat(32), version: "0".repeat(64), rules: ["physician-chart"] },
    consent: { state: "not-required", ids: [] },
  };
}

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
      list: (prefix) => Promise.resolve(keysOf(prefix)),
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
  const facts = factsOf(tenantId);
  const day = dayOf(systemClock.now());
  for (let at = 0; at < size; at += EVENTS_IN_A_BATCH) {
    const writer = writers[(at / EVENTS_IN_A_BATCH) % WRITERS];
    invariant(writer !== undefined, "a batch has a writer");
    const drafts = Array.from({ length: Math.min(EVENTS_IN_A_BATCH, size - at) }, () => {
      const draft = writer.draft(facts);
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
    originOf: (tenant) => originOf("dev", "c01", tenant),
  });
  while ((await sealer.seal(tenantId)) > 0);
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
