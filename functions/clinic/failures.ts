import type { PrivacyFailure, PrivacyRule } from "../../core/privacy/index.ts";
import type { Failure } from "../http/failure.ts";

/** Rules of which a second person is the way out: who asks may not, somebody else may. */
const FOR_SOMEBODY_ELSE: ReadonlySet<PrivacyRule> = new Set(["second-person", "break-glass-role"]);

/** What a refusal of core/privacy is answered with. */
export function failureOf(failure: PrivacyFailure): Failure {
  switch (failure.kind) {
    case "business-rule":
      return FOR_SOMEBODY_ELSE.has(failure.rule)
        ? { kind: "forbidden", rule: failure.rule }
        : { kind: "business-rule", rule: failure.rule };
    case "suspended":
      return { kind: "forbidden" };
    case "throttled":
      return { kind: "throttled", retryAfterMs: 1000 };
    case "integrity":
      return { kind: "exception" };
    case "not-found":
    case "unavailable":
    case "too-long":
      return { kind: failure.kind };
  }
}
