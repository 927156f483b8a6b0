import { invalidArgument, invalidRequest, objectIsLocked } from "./errors.ts";
import type { BucketConfig, DefaultRetention, LockMode, ObjectLock, Retention } from "./model.ts";

/* The rules of Object Lock. Source: Amazon S3 User Guide, "Locking objects with Object Lock". */

const DAY_MS = 86_400_000;
/** The headers with which a writer locks what it writes. */
export const LOCK_HEADERS = [
  "x-amz-object-lock-mode",
  "x-amz-object-lock-retain-until-date",
  "x-amz-object-lock-legal-hold",
] as const;

export const NO_LOCK: ObjectLock = { retention: undefined, legalHold: false };

type Headers = Readonly<Record<string, string>>;

/** Throws InvalidArgument for a mode that S3 does not know. */
export function parseLockMode(text: string): LockMode {
  if (text === "GOVERNANCE" || text === "COMPLIANCE") return text;
  throw invalidArgument("Unknown wormMode directive.", "x-amz-object-lock-mode");
}

/** An instant in the future, in milliseconds. Throws InvalidArgument. */
export function parseRetainUntil(text: string, nowMs: number): number {
  const untilMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(untilMs)) {
    throw invalidArgument(
      "The retain until date must be provided in ISO 8601 format",
      "x-amz-object-lock-retain-until-date",
    );
  }
  if (untilMs <= nowMs) {
    throw invalidArgument("The retain until date must be in the future!", "x-amz-object-lock-retain-until-date");
  }
  return untilMs;
}

const retentionMs = (retention: DefaultRetention): number =>
  ("days" in retention ? retention.days : retention.years * 365) * DAY_MS;

/** When a version made at `nowMs` comes free under the bucket's default. */
export const defaultRetentionFor = (config: BucketConfig, nowMs: number): Retention | undefined => {
  const retention = config.objectLock?.defaultRetention;
  return retention && { mode: retention.mode, untilMs: nowMs + retentionMs(retention) };
};

/** Whether the headers ask for a lock of their own. */
export const asksForLock = (headers: Headers): boolean => LOCK_HEADERS.some((name) => headers[name] !== undefined);

/**
 * The lock of a new version: what the headers say, else the bucket's default.
 * Throws InvalidRequest on a bucket without Object Lock, InvalidArgument for half a retention.
 */
export function lockForNewVersion(config: BucketConfig, headers: Headers, nowMs: number): ObjectLock {
  const mode = headers["x-amz-object-lock-mode"];
  const until = headers["x-amz-object-lock-retain-until-date"];
  const hold = headers["x-amz-object-lock-legal-hold"];
  if (asksForLock(headers) && config.objectLock === undefined) {
    throw invalidRequest("Bucket is missing Object Lock Configuration");
  }
  if ((mode === undefined) !== (until === undefined)) {
    throw invalidArgument(
      "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
      mode === undefined ? "x-amz-object-lock-mode" : "x-amz-object-lock-retain-until-date",
    );
  }
  if (hold !== undefined && hold !== "ON" && hold !== "OFF") {
    throw invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", "x-amz-object-lock-legal-hold");
  }
  const retention =
    mode === undefined || until === undefined
      ? defaultRetentionFor(config, nowMs)
      : { mode: parseLockMode(mode), untilMs: parseRetainUntil(until, nowMs) };
  return { retention, legalHold: hold === "ON" };
}

const isRunning = (retention: Retention | undefined, nowMs: number): retention is Retention =>
  retention !== undefined && retention.untilMs > nowMs;

/** Throws AccessDenied unless a version with this lock may be deleted for good. */
export function requireDeletable(lock: ObjectLock, nowMs: number, bypassGovernance: boolean): void {
  if (lock.legalHold) throw objectIsLocked();
  if (!isRunning(lock.retention, nowMs)) return;
  if (lock.retention.mode === "COMPLIANCE" || !bypassGovernance) throw objectIsLocked();
}

/**
 * Throws AccessDenied unless `next` may take the place of `current`. A running COMPLIANCE retention can only be made
 * longer; a running GOVERNANCE retention can be made longer, and anything else needs the bypass.
 */
export function requireRetentionChange(
  current: Retention | undefined,
  next: Retention | undefined,
  nowMs: number,
  bypassGovernance: boolean,
): void {
  if (!isRunning(current, nowMs)) return;
  const isSameOrLonger = next !== undefined && next.mode === current.mode && next.untilMs >= current.untilMs;
  if (isSameOrLonger) return;
  if (current.mode === "COMPLIANCE" || !bypassGovernance) throw objectIsLocked();
}

/** The headers that show a lock. */
export function lockHeaders(lock: ObjectLock): Record<string, string> {
  return {
    ...(lock.retention === undefined
      ? {}
      : {
          "x-amz-object-lock-mode": lock.retention.mode,
          "x-amz-object-lock-retain-until-date": new Date(lock.retention.untilMs).toISOString(),
        }),
    ...(lock.legalHold ? { "x-amz-object-lock-legal-hold": "ON" } : {}),
  };
}

/** Whether the header asks to pass over GOVERNANCE; the permission for it is asked separately. */
export function asksForBypass(headers: Headers): boolean {
  const value = headers["x-amz-bypass-governance-retention"]?.toLowerCase();
  if (value === undefined || value === "false") return false;
  if (value === "true") return true;
  throw invalidArgument("The value must be true or false", "x-amz-bypass-governance-retention");
}
