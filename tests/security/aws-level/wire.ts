import { createHash, createHmac } from "node:crypto";
import { request } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Credentials } from "../aws.ts";
import { SITE } from "../world.ts";

type Bytes = string | ArrayBuffer | ArrayBufferView;

const toBuffer = (bytes: Bytes): Buffer =>
  typeof bytes === "string"
    ? Buffer.from(bytes)
    : bytes instanceof ArrayBuffer
      ? Buffer.from(bytes)
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** SHA-256 as the SDK's signer asks for it. */
class Sha256 {
  readonly #hash;
  constructor(secret?: Bytes) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", toBuffer(secret));
  }
  update(data: Bytes): void {
    this.#hash.update(toBuffer(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error("not used by the signer");
  }
}

export interface WireAnswer {
  readonly status: number;
  readonly body: string;
}

/** A GET of exactly this path, as it stands: neither the SDK nor an HTTP client gets to tidy it. */
export function get(
  endpoint: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<WireAnswer> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method: "GET", headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** The same, signed for S3 by the SDK's own signer over the path as it stands. */
export async function signedGet(endpoint: string, path: string, credentials: Credentials): Promise<WireAnswer> {
  const { host, hostname } = new URL(endpoint);
  const signer = new SignatureV4({
    credentials,
    region: SITE.region,
    service: "s3",
    sha256: Sha256,
    applyChecksum: true,
    uriEscapePath: false,
  });
  const unsigned = { protocol: "http:", hostname, method: "GET", path, query: {}, headers: { host } };
  const { headers } = await signer.sign(unsigned);
  return get(endpoint, path, headers);
}
