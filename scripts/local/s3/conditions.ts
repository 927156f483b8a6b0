import { noSuchKey, notImplemented, preconditionFailed } from "./errors.ts";
import type { Version } from "./model.ts";

type Headers = Readonly<Record<string, string>>;

const unquote = (tag: string): string =>
  tag
    .trim()
    .replace(/^W\//, "")
    .replace(/^"(.*)"$/, "$1");
const tagMatches = (list: string, etag: string): boolean =>
  list.split(",").some((tag) => tag.trim() === "*" || unquote(tag) === etag);

/**
 * Whether a write may go ahead over `current`, the newest version of its key. A delete marker counts as no object.
 * Throws PreconditionFailed (412), NoSuchKey (404) for If-Match on nothing, NotImplemented (501) for If-None-Match with
 * an entity tag. Source: Amazon S3 User Guide, "Conditional writes". 409 ConditionalRequestConflict, for two writes at
 * once, cannot happen: writes here run one after the other.
 */
export function requireWritePreconditions(headers: Headers, key: string, current: Version | undefined): void {
  const ifNoneMatch = headers["if-none-match"];
  const ifMatch = headers["if-match"];
  const contents = current?.contents;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== "*" || ifMatch !== undefined) throw notImplemented("header");
    if (contents !== undefined) throw preconditionFailed("If-None-Match");
  }
  if (ifMatch !== undefined) {
    if (contents === undefined) throw noSuchKey(key);
    if (!tagMatches(ifMatch, contents.etag)) throw preconditionFailed("If-Match");
  }
}

/** Whether a delete may go ahead: If-Match with an entity tag or `*`. Throws PreconditionFailed, NoSuchKey. */
export function requireDeletePrecondition(
  ifMatch: string | undefined,
  key: string,
  current: Version | undefined,
): void {
  if (ifMatch === undefined) return;
  if (current?.contents === undefined) throw noSuchKey(key);
  if (!tagMatches(ifMatch, current.contents.etag)) throw preconditionFailed("If-Match");
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
const dateHeader = (headers: Headers, name: string): number | undefined => {
  const ms = Date.parse(headers[name] ?? "");
  return Number.isNaN(ms) ? undefined : seconds(ms);
};

/**
 * What a conditional read gives: `proceed`, or `not-modified` (304). Throws PreconditionFailed (412).
 * The entity tag wins over the date, as RFC 9110 13.2.2 orders them. `prefix` serves the x-amz-copy-source-if-* family.
 */
export function judgeRead(
  headers: Headers,
  object: { readonly etag: string; readonly modifiedAtMs: number },
  prefix = "",
): "proceed" | "not-modified" {
  const ifMatch = headers[`${prefix}if-match`];
  const ifNoneMatch = headers[`${prefix}if-none-match`];
  const modified = seconds(object.modifiedAtMs);
  if (ifMatch !== undefined) {
    if (!tagMatches(ifMatch, object.etag)) throw preconditionFailed("If-Match");
  } else {
    const limit = dateHeader(headers, `${prefix}if-unmodified-since`);
    if (limit !== undefined && modified > limit) throw preconditionFailed("If-Unmodified-Since");
  }
  if (ifNoneMatch !== undefined) return tagMatches(ifNoneMatch, object.etag) ? "not-modified" : "proceed";
  const since = dateHeader(headers, `${prefix}if-modified-since`);
  return since !== undefined && modified <= since ? "not-modified" : "proceed";
}
