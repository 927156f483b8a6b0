import type { SQLInputValue } from "node:sqlite";
import type { Version } from "./model.ts";
import { toVersion } from "./rows.ts";
import type { Store } from "./store.ts";

/** Where a page starts: at `key` (bytes, included), and within that key at versions older than `beforeSeq`. */
export interface Position {
  readonly key: Buffer;
  readonly beforeSeq: number;
}

export interface ListingQuery {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly from: Position;
  readonly max: number;
}

export interface ListingPage {
  readonly versions: readonly Version[];
  readonly commonPrefixes: readonly string[];
  /** The last entry of a page that has a next one: a version, or a common prefix. */
  readonly last: Version | string | undefined;
  /** Where the next page starts; undefined on the last page. */
  readonly next: Position | undefined;
}

const ANY_SEQ = Number.MAX_SAFE_INTEGER;
const BATCH_ROWS = 1000;
// UTF-8 never holds the byte 0xff, so this is after every key.
const END = Buffer.from([0xff]);

export const at = (key: Buffer): Position => ({ key, beforeSeq: ANY_SEQ });

/** The first place after every version of `key`. */
export const afterKey = (key: string): Position => at(Buffer.concat([Buffer.from(key, "utf8"), Buffer.from([0])]));

/** The first place after every key that starts with `prefix`; the last byte of UTF-8 text can always be counted up. */
export function afterPrefix(prefix: string): Position {
  const bytes = Buffer.from(prefix, "utf8");
  const last = bytes.at(-1);
  if (last === undefined) return at(END);
  bytes[bytes.length - 1] = last + 1;
  return at(bytes);
}

const COLUMNS = "bucket=:bucket AND key>=:from AND key<:to AND (key>:from OR seq<:before)";
const STATEMENTS = {
  current: `SELECT * FROM versions WHERE is_latest=1 AND blob IS NOT NULL AND ${COLUMNS} ORDER BY key LIMIT ${BATCH_ROWS}`,
  all: `SELECT * FROM versions WHERE ${COLUMNS} ORDER BY key, seq DESC LIMIT ${BATCH_ROWS}`,
};

/** The part of `key` up to and with the first delimiter after the prefix, or undefined. */
function commonPrefix(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined || delimiter === "") return undefined;
  const found = key.indexOf(delimiter, prefix.length);
  return found < 0 ? undefined : key.slice(0, found + delimiter.length);
}

/**
 * One page in the order of the keys' bytes: the current objects, or all versions newest first. Keys that share a common
 * prefix count as one entry. Source: Amazon S3 API Reference, ListObjectsV2 and ListObjectVersions.
 */
export function listPage(store: Store, kind: keyof typeof STATEMENTS, query: ListingQuery): ListingPage {
  const { bucket, prefix, delimiter, max } = query;
  const statement = store.db.prepare(STATEMENTS[kind]);
  const start = Buffer.from(prefix, "utf8");
  const end = afterPrefix(prefix).key;
  let position = Buffer.compare(query.from.key, start) < 0 ? at(start) : query.from;
  const versions: Version[] = [];
  const commonPrefixes: string[] = [];
  let last: Version | string | undefined;

  const readBatch = (): readonly Version[] => {
    const parameters: Record<string, SQLInputValue> = {
      bucket,
      from: position.key,
      to: end,
      before: position.beforeSeq,
    };
    return statement.all(parameters).map(toVersion);
  };

  if (max === 0) return { versions, commonPrefixes, last, next: undefined };
  for (;;) {
    const batch = readBatch();
    let isSkipping = false;
    for (const version of batch) {
      if (versions.length + commonPrefixes.length === max) return { versions, commonPrefixes, last, next: position };
      const shared = commonPrefix(version.key, prefix, delimiter);
      if (shared !== undefined) {
        commonPrefixes.push(shared);
        last = shared;
        position = afterPrefix(shared);
        isSkipping = true;
        break;
      }
      versions.push(version);
      last = version;
      position =
        kind === "current" ? afterKey(version.key) : { key: Buffer.from(version.key, "utf8"), beforeSeq: version.seq };
    }
    if (!isSkipping && batch.length < BATCH_ROWS) return { versions, commonPrefixes, last: undefined, next: undefined };
  }
}

/** Continuation tokens are opaque to clients. */
export const encodeToken = (position: Position): string =>
  Buffer.from(JSON.stringify([position.key.toString("base64url"), position.beforeSeq])).toString("base64url");

/** Undefined for a text that is no token of ours. */
export function decodeToken(token: string): Position | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (!Array.isArray(value)) return undefined;
    const [key, beforeSeq] = value as unknown[];
    if (typeof key !== "string" || typeof beforeSeq !== "number") return undefined;
    return { key: Buffer.from(key, "base64url"), beforeSeq };
  } catch {
    return undefined;
  }
}
