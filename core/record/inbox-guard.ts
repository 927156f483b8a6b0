import { isDeepStrictEqual } from "node:util";
import { claimsMessageCategory, type FhirResource, isJsonObject, messageCategoryOf } from "../fhir/index.ts";
import { isOnlyRelabelled } from "./relabelled.ts";

/*
 * Messages, the tasks of the inbox and the review of results are written by core/message alone. Every other door, FHIR's
 * own among them, reads them: a sender, a category and a signature are worth what nobody can write beside their rules.
 */

/** On a DiagnosticReport, or on a value that came without one: who has looked at the result, when, and what she said to it. */
export const RESULT_REVIEW = "urn:keyward:result-review";

/** `meta.tag` of a result that was brought along from another system: it was looked at there, and waits for nobody here. */
export const HISTORY_TAG = "urn:keyward:history";

export const isHistory = ({ meta }: FhirResource): boolean =>
  (Array.isArray(meta?.["tag"]) ? (meta["tag"] as unknown[]) : []).some(
    (tag) => isJsonObject(tag) && tag["system"] === HISTORY_TAG,
  );

const extensionsOf = (resource: FhirResource | undefined, url: string) =>
  (Array.isArray(resource?.["extension"]) ? (resource["extension"] as unknown[]) : [])
    .filter(isJsonObject)
    .filter((each) => each["url"] === url);

export const isReviewed = (resource: FhirResource): boolean => extensionsOf(resource, RESULT_REVIEW).length > 0;

/** What may be another one afterwards: of a message how it fared, of a result what was said to it; never what it says. */
const FARES: Readonly<Record<"Communication" | "DiagnosticReport" | "Observation", ReadonlySet<string>>> = {
  Communication: new Set(["meta", "status", "received", "extension"]),
  DiagnosticReport: new Set(["meta", "extension"]),
  Observation: new Set(["meta", "extension"]),
};

/** One record as it was and as it will be; absent where there is none. */
export interface InboxChange {
  readonly before?: FhirResource;
  readonly after?: FhirResource;
}

/**
 * Whether a write is one that the inbox's rules permit.
 * @param isInbox Said by core/message of its own writes.
 */
export function isInboxWritePermitted({ before, after }: InboxChange, isInbox: boolean): boolean {
  const both = [before, after].filter((one) => one !== undefined);
  const isMail = both.some(({ resourceType }) => resourceType === "Communication" || resourceType === "Task");
  const isOurs = both.some(claimsMessageCategory);
  const isResult = both.some(
    ({ resourceType }) => resourceType === "DiagnosticReport" || resourceType === "Observation",
  );
  // What has come here waits until somebody has looked: that it is old is said when it is brought, and never afterwards.
  const isDismissed = before !== undefined && after !== undefined && !isHistory(before) && isHistory(after);
  if (isResult && isDismissed) return false;
  const isReview = isResult && isReviewTouched(before, after);
  if (!isOurs && !isReview) return true;
  if (before !== undefined && after !== undefined && isOnlyRelabelled(before, after)) return true;
  if (!isInbox) return false;
  // Nothing of them is taken away: a thread is closed, a task is cancelled.
  if (after === undefined) return false;
  if (isMail && messageCategoryOf(after) === undefined) return false;
  return before === undefined ? isMail : isFollowed(before, after);
}

/**
 * A review says that somebody has looked at this very result: whoever writes another one says nothing of it, so that the
 * changed result waits again.
 */
function isReviewTouched(before: FhirResource | undefined, after: FhirResource | undefined): boolean {
  return after === undefined ? before !== undefined && isReviewed(before) : isReviewed(after);
}

/** Invariant: a message is never edited, and neither a message nor a task ever changes its category or its patient. */
function isFollowed(before: FhirResource, after: FhirResource): boolean {
  if (messageCategoryOf(before) !== messageCategoryOf(after)) return false;
  const { resourceType } = before;
  if (resourceType !== "Communication" && resourceType !== "DiagnosticReport" && resourceType !== "Observation")
    return isDeepStrictEqual(before["for"], after["for"]);
  const fares = FARES[resourceType];
  const kept = (resource: FhirResource) => Object.entries(resource).filter(([name]) => !fares.has(name));
  return isDeepStrictEqual(Object.fromEntries(kept(before)), Object.fromEntries(kept(after)));
}
