import { createHash } from "node:crypto";

/**
 * Where things lie in the archive bucket. Tenants come first, so that one tenant's trail can be listed, exported and
 * permitted by itself. Names are opaque ids, dates and hashes.
 */

const EVENTS = "v1/events/t/";
const LOG = "v1/log/t/";

export const eventsRoot = EVENTS;
export const eventsPrefix = (tenantId: string, day?: string): string =>
  `${EVENTS}${tenantId}/${day === undefined ? "" : `${day}/`}`;
export const logPrefix = (tenantId: string): string => `${LOG}${tenantId}/`;
export const sealsPrefix = (tenantId: string): string => `${logPrefix(tenantId)}seal/`;
export const quarantineKey = (day: string, content: Uint8Array): string =>
  `v1/events/quarantine/${day}/${sha256Hex(content)}`;

export const sha256Hex = (content: Uint8Array | string): string => createHash("sha256").update(content).digest("hex");

/** UTC day, `2026-11-22`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** A batch of one tenant's events: its first event's id for order, its content's hash for identity. */
export const batchKey = (tenantId: string, day: string, firstEventId: string, content: string): string =>
  `${eventsPrefix(tenantId, day)}${firstEventId}-${sha256Hex(content).slice(0, 32)}.ndjson`;

/** The tenant and the content hash that a batch's name states; undefined for any other name. */
export function parseBatchKey(
  key: string,
): { readonly tenantId: string; readonly day: string; readonly hash: string } | undefined {
  const match = /^v1\/events\/t\/([0-9a-z]{26})\/(\d{4}-\d{2}-\d{2})\/[0-9a-z]{26}-([0-9a-f]{32})\.ndjson$/.exec(key);
  return match === null ? undefined : { tenantId: match[1] ?? "", day: match[2] ?? "", hash: match[3] ?? "" };
}

const LARGEST = 999_999_999_999;
/** Counts down, so that the newest name is the first of a listing. */
const descending = (size: number): string => String(LARGEST - size).padStart(12, "0");

export const sealKey = (tenantId: string, size: number): string => `${sealsPrefix(tenantId)}${descending(size)}.json`;
export const checkpointKey = (tenantId: string, size: number): string =>
  `${logPrefix(tenantId)}checkpoint/${descending(size)}`;
