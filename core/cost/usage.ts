import { createHash } from "node:crypto";
import * as z from "zod";
import { ID_PATTERN } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { PLATFORM } from "./meters.ts";

/**
 * What one invocation used, as it stands in one log line of at most a few hundred bytes: ids of ours, names of ours, counts.
 * No path, no query, no content: a route is its template. Zeros are left out.
 */

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const optionalCount = count.default(0);
const name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);

/** `data` or `data/gsi1`. */
const TablePart = z.string().regex(/^[a-z][a-z0-9-]{0,39}(\/[a-z][a-z0-9-]{0,39})?$/);
/** Half-units by table and index: 0.5 is the smallest that DynamoDB reports, and an integer adds up. */
const HalfUnits = z.record(TablePart, count);
/** Requests by bucket: `archive`, `att`. */
const Buckets = z.record(name, count);

/**
 * A method and a template of the route table: words and `{names}`. A word may end in a digit, as `oauth2` does; a path with
 * an id or a date in it has more of them and is none.
 */
const RouteTemplate = z
  .string()
  .regex(/^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (\/([A-Za-z$._-]+\d?|\{[A-Za-z+]+\}))*\/?$/);

/** What was done for one tenant in an invocation. A request has one of these, a batch one for each tenant in it. */
const TenantUse = z.strictObject({
  tenant: z.union([z.string().regex(ID_PATTERN), z.literal(PLATFORM)]),
  /** Microseconds of the handler for this tenant's records: the weight that Lambda's time is split by. */
  us: count,
  /** Requests that came through the API. */
  api: optionalCount,
  reads: HalfUnits.default({}),
  writes: HalfUnits.default({}),
  kms: optionalCount,
  kmsAsymmetric: optionalCount,
  kmsPairs: optionalCount,
  s3Put: Buckets.default({}),
  s3Get: Buckets.default({}),
  sts: optionalCount,
  bytesOut: optionalCount,
  logBytes: optionalCount,
});
export type TenantUse = z.infer<typeof TenantUse>;

export const UsageRecord = z.strictObject({
  kind: z.literal("usage.v1"),
  /** Lambda's request id. With `at` it names the invocation: Lambda keeps the id when it tries an asynchronous one again. */
  id: z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/),
  /** Milliseconds since the epoch at which the handler began. */
  at: count,
  stage: name,
  cell: name,
  /** The zone or function: `clinic`, `archive`. */
  fn: name,
  /** Null for what no route led to. */
  route: RouteTemplate.nullable(),
  /** The handler's own milliseconds, until the platform's report says what was billed. */
  ms: count,
  memoryMb: z.int().min(128).max(10_240),
  uses: z
    .array(TenantUse)
    .min(1)
    .max(1_000)
    .refine((uses) => new Set(uses.map(({ tenant }) => tenant)).size === uses.length, "a tenant stands once"),
});
export type UsageRecord = z.infer<typeof UsageRecord>;

/** What Lambda says that it bills for an invocation. */
export const PlatformReport = z.strictObject({
  kind: z.literal("report.v1"),
  id: UsageRecord.shape.id,
  /** Milliseconds since the epoch at which the report was written. */
  at: count,
  stage: name,
  cell: name,
  fn: name,
  billedMs: count,
  memoryMb: UsageRecord.shape.memoryMb,
  /** Whole milliseconds of init that `billedMs` includes; 0 for a warm invocation. */
  initMs: optionalCount,
  /** What Lambda itself wrote about the invocation into the function's log, as it is billed. */
  logBytes: optionalCount,
});
export type PlatformReport = z.infer<typeof PlatformReport>;

/** A change of what is stored for a tenant, by kind: `bytes` more, or less when below zero. */
export const StorageDelta = z.strictObject({
  kind: z.literal("storage-delta.v1"),
  /** The stream's event id: the same change has the same id however often it comes. */
  id: UsageRecord.shape.id,
  at: count,
  stage: name,
  cell: name,
  tenant: TenantUse.shape.tenant,
  storage: z.enum(["data", "history", "search", "documents", "audit", "audit-index", "outbox"]),
  bytes: z.int(),
});
export type StorageDelta = z.infer<typeof StorageDelta>;
export type StorageKind = StorageDelta["storage"];

/** What a count found to be stored at a moment: from then on it is what counts, and the difference is shown. */
export const StorageRecount = StorageDelta.extend({ kind: z.literal("storage-recount.v1"), bytes: count });
export type StorageRecount = z.infer<typeof StorageRecount>;

/**
 * What a clinic did, by the events of its trail: a note was signed for the first time, or a member who is billed as a clinician
 * did something. `who` is a digest of member and month: a month counts them, and no two months can be joined by it.
 */
export const ActivityFact = z.strictObject({
  kind: z.literal("activity.v1"),
  /** The event's id. */
  id: UsageRecord.shape.id,
  at: count,
  stage: name,
  cell: name,
  tenant: z.string().regex(ID_PATTERN),
  did: z.enum(["encounter-finished", "clinician-active"]),
  who: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable(),
});
export type ActivityFact = z.infer<typeof ActivityFact>;

export const MeteredFact = z.discriminatedUnion("kind", [
  UsageRecord,
  PlatformReport,
  StorageDelta,
  StorageRecount,
  ActivityFact,
]);
export type MeteredFact = z.infer<typeof MeteredFact>;

/** A record that could not be counted: kept and shown, so that what it stood for is missed by nobody. */
export interface MeterException {
  readonly reason: "not-json" | "unknown-shape" | "conflict";
  /** SHA-256 of the line: what it was can be found, what it said is not repeated. */
  readonly digest: string;
  /** Path and code of each issue, no value. */
  readonly issues: readonly string[];
}

export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Reads a line of the meter. An exception names paths and codes alone: unknown names are input too. */
export function parseFact(line: string): Result<MeteredFact, MeterException> {
  const digest = digestOf(line);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return err({ reason: "not-json", digest, issues: [] });
  }
  const parsed = MeteredFact.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const issues = parsed.error.issues.map(({ path, code }) => `${knownPath(path)} ${code}`);
  return err({ reason: "unknown-shape", digest, issues: [...new Set(issues)].slice(0, 10) });
}

const KNOWN = new Set(
  [UsageRecord, PlatformReport, StorageDelta, ActivityFact, TenantUse].flatMap(({ shape }) => Object.keys(shape)),
);
const knownPath = (path: readonly PropertyKey[]): string =>
  path.map((step) => (typeof step === "number" || KNOWN.has(String(step)) ? String(step) : "?")).join(".");

const isWorthSaying = ([key, value]: [string, unknown]): boolean =>
  key === "tenant" ||
  key === "us" ||
  (value !== 0 && !(typeof value === "object" && Object.keys(value ?? {}).length === 0));

/** The line of a record: what `parseFact` reads, zeros of a tenant's use left out. */
export const formatFact = (fact: MeteredFact): string =>
  JSON.stringify(
    fact.kind === "usage.v1"
      ? { ...fact, uses: fact.uses.map((use) => Object.fromEntries(Object.entries(use).filter(isWorthSaying))) }
      : fact,
  );
