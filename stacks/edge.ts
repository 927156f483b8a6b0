import { createHash } from "node:crypto";
import { RandomBytes } from "@pulumi/random";

/** How the functions know that a request came through CloudFront. */
export interface Edge {
  /** CloudFront's, sent with every request to the API. Encrypted in the state, and readable with the distribution. */
  readonly secret: $util.Output<string>;
  /** SHA-256 of it, in hex: what the functions are told, so that none of them holds the secret. */
  readonly digest: $util.Output<string>;
}

/** 256 random bits, made with the stage. A new one comes by replacing the resource, and is in force once both are deployed. */
export function edgeSecret(): Edge {
  const { hex } = new RandomBytes("EdgeSecret", { length: 32 });
  return { secret: hex, digest: hex.apply((text) => createHash("sha256").update(text).digest("hex")) };
}
