import { generateKeyPairSync, sign } from "node:crypto";
import { batchKey, dayOf } from "../../../core/audit/layout.ts";
import { type NoteKey, rawEd25519, signNote } from "../../../core/audit/note.ts";
import { createSealer } from "../../../core/audit/sealer.ts";
import { type AuditWriter, createAuditWriter, type EventFacts } from "../../../core/audit/writer.ts";

export const TENANT = "01hxyzabcd0123456789abcdef";
export const OTHER_TENANT = "01hxyzabcd0123456789abcdeg";
export const ORIGIN = `keyward/test/c01/${TENANT}`;

/** An archive in memory: create-only for those who write it, open to those who tamper. */
export function memoryArchive() {
  const objects = new Map<string, Buffer>();
  const listed = (prefix: string): string[] => [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  return {
    objects,
    create: (key: string, content: Uint8Array | string) => {
      if (objects.has(key)) return Promise.resolve("exists" as const);
      objects.set(key, Buffer.from(content));
      return Promise.resolve("created" as const);
    },
    get: (key: string) => Promise.resolve(objects.get(key)),
    folders: (prefix: string) =>
      Promise.resolve([...new Set(listed(prefix).map((key) => key.slice(prefix.length).split("/")[0] ?? ""))]),
    list: (prefix: string, limit = Infinity, after = ""): Promise<string[]> & AsyncIterable<string> => {
      const keys = listed(prefix)
        .filter((key) => key > after)
        .slice(0, limit);
      return Object.assign(Promise.resolve(keys), {
        async *[Symbol.asyncIterator]() {
          for (const key of keys) yield await Promise.resolve(key);
        },
      });
    },
  };
}

const pair = generateKeyPairSync("ed25519");
export const logKey: NoteKey = { name: "keyward-test-c01", publicKey: rawEd25519(pair.publicKey) };
export const signText = (text: string): Promise<string> =>
  signNote(text, logKey, (bytes) => Promise.resolve(sign(null, bytes, pair.privateKey)));

export const facts = (more: Partial<EventFacts> = {}): EventFacts => ({
  tenant: TENANT,
  action: "R",
  interaction: "read",
  outcome: "success",
  service: "fhir",
  actor: { user: "01hxyzabcd0123456789abcdez", kind: "user", roles: ["physician"], client: "portal", session: "s-1" },
  purpose: "TREAT",
  entities: [{ type: "Patient", id: "01hxyzabcd0123456789abcd00", version: 1 }],
  classes: ["D"],
  request: "r-1",
  decision: { id: "d", version: "p", rules: ["physician-chart"] },
  consent: { state: "not-required", ids: [] },
  ...more,
});

/** A sealer, its clock and the archive that they work on. */
export function makeSealer(archive = memoryArchive(), startMs = Date.UTC(2026, 10, 22, 8)) {
  let now = startMs;
  const clock = { now: () => now };
  const sealer = createSealer({ store: archive, clock, sign: signText, logKey, originOf: () => ORIGIN });
  return { archive, clock, sealer, advance: (ms: number) => (now += ms), cold: () => makeSealerAt(archive, clock) };
}

const makeSealerAt = (archive: ReturnType<typeof memoryArchive>, clock: { now: () => number }) =>
  createSealer({ store: archive, clock, sign: signText, logKey, originOf: () => ORIGIN });

/** Events of one writer as a batch object; gives its key. */
export async function putBatch(
  archive: ReturnType<typeof memoryArchive>,
  nowMs: number,
  drafts: readonly { readonly line: string; readonly event: { readonly id: string } }[],
): Promise<string> {
  const content = drafts.map(({ line }) => `${line}\n`).join("");
  const key = batchKey(TENANT, dayOf(nowMs), drafts[0]?.event.id ?? "", content);
  await archive.create(key, content);
  return key;
}

/** A trail of `batches` objects with `size` events each, sealed every second batch. */
export async function makeTrail(batches: number, size: number) {
  const made = makeSealer();
  const { archive, clock, sealer, advance } = made;
  const writers: AuditWriter[] = [createAuditWriter(clock), createAuditWriter(clock)];
  let open: string[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const drafts = Array.from({ length: size }, (_, index) => {
      advance(7);
      const writer = writers[index % 2];
      if (writer === undefined) throw new Error("two writers");
      const draft = writer.draft(facts({ request: `r-${batch}-${index}` }));
      writer.settle(draft, "stored");
      return draft;
    });
    open.push(await putBatch(archive, clock.now(), drafts));
    if (batch % 2 === 0 && batch < batches - 1) continue;
    await sealer.add(TENANT, open);
    open = [];
  }
  return made;
}
