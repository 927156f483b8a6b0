import { classOf, type FhirResource, labelsOf, type ResourceType } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { withoutReferencesTo } from "./release.ts";

/**
 * The patient's own record as FHIR, 45 CFR 164.524(c)(2): what stands in her record, without what the clinic works with
 * beside it - tasks, its own messages, signatures - and without psychotherapy notes, 164.524(a)(1)(i).
 */
const IN_RECORD: ReadonlySet<ResourceType> = new Set([
  "Patient",
  "RelatedPerson",
  "Practitioner",
  "PractitionerRole",
  "Organization",
  "Location",
  "HealthcareService",
  "Encounter",
  "Condition",
  "Observation",
  "AllergyIntolerance",
  "Medication",
  "MedicationRequest",
  "MedicationStatement",
  "MedicationDispense",
  "MedicationAdministration",
  "Immunization",
  "Procedure",
  "DiagnosticReport",
  "DocumentReference",
  "ImagingStudy",
  "Specimen",
  "Device",
  "CarePlan",
  "CareTeam",
  "Goal",
  "ServiceRequest",
  "Appointment",
  "Coverage",
  "Claim",
  "ClaimResponse",
  "ExplanationOfBenefit",
  "Account",
  "ChargeItem",
  "Invoice",
  "Consent",
  "QuestionnaireResponse",
]);

const PSYCHOTHERAPY = "PSYTHPN";

const isInRecord = (record: FhirResource): boolean =>
  IN_RECORD.has(record.resourceType) &&
  record["status"] !== "entered-in-error" &&
  !(classOf(record) === "S" && labelsOf(record).includes(PSYCHOTHERAPY));

const refOf = ({ resourceType, id = "" }: FhirResource): string => `${resourceType}/${id}`;

/** Those of the released records that leave with her. */
export const takenAlong = (released: readonly FhirResource[]): readonly FhirResource[] => released.filter(isInRecord);

/**
 * A FHIR R4 Bundle of type `collection`.
 * @param all What the patient's request read, before release: references to what is not in the bundle go.
 */
export function recordBundle(
  all: readonly FhirResource[],
  released: readonly FhirResource[],
  nowMs: number,
): Readonly<Record<string, unknown>> {
  const taken = takenAlong(released);
  const shown = new Set(taken.map(refOf));
  const hidden = new Set(all.map(refOf));
  return {
    resourceType: "Bundle",
    type: "collection",
    timestamp: toInstant(nowMs),
    entry: taken.map((record) => ({
      fullUrl: `urn:keyward:${refOf(record)}`,
      resource: withoutReferencesTo(record, shown, hidden),
    })),
  };
}
