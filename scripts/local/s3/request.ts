import type { WireRequest } from "../service.ts";
import { invalidRequest, S3Error } from "./errors.ts";

/** A request with its bucket and key taken apart, and the headers that a presigned URL carries in its query. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string | undefined;
  /** As the client named it; never a path on disk. At most 1,024 bytes of UTF-8. */
  readonly key: string | undefined;
  /** Without the parameters of the signature and without `x-id`. */
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly isPresigned: boolean;
  /** Milliseconds since the epoch at which the request was signed, where it says so. */
  readonly signedAtMs: number | undefined;
}

const MAX_KEY_BYTES = 1024;
const SIGNATURE_PARAMETERS = new Set([
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-signedheaders",
  "x-amz-signature",
  "x-amz-security-token",
  "x-amz-content-sha256",
]);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error("InvalidURI", 400, "Couldn't parse the specified URI.");
  }
}

/** The bucket in the host name of a virtual-hosted request; undefined for path style. `host` may have a port. */
function bucketOfHost(host: string): string | undefined {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (name === "s3.localhost") return undefined;
  return (
    /^(.+?)\.(?:s3\.)?localhost$/.exec(name)?.[1] ?? /^(.+)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/.exec(name)?.[1]
  );
}

function parseQuery(query: string): readonly (readonly [string, string])[] {
  const pairs = query
    .split("&")
    .filter((part) => part !== "")
    .map((part): readonly [string, string] => {
      const equals = part.indexOf("=");
      const [name, value] = equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
      return [decode(name.replaceAll("+", " ")), decode(value.replaceAll("+", " "))];
    });
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) {
    throw invalidRequest("A query parameter is given more than once");
  }
  return pairs;
}

function signingTime(text: string | undefined): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? "");
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

/**
 * Takes a wire request apart: path style (`/bucket/key`) or virtual-hosted style (`bucket.localhost`,
 * `bucket.s3.REGION.amazonaws.com`). Percent-encoding is undone once; `..` and `//` are ordinary characters of a key.
 * Throws InvalidURI, KeyTooLongError.
 */
export function parseRequest(wire: WireRequest): S3Request {
  const pairs = parseQuery(wire.query);
  const isPresigned = pairs.some(([name]) => name.toLowerCase() === "x-amz-signature");
  const query = new Map<string, string>();
  const headers: Record<string, string> = { ...wire.headers };
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    if (name === "x-id" || (isPresigned && SIGNATURE_PARAMETERS.has(lower))) continue;
    // The presigner moves x-amz-* headers into the signed query; a header of the same name must not override it.
    if (isPresigned && lower.startsWith("x-amz-")) headers[lower] = value;
    else query.set(name, value);
  }
  const hosted = bucketOfHost(wire.headers["host"] ?? "");
  const path = wire.path.replace(/^\//, "");
  const slash = path.indexOf("/");
  const [first, rest] = slash < 0 ? [path, ""] : [path.slice(0, slash), path.slice(slash + 1)];
  const [bucket, key] = hosted === undefined ? [decode(first), decode(rest)] : [hosted, decode(path)];
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error("KeyTooLongError", 400, "Your key is too long", { MaxSizeAllowed: String(MAX_KEY_BYTES) });
  }
  const signedAt = isPresigned
    ? pairs.find(([name]) => name.toLowerCase() === "x-amz-date")?.[1]
    : headers["x-amz-date"];
  return {
    method: wire.method,
    bucket: bucket === "" ? undefined : bucket,
    key: key === "" ? undefined : key,
    query,
    headers,
    body: wire.body,
    isPresigned,
    signedAtMs: signingTime(signedAt),
  };
}
