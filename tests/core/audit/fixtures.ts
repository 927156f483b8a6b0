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
    list: (prefix: string, limit = Infinity): Promise<string[]> & AsyncIterable<string> => {
      const keys = listed(prefix).slice(0, limit);
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
  actor: { user: "01hxyzabcd0123456789abcdez", kind: "user", roles: ["physician"], client: "portal", session: "s-1" },
  purpose: "TREAT",
  entities: [{ type: "Patient", id: "01hxyzabcd0123456789abcd00", version: 1 }],
  classes: ["D"],
  request: "r-1",
  decision: { id: "d", version: "p", rules: ["physician-chart"] },
  consent: { state: "not-required", ids: [] },
  ...more,
});

/** A trail of `batches` objects with `size` events each, sealed every second batch. */
export async function makeTrail(batches: number, size: number) {
  const archive = memoryArchive();
  let now = Date.UTC(2026, 10, 22, 8);
  const clock = { now: () => now };
  const writers: AuditWriter[] = [createAuditWriter(clock), createAuditWriter(clock)];
  const sealer = createSealer({ store: archive, clock, sign: signText, originOf: () => ORIGIN });
  for (let batch = 0; batch < batches; batch += 1) {
    const lines: string[] = [];
    const ids: string[] = [];
    for (let index = 0; index < size; index += 1) {
      now += 7;
      const writer = writers[index % 2];
      if (writer === undefined) throw new Error("two writers");
      const draft = writer.draft(facts({ request: `r-${batch}-${index}` }));
      writer.settle(draft, "stored");
      lines.push(`${draft.line}\n`);
      ids.push(draft.event.id);
    }
    const content = lines.join("");
    await archive.create(batchKey(TENANT, dayOf(now), ids[0] ?? "", content), content);
    if (batch % 2 === 1) await sealer.seal(TENANT);
  }
  await sealer.seal(TENANT);
  return { archive, sealer, clock, advance: (ms: number) => (now += ms) };
}
