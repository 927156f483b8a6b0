// A thread of `npm run bench -- --only archive`: what one writing process leaves in the archive.
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { batchKey, dayOf, eventsPrefix } from "../../core/audit/layout.ts";
import { createAuditWriter } from "../../core/audit/writer.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { benchFacts, DETAIL_BYTES } from "./archive-facts.ts";

export interface WriterTask {
  readonly folder: string;
  readonly tenantId: string;
  readonly events: number;
  readonly eventsInABatch: number;
  readonly startMs: number;
  readonly spanMs: number;
}

const { folder, tenantId, events, eventsInABatch, startMs, spanMs } = workerData as WriterTask;
invariant(parentPort !== null, "a writer runs in a thread of its own");

let now = startMs;
const writer = createAuditWriter({ now: () => now });
const facts = benchFacts(tenantId, startMs);
const day = dayOf(startMs);
mkdirSync(path.join(folder, eventsPrefix(tenantId, day)), { recursive: true });
const keys: string[] = [];
for (let made = 0; made < events;) {
  const lines: string[] = [];
  let first = "";
  for (; lines.length < eventsInABatch && made < events; made += 1) {
    now = startMs + Math.floor((made * spanMs) / events);
    const detail = randomBytes(DETAIL_BYTES).toString("base64");
    const draft = writer.draft(facts(made), () => detail);
    writer.settle(draft, "stored");
    if (lines.length === 0) first = draft.event.id;
    lines.push(`${draft.line}\n`);
  }
  const content = lines.join("");
  const key = batchKey(tenantId, day, first, content);
  writeFileSync(path.join(folder, key), content);
  keys.push(key);
}
parentPort.postMessage(keys);
