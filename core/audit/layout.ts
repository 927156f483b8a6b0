import { hash } from "node:crypto";

/**
 * Where things lie in the archive bucket. Tenants come first, so that one tenant's trail can be listed, exported and
 * permitted by itself. Names are opaque ids, dates and hashes.
 */

const EVENTS = "v1/events/t/";
const LOG = "v1/log/t/";

export const eventsRoot = EVENTS;
export const logsRoot = LOG;
export const verifierKeyName = "v1/log/verifier-key";
export const eventsPrefix = (tenantId: string, day?: string): string =>
  `${EVENTS}${tenantId}/${day === undefined ? "" : `${day}/`}`;
export const logPrefix = (tenantId: string): string => `${LOG}${tenantId}/`;
export const sealsPrefix = (tenantId: string): string => `${logPrefix(tenantId)}seal/`;
export const daysPrefix = (tenantId: string): string => `${logPrefix(tenantId)}day/`;
/** In the witness's own bucket, and in a copy of both. */
export const cosignedPrefix = (tenantId: string): string => `${logPrefix(tenantId)}cosigned/`;
export const quarantineKey = (day: string, content: Uint8Array): string =>
  `v1/events/quarantine/${day}/${sha256Hex(content)}`;

export const sha256Hex = (content: Uint8Array | string): string => hash("sha256", content, "hex");

export const DAY_MS = 86_400_000;
/** UTC day, `2026-11-22`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** The first moment of a day, milliseconds since the epoch; NaN for a text that is no day. */
export const startOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`);

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

const LARGEST = 999_999_999_999_999;
/** Counts down, so that the newest name is the first of a listing. */
const descending = (value: number): string => String(LARGEST - value).padStart(15, "0");

/** Numbered from 0 without a gap: of two seals that would be the next, only one can be created. */
export const sealKey = (tenantId: string, number: number): string =>
  `${sealsPrefix(tenantId)}${descending(number)}.json`;

/** The log as it stood when a day was over: the checkpoint that a clinic keeps. */
export const dayKey = (tenantId: string, day: string): string => `${daysPrefix(tenantId)}${day}`;
export const dayOfKey = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

/** The witness's own record of one log: one name for each place in it, so that two runs cannot both write the next. */
export const cosignedKey = (tenantId: string, place: number): string =>
  `${cosignedPrefix(tenantId)}${descending(place)}`;
export const placeOfCosigned = (key: string): number => LARGEST - Number(key.slice(key.lastIndexOf("/") + 1));
/** What the witness would not sign, as evidence. */
export const refusedKey = (tenantId: string, content: string): string =>
  `${logPrefix(tenantId)}refused/${sha256Hex(content).slice(0, 32)}`;

/** `2026-11-22T08:15`: hints are looked for by the minute. */
const minuteOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
export const hintsRoot = "v1/events/hint/";
/** Sorts before every hint of that minute and after every one before. */
export const hintsFrom = (ms: number): string => `${hintsRoot}${minuteOf(ms)}/`;
export const hintKey = (ms: number, content: string): string =>
  `${hintsFrom(ms)}${sha256Hex(content).slice(0, 32)}.json`;

/** What a run of the sealer did; the newest is the first of a listing. */
export const runsRoot = "v1/log/run/";
export const runKey = (ms: number): string => `${runsRoot}${descending(ms)}.json`;
export const timeOfRun = (key: string): number => LARGEST - Number(/(\d{15})\.json$/.exec(key)?.[1]);
/** In the witness's own bucket: the runs that it has followed. */
export const followedRoot = "v1/log/followed/";
export const followedKey = (ms: number): string => `${followedRoot}${descending(ms)}.json`;
/** Says that a day's checkpoint stands for every tenant. */
export const closedKey = (day: string): string => `v1/log/closed/${day}`;

/** The rules that a decision was made by, once for each version. */
export const policyKey = (version: string): string => `v1/log/policy/${version}.json`;
