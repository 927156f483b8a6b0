import type { IncomingMessage } from "node:http";

/** HTTP APIs take 10 MB. Source: API Gateway Developer Guide, "Quotas for configuring and running an HTTP API". */
export const MAX_BODY_BYTES = 10 * 1_048_576;

export type BodyProblem = "too-large" | "aborted";

/** Reads a body to its end, or to one byte over the limit. */
export function readBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer | BodyProblem> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > maxBytes) return Promise.resolve("too-large");
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    request.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) {
        request.removeAllListeners("data");
        resolve("too-large");
        return;
      }
      chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", () => resolve("aborted"));
    request.on("close", () => resolve("aborted"));
  });
}
