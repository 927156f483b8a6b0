import { type FhirResource, inlineLabelsOf, labelsOf, type OperationOutcome } from "../../core/fhir/index.ts";
import { isPart2, REDISCLOSURE_NOTICE } from "../../core/policy/consent/index.ts";

/** True where an answer with these resources discloses records of 42 CFR Part 2, and owes the notice of 2.32. */
const owesNotice = (resources: readonly FhirResource[]): boolean =>
  resources.some((resource) => isPart2([...labelsOf(resource), ...inlineLabelsOf(resource)]));

/** 42 CFR 2.32(a)(2), for every answer that holds such a record, whatever its shape. */
export const noticeHeaders = (resources: readonly FhirResource[]): Record<string, string> =>
  owesNotice(resources) ? { "x-redisclosure-notice": REDISCLOSURE_NOTICE } : {};

/** The notice as an entry of a searchset, so that it stays with the records when the headers are gone. */
export const noticeOutcome = (resources: readonly FhirResource[]): { readonly outcome: OperationOutcome } | object =>
  owesNotice(resources)
    ? {
        outcome: {
          resourceType: "OperationOutcome",
          issue: [
            {
              severity: "information",
              code: "informational",
              details: { coding: [{ system: "urn:keyward:rule", code: "redisclosure" }], text: REDISCLOSURE_NOTICE },
            },
          ],
        },
      }
    : {};
