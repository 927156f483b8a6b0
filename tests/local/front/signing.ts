import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { SignedRequest } from "../../../scripts/local/front/sigv4.ts";

type Bytes = string | ArrayBuffer | ArrayBufferView;

const toBuffer = (bytes: Bytes): Buffer =>
  typeof bytes === "string"
    ? Buffer.from(bytes)
    : bytes instanceof ArrayBuffer
      ? Buffer.from(bytes)
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

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

export interface Unsigned {
  readonly method: string;
  /** As it goes over the wire. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const KEY = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
export const REGION = "us-east-1";
export const NOW_MS = Date.parse("2026-11-22T08:00:00Z");

/** RFC 3986, as every AWS client encodes paths and queries. */
export const escape = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

export const toQuery = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${escape(name)}=${escape(value)}`)
    .join("&");

/** Another implementation than the one that is judged: the signer that the AWS SDK itself uses. */
const signer = (service: string): SignatureV4 =>
  new SignatureV4({
    credentials: KEY,
    region: REGION,
    service,
    sha256: Sha256,
    applyChecksum: service === "s3",
    uriEscapePath: service !== "s3",
  });

const toHttpRequest = (request: Unsigned) => ({
  protocol: "http:",
  hostname: "127.0.0.1",
  method: request.method,
  path: request.path,
  query: { ...request.query },
  headers: { host: "127.0.0.1:4566", ...request.headers },
  body: request.body,
});

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** The request as a server receives it, signed in the Authorization header by the SDK's signer. */
export async function signHeader(service: string, request: Unsigned, atMs = NOW_MS): Promise<SignedRequest> {
  const signed = await signer(service).sign(toHttpRequest(request), { signingDate: new Date(atMs) });
  return {
    method: request.method,
    path: request.path,
    query: toQuery(request.query),
    headers: lowerCase(signed.headers),
    body: Buffer.from(request.body),
  };
}

/** The request as a server receives it, presigned in the query by the SDK's signer. */
export async function signQuery(service: string, request: Unsigned, expiresIn: number): Promise<SignedRequest> {
  const http = toHttpRequest(request);
  if (service === "s3") Object.assign(http.headers, { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" });
  const signed = await signer(service).presign(http, { signingDate: new Date(NOW_MS), expiresIn });
  return {
    method: request.method,
    path: request.path,
    query: toQuery(signed.query as Record<string, string>),
    headers: lowerCase(signed.headers),
    body: Buffer.from(request.body),
  };
}
