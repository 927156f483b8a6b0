import { type FhirResource, validateResource } from "../../../core/fhir/index.ts";
import { invariant } from "../../../core/kernel/invariant.ts";

/** Every field of the chart says which field it is: found where it does not belong, it is a leak. */
export const canary = (field: string): string => `CANARY-${field}`;

export const PATIENT_ID = "01hxypat0000000000000000a1";
const subject = { reference: `Patient/${PATIENT_ID}`, display: canary("subject") };
const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const labelled = (...codes: readonly string[]) => ({ security: codes.map((code) => ({ system: ACT_CODE, code })) });
const concept = (field: string, code = "1234-5", system = "http://loinc.org") => ({
  coding: [{ system, code, display: canary(field) }],
  text: canary(field),
});
const status = (system: string, code: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});
const inline = (field: string) => ({
  contentType: "text/plain",
  data: Buffer.from(canary(field)).toString("base64"),
  title: canary(field.replace(/text$/, "title")),
});

function resource(value: object): FhirResource {
  const checked = validateResource(value);
  invariant(checked.ok, `a record of the test chart is valid FHIR: ${JSON.stringify(checked.ok ? "" : checked.error)}`);
  return checked.value;
}

const document = (id: string, section: string, more: object = {}) => ({
  resourceType: "DocumentReference",
  id,
  status: "current",
  type: concept(`${section}.type`, "11506-3"),
  subject,
  date: "2026-03-01T09:00:00Z",
  author: [{ reference: "Practitioner/p1", display: canary(`${section}.author`) }],
  content: [{ attachment: inline(`${section}.text`) }],
  ...more,
});

