// A thread that examines objects of the archive for `keyward audit verify`.
import { parentPort } from "node:worker_threads";
import { examine } from "../../core/audit/examine.ts";
import { invariant } from "../../core/kernel/invariant.ts";

export interface Task {
  readonly number: number;
  readonly content: Uint8Array;
  readonly tenantId: string;
  readonly day: string;
}

invariant(parentPort !== null, "an examiner runs in a thread of its own");
const port = parentPort;
port.on("message", ({ number, content, tenantId, day }: Task) => {
  const examined = examine(content, tenantId, day);
  const { leaves, hashes, prevs, seqs, writerOf, idPrints } = examined;
  const moved = [leaves, hashes, prevs, seqs, writerOf, idPrints].map(({ buffer }) => buffer as ArrayBuffer);
  port.postMessage({ number, examined }, moved);
});
