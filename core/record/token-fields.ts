import type { FhirResource, ResourceType } from "../fhir/index.ts";
import { isJsonObject, messageCategoryOf } from "../fhir/index.ts";
import { foldSearchValue } from "../crypto/index.ts";
import { invariant } from "../kernel/invariant.ts";
import { isHistory, isReviewed } from "./inbox-guard.ts";

/**
 * What records are found by across patients without reading charts. `fhir.md` 6 measured what equal tokens give away:
 * never clinical codes, gender, or a status that says something of a patient.
 */
export interface TokenField {
  readonly type: ResourceType;
  /** The name in the key and in `searchByToken`: FHIR's where the meaning is FHIR's. */
  readonly parameter: string;
  /** The values that a record is found by; none where it is not to be found. */
  readonly values: (resource: FhirResource) => readonly string[];
  /** Brings a value to the form under which equal ones meet; without it, accents, case and white space are folded. */
  readonly normal?: (value: string) => string;
  /**
   * Found by the index, in which a row stands only while its token does: for lists out of which most goes again. The index
   * is a moment behind the table, so that what has just come may be missing from a list that is looked at again anyway.
   */
  readonly isSparse?: true;
}

const objects = (value: unknown) => (Array.isArray(value) ? value.filter(isJsonObject) : []);
const texts = (...values: readonly unknown[]): string[] =>
  values.filter((value): value is string => typeof value === "string" && value !== "");
const referenceOf = (value: unknown): string[] => (isJsonObject(value) ? texts(value["reference"]) : []);

const telecom = (resource: FhirResource, system: string): string[] =>
  objects(resource["telecom"]).flatMap((point) => (point["system"] === system ? texts(point["value"]) : []));

/** Ids differ by case. */
const asWritten = (value: string): string => value;

/** A Reference by which an owner is found: by a record, and by an account or a role. FHIR R4 references.html#logical. */
const ownersOf = (value: unknown): string[] => [...referenceOf(value), ...logicalOf(value)];

/** `<system>|<value>` of a Reference with an identifier. */
function logicalOf(value: unknown): string[] {
  if (!isJsonObject(value) || !isJsonObject(value["identifier"])) return [];
  const [system, own] = [value["identifier"]["system"], value["identifier"]["value"]];
  return typeof system === "string" && typeof own === "string" ? [`${system}|${own}`] : [];
}

/** Digits alone, without the trunk prefix of the North American plan; text without digits as it is. */
export function phoneDigits(value: string): string {
  const digits = value.replaceAll(/\D/g, "");
  return digits.length === 11 && digits.startsWith("1") ? digits.slice(1) : digits || foldSearchValue(value);
}

/** `yyyy-mm-dd` of an instant, in UTC; nothing where there is no time of day to place it by. */
function utcDay(value: unknown): string[] {
  if (typeof value !== "string" || !value.includes("T")) return [];
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? [] : [new Date(ms).toISOString().slice(0, 10)];
}

/** A Task is in somebody's inbox until it has come to one of FHIR's ends. FHIR R4 valueset-task-status.html */
const ENDED_TASKS: ReadonlySet<unknown> = new Set(["rejected", "cancelled", "failed", "completed", "entered-in-error"]);
const whileOpen = (task: FhirResource, values: readonly string[]): readonly string[] =>
  ENDED_TASKS.has(task["status"]) ? [] : values;
export const isOpenTaskStatus = (status: string): boolean => !ENDED_TASKS.has(status);

/** A message of ours that was sent and that nobody of the clinic has opened yet. */
const isUnreadByStaff = (message: FhirResource): boolean =>
  message["status"] === "in-progress" &&
  messageCategoryOf(message) !== undefined &&
  objects(message["recipient"]).some((recipient) => logicalOf(recipient).length > 0);

/** A result that says something waits until somebody has looked at it. FHIR R4 valueset-diagnostic-report-status.html */
const WAITING_REPORTS: ReadonlySet<unknown> = new Set([
  "partial",
  "preliminary",
  "final",
  "amended",
  "corrected",
  "appended",
]);

const isWaiting = (report: FhirResource): boolean =>
  WAITING_REPORTS.has(report["status"]) && !isReviewed(report) && !isHistory(report);

/** http://terminology.hl7.org/CodeSystem/observation-category */
const LABORATORY = "laboratory";
/** FHIR R4 valueset-observation-status.html: those in which there is a value. */
const VALUED: ReadonlySet<unknown> = new Set(["preliminary", "final", "amended", "corrected"]);
const CHANGED: ReadonlySet<unknown> = new Set(["amended", "corrected"]);

