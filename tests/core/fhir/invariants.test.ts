import { describe, expect, it } from "vitest";
import constraints from "../../../core/fhir/definitions/constraints.json" with { type: "json" };
import { validateResource } from "../../../core/fhir/index.ts";
import { resource, seed } from "./fixtures.ts";

type Changes = Record<string, unknown>;
type Row = readonly [rule: string, type: string, path: string, broken: Changes, sound: Changes];

const patient = { reference: "Patient/example" };
const clinical = (code: string): object => ({
  coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code }],
});
const verification = (code: string): object => ({
  coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-ver-status", code }],
});
const allergyVerification = (code: string): object => ({
  coding: [{ system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", code }],
});
const scope = (code: string): object => ({ coding: [{ system: "something", code }] });
const UCUM = "http://unitsofmeasure.org";
const concept = { coding: [{ system: "http://example.org", code: "x" }] };

/** Datatype constraints through an extension of the Patient: the value is wrong, then right. */
const value = (rule: string, type: string, broken: unknown, sound: unknown): Row => {
  const of = (inner: unknown): Changes => ({ extension: [{ url: "http://example.org/x", [`value${type}`]: inner }] });
  return [rule, "Patient", `Patient.extension[0].value${type}`, of(broken), of(sound)];
};
const timing = (rule: string, broken: object, sound: object): Row => {
  const of = (repeat: object): Changes => ({ extension: [{ url: "http://example.org/x", valueTiming: { repeat } }] });
  return [rule, "Patient", "Patient.extension[0].valueTiming.repeat", of(broken), of(sound)];
};
const item = (rule: string, broken: object, sound: object): Row => {
  const of = (inner: object): Changes => ({ item: [{ linkId: "1", text: "x", ...inner }] });
  return [rule, "Questionnaire", "Questionnaire.item[0]", of(broken), of(sound)];
};

/** A ValueSet stands contained in a Questionnaire, for its answers. */
const contained = (rule: string, path: string, broken: object, sound: object): Row => {
  const of = (inner: object): Changes => ({
    contained: [{ resourceType: "ValueSet", id: "vs", status: "active", ...inner }],
    item: [{ linkId: "1", type: "choice", answerValueSet: "#vs" }],
  });
  return [rule, "Questionnaire", `Questionnaire.contained[0].${path}`, of(broken), of(sound)];
};
const include = (inner: object): object => ({ compose: { include: [inner] } });
const expansion = (inner: object): object => ({ expansion: { timestamp: "2025-01-01", contains: [inner] } });
const FILTER = [{ property: "concept", op: "is-a", value: "1" }];

/** Every error constraint of R4 on the types that we hold: one record that breaks it, and one beside it that does not. */
const ROWS: readonly Row[] = [
  ["pat-1", "Patient", "Patient.contact[0]", { contact: [{ gender: "male" }] }, { contact: [{ name: { text: "x" } }] }],
  ["org-1", "Organization", "Organization", { identifier: undefined, name: undefined }, { identifier: undefined }],
  [
    "org-2",
    "Organization",
    "Organization.address[0]",
    { address: [{ use: "home", city: "x" }] },
    { address: [{ use: "work", city: "x" }] },
  ],
  [
    "org-3",
    "Organization",
    "Organization.telecom[0]",
    { telecom: [{ system: "phone", value: "1", use: "home" }] },
    { telecom: [{ system: "phone", value: "1" }] },
  ],
  [
    "con-1",
    "Condition",
    "Condition.stage[0]",
    { stage: [{ type: concept }] },
    { stage: [{ type: concept, summary: concept }] },
  ],
  [
    "con-2",
    "Condition",
    "Condition.evidence[0]",
    { evidence: [{ id: "e", extension: [{ url: "http://x", valueString: "y" }] }] },
    { evidence: [{ code: [concept] }] },
  ],
  [
    "con-4",
    "Condition",
    "Condition",
    { clinicalStatus: clinical("active"), abatementDateTime: "2020" },
    { clinicalStatus: clinical("inactive") },
  ],
  [
    "con-5",
    "Condition",
    "Condition",
    {
      verificationStatus: verification("entered-in-error"),
      abatementDateTime: undefined,
      clinicalStatus: clinical("active"),
    },
    { verificationStatus: verification("entered-in-error"), abatementDateTime: undefined, clinicalStatus: undefined },
  ],
  [
    "obs-3",
    "Observation",
    "Observation.referenceRange[0]",
    { referenceRange: [{ type: concept }] },
    { referenceRange: [{ text: "x" }] },
  ],
  [
    "obs-6",
    "Observation",
    "Observation",
    { valueString: "x", dataAbsentReason: concept },
    { dataAbsentReason: concept },
  ],
  [
    "obs-7",
    "Observation",
    "Observation",
    {
      valueString: "x",
      component: [
        { code: { coding: [{ system: "http://loinc.org", code: "85354-9", display: "Blood pressure panel" }] } },
      ],
    },
    { valueString: "x" },
  ],
  [
    "ait-1",
    "AllergyIntolerance",
    "AllergyIntolerance",
    { clinicalStatus: undefined },
    { clinicalStatus: undefined, verificationStatus: allergyVerification("entered-in-error") },
  ],
  [
    "ait-2",
    "AllergyIntolerance",
    "AllergyIntolerance",
    { verificationStatus: allergyVerification("entered-in-error") },
    { verificationStatus: allergyVerification("refuted") },
  ],
  [
    "mdd-1",
    "MedicationDispense",
    "MedicationDispense",
    { whenPrepared: "2025-03-02T10:00:00Z", whenHandedOver: "2025-03-01T10:00:00Z" },
    { whenPrepared: "2025-03-01T10:00:00Z" },
  ],
  [
    "mad-1",
    "MedicationAdministration",
    "MedicationAdministration.dosage",
    { dosage: { text: "x" } },
    { dosage: { dose: { value: 1 } } },
  ],
  [
    "imm-1",
    "Immunization",
    "Immunization.education[0]",
    { education: [{ publicationDate: "2024" }] },
    { education: [{ documentType: "x" }] },
  ],
  [
    "cpl-3",
    "CarePlan",
    "CarePlan.activity[0]",
    { activity: [{ reference: { reference: "Task/1" }, detail: { status: "scheduled" } }] },
    { activity: [{ reference: { reference: "Task/1" } }] },
  ],
  ["gol-1", "Goal", "Goal.target[0]", { target: [{ detailString: "x" }] }, { target: [{ dueDate: "2025-01-01" }] }],
  ["prr-1", "ServiceRequest", "ServiceRequest", { code: undefined }, { code: undefined, orderDetail: undefined }],
  [
    "app-1",
    "Appointment",
    "Appointment.participant[0]",
    { participant: [{ status: "accepted" }] },
    { participant: [{ status: "accepted", type: [concept] }] },
  ],
  [
    "app-2",
    "Appointment",
    "Appointment",
    { status: "proposed", end: undefined },
    { status: "proposed", start: undefined, end: undefined },
  ],
  [
    "app-3",
    "Appointment",
    "Appointment",
    { start: undefined, end: undefined },
    { start: undefined, end: undefined, status: "waitlist" },
  ],
  [
    "app-4",
    "Appointment",
    "Appointment",
    { cancelationReason: concept },
    { cancelationReason: concept, status: "noshow" },
  ],
  ["inv-1", "Task", "Task", { lastModified: "2025-02-01T09:00:00Z" }, { lastModified: undefined }],
  [
    "ppc-1",
    "Consent",
    "Consent",
    { policyRule: undefined },
    { policyRule: undefined, policy: [{ uri: "http://example.org" }] },
  ],
  [
    "ppc-2",
    "Consent",
    "Consent",
    { scope: scope("patient-privacy"), patient: undefined },
    { scope: scope("patient-privacy"), patient },
  ],
  [
    "ppc-3",
    "Consent",
    "Consent",
    { scope: scope("research"), patient: undefined },
    { scope: scope("research"), patient },
  ],
  ["ppc-4", "Consent", "Consent", { scope: scope("adr"), patient: undefined }, { scope: scope("adr"), patient }],
  [
    "ppc-5",
    "Consent",
    "Consent",
    { scope: scope("treatment"), patient: undefined },
    { scope: scope("treatment"), patient },
  ],
  item("que-1", { type: "group" }, { type: "group", item: [{ linkId: "2", type: "display", text: "y" }] }),
  [
    "que-2",
    "Questionnaire",
    "Questionnaire.item",
    {
      item: [
        { linkId: "1", type: "string" },
        { linkId: "2", type: "group", item: [{ linkId: "1", type: "string" }] },
      ],
    },
    {
      item: [
        { linkId: "1", type: "string" },
        { linkId: "2", type: "string" },
      ],
    },
  ],
  item("que-3", { type: "display", code: [{ code: "x" }] }, { type: "string", code: [{ code: "x" }] }),
  item(
    "que-4",
    { type: "choice", answerOption: [{ valueString: "x" }], answerValueSet: "http://x" },
    { type: "choice", answerValueSet: "http://x" },
  ),
  item(
    "que-5",
    { type: "boolean", answerOption: [{ valueString: "x" }] },
    { type: "string", answerOption: [{ valueString: "x" }] },
  ),
  item("que-6", { type: "display", required: true }, { type: "string", required: true }),
  [
    "que-7",
    "Questionnaire",
    "Questionnaire.item[0].enableWhen[0]",
    { item: [{ linkId: "1", type: "string", enableWhen: [{ question: "2", operator: "exists", answerString: "x" }] }] },
    {
      item: [{ linkId: "1", type: "string", enableWhen: [{ question: "2", operator: "exists", answerBoolean: true }] }],
    },
  ],
  item(
    "que-8",
    { type: "group", item: [{ linkId: "2", type: "string" }], initial: [{ valueString: "x" }] },
    { type: "string", initial: [{ valueString: "x" }] },
  ),
  item("que-9", { type: "display", readOnly: true }, { type: "string", readOnly: true }),
  item("que-10", { type: "date", maxLength: 5 }, { type: "text", maxLength: 5 }),
  item(
    "que-11",
    { type: "choice", answerOption: [{ valueString: "x" }], initial: [{ valueString: "x" }] },
    { type: "choice", answerOption: [{ valueString: "x" }] },
  ),
  item(
    "que-12",
    { type: "string", enableWhen: ["a", "b", "c"].map((question) => ({ question, operator: "=", answerString: "x" })) },
    {
      type: "string",
      enableBehavior: "all",
      enableWhen: ["a", "b", "c"].map((question) => ({ question, operator: "=", answerString: "x" })),
    },
  ),
  item(
    "que-13",
    { type: "string", initial: [{ valueString: "x" }, { valueString: "y" }] },
    { type: "string", repeats: true, initial: [{ valueString: "x" }, { valueString: "y" }] },
  ),
  [
    "qrs-1",
    "QuestionnaireResponse",
    "QuestionnaireResponse.item[0]",
    { item: [{ linkId: "1", answer: [{ valueString: "x" }], item: [{ linkId: "2" }] }] },
    { item: [{ linkId: "1", item: [{ linkId: "2" }] }] },
  ],
  value("age-1", "Age", { value: 40 }, { value: 40, system: UCUM, code: "a" }),
  value("cnt-3", "Count", { value: 2.5, system: UCUM, code: "1" }, { value: 2, system: UCUM, code: "1" }),
  value(
    "dis-1",
    "Distance",
    { value: 2, system: "http://example.org", code: "m" },
    { value: 2, system: UCUM, code: "m" },
  ),
  value("drt-1", "Duration", { code: "min", system: UCUM }, { value: 3, code: "min", system: UCUM }),
  value("qty-3", "Quantity", { value: 1, code: "mg" }, { value: 1, code: "mg", system: UCUM }),
  value("att-1", "Attachment", { data: "aGk=" }, { data: "aGk=", contentType: "text/plain" }),
  value("cpt-2", "ContactPoint", { value: "555" }, { value: "555", system: "phone" }),
  value("exp-1", "Expression", { language: "text/fhirpath" }, { language: "text/fhirpath", expression: "true" }),
  value("per-1", "Period", { start: "2025-02-01", end: "2025-01-31" }, { start: "2025-01-31", end: "2025-02-01" }),
  value("rng-2", "Range", { low: { value: 3 }, high: { value: 2 } }, { low: { value: 2 }, high: { value: 3 } }),
  value("rat-1", "Ratio", { numerator: { value: 1 } }, { numerator: { value: 1 }, denominator: { value: 2 } }),
  value(
    "trd-1",
    "TriggerDefinition",
    { type: "data-added", data: [{ type: "Patient" }], timingDate: "2025-01-01" },
    { type: "data-added", data: [{ type: "Patient" }] },
  ),
  value(
    "trd-2",
    "TriggerDefinition",
    { type: "named-event", name: "x", condition: { language: "text/fhirpath", expression: "true" } },
    { type: "named-event", name: "x" },
  ),
  value("trd-3", "TriggerDefinition", { type: "named-event" }, { type: "named-event", name: "x" }),
  [
    "drq-1",
    "Patient",
    "Patient.extension[0].valueDataRequirement.codeFilter[0]",
    {
      extension: [
        {
          url: "http://x",
          valueDataRequirement: { type: "Observation", codeFilter: [{ path: "code", searchParam: "code" }] },
        },
      ],
    },
    { extension: [{ url: "http://x", valueDataRequirement: { type: "Observation", codeFilter: [{ path: "code" }] } }] },
  ],
  [
    "drq-2",
    "Patient",
    "Patient.extension[0].valueDataRequirement.dateFilter[0]",
    {
      extension: [
        { url: "http://x", valueDataRequirement: { type: "Observation", dateFilter: [{ valueDateTime: "2025" }] } },
      ],
    },
    { extension: [{ url: "http://x", valueDataRequirement: { type: "Observation", dateFilter: [{ path: "date" }] } }] },
  ],
  contained(
    "vsd-1",
    "compose.include[0]",
    include({ concept: [{ code: "a" }], version: "1" }),
    include({ system: "http://a" }),
  ),
  contained(
    "vsd-2",
    "compose.include[0]",
    include({ valueSet: ["http://b"], concept: [{ code: "a" }] }),
    include({ system: "http://a", concept: [{ code: "a" }] }),
  ),
  contained(
    "vsd-3",
    "compose.include[0]",
    include({ system: "http://a", concept: [{ code: "a" }], filter: FILTER }),
    include({ system: "http://a", filter: FILTER }),
  ),
  contained(
    "vsd-6",
    "expansion.contains[0]",
    expansion({ abstract: true }),
    expansion({ abstract: true, display: "a" }),
  ),
  contained(
    "vsd-9",
    "expansion.contains[0]",
    expansion({ display: "a" }),
    expansion({ system: "http://a", code: "a" }),
  ),
  contained("vsd-10", "expansion.contains[0]", expansion({ code: "a" }), expansion({ system: "http://a", code: "a" })),
  timing("tim-1", { duration: 1 }, { duration: 1, durationUnit: "h" }),
  timing("tim-2", { period: 1 }, { period: 1, periodUnit: "d" }),
  timing("tim-4", { duration: -1, durationUnit: "h" }, { duration: 0, durationUnit: "h" }),
  timing("tim-5", { period: -1, periodUnit: "d" }, { period: 0, periodUnit: "d" }),
  timing("tim-6", { periodMax: 2 }, { period: 1, periodMax: 2, periodUnit: "d" }),
  timing("tim-7", { durationMax: 2 }, { duration: 1, durationMax: 2, durationUnit: "h" }),
  timing("tim-8", { countMax: 2 }, { count: 1, countMax: 2 }),
  timing("tim-9", { offset: 30, when: ["CM"] }, { offset: 30, when: ["ACM"] }),
  timing("tim-10", { timeOfDay: ["10:00:00"], when: ["ACM"] }, { timeOfDay: ["10:00:00"] }),
];

/** Of these the structure says the same first: comparator is 0..0 on a SimpleQuantity. */
const BY_STRUCTURE = new Set(["sqty-1"]);
const BY_CODE = new Set(["que-2", "obs-7"]);

describe("invariants", () => {
  it("stand in the table below, every one that the definitions hold", () => {
    const shown = new Set(ROWS.map(([rule]) => rule));
    expect(Object.keys(constraints).filter((key) => !shown.has(key) && !BY_STRUCTURE.has(key))).toEqual([]);
    expect([...shown].filter((key) => !(key in constraints) && !BY_CODE.has(key))).toEqual([]);
    expect(shown.size).toBeGreaterThanOrEqual(28);
  });

  it.each(ROWS)("%s refuses a %s", (rule, type, path, broken) => {
    const result = validateResource({ ...seed(type), ...broken });
    expect(result).toMatchObject({ ok: false, error: { kind: "invalid" } });
    const issues = result.ok ? [] : result.error.issues;
    expect(issues).toContainEqual({ path, rule, severity: "error", code: "invariant" });
  });

  it.each(ROWS)("%s lets its sound neighbour pass (%s)", (_, type, __, ___, sound) => {
    expect(resource(type, sound).resourceType).toBe(type);
  });

  it("are judged inside of contained resources, with that resource as %resource", () => {
    const contained = [{ resourceType: "Organization", id: "o", active: true }];
    const result = validateResource({ ...seed("Patient"), contained, managingOrganization: { reference: "#o" } });
    expect(result).toMatchObject({ ok: false, error: { issues: [{ path: "Patient.contained[0]", rule: "org-1" }] } });
  });
});
