/** The resource types that Keyward stores, in the order of the R4 resource list's modules. */
export const RESOURCE_TYPES = [
  "Patient",
  "RelatedPerson",
  "Practitioner",
  "PractitionerRole",
  "Organization",
  "Location",
  "HealthcareService",
  "Endpoint",
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
  "Binary",
  "ImagingStudy",
  "Media",
  "Specimen",
  "Device",
  "CarePlan",
  "CareTeam",
  "Goal",
  "ServiceRequest",
  "Appointment",
  "Schedule",
  "Slot",
  "Task",
  "Communication",
  "Coverage",
  "Claim",
  "ClaimResponse",
  "ExplanationOfBenefit",
  "Account",
  "ChargeItem",
  "Invoice",
  "Consent",
  "Questionnaire",
  "QuestionnaireResponse",
  "Provenance",
] as const;

export type ResourceType = (typeof RESOURCE_TYPES)[number];

const supported: ReadonlySet<string> = new Set(RESOURCE_TYPES);

export const isResourceType = (value: unknown): value is ResourceType =>
  typeof value === "string" && supported.has(value);

/** Types that stand only inside of others: an ingredient's Substance, the ValueSet of a Questionnaire's answers. */
export const CONTAINED_TYPES = ["Substance", "ValueSet"] as const;

const containable: ReadonlySet<string> = new Set([...RESOURCE_TYPES, ...CONTAINED_TYPES]);

export const isContainableType = (value: unknown): value is ResourceType | (typeof CONTAINED_TYPES)[number] =>
  typeof value === "string" && containable.has(value);
