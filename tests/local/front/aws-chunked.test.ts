import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { unchunk } from "../../../scripts/local/front/aws-chunked.ts";
import type { SignatureClaim } from "../../../scripts/local/front/sigv4-claim.ts";

const signingKey = createHash("sha256").update("key").digest();
const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

const claimFor = (declaredPayload: string): SignatureClaim => ({
  form: "header",
  accessKeyId: "AKIAEXAMPLE",
  day: "20261122",
  region: "us-east-1",
  service: "s3",
  signedHeaders: ["host"],
  signature: sha256("seed"),
  amzDate: "20261122T080000Z",
  signedAtMs: Date.parse("2026-11-22T08:00:00Z"),
  validForMs: undefined,
  sessionToken: undefined,
  declaredPayload,
});

/** Frames `chunks` as a client that signs each of them would. */
function frame(
  chunks: readonly string[],
  trailers: Readonly<Record<string, string>> | undefined,
  isSigned: boolean,
): Buffer {
  const claim = claimFor("");
  const scope = "20261122/us-east-1/s3/aws4_request";
  const sign = (label: string, ...parts: string[]): string =>
    createHmac("sha256", signingKey)
      .update([label, claim.amzDate, scope, ...parts].join("\n"))
      .digest("hex");
  let previous = claim.signature;
  let framed = "";
  for (const chunk of [...chunks, ""]) {
    previous = sign("AWS4-HMAC-SHA256-PAYLOAD", previous, sha256(""), sha256(chunk));
    const size = Buffer.byteLength(chunk).toString(16);
    framed += `${size}${isSigned ? `;chunk-signature=${previous}` : ""}\r\n${chunk}${chunk === "" ? "" : "\r\n"}`;
  }
  if (trailers === undefined) return Buffer.from(`${framed}\r\n`);
  const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}`);
  const signature = sign("AWS4-HMAC-SHA256-TRAILER", previous, sha256(lines.map((line) => `${line}\n`).join("")));
  const signed = isSigned ? [...lines, `x-amz-trailer-signature:${signature}`] : lines;
  return Buffer.from(`${framed}${signed.join("\r\n")}\r\n\r\n`);
}

const checksum = { "x-amz-checksum-crc32": "NhCmhg==" };
const lengthOf = (length: number) => ({ "x-amz-decoded-content-length": String(length) });
const announced = { "x-amz-trailer": "x-amz-checksum-crc32", ...lengthOf(5) };

describe("aws-chunked", () => {
  it.each([
    ["signed chunks", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", frame(["hel", "lo"], undefined, true), lengthOf(5), {}],
    [
      "signed chunks and trailer",
      "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
      frame(["hel", "lo"], checksum, true),
      announced,
      checksum,
    ],
    [
      "an unsigned trailer",
      "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      frame(["hello"], checksum, false),
      announced,
      checksum,
    ],
    ["an empty body", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", frame([], undefined, true), lengthOf(0), {}],
  ])("takes the framing off %s", (_, mode, body, headers, trailers) => {
    const plain = unchunk(body, claimFor(mode), headers, signingKey);
    expect(plain).toMatchObject({ ok: true, value: { trailers } });
    expect(plain.ok && plain.value.body.toString()).toBe(
      headers["x-amz-decoded-content-length"] === "0" ? "" : "hello",
    );
  });

  const signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
  const withTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
  const good = frame(["hel", "lo"], undefined, true).toString();
  it.each([
    ["a changed chunk", signed, good.replace("hel\r", "hal\r"), "bad-chunk"],
    ["chunks in another order", signed, good.replace("hel\r", "lox\r"), "bad-chunk"],
    ["a chunk without its signature", signed, good.replace(/;chunk-signature=[0-9a-f]+/, ""), "bad-chunk"],
    ["a body that stops early", signed, good.slice(0, 100), "incomplete-body"],
    ["a chunk longer than the rest", signed, good.replace(/^3/, "ffff"), "incomplete-body"],
    ["a size that is no number", signed, good.replace(/^3/, "-3"), "incomplete-body"],
    ["no framing at all", signed, "hello", "incomplete-body"],
    ["no trailer where one was announced", withTrailer, good, "incomplete-body"],
    [
      "a changed trailer",
      withTrailer,
      frame(["hel", "lo"], checksum, true).toString().replace("NhCmhg", "NhCmhh"),
      "bad-chunk",
    ],
    ["a mode that is not known", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", good, "unsupported"],
  ])("refuses %s", (_, mode, body, kind) => {
    const headers = mode === withTrailer ? announced : lengthOf(5);
    expect(unchunk(Buffer.from(body), claimFor(mode), headers, signingKey)).toMatchObject({
      ok: false,
      error: { kind },
    });
  });

  it("refuses a decoded length that is not the announced one", () => {
    const body = frame(["hello"], undefined, true);
    const mode = claimFor("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    expect(unchunk(body, mode, lengthOf(4), signingKey)).toMatchObject({
      ok: false,
      error: { kind: "incomplete-body" },
    });
    expect(unchunk(body, mode, {}, signingKey)).toMatchObject({ ok: false, error: { kind: "incomplete-body" } });
  });
});
