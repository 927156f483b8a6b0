import type { BillProblem } from "../../core/contract/index.ts";
import type { ValidationIssue } from "../../core/fhir/issue.ts";
import { isAway } from "../runtime/service-errors.ts";

/**
 * Everything that a request can meet, in one union: `problem.ts` maps each kind to a status and a FHIR issue code.
 * None of them holds anything of the request.
 */
export type Failure =
  /** The body or the query cannot be read, or a value has the wrong form. */
  | { readonly kind: "structure"; readonly issues?: readonly ValidationIssue[]; readonly rule?: string }
  /** It reads well and breaks a rule. */
  | {
      readonly kind: "invalid";
      readonly issues?: readonly ValidationIssue[];
      readonly rule?: string;
      /** Where a bill cannot be read. */
      readonly bill?: BillProblem;
    }
  | { readonly kind: "business-rule"; readonly rule: string; readonly path?: string }
  | { readonly kind: "unauthenticated" }
  | { readonly kind: "forbidden"; readonly rule?: string }
  | { readonly kind: "not-found" }
  | { readonly kind: "deleted" }
  /** The version that the caller named is not the current one. */
  | { readonly kind: "version-conflict" }
  /** The resource, login or key exists already with other content. */
  | { readonly kind: "duplicate"; readonly rule?: string }
  /** What the request saw has changed under it, twice. */
  | { readonly kind: "conflict"; readonly rule?: string }
  /** A legal hold keeps it as it is. */
  | { readonly kind: "locked"; readonly rule: "legal-hold" }
  | { readonly kind: "precondition-required"; readonly rule: string }
  /** An Idempotency-Key that was used for another request. */
  | { readonly kind: "idempotency-mismatch" }
  | { readonly kind: "too-long" }
  | { readonly kind: "unsupported-media-type" }
  | { readonly kind: "not-acceptable" }
  | { readonly kind: "method-not-allowed" }
  | { readonly kind: "throttled"; readonly retryAfterMs: number }
  /** Audit, keys, identity or the table cannot answer: nothing was done and nothing is shown. */
  | { readonly kind: "unavailable"; readonly retryAfterMs?: number }
  | { readonly kind: "exception" };

/** Thrown inside the HTTP stack only, to leave a handler at once; the stack turns it into an answer. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}

export const fail = (failure: Failure): never => {
  throw new HttpFailure(failure);
};

/** What an error that nobody expected is to the caller: away for now, or our own fault. */
export function failureOf(error: unknown): Failure {
  if (error instanceof HttpFailure) return error.failure;
  return error instanceof Error && isAway(error) ? { kind: "unavailable" } : { kind: "exception" };
}
