import type { DocumentFinding, MediaType } from "../../contract/document.ts";

/** 100 megapixels: a page at 600 dpi has 35. Unpacked, it is 400 MB. */
const PIXELS_MAX = 100_000_000;

interface Measured {
  readonly width: number;
  readonly height: number;
  /** Something follows the end of the picture. Of a JPEG that says nothing: telephones add films and depth maps. */
  readonly hasMore: boolean;
}

/** PNG (Third Edition) 5 and 11: chunks from IHDR to IEND. */
function measurePng(bytes: Buffer): Measured | undefined {
  if (bytes.length < 33 || bytes.toString("latin1", 12, 16) !== "IHDR") return undefined;
  let at = 8;
  while (at + 12 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const kind = bytes.toString("latin1", at + 4, at + 8);
    at += 12 + length;
    if (kind === "IEND" && at <= bytes.length) {
      return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), hasMore: at < bytes.length };
    }
  }
  return undefined;
}

/** Start of frame, any coding. ITU T.81, table B.1. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** ITU T.81, annex B: segments up to the scan, then coded data up to EOI. */
function measureJpeg(bytes: Buffer): Measured | undefined {
  let at = 2;
  let size: { width: number; height: number } | undefined;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = bytes.readUInt16BE(at + 2);
    if (length < 2) return undefined;
    if (isFrame(marker) && at + 9 <= bytes.length) {
      size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    }
    if (marker === 0xda) {
      return size && bytes.lastIndexOf(Buffer.of(0xff, 0xd9)) > at ? { ...size, hasMore: false } : undefined;
    }
    at += 2 + length;
  }
  return undefined;
}

/** Whether a picture is whole, of a size that can be shown, and over where it says. TIFF is never shown here. */
export function scanImage(type: MediaType, given: Uint8Array): readonly DocumentFinding[] {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  if (type === "image/tiff") return [];
  const measured = type === "image/png" ? measurePng(bytes) : measureJpeg(bytes);
  if (measured === undefined || measured.width === 0 || measured.height === 0) return ["damaged"];
  const found: DocumentFinding[] = [];
  if (measured.width * measured.height > PIXELS_MAX) found.push("too-many-pixels");
  if (measured.hasMore) found.push("another-type-inside");
  return found;
}
