import { invariant } from "../../core/kernel/invariant.ts";
import type { Result } from "../../core/kernel/result.ts";
import type { RecordFailure, StoredVersion, WriteAnswer } from "../../core/record/index.ts";
import type { Answer, Exchange } from "../http/exchange.ts";
import { fail, type Failure } from "../http/failure.ts";
import { fhirBase } from "./context.ts";

/** What each failure of a record is on the wire. */
export function toFailure(failure: RecordFailure): Failure {
  switch (failure.kind) {
    case "not-found":
    case "deleted":
    case "too-long":
    case "forbidden":
      return { kind: failure.kind };
    case "conflict":
      if (failure.reason === "version") return { kind: "version-conflict" };
      if (failure.reason === "exists") return { kind: "duplicate" };
      if (failure.reason === "idempotency") return { kind: "idempotency-mismatch" };
      return { kind: "unavailable" };
    case "business-rule":
      if (failure.rule === "if-match-required") return { kind: "precondition-required", rule: "if-match" };
      return {
        kind: "business-rule",
        rule: failure.rule,
        ...(failure.path === undefined ? {} : { path: failure.path }),
      };
    case "invalid":
      return { kind: "invalid", issues: failure.issues };
    case "not-supported":
    case "too-costly":
      return { kind: "structure", rule: failure.rule };
    case "invalid-cursor":
      return { kind: "structure", rule: "cursor" };
    case "suspended":
      return { kind: "forbidden" };
    case "throttled":
      return { kind: "throttled", retryAfterMs: 1000 };
    case "unavailable":
      return { kind: "unavailable" };
    case "integrity":
      return { kind: "exception" };
  }
}

export const must = <T>(result: Result<T, RecordFailure>): T =>
  result.ok ? result.value : fail(toFailure(result.error));

export const etagOf = (version: number): string => `W/"${version}"`;

const FHIR_JSON = "application/fhir+json; charset=utf-8";

const versionHeaders = ({ version, lastUpdatedMs }: StoredVersion): Record<string, string> => ({
  etag: etagOf(version),
  "last-modified": new Date(lastUpdatedMs).toUTCString(),
});

/** A version that was read: its own text, as it was written. */
export function versionAnswer(stored: StoredVersion): Answer {
  invariant(stored.text !== undefined, "a version that is answered has content");
  return { status: 200, headers: { "content-type": FHIR_JSON, ...versionHeaders(stored) }, body: stored.text };
}

/** FHIR R4 http.html#ops: `Prefer: return=minimal` leaves the body out. */
export function writeAnswer(exchange: Exchange, { version, isReplay }: WriteAnswer, status: 200 | 201): Answer {
  const location = `${fhirBase}${version.type}/${version.id}/_history/${version.version}`;
  const isMinimal = /(?:^|[\s,;])return=minimal(?:$|[\s,;])/.test(exchange.headers["prefer"] ?? "");
  return {
    status,
    headers: {
      ...versionHeaders(version),
      location,
      ...(isReplay ? { "idempotency-replayed": "true" } : {}),
      ...(isMinimal || version.text === undefined ? {} : { "content-type": FHIR_JSON }),
    },
    ...(isMinimal || version.text === undefined ? {} : { body: version.text }),
  };
}

/** The version of `If-Match`: a weak or strong tag with one of our numbers. */
export function parseIfMatch(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const version = /^(?:W\/)?"([1-9]\d{0,9})"$/.exec(header.trim())?.[1];
  return version === undefined ? fail({ kind: "structure", rule: "if-match" }) : Number(version);
}

export const nextLink = (
  exchange: Exchange,
  path: string,
  cursor: string | undefined,
): { relation: "next"; url: string }[] => {
  if (cursor === undefined) return [];
  const query = new URLSearchParams(exchange.query);
  query.set("_cursor", cursor);
  return [{ relation: "next", url: `${fhirBase}${path}?${query.toString()}` }];
};
