import { S3Error } from "./errors.ts";

/** Bytes `first` to `last`, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The bytes that a Range header asks for, or undefined for all: no header, another unit, several ranges, or a range that
 * is not well-formed, all of which S3 answers with the whole object. Throws InvalidRange (416).
 * Source: RFC 9110 14.1.2; Amazon S3 API Reference, GetObject, Range.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (parts === null) return undefined;
  const [, from = "", to = ""] = parts;
  if (from === "" && to === "") return undefined;
  if (from !== "" && to !== "" && Number(from) > Number(to)) return undefined;
  const first = from === "" ? Math.max(sizeBytes - Number(to), 0) : Number(from);
  const last = from === "" || to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (first > last) {
    throw new S3Error(
      "InvalidRange",
      416,
      "The requested range is not satisfiable",
      { RangeRequested: header ?? "", ActualObjectSize: String(sizeBytes) },
      { "content-range": `bytes */${sizeBytes}` },
    );
  }
  return { first, last };
}
