import { Worker } from "node:worker_threads";
import type { Examined } from "../../core/audit/examine.ts";
import type { VerifyInput } from "../../core/audit/verify.ts";
import type { Task } from "./examiner.ts";

interface Waiting {
  readonly resolve: (examined: Examined) => void;
  readonly reject: (error: unknown) => void;
}

export interface Examiners {
  readonly examine: NonNullable<VerifyInput["examine"]>;
  close(): Promise<void>;
}

/** The bytes in memory of their own, so that they can move to another thread. */
const ownBytes = (content: Uint8Array): Uint8Array<ArrayBuffer> =>
  content.byteLength === content.buffer.byteLength && content.buffer instanceof ArrayBuffer
    ? new Uint8Array(content.buffer)
    : Uint8Array.from(content);

/** Threads that hash and check objects while the tree is built here: what one object needs is all in its bytes. */
export function createExaminers(threads: number): Examiners {
  const waiting = new Map<number, Waiting>();
  let given = 0;
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(new URL("examiner.ts", import.meta.url));
    worker.on("message", ({ number, examined }: { readonly number: number; readonly examined: Examined }) => {
      waiting.get(number)?.resolve(examined);
      waiting.delete(number);
    });
    worker.on("error", (error) => {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    });
    return worker;
  });
  return {
    examine: (content, tenantId, day) =>
      new Promise((resolve, reject) => {
        const number = given;
        given += 1;
        waiting.set(number, { resolve, reject });
        const bytes = ownBytes(content);
        const task: Task = { number, content: bytes, tenantId, day };
        workers[number % threads]?.postMessage(task, [bytes.buffer]);
      }),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
