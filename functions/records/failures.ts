import type { Result } from "../../core/kernel/result.ts";
import type { RecordFailure } from "../../core/record/index.ts";
import { fail, type Failure } from "../http/failure.ts";

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
      if (failure.reason === "claimed") return { kind: "conflict", rule: "time-taken" };
      if (failure.reason === "decision") return { kind: "conflict", rule: "decision-changed" };
      return { kind: "unavailable" };
    case "business-rule":
      if (failure.rule === "if-match-required") return { kind: "precondition-required", rule: "if-match" };
      return {
        kind: "business-rule",
        rule: failure.rule,
        ...(failure.path === undefined ? {} : { path: failure.path }),
      };
    case "consent":
      return { kind: "business-rule", rule: failure.rule, path: failure.path };
    case "locked":
      return { kind: "locked", rule: "legal-hold" };
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
