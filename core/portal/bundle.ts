import { type FhirResource, type ResourceType } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { withoutReferences } from "../record/index.ts";

/**
 * The patient's own record as FHIR, 45 CFR 164.524(c)(2): what stands in her record and is released, without what the
 * clinic works with beside it: tasks, its own messages, signatures.
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

const isInRecord = (record: FhirResource): boolean =>
  IN_RECORD.has(record.resourceType) && record["status"] !== "entered-in-error";

const refOf = ({ resourceType, id = "" }: FhirResource): string => `${resourceType}/${id}`;

/**
 * A FHIR R4 Bundle of type `collection`.
 * @param shown What the patient's request saw: references to what of it is not in the bundle go.
 */
export function recordBundle(shown: readonly FhirResource[], nowMs: number): Readonly<Record<string, unknown>> {
  const taken = shown.filter(isInRecord);
  const left = new Set(shown.filter((record) => !isInRecord(record)).map(refOf));
  return {
    resourceType: "Bundle",
    type: "collection",
    timestamp: toInstant(nowMs),
    entry: taken.map((record) => ({
      fullUrl: `urn:keyward:${refOf(record)}`,
      resource: withoutReferences(record, (name) => left.has(name)),
    })),
  };
}