/**
 * A laboratory's value waits as a result does. One that was corrected waits as another: that a report was signed off says
 * nothing of what came after it.
 */
function valueWaits(observation: FhirResource): readonly string[] {
  const { status, category } = observation;
  const codes = objects(category).flatMap(({ coding }) => objects(coding));
  const isLaboratory = codes.some(({ code }) => code === LABORATORY);
  if (!isLaboratory || !VALUED.has(status) || isReviewed(observation) || isHistory(observation)) return [];
  return [CHANGED.has(status) ? CORRECTED : WAITING];
}

/** Results that nobody has signed off, whatever their age; and values of a laboratory that changed since. */
export const WAITING = "waiting";
export const CORRECTED = "corrected";

/** Birth date with family name: either alone is shared by too many to be a token. */
const birthdateFamily = (birthDate: string, family: string): string => `${birthDate}|${family}`;

/** A correspondent's messages of one month, `yyyy-mm`: those of all time would be one list that only grows. */
const recipientMonth = (reference: string, month: string): string => `${reference}|${month}`;

/** A line here is a row for each value of each record of the type, from then on: see the README before adding one. */
export const TOKEN_FIELDS: readonly TokenField[] = [
  {
    type: "Patient",
    parameter: "identifier",
    values: (patient) => objects(patient["identifier"]).flatMap(({ value }) => texts(value)),
  },
  { type: "Patient", parameter: "phone", values: (patient) => telecom(patient, "phone"), normal: phoneDigits },
  { type: "Patient", parameter: "email", values: (patient) => telecom(patient, "email") },
  {
    type: "Patient",
    parameter: "birthdate-family",
    values: (patient) => {
      const [birthDate] = texts(patient["birthDate"]);
      if (birthDate === undefined) return [];
      return objects(patient["name"]).flatMap(({ family }) =>
        texts(family).map((name) => birthdateFamily(birthDate, name)),
      );
    },
  },
  { type: "Appointment", parameter: "date", values: (appointment) => utcDay(appointment["start"]) },
  {
    type: "Encounter",
    parameter: "date",
    values: ({ period }) => utcDay(isJsonObject(period) ? period["start"] : undefined),
  },
  {
    type: "Task",
    parameter: "owner",
    values: (task) => whileOpen(task, ownersOf(task["owner"])),
    normal: asWritten,
  },
  { type: "Task", parameter: "status", values: (task) => whileOpen(task, texts(task["status"])) },
  {
    type: "DocumentReference",
    parameter: "docstatus",
    values: ({ docStatus }) => (docStatus === "preliminary" ? [docStatus] : []),
  },
  {
    type: "Communication",
    parameter: "recipient",
    values: ({ recipient, sent, received }) => {
      const [month] = [...utcDay(sent), ...utcDay(received)].map((day) => day.slice(0, 7));
      if (month === undefined) return [];
      return objects(recipient)
        .flatMap(referenceOf)
        .map((reference) => recipientMonth(reference, month));
    },
    normal: asWritten,
  },
  {
    type: "Communication",
    parameter: "unread",
    values: (message) => (isUnreadByStaff(message) ? ["staff"] : []),
  },
  {
    type: "DiagnosticReport",
    parameter: "review",
    values: (report) => (isWaiting(report) ? [WAITING] : []),
    isSparse: true,
  },
  { type: "Observation", parameter: "review", values: valueWaits, isSparse: true },
];

const tokenedTypes: ReadonlySet<ResourceType> = new Set(TOKEN_FIELDS.map(({ type }) => type));
export const isTokened = (type: ResourceType): boolean => tokenedTypes.has(type);

export function tokenField(type: ResourceType, parameter: string): TokenField {
  const field = TOKEN_FIELDS.find((each) => each.type === type && each.parameter === parameter);
  invariant(field !== undefined, "records are searched by a token that they are written with");
  return field;
}

/** A value as its token is made of it: equal for what a search takes as equal. */
export const normalValue = ({ normal = foldSearchValue }: TokenField, value: string): string => normal(value);

/** One value that a record is found by. */
export interface TokenValue {
  readonly field: TokenField;
  readonly value: string;
}

/** Every value of a record under every field of its type, each once, in their normal form. */
export function tokenValues(resource: FhirResource | undefined): readonly TokenValue[] {
  if (!resource || !isTokened(resource.resourceType)) return [];
  return TOKEN_FIELDS.filter(({ type }) => type === resource.resourceType).flatMap((field) => {
    const values = new Set(field.values(resource).map((value) => normalValue(field, value)));
    return [...values].filter((value) => value !== "").map((value) => ({ field, value }));
  });
}
