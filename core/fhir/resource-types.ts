import { isId } from "../kernel/ids.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { MessageCategory } from "../kernel/message-category.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { isJsonObject } from "./json.ts";
import { isSegmented } from "./labels.ts";
import { isOfficeDocument } from "./document-kind.ts";
import { messageCategoryOf } from "./message-category.ts";
import { parseReference } from "./references.ts";
import { isResourceType, type ResourceType } from "./supported-types.ts";
import type { FhirResource } from "./validate.ts";

interface TypeRule {
  readonly class: Exclude<RecordClass, "S">;
  /** The element whose Patient is whom the record is about; absent where a record has no patient. */
  readonly home?: string;
  /** Further elements by which R4's CompartmentDefinition/patient counts a record to a patient. */
  readonly also?: readonly string[];
}

/** Class by the contract of keys; paths by https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
const TYPES: Readonly<Record<ResourceType, TypeRule>> = {
  Patient: { class: "D", also: ["link.other"] },
  RelatedPerson: { class: "D", home: "patient" },
  Practitioner: { class: "D" },
  PractitionerRole: { class: "D" },
  Organization: { class: "D" },
  Location: { class: "D" },
  HealthcareService: { class: "D" },
  Endpoint: { class: "D" },
  Encounter: { class: "C", home: "subject" },
  Condition: { class: "C", home: "subject", also: ["asserter"] },
  Observation: { class: "C", home: "subject", also: ["performer"] },
  AllergyIntolerance: { class: "C", home: "patient", also: ["recorder", "asserter"] },
  Medication: { class: "C" },
  MedicationRequest: { class: "C", home: "subject" },
  MedicationStatement: { class: "C", home: "subject" },
  MedicationDispense: { class: "C", home: "subject", also: ["receiver"] },
  MedicationAdministration: { class: "C", home: "subject", also: ["performer.actor"] },
  Immunization: { class: "C", home: "patient" },
  Procedure: { class: "C", home: "subject", also: ["performer.actor"] },
  DiagnosticReport: { class: "C", home: "subject" },
  DocumentReference: { class: "C", home: "subject", also: ["author"] },
  Binary: { class: "C", home: "securityContext" },
  ImagingStudy: { class: "C", home: "subject" },
  Media: { class: "C", home: "subject" },
  Specimen: { class: "C", home: "subject" },
  Device: { class: "C", home: "patient" },
  CarePlan: { class: "C", home: "subject", also: ["activity.detail.performer"] },
  CareTeam: { class: "C", home: "subject", also: ["participant.member"] },
  Goal: { class: "C", home: "subject" },
  ServiceRequest: { class: "C", home: "subject", also: ["performer"] },
  Appointment: { class: "D", home: "participant.actor" },
  Schedule: { class: "D", home: "actor" },
  Slot: { class: "D" },
  Task: { class: "C", home: "for", also: ["focus"] },
  Communication: { class: "C", home: "subject", also: ["sender", "recipient"] },
  Coverage: { class: "B", home: "beneficiary", also: ["policyHolder", "subscriber", "payor"] },
  Claim: { class: "B", home: "patient", also: ["payee.party"] },
  ClaimResponse: { class: "B", home: "patient" },
  ExplanationOfBenefit: { class: "B", home: "patient", also: ["payee.party"] },
  Account: { class: "B", home: "subject" },
  ChargeItem: { class: "B", home: "subject" },
  Invoice: { class: "B", home: "subject", also: ["recipient"] },
  Consent: { class: "D", home: "patient" },
  Questionnaire: { class: "C" },
  QuestionnaireResponse: { class: "C", home: "subject", also: ["author"] },
  Provenance: { class: "C", home: "target" },
};

/** What the front desk answers is no clinical record, and what is written about a bill is billing's. */
export const CLASS_OF_CATEGORY: Readonly<Record<MessageCategory, Exclude<RecordClass, "S">>> = {
  administrative: "D",
  clinical: "C",
  prescription: "C",
  results: "C",
  billing: "B",
};

/**
 * The class whose partition and key hold a record: its type's, or S in place of C where the resource or one of its
 * elements carries a label of a special category. Demographic and billing records keep their class. Messages and tasks
 * of ours stand where their category says, documents of ours where their kind does, and a label is stronger than either.
 */
