import type { Zone } from "../../core/contract/index.ts";
import { describeRule } from "../../core/fhir/issue.ts";
import type { Answer } from "./exchange.ts";
import type { Failure } from "./failure.ts";

interface Rendering {
  readonly status: number;
  /** https://hl7.org/fhir/R4/valueset-issue-type.html */
  readonly code: string;
  readonly sentence: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const retryAfter = (ms: number): Record<string, string> => ({
  "retry-after": String(Math.max(1, Math.ceil(ms / 1000))),
});

/** Sentences for rules of our own that core/fhir does not know. They name the way out where there is one. */
const SENTENCES: Readonly<Record<string, string>> = {
  "if-match": "Say which version you change: send If-Match with the ETag of your last read.",
  "idempotency-key": "Send an Idempotency-Key header of 8 to 128 letters, digits, '-' or '_'.",
  purpose: "X-Purpose-Of-Use is TREAT, HPAYMT, HOPERAT or ETREAT.",
  "tier-not-placeable": "This stage cannot place a tenant of that tier yet.",
  "region-not-served": "This stage does not serve that region.",
  "login-taken": "That login is taken.",
  origin: "The request does not come from this site's own pages.",
  cursor: "The page link does not belong to this search, or is too old: search again.",
  "reference-unresolved": "A reference names nothing that is here.",
  "reference-external": "A reference leaves this server.",
  "patient-changed": "A record does not move between patients.",
  "one-patient": "A record belongs to one patient.",
  "id-reserved": "The id does not fit the patient that the record belongs to.",
  "search-without-patient": "Say which patient: this type is searched inside one patient's record.",
  "search-patients": "Too many patients in one search.",
  "include-size": "The search includes too much: narrow it.",
  "bundle-size": "The bundle holds too many entries.",
  "transaction-mixed-too-large": "A transaction of more than 33 records may only create: send changes in smaller ones.",
  "bundle-read": "A transaction that writes reads only records that it does not write: search in a request of its own.",
  "no-session": "A system's token has no session to end: it lapses by itself within ten minutes.",
  "id-mismatch": "The id in the body is not the id in the address.",
  "type-mismatch": "The resource is not of the type in the address.",
  "tenant-required": "You belong to several clinics: say which one with `tenant`.",
};

const sentenceOf = (rule: string | undefined): string | undefined =>
  rule === undefined ? undefined : (SENTENCES[rule] ?? describeRule(rule));

function render(failure: Failure): Rendering {
  switch (failure.kind) {
    case "structure":
      return { status: 400, code: "structure", sentence: sentenceOf(failure.rule) ?? "The request cannot be read." };
    case "invalid":
      return { status: 422, code: "invalid", sentence: sentenceOf(failure.rule) ?? "The content breaks a rule." };
    case "business-rule":
      return { status: 422, code: "business-rule", sentence: sentenceOf(failure.rule) ?? "A rule forbids this." };
    case "unauthenticated":
      return { status: 401, code: "login", sentence: "Sign in first.", headers: { "www-authenticate": "Bearer" } };
    case "forbidden":
      return {
        status: 403,
        code: "forbidden",
        sentence: sentenceOf(failure.rule) ?? "Your role does not permit this.",
      };
    case "not-found":
      return { status: 404, code: "not-found", sentence: "There is nothing here by that name." };
    case "deleted":
      return { status: 410, code: "deleted", sentence: "The resource was deleted." };
    case "version-conflict":
      return { status: 412, code: "conflict", sentence: "The resource has changed since: read it again." };
    case "duplicate":
      return { status: 412, code: "duplicate", sentence: sentenceOf(failure.rule) ?? "It exists already." };
    case "precondition-required":
      return { status: 428, code: "required", sentence: sentenceOf(failure.rule) ?? "A precondition is missing." };
    case "idempotency-mismatch":
      return { status: 422, code: "duplicate", sentence: "This Idempotency-Key was used for another request." };
    case "too-long":
      return { status: 413, code: "too-long", sentence: "The request is larger than this route takes." };
    case "unsupported-media-type":
      return { status: 415, code: "not-supported", sentence: "The content type is not one that this route takes." };
    case "not-acceptable":
      return { status: 406, code: "not-supported", sentence: "JSON is the only format here." };
    case "method-not-allowed":
      return { status: 405, code: "not-supported", sentence: "The method is not allowed here." };
    case "throttled":
      return {
        status: 429,
        code: "throttled",
        sentence: "Too many requests: try again later.",
        headers: retryAfter(failure.retryAfterMs),
      };
    case "unavailable":
      return {
        status: 503,
        code: "transient",
        sentence:
          "A part that this needs is not available. Send the same again, a write with the same Idempotency-Key.",
        headers: retryAfter(failure.retryAfterMs ?? 1000),
      };
    case "exception":
      return { status: 500, code: "exception", sentence: "Something went wrong on our side." };
  }
}

/**
 * The answer to a failure: an OperationOutcome in the FHIR zone, RFC 9457 problem details elsewhere.
 * Paths and rule keys only, never a value of the request; the request id is in a header.
 */
export function problem(failure: Failure, zone: Zone, isFhir: boolean): Answer {
  const { status, code, sentence, headers = {} } = render(failure);
  const issues = (failure.kind === "structure" || failure.kind === "invalid" ? failure.issues : undefined) ?? [];
  if (zone === "fhir" || isFhir) {
    const listed = issues.map((issue) => ({
      severity: issue.severity,
      code: issue.code,
      details: { coding: [{ system: "urn:keyward:rule", code: issue.rule }] },
      diagnostics: sentenceOf(issue.rule) ?? sentence,
      ...(issue.path === "" ? {} : { expression: [issue.path] }),
    }));
    const rule = "rule" in failure ? failure.rule : undefined;
    const single = {
      severity: "error",
      code,
      ...(rule === undefined ? {} : { details: { coding: [{ system: "urn:keyward:rule", code: rule }] } }),
      diagnostics: sentence,
      ...(failure.kind === "business-rule" && failure.path !== undefined ? { expression: [failure.path] } : {}),
    };
    const body = { resourceType: "OperationOutcome", issue: listed.length > 0 ? listed.slice(0, 50) : [single] };
    return {
      status,
      headers: { ...headers, "content-type": "application/fhir+json; charset=utf-8" },
      body: JSON.stringify(body),
    };
  }
  const body = {
    title: sentence,
    status,
    code,
    ...("rule" in failure && failure.rule !== undefined ? { rule: failure.rule } : {}),
    ...(issues.length === 0 ? {} : { fields: issues.slice(0, 50).map(({ path, rule }) => ({ path, rule })) }),
  };
  return {
    status,
    headers: { ...headers, "content-type": "application/problem+json; charset=utf-8" },
    body: JSON.stringify(body),
  };
}
