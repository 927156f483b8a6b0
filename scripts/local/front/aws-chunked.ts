import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import { err, ok, type Result } from "../../../core/kernel/result.ts";
import type { AuthFailure, SignatureClaim } from "./sigv4-claim.ts";
import { scopeOf, sha256Hex } from "./sigv4.ts";

export interface Unchunked {
  readonly body: Buffer;
  /** The announced trailing headers, with lower-case names; S3 holds their checksums against the body as it does in headers. */
  readonly trailers: Readonly<Record<string, string>>;
}

const SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_WITH_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_WITH_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const EMPTY_SHA256 = sha256Hex("");
/** A size of 8 hex digits reaches 4 GiB, far past the bound on bodies. */
const CHUNK_LINE = /^([0-9a-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/i;

export const isStreaming = (claim: SignatureClaim): boolean => claim.declaredPayload?.startsWith("STREAMING-") ?? false;

/**
 * Takes the aws-chunked framing off a body and verifies what it carries: the chain of chunk signatures, the signed
 * trailer and the decoded length.
 * Source: S3 API Reference, "Signature calculations for the authorization header: transferring payload in multiple
 * chunks" and its page on trailing headers.
 */
export function unchunk(
  body: Buffer,
  claim: SignatureClaim,
  headers: Readonly<Record<string, string>>,
  signingKey: Buffer | KeyObject,
): Result<Unchunked, AuthFailure> {
  const mode = claim.declaredPayload;
  if (mode !== SIGNED && mode !== SIGNED_WITH_TRAILER && mode !== UNSIGNED_WITH_TRAILER) {
    return err({ kind: "unsupported", detail: "The payload format of x-amz-content-sha256 is not supported" });
  }
  const isSigned = mode !== UNSIGNED_WITH_TRAILER;
  const sign = (label: string, parts: readonly string[]): string => {
    const text = [label, claim.amzDate, scopeOf(claim), ...parts].join("\n");
    return createHmac("sha256", signingKey).update(text).digest("hex");
  };

  const chunks: Buffer[] = [];
  let previous = claim.signature;
  let at = 0;
  for (;;) {
    const line = readLine(body, at);
    const match = line === undefined ? null : CHUNK_LINE.exec(line.text);
    if (line === undefined || match === null) return err({ kind: "incomplete-body" });
    const size = Number.parseInt(match[1] ?? "", 16);
    const chunk = body.subarray(line.next, line.next + size);
    if (chunk.length !== size) return err({ kind: "incomplete-body" });
    if (isSigned) {
      const expected = sign("AWS4-HMAC-SHA256-PAYLOAD", [previous, EMPTY_SHA256, sha256Hex(chunk)]);
      if (!isSame(expected, match[2])) return err({ kind: "bad-chunk" });
      previous = expected;
    }
    at = line.next + size;
    if (size === 0) break;
    if (body[at] !== 0x0d || body[at + 1] !== 0x0a) return err({ kind: "incomplete-body" });
    at += 2;
    chunks.push(chunk);
  }

  const decoded = Buffer.concat(chunks);
  const declaredLength = headers["x-amz-decoded-content-length"];
  if (declaredLength === undefined || Number(declaredLength) !== decoded.length)
    return err({ kind: "incomplete-body" });

  const announced = (headers["x-amz-trailer"] ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  const sent = readTrailers(body, at);
  const trailers: Record<string, string> = {};
  for (const name of announced) {
    const value = sent.get(name);
    if (value === undefined) return err({ kind: "incomplete-body" });
    trailers[name] = value;
  }
  if (mode === SIGNED_WITH_TRAILER) {
    const text = announced
      .toSorted()
      .map((name) => `${name}:${trailers[name]}\n`)
      .join("");
    const expected = sign("AWS4-HMAC-SHA256-TRAILER", [previous, sha256Hex(text)]);
    if (!isSame(expected, sent.get("x-amz-trailer-signature"))) return err({ kind: "bad-chunk" });
  }
  return ok({ body: decoded, trailers });
}

function readLine(body: Buffer, at: number): { readonly text: string; readonly next: number } | undefined {
  const end = body.indexOf("\r\n", at, "latin1");
  return end < 0 || end - at > 1024 ? undefined : { text: body.toString("latin1", at, end), next: end + 2 };
}

/** Nothing after the zero chunk counts unless `x-amz-trailer` announced it. */
function readTrailers(body: Buffer, from: number): ReadonlyMap<string, string> {
  const trailers = new Map<string, string>();
  for (const line of body.toString("latin1", from).split(/\r?\n/)) {
    const at = line.indexOf(":");
    if (at > 0) trailers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
  }
  return trailers;
}

function isSame(expected: string, given: string | undefined): boolean {
  const bytes = Buffer.from(given ?? "", "hex");
  return bytes.length === 32 && timingSafeEqual(Buffer.from(expected, "hex"), bytes);
}
