import { invariant } from "../../core/kernel/invariant.ts";
import { resourceOf, type StoredVersion, type WriteAnswer } from "../../core/record/index.ts";
import type { Answer, Exchange } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { fhirBase } from "./context.ts";
import { noticeHeaders } from "./redisclosure.ts";

export const etagOf = (version: number): string => `W/"${version}"`;

const FHIR_JSON = "application/fhir+json; charset=utf-8";

const versionHeaders = ({ version, lastUpdatedMs }: StoredVersion): Record<string, string> => ({
  etag: etagOf(version),
  "last-modified": new Date(lastUpdatedMs).toUTCString(),
});

/** A version that was read: its own text, as it was written. */
export function versionAnswer(stored: StoredVersion): Answer {
  invariant(stored.text !== undefined, "a version that is answered has content");
  const headers = { "content-type": FHIR_JSON, ...versionHeaders(stored), ...noticeHeaders([resourceOf(stored)]) };
  return { status: 200, headers, body: stored.text };
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
      ...(isMinimal || version.text === undefined
        ? {}
        : { "content-type": FHIR_JSON, ...noticeHeaders([resourceOf(version)]) }),
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
