import type { FhirResource } from "../fhir/index.ts";
import { isJsonObject, parseReference } from "../fhir/index.ts";

/*
 * A value of a laboratory waits to be signed with the report that it stands in, and by itself only where there is none.
 * FHIR says it in one direction: the report names its values. So what is written together is looked at together.
 */

/** Of the records that are written together. */
export interface Reporting {
  /** Ids of the Observations that their reports name. */
  readonly named: ReadonlySet<string>;
  /** Ids of the Observations among them. */
  readonly written: ReadonlySet<string>;
}

/** The Observations that a report says are its values. FHIR R4 diagnosticreport-definitions.html#DiagnosticReport.result */
export function valuesOfReport({ resourceType, result }: FhirResource): readonly string[] {
  if (resourceType !== "DiagnosticReport" || !Array.isArray(result)) return [];
  return (result as unknown[]).filter(isJsonObject).flatMap(({ reference }) => {
    const target = parseReference(typeof reference === "string" ? reference : "");
    return target.kind === "relative" && target.type === "Observation" ? [target.id] : [];
  });
}

export const reportingOf = (
  writes: readonly { readonly id: string; readonly resource: FhirResource }[],
): Reporting => ({
  named: new Set(writes.flatMap(({ resource }) => valuesOfReport(resource))),
  written: new Set(writes.flatMap(({ id, resource }) => (resource.resourceType === "Observation" ? [id] : []))),
});

/** A report takes at most so many values that were there before it out of the list of what waits: a write has its size. */
const MAX_TAKEN = 40;

/** The Observations that were there before a report and are named by it now for the first time. */
export function takenBy(
  report: FhirResource | undefined,
  before: FhirResource | undefined,
  written: ReadonlySet<string> = new Set(),
): readonly string[] {
  if (report?.resourceType !== "DiagnosticReport") return [];
  const known = new Set(before === undefined ? [] : valuesOfReport(before));
  return valuesOfReport(report)
    .filter((id) => !known.has(id) && !written.has(id))
    .slice(0, MAX_TAKEN);
}
