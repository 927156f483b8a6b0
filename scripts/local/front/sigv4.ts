import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { err, ok, type Result } from "../../../core/kernel/result.ts";
import type { AuthFailure, SignatureClaim } from "./sigv4-claim.ts";

/** What the signature covers: the request as it came over the wire, before any decoding. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** AWS allows a quarter of an hour for S3 and five minutes elsewhere; the stricter bound holds for all here. */
const MOST_SKEW_MS = 300_000;
const MOST_CACHED_KEYS = 2_000;
const UNSIGNED = "UNSIGNED-PAYLOAD";

export const sha256Hex = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

const hmac = (key: Buffer | string | KeyObject, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();

/** RFC 3986: everything but the unreserved characters, byte by byte in UTF-8. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Derives signing keys and keeps them: the secret of an access key never changes, so that its id names the key. */
export function createSigningKeys(): (claim: SignatureClaim, secretAccessKey: string) => KeyObject {
  const cache = new Map<string, KeyObject>();
  return (claim, secretAccessKey) => {
    const name = `${claim.accessKeyId}/${claim.day}/${claim.region}/${claim.service}`;
    const known = cache.get(name);
    if (known !== undefined) return known;
    const derived = [claim.day, claim.region, claim.service, "aws4_request"].reduce<Buffer | string>(
      (current, part) => hmac(current, part),
      `AWS4${secretAccessKey}`,
    ) as Buffer;
    const key = createSecretKey(derived);
    if (cache.size >= MOST_CACHED_KEYS) cache.clear();
    cache.set(name, key);
    return key;
  };
}

/** Whether the claim is for this region and this moment; asked before the key is looked up. */
export function checkScope(claim: SignatureClaim, region: string, nowMs: number): AuthFailure | undefined {
  if (claim.region !== region) return { kind: "wrong-region", expected: region };
  if (claim.validForMs === undefined) {
    const isSkewed = Math.abs(nowMs - claim.signedAtMs) > MOST_SKEW_MS;
    return isSkewed ? { kind: "skewed", nowMs, amzDate: claim.amzDate } : undefined;
  }
  if (claim.signedAtMs > nowMs + MOST_SKEW_MS) return { kind: "skewed", nowMs, amzDate: claim.amzDate };
  return nowMs > claim.signedAtMs + claim.validForMs ? { kind: "expired-url" } : undefined;
}

/**
 * Compares the signature with the one that the holder of `signingKey` would have made, and the body with the signed hash.
 * Refuses `x-amz-*` headers that the signature does not cover: they would steer the call without the key's holder.
 * For S3 the payload may be declared unsigned or streamed (`aws-chunked.ts` judges the chunks); elsewhere the body is
 * always hashed, whatever the request declares.
 */
export function checkSignature(
  request: SignedRequest,
  claim: SignatureClaim,
  signingKey: Buffer | KeyObject,
): Result<void, AuthFailure> {
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith("x-amz-") && !claim.signedHeaders.includes(name)) return err({ kind: "unsigned-header" });
  }
  const payload = signedPayload(request, claim);
  if (!payload.ok) return payload;
  const canonical = canonicalRequest(request, claim, payload.value);
  if (canonical === undefined) return err({ kind: "mismatch" });
  const text = `AWS4-HMAC-SHA256\n${claim.amzDate}\n${scopeOf(claim)}\n${sha256Hex(canonical)}`;
  return timingSafeEqual(hmac(signingKey, text), Buffer.from(claim.signature, "hex"))
    ? ok(undefined)
    : err({ kind: "mismatch" });
}

export const scopeOf = (claim: SignatureClaim): string => `${claim.day}/${claim.region}/${claim.service}/aws4_request`;

function signedPayload(request: SignedRequest, claim: SignatureClaim): Result<string, AuthFailure> {
  const declared = claim.declaredPayload;
  if (claim.service !== "s3") return ok(sha256Hex(request.body));
  if (declared === undefined) {
    return claim.form === "query"
      ? ok(UNSIGNED)
      : err({ kind: "incomplete", detail: "Missing required header for this request: x-amz-content-sha256" });
  }
  if (declared === UNSIGNED || declared.startsWith("STREAMING-")) return ok(declared);
  if (!/^[0-9a-f]{64}$/.test(declared)) {
    return err({
      kind: "incomplete",
      detail: "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-* or a valid sha256 value.",
    });
  }
  return declared === sha256Hex(request.body) ? ok(declared) : err({ kind: "body-hash" });
}

/** Undefined when the request cannot be read at all: a bad percent escape, or a signed header that is not there. */
function canonicalRequest(request: SignedRequest, claim: SignatureClaim, payload: string): string | undefined {
  const headers: string[] = [];
  for (const name of claim.signedHeaders) {
    const value = request.headers[name];
    if (value === undefined) return undefined;
    headers.push(`${name}:${value.trim().replace(/\s+/g, " ")}\n`);
  }
  try {
    return [
      request.method,
      canonicalPath(request.path, claim.service),
      canonicalQuery(request.query, claim.form === "query"),
      headers.join(""),
      claim.signedHeaders.join(";"),
      payload,
    ].join("\n");
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** S3 encodes each segment once and keeps the path as it is; every other service encodes the sent path once more. */
function canonicalPath(path: string, service: string): string {
  const segments = path.split("/");
  if (service === "s3") return segments.map((segment) => encode(decodeURIComponent(segment))).join("/") || "/";
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const isFolder = kept.length > 0 && path.endsWith("/");
  return `/${kept.map(encode).join("/")}${isFolder ? "/" : ""}`;
}

function canonicalQuery(query: string, isPresigned: boolean): string {
  const decode = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part): readonly [string, string] => {
      const at = part.indexOf("=");
      return at < 0 ? [decode(part), ""] : [decode(part.slice(0, at)), decode(part.slice(at + 1))];
    })
    .filter(([name]) => !(isPresigned && name === "X-Amz-Signature"))
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map((pair) => pair.join("="))
    .join("&");
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