export function classOf(resource: FhirResource): RecordClass {
  const { class: ofType } = TYPES[resource.resourceType];
  if (ofType !== "C") return ofType;
  if (isSegmented(resource)) return "S";
  if (isOfficeDocument(resource)) return "D";
  const category = messageCategoryOf(resource);
  return category === undefined ? ofType : CLASS_OF_CATEGORY[category];
}

/** The classes that records of a type may be in: what a read must be allowed before label and category are known. */
export function classesOfType(type: ResourceType): readonly RecordClass[] {
  if (type === "DocumentReference") return ["C", "S", "D"];
  if (type === "Communication" || type === "Task") return ["C", "S", "B", "D"];
  return TYPES[type].class === "C" ? ["C", "S"] : [TYPES[type].class];
}

/** The values at a dotted path, through arrays. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  return isJsonObject(value) && value[name] !== undefined ? valuesAt(value[name], rest) : [];
}

/** Server-assigned ids carry their compartment: `<patientId>.<id>`, each 26 characters. */
export function patientOfId(id: string): string | undefined {
  const [patientId = "", recordId = "", ...more] = id.split(".");
  return more.length === 0 && isId(patientId) && isId(recordId) ? patientId : undefined;
}

type Resolve = (reference: string) => string | undefined;

/** The patient that a reference names: directly, or by the compartment in a record's id. */
function patientOfReference(value: unknown, mayBeRecord: boolean, resolve: Resolve): string | undefined {
  if (!isJsonObject(value) || typeof value["reference"] !== "string") return undefined;
  const target = parseReference(resolve(value["reference"]) ?? value["reference"]);
  if (target.kind !== "relative") return undefined;
  if (target.type === "Patient") return target.id;
  return mayBeRecord && isResourceType(target.type) && target.type !== "Binary" ? patientOfId(target.id) : undefined;
}

const unresolved: Resolve = () => undefined;

function patientsAt(resource: FhirResource, path: string, resolve: Resolve): string[] {
  const mayBeRecord = isAboutRecords(resource.resourceType);
  const values = valuesAt(resource, path.split("."));
  return [...new Set(values.flatMap((value) => patientOfReference(value, mayBeRecord, resolve) ?? []))];
}

/** Provenance and Binary are about records, and go where those are. */
export const isAboutRecords = (type: ResourceType): boolean => type === "Provenance" || type === "Binary";

/** A record has one home. One that names several patients where its home is read has none that is safe. */
export interface SeveralPatients {
  readonly kind: "business-rule";
  readonly rule: "one-patient";
  readonly path: string;
}

/**
 * The id of the patient in whose compartment the record lives; undefined for a record of no patient. References must be
 * relative by now: an absolute, urn or conditional one names no patient of this tenant, unless `resolve` knows the
 * relative one that it will become. A Patient is its own home.
 */
export function patientOf(
  resource: FhirResource,
  resolve: Resolve = unresolved,
): Result<string | undefined, SeveralPatients> {
  const { resourceType, id } = resource;
  if (resourceType === "Patient") return ok(id);
  const { home } = TYPES[resourceType];
  if (home === undefined) return ok(undefined);
  const [patient, ...others] = patientsAt(resource, home, resolve);
  return others.length === 0
    ? ok(patient)
    : err({ kind: "business-rule", rule: "one-patient", path: `${resourceType}.${home}` });
}

/** True where records of the type live in a patient's compartment when they name one. */
export const hasPatientHome = (type: ResourceType): boolean => type === "Patient" || TYPES[type].home !== undefined;

/** The element paths by which R4 counts a record of the type to a patient's compartment. */
export const compartmentPaths = (type: ResourceType): readonly string[] => {
  const { home, also = [] } = TYPES[type];
  return home === undefined ? also : [home, ...also];
};

/** True when the record is in the patient's compartment (FHIR R4 compartmentdefinition-patient.html). */
export function isInCompartment(resource: FhirResource, patientId: string): boolean {
  const { resourceType, id } = resource;
  if (resourceType === "Patient" && id === patientId) return true;
  return compartmentPaths(resourceType).some((path) => patientsAt(resource, path, unresolved).includes(patientId));
}