/** A chart in which every field of the view model has something to show. */
export const richChart = (): FhirResource[] =>
  [
    {
      resourceType: "Patient",
      id: PATIENT_ID,
      identifier: [{ system: "urn:mrn", value: `${canary("banner.identifiers")}-7788` }],
      name: [{ use: "official", family: canary("banner.name"), given: ["Ada"] }],
      telecom: [{ system: "phone", value: `${canary("demographics.telecom")}-5566` }],
      gender: "female",
      extension: [
        {
          url: "http://hl7.org/fhir/StructureDefinition/individual-pronouns",
          extension: [{ url: "value", valueCodeableConcept: { text: canary("banner.pronouns") } }],
        },
      ],
      birthDate: "1980-02-29",
      address: [
        {
          line: [canary("demographics.address")],
          city: "Springfield",
          state: "OR",
          postalCode: canary("demographics.address"),
        },
      ],
      maritalStatus: { text: canary("demographics.maritalStatus") },
      deceasedBoolean: true,
      communication: [{ language: { text: canary("demographics.language") } }],
      generalPractitioner: [{ display: canary("demographics.generalPractitioner") }],
      contact: [
        {
          relationship: [{ text: canary("contacts.relationship") }],
          name: { family: canary("contacts.name") },
          telecom: [{ system: "phone", value: canary("contacts.telecom") }],
        },
      ],
    },
    {
      resourceType: "Coverage",
      id: "cov1",
      status: "active",
      type: { text: canary("coverage.plan") },
      subscriberId: `${canary("coverage.memberId")}-9911`,
      beneficiary: subject,
      period: { start: "2026-01-01" },
      payor: [{ display: canary("coverage.payor") }],
    },
    {
      resourceType: "Condition",
      id: "con1",
      clinicalStatus: status("condition-clinical", "active"),
      verificationStatus: status("condition-ver-status", "confirmed"),
      code: concept("problems.code"),
      subject,
      onsetString: canary("problems.onset"),
      note: [{ text: canary("problems.note") }],
    },
    {
      resourceType: "AllergyIntolerance",
      id: "all1",
      clinicalStatus: status("allergyintolerance-clinical", "active"),
      verificationStatus: status("allergyintolerance-verification", "confirmed"),
      criticality: "high",
      code: concept("allergies.code"),
      patient: subject,
      note: [{ text: canary("allergies.note") }],
      reaction: [{ manifestation: [{ text: canary("allergies.reactions") }] }],
    },
    {
      resourceType: "MedicationRequest",
      id: "med1",
      status: "active",
      intent: "order",
      medicationCodeableConcept: concept("medications.medication"),
      subject,
      authoredOn: "2026-02-01",
      dosageInstruction: [{ text: canary("medications.dosage") }],
      note: [{ text: canary("medications.note") }],
    },
    {
      resourceType: "Immunization",
      id: "imm1",
      status: "completed",
      vaccineCode: concept("immunizations.vaccine"),
      patient: subject,
      occurrenceDateTime: "2025-10-01",
    },
    {
      resourceType: "Observation",
      id: "vit1",
      status: "final",
      category: [status("observation-category", "vital-signs")],
      code: concept("vitals.code"),
      subject,
      effectiveDateTime: "2026-03-01",
      valueQuantity: { value: 72.5, unit: canary("vitals.value") },
    },
    {
      resourceType: "Observation",
      id: "res1",
      status: "final",
      category: [status("observation-category", "laboratory")],
      code: concept("results.code"),
      subject,
      effectiveDateTime: "2026-03-01",
      valueString: canary("results.value"),
      interpretation: [{ text: canary("results.interpretation") }],
      note: [{ text: canary("results.note") }],
    },
    {
      resourceType: "Encounter",
      id: "enc1",
      status: "finished",
      class: { system: ACT_CODE, code: "AMB" },
      type: [{ text: canary("encounters.service") }],
      subject,
      period: { start: "2026-03-01T08:30:00Z", end: "2026-03-01T09:00:00Z" },
      reasonCode: [{ text: canary("encounters.reason") }],
    },
    {
      resourceType: "Appointment",
      id: "app1",
      status: "booked",
      serviceType: [{ text: canary("appointments.service") }],
      reasonCode: [{ text: canary("appointments.reason") }],
      description: canary("appointments.reason"),
      start: "2026-12-01T08:00:00Z",
      end: "2026-12-01T08:30:00Z",
      participant: [
        { actor: subject, status: "accepted" },
        { actor: { reference: "Practitioner/p1", display: canary("appointments.with") }, status: "accepted" },
      ],
    },
    document("doc1", "documents"),
    document("note1", "notes", {
      category: [status("us-core-documentreference-category", "clinical-note")],
      context: { encounter: [{ reference: "Encounter/enc1" }] },
    }),
    document("psy1", "psychotherapyNotes", { meta: labelled("PSYTHPN") }),
    {
      resourceType: "Condition",
      id: "sud1",
      meta: labelled("42CFRPart2"),
      clinicalStatus: status("condition-clinical", "active"),
      code: concept("substanceUse.summary"),
      subject,
      recordedDate: "2026-01-10",
    },
    document("sud2", "substanceUse", { meta: labelled("SUD") }),
    document("hiv1", "otherSegmented", { meta: labelled("HIV") }),
    {
      resourceType: "Claim",
      id: "clm1",
      status: "active",
      type: { text: "professional" },
      use: "claim",
      patient: subject,
      created: "2026-03-02",
      provider: { display: "clinic" },
      priority: { text: "normal" },
      diagnosis: [{ sequence: 1, diagnosisCodeableConcept: { text: canary("billing.diagnosis") } }],
      insurance: [{ sequence: 1, focal: true, coverage: { reference: "Coverage/cov1" } }],
      item: [
        {
          sequence: 1,
          productOrService: { text: canary("billing.service") },
          servicedDate: "2026-03-01",
          encounter: [{ reference: "Encounter/enc1" }],
        },
      ],
      total: { value: 120.5, currency: "USD" },
    },
    {
      resourceType: "ClaimResponse",
      id: "clr1",
      status: "active",
      type: { text: "professional" },
      use: "claim",
      patient: subject,
      created: "2026-03-05",
      insurer: { display: "payor" },
      outcome: "complete",
    },
    {
      resourceType: "CareTeam",
      id: "team1",
      status: "active",
      subject,
      participant: [
        {
          role: [{ text: canary("careTeam.role") }],
          member: { reference: "Practitioner/p1", display: canary("careTeam.member") },
          period: { start: "2026-01-01" },
        },
      ],
    },
    {
      resourceType: "Consent",
      id: "cons1",
      status: "active",
      scope: status("consentscope", "patient-privacy"),
      category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
      patient: subject,
      dateTime: "2026-01-01",
      policyRule: { text: "policy" },
      provision: {
        type: "permit",
        period: { start: "2026-01-01" },
        securityLabel: [{ system: ACT_CODE, code: "ETHUD" }],
      },
    },
  ].map(resource);

/** The patient alone, with nothing in any list. */
export const bareChart = (): FhirResource[] => richChart().filter(({ resourceType }) => resourceType === "Patient");
