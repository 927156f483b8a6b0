import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FORMS, type Sample, scanAll } from "./canary-scan.ts";

const CANARY = "CANARYq7Zk29-ABCDEF/x?y";
// One that begins like the other and ends differently, and one that is quite different.
const CANARIES = { planted: CANARY, twin: `${CANARY.slice(0, 14)}0000000`, other: "OTHERWORD0000" };
const scan = (sample: Sample) => scanAll([sample], CANARIES);
const found = (bytes: Uint8Array): string[] =>
  scan({ sink: "here", bytes }).map(({ canary, form }) => `${canary} as ${form}`);
const within = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('{"phi":{"B":"'), bytes, Buffer.from('"},"sk":{"S":"x"}}')]);

const sentence = Buffer.from(`a sentence of some length with ${CANARY} in the middle of it, and more after it`);
const base64 = (bytes: Uint8Array): Buffer => Buffer.from(Buffer.from(bytes).toString("base64"));

describe("AT-56 the canary scanner", () => {
  it.each(Object.keys(FORMS))("finds a canary as %s, in the middle of other bytes", (form) => {
    const planted = FORMS[form]?.(CANARY) ?? Buffer.alloc(0);
    expect(planted.length).toBeGreaterThan(15);
    expect(found(within(planted)).some((hit) => hit === `planted as ${form}`)).toBe(true);
  });
  it.each([
    ["in capitals", Buffer.from(CANARY.toUpperCase())],
    ["in small letters", Buffer.from(CANARY.toLowerCase())],
    ["hex in capitals", Buffer.from(Buffer.from(CANARY).toString("hex").toUpperCase())],
    ["url-encoded as a browser does", Buffer.from(encodeURIComponent(CANARY))],
    ["base64 of a longer text, one byte in", base64(Buffer.concat([Buffer.from("1"), sentence]))],
    ["base64 of a longer text, two bytes in", base64(Buffer.concat([Buffer.from("12"), sentence]))],
    ["base64url of a longer text", Buffer.from(sentence.toString("base64url"))],
    ["base64 of base64", base64(base64(sentence))],
    ["base64 of gzip", base64(gzipSync(sentence))],
    ["base64 of zstd", base64(zstdCompressSync(sentence))],
    ["hex of a longer text", Buffer.from(sentence.toString("hex"))],
    ["gzip in a blob", gzipSync(sentence)],
    ["zstd in a blob", zstdCompressSync(sentence)],
    [
      "gzip with a file name in its head",
      Buffer.concat([
        gzipSync(sentence).fill(8, 3, 4).subarray(0, 10),
        Buffer.from("chart.json\0"),
        gzipSync(sentence).subarray(10),
      ]),
    ],
    ["gzip of utf16", gzipSync(Buffer.from(sentence.toString("utf8"), "utf16le"))],
    ["gzip of base64 of zstd", gzipSync(base64(zstdCompressSync(sentence)))],
  ])("finds a canary %s, with other bytes around it", (_how, bytes) => {
    expect(found(within(bytes)).some((hit) => hit.startsWith("planted as "))).toBe(true);
  });
  it.each([
    ["zlib", deflateSync(sentence)],
    ["raw deflate", deflateRawSync(sentence)],
    ["brotli", brotliCompressSync(sentence)],
  ])("finds a canary in a blob that is %s from its first byte", (_how, bytes) => {
    expect(found(bytes).some((hit) => hit.startsWith("planted as "))).toBe(true);
  });
  it("names the sink, the canary and the form, and nothing of the text", () => {
    expect(scan({ sink: "here", bytes: Buffer.from(CANARY) })).toEqual([
      { sink: "here", canary: "planted", form: "utf8" },
    ]);
  });
  it("finds nothing where there is nothing", () => {
    expect(found(within(Buffer.from(CANARY.slice(0, -1))))).toEqual([]);
    expect(found(within(gzipSync(Buffer.from("a sentence without it"))))).toEqual([]);
    expect(found(Buffer.alloc(0))).toEqual([]);
  });
});
